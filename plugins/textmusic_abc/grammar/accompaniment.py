"""What readers play under chord symbols, and where it is silent, so that a tune may end there.

abc2midi plays a pattern over each bar, by its metre, to the end of the tune and beyond, and calls
a note of it that outlasts the tune an error. A metre without a pattern keeps the one before. Found
by experiment.
"""

from __future__ import annotations

from textmusic_abc.fields import WHOLE, read_meter

__all__ = ["ends_well", "is_accompanied"]

_EIGHTH = WHOLE // 8
_QUARTER = WHOLE // 4
_ACCOMPANIED = frozenset(
    {"2/4", "3/4", "4/4", "5/4", "6/4", "7/4", "2/2", "3/8", "5/8", "6/8", "7/8", "9/8", "12/8"}
)
_SILENT: dict[int, frozenset[int]] = {
    eighths: frozenset(places)
    for eighths, places in (
        (3, ()),
        (4, (1, 3)),
        (5, (1, 4)),
        (6, (1,)),
        (7, (1, 4, 6)),
        (8, (1, 3, 5, 7)),
        (9, (1, 4, 7)),
        (12, (1, 7)),
    )
}
"""By the eighths of a bar those without a note, in all metres of that length with a pattern."""


def is_accompanied(meter: str) -> bool:
    """Whether chord symbols may stand in a metre that follows any other, and all bars end well."""
    if meter in _ACCOMPANIED:
        return True
    value = read_meter(meter)
    return (
        value is not None
        and 0 == value.ticks % _QUARTER < value.ticks
        and (value.ticks // _EIGHTH not in _SILENT)
    )


def ends_well(bar: int, position: int) -> bool:
    """Whether nothing of an accompaniment is cut where a tune ends.

    Args:
        bar: ticks of a full bar, in a metre that `is_accompanied` or the header's.
        position: ticks from the bar line to the end of the tune.
    """
    if position % _QUARTER == 0:
        return True
    eighth, rest = divmod(position, _EIGHTH)
    silent = _SILENT.get(bar // _EIGHTH if bar % _EIGHTH == 0 else 0)
    return silent is not None and (not rest or eighth in silent)
