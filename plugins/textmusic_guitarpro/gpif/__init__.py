"""Guitar Pro 6, 7 and 8: the XML `score.gpif` in its containers."""

from textmusic_guitarpro.gpif.read import read_gp
from textmusic_guitarpro.gpif.write import write_gp

__all__ = ["read_gp", "write_gp"]
