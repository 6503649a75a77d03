"""Sound: the formats `.wav`, `.ogg` and `.flac`, played by FluidSynth with a SoundFont."""

from textmusic_audio._format import FlacFormat, OggFormat, WavFormat

__all__ = ["FlacFormat", "OggFormat", "WavFormat"]
