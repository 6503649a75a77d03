"""The MusicNet labels that now learn: frames of 50 ms, and the beats of the labels.

As Machine Composed Music (2021) did it: 128 keys every 20th of a second of the recording, on or
off, all instruments in one, a GRU, drawn among the likeliest three. As one does it here: the
labels' beats instead of the recording's time, an instrument a part, and two baselines that a model
has to beat: how often each key sounds, and that a step repeats the one before. The labels are made
of string quartets that music21 carries, played a little unevenly.

    python examples/musicnet_labels.py [--quick] [--data FOLDER of label .csv] [--out FOLDER]
"""

from __future__ import annotations

import csv
import math
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
from _recipe import Recipe, Way, measured, quartets, side_by_side

import textmusic
from textmusic import transforms

FRAMES = {"steps": 10, "lowest": 0, "highest": 127, "states": "two", "layout": "classic"}
"""Ten steps a quarter are 50 ms: times of a recording are read at 120 quarters a minute."""
BEATS = {"steps": 4, "lowest": 0, "highest": 127, "layout": "classic"}
GRU = {"layers": 1, "hidden": 128, "window": 258}
VALUES = {4: "Whole", 3: "Dotted Half", 2: "Half", 1.5: "Dotted Quarter", 1: "Quarter",
          0.75: "Dotted Eighth", 0.5: "Eighth", 1 / 3: "Triplet", 0.25: "Sixteenth"}  # fmt: skip
COLUMNS = ("start_time", "end_time", "instrument", "note", "start_beat", "end_beat", "note_value")
BARS = 24
FEW, MANY = 40, 200
"""Bars of a movement that are learnt: a second of frames is 2,600 characters, of beats about 60."""
STRINGS = (41, 41, 42, 43)


def make_labels(recipe: Recipe, bars: int) -> list[Path]:
    """Write the first bars of quartet movements as MusicNet labels its recordings."""
    made = []
    folder = recipe.out / f"labels-{bars}"
    folder.mkdir(exist_ok=True)
    for path in quartets()[:: 8 if recipe.quick else 1]:
        score = transforms.first_bars(textmusic.read(path).scores[0], recipe.bars(bars))
        target = folder / f"{path.parent.name}-{path.stem}.csv"
        rows = [
            (*(sample(beat) for beat in (start, start + length)), program, note.pitch,
             start, length, VALUES[min(VALUES, key=lambda value: abs(value - length))])
            for program, track in zip(STRINGS, score.tracks, strict=True)
            for note in track.notes
            if note.duration
            for start, length in [(note.onset / score.tpq, note.duration / score.tpq)]
        ]  # fmt: skip
        with target.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS, *sorted(rows)])
        made.append(target)
    return made


def sample(beat: float) -> int:
    """When a beat is played: about 100 a minute, now a little faster and now slower."""
    return round(44_100 * (0.6 * beat + 0.1 * math.sin(beat / 5)))


def in_real_time(recipe: Recipe, files: Iterable[Path]) -> list[Path]:
    """The same labels under the name by which their times are taken, not their beats."""
    folder = recipe.out / "frames"
    folder.mkdir(exist_ok=True)
    return [Path(shutil.copy(path, folder / f"{path.stem}.seconds.csv")) for path in files]


def cells(path: Path, options: dict[str, object]) -> tuple[np.ndarray, int]:
    """The states of all keys, step by step: silent, held, struck; and how many notes there are."""
    codec = textmusic.get_codec("pianoroll", **options)
    score = codec.project(textmusic.read(path).scores[0])
    score = transforms.resample(score, codec.steps)
    found = np.zeros((score.end + 1, 128), np.int64)
    for note in score.notes():
        found[note.onset : note.end, note.pitch] = 1
        if codec.states == "three":
            found[note.onset, note.pitch] = 2
    return found, len(list(score.notes()))


def baselines(learnt: list[Path], held: list[Path], options: dict[str, object]) -> dict[str, float]:
    """Bits a note of what knows how often each key sounds, and of what repeats the last step."""
    keys = np.arange(128)
    base, moves = np.full((128, 3), 0.5), np.full((128, 3, 3), 0.5)
    for path in learnt:
        roll, _ = cells(path, options)
        np.add.at(base, (np.broadcast_to(keys, roll.shape), roll), 1)
        np.add.at(moves, (np.broadcast_to(keys, roll[1:].shape), roll[:-1], roll[1:]), 1)
    base /= base.sum(-1, keepdims=True)
    moves /= moves.sum(-1, keepdims=True)
    bits = np.zeros(2)
    notes = 0
    for path in held:
        roll, struck = cells(path, options)
        notes += struck
        bits -= (np.log2(base[keys, roll]).sum(), np.log2(moves[keys, roll[:-1], roll[1:]]).sum())
    return dict(zip(("base rate", "repeat the last step"), bits / notes, strict=True))


def compared(way: Way, known: dict[str, float]) -> Way:
    """A way with the bits a note of the baselines, and by how much it beats the better one."""
    margin = 1 - way.bits / way.notes / min(known.values())
    more = {f"{name}, bits a note": f"{bits:.2f}" for name, bits in known.items()}
    return replace(way, more={**more, "better than both by": f"{margin:.0%}"})


def as_they_did(recipe: Recipe, learnt: list[Path], held: list[Path]) -> Way:
    learnt, held = in_real_time(recipe, learnt), in_real_time(recipe, held)
    run = recipe.train("theirs", "pianoroll", learnt, codec_options=FRAMES, **GRU)
    model, bars = textmusic.load(run), recipe.bars(BARS)
    samples = list(model.sample(recipe.samples, free=True, top_k=3, characters=2000 * bars))
    recipe.write(samples[0].score, "theirs", ("mid", "png"))
    way = measured("frames of 50 ms", run, samples, held)
    return compared(way, baselines(learnt, held, FRAMES))


def as_here(recipe: Recipe, learnt: list[Path], held: list[Path]) -> Way:
    run = recipe.train("here", "noteevents", learnt, transpose=5, window=128)
    model = textmusic.load(run)
    samples = list(model.sample(recipe.samples, temperature=0.9, bars=recipe.bars(BARS)))
    recipe.write(samples[0].score, "here", ("mid", "musicxml", "png", "ogg"))
    way = measured("beats, an instrument a part", run, samples, held)
    return compared(way, baselines(learnt, held, BEATS))


def main() -> None:
    began = perf_counter()
    recipe = Recipe.asked("musicnet_labels", __doc__.splitlines()[0])
    learnt, held = recipe.files(() if recipe.data else make_labels(recipe, FEW))
    whole = learnt if recipe.data else recipe.files(make_labels(recipe, MANY))[0]
    ways = (as_they_did(recipe, learnt, held), as_here(recipe, whole, held))
    side_by_side(recipe, ways, began)


if __name__ == "__main__":
    main()
