"""Chord symbols that readers know: a root, a quality, a bass."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["TAILS", "known_symbol"]

_QUALITIES: Final = (
    "", "m", "7", "m7", "maj7", "M7", "6", "m6", "dim", "dim7", "aug", "aug7", "+", "m7b5", "9", "m9", "maj9",
    "11", "sus", "sus2", "sus4", "7sus4", "sus9", "5",
)  # fmt: skip
_SIGNS: Final = ("", "#", "b")
_BASSES: Final = ("", *(f"/{name}{sign}" for name in "ABCDEFG" for sign in _SIGNS))
TAILS: Final = frozenset(s + q + b for s in _SIGNS for q in _QUALITIES for b in _BASSES)
"""What may follow the letter of the root."""


def known_symbol(text: str) -> bool:
    """Whether a chord symbol is one that readers know, such as ``F#m7/C``."""
    return re.match(r"[A-G]", text) is not None and text[1:] in TAILS
