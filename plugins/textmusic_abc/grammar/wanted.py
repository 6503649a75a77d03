"""What a user asks of a piece, in the words of the text."""

from __future__ import annotations

from typing import NamedTuple

from textmusic.controls import Controls
from textmusic.errors import ConfigError
from textmusic_abc.fields import MeterValue, TempoValue
from textmusic_abc.pitches import signature

__all__ = ["KEPT", "Wanted", "wanted_of"]

KEPT = frozenset({"meter", "key", "tempo", "low", "high", "program"})
"""The fields of `Controls` that a grammar can keep."""

_BEATS = ((1, 4), (3, 8), (1, 2), (1, 8), (1, 16))
_CLOSE = 1e-6
_NEAR = 0.01  # what `Controls.broken` lets pass


class Wanted(NamedTuple):
    """What must hold of the whole piece; nothing in it may break it later.

    Args:
        meter: text of the metre, empty for any.
        key: text of the key, empty for any.
        tempi: texts of the tempo, empty for any.
        low, high: MIDI numbers between which every pitch lies.
        program: of every voice; -1 for any.
        endless: no ``|]`` where anything else can come.
    """

    meter: str = ""
    key: str = ""
    tempi: frozenset[str] = frozenset()
    low: int = 0
    high: int = 127
    program: int = -1
    endless: bool = False

    @property
    def asks(self) -> bool:
        """Whether something must hold."""
        return self[:-1] != Wanted()[:-1]


def wanted_of(controls: Controls | None) -> Wanted | None:
    """Return what is asked for; None for nothing.

    Raises:
        ConfigError: no text can keep it.
    """
    asked = controls.asked() if controls else ()
    if controls is None or not asked:
        return None
    if others := set(asked) - KEPT:
        raise ConfigError(f"ABC has no {min(others)}; it keeps {', '.join(sorted(KEPT))}")
    low, high = controls.range
    return Wanted(
        MeterValue(*controls.meter).text if controls.meter else "",
        signature(*controls.key).text if controls.key else "",
        _tempi(controls.tempo) if controls.tempo is not None else frozenset(),
        low,
        high,
        -1 if controls.program is None else controls.program,
    )


def _tempi(qpm: float) -> frozenset[str]:
    """The exact spellings of a tempo, or else the nearest one."""
    tempi = [TempoValue(num, den, round(qpm * den / (4 * num))) for num, den in _BEATS]
    off = {tempo.text: abs(tempo.qpm / qpm - 1) for tempo in tempi if 1 <= tempo.count <= 9999}
    least = min(off.values())
    if least >= _NEAR:
        raise ConfigError(f"ABC writes no tempo near {qpm:g} quarters a minute")
    return frozenset(text for text, away in off.items() if away <= max(least, _CLOSE))
