"""
The stave digits
================

In 2015 the pitches of labelled stave images, ``1`` to ``5+``, were taken from a PDF, learnt by an
LSTM, and what it wrote was typed into a score editor. Here a PDF of numbered notation goes in,
and a score picture and sound come out. The PDFs are made of tunes that music21 carries. The
script is ``examples/stave_digits.py``; this is its short form.
"""

import contextlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))  # examples/
import stave_digits

import textmusic

# sphinx_gallery_thumbnail_number = -1
folder = Path(tempfile.mkdtemp())
sys.argv = ["stave_digits.py", "--quick", "--steps", "250", "--out", "."]
with contextlib.chdir(folder):
    stave_digits.main()
table = folder / "table.md"

# %%
# Each way is a row of the table. Bits a note of pitches alone and of notes with lengths are not
# of one kind: who says less has less to predict.
#
# As they did it
# --------------
# Pitches alone: no lengths, no rests, one stave a line. What is no music on the pages is named.
#
# .. literalinclude:: ../../../examples/stave_digits.py
#    :pyobject: as_they_did
#
# A stave of pitches, all of one length.

page = textmusic.listen(folder / "theirs.mid", folder / "page-theirs")

# %%
# As one does it here
# -------------------
# Lengths and rests are learnt too, and a file a kind of tune, so that a kind can be asked for.
#
# .. literalinclude:: ../../../examples/stave_digits.py
#    :pyobject: as_here
#
# Another piece of the same model, with its text, and what it shares with what was learnt.

page = textmusic.listen(
    folder / "here",
    folder / "page-here",
    number=1,
    condition="jig",
    bars=16,
    temperature=0.7,
    seed=1,
)
