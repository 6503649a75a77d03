"""
The MusicNet labels
===================

Machine Composed Music (2021) learnt nothing from the labels of MusicNet. Here they have beats,
bars and instruments, and two baselines that a model has to beat: how often each key sounds, and
that a step repeats the one before. The labels are made of quartets that music21 carries, played a
little unevenly. The script is ``examples/musicnet_labels.py``; this is its short form.
"""

import contextlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))  # examples/
import musicnet_labels

import textmusic

# sphinx_gallery_thumbnail_number = -1
folder = Path(tempfile.mkdtemp())
sys.argv = ["musicnet_labels.py", "--quick", "--steps", "60", "--out", "."]
with contextlib.chdir(folder):
    musicnet_labels.main()
table = folder / "table.md"

# %%
# Each way is a row of the table. Some seconds of training beat no
# baseline.
#
# As they did it
# --------------
# 128 keys, on or off, every 50 ms of the recording, all instruments in one; drawn among the
# likeliest three.
#
# .. literalinclude:: ../../../examples/musicnet_labels.py
#    :pyobject: as_they_did
#
# What it wrote:

page = textmusic.listen(folder / "theirs.mid", folder / "page-theirs")

# %%
# As one does it here
# -------------------
# The beats of the labels instead of the time of the recording, and an instrument a part.
#
# .. literalinclude:: ../../../examples/musicnet_labels.py
#    :pyobject: as_here
#
# Another piece of the same model, with its text, and what it shares with what was learnt. Metre and
# tempo are asked for, and hold.

steady = textmusic.Controls(meter=(4, 4), tempo=100)
page = textmusic.listen(
    folder / "here",
    folder / "page-here",
    number=1,
    controls=steady,
    bars=8,
    temperature=0.7,
    seed=1,
)
