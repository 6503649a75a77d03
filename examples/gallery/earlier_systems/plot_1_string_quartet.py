"""
The string quartet
==================

MuseNN (2016) taught four networks an instrument each, and put together by hand what they wrote.
Here one model reads all voices, bar by bar, and writes a quartet. The short form learns from
chorales in four parts. The script is ``examples/string_quartet.py``; this is its short form.
"""

import contextlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))  # examples/
import string_quartet

import textmusic

# sphinx_gallery_thumbnail_number = -1
folder = Path(tempfile.mkdtemp())
sys.argv = ["string_quartet.py", "--quick", "--steps", "250", "--out", "."]
with contextlib.chdir(folder):
    string_quartet.main()
table = folder / "table.md"

# %%
# Each way is a row of the table. A quartet of theirs counts as valid if all four of its voices
# are.
#
# As they did it
# --------------
# A plain RNN of 100 units for each voice, which never saw the others.
#
# .. literalinclude:: ../../../examples/string_quartet.py
#    :pyobject: as_they_did
#
# What the first of the four wrote: open its text to see what is wrong with it. ``theirs.mid`` has
# the music that is in the four texts, merged by ``transforms.merge``.

page = textmusic.listen(
    folder / "theirs-1" / "samples", folder / "page-theirs", run=folder / "theirs-1"
)

# %%
# As one does it here
# -------------------
# One text, ``[V:1]…|[V:2]…|``, under the grammar. It goes on from the first bar of a
# chorale that it has not learnt.
#
# .. literalinclude:: ../../../examples/string_quartet.py
#    :pyobject: as_here
#
# Another piece of the same model, with its text, and what it shares with what was learnt.

first = textmusic.load(folder / "here").opening(
    string_quartet.MUSIC21 / "bach" / "bwv102.7.mxl", bars=1
)
page = textmusic.listen(
    folder / "here",
    folder / "page-here",
    number=1,
    prime=first,
    bars=12,
    best_of=6,
    by="bars=12",
    temperature=0.7,
)
