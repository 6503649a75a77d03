"""
From a page of tab to Guitar Pro and MIDI
=========================================

A page of ASCII tablature is read into a ``Score``, the one value in the middle, and written as
files that other programs open. What a format cannot hold is said.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import textmusic

page = """\
Title: Harbour Lights
Tempo: 96

   E  E  E  E  E  E  E  E    E   E   E   E   E   E   S  S E
e|-------------0-----------|-----------------0----------------|
B|----------1-----1--------|-------------1-------1------------|
G|-------2-----------2-----|---------0------------------------|
D|----2-----------------2--|-----2-------------------2h-3-0---|
A|-0-----------------------|-3--------------------------------|
E|-------------------------|----------------------------------|

   E  E  E  E  E  E  E  E    E  E  E  Q     E  Q
e|-------------------------|-------------------------|
B|----------0--0--0--------|----------1b2---0--------|
G|-------0-----0--0--------|-------2-----------2~----|
D|----0--------0--0--0h-2--|----2--------------------|
A|-------------------------|-0-----------------------|
E|-3-----------3--3--------|-------------------------|
"""

folder = Path(tempfile.mkdtemp())
(folder / "harbour.tab").write_text(page)
score = textmusic.read(folder / "harbour.tab").scores[0]
print(f"{len(score.bars())} bars, {len(list(score.notes()))} notes")

# %%
# ``listen`` draws and plays it: press play, or click on a note. The page that it writes opens from
# disk without a network; here it stands in a frame.

page = textmusic.listen(folder / "harbour.tab", folder / "listen")

# %%
# Each note knows its string, so the Guitar Pro file has the fingering of the page. MIDI has no
# place for strings and techniques, and says so.

for suffix in ("gp5", "mid"):
    lost = textmusic.write(score, folder / f"harbour.{suffix}")
    size = (folder / f"harbour.{suffix}").stat().st_size
    print(f"harbour.{suffix}: {size} bytes")
    for issue in lost:
        print(f"  {issue.code}: {issue.message}")

# %%
# The same music as a piano roll, one colour a string.

track = score.tracks[0]
names = "EADGBe"
figure, axes = plt.subplots(figsize=(9, 3.5), layout="constrained")
for string, name in enumerate(names):
    notes = [note for note in track.notes if note.string == string]
    axes.barh(
        [note.pitch for note in notes],
        [note.duration / score.tpq for note in notes],
        left=[note.onset / score.tpq for note in notes],
        height=0.8,
        label=name,
    )
for bar in score.bars():
    axes.axvline(bar.onset / score.tpq, color="0.8", linewidth=0.8, zorder=0)
axes.set(xlabel="quarters", ylabel="MIDI pitch", title=score.get("title"))
figure.legend(title="string", loc="outside right center")
plt.show()

# %%
# And the text that a model learns: one bar a line, one token an event, repeated bars as marks.

print(textmusic.encode(score, "guitartab")[0])
