"""Guitar tablature: the codec `guitartab`."""

from textmusic_guitartab.codec import GuitarTabCodec
from textmusic_guitartab.format import TabFormat

__all__ = ["GuitarTabCodec", "TabFormat"]
