"""
A tune book: check it, hear it, draw it
=======================================

A file of ABC holds many tunes. Each becomes a ``Score``; complaints have a line and a column.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import textmusic

# sphinx_gallery_thumbnail_number = 2

book = """\
X:1
T:The Lighthouse Stairs
R:jig
M:6/8
L:1/8
K:D
|:FAd faf|gec A2G|FAd fdf|edc d3:|
|:~a2f d2f|gbg e2c|A2c e2g|1 fdc d3:|2 fed d3|]

X:2
T:Paper Boats
R:reel
M:C|
L:1/8
Q:1/2=90
K:Edor
|:"Em"E2GB e2dB|"D"A2FA d2AF|"Em"E2GB efge|"D"dBAF "Em"E4:|
|:"Em"g2fe "D"f2ed|"Em"e2dB G4|(3ABc "D"d2 f>d A2|BAFG "Em"E4:|
"""
folder = Path(tempfile.mkdtemp())
(folder / "boats.abc").write_text(book)

loaded = textmusic.read(folder / "boats.abc")
for score in loaded.scores:
    meter = score.meters[0]
    print(
        f"{score.get('title')}: {len(score.bars())} bars of {meter.numerator}/{meter.denominator}, "
        f"{score.seconds(score.end):.0f} seconds with its repeats"
    )

# %%
# The melodies, repeats played out.

figure, rows = plt.subplots(2, figsize=(9, 4.5), layout="constrained")
for score, axes in zip(loaded.scores, rows, strict=True):
    for note in score.notes():
        start, end = note.onset / score.tpq, note.end / score.tpq
        axes.plot([start, end], [note.pitch, note.pitch], color="C0", linewidth=4)
    for bar in score.bars():
        axes.axvline(bar.onset / score.tpq, color="0.85", linewidth=0.8, zorder=0)
    axes.set(title=score.get("title"), xlabel="quarters", ylabel="MIDI pitch")
plt.show()

# %%
# Each tune as MIDI; and one for guitar: the codec puts it where a guitar has it and fingers it.

for number, score in enumerate(loaded.scores, 1):
    textmusic.write(score, folder / f"{number}.mid")
guitar = textmusic.get_codec("guitartab")
textmusic.write(guitar.project(loaded.scores[0]), folder / "stairs.tab")
print((folder / "stairs.tab").read_text()[:700])

# %%
# The book and the guitar page, to be seen and heard. ABC is drawn as it was written, with its
# repeats and chord symbols.

page = textmusic.listen([folder / "boats.abc", folder / "stairs.tab"], folder / "listen")

# %%
# What is wrong is said with its place: here a bar that is too long, and a bracket
# that is never closed.

damaged = book.replace("gec A2G", "gec A2GG").replace("efge", "[efge")
(folder / "damaged.abc").write_text(damaged)
issues, text = textmusic.validate(folder / "damaged.abc")
for issue in issues:
    print(issue.render(text, "damaged.abc"))
