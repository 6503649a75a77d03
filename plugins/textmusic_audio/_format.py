"""The formats `.wav`, `.ogg` and `.flac`; written, not read."""

from __future__ import annotations

from typing import ClassVar

from textmusic.format import Format, Written
from textmusic.score import Score

__all__ = ["FlacFormat", "OggFormat", "WavFormat"]


class _Sound(Format):
    """A score as it sounds, 44,100 times a second in stereo, its peak at 90 %.

    Needs FluidSynth and a SoundFont: ``TEXTMUSIC_SOUNDFONT``, or one in a usual place. A second of
    echo follows the last note. What is longer than twenty minutes ends there.
    """

    writes: ClassVar[bool] = True

    def encode(self, score: Score) -> Written:
        """Return the sound.

        Raises:
            MissingDependencyError: pyfluidsynth or soundfile is not installed.
            PluginError: FluidSynth or a SoundFont is missing; says what to install.
        """
        from textmusic_audio._files import packed
        from textmusic_audio._synth import sound_of

        samples, issues = sound_of(score)
        return Written(packed(samples, self.name, dict(score.meta)), issues)


class WavFormat(_Sound):
    """Uncompressed, 16 bits a sample."""

    name: ClassVar[str] = "wav"
    title: ClassVar[str] = "WAV sound"


class OggFormat(_Sound):
    """Ogg Vorbis: about a tenth of the size of `WavFormat`."""

    name: ClassVar[str] = "ogg"
    title: ClassVar[str] = "Ogg Vorbis sound"


class FlacFormat(_Sound):
    """FLAC: compressed without loss."""

    name: ClassVar[str] = "flac"
    title: ClassVar[str] = "FLAC sound"
