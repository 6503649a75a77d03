"""Scores to MusicXML 4.0 documents."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from textmusic.errors import FormatError, Issue
from textmusic.form import MOST_MEASURES, Form, Measure, fold
from textmusic.format import Written
from textmusic.score import Bar, Note, Score, Track
from textmusic.transforms import reduce_ticks
from textmusic_musicxml import _page
from textmusic_musicxml._lanes import lanes_of
from textmusic_musicxml._marks import unheld_marks
from textmusic_musicxml._order import played
from textmusic_musicxml._partlist import MOST_STRINGS, declaration
from textmusic_musicxml._partwriter import PartWriter
from textmusic_musicxml._text import escaped, tidy

__all__ = ["write_musicxml"]

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN"'
    ' "http://www.musicxml.org/dtds/partwise.dtd">\n<score-partwise version="4.0">\n'
)
_CREATORS = ("composer", "lyricist", "arranger")
_LEAST_DIVISIONS = 16
_MOST_DIVISIONS = 1_000_000
_LOST = {
    "voices": "{} notes that overlap others of their voice are written in voices of their own",
    "grace": "{} grace notes were not numbered one after the other and are now",
    "strings": f"{{}} tracks have more than {MOST_STRINGS} strings: they are left out",
    "text": "{} texts hold line breaks or control characters, which became spaces",
}


def write_musicxml(score: Score) -> Written:
    """Return the document and what it does not hold.

    Repeats that ``meta["form"]`` tells of are written as repeats where that loses nothing.

    Raises:
        FormatError: the score has more bars than `textmusic.form.MOST_MEASURES`.
    """
    lost: Counter[str] = Counter()
    page, form = _page_of(score)
    page = reduce_ticks(page)
    if page.tpq * _LEAST_DIVISIONS <= _MOST_DIVISIONS:
        page = reduce_ticks(page, _LEAST_DIVISIONS)
    bars = _bars(page)
    marks: set[str] = set()
    lines = [_HEAD, *_heading(page, lost), "<part-list>\n"]
    writers = []
    for number, track in enumerate(page.tracks, 1):
        marks |= unheld_marks({mark for note in track.notes for mark in note.marks})
        lost["strings"] += len(track.tuning) > MOST_STRINGS
        lanes, moved = lanes_of(track)
        lost["voices"] += moved
        lost["grace"] += sum(_unnumbered(g.graces) for lane in lanes for g in lane.groups)
        writer = PartWriter(page, track, f"P{number}", bars=bars, lanes=lanes, form=form)
        writers.append(writer)
        lost["text"] += tidy(track.name) != track.name
        lines += declaration(track, writer.name)
    lines.append("</part-list>\n")
    if not writers:
        writers = [PartWriter.empty(page, bars, form)]
        lines.insert(-1, "".join(declaration(Track(), "P1")))
    for number, writer in enumerate(writers):
        lines += writer.measures(is_first=number == 0)
    lines.append("</score-partwise>\n")
    issues = _issues(lost, marks)
    return Written("".join(lines).encode(), tuple(issues))


def _issues(lost: Counter[str], marks: set[str]) -> list[Issue]:
    issues = [
        Issue(f"musicxml.{kind}", _LOST[kind].format(count), severity="warning")
        for kind, count in sorted(lost.items())
        if count
    ]
    if marks:
        message = f"techniques are lost: {', '.join(sorted(marks))}"
        issues.append(Issue("musicxml.techniques", message, severity="note"))
    return issues


def _unnumbered(graces: Sequence[Note]) -> int:
    """Count the grace notes of one place if their numbers are not 1, 2, 3 and so on."""
    numbers = {note.grace for note in graces}
    return len(graces) if numbers != set(range(1, len(numbers) + 1)) else 0


def _page_of(score: Score) -> tuple[Score, tuple[Measure, ...]]:
    """Return what to write and the signs of its measures, none where it is written out."""
    folded = fold(score)
    if folded is None:
        return score, ()
    page, form = folded
    order = form.order() or []
    found = played(_signs(form))
    bars = page.bars()
    if found is None or found[0] != order or len(bars) > len(form.measures):
        return score, ()
    follows = {one: set[int]() for one in order}
    for one, after in pairwise(order):
        follows[one].add(after)
    ends = [bar.end for bar in bars]
    for note in page.notes():
        crossed = range(bisect_right(ends, note.onset), bisect_left(ends, note.end))
        if any(follows.get(index) != {index + 1} for index in crossed):
            return score, ()
    return page, form.measures


def _signs(form: Form) -> list[_page.Bar]:
    """Return the measures of a form as a reader will see them."""
    return [_page.Bar(opens=m.opens, passes=m.passes, endings=m.endings) for m in form.measures]


def _bars(score: Score) -> tuple[Bar, ...]:
    """Return all bars, also for tempos and keys behind the last note.

    Raises:
        FormatError: there are too many.
    """
    events = [tempo.onset + 1 for tempo in score.tempos]
    events += [key.onset + 1 for key in score.keys]
    events += [note.onset + 1 for note in score.notes() if not note.duration]
    events += [meter.onset + 1 for meter in score.meters]
    for stop in (max([score.end, 1, *events]), max(score.end, 1)):
        if _count_bars(score, stop) <= MOST_MEASURES:
            return score.bars(stop)
    raise FormatError(f"more than {MOST_MEASURES} bars, the limit for MusicXML")


def _count_bars(score: Score, stop: int) -> int:
    """Return about how many bars there are until a tick, without making them."""
    count = 0
    starts = [(m.onset, Fraction(4 * m.numerator, m.denominator)) for m in score.meters]
    if not starts or starts[0][0] > 0:
        starts.insert(0, (0, Fraction(4)))
    for (onset, full), after in zip(starts, [*(s[0] for s in starts[1:]), stop], strict=True):
        count += max(int((min(after, stop) - onset) / (full * score.tpq)) + 1, 0)
    return count


def _heading(score: Score, lost: Counter[str]) -> Iterator[str]:
    """Yield title, people, rights and all other meta entries."""
    meta = {key: tidy(value) for key, value in score.meta}
    lost["text"] += sum(meta[key] != value for key, value in score.meta)
    if "title" in meta:
        yield f"<work><work-title>{escaped(meta['title'])}</work-title></work>\n"
    yield "<identification>\n"
    for kind in _CREATORS:
        if meta.get(kind):
            yield f'<creator type="{kind}">{escaped(meta[kind])}</creator>\n'
    if meta.get("copyright"):
        yield f"<rights>{escaped(meta['copyright'])}</rights>\n"
    yield "<encoding><software>textmusic</software></encoding>\n"
    others = [key for key in meta if key not in {*_CREATORS, "title", "copyright"}]
    if others:
        yield "<miscellaneous>\n"
        for key in others:
            name = escaped(key)
            yield f'<miscellaneous-field name="{name}">{escaped(meta[key])}</miscellaneous-field>\n'
        yield "</miscellaneous>\n"
    yield "</identification>\n"
