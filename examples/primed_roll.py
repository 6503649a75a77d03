"""The primed piano roll: a roll of two states cut off at a threshold, and one that is sampled.

As SchumaNN (2016) did it: one song as a roll of zeros and ones, 79 keys wide, four steps a
quarter, a GRU of 50 units that goes on from two bars and always takes what is likeliest. As one
does it here: onset and hold told apart, equal steps written once, many songs, samples drawn.
Theirs predicted a whole step at a time; ours reads the same lines key by key.

    python examples/primed_roll.py [--quick] [--data FOLDER of music] [--out FOLDER]
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from _recipe import MUSIC21, Recipe, Way, measured, side_by_side

import textmusic
from textmusic.errors import TextmusicError

RANGE = {"steps": 4, "lowest": 24, "highest": 102}
THEIRS = {**RANGE, "states": "two", "layout": "classic"}
GRU_50 = {"kind": "gru", "layers": 1, "hidden": 50, "batch": 1, "window": 32 * 80}
BARS = 12


def primers(recipe: Recipe, held: list[Path]) -> list[Path]:
    """MIDI files to go on from: any will do."""
    found = []
    for path in held:
        score = textmusic.read(path).scores[0]
        target = recipe.out / "primers" / f"{path.stem}.mid"
        target.parent.mkdir(exist_ok=True)
        textmusic.write(score, target)
        found.append(target)
    return found[: recipe.samples]


def kept(path: Path, options: dict[str, object]) -> str:
    """How many notes of a piece the text can hold."""
    score = textmusic.read(path).scores[0]
    counts = [
        len(list(textmusic.get_codec("pianoroll", **one).project(score).notes()))
        for one in (options, RANGE)
    ]
    return f"{counts[0]} of {counts[1]}"


def continued(run: Path, files: list[Path], **options: object) -> list[textmusic.Sample]:
    """What a model goes on with, from the first two bars of each file."""
    model = textmusic.load(run)
    samples = []
    for path in files:
        try:
            prime = model.opening(path, bars=2)
            samples += model.sample(1, prime=prime, **options)
        except TextmusicError as error:
            print(f"{path}: {error}")
    if not samples:
        raise SystemExit("none of the music held out can be gone on from")
    return samples


def as_they_did(recipe: Recipe, learnt: list[Path], held: list[Path], midi: list[Path]) -> Way:
    one_song = learnt[:2]  # one to learn, one to say when it is learnt by heart
    run = recipe.train("theirs", "pianoroll", one_song, codec_options=THEIRS, **GRU_50)
    longest = 80 * 16 * (recipe.bars(BARS) + 2)
    samples = continued(run, midi, free=True, temperature=0.0, characters=longest)
    recipe.write(samples[0].score, "theirs", ("mid", "bits.txt", "png"))
    more = {"notes of a primer": kept(midi[0], THEIRS)}
    return measured("one song, two states, likeliest", run, samples, held, more)


def as_here(recipe: Recipe, learnt: list[Path], held: list[Path], midi: list[Path]) -> Way:
    run = recipe.train("here", "pianoroll", learnt, codec_options=RANGE, transpose=3, window=256)
    samples = continued(run, midi, bars=recipe.bars(BARS) + 2, temperature=0.9, characters=40_000)
    recipe.write(samples[0].score, "here", ("mid", "roll.txt", "png", "ogg"))
    more = {"notes of a primer": kept(midi[0], RANGE)}
    return measured("many songs, three states, drawn", run, samples, held, more)


def main() -> None:
    began = perf_counter()
    recipe = Recipe.asked("primed_roll", __doc__.splitlines()[0])
    learnt, held = recipe.files(sorted(MUSIC21.glob("bach/bwv*.mxl"))[:120])
    held = held[: 2 if recipe.quick else 12]
    midi = primers(recipe, held)
    ways = (as_they_did(recipe, learnt, held, midi), as_here(recipe, learnt, held, midi))
    side_by_side(recipe, ways, began)


if __name__ == "__main__":
    main()
