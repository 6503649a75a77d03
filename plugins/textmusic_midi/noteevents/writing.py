"""Projected scores to event texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from textmusic.bars import fold
from textmusic.score import Score
from textmusic_midi.noteevents.signs import PARTS, PITCHES
from textmusic_midi.steps import Lengths, controls, ending

__all__ = ["Style", "write"]


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
    if style.hold == "repeat":
        groups = list(_sounding(score, style))
        end = groups[-1].onset
    else:
        groups = list(_struck(score, style))
        end = ending(score.tracks, score.tpq)
    if style.layout == "stream":
        lines = list(_sections(score, groups, style))
    else:
        bars = list(controls(score, end))
        spans = _split(groups, [(bar.onset, bar.end) for bar, _ in bars], style)
        bodies = [_body(span, bars[i][0].onset, score.tpq, style) for i, span in enumerate(spans)]
        if style.layout == "folded":
            bodies = fold(bodies)
        lines = [f"{control}{body}" for (_, control), body in zip(bars, bodies, strict=True)]
    return "".join(f"{line}\n" for line in [f"@{score.tpq} {head}", *lines])


def _struck(score: Score, style: Style) -> Iterator[_Group]:
    """Yield the notes that start at each step, part by part, from high to low.

    The length of a note stands where the next note of its part and step has another.
    """
    lengths = Lengths.of(score.tpq)
    rows = sorted(
        (note.onset, part, -note.pitch, -note.duration)
        for part, track in enumerate(score.tracks)
        for note in track.notes
    )
    exact = style.hold == "length"
    at, last, text = rows[0][0], 0, ""
    for (onset, part, pitch, duration), after in zip(rows, [*rows[1:], None], strict=True):
        if onset != at:
            yield _Group(at, text)
            at, last, text = onset, 0, ""
        if part != last:
            text += PARTS[part]
            last = part
        text += PITCHES[-pitch]
        if exact and (after is None or after[:2] != (onset, part) or after[3] != duration):
            text += lengths.write(-duration)
    yield _Group(at, text)


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


def _split(
    groups: Sequence[_Group], spans: Iterable[tuple[int, int]], style: Style
) -> Iterator[list[_Group]]:
    """Share the groups out among spans; what still sounds stands again at the start of each."""
    index, state = 0, ""
    for start, end in spans:
        part = []
        if style.hold == "repeat" and index < len(groups) and groups[index].onset > start:
            part.append(_Group(start, state))
        while index < len(groups) and groups[index].onset < end:
            part.append(groups[index])
            state = groups[index].text
            index += 1
        yield part


def _body(
    groups: Iterable[_Group], start: int, steps: int, style: Style, end: int | None = None
) -> str:
    """The text of a span; the time after its last group is written where `end` is given."""
    lengths = Lengths.of(steps)
    texts = []
    at = start
    for onset, text in [*groups, *([] if end is None else [_Group(end, "")])]:
        wait = onset - at
        if wait:
            texts.append(
                f"|{lengths.write(wait) if wait > 1 else ''}" if style.runs else "|" * wait
            )
        texts.append(text)
        at = onset
    return "".join(texts)


def _sections(score: Score, groups: Sequence[_Group], style: Style) -> Iterator[str]:
    """Yield a line for each stretch without a change of metre or tempo."""
    meters = {meter.onset: f"{meter.numerator}/{meter.denominator} " for meter in score.meters}
    tempos = {tempo.onset: f"={tempo.qpm:.0f} " for tempo in score.tempos}
    starts = sorted({*meters, *tempos})
    ends = [*starts[1:], groups[-1].onset + 1]
    for part, start, end in zip(
        _split(groups, zip(starts, ends, strict=True), style), starts, ends, strict=True
    ):
        until = end if end in meters or end in tempos else None
        body = _body(part, start, score.tpq, style, until)
        yield f"{meters.get(start, '')}{tempos.get(start, '')}{body}"
