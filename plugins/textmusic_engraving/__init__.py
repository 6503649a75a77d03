"""Pictures of music: the formats `.svg`, `.png` and `.pdf`, with tablature where there are strings."""

from textmusic_engraving._format import ScorePdf, ScorePng, ScoreSvg

__all__ = ["ScorePdf", "ScorePng", "ScoreSvg"]
