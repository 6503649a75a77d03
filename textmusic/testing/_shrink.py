"""Smaller examples that break the same law, and their short written form."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from textmusic.score import Note, Score

__all__ = ["brief", "quote", "smaller_score", "smaller_text"]

Example = TypeVar("Example", Score, str)
_ATTEMPTS = 400
_SECONDS = 5.0


def smaller_score(score: Score, still: Callable[[Score], bool]) -> Score:
    """Return a score with less in it for which `still` holds; bounded in tries and seconds."""
    return _shrunk(score, _simpler_scores, still)


def smaller_text(text: str, still: Callable[[str], bool]) -> str:
    """Return a shorter text for which `still` holds; bounded in tries and seconds."""
    return _shrunk(text, _without, still)


def _shrunk(
    example: Example,
    simpler: Callable[[Example], Iterator[Example]],
    still: Callable[[Example], bool],
) -> Example:
    until, attempts = time.monotonic() + _SECONDS, _ATTEMPTS
    progress = True
    while progress:
        progress = False
        for candidate in simpler(example):
            attempts -= 1
            if attempts < 0 or time.monotonic() > until:
                return example
            if still(candidate):
                example, progress = candidate, True
                break
    return example


def _simpler_scores(score: Score) -> Iterator[Score]:
    tracks = score.tracks
    for index in range(len(tracks)):
        yield replace(score, tracks=tracks[:index] + tracks[index + 1 :])
    for field in ("tempos", "meters", "keys", "meta"):
        values = getattr(score, field)
        if values:
            changed: list[dict[str, Any]] = [{field: ()}]
            if len(values) > 1:
                changed.append({field: values[:1]})
            yield from (replace(score, **fields) for fields in changed)
    for index, track in enumerate(tracks):
        for notes in _without(track.notes):
            smaller = replace(track, notes=notes)
            yield replace(score, tracks=(*tracks[:index], smaller, *tracks[index + 1 :]))
    for index, track in enumerate(tracks):
        bare = replace(
            track,
            name="",
            notes=tuple(n if n.grace else replace(n, marks=frozenset()) for n in track.notes),
        )
        if bare != track:
            yield replace(score, tracks=(*tracks[:index], bare, *tracks[index + 1 :]))


_Items = TypeVar("_Items", tuple[Note, ...], str)


def _without(items: _Items) -> Iterator[_Items]:
    """Yield sequences with ever smaller runs of items left out."""
    size = (len(items) + 1) // 2
    while items and size:
        for start in range(0, len(items), size):
            yield items[:start] + items[start + size :]
        size //= 2


def quote(text: str, limit: int = 300) -> str:
    """Return a text as a Python literal, cut in the middle when long."""
    shown = repr(text)
    half = limit // 2
    return shown if len(shown) <= limit else f"{shown[:half]} … {shown[-half:]}"


def brief(value: object, limit: int = 700) -> str:
    """Return Python that builds a value of `textmusic.score`, without the defaults."""
    shown = _source(value)
    return shown if len(shown) <= limit else f"{shown[:limit]} …"


def _source(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_source, value))}]"
    if isinstance(value, frozenset):
        return f"frozenset({sorted(value)!r})"
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return repr(value)
    parts = []
    positional = True
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if content == field.default:
            positional = False
        else:
            parts.append(_source(content) if positional else f"{field.name}={_source(content)}")
    return f"{type(value).__name__}({', '.join(parts)})"
