"""Train a model and let it write four pieces: first_model.py [MINUTES [FOLDER…]]."""

import sys

import textmusic

minutes, *folders = sys.argv[1:] or ["2"]  # no folder: the embedded corpus
textmusic.train("guitartab", folders, "run", minutes=float(minutes), overwrite=True)
opening = "@4/4 E2 A2 D3 G3 B3 E4 t120\n"  # metre, tuning, tempo: the model goes on from it
for piece in textmusic.load("run").sample(4, prime=opening, seed=1, temperature=0.8):
    print(piece.text)
    for suffix in ("gp5", "mid", "tab"):
        piece.write(f"run/music/{piece.number}.{suffix}")
