"""Guitar Pro files."""

from textmusic_guitarpro._format import GuitarPro3, GuitarPro4, GuitarPro5

__all__ = ["GuitarPro3", "GuitarPro4", "GuitarPro5"]
