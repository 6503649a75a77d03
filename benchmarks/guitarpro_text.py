"""What the choices in the text of `guitarpro` cost or save: bits a note, side by side.

The model and the protocol are those of `layouts.py`: one GRU of two layers, one split by music, one
number of characters seen, *bits a note* of the held-out documents. Differences under 0.15 are noise.

Single parts of six strings, as `guitartab` holds them, with and without techniques:

- ``guitartab``, ``guitarpro``: the two texts; ``marks``: `guitarpro` with palm mute and let ring as
  marks on every note instead of switches.

Whole pieces of three and more parts and 800 to 6,000 notes:

- ``bar by bar``: the text; ``no =``: without references to another part; ``track by track``:
  all bars of one part, then those of the next; ``played out``: repeats written out; ``marks``.

    python benchmarks/guitarpro_text.py                      ../shared/data/gp
    python benchmarks/guitarpro_text.py --only pieces --hidden 128 --millions 0.7
    python benchmarks/guitarpro_text.py --only plain --texts guitartab guitarpro
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from layouts import GP, SixStrings, plain, scores

from textmusic.corpus import build
from textmusic.lm import ModelConfig, TrainConfig, evaluate, fit
from textmusic.score import Score
from textmusic_guitarpro import GuitarProCodec
from textmusic_guitarpro.text import writing
from textmusic_guitartab import GuitarTabCodec

WINDOW, BATCH, PEAK = 64, 16, 4e-3
PRO, TAB = GuitarProCodec(), GuitarTabCodec()


def guitarpro(score: Score) -> str:
    return PRO.encode(PRO.project(score))


def marks(score: Score) -> str:
    with patch.object(writing, "SWITCHES", {}):
        return writing.write(PRO.project(score))


def played_out(score: Score) -> str:
    meta = tuple((key, value) for key, value in score.meta if key != "form")
    return guitarpro(replace(score, meta=meta))


def by_track(score: Score) -> str:
    """All bars of the first part, then those of the next; a line ``/`` between."""
    head, bars = _split(guitarpro(score))
    texts = [head]
    for label in writing.LABELS[: head.count("\n:")]:
        lines = []
        for words, bodies in bars:
            if label == "1" and words:
                lines.append(words + " " + bodies.get(label, "r"))
            else:
                lines.append(bodies.get(label, "r"))
        texts.append("\n".join(lines) + "\n/\n")
    return "".join(texts)


def _split(text: str) -> tuple[str, list[tuple[str, dict[str, str]]]]:
    """The header of a text of several parts, and words and bodies of its bars; no ``=`` left."""
    header = re.match(r"@.*\n(?::.*\n)+", text)
    assert header
    if header[0].count("\n:") == 1:
        return header[0], [("", {"1": line}) for line in text[header.end() :].splitlines()]
    bars: list[tuple[str, dict[str, str]]] = []
    for line in text[header.end() :].splitlines():
        if line[0] == "|":
            bars.append((line[1:], {}))
        else:
            bars[-1][1][line[0]] = line[2:]
    for _, bodies in bars:
        for label, body in bodies.items():
            if body[0] == "=":
                bodies[label] = bodies[body[1]]
    return header[0], bars


def no_twins(score: Score) -> str:
    """The text without ``=``."""
    text = guitarpro(score)
    head, bars = _split(text)
    if head.count("\n:") == 1:
        return text
    lines = []
    for words, bodies in bars:
        lines += [f"|{words}", *(f"{label} {body}" for label, body in bodies.items())]
    return head + "\n".join(lines) + "\n"


PARTS: dict[str, Callable[[Score], str]] = {
    "guitartab": lambda score: TAB.encode(TAB.project(score)),
    "guitarpro": guitarpro,
    "marks": marks,
}
PIECES: dict[str, Callable[[Score], str]] = {
    "bar by bar": guitarpro,
    "no =": no_twins,
    "track by track": by_track,
    "played out": played_out,
    "marks": marks,
}


def ids(texts: Sequence[str]) -> np.ndarray:
    """Return boundary, document, boundary … boundary."""
    pieces = [np.zeros(1, np.uint16)]
    for text in texts:
        pieces += [PRO.alphabet.encode(text), np.zeros(1, np.uint16)]
    return np.concatenate(pieces)


def measure(
    write: Callable[[Score], str],
    music: dict[str, list[Score]],
    millions: float,
    seed: int = 0,
    hidden: int = 256,
) -> str:
    """Train on one text; return a row of the table."""
    train, valid = (ids([write(score) for score in music[split]]) for split in ("train", "valid"))
    notes = sum(1 for score in music["valid"] for _ in score.notes())
    steps = max(1, round(millions * 1e6 / (WINDOW * BATCH)))
    config = TrainConfig(steps=steps, window=WINDOW, batch=BATCH, peak=PEAK, seed=seed)
    model = ModelConfig(vocabulary=PRO.alphabet.size, hidden=hidden)
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        *_, last = fit(model, config, train, None, folder, {"alphabet": PRO.alphabet.chars})
    seconds = time.process_time() - begin
    bits = evaluate(last.model, valid).bits
    epochs = steps * WINDOW * BATCH / len(train)
    return f"{bits / notes:10.3f} {len(valid) / notes:11.2f} {epochs:8.2f} {seconds:8.0f}"


def load(gp: Path, only: str | None) -> dict[str, dict[str, list[Score]]]:
    """Return the music of each table by split."""
    tables: dict[str, dict[str, list[Score]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        if only != "pieces":
            six = scores(build([gp], SixStrings(), Path(folder) / "parts", workers=1))
            bare = {split: list(map(plain, held)) for split, held in six.items()}
            tables |= {"plain": bare, "parts": six}
        if only not in {"plain", "parts"}:
            found: dict[str, list[Score]] = {"train": [], "valid": []}
            for document in build([gp], PRO, Path(folder) / "pieces", workers=1).documents():
                score = PRO.decode(document.text)
                if len(score.tracks) > 2 and 800 < sum(1 for _ in score.notes()) < 6000:
                    found[document.split].append(score)
            tables["pieces"] = found
    return tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gp", type=Path, default=GP, help="a folder of Guitar Pro files")
    parser.add_argument("--only", choices=("plain", "parts", "pieces"))
    parser.add_argument("--texts", nargs="+", choices=sorted({*PARTS, *PIECES}))
    parser.add_argument("--millions", type=float, default=1.6, help="characters seen in training")
    parser.add_argument("--hidden", type=int, default=256, help="units a layer")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name, music in load(options.gp, options.only).items():
        if options.only not in {None, name}:
            continue
        print(f"\n{name}: {len(music['train'])} + {len(music['valid'])} documents")
        print(f"{'text':15} bits/note  chars/note   epochs  seconds", flush=True)
        for text, write in (PIECES if name == "pieces" else PARTS).items():
            if (options.texts and text not in options.texts) or (name, text) == ("plain", "marks"):
                continue
            row = measure(write, music, options.millions, options.seed, options.hidden)
            print(f"{text:15}{row}", flush=True)


if __name__ == "__main__":
    main()
