"""Whether this machine can make sound."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from textmusic.errors import PluginError
from textmusic.score import Score
from textmusic_audio._synth import sound_of

__all__ = ["sound_or_skip"]

_SMALL = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
if _SMALL.exists():
    os.environ.setdefault("TEXTMUSIC_SOUNDFONT", str(_SMALL))  # others take long to load


def sound_or_skip() -> None:
    """Skip the test where FluidSynth or a SoundFont is missing; on a build server fail instead."""
    try:
        sound_of(Score())
    except PluginError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
