"""The voices inside one track: layers of a bar, which ABC overlays with ``&``.

A note lies in the layer that its ``voice:N`` mark names, else in the first. Notes of a layer
that overlap are written as tied chords; two notes of one pitch can only overlap in two layers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from textmusic.score import Note

__all__ = [
    "MAX_CHANNELS",
    "MAX_GRACES",
    "MAX_LAYERS",
    "MAX_MARKED",
    "MAX_TONES",
    "MAX_VOICES",
    "Layer",
    "layer_mark",
    "layer_of",
    "layers_of",
    "lower_layers",
    "part_clusters",
    "part_crowded",
    "part_unisons",
]

MAX_VOICES = 32
MAX_LAYERS = 8
MAX_CHANNELS = 15
"""Layers of all voices together, where a voice has several; readers play each on its own."""
MAX_GRACES = 8
"""Grace notes before a note; more fit into none."""
MAX_TONES = 16
"""Tones of a chord; readers take no more."""
MAX_MARKED = 8
"""Tones of a chord with an ornament, which readers play with twice as many notes."""


def layer_of(note: Note) -> int:
    """Return the number of a note's layer, from 1; numbers that no text holds count as 1."""
    for mark in note.marks:
        if mark.startswith("voice:"):
            number = mark[6:]
            if number.isdecimal() and len(number) < 3 and 2 <= int(number) <= MAX_LAYERS:
                return int(number)
    return 1


def layer_mark(number: int) -> frozenset[str]:
    """Return the marks that put a note into a layer."""
    return frozenset({f"voice:{number}"}) if number > 1 else frozenset()


class Layer:
    """The notes of one layer, and how far they have been written.

    Args:
        notes: its notes, in order.
    """

    def __init__(self, notes: Iterable[Note] = ()) -> None:
        self.starting: dict[int, list[Note]] = defaultdict(list)
        self.graces: dict[int, list[Note]] = defaultdict(list)
        edges: set[int] = set()
        onsets: set[int] = set()
        for note in notes:
            (self.starting if note.duration else self.graces)[note.onset].append(note)
            edges |= {note.onset, note.end}
            onsets.add(note.onset)
        self.edges = sorted(edges)
        self.active: list[Note] = []
        self.place = 0
        self._onsets = sorted(onsets)

    def sounds(self, start: int, end: int) -> bool:
        """Whether a note sounds between two ticks; what came before `start` is written."""
        first = bisect_left(self._onsets, start)
        if first < len(self._onsets) and self._onsets[first] < end:
            return True
        return any(note.end > start for note in self.active)

    def splits(self, start: int, end: int) -> list[int]:
        """Return `start`, the edges of notes on the way, and `end`."""
        edges, times = self.edges, [start]
        while self.place < len(edges) and edges[self.place] <= start:
            self.place += 1
        while self.place < len(edges) and edges[self.place] < end:
            times.append(edges[self.place])
            self.place += 1
        return [*times, end]


def layers_of(notes: Iterable[Note]) -> list[Layer]:
    """Return the layers of a track, the first at least."""
    shares: dict[int, list[Note]] = defaultdict(list)
    for note in notes:
        shares[layer_of(note)].append(note)
    return [Layer(shares[number]) for number in range(1, max(shares, default=1) + 1)]


def part_unisons(notes: Iterable[Note], *, cut: bool) -> tuple[list[Note], int]:
    """Return notes of which no two of one pitch overlap in a layer, and how many were changed.

    Args:
        notes: any notes; what is left carries the mark of its layer.
        cut: whether the earlier note of an unmarked pair ends where the next begins, as is meant
            where times are played; otherwise the later one goes to the next free layer.
    """
    last: dict[tuple[int, int], int] = {}  # (layer, pitch) -> place in kept
    kept: list[Note] = []
    changed = 0
    for note in sorted(notes, key=lambda note: (note.onset, -note.duration, layer_of(note))):
        number = layer_of(note)
        if note.duration:
            place = last.get((number, note.pitch))
            if place is not None and kept[place].end > note.onset:
                free = 0 if cut else _free_layer(kept, last, note)
                if not free:
                    changed += 1
                    if kept[place].onset == note.onset:
                        continue
                    kept[place] = replace(kept[place], duration=note.onset - kept[place].onset)
                number = free or number
            last[number, note.pitch] = len(kept)
        if note.marks or number > 1:
            marks = frozenset(m for m in note.marks if not m.startswith("voice:"))
            note = replace(note, marks=marks | layer_mark(number))
        kept.append(note)
    return kept, changed


def _free_layer(kept: list[Note], last: dict[tuple[int, int], int], note: Note) -> int:
    """The first layer in which a note's pitch has ended, or 0."""
    for number in range(1, MAX_LAYERS + 1):
        place = last.get((number, note.pitch))
        if place is None or kept[place].end <= note.onset:
            return number
    return 0


def part_clusters(notes: Iterable[Note], most: int = MAX_LAYERS) -> tuple[list[Note], int]:
    """Return notes of which at most `MAX_TONES` sound together in a layer, and how many went.

    A note too many goes to the next layer that has room, and is left out where none has.

    Args:
        notes: any notes without two of one pitch that overlap in a layer.
        most: layers.
    """
    ends: dict[int, dict[int, int]] = defaultdict(dict)  # by layer: pitch -> end
    kept: list[Note] = []
    gone = 0
    for note in sorted(notes, key=lambda note: (note.onset, layer_of(note))):
        if not note.duration:
            kept.append(note)
            continue
        first = layer_of(note)
        for number in (first, *range(1, most + 1)):
            sounding = {p: end for p, end in ends[number].items() if end > note.onset}
            if len(sounding) < MAX_TONES and note.pitch not in sounding:
                sounding[note.pitch] = note.end
                ends[number] = sounding
                marks = frozenset(m for m in note.marks if not m.startswith("voice:"))
                moved = replace(note, marks=marks | layer_mark(number))
                kept.append(note if number == first else moved)
                break
        else:
            gone += 1
    return kept, gone


def part_crowded(
    notes: Sequence[Note], crowded: Collection[Note], most: int
) -> tuple[list[Note], int]:
    """Return notes of which some have gone one layer on, and how many had no room there.

    Args:
        notes: the notes of a track.
        crowded: those that their layer has no room for.
        most: layers.
    """
    kept: list[Note] = []
    gone = 0
    for note in notes:
        if note not in crowded:
            kept.append(note)
            continue
        number = layer_of(note) + 1
        there = [
            other.pitch
            for other in notes
            if layer_of(other) == number and other.onset < note.end and note.onset < other.end
        ]
        if number > most or note.pitch in there or len(there) >= MAX_TONES:
            gone += 1
        else:
            marks = frozenset(m for m in note.marks if not m.startswith("voice:"))
            kept.append(replace(note, marks=marks | layer_mark(number)))
    return kept, gone


def lower_layers(notes: Iterable[Note], most: int) -> tuple[list[Note], int]:
    """Return notes in no more than `most` layers, and how many that changed in sound."""
    lowered = []
    for note in notes:
        number = min(layer_of(note), most)
        marks = frozenset(m for m in note.marks if not m.startswith("voice:"))
        lowered.append(replace(note, marks=marks | layer_mark(number)))
    parted, cut = part_unisons(lowered, cut=True)
    kept, gone = part_clusters(parted, most)
    return kept, cut + gone
