"""alphaTex, the text in which users of alphaTab write tablature."""

from textmusic_guitarpro.alphatex.format import AlphaTex

__all__ = ["AlphaTex"]
