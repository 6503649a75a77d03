"""Where bars are cut short: as an upbeat, before another metre, and where two sections meet.

Of 1,194 folk tunes 2 % have a short bar anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textmusic.score import Meter

__all__ = ["APART", "squared"]

APART = 7
"""Whole bars that stand before a bar cut short, unless it is the first."""
_DENOMINATORS = (1, 2, 4, 8, 16, 32, 64, 128)

_Metre = tuple[int, int]


def squared(
    meters: Sequence[Meter], tpq: int, end: int, fits: Callable[[int, int], bool]
) -> tuple[list[Meter], int]:
    """Return metres for every bar before `end`, cut short only where music has it.

    A bar may be shorter than its metre if it is the first, or if `APART` whole bars stand before
    it and either another metre begins after it or the bar after it is what it lacks (a section
    with an upbeat). Any other gets a metre of its own; where none is so long, its bar line goes.

    Args:
        meters: sorted by onset (ticks).
        tpq: ticks a quarter; every bar is a whole number of ticks.
        end: ticks.
        fits: whether a numerator and a denominator are a metre that may be written.

    Returns:
        A metre for every bar, and how many bars were changed.

    Example:
        >>> odd = [Meter(0, 4, 4), Meter(8, 4, 4), Meter(11, 4, 4)]
        >>> [(m.onset, m.numerator, m.denominator) for m in squared(odd, 1, 12, lambda n, d: True)[0]]
        [(0, 4, 4), (4, 4, 4), (8, 3, 4), (11, 4, 4)]
    """
    bars = _Bars([(m.onset, (m.numerator, m.denominator)) for m in meters], tpq, end, fits)
    return list(bars.walk()), bars.changed


class _Bars:
    """Goes from bar to bar."""

    def __init__(
        self,
        changes: list[tuple[int, _Metre]],
        tpq: int,
        end: int,
        fits: Callable[[int, int], bool],
    ) -> None:
        self.changed = 0
        self._changes = [change for change in changes if change[0] < end]
        self._tpq = tpq
        self._end = end
        self._fits = fits
        self._next = 0
        self._whole = 0
        self._rest = 0
        self._cut: _Metre | None = None

    def walk(self) -> Iterator[Meter]:
        """Yield the metre of each bar."""
        at, metre = 0, (4, 4)
        while at < self._end:
            while self._next < len(self._changes) and self._changes[self._next][0] <= at:
                metre = self._changes[self._next][1]
                self._next += 1
            rest, self._rest = self._rest, 0
            if rest:
                own, stop, is_cut = metre, at + rest, True
            else:
                own, stop, is_cut = self._bar(at, metre)
            yield Meter(at, *own)
            self._whole = 0 if is_cut else self._whole + 1
            self._cut = own if is_cut else None
            at = stop

    def _bar(self, at: int, metre: _Metre) -> tuple[_Metre, int, bool]:
        """Return the metre of a bar, its end, and whether it is cut short."""
        stop = at + 4 * self._tpq * metre[0] // metre[1]
        for look in range(self._next, len(self._changes)):
            onset, after = self._changes[look]
            if onset >= stop:
                break
            closes = look + 1 < len(self._changes) and self._changes[look + 1][0] == stop
            if not at or (self._whole >= APART and (after != metre or closes)):
                self._rest = stop - onset if at and after == metre else 0
                return metre, onset, True
            self.changed += 1
            for own in _metres(onset - at, self._tpq, metre[1]):
                if own != self._cut and self._fits(*own):
                    return own, onset, False
        return metre, stop, False


def _metres(ticks: int, tpq: int, denominator: int) -> Iterator[_Metre]:
    """The metres of bars of a length, that with a given denominator first."""
    for under in (denominator, *_DENOMINATORS):
        number, rest = divmod(ticks * under, 4 * tpq)
        if not rest and 1 <= number <= 255:
            yield number, under
