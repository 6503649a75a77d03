"""Write tablature pages (interface; being written)."""

from __future__ import annotations

from textmusic.errors import Issue
from textmusic.score import Score


def write_page(score: Score, track: int = 0, width: int = 80) -> tuple[str, tuple[Issue, ...]]:
    """Return one fretted track as a page, and what the page cannot hold."""
    raise NotImplementedError
