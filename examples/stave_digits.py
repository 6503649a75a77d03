"""The stave digits: from a PDF of labelled staves to a picture of a score, and its sound.

As it was done in 2015: the pitches of stave images, 1 to 5+, in a PDF; an LSTM of 2 x 128 units
that reads 50 characters at a time; what it writes was typed into a score editor. As one does it
here: a PDF of numbered notation, so that lengths and rests are learnt; a file a kind of tune, so
that a kind can be asked for; and no typing. The PDFs are made of tunes that music21 carries.

    python examples/stave_digits.py [--quick] [--data FOLDER of such PDFs] [--out FOLDER]
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice
from pathlib import Path
from time import perf_counter

from _recipe import MUSIC21, Recipe, Way, measured, side_by_side

import textmusic
from textmusic import transforms
from textmusic.corpus import Corpus

BARS = 32
KINDS = ("hornpipe", "jig", "reel")
CHAR_RNN = {"kind": "lstm", "layers": 2, "hidden": 128, "batch": 50, "window": 50, "peak": 2e-3}
PLAIN = {"form": "plain", "separator": " ", "lines": "image"}
NOTE = re.compile(r"([#b]?[0-7][',]*)([_=]?)(\.?)(-*)")
STAVE = 12  # notes an image


def tunes(most: int) -> dict[str, list[textmusic.Score]]:
    """Tunes by kind without their upbeats, each moved to C major, as the labels have them."""
    found = defaultdict(list)
    for path in sorted(MUSIC21.glob("ryansMammoth/*.abc")):
        for score in textmusic.read(path).scores:
            kind = score.get("rhythm").lower()
            if kind in KINDS and len(found[kind]) < most:
                fifths = score.keys[0].fifths if score.keys else 0
                tune = transforms.transpose(score, (5 * fifths + 5) % 12 - 5)
                first = tune.bars()[0]
                whole = transforms.clip(tune, first.end if first.is_short else 0, tune.end)
                if notation(whole):
                    found[kind].append(whole)
        if all(len(found[kind]) == most for kind in KINDS):
            break
    return found


def labels(score: textmusic.Score) -> list[str]:
    """The pitches of a tune, one stave image a line."""
    codec = textmusic.get_codec("pitchdigits", form="plain", separator=" ")
    digits = codec.encode(codec.project(score)).split()
    return [" ".join(digits[at : at + STAVE]) for at in range(0, len(digits), STAVE)]


def notation(score: textmusic.Score) -> list[str]:
    """A tune as jianpu is typed, every bar in full; empty where it has more than that can say."""
    codec = textmusic.get_codec("pitchdigits")
    head, *bars = codec.encode(codec.project(score)).splitlines()
    lines: list[str] = []
    for bar in bars:
        back = re.fullmatch(r"%(\d*)", bar)
        lines.append(lines[-int(back[1] or 1)] if back else bar)
    if any(NOTE.sub("", line) for line in lines):
        return []
    return [head, *(" ".join(NOTE.sub(typed, line).split()) for line in lines), "NextScore"]


def typed(note: re.Match[str]) -> str:
    """A note as it is typed: q for an eighth, s for a sixteenth, a dash for each quarter more."""
    digit, beam, dot, dashes = note.groups()
    return {"": "", "_": "q", "=": "s"}[beam] + digit + dot + " -" * len(dashes) + " "


def write_pdf(path: Path, title: str, rows: list[str]) -> None:
    """Pages as people make them, with a running header and page numbers."""
    from reportlab.pdfgen.canvas import Canvas

    if rows[-1] == "NextScore":  # it stands between pieces
        rows.pop()
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path))
    for page, start in enumerate(range(0, len(rows), 48), 1):
        canvas.setFont("Courier", 10)
        canvas.drawString(60, 810, title)
        for place, row in enumerate(rows[start : start + 48]):
            canvas.drawString(60, 780 - 15 * place, row)
        canvas.drawString(290, 30, str(page))
        canvas.showPage()
    canvas.save()


def make_pdfs(recipe: Recipe) -> dict[str, list[Path]]:
    """Write labelled staves and notation, to learn from and to predict."""
    made = defaultdict(list)
    for kind, scores in tunes(8 if recipe.quick else 90).items():
        few = len(scores) // 8
        for side, part in (("held", scores[:few]), ("learnt", scores[few:])):
            for way, lines in (("staves", labels), ("notation", notation)):
                path = recipe.out / "pdf" / side / way / f"{kind}.pdf"
                rows = [line for score in part for line in lines(score)]
                write_pdf(path, f"Ground truth: {kind}s", rows)
                made[f"{way} {side}"].append(path)
    return made


def dropped(run: Path) -> None:
    """Say what was on the pages and is no music."""
    for entry in islice(Corpus.open(run / "corpus").report(), 3):
        print(f"  {entry}")


def as_they_did(recipe: Recipe, learnt: list[Path], held: list[Path]) -> Way:
    run = recipe.train("theirs", "pitchdigits", learnt, codec_options=PLAIN, **CHAR_RNN)
    dropped(run)
    model = textmusic.load(run)
    samples = list(model.sample(recipe.samples, free=True, characters=400))
    recipe.write(samples[0].score, "theirs", ("mid", "png"))
    return measured("pitches, LSTM", run, samples, held)


def as_here(recipe: Recipe, learnt: list[Path], held: list[Path]) -> Way:
    run = recipe.train("here", "pitchdigits", learnt, condition="file", batch=32)
    dropped(run)
    model = textmusic.load(run)
    kind, bars = model.arrangement.tags[-1], recipe.bars(BARS)
    samples = list(model.sample(recipe.samples, condition=kind, temperature=0.8, bars=bars))
    recipe.write(samples[0].score, "here", ("mid", "musicxml", "png", "score.pdf", "ogg"))
    return measured(f"lengths, kinds ({kind})", run, samples, held)


def main() -> None:
    began = perf_counter()
    recipe = Recipe.asked("stave_digits", __doc__.splitlines()[0])
    if recipe.data:
        staves = written = recipe.files(())
    else:
        made = make_pdfs(recipe)
        staves, written = (
            (made[f"{way} learnt"], made[f"{way} held"]) for way in ("staves", "notation")
        )
    side_by_side(recipe, (as_they_did(recipe, *staves), as_here(recipe, *written)), began)


if __name__ == "__main__":
    main()
