"""Numbered notation: the codec `pitchdigits`, the formats `.digits.txt` and `.pdf`."""

from textmusic_pitchdigits.codec import PitchDigitsCodec
from textmusic_pitchdigits.format import PitchDigitsText
from textmusic_pitchdigits.pdf import PitchDigitsPdf

__all__ = ["PitchDigitsCodec", "PitchDigitsPdf", "PitchDigitsText"]
