"""Read tablature pages (interface; being written)."""

from __future__ import annotations

from collections.abc import Iterator

from textmusic.codec import Document, Parsed


def find_documents(text: str) -> Iterator[Document]:
    """Yield the pieces in the text of a file: one an instrument, none without staves."""
    raise NotImplementedError


def read_page(text: str) -> Parsed:
    """Return the Score of one fretted track that a page holds. Never raises."""
    raise NotImplementedError
