"""What alphaTab, running headless in node, reads from Guitar Pro files."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import tempfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from textmusic.score import Score, Track

__all__ = ["Seen", "SeenTrack", "alphatab_or_skip", "expected", "heard", "read_with_alphatab"]

HERE = Path(__file__).parent
_TICKS = 960
_UNKNOWN = Fraction(0)
"""The length of drum notes: alphaTab cannot tell which drum note a tie prolongs."""
_SUBSTITUTES = {27: 42, 28: 60, 32: 31}
"""Drum keys of Guitar Pro 3-5 files that alphaTab has no sound for, and what it gives for them."""

Sound = tuple[Fraction, int | None, int, Fraction, bool]
"""Onset in quarters, string (None on drums), fret or drum key, length, is dead."""


@dataclass(frozen=True)
class SeenTrack:
    """A track as alphaTab sees it, ties merged; it does not tell the key of drum grace notes."""

    is_drum: bool
    program: int
    tuning: tuple[int, ...]
    capo: int
    sounds: tuple[Sound, ...]
    graces: tuple[tuple[Fraction, int, int], ...]


@dataclass(frozen=True)
class Seen:
    """A file as alphaTab sees it; `bars` are (start in quarters, numerator, denominator)."""

    title: str
    bars: tuple[tuple[Fraction, int, int], ...]
    tempos: tuple[tuple[Fraction, float], ...]
    tracks: tuple[SeenTrack, ...]


def alphatab_or_skip() -> None:
    """Skip the test where alphaTab is not installed; on a build server fail instead."""
    missing = not (HERE / "node_modules" / "@coderline" / "alphatab").is_dir()
    if not missing and shutil.which("node"):
        return
    message = "alphaTab is not installed: run `npm install` in tests/oracles (needs node)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def read_with_alphatab(files: Sequence[bytes]) -> list[Seen | str]:
    """Return what alphaTab sees in each file, or its error message."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.gp" for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        done = subprocess.run(
            ["node", "dump.mjs"],
            input="".join(f"{path}\n" for path in paths),
            capture_output=True,
            check=True,
            cwd=HERE,
            encoding="utf-8",
        )
    return [_seen(json.loads(line)) for line in done.stdout.splitlines()]


def _seen(raw: dict[str, Any]) -> Seen | str:
    if "error" in raw:
        return str(raw["error"])
    bars = [raw["bars"][index] for index in raw["order"]]
    starts = [Fraction(0)]
    for bar in bars:
        numerator, denominator = bar["signature"]
        starts.append(starts[-1] + Fraction(4 * numerator, denominator))
    lengths = [after - start for start, after in pairwise(starts)]
    onsets = _onsets(raw["tracks"])
    tempos = [
        (_tick(start + _onset(onsets[index], length, position)), float(value))
        for index, bar, start, length in zip(raw["order"], bars, starts, lengths, strict=False)
        for position, value in dict.fromkeys(map(tuple, bar["tempos"]))
    ]
    changes = [tempo for last, tempo in pairwise([(0, 0.0), *tempos]) if tempo[1] != last[1]]
    played = tuple((start, *bar["signature"]) for bar, start in zip(bars, starts, strict=False))
    tracks = tuple(_track(track, raw["order"], starts) for track in raw["tracks"])
    return Seen(raw["title"], played, tuple(changes), tracks)


def _onsets(tracks: Iterable[dict[str, Any]]) -> dict[int, dict[int, set[Fraction]]]:
    """The exact onsets in each measure of the beats that alphaTab plays at each of its ticks."""
    found: dict[int, dict[int, set[Fraction]]] = defaultdict(lambda: defaultdict(set))
    for track in tracks:
        measures: dict[int, list[dict[str, Any]]] = {}
        for beat in track["beats"]:
            measures.setdefault(beat["bar"], []).append(beat)
        for index, beats in measures.items():
            for beat, onset in _timed(beats, Fraction(0)):
                if not beat["grace"]:
                    found[index][beat["played"]].add(onset)
    return found


def _onset(onsets: Mapping[int, set[Fraction]], length: Fraction, position: float) -> Fraction:
    """The place of a tempo in its bar: alphaTab gives the tick of its beat as a share of the bar.

    That tick lies beside the beat's onset where tuplets before it were cut to whole ticks.
    """
    time = length * Fraction(position)
    return min(onsets.get(round(time * _TICKS), {time}), key=lambda onset: abs(onset - time))


def _tick(time: Fraction) -> Fraction:
    """Round to alphaTab's ticks."""
    return Fraction(round(time * _TICKS), _TICKS)


def _track(raw: dict[str, Any], order: list[int], starts: list[Fraction]) -> SeenTrack:
    """Add up exact onsets from note values, and merge ties in playing order."""
    beats: dict[int, list[dict[str, Any]]] = {}
    for beat in raw["beats"]:
        beats.setdefault(beat["bar"], []).append(beat)
    last: dict[tuple[int, int], int] = {}
    sounds: list[Sound] = []
    graces: list[tuple[Fraction, int, int]] = []
    drums = raw["percussion"]
    for index, start in zip(order, starts, strict=False):
        for beat, onset in _timed(beats.get(index, ()), start):
            if beat["grace"]:
                graces += [(onset, n["string"], n["fret"]) for n in beat["notes"] if not drums]
                continue
            length = _length(beat)
            for note in beat["notes"]:
                key = (beat["voice"], note["string"])
                if drums:
                    if not note["tie"]:
                        sounds.append((onset, None, _drum(note["key"]), _UNKNOWN, note["dead"]))
                    continue
                if note["tie"] and key in last:
                    before = sounds[last[key]]
                    sounds[last[key]] = (*before[:3], onset + length - before[0], before[4])
                    continue
                last[key] = len(sounds)
                sounds.append((onset, note["string"], note["fret"], length, note["dead"]))
    return SeenTrack(
        drums,
        raw["program"],
        () if drums else tuple(raw["tuning"]),
        raw["capo"],
        tuple(sorted(sounds, key=_order)),
        tuple(sorted(graces)),
    )


def _timed(
    beats: Iterable[dict[str, Any]], start: Fraction
) -> Iterator[tuple[dict[str, Any], Fraction]]:
    """Yield the beats of a measure with their onsets."""
    clock: dict[int, Fraction] = {}
    count: dict[int, int] = {}
    for beat in beats:
        offset = clock.get(beat["voice"], Fraction(0))
        if not beat["grace"]:
            # alphaTab cuts each tuplet note to whole ticks, so its own clock drifts a little
            assert abs(beat["start"] - offset * _TICKS) <= count.get(beat["voice"], 0), beat
            count[beat["voice"]] = count.get(beat["voice"], 0) + 1
            clock[beat["voice"]] = offset + _length(beat)
        yield beat, start + offset


def _drum(key: int) -> int:
    return _SUBSTITUTES.get(key, key)


def _length(beat: dict[str, Any]) -> Fraction:
    value = beat["duration"]
    base = Fraction(4, value) if value > 0 else Fraction(-4 * value)
    played, times = beat["tuplet"]
    return base * (2 - Fraction(1, 2 ** beat["dots"])) * times / played


def _order(sound: Sound) -> tuple[Fraction, int, int, Fraction, bool]:
    return sound[0], -1 if sound[1] is None else sound[1], *sound[2:]


def heard(seen: Seen | str, score: Score) -> bool:
    """Whether alphaTab sees a score; it may see silent measures after the last note."""
    if isinstance(seen, str):
        return False
    known = expected(score)
    count = len(known.bars)
    end = seen.bars[count][0] if len(seen.bars) > count else math.inf
    tempos, wanted = (
        tuple(tempo for tempo in each.tempos if tempo[0] < end) for each in (seen, known)
    )
    here = seen.bars[:count], tempos, _sounding(seen)
    return here == (known.bars, wanted, _sounding(known))


def _sounding(seen: Seen) -> object:
    return [(t.is_drum, t.tuning, t.capo, t.sounds, t.graces) for t in seen.tracks]


def expected(score: Score) -> Seen:
    """Return a score as alphaTab should see it: every note on its string, times in quarters."""

    def quarters(ticks: int) -> Fraction:
        return Fraction(ticks, score.tpq)

    def track(each: Track) -> SeenTrack:
        sounds = []
        graces = []
        for note in each.notes:
            fret = _drum(note.pitch) if each.is_drum else each.fret(note)
            assert fret is not None
            if note.duration == 0:
                if not each.is_drum:
                    graces.append((quarters(note.onset), note.string or 0, fret))
                continue
            string = None if each.is_drum else note.string
            dead = "dead" in note.marks
            length = _UNKNOWN if each.is_drum else quarters(note.duration)
            sounds.append((quarters(note.onset), string, fret, length, dead))
        return SeenTrack(
            each.is_drum,
            each.program,
            each.tuning,
            each.capo,
            tuple(sorted(sounds, key=_order)),
            tuple(sorted(graces)),
        )

    bars = tuple(
        (quarters(b.onset), b.numerator, b.denominator) for b in score.bars(max(score.end, 1))
    )
    tempos = tuple(_tempos(score))
    return Seen(score.get("title"), bars, tempos, tuple(map(track, score.tracks)))


def _tempos(score: Score) -> Iterator[tuple[Fraction, float]]:
    """Yield the tempos; alphaTab 1.8 drops one whose value an earlier one of its bar had."""
    starts = [bar.onset for bar in score.bars()]
    seen = set()
    last = 0.0
    for tempo in score.tempos:
        key = (bisect_right(starts, tempo.onset), tempo.qpm)
        if key not in seen and tempo.qpm != last:
            last = tempo.qpm
            yield _tick(Fraction(tempo.onset, score.tpq)), tempo.qpm
        seen.add(key)
