"""Draw the picture of the README: make_picture.py RUN [SEED].

RUN is the folder of a run of codec ``guitartab``; what is drawn is a sample of its model: the text,
the page of tab and the piano roll, all of the same eight bars.
"""

import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import textmusic
from textmusic.pictures import roll

PICTURE = Path(__file__).parent / "images" / "overview.png"
OPENING = "@4/4 E2 A2 D3 G3 B3 E4 t120\n"

model = textmusic.load(sys.argv[1])
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
piece = next(model.sample(1, seed=seed, prime=OPENING, bars=8, temperature=0.8))
with tempfile.TemporaryDirectory() as folder:
    piece.write(Path(folder) / "piece.tab")
    page = (Path(folder) / "piece.tab").read_text()
staves = page.partition("Letters:")[2].partition("\n\n")[2].rstrip()

figure = plt.figure(figsize=(10, 6), layout="constrained")
top, bottom = figure.subfigures(2, 1, height_ratios=(1.6, 1))
left, right = top.subfigures(1, 2, width_ratios=(1, 1.5))
for place, title, text, size in (
    (left, "what the model writes", piece.text, 9),
    (right, "a page of tab", "\n".join(staves.split("\n")[:24]), 7.5),
):
    place.suptitle(title, x=0.03, ha="left", fontsize=11, color="0.35")
    axes = place.subplots()
    axes.axis("off")
    axes.text(0, 1, text, family="monospace", fontsize=size, va="top", linespacing=1.25)
bottom.suptitle("what is heard", x=0.012, ha="left", fontsize=11, color="0.35")
axes = bottom.subplots()
roll(axes, piece.score)
figure.savefig(PICTURE, dpi=110)
print(f"{PICTURE}: {PICTURE.stat().st_size} bytes")
