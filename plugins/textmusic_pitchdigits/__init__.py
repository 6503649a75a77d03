"""Numbered notation: the codec `pitchdigits`, the formats `.digits.txt` and `.pdf`."""

from textmusic_pitchdigits.codec import PitchDigitsCodec
from textmusic_pitchdigits.format import PitchDigitsText

__all__ = ["PitchDigitsCodec", "PitchDigitsText"]
