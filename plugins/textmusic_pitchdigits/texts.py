"""Any text of pitch digits as Scores: this codec's own form, numbered notation, labelled staves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from textmusic.codec import Document
from textmusic.errors import Issue
from textmusic.score import Score
from textmusic_pitchdigits.labels import read_labels, staves_score
from textmusic_pitchdigits.notation import (
    is_notation,
    looks_like_notation,
    pieces,
    read_notation,
)
from textmusic_pitchdigits.reading import is_extended, read_extended

__all__ = ["looks_like_pitch_digits", "paragraphs", "read_scores"]

_SAMPLE = 100_000


def read_scores(text: str) -> tuple[list[Score], list[Issue]]:
    """Return the scores in a text, one a piece or stave, and what was wrong or left out."""
    scores: list[Score] = []
    issues: list[Issue] = []
    if is_extended(text):
        parsed = [(read_extended(document.text), document.offset) for document in paragraphs(text)]
    elif is_notation(text):
        parsed = [(read_notation(text[start:end]), start) for start, end in pieces(text)]
    else:
        labels = read_labels(text)
        return [staves_score(staves) for staves in labels.pieces()], list(labels.issues)
    for result, offset in parsed:
        if any(True for _ in result.score.notes()):
            scores.append(result.score)
        issues += [replace(issue, offset=issue.offset + offset) for issue in result.issues]
    return scores, issues


def paragraphs(text: str) -> Iterator[Document]:
    """Yield what blank lines part."""
    start = 0
    while start < len(text):
        end = text.find("\n\n", start) + 1 or len(text)
        if text[start:end].strip():
            yield Document(text[start:end], start)
        start = end + (end < len(text))


def looks_like_pitch_digits(text: str) -> bool:
    """Whether most lines of a text are notes; prose, chord sheets and tablature are not."""
    text = text[:_SAMPLE]
    if is_extended(text):
        return True
    if is_notation(text):
        return looks_like_notation(text)
    lines = sum(bool(line.strip()) for line in text.split("\n"))
    labels = read_labels(text)
    numbers = sum(issue.code == "pitchdigits.page-number" for issue in labels.issues)
    wrong = sum(issue.severity == "error" for issue in labels.issues)
    pitches = [p for stave in labels.staves for bar in stave.bars for p in bar]
    notes = len(pitches)
    if len({*pitches} - {None}) < 3 or 2 * pitches.count(None) > notes:
        return False  # rows of a piano roll
    return notes >= 3 and 2 * len(labels.staves) >= lines - numbers and 20 * wrong <= notes
