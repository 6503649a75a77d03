"""What a user asks of a text of steps, in the terms of its grid."""

from __future__ import annotations

from typing import NamedTuple

from textmusic.controls import Controls
from textmusic.errors import ConfigError
from textmusic_midi.steps.grid import Grid

__all__ = ["CONTROLS", "Asked", "asked"]

CONTROLS = frozenset({"meter", "tempo", "low", "high", "program"})
"""The controls that texts of steps can keep."""


class Asked(NamedTuple):
    """What must hold of a whole text; None leaves it open.

    Args:
        low: lowest MIDI pitch.
        high: highest MIDI pitch.
        meter: numerator and denominator.
        tempo: as the text says it.
        program: of every part.
    """

    low: int
    high: int
    meter: str | None = None
    tempo: str | None = None
    program: str | None = None


def asked(controls: Controls | None, grid: Grid) -> Asked:
    """Return what controls mean on a grid.

    Raises:
        ConfigError: no text of this grid can keep them.
    """
    if controls is None:
        return Asked(grid.lowest, grid.highest)
    name = grid.name
    if unknown := sorted({*controls.asked()} - CONTROLS):
        raise ConfigError(f"{name}: its text says no {unknown[0]}, so none can be asked for")
    low, high = controls.range
    low, high = max(low, grid.lowest), min(high, grid.highest)
    if low > high:
        raise ConfigError(
            f"{name}: its range is {grid.lowest}…{grid.highest}; ask for pitches there"
        )
    return Asked(
        low,
        high,
        _meter(controls, grid),
        _tempo(controls, name),
        None if controls.program is None else str(controls.program),
    )


def _meter(controls: Controls, grid: Grid) -> str | None:
    if controls.meter is None:
        return None
    num, den = controls.meter
    if 4 * grid.steps * num % den:
        raise ConfigError(
            f"{grid.name}: a bar of {num}/{den} is no whole number of steps at {grid.steps} a quarter"
        )
    return f"{num}/{den}"


def _tempo(controls: Controls, name: str) -> str | None:
    if controls.tempo is None:
        return None
    whole = round(controls.tempo)
    if abs(whole - controls.tempo) > 0.01 * whole:
        message = f"{name}: tempos are whole quarters a minute: ask for {whole}"
        raise ConfigError(message)
    return str(whole)
