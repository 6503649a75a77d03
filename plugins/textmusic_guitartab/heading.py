"""The grammar of the first line of all layouts, and what a user asks of a piece.

The header says metre, strings, capo and tempo; which frets a range of pitches leaves on each string
follows from it. A word is offered only where the line can still be completed as asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

from textmusic.controls import Controls
from textmusic.errors import ConfigError
from textmusic_guitartab.meters import OLD_METERS, words
from textmusic_guitartab.piece import (
    FRETS,
    HIGHEST,
    LOWEST,
    MAX_CAPO,
    MAX_FRET,
    MAX_TEMPO,
    MIN_STRINGS,
    MIN_TEMPO,
    SPAN,
    STRINGS,
    pitch_name,
    program_of,
)

__all__ = ["CONTROLS", "Head", "Heading", "Neck", "frets", "spelled"]

CONTROLS = frozenset({"meter", "tempo", "low", "high", "tuning", "program"})
"""The fields of `Controls` that the texts can keep."""
Neck = tuple[tuple[int, int], ...]
"""The lowest and the highest fret that may be played on each string; empty for all of them."""

_NOTES = {pitch_name(pitch): pitch for pitch in range(LOWEST, HIGHEST + 1)}
_CAPOS = {f"c{fret}": fret for fret in range(1, MAX_CAPO + 1)}
_TEMPOS = frozenset(f"t{qpm}" for qpm in range(MIN_TEMPO, MAX_TEMPO + 1))
_PROGRAMS = (25, 33)
_ASKS_TOO_MUCH = "guitartab: no neck of 4 to 9 strings from C0 to B5 has"


class Head(NamedTuple):
    """Where in the header; equal wherever the same may follow."""

    phase: str = "at"
    """``at``, ``meter``, ``header``, or ``bar`` after the line end."""
    word: str = ""
    """What was read of a word; the whole metre until the next one begins."""
    meter: str = ""
    opens: tuple[int, ...] = ()
    """The open strings so far."""
    capo: int = -1
    """-1 as long as none was read."""
    is_old: bool = False
    """Whether the line may be one that is read, but not written."""


@dataclass(frozen=True)
class Heading:
    """The headers that keep what is asked.

    Args:
        meters: the metres of the layout.
        controls: what is asked.

    Raises:
        ConfigError: no header keeps it.
    """

    meters: frozenset[tuple[int, int]]
    controls: Controls

    def __post_init__(self) -> None:
        controls = self.controls
        if unknown := sorted(set(controls.asked()) - CONTROLS):
            raise ConfigError(f"guitartab: the texts say no {unknown[0]}")
        if controls.meter and not self._meters():
            raise ConfigError(
                "guitartab: this layout has no metre of {}/{}".format(*controls.meter)
            )
        if controls.tempo is not None and not self._tempos():
            near = f"whole numbers from {MIN_TEMPO} to {MAX_TEMPO}"
            raise ConfigError(f"guitartab: tempos are {near}, not {controls.tempo:g}")
        if controls.program not in {None, *_PROGRAMS}:
            raise ConfigError(
                f"guitartab: the texts know programs 25 (guitar) and 33 (bass), "
                f"not {controls.program}"
            )
        if not self._reaches(()):
            asked = (name for name in controls.asked() if name not in {"meter", "tempo"})
            said = ", ".join(f"{name} {getattr(controls, name)}" for name in asked)
            raise ConfigError(f"{_ASKS_TOO_MUCH} {said}")

    @property
    def steady(self) -> bool:
        """Whether the metre may not change."""
        return self.controls.meter is not None

    def moves(self, head: Head) -> dict[str, Head]:
        """Return the characters that may follow, and where each leads."""
        return _moves(self, head)

    def finish(self, head: Head) -> str:
        """Return a short ending of the line."""
        ending = ""
        while head.phase != "bar":
            moves = self.moves(head)
            char = next((c for c in _FINISH[head.phase] if c in moves), min(moves))
            ending += char
            head = moves[char]
        return ending

    def neck(self, head: Head) -> Neck:
        """Return the frets that a range of pitches leaves on each string."""
        if self.controls.low is None and self.controls.high is None:
            return ()
        return self._frets(head.opens, max(head.capo, 0))

    def _frets(self, opens: tuple[int, ...], capo: int) -> Neck:
        low, high = self.controls.range
        return tuple(
            (max(low - pitch - capo, 0), min(high - pitch - capo, MAX_FRET)) for pitch in opens
        )

    def follow(self, head: Head) -> Iterator[tuple[str, Head]]:
        """Yield what `moves` returns."""
        if head.phase == "at":
            yield "@", head._replace(phase="meter")
        elif head.phase == "meter":
            meters = words(OLD_METERS) if head.is_old else self._meters()
            for char, word in spelled(head.word, meters):
                yield char, head._replace(word=word)
            if head.word in meters:
                yield " ", head._replace(phase="header", meter=head.word, word="", is_old=False)
        elif head.phase == "header":
            yield from self._words(head)

    def _words(self, head: Head) -> Iterator[tuple[str, Head]]:
        """Open strings, then a capo, then a tempo."""
        choices = _old_choices if head.is_old else partial(_choices, self)
        words = choices(head.opens, head.capo)
        for char, word in spelled(head.word, words):
            yield char, head._replace(word=word)
        if head.word not in words:
            return
        after = head._replace(word="")
        if head.word in _NOTES:
            after = after._replace(opens=(*head.opens, _NOTES[head.word]))
        elif head.word in _CAPOS:
            after = after._replace(capo=_CAPOS[head.word])
        timed = head.word in _TEMPOS
        if not timed:
            yield " ", after
        ends = bool(after.opens) if head.is_old else self._ends(after.opens, after.capo)
        if ends and (timed or self.controls.tempo is None):
            yield "\n", after._replace(phase="bar")

    def choices(self, opens: tuple[int, ...], capo: int) -> set[str]:
        """Return the words that may stand after these strings and this capo, -1 for none."""
        choices = set[str]()
        if capo < 0 and len(opens) < len(STRINGS):
            choices |= {name for name, pitch in _NOTES.items() if self._reaches((*opens, pitch))}
        if capo < 0 and opens:
            choices |= {name for name, fret in _CAPOS.items() if self._ends(opens, fret)}
        if opens and self._ends(opens, capo):
            choices |= self._tempos()
        return choices

    def _meters(self) -> frozenset[str]:
        if self.controls.meter is None:
            return words(self.meters)
        return words(self.meters & {self.controls.meter})

    def _tempos(self) -> frozenset[str]:
        if self.controls.tempo is None:
            return _TEMPOS
        nearest = round(self.controls.tempo)
        exact = abs(nearest - self.controls.tempo) <= 0.01 * nearest
        return _TEMPOS & {f"t{nearest}"} if exact else frozenset()

    def _ends(self, opens: tuple[int, ...], capo: int) -> bool:
        """Whether these are all the strings: as asked, and some note can be played on them."""
        asked = self.controls
        fits = asked.tuning in {None, opens} and asked.program in {None, program_of(opens)}
        if not fits or len(opens) < MIN_STRINGS:
            return False
        return any(low <= high for low, high in self._frets(opens, max(capo, 0)))

    def _reaches(self, opens: tuple[int, ...]) -> bool:
        """Whether more strings, or none, make a neck as asked."""
        tuning = self.controls.tuning
        if tuning is not None:
            writable = all(LOWEST <= pitch <= HIGHEST for pitch in tuning)
            fits = writable and len(tuning) <= len(STRINGS) and tuning[: len(opens)] == opens
            return fits and self._ends(tuning, 0)
        low, high = self.controls.range
        string = min(max(high, LOWEST), HIGHEST) if low <= high else LOWEST
        room = range(len(STRINGS) - len(opens) + 1)
        tried = (
            extra
            for size in room
            for extra in ((string,) * size, (LOWEST, *(string,) * (size - 1)))
        )
        necks = (opens + extra for extra in tried if len(extra) < len(room))
        return any(self._ends(neck, 0) for neck in necks if neck)


def spelled(word: str, words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the next characters of the words that begin like `word`, and what is read then."""
    size = len(word)
    for char in {w[size] for w in words if len(w) > size and w.startswith(word)}:
        yield char, word + char


@lru_cache(maxsize=1 << 14)
def _moves(heading: Heading, head: Head) -> dict[str, Head]:
    return dict(heading.follow(head))


@lru_cache(maxsize=1 << 12)
def _choices(heading: Heading, opens: tuple[int, ...], capo: int) -> set[str]:
    return heading.choices(opens, capo)


def _old_choices(opens: tuple[int, ...], capo: int) -> set[str]:
    """Return the words that may stand there in a text of any number of strings."""
    notes = capo < 0 and len(opens) < len(STRINGS)
    capos = capo < 0 and opens
    return {*(_NOTES if notes else ()), *(_CAPOS if capos else ()), *(_TEMPOS if opens else ())}


def frets(neck: Neck, string: int, low: int, high: int) -> Iterator[str]:
    """Yield the characters of the frets that a hand can add on a string.

    Args:
        neck: what a range of pitches leaves; empty for all frets.
        string: its number.
        low: the lowest fret that the hand holds already; 0 for none.
        high: the highest one.
    """
    least, most = neck[string] if neck else (0, MAX_FRET)
    if least == 0 <= most:
        yield "0"
        yield "x"
    first, last = (high - SPAN, low + SPAN) if low else (1, MAX_FRET)
    for fret in range(max(least, first, 1), min(most, last) + 1):
        yield FRETS[fret]


_FINISH = {"at": "@", "meter": " /4620183", "header": "\nt 2E"}
"""For each phase, what `finish` writes: the first that may follow."""
