"""Whether the overlap audit finds planted copies, and how often it gives a false alarm.

The tunes of some folders are split by piece without near duplicates, as `textmusic train` does; or
the run of a model is taken as it was split. Into a held-out tune, which stands for a sample, a
passage of a training tune is pasted: transposed by a fourth, in doubled note values, at a random
bar. The audit must name the tune that it was taken from. A passage that stands in several training
tunes has several right sources: the one named is right when it holds the passage too, and how often
it was the very one is printed beside it, and how often the tune that it was pasted into shares a
longer run itself, which is then what the audit names.

A false alarm is a tune, with nothing pasted in, that shares more notes than the limit which held-out
tunes set (`textmusic.evaluate.run_limit`). The held-out tunes are halved at random: one half sets
the limit, the other is judged by it; and with a run, samples of its model are.

    python benchmarks/overlap_audit.py                                  150 copies of 24 notes
    python benchmarks/overlap_audit.py FOLDER FOLDER --copies 500 --notes 16
    python benchmarks/overlap_audit.py --run RUN --samples 300
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from math import lcm
from pathlib import Path
from random import Random

import numpy as np

import textmusic
from textmusic import get_codec, transforms
from textmusic.corpus import Corpus, build
from textmusic.evaluate import OverlapIndex, run_limit
from textmusic.score import Note, Score, Track
from textmusic.writing import Model

FOLDER = Path(__file__).parent.parent.parent / "shared" / "data" / "midi" / "nottingham"
HALVES = 200


def passage(score: Score, notes: int, random: Random) -> list[Note]:
    """What a tune's fullest track plays during so many changes of pitch, from time 0."""
    track = max(_pitched(score), key=lambda t: len(t.notes))
    times = [time for time, _ in _changes(track)]
    start = random.randrange(max(1, len(times) - notes))
    first, last = times[start], times[min(start + notes, len(times)) - 1]
    held = [n for n in track.notes if n.duration and first <= n.onset <= last]
    return [replace(n, onset=n.onset - first, string=None) for n in held]


def _changes(track: Track) -> list[tuple[int, set[int]]]:
    """The moments at which a track strikes other pitches than the moment before."""
    struck: dict[int, set[int]] = {}
    for note in track.notes:
        if note.duration:
            struck.setdefault(note.onset, set()).add(note.pitch)
    rows = list(struck.items())
    return [now for last, now in zip([(0, set()), *rows], rows, strict=False) if now[1] != last[1]]


def planted(host: Score, copied: list[Note], tpq: int, random: Random) -> Score:
    """A tune with a passage pasted in at a bar, a fourth higher and in doubled note values."""
    common = lcm(host.tpq, tpq)
    host = transforms.resample(host, common)
    line = random.choice(host.bars()).onset
    factor = 2 * common // tpq
    moved = [
        Note(n.onset * factor + line, n.duration * factor, min(n.pitch + 5, 127)) for n in copied
    ]
    length = max(n.end for n in moved) - line
    own = [
        Note(n.onset + (length if n.onset >= line else 0), n.duration, n.pitch)
        for track in _pitched(host)
        for n in track.notes
        if n.duration and (n.end <= line or n.onset >= line)
    ]
    return Score((Track((*own, *moved)),), common)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("folders", type=Path, nargs="*", default=[FOLDER])
    arguments.add_argument("--run", type=Path, help="a run's corpus and model instead of folders")
    arguments.add_argument("--samples", type=int, default=0, help="of the run's model")
    arguments.add_argument("--codec", default="noteevents")
    arguments.add_argument("--valid", type=float, default=0.1, help="share to hold out")
    arguments.add_argument("--copies", type=int, default=150)
    arguments.add_argument("--notes", type=int, default=24)
    asked = arguments.parse_args()
    model = textmusic.load(asked.run) if asked.run else None
    codec = model.codec if model else get_codec(asked.codec)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "corpus"
        corpus = (
            Corpus.open(asked.run / "corpus", codec)
            if asked.run
            else build(asked.folders, codec, place, workers=1, valid=asked.valid)
        )
        found = [d for d in corpus.documents("train") if not d.transposed]
        train = [(f"{d.file} {d.offset} {d.part}", codec.parse(d.text).score) for d in found]
        held = [codec.parse(d.text).score for d in corpus.documents("valid")]
        start = time.perf_counter()
        index = OverlapIndex.build(train)
        print(
            f"{len(train)} tunes, {len(index.bars)} tokens, built in "
            f"{time.perf_counter() - start:.1f} s"
        )
        index.save(Path(folder) / "overlap")
        index = OverlapIndex.open(Path(folder) / "overlap")
        copies(index, train, held, asked, Random(0))
        normal = [index.audit(score).notes for score in held]
        alarms(normal)
        if model and asked.samples:
            sampled(model, index, normal, asked.samples)


def alarms(normal: list[int]) -> None:
    """Halve the held-out tunes at random: one half sets the limit, the other is judged by it."""
    shown = np.percentile(normal, (50, 95, 99))
    print(
        f"{len(normal)} held-out tunes share {shown[0]:.0f} notes (median), {shown[1]:.0f} (95 %), "
        f"{shown[2]:.0f} (99 %)"
    )
    half = len(normal) // 2
    for size in (*(n for n in (100, 200, 400) if n < half), half):
        above, plain = [], []
        for seed in range(HALVES):
            mixed = Random(seed).sample(normal, len(normal))
            limit, rest = run_limit(mixed[:size]), np.array(mixed[half:])
            if limit is None:
                print(f"{size} are too few for a limit")
                return
            above.append(float(np.mean(rest > limit)))
            plain.append(float(np.mean(rest > np.percentile(mixed[:size], 99))))
        print(
            f"false alarms above the limit of {size} tunes: {np.mean(above):.2%} of the other half "
            f"(mean of {HALVES} random halves, standard deviation {np.std(above):.2%}); above "
            f"their 99th percentile as it is: {np.mean(plain):.2%}"
        )


def sampled(model: Model, index: OverlapIndex, normal: list[int], number: int) -> None:
    """Audit fresh samples at temperature 1, in length like the tunes that were trained on."""
    limit = run_limit(normal)
    if limit is None:
        print("too few held-out tunes for a limit")
        return
    runs = [index.audit(sample.score).notes for sample in model.sample(number, characters=2000)]
    print(
        f"{number} samples share {np.median(runs):.0f} notes (median), "
        f"{np.percentile(runs, 99):.0f} (99 %); {np.mean(np.array(runs) > limit):.2%} share more "
        f"than the limit of {limit}"
    )


def _moments(score: Score) -> int:
    return max((len(_changes(track)) for track in _pitched(score)), default=0)


def _pitched(score: Score) -> list[Track]:
    return [track for track in score.tracks if not track.is_drum]


def holds(name: str, other: str, copied: list[Note], alone: dict[str, Score]) -> bool:
    """Whether the other tune holds as much of a passage as the one that it was taken from."""
    if name == other:
        return True
    own = Score((Track(tuple(copied)),), alone[name].tpq)
    one, two = (OverlapIndex.build([(n, alone[n])]).audit(own).notes for n in (name, other))
    return two >= one


def copies(
    index: OverlapIndex,
    train: list[tuple[str, Score]],
    held: list[Score],
    asked: argparse.Namespace,
    random: Random,
) -> None:
    alone = dict(train)
    long = [pair for pair in train if _moments(pair[1]) > 2 * asked.notes]
    very = right = longer = 0
    seconds = []
    for _ in range(asked.copies):
        name, score = random.choice(long)
        copied = passage(score, asked.notes, random)
        host = random.choice(held)
        sample = planted(host, copied, score.tpq, random)
        start = time.perf_counter()
        found = index.audit(sample)
        seconds.append(time.perf_counter() - start)
        very += found.source == name
        if found.source and holds(name, found.source, copied, alone):
            right += 1
        else:
            longer += index.audit(host).notes >= found.notes
    count = asked.copies
    print(
        f"{count} copies of {asked.notes} notes or chords that change, a fourth higher, in doubled values: "
        f"{right / count:.1%} named rightly ({very / count:.1%} the very tune); "
        f"{longer / count:.1%} pasted into tunes that share a longer run themselves; "
        f"{1000 * float(np.median(seconds)):.1f} ms a sample"
    )


if __name__ == "__main__":
    main()
