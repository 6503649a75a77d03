"""
The event codes
===============

RNN-Music-Generation wrote the keys of a piano as 0 to 87 at each of 24 steps a quarter, and 88 to
end the step. Its format broke within a minute. Here the same events have lengths and bars, and
the grammar cannot lose its place: the full form writes ten minutes, this one 20 seconds. The
script is ``examples/event_codes.py``; this is its short form.
"""

import contextlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))  # examples/
import event_codes

import textmusic

# sphinx_gallery_thumbnail_number = -1
folder = Path(tempfile.mkdtemp())
sys.argv = ["event_codes.py", "--quick", "--steps", "250", "--out", "."]
with contextlib.chdir(folder):
    event_codes.main()
table = folder / "table.md"

# %%
# Each way is a row of the table. *Seconds written* is the shortest sample.
#
# As they did it
# --------------
# Every note is struck again at every step; with probability 0.6 the likeliest code is taken.
#
# .. literalinclude:: ../../../examples/event_codes.py
#    :pyobject: as_they_did
#
# What it wrote, as far as it can be read.

page = textmusic.listen(folder / "theirs.mid", folder / "page-theirs")

# %%
# As one does it here
# -------------------
# Bars of events, in 4/4 at 96 quarters a minute throughout.
#
# .. literalinclude:: ../../../examples/event_codes.py
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
    bars=12,
    temperature=0.7,
    seed=1,
)
