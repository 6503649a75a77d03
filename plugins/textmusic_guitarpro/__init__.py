"""Guitar Pro files, alphaTex, and the codec `guitarpro`."""

from textmusic_guitarpro._format import GuitarPro3, GuitarPro4, GuitarPro5
from textmusic_guitarpro.alphatex import AlphaTex
from textmusic_guitarpro.gpif.format import GuitarPro6, GuitarPro7
from textmusic_guitarpro.text.codec import GuitarProCodec

__all__ = [
    "AlphaTex",
    "GuitarPro3",
    "GuitarPro4",
    "GuitarPro5",
    "GuitarPro6",
    "GuitarPro7",
    "GuitarProCodec",
]
