"""
The tab folder
==============

J. Blaha (2015) put a folder of ASCII tabs into char-rnn as they were. Here the same folder, with
a chord sheet and lyrics in it as folders have, is read as music: an event a token, a bar a line,
and Guitar Pro files by the same command. The script is ``examples/tab_folder.py``; this is its
short form.
"""

import contextlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))  # examples/
import tab_folder

import textmusic

# sphinx_gallery_thumbnail_number = -1
folder = Path(tempfile.mkdtemp())
sys.argv = ["tab_folder.py", "--quick", "--steps", "250", "--out", "."]
with contextlib.chdir(folder):
    tab_folder.main()
table = folder / "table.md"

# %%
# Each way is a row of the table. The chord sheet was left out of both.
#
# As they did it
# --------------
# Raw staves: the six strings of a chord stand a line apart, farther than the network looks back.
#
# .. literalinclude:: ../../../examples/tab_folder.py
#    :pyobject: as_they_did
#
# What it wrote: open the text to see what is wrong with it. ``theirs.gp5`` has the music that can
# be read of it.

page = textmusic.listen(
    folder / "theirs" / "samples", folder / "page-theirs", run=folder / "theirs"
)

# %%
# As one does it here
# -------------------
# The chord sheet is left out, and named.
#
# .. literalinclude:: ../../../examples/tab_folder.py
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
