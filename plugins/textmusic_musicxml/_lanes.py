"""The notes of a track as voices in which only chords sound together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from textmusic.score import Note, Track

__all__ = ["Group", "Lane", "lanes_of"]


@dataclass(slots=True)
class Group:
    """Notes of one onset and length, and the grace notes before them; times in ticks."""

    onset: int
    end: int
    notes: list[Note] = field(default_factory=list)
    graces: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class Lane:
    """One voice: its number from 1, and its groups one after the other."""

    number: int
    groups: list[Group] = field(default_factory=list)


def lanes_of(track: Track) -> tuple[list[Lane], int]:
    """Return the voices of a track, the first one always, and how many notes changed voice.

    A note keeps the voice of its ``voice:N`` mark; what overlaps there goes to further voices.
    """
    classes: dict[int, list[Note]] = {1: []}
    for note in track.notes:
        classes.setdefault(_voice(note), []).append(note)
    lanes: list[Lane] = []
    extra: list[Lane] = []
    for number, notes in sorted(classes.items()):
        first, *others = _apart(notes) or [[]]
        lanes.append(Lane(number, first))
        extra += [Lane(0, groups) for groups in others]
    free = max(classes) + 1
    for lane in extra:
        lane.number, free = free, free + 1
    moved = sum(len(group.notes) + len(group.graces) for lane in extra for group in lane.groups)
    return [*lanes, *extra], moved


def _voice(note: Note) -> int:
    for mark in note.marks:
        head, _, value = mark.partition(":")
        if head == "voice" and value.isascii() and value.isdecimal() and 1 <= int(value[:3]) <= 32:
            return int(value[:3])
    return 1


def _apart(notes: Sequence[Note]) -> list[list[Group]]:
    """Put groups into as few lanes as hold them without an overlap, the highest pitches first."""
    lanes: list[list[Group]] = []
    ends: list[int] = []
    for group in sorted(_groups(notes), key=_order):
        place = next((i for i, end in enumerate(ends) if end <= group.onset), len(lanes))
        if place == len(lanes):
            lanes.append([])
            ends.append(0)
        lanes[place].append(group)
        # a grace note alone must not share its onset with the next group of its lane
        ends[place] = max(group.end, group.onset + (not group.notes))
    return lanes


def _order(group: Group) -> tuple[int, int, int]:
    return group.onset, -max(n.pitch for n in group.notes or group.graces), -group.end


def _groups(notes: Sequence[Note]) -> Iterator[Group]:
    found: dict[tuple[int, int], Group] = {}
    graces: dict[int, list[Note]] = {}
    for note in notes:
        if note.duration:
            key = (note.onset, note.end)
            found.setdefault(key, Group(*key)).notes.append(note)
        else:
            graces.setdefault(note.onset, []).append(note)
    mains: dict[int, list[Group]] = {}
    for group in found.values():
        mains.setdefault(group.onset, []).append(group)
    for onset, before in graces.items():
        if onset in mains:
            min(mains[onset], key=_order).graces = before
        else:
            yield Group(onset, onset, [], before)
    yield from found.values()
