"""ABC notation: the codec `abc` and the format `.abc`."""

from textmusic_abc.codec import AbcCodec
from textmusic_abc.format import AbcFormat

__all__ = ["AbcCodec", "AbcFormat"]
