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
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import ceil

from textmusic.errors import Issue
from textmusic.form import fold
from textmusic.score import Bar, Note, Score, Track

__all__ = ["missing"]

PLACE = re.compile(r"track (\d+)\b(?: \(.*\))?: (?:\d+ strings, .*; )?(\d+) (?:grace )?notes ")
TEMPOS = re.compile(r"(\d+) tempo changes move ")
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
    wanted, left_tempos = _tempos(score, end), _tempos(back, end)
    if wanted != left_tempos:
        reasons += _unlike_tempos(wanted, left_tempos, issues)
        excused = True
    if len(back.tracks) != max(len(score.tracks), 1):
        reasons.append("the .gp5 has other tracks")
    for number, (track, other) in enumerate(zip(score.tracks, back.tracks, strict=False), 1):
        narrowed = len(other.tuning) < len(track.tuning)
        may = Counter({kind: n for (place, kind), n in excuses.items() if place == number})
        if not _same_strings(track, other, narrowed=narrowed):
            reasons.append("the .gp5 has another tuning")
        needed = _needed(track, other, score.tpq, back.tpq)
        over: Counter[str] = Counter()
        for kind, count in (needed - may).items():
            over[WIDER.get(kind, kind)] += count
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


def _tempos(score: Score, end: Fraction) -> list[tuple[Fraction, int]]:
    """Onset and value of each change, as whole quarters a minute."""
    found: dict[Fraction, int] = {Fraction(0): 120}
    for tempo in score.tempos:
        found[Fraction(tempo.onset, score.tpq)] = max(round(tempo.qpm), 1)
    changes: list[tuple[Fraction, int]] = []
    for onset, value in sorted(found.items()):
        if onset < end and (not changes or changes[-1][1] != value):
            changes.append((onset, value))
    return changes


def _unlike_tempos(
    wanted: Sequence[tuple[Fraction, int]],
    left: Sequence[tuple[Fraction, int]],
    issues: Iterable[Issue],
) -> Iterator[str]:
    """As many changes as the writer says may lie beside their place."""
    named = [match for issue in issues if (match := TEMPOS.match(issue.message))]
    gone, come = sorted({*wanted} - {*left}), sorted({*left} - {*wanted})
    beside = len(gone) == len(come) and all(
        abs(a[0] - b[0]) <= NEAR and a[1] == b[1] for a, b in zip(gone, come, strict=True)
    )
    if not beside or len(gone) > sum(int(match[1]) for match in named):
        yield "the .gp5 has other tempos"


def _needed(track: Track, other: Track, tpq: int, other_tpq: int) -> Counter[str]:
    """How many notes differ in what; the fewest that explain all differences, or nearly so."""
    same_neck = track.tuning == other.tuning
    wanted = Counter(_sound(note, track, tpq, same_neck=same_neck) for note in track.notes)
    left = Counter(_sound(note, other, other_tpq, same_neck=same_neck) for note in other.notes)
    gone, come = list((wanted - left).elements()), list((left - wanted).elements())
    pairs = [
        ("onset" in kinds, "string" in kinds, len(kinds), i, j, kinds)
        for i, j in product(range(len(gone)), range(len(come)))
        if (kinds := _differ(gone[i], come[j])) is not None
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
