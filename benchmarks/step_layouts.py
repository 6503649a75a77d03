"""Which text of time steps a model learns best: bits a note, side by side.

The music is a few hundred MIDI files; one split by piece, one model (GRU 256, window 128, batch
16, cosine from 4e-3), one training time in processor seconds, so that shorter texts are seen more
often. *Bits a note* are -log2 p of the held-out texts, ends included, over their notes: the currency
in which texts of different length compare. Differences under 0.15 are noise.

    python benchmarks/step_layouts.py                         ../shared/data/midi/nottingham
    python benchmarks/step_layouts.py FOLDER --files 300 --seconds 40 --only "noteevents folded"
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from random import Random

import numpy as np

from textmusic.codec import Codec
from textmusic.errors import InputError
from textmusic.lm import ModelConfig, TrainConfig, evaluate, fit
from textmusic.score import Score
from textmusic_midi import MidiFormat, NoteEventsCodec, PianoRollCodec

FOLDER = Path(__file__).parent.parent.parent / "shared" / "data" / "midi" / "nottingham"
WINDOW, BATCH, PEAK, HIDDEN = 128, 16, 4e-3, 256
TEXTS: dict[str, Codec] = {
    "noteevents folded": NoteEventsCodec(),
    "noteevents bars": NoteEventsCodec(layout="bars"),
    "noteevents stream": NoteEventsCodec(layout="stream"),
    "noteevents stream, every step": NoteEventsCodec(layout="stream", runs=False),
    "noteevents folded, onsets only": NoteEventsCodec(hold="onset"),
    "noteevents folded, repeated": NoteEventsCodec(hold="repeat"),
    "pianoroll folded": PianoRollCodec(),
    "pianoroll bars": PianoRollCodec(layout="bars"),
    "pianoroll bars, 4 steps": PianoRollCodec(steps=4, layout="bars"),
    "pianoroll classic, 4 steps": PianoRollCodec(steps=4, layout="classic"),
    "pianoroll classic, 4 steps, two": PianoRollCodec(steps=4, layout="classic", states="two"),
}


def music(folder: Path, count: int) -> tuple[list[Score], list[Score]]:
    """Return the scores of some files, nine tenths for training."""
    found = []
    files = sorted(folder.rglob("*.mid"))
    Random(0).shuffle(files)
    for file in files[:count]:
        try:
            found += [s for s in MidiFormat().read(file).scores if any(True for _ in s.notes())]
        except InputError:
            continue
    held_out = max(len(found) // 10, 1)
    return found[held_out:], found[:held_out]


def ids(codec: Codec, scores: list[Score]) -> np.ndarray:
    """Return boundary, document, boundary … boundary."""
    boundary = np.zeros(1, np.uint16)
    pieces = [boundary]
    for score in scores:
        pieces += [codec.alphabet.encode(codec.encode(codec.project(score))), boundary]
    return np.concatenate(pieces)


def trained(codec: Codec, train: np.ndarray, steps: int) -> tuple[object, float]:
    """Return the model after some steps, and the processor seconds they took."""
    config = TrainConfig(steps=steps, window=WINDOW, batch=BATCH, peak=PEAK, seed=0)
    model = ModelConfig(vocabulary=codec.alphabet.size, hidden=HIDDEN)
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        *_, last = fit(model, config, train, None, folder, {"alphabet": codec.alphabet.chars})
    return last.model, time.process_time() - begin


def measure(name: str, split: tuple[list[Score], list[Score]], seconds: float) -> str:
    """Train on one kind of text; return a row of the table."""
    codec = TEXTS[name]
    train, valid = (ids(codec, scores) for scores in split)
    notes = sum(1 for score in split[1] for _ in score.notes())
    trained(codec, train, 10)  # compiles and warms up
    speed = trained(codec, train, 40)[1] / 40
    steps = max(round(seconds / speed), 1)
    model, took = trained(codec, train, steps)
    result = evaluate(model, valid)
    return (
        f"{name:32} {result.bits / notes:9.3f} {result.bits_per_char:9.3f}"
        f" {len(valid) / notes:10.2f} {steps * WINDOW * BATCH / len(train):7.1f} {took:7.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=40, help="of training, each")
    parser.add_argument("--only", nargs="+", choices=TEXTS, default=list(TEXTS))
    options = parser.parse_args()
    split = music(options.folder, options.files)
    print(f"{len(split[0])} + {len(split[1])} pieces of {options.folder.name}")
    print(f"{'text':32} bits/note bits/char chars/note  epochs seconds", flush=True)
    for name in options.only:
        print(measure(name, split, options.seconds), flush=True)


if __name__ == "__main__":
    main()
