"""How often our reading of Guitar Pro files agrees with alphaTab's, and how long it takes.

    python benchmarks/guitarpro_reading.py [FOLDER] [--list N]

Needs alphaTab (``npm install`` in tests/oracles, and node). The default folder lies in the folder
of real music beside the checkout. For each file that alphaTab reads: whether we read it; whether
the page is the same, which means tracks, tunings, time signatures, repeats, tempos, and of each
beat with notes its place, onset, and every note's string and fret (pitch where a part has no
frets, key on drums); whether the piece, written as .gp, is for alphaTab the page that we wrote.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

from textmusic.errors import FormatError
from textmusic.score import Score
from textmusic_guitarpro._load import read_page
from textmusic_guitarpro.compose import Complaints, compose
from textmusic_guitarpro.engrave import engrave
from textmusic_guitarpro.gpif.write import LIMITS, write_gp
from textmusic_guitarpro.song import Song

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "oracles"))
from pages import differences, pages_with_alphatab  # noqa: E402 - lies beside the tests

SUFFIXES = (".gp", ".gp3", ".gp4", ".gp5", ".gpx")
BATCH = 40
DISPUTED = {36: 35, 53: 59}
"""Drum keys of Guitar Pro 6 on which its readers differ: ours, and alphaTab's."""


def read(path: Path) -> tuple[Song, Score, float] | str:
    """The page, the score and the seconds; or why not."""
    start = time.perf_counter()
    try:
        song, complaints = read_page(path.read_bytes())
        (score,) = compose(song, complaints).scores
    except FormatError as error:
        return str(error)
    return song, score, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    default = ROOT.parent / "shared" / "data" / "gp"
    parser.add_argument("folder", type=Path, nargs="?", default=default)
    parser.add_argument("--list", type=int, default=0, metavar="N", help="show N files a kind")
    options = parser.parse_args()
    paths = [p for p in sorted(options.folder.rglob("*")) if p.suffix.lower() in SUFFIXES]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: dict[str, list[float]] = defaultdict(list)
    reasons: dict[str, list[str]] = defaultdict(list)
    for start in range(0, len(paths), BATCH):
        compare(paths[start : start + BATCH], counts, seconds, reasons)
    for kind in sorted(counts):
        row = ", ".join(f"{n} {name}" for name, n in sorted(counts[kind].items()))
        slowest = max(seconds[kind], default=0.0)
        mean = sum(seconds[kind]) / max(len(seconds[kind]), 1)
        print(f"{kind}: {row}; {mean:.3f} s a file, {slowest:.2f} s at most")
    for reason, found in sorted(reasons.items()):
        print(f"{reason}: {len(found)}")
        for line in found[: options.list]:
            print(f"    {line}")


def with_other_drums(song: Song) -> Song:
    """The song with the kick drum and the ride bell that alphaTab takes."""
    other = deepcopy(song)
    for part in other.parts:
        for note in (n for m in part.measures for v in m for b in v for n in b.notes):
            if part.is_drum:
                note.fret = DISPUTED.get(note.fret, note.fret)
    return other


def compare(
    paths: Sequence[Path],
    counts: dict[str, Counter[str]],
    seconds: dict[str, list[float]],
    reasons: dict[str, list[str]],
) -> None:
    pages = pages_with_alphatab([path.read_bytes() for path in paths])
    written: list[tuple[Path, Song, bytes]] = []
    for path, page in zip(paths, pages, strict=True):
        kind, ours = path.suffix.lower(), read(path)
        count = counts[kind]
        count["files"] += 1
        if isinstance(page, str):
            count["not read by alphaTab"] += 1
            count["read by us alone"] += not isinstance(ours, str)
            continue
        count["read by alphaTab"] += 1
        if isinstance(ours, str):
            reasons["read by alphaTab alone"].append(f"{path.name}: {ours}")
            continue
        song, score, spent = ours
        count["read by both"] += 1
        seconds[kind].append(spent)
        differ = differences(song, page)
        count["same page"] += not differ
        if differ and kind == ".gpx" and not differences(with_other_drums(song), page):
            reasons[
                "another kick or ride bell of Guitar Pro 6, on which its readers differ"
            ].append(path.name)
        elif differ:
            reasons["another page"].append(f"{path.name}: {len(differ)} times, {differ[0]}")
        again, _ = engrave(score, LIMITS)
        written.append((path, again, write_gp(again, Complaints()).data))
    for (path, song, _), page in zip(
        written, pages_with_alphatab([data for *_, data in written]), strict=True
    ):
        differ = [page] if isinstance(page, str) else differences(song, page)
        counts[path.suffix.lower()]["same when written as .gp"] += not differ
        if differ:
            reasons["another page when written"].append(f"{path.name}: {differ[0]}")


if __name__ == "__main__":
    main()
