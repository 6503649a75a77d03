"""Write a fretted track as a page that a guitarist reads and `read_page` reads back.

What comes back exactly: tuning, capo, strings and frets (0 to 24 of all but dead notes), bars,
metre, title and the other words; onsets wherever `rhythm.letters` can write the steps between
them (else the bar moves to the nearest 1/48 quarter, which is reported); durations where the
notes struck together end together and before the next are struck; tempo to 1/1000. Velocities
are not written. Techniques come back as the tables of `cells` and `above.ABOVE` say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from textmusic.errors import FormatError, Issue
from textmusic.score import Bar, Note, Score, Track
from textmusic_guitartab.page.engraving import Measure, engrave
from textmusic_guitartab.page.glyphs import Figure, figure
from textmusic_guitartab.page.pitches import note_name
from textmusic_guitartab.page.prose import META
from textmusic_guitartab.page.rhythm import letters
from textmusic_guitartab.page.staves import MAX_ROWS, MIN_ROWS

__all__ = ["write_page"]

_FINE = 48  # steps a quarter where letters cannot write the bar
_MAX_FRET = 99
_LEGEND = "Letters: W H Q E S T = whole to 1/32, r rest, + held, . dotted, 3 triplet"


def write_page(score: Score, track: int = 0, width: int = 80) -> tuple[str, tuple[Issue, ...]]:
    """Return one fretted track as a page of tablature, and what the page cannot hold.

    Args:
        score: the music.
        track: which of its tracks; it needs a tuning of 4 to 9 strings.
        width: columns of the page, at least 40.

    Raises:
        FormatError: the track has no strings, or a number of them that no staff has.
    """
    part = score.tracks[track]
    if not MIN_ROWS <= len(part.tuning) <= MAX_ROWS:
        raise FormatError(
            f"a tablature staff has {MIN_ROWS} to {MAX_ROWS} strings;"
            f" track {track + 1} has {len(part.tuning)}"
        )
    lost: dict[str, str] = {}
    notes = _playable(part, lost)
    measures = list(_measures(score, part, notes, lost))
    lines = [*_heading(score, part), ""]
    lines += engrave(measures, part.tuning, max(width, 40))
    issues = tuple(Issue(code, text, 0, 0, "warning") for code, text in lost.items())
    return "\n".join(lines).rstrip("\n") + "\n", issues


def _heading(score: Score, part: Track) -> Iterator[str]:
    if part.name or len(score.tracks) > 1:
        yield f"Track: {_line(part.name) or 'untitled'}"
    for key in META:
        if value := _line(score.get(key)):
            yield f"{key.capitalize()}: {value}"
    yield "Tuning: " + " ".join(map(note_name, part.tuning))
    if part.capo:
        yield f"Capo: {part.capo}"
    if score.tempos:
        first = score.tempos[0]
        yield f"Tempo: {_number(first.qpm if first.onset == 0 else 120)}"
    meter = score.meters[0] if score.meters and score.meters[0].onset == 0 else None
    yield f"Time: {meter.numerator}/{meter.denominator}" if meter else "Time: 4/4"
    yield _LEGEND


def _line(text: str) -> str:
    return " ".join(text.split())


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _playable(part: Track, lost: dict[str, str]) -> list[Note]:
    """The notes that have a place on the staff."""
    notes: list[Note] = []
    taken: set[tuple[int, int | None, int]] = set()
    dropped = 0
    for note in part.notes:
        fret = part.fret(note)
        place = note.onset, note.string, note.grace
        if fret is None or not 0 <= fret <= _MAX_FRET or place in taken:
            dropped += 1
            continue
        taken.add(place)
        notes.append(note)
    if dropped:
        lost["guitartab.unplayable"] = f"{dropped} notes have no place on the strings"
    if not notes:
        lost["guitartab.empty"] = "the track has no notes that a staff could show"
    return notes


@dataclass(slots=True)
class _Step:
    """A stretch of time between two things that happen, in ticks."""

    start: int
    end: int
    kind: str
    notes: list[Note] = field(default_factory=list)
    graces: list[Note] = field(default_factory=list)


def _steps(notes: Sequence[Note], stop: int, lost: dict[str, str]) -> Iterator[_Step]:
    """The timeline of a track: what is struck, and the rests between."""
    chords: dict[int, _Step] = {}
    for note in notes:
        step = chords.setdefault(note.onset, _Step(note.onset, note.onset, ""))
        (step.graces if note.grace else step.notes).append(note)
        step.end = max(step.end, note.end)
    struck = [step for step in chords.values() if step.notes]
    if len(struck) < len(chords):
        lost["guitartab.grace"] = "grace notes without a main note were left out"
    now = 0
    for index, step in enumerate(struck):
        if step.start > now:
            yield _Step(now, step.start, "r")
        following = struck[index + 1].start if index + 1 < len(struck) else stop
        ends = {min(note.end, following) for note in step.notes}
        if len(ends) > 1 or step.end > following:
            lost["guitartab.duration"] = "notes that sound on under others are cut short"
        step.end = now = min(step.end, following)
        yield step
    if now < stop:
        yield _Step(now, stop, "r")


def _measures(
    score: Score, part: Track, notes: list[Note], lost: dict[str, str]
) -> Iterator[Measure]:
    bars = score.bars(max((note.end for note in notes), default=0))
    tempos = {t.onset: f"q={_number(t.qpm)}" for t in score.tempos if t.onset}
    edges = sorted({*(bar.onset for bar in bars), *tempos})
    steps = list(_cut(_steps(notes, bars[-1].end if bars else 0, lost), edges))
    groups = _by_bar(steps, [bar.end for bar in bars])
    meter = (bars[0].numerator, bars[0].denominator) if bars else (4, 4)
    for bar, inside, following in zip(bars, groups, [*groups, []][1:], strict=True):
        starts = _times(inside, bar, score.tpq, lost)
        measure = Measure()
        if (bar.numerator, bar.denominator) != meter:
            meter = bar.numerator, bar.denominator
            measure.sign = f"{meter[0]}/{meter[1]}"
        ahead = next((step.notes for step in following if step.notes), [])
        figures = _figures(inside, ahead, part, lost)
        for index, step in enumerate(inside):
            length = starts[index + 1] - starts[index]
            if length > 0:
                token = step.kind + (letters(length) or "")
                measure.add(token, length, figures[index], tempos.get(step.start, ""))
        yield measure


def _cut(steps: Iterator[_Step], edges: list[int]) -> Iterator[_Step]:
    """Cut steps at bar lines and tempo changes; the rest of a note goes on with ``+``."""
    at = 0
    for step in steps:
        start, kind = step.start, step.kind
        while at < len(edges) and edges[at] <= start:
            at += 1
        while at < len(edges) and edges[at] < step.end:
            yield _Step(start, edges[at], kind, step.notes, step.graces)
            start, kind = edges[at], kind or "+"
            step.notes, step.graces = [], []
            at += 1
        yield _Step(start, step.end, kind, step.notes, step.graces)


def _times(inside: list[_Step], bar: Bar, tpq: int, lost: dict[str, str]) -> list[Fraction]:
    """The times of a bar in quarters, its end included, such that letters can write each step."""
    ticks = [*(step.start for step in inside), bar.end]
    times = [Fraction(tick - bar.onset, tpq) for tick in ticks]
    if all(letters(b - a) for a, b in pairwise(times)):
        return times
    lost["guitartab.onset"] = f"bars that letters cannot write moved to 1/{_FINE} quarter"
    places = [round(time * _FINE) for time in times]
    for index in range(len(inside) - 1, 0, -1):
        # whatever is struck keeps a length; rests may vanish
        places[index] = min(places[index], places[index + 1] - (not inside[index].kind))
    if any(a >= b for a, b, step in zip(places, places[1:], inside, strict=False) if not step.kind):
        lost["guitartab.unplayable"] = "notes closer than the page can write were left out"
    return [Fraction(place, _FINE) for place in places]


def _by_bar(steps: list[_Step], ends: list[int]) -> list[list[_Step]]:
    groups: list[list[_Step]] = []
    at = 0
    for end in ends:
        start = at
        while at < len(steps) and steps[at].start < end:
            at += 1
        groups.append(steps[start:at])
    return groups


def _figures(
    inside: list[_Step], ahead: list[Note], part: Track, lost: dict[str, str]
) -> list[Figure]:
    """The figures of a bar's steps, found from its end because slides look ahead.

    `ahead` is struck first in the next bar.
    """
    after = {note.string or 0: part.fret(note) or 0 for note in ahead}
    figures: list[Figure] = []
    for step in reversed(inside):
        drawn = figure(step.notes, step.graces, part, after)
        figures.append(drawn)
        for note in (*step.notes, *step.graces):
            after[note.string or 0] = part.fret(note) or 0
        if drawn.lost:
            known = lost.get("guitartab.marks", "lost: ")[6:].split(", ")
            lost["guitartab.marks"] = "lost: " + ", ".join(sorted({*known, *drawn.lost} - {""}))
    return figures[::-1]
