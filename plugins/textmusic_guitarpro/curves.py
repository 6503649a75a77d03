"""Bends and the whammy bar: curves of points, and the marks that stand for them.

A point is (semitones, percent of the length of the written note, 0…100). A curve holds its last
value until the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["Point", "bend_marks", "bend_points", "whammy_mark", "whammy_points"]

Point = tuple[float, float]

_MOST_POINTS = 64
_HIGHEST = 48
_CURVE = re.compile(r"-?\d{1,3}(?:\.\d{1,3})?@\d{1,3}(?:,-?\d{1,3}(?:\.\d{1,3})?@\d{1,3}){0,63}")
_WHOLE_TONE = 2.0


def bend_marks(points: Iterable[Point]) -> set[str]:
    """Return ``bend:N``, ``release``, and ``bend-curve:…`` where the curve is not the plain one.

    Nothing for a curve that never rises. The plain curves rise from 0 to N in the first half of the
    note and stay there; or rise in the first quarter and fall to 0 in the third.
    """
    curve = _canonical(points)
    highest = max((value for value, _ in curve), default=0)
    if highest <= 0:
        return set()
    peak = max(i for i, (value, _) in enumerate(curve) if value == highest)
    released = peak < len(curve) - 1
    marks = {f"bend:{highest:g}"} | ({"release"} if released else set())
    if curve != _canonical(_plain(highest, released=released)):
        marks.add(f"bend-curve:{_text(curve)}")
    return marks


def bend_points(marks: Iterable[str]) -> list[Point] | None:
    """Return the points of a bend, from percent 0 to 100, or None where nothing is bent."""
    found = {name: value for name, _, value in (mark.partition(":") for mark in sorted(marks))}
    if "bend-curve" in found and (curve := _parsed(found["bend-curve"])):
        return _whole(curve)
    if "bend" not in found:
        return None
    try:
        height = float(found["bend"])
    except ValueError:
        height = _WHOLE_TONE
    height = height if 0 < height <= _HIGHEST else _WHOLE_TONE
    return _plain(height, released="release" in found)


def whammy_mark(points: Iterable[Point]) -> set[str]:
    """Return ``whammy:…``, or nothing for a bar that is left alone."""
    curve = _canonical(points)
    return {f"whammy:{_text(curve)}"} if any(value for value, _ in curve) else set()


def whammy_points(marks: Iterable[str]) -> list[Point] | None:
    """Return the points of the whammy bar, from percent 0 to 100, or None where it is not used."""
    for mark in sorted(marks):
        if mark.startswith("whammy:") and (curve := _parsed(mark[7:])):
            return _whole(curve)
    return None


def _plain(height: float, *, released: bool) -> list[Point]:
    if released:
        return [(0, 0), (height, 25), (height, 50), (0, 75), (0, 100)]
    return [(0, 0), (height, 50), (height, 100)]


def _canonical(points: Iterable[Point]) -> list[Point]:
    """Sort, round, and leave out points that change nothing."""
    rounded = [
        (round(min(max(value, -_HIGHEST), _HIGHEST), 3) + 0.0, round(min(max(place, 0), 100)))
        for value, place in points
    ]
    curve: list[Point] = []
    for value, place in sorted(rounded, key=lambda point: point[1]):
        if not curve and place:
            curve.append((value, 0))
        if len(curve) > 1 and curve[-1][0] == curve[-2][0] == value:
            curve.pop()
        curve.append((value, place))
    while len(curve) > 1 and curve[-1][0] == curve[-2][0]:
        curve.pop()
    return curve[:_MOST_POINTS]


def _whole(curve: Sequence[Point]) -> list[Point]:
    last, place = curve[-1]
    return [*curve, (last, 100)] if place < 100 else list(curve)


def _text(curve: Sequence[Point]) -> str:
    return ",".join(f"{value:g}@{place:g}" for value, place in curve)


def _parsed(text: str) -> list[Point]:
    if not _CURVE.fullmatch(text):
        return []
    pairs = (point.split("@") for point in text.split(","))
    return _canonical((float(value), float(place)) for value, place in pairs)
