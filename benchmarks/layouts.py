"""Which layout of `guitartab` a model learns best: bits a note, side by side.

One model (GRU 2×256, window 64, batch 16, cosine from 4e-3), one split (by music, duplicates
dropped), one number of characters seen, which is one training time. *Bits a note* are -log2 p of
the held-out documents, their ends included, over the notes struck in them: the currency in which
texts of different length compare. Differences under 0.15 are noise.

``events`` holds more than the rasters: techniques, grace notes and times off the sixteenths.
``events plain`` is the same music without techniques and grace notes, for a fair comparison.

    python benchmarks/layouts.py                      the embedded tune books, and ../shared/data/gp
    python benchmarks/layouts.py --only gp --millions 3 --layouts events rows
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from textmusic.corpus import Corpus, build, embedded_sources
from textmusic.lm import ModelConfig, TrainConfig, evaluate, fit
from textmusic.score import Score
from textmusic_guitartab import GuitarTabCodec

GP = Path(__file__).parent.parent.parent / "shared" / "data" / "gp"
LAYOUTS = ("events", "events plain", "columns", "rows")
WINDOW, BATCH, PEAK = 64, 16, 4e-3


@dataclass(frozen=True)
class SixStrings(GuitarTabCodec):
    """The parts of a score that are fretted on six strings."""

    def parts(self, score: Score) -> tuple[Score, ...]:
        """Return the six-string parts only."""
        return tuple(p for p in super().parts(score) if len(p.tracks[0].tuning) == 6)


def scores(corpus: Corpus) -> dict[str, list[Score]]:
    """Return the music of a corpus of events by split; too short pieces are left out."""
    codec = GuitarTabCodec()
    found: dict[str, list[Score]] = {"train": [], "valid": []}
    for document in corpus.documents():
        score = codec.decode(document.text)
        if document.notes >= 24:
            found[document.split].append(score)
    return found


def plain(score: Score) -> Score:
    """Return the score without techniques and grace notes."""
    (track,) = score.tracks
    notes = (replace(n, marks=n.marks & {"dead"}) for n in track.notes if not n.grace)
    return replace(score, tracks=(replace(track, notes=tuple(notes)),))


def ids(codec: GuitarTabCodec, held: Sequence[Score]) -> np.ndarray:
    """Return boundary, document, boundary … boundary."""

    def pieces() -> Iterator[np.ndarray]:
        boundary = np.zeros(1, np.uint16)
        for score in held:
            yield boundary
            yield codec.alphabet.encode(codec.encode(score))
        yield boundary

    return np.concatenate(list(pieces()))


def measure(layout: str, music: dict[str, list[Score]], millions: float, seed: int) -> str:
    """Train on one layout; return a row of the table."""
    codec = GuitarTabCodec(layout.split(maxsplit=1)[0])
    held = {
        split: [codec.project(plain(s) if layout.endswith("plain") else s) for s in scores]
        for split, scores in music.items()
    }
    train, valid = ids(codec, held["train"]), ids(codec, held["valid"])
    notes = sum(len(score.tracks[0].notes) for score in held["valid"])
    steps = max(1, round(millions * 1e6 / (WINDOW * BATCH)))
    config = TrainConfig(steps=steps, window=WINDOW, batch=BATCH, peak=PEAK, seed=seed)
    model = ModelConfig(vocabulary=codec.alphabet.size, hidden=256)
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        header = {"alphabet": codec.alphabet.chars}
        *_, last = fit(model, config, train, None, folder, header)
    seconds = time.process_time() - begin
    result = evaluate(last.model, valid)
    return (
        f"{layout:13} {result.bits / notes:10.3f} {result.bits_per_char:10.3f}"
        f" {len(valid) / notes:11.2f} {steps * WINDOW * BATCH / len(train):8.2f} {seconds:8.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gp", type=Path, default=GP, help="a folder of Guitar Pro files")
    parser.add_argument("--only", choices=("folk", "gp"))
    parser.add_argument("--layouts", nargs="+", choices=LAYOUTS, default=LAYOUTS)
    parser.add_argument("--millions", type=float, default=1.6, help="characters seen in training")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    sources = {
        "folk": (embedded_sources()[0], GuitarTabCodec()),
        "gp": ([options.gp], SixStrings()),
    }
    for name, (paths, codec) in sources.items():
        if options.only not in {None, name}:
            continue
        with tempfile.TemporaryDirectory() as folder:
            music = scores(build(paths, codec, Path(folder) / "corpus", workers=1))
        print(f"\n{name}: {len(music['train'])} + {len(music['valid'])} documents")
        print(f"{'layout':13} bits/note  bits/char  chars/note   epochs  seconds", flush=True)
        for layout in options.layouts:
            print(measure(layout, music, options.millions, options.seed), flush=True)


if __name__ == "__main__":
    main()
