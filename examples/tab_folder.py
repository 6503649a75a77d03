"""The tab folder to Guitar Pro: raw staves by the character, and one token an event.

As J. Blaha (2015) did it: a folder of ASCII tabs straight into char-rnn, 50 characters at a time,
where the six strings of a chord stand 80 characters apart. As one does it here: the same folder
read as music, what is no tab named and left out, a bar a line, and GP5 by the same command. The
folder is made of tunes that music21 carries, with a chord sheet and some lyrics among them.

    python examples/tab_folder.py [--quick] [--data FOLDER of tabs] [--out FOLDER]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import perf_counter

from _recipe import MUSIC21, Recipe, Way, measured, side_by_side

import textmusic
from textmusic.corpus import Corpus

CHAR_RNN = {"kind": "lstm", "layers": 2, "hidden": 128, "batch": 50, "window": 50, "peak": 2e-3}
CHORD_SHEET = "Verse 1\nG        D\nOver the hill and home again\nC        G\nhome again we go\n"
BARS = 16
LYRICS = "\n[Chorus]\nover the hill and home again\n"


def chorales() -> Iterator[Path]:
    """Scores of four voices at least."""
    for path in sorted(MUSIC21.glob("bach/bwv*.mxl")):
        if len(textmusic.read(path).scores[0].tracks) >= 4:
            yield path


def make_tabs(recipe: Recipe) -> list[Path]:
    """Write pages of tab as people have them: a tune an octave lower, and the bass under it."""
    folder = recipe.out / "tabs"
    folder.mkdir(exist_ok=True)
    codec = textmusic.get_codec("guitartab")
    made = []
    for path in islice(chorales(), 6 if recipe.quick else 300):
        score = textmusic.read(path).scores[0]
        tune = (replace(note, pitch=note.pitch - 12) for note in score.tracks[-4].notes)
        guitar = textmusic.Track((*tune, *score.tracks[-1].notes), program=25)
        page = folder / f"{path.stem}.tab"
        textmusic.write(codec.project(replace(score, tracks=(guitar,))), page)
        with page.open("a", encoding="utf-8") as file:
            file.write(LYRICS)
        made.append(page)
    sheet = folder / "a chord sheet.tab"
    sheet.write_text(CHORD_SHEET, "utf-8")
    return [sheet, *made]


def left_out(run: Path) -> None:
    """Say what was no tab."""
    entries = [e for e in Corpus.open(run / "corpus").report() if e.kind == "quarantined"]
    print(f"  {len(entries)} left out")
    for entry in entries[:3]:
        print(f"  {entry}")


def as_they_did(recipe: Recipe, learnt: list[Path], held: list[Path]) -> Way:
    options = {"layout": "rows"}
    run = recipe.train("theirs", "guitartab", learnt, codec_options=options, **CHAR_RNN)
    model = textmusic.load(run)
    samples = list(model.sample(recipe.samples, free=True, characters=6000))
    (recipe.out / "theirs.txt").write_text(samples[0].text, "utf-8")
    recipe.write(samples[0].score, "theirs", ("gp5", "mid"))
    return measured("staves by the character", run, samples, held)


def as_here(recipe: Recipe, learnt: list[Path], held: list[Path]) -> Way:
    run = recipe.train("here", "guitartab", learnt, transpose=2, window=128)
    left_out(run)
    model = textmusic.load(run)
    samples = list(model.sample(recipe.samples, temperature=0.9, bars=recipe.bars(BARS)))
    recipe.write(samples[0].score, "here", ("gp5", "tab", "mid", "png", "ogg"))
    return measured("events, a bar a line", run, samples, held)


def main() -> None:
    began = perf_counter()
    recipe = Recipe.asked("tab_folder", __doc__.splitlines()[0])
    learnt, held = recipe.files(() if recipe.data else make_tabs(recipe))
    held = held[:30]
    ways = (as_they_did(recipe, learnt, held), as_here(recipe, learnt, held))
    side_by_side(recipe, ways, began)


if __name__ == "__main__":
    main()
