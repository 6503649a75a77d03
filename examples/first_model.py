"""Train a model and let it write four pieces: first_model.py [MINUTES [FOLDER…]]."""

import sys

import textmusic

minutes, *folders = sys.argv[1:] or ["2"]  # no folder: the embedded corpus
textmusic.train("guitartab", folders, "run", minutes=float(minutes), overwrite=True)
for piece in textmusic.load("run").sample(4, seed=1, temperature=0.8):
    print(piece.text)
    for suffix in ("gp5", "mid", "tab"):
        piece.write(f"run/music/{piece.number}.{suffix}")
