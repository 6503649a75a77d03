"""The same tunes in four texts: bits a note, which compares codecs, beside what predicts untrained.

The music: the cleaned Nottingham tunes and the folk collections jw35, rjl20, litten, ceolrince and
folkwiki. They are split once, by content: `textmusic.corpus.build` with the codec `abc`, which
keeps variants of a tune, transposed ones too, on one side. Each tune is then read as a Score, and
every codec writes its text of that Score; so all hold the same tunes out. Only tunes count that
are one melody, without chords and grace notes, and of which every codec keeps every note: how
many is printed. One model (GRU 2×128), one time, one split.

*Bits a note* are -log2 p of the held-out texts, their ends included, over the notes struck when
the tunes are played, repeats and all: the same number for each codec. Two rows are of ABC:
``abc`` is the tune as the book has it, its repeats as signs, with chord symbols and ornaments,
which the others do not hold; ``abc of the score`` has the repeats played out and no more than a
Score. The baselines read the same texts: uniform, order 0, an interpolated Kneser-Ney n-gram of
the order that is best on the training text, and xz that has read it.

    python benchmarks/codecs.py                   two minutes a model
    python benchmarks/codecs.py --minutes 0.2 --limit 400 --codec abc noteevents

The time is measured once a text, before its training: on a machine that is busy with other things
give ``--steps``, the same for all, and look at the processor time that is printed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from acceptance import as_abc

import textmusic
from textmusic.codec import Codec
from textmusic.corpus import build
from textmusic.errors import InputError
from textmusic.evaluate.prediction import Predicted, Predictor, baselines
from textmusic.format import read_text
from textmusic.lm import ModelConfig, TrainConfig, evaluate, fit, steps_for
from textmusic.score import Score

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "abc"
BOOKS = ("nottingham_cleaned", "jw35", "rjl20", "litten", "ceolrince")
FOLKWIKI = Path("folkrnn_folkwiki") / "9_nov_folkwiki.txt"
TEXTS = ("abc", "abc of the score", "noteevents", "pitchdigits", "guitartab")
SPLITS = ("train", "valid")


@dataclass(frozen=True)
class Tune:
    """A tune that every codec holds: its split, its notes and bars, and its texts by name."""

    split: str
    notes: int
    bars: int
    texts: dict[str, str]


def books(data: Path, folder: Path) -> list[Path]:
    """The files and folders to read; folkwiki is spelled as ABC in `folder`."""
    paths = [data / name for name in BOOKS if (data / name).is_dir()]
    if (data / FOLKWIKI).exists():
        target = folder / "folkwiki.abc"
        target.write_text(as_abc(read_text((data / FOLKWIKI).read_bytes())), "utf-8")
        paths.append(target)
    return paths


def tunes(data: Path, limit: int | None, workers: int) -> Iterator[Tune]:
    """Read and split all books; what cannot be compared is counted and left out."""
    left_out: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        corpus = build(books(data, folder), textmusic.get_codec("abc"), folder / "corpus")
        print("\n".join(corpus.stats["summary"]), flush=True)
        step = max(1, corpus.stats["groups"] // limit) if limit else 1
        taken = [(one.split, one.text) for one in islice(corpus.documents(), 0, None, step)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context) as pool:
        for found in pool.map(compared, *zip(*taken, strict=True), chunksize=32):
            if isinstance(found, str):
                left_out[found] += 1
            else:
                yield found
    print("left out: " + ", ".join(f"{n} {why}" for why, n in left_out.most_common()))


@cache
def codec_of(name: str) -> Codec:
    """The codec of a text."""
    return textmusic.get_codec(name.split(maxsplit=1)[0])


def compared(split: str, text: str) -> Tune | str:
    """The texts of one tune, or why they cannot be compared; runs in a worker."""
    score = codec_of("abc").parse(text).score
    if len(score.tracks) != 1:
        return "of several voices"
    if any(note.grace for note in score.notes()):
        return "with grace notes"
    notes = list(score.notes())
    if len({note.onset for note in notes}) != len(notes):
        return "with chords"
    texts = {"abc": text}
    for name in TEXTS[1:]:
        codec = codec_of(name)
        try:
            texts[name] = codec.encode(codec.project(score))
        except InputError:
            return f"not held by {name}"
        if not _as_many(codec.decode(texts[name]), score):
            return f"not kept whole by {name}"
    return Tune(split, len(notes), len(score.bars()), texts)


def _as_many(one: Score, other: Score) -> bool:
    """Whether as many notes are struck, at the same times; octaves may differ on a neck."""
    here = sorted(note.onset * other.tpq for note in one.notes())
    return here == sorted(note.onset * one.tpq for note in other.notes())


def ids(codec: Codec, texts: Sequence[str]) -> np.ndarray:
    """Return boundary, document, boundary … boundary."""
    pieces = [np.zeros(1, np.uint16)]
    for text in texts:
        pieces += [codec.alphabet.encode(text).astype(np.uint16), np.zeros(1, np.uint16)]
    return np.concatenate(pieces)


def measure(name: str, held: Sequence[Tune], asked: argparse.Namespace) -> list[Predictor]:
    """Train on one text; return the rows of the model and of the baselines."""
    codec = codec_of(name)
    train, valid = (
        ids(codec, [tune.texts[name] for tune in held if tune.split == split]) for split in SPLITS
    )
    out = [tune for tune in held if tune.split == "valid"]
    given = Predicted(
        valid, [""] * len(out), [tune.notes for tune in out], [tune.bars for tune in out]
    )
    size = codec.alphabet.size
    model = ModelConfig(vocabulary=size, hidden=asked.hidden)
    steps = asked.steps or steps_for(model, TrainConfig(), train, valid, minutes=asked.minutes)
    config = TrainConfig(steps=steps, seed=asked.seed)
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        *_, last = fit(model, config, train, valid, folder, {"alphabet": codec.alphabet.chars})
    seconds = time.process_time() - begin
    result = evaluate(last.model, valid)
    read = steps * config.batch * config.window
    print(f"{name}: {steps} steps, {seconds:.0f} s of processor, {read / len(train):.1f} epochs")
    rows = [given.row("model", result.bits, result.accuracy)]
    return rows + [row for row, *_ in baselines(train, given, size)]


def table(rows: dict[str, list[Predictor]]) -> None:
    names = [row.name for row in next(iter(rows.values()))]
    for title, value in (("bits a note", "bits_per_note"), ("bits a character", "bits_per_char")):
        print(f"\n{title:18}" + "".join(f"{name:>10}" for name in names))
        for text, found in rows.items():
            print(f"{text:18}" + "".join(f"{getattr(row, value):10.3f}" for row in found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    parser.add_argument("--codec", nargs="+", choices=TEXTS, default=TEXTS)
    parser.add_argument("--minutes", type=float, default=2.0, help="of training a model")
    parser.add_argument("--steps", type=int, help="instead: the same number of steps for each")
    parser.add_argument("--hidden", type=int, default=128, help="units a layer")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="about so many tunes")
    parser.add_argument("--workers", type=int, default=2, help="processes that read the tunes")
    parser.add_argument("--json", type=Path, help="write the rows here")
    asked = parser.parse_args()
    held = list(tunes(asked.data, asked.limit, asked.workers))
    for split in SPLITS:
        own = [tune for tune in held if tune.split == split]
        print(f"{split}: {len(own)} tunes, {sum(tune.notes for tune in own):,} notes")
    rows = {name: measure(name, held, asked) for name in asked.codec}
    table(rows)
    if asked.json:
        found = {
            name: {row.name: [row.bits_per_char, row.bits_per_note] for row in one}
            for name, one in rows.items()
        }
        asked.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
