"""The grids of the layouts."""

from __future__ import annotations

__all__ = ["ALL_GRIDS", "COARSE", "grids_at"]

COARSE = (1, 2, 4)
"""The grids of the raster layouts: every 1/16."""


_FINEST = (105, 70, 336, 240)
"""Ticks of the finest grids of a quarter: 16, 24, 5 and 7 parts; `textmusic.clock` snaps to one."""
ALL_GRIDS = (1 << len(_FINEST)) - 1


def grids_at(ticks: int) -> int:
    """Return the grids that hold a time within a quarter, one bit each."""
    return sum(1 << bit for bit, step in enumerate(_FINEST) if ticks % step == 0)
