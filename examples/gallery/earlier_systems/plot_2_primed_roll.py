"""
The primed piano roll
=====================

SchumaNN (2016) taught a GRU of 50 units one song as a roll of zeros and ones, and let it go on
from two bars of a MIDI file, always with what was likeliest. The script is
``examples/primed_roll.py``; this is its short form.
"""

import contextlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))  # examples/
import primed_roll

import textmusic

# sphinx_gallery_thumbnail_number = -1
folder = Path(tempfile.mkdtemp())
sys.argv = ["primed_roll.py", "--quick", "--steps", "250", "--out", "."]
with contextlib.chdir(folder):
    primed_roll.main()
table = folder / "table.md"

# %%
# Each way is a row of the table. *Notes of a primer* counts what each text can hold of the piece
# that it goes on from.
#
# As they did it
# --------------
# Two states, 79 keys, every step written out, one song. Notes that are struck again at once
# merge.
#
# .. literalinclude:: ../../../examples/primed_roll.py
#    :pyobject: as_they_did
#
# What it goes on with after two bars: the likeliest.

page = textmusic.listen(folder / "theirs.mid", folder / "page-theirs")

# %%
# As one does it here
# -------------------
# Struck and held are told apart, what stays the same is written once, the songs are several, and
# what comes next is drawn.
#
# .. literalinclude:: ../../../examples/primed_roll.py
#    :pyobject: as_here
#
# Another piece of the same model, with its text, and what it shares with what was learnt.

midi = next((folder / "primers").glob("*.mid"))
first = textmusic.load(folder / "here").opening(midi, bars=2)
page = textmusic.listen(
    folder / "here", folder / "page-here", number=1, prime=first, bars=8, temperature=0.7, seed=1
)
