"""One tune between text and music: what reader, player, writer and encoder share.

Lengths are ticks, `fields.WHOLE` a whole note.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from textmusic.errors import Issue, Severity
from textmusic_abc.fields import MeterValue, TempoValue
from textmusic_abc.pitches import KeySignature, signature

_FREE = MeterValue(0, 4)
_C_MAJOR = signature(0)

__all__ = ["Bar", "Change", "Event", "Overlay", "Sound", "Tone", "Tune", "Voice"]


@dataclass(slots=True)
class Tone:
    """One pitch of a sound: spelling and MIDI number, own length as written, whether tied on."""

    index: int
    alter: int
    pitch: int
    length: int
    tie: bool = False


@dataclass(slots=True)
class Sound:
    """A note, a chord or (without tones) a rest.

    `length` is the length as written, `duration` the time it takes with broken rhythm and
    tuplet. `tuplet` is (p, q, r) on the first sound of a tuplet; `broken` a run of ``>`` or
    ``<`` to the next sound. `symbol` is a chord symbol, `marks` the decorations.
    """

    offset: int
    tones: tuple[Tone, ...]
    length: int
    duration: int
    symbol: str = ""
    marks: tuple[str, ...] = ()
    graces: tuple[tuple[int, int], ...] = ()
    tuplet: tuple[int, int, int] | None = None
    broken: str = ""


@dataclass(slots=True)
class Bar:
    """A bar mark: repeat signs, the passes of an ending that starts here, a double line.

    `times` is how often the section that ends here is played, 0 where no repeat ends.
    """

    offset: int
    times: int = 0
    starts: bool = False
    passes: tuple[int, ...] = ()
    double: bool = False


@dataclass(slots=True)
class Change:
    """A metre, key or tempo from here on, or the name of a part."""

    offset: int
    value: MeterValue | KeySignature | TempoValue | str


@dataclass(slots=True)
class Overlay:
    """``&``: back to the start of the bar, in another layer."""

    offset: int


Event = Sound | Bar | Change | Overlay


@dataclass(slots=True)
class Voice:
    """One voice in the order of the text."""

    ident: str
    events: list[Event] = field(default_factory=list)
    name: str = ""
    program: int = 0
    is_drum: bool = False


@dataclass(slots=True)
class Tune:
    """Header and voices of one tune, and what was wrong with its text."""

    meter: MeterValue = _FREE
    unit: int = 0
    tempo: TempoValue | None = None
    key: KeySignature = _C_MAJOR
    parts: str = ""
    meta: dict[str, str] = field(default_factory=dict)
    voices: list[Voice] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def complain(
        self, code: str, message: str, offset: int, length: int = 1, severity: Severity = "error"
    ) -> None:
        """Add an issue; the codec's name is put before the code."""
        self.issues.append(Issue(f"abc.{code}", message, offset, length, severity))
