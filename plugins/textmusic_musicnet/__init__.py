"""MusicNet: label files and the archive."""

from textmusic_musicnet._format import MusicNetArchive, MusicNetLabels, MusicNetSeconds

__all__ = ["MusicNetArchive", "MusicNetLabels", "MusicNetSeconds"]
