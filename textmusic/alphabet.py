"""The closed alphabet of a codec: ordered single characters and their ids.

Id 0 is the document boundary. It lies outside every text: no character maps to it, so a
document can hold any character of the alphabet and still end unmistakably.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from textmusic.errors import ConfigError, EncodeError, Issue

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BOUNDARY", "Alphabet"]

BOUNDARY = 0


@dataclass(frozen=True)
class Alphabet:
    """Ordered single characters; character number i has id i + 1, id 0 is the boundary.

    Args:
        chars: the characters, each once; the order is part of a codec's format version.

    Raises:
        ConfigError: a character occurs twice, or there is none.

    Example:
        >>> alphabet = Alphabet("abc|")
        >>> alphabet.encode("cab").tolist()
        [3, 1, 2]
        >>> alphabet.decode([3, 1, 2])
        'cab'
    """

    chars: str

    def __post_init__(self) -> None:
        if not self.chars or len(set(self.chars)) != len(self.chars):
            raise ConfigError(f"an alphabet needs distinct characters, not {self.chars!r}")

    @property
    def size(self) -> int:
        """Number of ids: the characters and the boundary."""
        return len(self.chars) + 1

    def __contains__(self, char: str) -> bool:
        return char in self._ids

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {char: index + 1 for index, char in enumerate(self.chars)}

    @cached_property
    def _table(self) -> NDArray[np.uint16]:
        """Code point -> id, 0 for what is not in the alphabet."""
        import numpy as np

        table = np.zeros(max(map(ord, self.chars)) + 2, np.uint16)
        for char, index in self._ids.items():
            table[ord(char)] = index
        return table

    def encode(self, text: str) -> NDArray[np.uint16]:
        """Return the ids of a text, one a character.

        Raises:
            EncodeError: the text holds a character outside the alphabet; its issue has the place.
        """
        import numpy as np

        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        ids: NDArray[np.uint16] = self._table[np.minimum(points, len(self._table) - 1)]
        if not ids.all():
            offset = int(np.argmin(ids != 0))
            issue = Issue("alphabet.unknown", f"no such character: {text[offset]!r}", offset)
            raise EncodeError(issue.message, [issue])
        return ids

    def decode(self, ids: NDArray[np.integer] | list[int]) -> str:
        """Return the text of some ids; the boundary has no character and raises ValueError."""
        chars = self.chars
        pieces = []
        for index in ids:
            if not 1 <= index <= len(chars):
                raise ValueError(f"id {index} is not a character of this alphabet")
            pieces.append(chars[int(index) - 1])
        return "".join(pieces)
