"""The event codes past ten minutes: a stream of 0…88, and bars that a grammar counts.

As RNN-Music-Generation did it: piano keys from high to low, each note struck again at each of 24
steps a quarter, 88 to end a step, a GRU, and with probability 0.6 the likeliest code. As one does
it here: the same events with lengths and bars; the grammar cannot lose its place, so that ten
minutes are as sound as ten seconds.

    python examples/event_codes.py [--quick] [--data FOLDER of music] [--out FOLDER]
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from _recipe import MUSIC21, Recipe, Way, measured, side_by_side

import textmusic

THEIRS = {"hold": "repeat", "layout": "stream", "runs": False, "merge": True}
HERE = {"merge": True}
GREEDY = 0.6


def as_they_did(recipe: Recipe, learnt: list[Path], held: list[Path], seconds: float) -> Way:
    run = recipe.train("theirs", "noteevents", learnt, codec_options=THEIRS, window=128)
    model = textmusic.load(run)
    codes = round(seconds * 200)  # at 24 steps a quarter and four voices: the time asked for
    samples = list(model.sample(recipe.samples, free=True, greedy=GREEDY, characters=codes))
    recipe.write(samples[0].score, "theirs", ("mid", "events.txt"))
    return row("stream of codes, free", run, samples, held)


def as_here(recipe: Recipe, learnt: list[Path], held: list[Path], seconds: float) -> Way:
    run = recipe.train("here", "noteevents", learnt, codec_options=HERE, transpose=3, window=128)
    model = textmusic.load(run)
    longest = round(seconds * 1000)  # more than it takes
    steady = textmusic.Controls(meter=(4, 4), tempo=96)
    asked = {"seconds": seconds, "characters": longest, "controls": steady}
    samples = list(model.sample(recipe.samples, greedy=GREEDY, **asked))
    recipe.write(samples[0].score, "here", ("mid", "events.txt", "musicxml", "ogg"))
    return row("bars under a grammar", run, samples, held)


def row(name: str, run: Path, samples: list[textmusic.Sample], held: list[Path]) -> Way:
    lengths = [sample.score.seconds(sample.score.end) for sample in samples]
    return measured(name, run, samples, held, {"seconds written": f"{min(lengths):.0f} at least"})


def main() -> None:
    began = perf_counter()
    recipe = Recipe.asked("event_codes", __doc__.splitlines()[0])
    learnt, held = recipe.files(sorted(MUSIC21.glob("bach/bwv*.mxl"))[:240])
    held = held[:12]
    seconds = 20.0 if recipe.quick else 600.0
    ways = (
        as_they_did(recipe, learnt, held, seconds),
        as_here(recipe, learnt, held, seconds),
    )
    side_by_side(recipe, ways, began)


if __name__ == "__main__":
    main()
