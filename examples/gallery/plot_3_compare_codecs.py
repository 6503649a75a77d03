"""
One tune in four texts
======================

A codec decides what a model sees. Here is one reel of our own as ABC and in the three layouts of
``guitartab``, and how many characters each spends on a note.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import textmusic

tune = """\
X:1
T:Paper Boats
M:C|
L:1/8
K:Edor
|:E2GB e2dB|A2FA d2AF|E2GB efge|dBAF E4:|
|:g2fe f2ed|e2dB G4|(3ABc d2 f>d A2|BAFG E4:|
"""
path = Path(tempfile.mkdtemp()) / "boats.abc"
path.write_text(tune)
score = textmusic.read(path).scores[0]
notes = sum(1 for _ in score.notes())
print(f"{notes} notes, repeats played out")

page = textmusic.listen(path, path.with_name("listen"))

# %%
# ABC first. ``canonical`` normalises the text itself, so that repeats stay repeats.

abc = textmusic.get_codec("abc")
texts = {"abc": abc.canonical(tune)}
print(texts["abc"])

# %%
# The event text of ``guitartab``: one bar a line; ``%4`` is the bar four before, once more.

for layout in ("events", "columns", "rows"):
    codec = textmusic.get_codec("guitartab", layout=layout)
    texts[layout] = textmusic.encode(score, codec)[0]
print(texts["events"])

# %%
# The rasters write every sixteenth, sounding or not: a column of characters, or rows as on a
# printed page.

print(texts["columns"][:140])
print("…\n")
print(texts["rows"][:240])
print("…")

# %%
# Characters a note. Fewer is not yet better: what counts is how well the next character can be
# foretold, in bits a note, and that is measured by training (``benchmarks/``).

lengths = {name: len(text) / notes for name, text in texts.items()}
figure, axes = plt.subplots(figsize=(7, 2.5), layout="constrained")
bars = axes.barh(list(lengths), list(lengths.values()))
axes.bar_label(bars, fmt="%.1f", padding=3)
axes.invert_yaxis()
axes.set(xlabel="characters a note")
plt.show()
