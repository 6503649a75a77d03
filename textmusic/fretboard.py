"""Where to play a pitch on the neck: tunings, and pitch -> (string, fret) for a whole track.

`finger` runs a dynamic program over hand positions. At position p the index finger lies at fret p
and the hand covers the frets p…p+3 (p+4 by a stretch); open strings need no finger. For each group
of simultaneous notes and each position there is a best shape; the program finds the sequence of
positions for which shapes and moves of the hand cost least together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType

from textmusic.errors import Issue
from textmusic.score import Note, Track

__all__ = ["BASS", "GUITAR", "TUNINGS", "finger", "octave_shift"]

GUITAR = (40, 45, 50, 55, 59, 64)
BASS = (28, 33, 38, 43)
TUNINGS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "guitar": GUITAR,
        "drop-d": (38, 45, 50, 55, 59, 64),
        "double-drop-d": (38, 45, 50, 55, 59, 62),
        "dadgad": (38, 45, 50, 55, 57, 62),
        "open-g": (38, 43, 50, 55, 59, 62),
        "open-d": (38, 45, 50, 54, 57, 62),
        "half-step-down": (39, 44, 49, 54, 58, 63),
        "whole-step-down": (38, 43, 48, 53, 57, 62),
        "drop-c": (36, 43, 48, 53, 57, 62),
        "guitar-7": (35, 40, 45, 50, 55, 59, 64),
        "guitar-8": (30, 35, 40, 45, 50, 55, 59, 64),
        "bass": BASS,
        "bass-5": (23, 28, 33, 38, 43),
        "bass-6": (23, 28, 33, 38, 43, 48),
        "ukulele": (67, 60, 64, 69),
        "mandolin": (55, 62, 69, 76),
        "banjo": (67, 50, 55, 59, 62),
    }
)
"""Open strings as MIDI numbers, string 0 first, by name."""

_REACH = 3
_STRETCH = 4
_STRETCH_COST = 0.6
_MOVE_COST = 0.5
_HEIGHT_COST = 0.1
_OUT_OF_HAND_COST = 3.0
_MAX_TRIES = 2000

_Shape = tuple[int, ...]
"""The string of each note of a group, -1 for a note that is left out."""
_Group = tuple[tuple[int, int | None], ...]
"""(pitch, string or None) of simultaneous notes."""


def finger(
    track: Track,
    tuning: tuple[int, ...] = GUITAR,
    capo: int = 0,
    max_fret: int = 24,
    *,
    octaves: bool = False,
) -> tuple[Track, tuple[Issue, ...]]:
    """Give every note of a track a string.

    Notes that have a playable string keep it; simultaneous notes get different strings.

    Args:
        track: what to play. Its own tuning and capo, where it has a tuning, come before the
            arguments.
        tuning: MIDI numbers of the open strings, string 0 first.
        capo: fret of the capo, 0 for none.
        max_fret: highest fret, counted from the capo.
        octaves: move notes outside the instrument's range by octaves instead of dropping them.

    Returns:
        The track with strings on all notes that are left, and warnings
        ``fretboard.octave``, ``fretboard.string`` (the string of a note was taken, or cannot play
        it) and ``fretboard.dropped``, one each, that say how many and the first.
    """
    if track.tuning:
        tuning, capo = track.tuning, track.capo
    opens = [pitch + capo for pitch in tuning]
    notes, moved = _in_range(track.notes, opens, max_fret, octaves=octaves)
    groups = [list(g) for _, g in groupby(notes, key=lambda n: (n.onset, n.grace))]
    kept: list[Note] = []
    dropped = [n for n in track.notes if not octaves and not _strings(n.pitch, opens, max_fret)]
    shapes = _shapes(tuple(opens), max_fret, [_keys(group) for group in groups])
    for group, shape in zip(groups, shapes, strict=True):
        for note, string in zip(group, shape, strict=True):
            if string < 0:
                dropped.append(note)
            else:
                kept.append(note if note.string == string else replace(note, string=string))
    issues = [*_report("fretboard.octave", "moved by octaves to fit the instrument", moved)]
    gone = {_place(note) for note in (*moved, *dropped, *kept)}
    other = [n for n in track.notes if n.string is not None and _place(n) not in gone]
    issues += _report("fretboard.string", "play on another string than theirs", other)
    issues += _report("fretboard.dropped", "left out: no free string can play them", dropped)
    fingered = replace(track, notes=tuple(kept), tuning=tuning, capo=capo)
    return fingered, tuple(issues)


def octave_shift(
    pitches: Iterable[int], tuning: Sequence[int] = GUITAR, capo: int = 0, max_fret: int = 24
) -> int:
    """Return the number of semitones, whole octaves, that brings a piece best onto the neck.

    Best means: as many notes as possible in range, then low on the neck, then near the original.
    """
    counts: dict[int, int] = {}
    for pitch in pitches:
        counts[pitch] = counts.get(pitch, 0) + 1
    if not counts:
        return 0
    opens = [pitch + capo for pitch in tuning]

    def cost(shift: int) -> float:
        total = 0.0
        for pitch, count in counts.items():
            frets = [pitch + shift - o for o in opens if 0 <= pitch + shift - o <= max_fret]
            total += count * (max(0, min(frets) - 4) if frets else 1000)
        return total / sum(counts.values()) + abs(shift) / 12

    return min((12 * k for k in (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5)), key=cost)


def _place(note: Note) -> tuple[int, int, int, int | None]:
    return note.onset, note.grace, note.pitch, note.string


def _keys(group: Sequence[Note]) -> _Group:
    """What decides the shapes of a group; of notes on one string the first keeps it."""
    taken: set[int | None] = set()
    keys: list[tuple[int, int | None]] = []
    for note in group:
        keys.append((note.pitch, None if note.string in taken else note.string))
        taken.add(note.string)
    return tuple(keys)


def _strings(pitch: int, opens: Sequence[int], max_fret: int) -> list[int]:
    return [s for s, low in enumerate(opens) if 0 <= pitch - low <= max_fret]


def _in_range(
    notes: Iterable[Note], opens: Sequence[int], max_fret: int, *, octaves: bool
) -> tuple[list[Note], list[Note]]:
    """The notes that some string can play, moved by octaves where asked; and those moved."""
    inside: list[Note] = []
    moved: list[Note] = []
    for note in notes:
        if _strings(note.pitch, opens, max_fret):
            fits = note.string is None or 0 <= note.pitch - opens[note.string] <= max_fret
            inside.append(note if fits else replace(note, string=None))
            continue
        steps = sorted((12 * k for k in range(-10, 11)), key=abs)
        fitting = (s for s in steps if _strings(note.pitch + s, opens, max_fret))
        step = next(fitting, None) if octaves else None
        if step is not None:
            moved.append(note)
            inside.append(replace(note, pitch=note.pitch + step, string=None))
    inside.sort(key=lambda n: (n.onset, -n.grace, n.pitch))
    return inside, moved


def _report(code: str, what: str, notes: Sequence[Note]) -> list[Issue]:
    if not notes:
        return []
    first = notes[0]
    message = f"{len(notes)} notes {what}; the first has pitch {first.pitch} at tick {first.onset}"
    return [Issue(code, message, 0, 0, "warning")]


def _shapes(opens: tuple[int, ...], max_fret: int, groups: Sequence[_Group]) -> list[_Shape]:
    """The cheapest sequence of shapes."""
    if not groups:
        return []
    costs = [0.0] * len(_positions(max_fret))
    origins: list[list[int]] = []
    for group in groups:
        reached, origin = _moved(costs)
        origins.append(origin)
        ways = _ways(opens, max_fret, group)
        costs = [a + b for a, (b, _) in zip(reached, ways, strict=True)]
    place = min(range(len(costs)), key=costs.__getitem__)
    found: list[_Shape] = []
    for group, origin in zip(reversed(groups), reversed(origins), strict=True):
        found.append(_ways(opens, max_fret, group)[place][1])
        place = origin[place]
    return found[::-1]


def _positions(max_fret: int) -> range:
    return range(1, max(1, max_fret - _REACH) + 1)


@lru_cache(maxsize=1 << 12)
def _ways(opens: tuple[int, ...], max_fret: int, group: _Group) -> list[tuple[float, _Shape]]:
    """The best shape of a group at each position; notes are left out where they must be."""
    neck = _Neck(opens, max_fret)
    chosen, strings = neck.playable(group)
    return [neck.shape(group, chosen, strings, place) for place in _positions(max_fret)]


class _Neck:
    """One instrument."""

    def __init__(self, opens: Sequence[int], max_fret: int) -> None:
        self.opens = opens
        self.max_fret = max_fret

    def playable(self, group: _Group) -> tuple[list[int], _Shape]:
        """Return the indices of notes that can sound together, and strings that play them.

        Notes with a string come first, then the outer ones: bass and melody matter most.
        """
        middle = (len(group) - 1) / 2
        order = sorted(range(len(group)), key=lambda i: (group[i][1] is None, -abs(i - middle)))
        chosen: list[int] = []
        strings: _Shape = ()
        for index in order:
            trial = sorted([*chosen, index])
            if len(trial) <= len(self.opens):
                found = self._search(group, trial, lambda _: 0.0)
                if found is not None:
                    chosen, strings = trial, found[1]
        return chosen, strings

    def shape(
        self, group: _Group, chosen: Sequence[int], strings: _Shape, position: int
    ) -> tuple[float, _Shape]:
        """Return the best shape of chosen notes at a position, and what it costs."""

        def cost(fret: int) -> float:
            if fret == 0:
                return 0.0
            if position <= fret <= position + _REACH:
                return 0.02 * fret
            if fret == position + _STRETCH:
                return _STRETCH_COST
            beyond = position - fret if fret < position else fret - position - _STRETCH
            return _OUT_OF_HAND_COST * beyond

        total, strings = self._search(group, chosen, cost) or (_OUT_OF_HAND_COST, strings)
        shape = [-1] * len(group)
        for index, string in zip(chosen, strings, strict=True):
            shape[index] = string
        return total + _HEIGHT_COST * position, tuple(shape)

    def _search(
        self, group: _Group, chosen: Sequence[int], cost: Callable[[int], float]
    ) -> tuple[float, _Shape] | None:
        """The cheapest strings for the chosen notes, all different; None where there are none."""
        options: list[list[tuple[float, int]]] = []
        for index in chosen:
            pitch, fixed = group[index]
            strings = [fixed] if fixed is not None else range(len(self.opens))
            frets = [(pitch - self.opens[s], s) for s in strings]
            found = [(cost(f), s) for f, s in frets if 0 <= f <= self.max_fret]
            options.append(sorted(found, key=lambda o: (o[0], -o[1])))
        best: tuple[float, _Shape] | None = None
        tries = 0

        def place(depth: int, used: int, total: float, shape: _Shape) -> None:
            nonlocal best, tries
            tries += 1
            if tries > _MAX_TRIES or (best is not None and total >= best[0]):
                return
            if depth == len(options):
                best = (total, shape)
                return
            for price, string in options[depth]:
                if not used >> string & 1:
                    place(depth + 1, used | 1 << string, total + price, (*shape, string))

        place(0, 0, 0.0, ())
        return best


def _moved(costs: Sequence[float]) -> tuple[list[float], list[int]]:
    """The cheapest way to be at each position after one move, and where it came from."""
    reached = list(costs)
    origin = list(range(len(costs)))
    for step, indices in ((-1, range(1, len(costs))), (1, range(len(costs) - 2, -1, -1))):
        for index in indices:
            price = reached[index + step] + _MOVE_COST
            if price < reached[index]:
                reached[index] = price
                origin[index] = origin[index + step]
    return reached, origin
