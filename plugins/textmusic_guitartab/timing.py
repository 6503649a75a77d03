"""Played times to ticks: which notes are struck together, when, and when they end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import gcd

from textmusic.clock import Clock
from textmusic.lengths import BEAT
from textmusic_guitartab.music import Groups, Struck, grace_of
from textmusic_guitartab.piece import MAX_GRACES, MAX_NOTES

__all__ = ["beats_of"]

_LAST_TICK = 10_000 * 4 * BEAT
"""Notes later than 10,000 whole notes, or after MAX_NOTES, come from damaged files: left out."""
_SHORTEST_REST = BEAT // 4


_Group = tuple[int, int, Struck]
"""Onset, end of the longest, and the notes."""


def beats_of(groups: Groups, clock: Clock, tpq: int) -> tuple[Groups, int, int]:
    """Return what is struck at which ticks, how many onsets were moved, and of how many.

    Args:
        groups: with times in parts of a quarter.
        clock: of the score.
        tpq: those parts.
    """
    even = _even(groups, clock, tpq)
    if even:
        return even, 0, len(even.onsets)
    fine = _fine(groups, tpq)
    onsets = [onset for onset, _, _ in fine]
    ends = [end for _, end, _ in fine]
    free = [e for e, o in zip(ends, onsets[1:], strict=False) if e < o] + ends[-1:]
    ticks = clock.snap(onsets, free)
    moved = sum([ticks[onset] * tpq != onset for onset in onsets])
    if moved:
        fine = _merged(fine, ticks)
    stops: list[int] = []
    following: int | None = None
    for onset, end, _ in reversed(fine):
        tick = ticks[onset]
        if following is not None and end >= following * tpq:
            stop = following
        else:
            stop = _stop(clock, tpq, (tick, following), end, ticks.get(end))
        stops.append(stop)
        following = tick
    starts = [ticks[onset] for onset, _, _ in fine]
    return Groups(starts, stops[::-1], [struck for _, _, struck in fine]), moved, len(onsets)


def _even(groups: Groups, clock: Clock, tpq: int) -> Groups | None:
    """What is struck when, where all times are such as any music may have; else None.

    Most music is so; the result is that of the other way, which asks for the grid of each beat.
    """
    onsets, ends, struck = groups
    step, rest = divmod(gcd(*onsets, *ends) * BEAT, tpq)
    if rest or not clock.is_free(step):
        return None
    late = onsets[-1] * BEAT > _LAST_TICK * tpq or sum(map(len, struck)) > MAX_NOTES
    if late or any(map(grace_of, filter(None, [notes[0][3] for notes in struck]))):
        return None
    ticks = [onset * BEAT // tpq for onset in onsets]
    stops = [end * BEAT // tpq for end in ends]
    return Groups(ticks, list(map(min, stops, [*ticks[1:], stops[-1]])), struck)


def _fine(groups: Groups, tpq: int) -> list[_Group]:
    """The groups at fine times; grace notes only where they have a main note."""
    kept: list[_Group] = []
    total = 0
    for onset, end, struck in zip(*groups, strict=True):
        total += len(struck)
        if onset * BEAT > _LAST_TICK * tpq or total > MAX_NOTES:
            break
        if struck[0][3] and grace_of(struck[0][3]):
            struck = _ranked(struck)
        if struck:
            kept.append((onset * BEAT, end * BEAT, struck))
    return kept


@lru_cache(maxsize=1 << 10)
def _ranked(struck: Struck) -> Struck:
    """The notes with the grace notes of the first MAX_GRACES ranks numbered from 1 on."""
    graces = [grace_of(marks) for _, _, _, marks in struck]
    if all(graces):
        return ()
    ranks = sorted({*graces} - {0})[:MAX_GRACES]
    kept = []
    for note, grace in zip(struck, graces, strict=True):
        if grace in ranks:
            pitch, velocity, string, marks = note
            others = {mark for mark in marks if not mark.startswith("grace:")}
            marks = frozenset({*others, f"grace:{ranks.index(grace) + 1}"})
            kept.append((pitch, velocity, string, marks))
        elif not grace:
            kept.append(note)
    return tuple(kept)


def _merged(groups: Sequence[_Group], ticks: dict[int, int]) -> list[_Group]:
    """The groups; what comes to lie on one tick is struck together."""
    merged: dict[int, _Group] = {}
    for onset, end, struck in groups:
        first, last, before = merged.get(ticks[onset], (onset, 0, ()))
        merged[ticks[onset]] = (first, max(last, end), before + struck)
    return list(merged.values())


def _stop(
    clock: Clock, tpq: int, span: tuple[int, int | None], end: int, snapped: int | None
) -> int:
    """The tick at which an event ends; `end` is fine, `span` its own tick and the next event's."""
    tick, following = span
    stop = clock.beat(end // tpq)[1] if snapped is None else snapped
    if stop <= tick:
        stop = clock.beat(tick)[1]
    if following is not None:
        played = stop * tpq != end
        stop = following if played and following - stop < _SHORTEST_REST else min(stop, following)
    return stop
