"""Where parts that are to sound together disagree."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from textmusic.errors import Issue
from textmusic.score import Key, Meter, Score, Tempo

__all__ = ["mismatches"]

_Events = tuple[Tempo, ...] | tuple[Meter, ...] | tuple[Key, ...]


def mismatches(
    scores: Sequence[Score], names: Sequence[str], *, trim: bool = False
) -> tuple[Issue, ...]:
    """Return as warnings what `textmusic.transforms.merge` has to decide, and how it does.

    Scores that are to be merged may differ in tempo, metre and key, as far as they last, and in
    length. What a score does not state it does not disagree about.

    Args:
        scores: as given to `merge`.
        names: what to call each in the messages.
        trim: as given to `merge`.
    """
    issues: list[Issue] = []
    for field in ("tempos", "meters", "keys"):
        stated = [i for i, score in enumerate(scores) if getattr(score, field)]
        for index in stated[1:]:
            first, other = scores[stated[0]], scores[index]
            until = min(_quarters(first, first.end), _quarters(other, other.end))
            kept, left = (_until(score, getattr(score, field), until) for score in (first, other))
            if kept != left:
                message = f"{names[index]} has {_shown(left)}, kept {_shown(kept)}"
                issues.append(_warning(f"merge.{field}", f"{message} of {names[stated[0]]}"))
    return (*issues, *_lengths(scores, names, trim=trim))


def _lengths(scores: Sequence[Score], names: Sequence[str], *, trim: bool) -> list[Issue]:
    """What differs in length, in bars; a bar counts as soon as something sounds in it."""
    bars = [len(score.bars()) for score in scores]
    ends = [
        _quarters(score, score.bars()[-1].end) if score.end else Fraction(0) for score in scores
    ]
    if len(set(ends)) < 2:
        return []
    limit = min(ends) if trim else max(ends)
    goal = bars[ends.index(limit)]
    issues = []
    for name, count, end in zip(names, bars, ends, strict=True):
        if end != limit:
            # bars of unequal length: as many bars, and yet not as long
            length, whole = (count, goal) if count != goal else (end, limit)
            unit = "bars" if count != goal else "quarters"
            done = "cut to" if trim else "silent up to"
            issues.append(_warning("merge.length", f"{name} has {length} {unit}: {done} {whole}"))
    return issues


def _warning(code: str, message: str) -> Issue:
    return Issue(code, message, 0, 0, "warning")


def _quarters(score: Score, tick: int) -> Fraction:
    return Fraction(tick, score.tpq)


def _until(score: Score, events: _Events, until: Fraction) -> list[tuple[Fraction, str]]:
    """What is said up to a moment, and when."""
    places = [(_quarters(score, event.onset), _value(event)) for event in events]
    return [(place, text) for place, text in places if not place or place < until]


def _shown(events: list[tuple[Fraction, str]]) -> str:
    """Events as people read them: ``3/4, 4/4 after 24 quarters``."""
    words = [text + (f" after {place} quarters" if place else "") for place, text in events[:4]]
    more = f" and {len(events) - 4} more" if len(events) > 4 else ""
    return (", ".join(words) or "none") + more


def _value(event: Tempo | Meter | Key) -> str:
    if isinstance(event, Tempo):
        return f"{event.qpm:g} quarters a minute"
    if isinstance(event, Meter):
        return f"{event.numerator}/{event.denominator}"
    if not event.fifths:
        return f"{event.mode} without sharps or flats"
    sign = "sharp" if event.fifths > 0 else "flat"
    return f"{event.mode} with {abs(event.fifths)} {sign}{'s' * (abs(event.fifths) > 1)}"
