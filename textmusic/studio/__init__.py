"""The studio: a local web application in which people write music together with a model."""

from __future__ import annotations

from textmusic.studio._serve import Studio, studio

__all__ = ["Studio", "studio"]
