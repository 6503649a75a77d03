"""Whether this machine can make sound."""

from __future__ import annotations

import os

import pytest

from textmusic.errors import PluginError
from textmusic.score import Score
from textmusic_audio._synth import sound_of

__all__ = ["sound_or_skip"]


def sound_or_skip() -> None:
    """Skip the test where FluidSynth or a SoundFont is missing; on a build server fail instead."""
    try:
        sound_of(Score())
    except PluginError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
