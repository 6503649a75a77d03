"""Guitar tablature: the codec `guitartab`."""

from textmusic_guitartab.codec import GuitarTabCodec

__all__ = ["GuitarTabCodec"]
