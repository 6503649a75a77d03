"""
Train a model and let it write
==============================

A small character RNN learns tablature from a part of the embedded corpus, in a few seconds, and
writes a page. Real runs take minutes to hours and use all of it; the lines are the same.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import textmusic
from textmusic.corpus import embedded_sources

# sphinx_gallery_thumbnail_number = 2
folder = Path(tempfile.mkdtemp())
places, sources = embedded_sources()
print(sources[2].name)
print(sources[2].terms)

# %%
# ``train`` reads the tunes (here Aird's Airs), arranges them for a guitar, holds some out, and
# trains. It calls back after every step.

history = []


def watch(step):
    history.append((step.step, step.loss_bits, step.valid_bits))


outcome = textmusic.train(
    "guitartab",
    [places[2]],
    folder / "run",
    steps=300,
    hidden=96,
    layers=1,
    batch=16,
    window=64,
    peak=0.02,
    on_step=watch,
)
print(f"held out: {outcome.bits_per_char:.2f} bits a character")
print(f"held out: {outcome.bits_per_note:.2f} bits a note")
print(f"without looking at any context: {outcome.baseline_bits:.2f} bits a character")

# %%
# Bits a character on the training text, and on the tunes held out.

figure, axes = plt.subplots(figsize=(7, 3.5), layout="constrained")
axes.plot([step for step, _, _ in history], [loss for _, loss, _ in history], label="training")
held_out = [(step, bits) for step, _, bits in history if bits is not None]
axes.plot(*zip(*held_out, strict=True), "o-", label="held out")
axes.axhline(outcome.baseline_bits, color="0.6", linestyle=":", label="no context")
axes.set(xlabel="step", ylabel="bits a character", ylim=(0, None))
axes.legend()
plt.show()

# %%
# Eight bars from the model, which goes on from a header: metre, tuning and tempo. The grammar of the
# codec stands beside it while it draws, so that the bars are full and the text decodes.

opening = "@4/4 E2 A2 D3 G3 B3 E4 t104\n"
model = textmusic.load(folder / "run")
piece = next(model.sample(1, prime=opening, seed=4, bars=8, temperature=0.8))
print(piece.text)
print("issues:", piece.issues)

# %%
# The same model on a listening page: two pieces, drawn and played, with how likely they are, the
# longest run of notes that each shares with a tune of the training set, and files to take away.

page = textmusic.listen(
    folder / "run",
    folder / "listen",
    number=2,
    prime=opening,
    seed=4,
    bars=8,
    temperature=0.8,
)

# %%
# The first piece as a page that a guitarist reads. ``.gp5`` and ``.mid`` are written the same way.

piece.write(folder / "piece.tab")
print((folder / "piece.tab").read_text())
