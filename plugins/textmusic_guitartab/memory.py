"""What is remembered from piece to piece, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sized
from typing import Generic, TypeVar

__all__ = ["Memory"]

_Key = TypeVar("_Key", bound=Hashable)
_Book = TypeVar("_Book", bound=Sized)
_MOST_BOOKS = 256
_NOW_AND_THEN = 16


class Memory(Generic[_Key, _Book]):
    """Books by key, for those who ask to write into; all are forgotten when they grow too big.

    Args:
        make: makes one for a key.
        most: values that all may hold together; looked at now and then.
    """

    def __init__(self, make: Callable[[_Key], _Book], most: int) -> None:
        self._make = make
        self._most = most
        self._asked = 0
        self._books: dict[_Key, _Book] = {}

    def __call__(self, key: _Key) -> _Book:
        """Return the book of a key."""
        books = self._books
        self._asked += 1
        if self._asked > _NOW_AND_THEN:
            self._asked = 0
            if len(books) > _MOST_BOOKS or sum(map(len, books.values())) > self._most:
                books = self._books = {}
        book = books.get(key)
        if book is None:
            book = books[key] = self._make(key)
        return book
