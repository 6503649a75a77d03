"""Projected scores to event texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from textmusic.bars import fold
from textmusic.score import Score
from textmusic_midi.noteevents.signs import PARTS, PITCHES
from textmusic_midi.steps import Lengths, Rows, controls, ending, rows_of

__all__ = ["Style", "write"]

_PITCHES = len(PITCHES)
_SIGNS = [part + pitch for part in ("", *PARTS[1:]) for pitch in PITCHES]
"""A pitch, and a pitch after the sign of its part."""

Span = tuple[int, int]
"""The steps at which something starts and ends."""


class Style(NamedTuple):
    """How event texts look: see the codec's options of the same names."""

    hold: str
    layout: str
    runs: bool


class _Group(NamedTuple):
    """What stands at a step: the notes struck, or all that sound."""

    onset: int
    text: str


def write(score: Score, style: Style) -> str:
    """Return the text of a projected score."""
    head = " ".join("*" if track.is_drum else str(track.program) for track in score.tracks)
    rows = rows_of(score.tracks, range(len(score.tracks)), score.tpq)
    texts = _States(score, style) if style.hold == "repeat" else _Strikes(rows, score.tpq, style)
    if style.layout == "stream":
        lines = list(_sections(score, texts))
    else:
        bars = list(controls(score, texts.end))
        bodies = texts.bodies([(bar.onset, bar.end) for bar, _ in bars])
        if style.layout == "folded":
            bodies = fold(bodies)
        lines = [f"{control}{body}" for (_, control), body in zip(bars, bodies, strict=True)]
    return "".join(f"{line}\n" for line in [f"@{score.tpq} {head}", *lines])


def _wait(steps: int, lengths: Lengths, style: Style) -> str:
    """The text of the steps that pass."""
    if not style.runs:
        return "|" * steps
    return f"|{lengths.write(steps) if steps > 1 else ''}" if steps else ""


class _Strikes:
    """Each note once, part by part, from high to low.

    The length of a note stands where the next note of its part and step has another.
    """

    def __init__(self, rows: Rows, steps: int, style: Style) -> None:
        order = np.lexsort((-rows.duration, -rows.pitch, rows.part, rows.onset))
        self.end = ending(rows, steps)
        self._onsets = rows.onset[order]
        self.last = int(self._onsets[-1])
        self._style, self._lengths = style, Lengths.of(steps)
        self._texts = self._notes(Rows(*(column[order] for column in rows)))

    def _notes(self, rows: Rows) -> list[str]:
        """Each note with the sign of its part and its length, where they stand."""
        place = rows.onset * len(PARTS) + rows.part
        changes = place[1:] != place[:-1]
        named = np.concatenate(([True], changes)) * rows.part
        signs = [_SIGNS[sign] for sign in (named * _PITCHES + rows.pitch).tolist()]
        if self._style.hold != "length":
            return signs
        said = np.concatenate((changes | (rows.duration[1:] != rows.duration[:-1]), [True]))
        durations = (rows.duration * said).tolist()
        write = self._lengths.write
        written = {size: write(size) if size else "" for size in set(durations)}
        return [sign + written[size] for sign, size in zip(signs, durations, strict=True)]

    def bodies(self, spans: Sequence[Span]) -> list[str]:
        """Return the text of each span of time, without what passes after its last note."""
        bounds = np.searchsorted(self._onsets, [start for start, _ in spans]).tolist()
        bounds.append(int(np.searchsorted(self._onsets, spans[-1][1])))
        waits = np.diff(self._onsets, prepend=0)
        for (start, _), (first, stop) in zip(spans, pairwise(bounds), strict=True):
            if first < stop:
                waits[first] = self._onsets[first] - start
        steps = waits.tolist()
        passed = {size: _wait(size, self._lengths, self._style) for size in set(steps)}
        texts = [passed[size] + text for size, text in zip(steps, self._texts, strict=True)]
        return ["".join(texts[first:stop]) for first, stop in pairwise(bounds)]

    def rest(self, start: int, end: int) -> str:
        """Return what passes from the last note of a span, or its start, to its end."""
        index = int(np.searchsorted(self._onsets, end)) - 1
        last = int(self._onsets[index]) if index >= 0 else start
        return _wait(end - max(last, start), self._lengths, self._style)


class _States:
    """All that sounds, where it changes (at each step without runs); silence at the end."""

    def __init__(self, score: Score, style: Style) -> None:
        self._groups = list(_sounding(score, style))
        self.end = self.last = self._groups[-1].onset
        self._style, self._lengths = style, Lengths.of(score.tpq)

    def bodies(self, spans: Sequence[Span]) -> list[str]:
        """Return the text of each span; what still sounds stands again at its start."""
        index, state, bodies = 0, "", []
        for start, end in spans:
            body, at = [], start
            if index < len(self._groups) and self._groups[index].onset > start:
                body.append(state)
            while index < len(self._groups) and self._groups[index].onset < end:
                onset, state = self._groups[index]
                body += [_wait(onset - at, self._lengths, self._style), state]
                at = onset
                index += 1
            bodies.append("".join(body))
        return bodies

    def rest(self, start: int, end: int) -> str:
        """Return what passes from the last change of a span, or its start, to its end."""
        last = max((group.onset for group in self._groups if group.onset < end), default=start)
        return _wait(end - max(last, start), self._lengths, self._style)


def _sounding(score: Score, style: Style) -> Iterator[_Group]:
    """Yield all that sounds, where it changes (at each step without runs); silence at the end."""
    changes: dict[int, list[tuple[int, int, bool]]] = {}
    for part, track in enumerate(score.tracks):
        for note in track.notes:
            changes.setdefault(note.onset, []).append((part, -note.pitch, True))
            changes.setdefault(note.end, []).append((part, -note.pitch, False))
    sounding: set[tuple[int, int]] = set()
    at, state = 0, ""
    if style.runs and 0 not in changes:
        yield _Group(0, "")
    for onset, turns in sorted(changes.items()):
        if not style.runs:
            yield from (_Group(step, state) for step in range(at, onset))
        for part, pitch, on in turns:
            (sounding.add if on else sounding.discard)((part, pitch))
        at, state, last = onset, "", 0
        for part, pitch in sorted(sounding):
            state += PARTS[part] * (part != last) + PITCHES[-pitch]
            last = part
        if style.runs:
            yield _Group(onset, state)
    if not style.runs:
        yield _Group(at, "")


def _sections(score: Score, texts: _Strikes | _States) -> Iterator[str]:
    """Yield a line for each stretch without a change of metre or tempo."""
    meters = {meter.onset: f"{meter.numerator}/{meter.denominator} " for meter in score.meters}
    tempos = {tempo.onset: f"={tempo.qpm:.0f} " for tempo in score.tempos}
    starts = sorted({*meters, *tempos})
    spans = list(pairwise([*starts, texts.last + 1]))
    for (start, end), body in zip(spans, texts.bodies(spans), strict=True):
        rest = texts.rest(start, end) if end in meters or end in tempos else ""
        yield f"{meters.get(start, '')}{tempos.get(start, '')}{body}{rest}"
