"""Tablature: the tuning of a staff, and the strings of its notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from textmusic_musicxml._page import Part, Sound

__all__ = ["Frets", "frets_of"]

_GUITAR = (40, 45, 50, 55, 59, 64)
_STANDARD = {
    4: (28, 33, 38, 43),
    5: (23, 28, 33, 38, 43),
    6: _GUITAR,
    7: (35, *_GUITAR),
    8: (30, 35, *_GUITAR),
}
_HIGHEST_FRET = 60


@dataclass(frozen=True, slots=True)
class Frets:
    """The strings of a staff, lowest first, and its capo."""

    tuning: tuple[int, ...] = ()
    capo: int = 0

    def index(self, sound: Sound, lost: Counter[str]) -> int | None:
        """Return the index of the string that a note is played on, or None."""
        if not sound.string or sound.string > len(self.tuning):
            return None
        index = len(self.tuning) - sound.string
        fret = sound.pitch - self.tuning[index] - self.capo
        lost["fret"] += sound.fret is not None and fret != sound.fret and not sound.marks
        if sound.fret is not None and not 0 <= fret <= _HIGHEST_FRET:
            return None
        return index


def frets_of(part: Part, staff: int, sounds: Sequence[Sound]) -> Frets:
    """Return the tuning of a staff: as declared, and moved where all its frets say so.

    Files disagree on whether a tuning is written or sounding, and many leave it out.
    """
    lines = part.tunings.get(staff, {})
    fretted = [s for s in sounds if s.string and s.fret is not None]
    highest = max((s.string for s in sounds if s.string), default=0)
    count = max(lines, default=0) or max(highest, part.lines.get(staff, 0) if highest else 0)
    if not lines and not highest:
        return Frets()
    if not lines:
        count = max(count, 6 if highest > 4 else 4)
    count = max(count, highest)
    capo = part.capos.get(staff, 0)
    usual = _STANDARD.get(count, tuple(range(28, 28 + 5 * count, 5)))
    tuning = [lines.get(line, usual[line - 1]) for line in range(1, count + 1)]
    votes = _votes(fretted, count, capo)
    moves = {votes[i] - tuning[i] for i in votes}
    if lines and len(moves) == 1:
        move = moves.pop()
        tuning = [pitch + move for pitch in tuning]
    else:
        for index, pitch in votes.items():
            tuning[index] = pitch
    return Frets(tuple(tuning), capo) if all(0 <= p <= 127 for p in tuning) else Frets()


def _votes(fretted: Sequence[Sound], count: int, capo: int) -> dict[int, int]:
    """Return the pitch of each open string (by index) that most of its notes agree on."""
    ballots: dict[int, Counter[int]] = {}
    for sound in fretted:
        if sound.fret is not None and not any(m.startswith("harmonic") for m in sound.marks):
            box = ballots.setdefault(count - sound.string, Counter())
            box[sound.pitch - sound.fret - capo] += 1
    return {index: box.most_common(1)[0][0] for index, box in ballots.items()}
