"""What of a voice in one bar matters to the bars around it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Trace"]


class Trace(NamedTuple):
    """What a voice needs of the bar before it, and what sounds at its end."""

    shuns: tuple[int, ...] = ()
    """Places that may not sound before it: grace notes are struck there, and then all is held."""
    holds: bool = False
    """Whether it begins with a hold."""
    ties: tuple[int, ...] = ()
    """Places that its first event lets go on."""
    gives: tuple[int, ...] | None = ()
    """Places that sound at its end; None for all that sounded before."""
