"""Write the notes of one event as characters around a column; the inverse of `cells`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from textmusic.score import Note, Track
from textmusic_guitartab.page.above import ABOVE

__all__ = ["Figure", "figure"]

_SPAN_MARKS = frozenset(ABOVE.values())
_BRACKETS = {"ghost": "()", "harmonic": "<>", "harmonic:artificial": "[]"}
_AFTER = {"release": "r", "vibrato": "~", "hammer": "h", "pull": "p", "slide:legato": "s"}
_OUT = {"slide:out-up": "/", "slide:out-down": "\\"}
_IN = {"slide:in-below": "/", "slide:in-above": "\\"}
_MAX_FRET = 99


@dataclass(slots=True)
class Figure:
    """An event on the page: texts at columns counted from the event's own, and what was lost.

    `above` are the techniques written over the staff.
    """

    texts: list[tuple[int, int, str]] = field(default_factory=list)
    """(column, string, text)"""
    above: frozenset[str] = frozenset()
    lost: set[str] = field(default_factory=set)

    @property
    def left(self) -> int:
        """Columns needed before the event's own."""
        return -min((column for column, _, _ in self.texts), default=0)

    @property
    def right(self) -> int:
        """Columns needed from the event's own on."""
        return max((column + len(text) for column, _, text in self.texts), default=0)


def figure(
    notes: Sequence[Note],
    graces: Sequence[Note],
    track: Track,
    after: Mapping[int, int],
) -> Figure:
    """Return the characters of an event.

    Args:
        notes: struck together, on distinct strings.
        graces: grace notes before them.
        track: theirs.
        after: by string the fret of the next note in the bar, or first in the next bar.
    """
    result = Figure()
    spans = [note.marks & _SPAN_MARKS for note in notes]
    result.above = frozenset().union(*spans)
    if any(span != result.above for span in spans):
        result.lost.add("a technique of only some notes of a chord")
    reach = 0
    for note in notes:
        before, body = _glyph(note, track, after, result.lost)
        result.texts.append((-len(before), note.string or 0, before + body))
        reach = max(reach, len(before))
    for rank in sorted({note.grace for note in graces}):
        group = [(n, *_glyph(n, track, {}, result.lost)) for n in graces if n.grace == rank]
        column = -reach - 1 - max(len(body) for _, _, body in group)
        for note, before, body in group:
            text = before + "g" + body
            result.texts.append((column - len(before) - 1, note.string or 0, text))
            reach = max(reach, -column + len(before) + 1)
    return result


def _glyph(note: Note, track: Track, after: Mapping[int, int], lost: set[str]) -> tuple[str, str]:
    """What stands before the column of a note, and what stands from it on."""
    fret = track.fret(note) or 0
    marks = {m for m in note.marks if not m.startswith("grace:")} - _SPAN_MARKS
    before, behind = "", ""
    body = str(fret)
    if "dead" in marks:
        body = "x"
        marks.discard("dead")
        if fret:
            lost.add("the frets of dead notes")
    if marks & {"harmonic:pinch", "harmonic:tap"}:
        marks = marks - {"harmonic:pinch", "harmonic:tap"} | {"harmonic:artificial"}
        lost.add("kinds of harmonics")
    for mark, pair in _BRACKETS.items():
        if mark in marks:
            before, behind = before + pair[0], pair[1] + behind
    if "tap" in marks:
        before = "t" + before
    before = "".join(char for mark, char in _IN.items() if mark in marks) + before
    body += behind + _tail(marks, fret, note, lost)
    following = after.get(note.string or 0)
    if "slide" in marks:
        if following is None:
            lost.add("slides to a note that does not follow soon")
        body += "\\" if following is not None and following < fret else "/"
    for mark, char in _OUT.items():
        if mark in marks:
            if following is None:
                body += char
            else:
                lost.add("slides out of notes that others follow")
    known = {*_BRACKETS, *_AFTER, *_OUT, *_IN, "tap", "slide"}
    lost |= {m for m in marks - known if not m.startswith(("bend", "trill:"))}
    return before, body


def _tail(marks: set[str], fret: int, note: Note, lost: set[str]) -> str:
    """Bends, trills and the letters behind a fret."""
    text = ""
    for mark in sorted(marks):
        if mark == "bend":
            text += "b"
        elif mark.startswith("bend:"):
            size = mark[5:]
            whole = size.isdecimal() and 0 < int(size) <= 12 and fret + int(size) <= _MAX_FRET
            text += f"b{fret + int(size)}" if whole and "dead" not in note.marks else "b"
            if not whole:
                lost.add("bends by parts of a semitone")
        elif mark.startswith("trill:"):
            other = int(mark[6:]) - (note.pitch - fret) if mark[6:].isdecimal() else -1
            if 0 <= other <= _MAX_FRET:
                text += f"tr{other}"
            else:
                lost.add("trills")
    return text + "".join(char for mark, char in _AFTER.items() if mark in marks)
