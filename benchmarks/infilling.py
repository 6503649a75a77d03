"""Filling gaps: does a model that was told what comes after fill them better?

Two models of equal size learn from the same music for the same time: one with gaps (it sees what
comes after), one without (it sees the left side only). Each fills two bars taken out of held-out
tunes, once with the first way that fits and once with the likeliest of eight. The filled pieces are
read by a third model without gaps, which is the judge: a model finds its own notes the likeliest.

    filled     tunes in which a way was found that fits what comes after
    valid      of these, without an issue, and with as many bars as before
    bits/char  of the whole filled piece under the judge, ends included; below, that of the tunes as
               their composers left them
    better     tunes whose piece is likelier than the one filled from the left by the first way

    python benchmarks/infilling.py ../shared/data/abc/nottingham_cleaned --minutes 2
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random
from statistics import fmean

import numpy as np

import textmusic
from textmusic.alphabet import BOUNDARY
from textmusic.corpus import Corpus
from textmusic.errors import TextmusicError
from textmusic.filling import Gap, fill
from textmusic.grammar import first_error
from textmusic.lm import evaluate

WAYS = {"the first": 1, "best of 8": 8}


def trained(
    folder: Path, arguments: argparse.Namespace, *, gaps: bool = False, seed: int = 0
) -> textmusic.Model:
    """Return the model of a folder; it is trained if none lies there."""
    if not (folder / "scores.json").exists():
        print(f"training for {arguments.minutes} minutes: {folder}", flush=True)
        textmusic.train(
            arguments.codec,
            arguments.paths,
            folder,
            overwrite=True,
            minutes=arguments.minutes,
            gaps=gaps,
            seed=seed,
        )
    return textmusic.load(folder)


def bits(judge: textmusic.Model, text: str) -> float:
    """Return the information of a piece under a model."""
    ids = np.concatenate([[BOUNDARY], judge.codec.alphabet.encode(text), [BOUNDARY]])
    return evaluate(judge.checkpoint.model, ids.astype(np.int64)).bits


def chosen(corpus: Corpus, model: textmusic.Model, number: int) -> list[tuple[str, Gap]]:
    """Return held-out tunes that the grammar accepts, each with a gap of two bars inside."""
    found = []
    random = Random(0)
    grammar = model.codec.grammar()
    assert grammar is not None
    for document in corpus.documents("valid"):
        bars = len(model.codec.bar_offsets(document.text)) - 1
        if bars >= 6 and first_error(grammar, document.text) is None:
            first = random.randint(2, bars - 2)
            found.append((document.text, Gap(first, first + 1)))
    random.shuffle(found)
    return found[:number]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--codec", default="abc")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--tunes", type=int, default=200)
    parser.add_argument("--runs", type=Path, default=Path("runs-infilling"))
    arguments = parser.parse_args()
    models = {
        "left side only": trained(arguments.runs / "left", arguments),
        "both sides": trained(arguments.runs / "gaps", arguments, gaps=True),
    }
    judge = trained(arguments.runs / "judge", arguments, seed=1)
    corpus = Corpus.open(arguments.runs / "left" / "corpus")
    tunes = chosen(corpus, judge, arguments.tunes)
    original = [bits(judge, text) / (len(text) + 1) for text, _ in tunes]
    print(f"\n{len(tunes)} held-out tunes; as they were: {fmean(original):.3f} bits/char\n")
    print(f"{'model':16}{'way':12}{'filled':>8}{'valid':>8}{'bits/char':>11}{'better':>9}")
    first: list[float | None] = []
    for name, model in models.items():
        for way, best_of in WAYS.items():
            results = [result(model, judge, text, gap, best_of) for text, gap in tunes]
            costs = [cost for cost, _ in results]
            first = first or costs
            found = [cost for cost in costs if cost is not None]
            valid = sum(fine for _, fine in results)
            pairs = [(a, b) for a, b in zip(costs, first, strict=True) if a and b]
            better = fmean(a < b for a, b in pairs)
            print(
                f"{name:16}{way:12}{len(found):>8}{valid:>8}{fmean(found):>11.3f}{better:>9.1%}",
                flush=True,
            )


def result(
    model: textmusic.Model, judge: textmusic.Model, text: str, gap: Gap, best_of: int
) -> tuple[float | None, bool]:
    """Return the bits a character of the filled piece, None if unfilled, and whether it is valid."""
    try:
        (sample,) = fill(model, text, [gap], best_of=best_of)
    except TextmusicError as error:
        print(f"   not filled: {error}")
        return None, False
    bars = [len(model.codec.bar_offsets(one)) for one in (text, sample.text)]
    valid = not sample.issues and bars[0] == bars[1]
    return bits(judge, sample.text) / (len(sample.text) + 1), valid


if __name__ == "__main__":
    main()
