"""What a .gp5 file must hold of a score, whatever its writer says is lost: used by `readers.py`.

Most of what the writer names excuses nothing here: techniques, modes and keys, texts, dynamics,
the order of voices, repeats that are written out, tempos that are rounded, which must be the
rounded ones. What concerns notes excuses as many notes as it says, in the track that it says, and
each only in the respect that it says; of a bar that is cut short the time signature may differ,
of no other. All else must be the same: every note's onset, length, string, pitch, whether it is
dead or a grace note; tunings, capos, tempos, the bars and their signatures.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import ceil
from operator import itemgetter

from textmusic.errors import Issue
from textmusic.form import fold
from textmusic.score import Bar, Note, Score, Track

__all__ = ["missing"]

PLACE = re.compile(r"track (\d+)\b(?: \(.*\))?: (?:\d+ strings, .*; )?(\d+) (?:grace )?notes ")
TEMPOS = re.compile(r"(\d+) tempo changes (move|left out)")
NEAR = Fraction(1, 16)
"""Quarters by which a time may move: the shortest note value."""
BAR_GRID = 16
"""Parts of a quarter in which the lengths of measures are whole."""
LARGEST_METRE = 32, 64
EXCUSES = {
    "guitarpro.moved": "onset",
    "guitarpro.length": "length",
    "guitarpro.shortened": "length",
    "guitarpro.strings": "any string",
    "fretboard.string": "any string",
    "guitarpro.grace-string": "grace string",
    "guitarpro.grace": "no grace",
    "guitarpro.dropped": "no note",
    "guitarpro.fret": "nothing",
    "fretboard.dropped": "nothing",
}
WIDER = {
    "no note": "nothing",
    "no grace": "nothing",
    "string": "any string",
    "grace string": "any string",
}
"""Excuses for grace notes and others alike."""


@dataclass(frozen=True, order=True)
class Sound:
    """A note; times in quarters, `string` counted from 0, -1 where there is none."""

    onset: Fraction
    pitch: int
    string: int
    length: Fraction
    dead: bool
    grace: int


def missing(score: Score, back: Score, issues: Sequence[Issue]) -> tuple[str | None, bool]:
    """Compare a score with what was read back from the file written of it.

    Args:
        score: what was written.
        back: what our reader finds in the file; `readers.py` compares it with alphaTab.
        issues: what the writer named.

    Returns:
        What is lost that no issue excuses, or None; and whether anything needed an excuse.
    """
    excuses = _excuses(issues)
    score, back = _bare(score), _bare(back)
    if (page := fold(score)) and (page_back := fold(back)):
        score, back = page[0], page_back[0]  # the writer counts what stands on the page
    end = max(Fraction(score.end, score.tpq), Fraction(1, score.tpq))
    reasons: list[str] = []
    excused = False
    if (left := _bars(back, end)) != _bars(score, end):
        reasons += _unlike_bars(score, end, left)
        excused = True
    wanted, left_tempos = _tempos(score), _tempos(back)
    if any(onset < end for onset, _ in {*wanted} ^ {*left_tempos}):
        reasons += _unlike_tempos(wanted, left_tempos, end, issues)
        excused = True
    if len(back.tracks) != max(len(score.tracks), 1):
        reasons.append("the .gp5 has other tracks")
    for number, (track, other) in enumerate(zip(score.tracks, back.tracks, strict=False), 1):
        narrowed = len(other.tuning) < len(track.tuning)
        may = Counter({kind: n for (place, kind), n in excuses.items() if place == number})
        if not _same_strings(track, other, narrowed=narrowed):
            reasons.append("the .gp5 has another tuning")
        for first in ("onset", "string"):
            needed = _needed(track, other, (score.tpq, back.tpq), first)
            over: Counter[str] = Counter()
            for kind, count in (needed - may).items():
                over[WIDER.get(kind, kind)] += count
            if not over - may:
                break
        reasons += [f"the .gp5 has other notes: {kind}" for kind in sorted(over - may)]
        excused |= bool(needed) or narrowed
    return (reasons[0] if reasons else None), excused


def _bare(score: Score) -> Score:
    """The score without techniques: whether one is a pull-off may change when it is repeated."""

    def bare(note: Note) -> Note:
        marks = frozenset(mark for mark in note.marks if mark.startswith(("dead", "grace:")))
        return replace(note, velocity=64, marks=marks)

    tracks = (replace(track, notes=tuple(map(bare, track.notes))) for track in score.tracks)
    return replace(score, tracks=tuple(tracks))


def _excuses(issues: Iterable[Issue]) -> Counter[tuple[int, str]]:
    """How many notes of each track may differ, and in what."""
    found: Counter[tuple[int, str]] = Counter()
    for issue in issues:
        match = PLACE.match(issue.message)
        if issue.code in EXCUSES and match:
            found[int(match[1]), EXCUSES[issue.code]] += int(match[2])
    return found


def _same_strings(track: Track, other: Track, *, narrowed: bool) -> bool:
    if track.is_drum != other.is_drum:
        return False
    if track.is_drum or not track.tuning:
        return True
    if narrowed:
        first = range(len(track.tuning) - len(other.tuning) + 1)
        fits = any(track.tuning[i : i + len(other.tuning)] == other.tuning for i in first)
        return fits and len(other.tuning) == 7 and track.capo == other.capo
    return (track.tuning, track.capo) == (other.tuning, other.capo)


def _bars(score: Score, end: Fraction) -> list[tuple[Fraction, int, int]]:
    bars = score.bars(ceil(end * score.tpq))
    return [(Fraction(b.onset, score.tpq), b.numerator, b.denominator) for b in bars]


def _unlike_bars(
    score: Score, end: Fraction, left: Sequence[tuple[Fraction, int, int]]
) -> Iterator[str]:
    """Bars must lie on the place of a measure next to theirs; and, but for odd ones, be the same."""
    bars = score.bars(ceil(end * score.tpq))
    odd = {_place(bar.onset, score.tpq): _is_odd(bar, score.tpq) for bar in bars}
    there = set(left)
    starts = {start for start, *_ in left}
    for bar in bars:
        start = _place(bar.onset, score.tpq)
        if start not in starts:
            yield "the .gp5 lacks a bar line"
        elif (start, bar.numerator, bar.denominator) not in there and not odd[start]:
            yield "the .gp5 has another metre"
    for start in starts - odd.keys():
        if not odd[max(other for other in odd if other < start)]:
            yield "the .gp5 has one more bar line"


def _place(tick: int, tpq: int) -> Fraction:
    return Fraction((2 * tick * BAR_GRID + tpq) // (2 * tpq), BAR_GRID)


def _is_odd(bar: Bar, tpq: int) -> bool:
    """Whether a measure needs another signature than its bar has, or several."""
    off_grid = any(time * BAR_GRID % tpq for time in (bar.onset, bar.end))
    return (
        bar.is_short
        or off_grid
        or bar.numerator > LARGEST_METRE[0]
        or bar.denominator > LARGEST_METRE[1]
    )


def _tempos(score: Score) -> list[tuple[Fraction, int]]:
    """Onset and value of each change, as whole quarters a minute."""
    found: dict[Fraction, int] = {Fraction(0): 120}
    for tempo in score.tempos:
        found[Fraction(tempo.onset, score.tpq)] = max(round(tempo.qpm), 1)
    changes: list[tuple[Fraction, int]] = []
    for onset, value in sorted(found.items()):
        if not changes or changes[-1][1] != value:
            changes.append((onset, value))
    return changes


def _unlike_tempos(
    wanted: Sequence[tuple[Fraction, int]],
    left: Sequence[tuple[Fraction, int]],
    end: Fraction,
    issues: Iterable[Issue],
) -> Iterator[str]:
    """As many changes up to the end as the writer says may lie beside their place, or be lost.

    Without a change that is left out the next one may be none: it goes back to the tempo before.
    """
    named = Counter({"move": 0, "left out": 0})
    for match in filter(None, (TEMPOS.match(issue.message) for issue in issues)):
        named[match[2]] += int(match[1])
    gone = {change for change in wanted if change[0] < end} - {*left}
    come = {change for change in left if change[0] <= end + NEAR} - {*wanted}
    few = len(come) <= named["move"] and len(gone) - len(come) <= 2 * named["left out"]
    if not few or not _follows(left, wanted, end):
        yield "the .gp5 has other tempos"


def _follows(
    left: Sequence[tuple[Fraction, int]], wanted: Sequence[tuple[Fraction, int]], end: Fraction
) -> bool:
    """Whether up to the end the tempo is one that is wanted then or shortly before or after."""
    edges = {onset + by for onset, _ in (*left, *wanted) for by in (-NEAR, 0, NEAR)}
    for time in (edge for edge in edges if 0 <= edge < end):  # in between nothing changes
        near = {tempo for onset, tempo in wanted if abs(onset - time) <= NEAR}
        if _tempo_at(left, time) not in near | {_tempo_at(wanted, time - NEAR)}:
            return False
    return True


def _tempo_at(tempos: Sequence[tuple[Fraction, int]], time: Fraction) -> int:
    """The tempo at a time, or at the start."""
    return tempos[max(bisect_right(tempos, time, key=itemgetter(0)) - 1, 0)][1]


def _needed(track: Track, other: Track, ticks: tuple[int, int], first: str) -> Counter[str]:
    """How many notes differ in what; pairs that are alike in `first` are found before others."""
    same_neck = track.tuning == other.tuning
    wanted = Counter(_sound(note, track, ticks[0], same_neck=same_neck) for note in track.notes)
    left = Counter(_sound(note, other, ticks[1], same_neck=same_neck) for note in other.notes)
    gone, come = list((wanted - left).elements()), list((left - wanted).elements())
    pairs = [
        (first in kinds, len({*kinds} & {"onset", "string"}), len(kinds), _far(a, b), i, j, kinds)
        for (i, a), (j, b) in product(enumerate(gone), enumerate(come))
        if (kinds := _differ(a, b)) is not None
    ]
    needed: Counter[str] = Counter()
    lost, new = set(range(len(gone))), set(range(len(come)))
    for *_, i, j, kinds in sorted(pairs):
        if i in lost and j in new:
            lost.remove(i)
            new.remove(j)
            needed.update(kinds)
    needed.update("no grace" if gone[i].grace else "no note" for i in lost)
    needed.update("a note of its own" for _ in new)
    return needed


def _sound(note: Note, track: Track, tpq: int, *, same_neck: bool) -> Sound:
    """Strings of tracks that have lost some are told by their pitches."""
    string = -1
    if note.string is not None and track.tuning:
        string = note.string if same_neck else track.tuning[note.string]
    return Sound(
        Fraction(note.onset, tpq),
        note.pitch,
        string,
        Fraction(note.duration, tpq),
        "dead" in note.marks,
        note.grace,
    )


def _far(gone: Sound, come: Sound) -> Fraction:
    return abs(gone.onset - come.onset) + abs(gone.length - come.length)


def _differ(gone: Sound, come: Sound) -> list[str] | None:
    """In what a note differs from one in the file, if it may be that one."""
    same = (gone.pitch, gone.dead, gone.grace) == (come.pitch, come.dead, come.grace)
    if not same or abs(gone.onset - come.onset) > NEAR:
        return None
    kinds = []
    if gone.string not in {-1, come.string}:
        kinds.append("grace string" if gone.grace else "string")
    if gone.onset != come.onset:
        kinds.append("onset")
    longer = come.length - gone.length
    if longer > NEAR:
        return None
    if longer < -2 * NEAR or (longer and gone.onset == come.onset):
        kinds.append("length")
    return kinds
