"""Drum patterns as a grid of characters: the codec `drumgrid` for textmusic."""

from drumgrid.codec import DrumGridCodec

__all__ = ["DrumGridCodec"]
