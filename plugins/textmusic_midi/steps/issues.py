"""Issues of a text in order of reading, bounded in number."""

from __future__ import annotations

from textmusic.errors import Issue, Severity

__all__ = ["Issues"]

_MOST = 100


class Issues:
    """Collects the first hundred issues of one codec.

    Args:
        name: what their codes begin with.
        size: length of the text, in which all places must lie.
    """

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self.size = size
        self._found: list[Issue] = []

    def add(
        self, code: str, message: str, offset: int, length: int = 1, severity: Severity = "error"
    ) -> None:
        """Note an issue at a place of the text."""
        if len(self._found) < _MOST:
            offset = min(offset, self.size)
            length = min(length, self.size - offset)
            found = Issue(f"{self._name}.{code}", message, offset, length, severity)
            self._found.append(found)

    def all(self) -> tuple[Issue, ...]:
        """Return what was noted."""
        return tuple(self._found)
