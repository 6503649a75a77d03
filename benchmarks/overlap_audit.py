"""Whether the overlap audit finds planted copies, and how often it gives a false alarm.

The tunes of a folder are split by piece without near duplicates, as `textmusic train` does. Into a
held-out tune, which stands for a sample, a passage of a training tune is pasted: transposed by a
fourth, in doubled note values, at a random bar. The audit must name the tune that it was taken
from. A passage that stands in several training tunes has several right sources: the one named is
right when it holds the passage too, and how often it was the very one is printed beside it. A
false alarm is a held-out tune, without anything pasted, that shares more notes than 99 % of the
others do.

    python benchmarks/overlap_audit.py                                  150 copies of 24 notes
    python benchmarks/overlap_audit.py FOLDER --copies 500 --notes 16
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

from textmusic import get_codec, transforms
from textmusic.corpus import build
from textmusic.evaluate import OverlapIndex
from textmusic.score import Note, Score, Track

FOLDER = Path(__file__).parent.parent.parent / "shared" / "data" / "midi" / "nottingham"


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
    arguments.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    arguments.add_argument("--codec", default="noteevents")
    arguments.add_argument("--copies", type=int, default=150)
    arguments.add_argument("--notes", type=int, default=24)
    asked = arguments.parse_args()
    codec, random = get_codec(asked.codec), Random(0)
    with tempfile.TemporaryDirectory() as folder:
        corpus = build([asked.folder], codec, Path(folder) / "corpus", workers=1)
        train = [
            (f"{d.file} {d.offset}", codec.parse(d.text).score) for d in corpus.documents("train")
        ]
        held = [codec.parse(d.text).score for d in corpus.documents("valid")]
        start = time.perf_counter()
        index = OverlapIndex.build(train)
        print(
            f"{len(train)} tunes, {len(index.bars)} tokens, built in {time.perf_counter() - start:.1f} s"
        )
        index.save(Path(folder) / "overlap")
        copies(OverlapIndex.open(Path(folder) / "overlap"), train, held, asked, random)


def _moments(score: Score) -> int:
    return max((len(_changes(track)) for track in _pitched(score)), default=0)


def _pitched(score: Score) -> list[Track]:
    return [track for track in score.tracks if not track.is_drum]


def copies(
    index: OverlapIndex,
    train: list[tuple[str, Score]],
    held: list[Score],
    asked: argparse.Namespace,
    random: Random,
) -> None:
    alone = dict(train)
    long = [pair for pair in train if _moments(pair[1]) > 2 * asked.notes]
    very = right = 0
    found_notes, seconds = [], []
    for _ in range(asked.copies):
        name, score = random.choice(long)
        copied = passage(score, asked.notes, random)
        sample = planted(random.choice(held), copied, score.tpq, random)
        start = time.perf_counter()
        found = index.audit(sample)
        seconds.append(time.perf_counter() - start)
        found_notes.append(found.notes)
        very += found.source == name
        own = Score((Track(tuple(copied)),), score.tpq)
        if found.source == name:
            right += 1
        elif found.source:
            other = OverlapIndex.build([(found.source, alone[found.source])])
            right += other.audit(own).notes >= OverlapIndex.build([(name, score)]).audit(own).notes
    count = asked.copies
    print(
        f"{count} copies of {asked.notes} notes or chords that change, a fourth higher, in doubled values: "
        f"{right / count:.1%} named rightly ({very / count:.1%} the very tune); "
        f"{1000 * float(np.median(seconds)):.1f} ms a sample"
    )
    normal = np.array([index.audit(score).notes for score in held])
    limits = [np.percentile(np.delete(normal, i), 99) for i in range(len(normal))]
    alarms = float(np.mean(normal > limits))
    print(
        f"held-out tunes share {np.median(normal):.0f} notes (median), "
        f"{np.percentile(normal, 95):.0f} (95 %), {np.percentile(normal, 99):.0f} (99 %); "
        f"{alarms:.1%} share more than 99 % of the others"
    )


if __name__ == "__main__":
    main()
