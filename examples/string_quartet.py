"""The string quartet: four models whose samples are merged, and one model for four voices.

As MuseNN (2016) did it: Mozart's first quartet as ABC, a plain RNN of 100 units for each
instrument, read 25 characters at a time, and what the four write put together. As one does it
here: more quartets in every key, the voices in one text bar by bar, and a grammar.

    python examples/string_quartet.py [--quick] [--data FOLDER of quartets] [--out FOLDER]
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from time import perf_counter

from _recipe import MUSIC21, Recipe, Way, measured, quartets, side_by_side, together

import textmusic
from textmusic import transforms

PARTS = ("Violin I", "Violin II", "Viola", "Cello")
MINCHAR = {"kind": "rnn", "layers": 1, "hidden": 100, "batch": 1, "window": 25, "peak": 2e-3}
BARS, LONGEST = 24, 1000


def music(recipe: Recipe) -> list[Path]:
    if recipe.quick:  # four voices too, and shorter
        return list(MUSIC21.glob("bach/bwv10*.mxl"))
    return quartets()


def as_they_did(recipe: Recipe, learnt: list[Path], held: list[Path]) -> Way:
    first = [path for path in learnt if path.parent.name == "k80"] or learnt
    ways, voices = [], []
    for number, name in enumerate(PARTS, 1):
        plan = {"part": str(number), "share": 1 / len(PARTS), **MINCHAR}
        run = recipe.train(f"theirs-{number}", "abc", first, **plan)
        model = textmusic.load(run)
        samples = list(model.sample(recipe.samples, free=True, characters=LONGEST))
        ways.append(measured(name, run, samples, held))
        voices.append([named(sample.score, name) for sample in samples])
    quartet = transforms.merge([scores[0] for scores in voices], trim=True)
    recipe.write(quartet, "theirs", ("mid", "musicxml", "png"))
    return together("four models, merged", ways)


def as_here(recipe: Recipe, learnt: list[Path], held: list[Path]) -> Way:
    run = recipe.train("here", "abc", learnt, transpose=5, window=128)
    model = textmusic.load(run)
    first = model.opening(held[0], bars=1)  # it says which voices there are
    asked = {"prime": first, "bars": recipe.bars(BARS), "temperature": 0.9}
    samples = list(model.sample(recipe.samples, **asked))
    recipe.write(samples[0].score, "here", ("mid", "musicxml", "png", "ogg"))
    return measured("one model, four voices", run, samples, held)


def named(score: textmusic.Score, name: str) -> textmusic.Score:
    return dataclasses.replace(
        score, tracks=tuple(dataclasses.replace(track, name=name) for track in score.tracks)
    )


def main() -> None:
    began = perf_counter()
    recipe = Recipe.asked("string_quartet", __doc__.splitlines()[0])
    learnt, held = recipe.files(music(recipe))
    ways = (as_they_did(recipe, learnt, held), as_here(recipe, learnt, held))
    side_by_side(recipe, ways, began)


if __name__ == "__main__":
    main()
