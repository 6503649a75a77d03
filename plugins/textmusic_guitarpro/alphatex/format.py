"""The format `.atex`: alphaTex, the text that alphaTab's users type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import ClassVar

from textmusic.codec import Feature
from textmusic.errors import Issue
from textmusic.format import Format, Loaded, Written, read_text
from textmusic.score import Meter, Score

__all__ = ["AlphaTex"]


class AlphaTex(Format):
    """alphaTex 1.8 (https://alphatab.net/docs/alphatex/introduction), read and written.

    Reading takes older texts too: arguments without parentheses, dots between the sections. What is
    not understood is stepped over and reported with its place; repeats and endings are played out,
    ties merged. Writing accepts any Score, and alphaTab reads what is written without a complaint.

    Example:
        >>> loaded = AlphaTex().decode(b"\\\\title Riff \\\\tempo 90 . :8 3.3 5.3 (0.1 1.2).4")
        >>> loaded.scores[0].get("title"), [note.pitch for note in loaded.scores[0].notes()]
        ('Riff', [58, 60, 60, 64])
    """

    name: ClassVar[str] = "atex"
    title: ClassVar[str] = "alphaTex"
    keeps: ClassVar[frozenset[Feature]] = frozenset(Feature) - {Feature.VELOCITY}
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    is_text: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 4 << 20

    def decode(self, data: bytes) -> Loaded:
        """Return the score of a text; issues ``alphatex.*`` count characters of `read_text(data)`.

        Raises:
            FormatError: nothing in it is alphaTex, or it holds far too much.
        """
        from textmusic_guitarpro.alphatex.read import read_song
        from textmusic_guitarpro.compose import compose

        song, issues = read_song(read_text(data))
        loaded = compose(song)
        return Loaded(loaded.scores, (*issues, *loaded.issues))

    def encode(self, score: Score) -> Written:
        """Return a text with one bar a line, and what it does not hold.

        Raises:
            FormatError: the score has too many measures.
        """
        from textmusic_guitarpro.alphatex.write import write_song
        from textmusic_guitarpro.compose import compose
        from textmusic_guitarpro.engrave import engrave
        from textmusic_guitarpro.limits import Limits

        song, losses = engrave(score, Limits(unstringed=True, shortest=256))
        text, issues = write_song(song)
        told = (*losses, *issues)
        changed = _changed(score, compose(song).scores[0], told)
        return Written(text.encode("utf-8", "replace"), (*told, *changed))


def _changed(score: Score, page: Score, told: Sequence[Issue]) -> Iterator[Issue]:
    """Yield what a page tells otherwise and nobody told: a pull-off to no note is a hammer-on."""
    is_exact = not any(issue.severity == "warning" for issue in told)
    before, after = (Counter(_marks(each, is_exact=is_exact)) for each in (score, page))
    marks = sorted({mark.partition(":")[0] for mark, *_ in (before - after) | (after - before)})
    if marks:
        message = f"techniques are read back otherwise: {', '.join(marks)}"
        yield Issue("alphatex.techniques", message, severity="note")
    is_told = any(issue.code == "guitarpro.short-bar" for issue in told)
    if not is_told and _bar_lines(score) != _bar_lines(page):
        message = "bars shorter than a 64th are left out"
        yield Issue("alphatex.short-bar", message, severity="warning")


def _marks(score: Score, *, is_exact: bool) -> Iterator[tuple[str, ...]]:
    """Yield each mark, with its place where notes stay in place."""
    for number, track in enumerate(score.tracks):
        for note in track.notes:
            onset = Fraction(note.onset, score.tpq)
            place = (f"{number} {onset} {note.pitch}",) if is_exact else ()
            for mark in note.marks:
                yield (mark, *place)


def _bar_lines(score: Score) -> list[tuple[Fraction, int, int]]:
    known = score.meters and not score.meters[0].onset
    meters = score.meters if known else (Meter(0, 4, 4), *score.meters)
    return [(Fraction(m.onset, score.tpq), m.numerator, m.denominator) for m in meters]
