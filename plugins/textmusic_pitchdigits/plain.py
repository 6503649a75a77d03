"""The plain form: one line of degrees, every note and rest a quarter.

::

    text = token { separator token }
    token = [ "#" | "b" ] degree { up | down }  |  rest       degree = "1" … "7"

Nothing else is in the text: neither length nor key nor metre.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from textmusic.codec import Parsed
from textmusic.errors import ConfigError, EncodeError
from textmusic.score import Note, Score, Track
from textmusic_pitchdigits.pitches import pitch_of, spell

__all__ = ["SEPARATORS", "Plain"]

SEPARATORS = ("", " ", ",", "|", ";")
_MARKS = "+-',^v_."
_RESTS = "0xr*"
_MOST_SILENCE = 1000


@dataclass(frozen=True, slots=True)
class Plain:
    """How plain text is written.

    Args:
        tonic: MIDI pitch of the unmarked 1, 12…115.
        separator: between two notes; one of `SEPARATORS`.
        up: what after a digit says an octave higher; repeated for more.
        down: what says an octave lower.
        rest: stands for a quarter of silence; one of ``0``, ``x``, ``r``, ``*``.

    Raises:
        ConfigError: a value is unknown, or two of them cannot be told apart.
    """

    tonic: int = 60
    separator: str = ""
    up: str = "+"
    down: str = "-"
    rest: str = "0"

    def __post_init__(self) -> None:
        if not 12 <= self.tonic <= 115:
            raise ConfigError(f"a tonic of {self.tonic} is outside the MIDI pitches 12…115")
        if self.separator not in SEPARATORS:
            known = ", ".join(map(repr, SEPARATORS))
            raise ConfigError(f"no separator {self.separator!r}; known: {known}")
        for mark in (self.up, self.down):
            if len(mark) != 1 or mark not in _MARKS:
                raise ConfigError(f"no octave mark {mark!r}; known: {' '.join(_MARKS)}")
        if len(self.rest) != 1 or self.rest not in _RESTS:
            raise ConfigError(f"no rest mark {self.rest!r}; known: {' '.join(_RESTS)}")
        if self.up == self.down or self.separator in {self.up, self.down}:
            raise ConfigError("separator and octave marks must be three different characters")

    @property
    def chars(self) -> str:
        """The characters of plain texts."""
        return f"{self.rest}1234567{self.up}{self.down}#b{self.separator}"

    def write(self, score: Score) -> str:
        """Return the text of a score of quarters."""
        notes = [note for track in score.tracks for note in track.notes]
        tokens: list[str] = []
        for note in notes:
            tokens += [self.rest] * (note.onset - len(tokens))
            tokens.append(self._token(note.pitch))
        return self.separator.join(tokens)

    def _token(self, pitch: int) -> str:
        accidental, degree, octave = spell(pitch, self.tonic)
        return f"{accidental}{degree}{(self.up if octave > 0 else self.down) * abs(octave)}"

    def holds(self, score: Score) -> bool:
        """Whether a score is one that plain text gives back unchanged."""
        notes = score.tracks[0].notes if len(score.tracks) == 1 else ()
        if not notes or score.end > 2 * len(notes) + _MOST_SILENCE:
            return False
        try:
            return all(n.duration == 1 for n in notes) and self.score(self.write(score)) == score
        except EncodeError:
            return False

    def score(self, text: str) -> Score:
        """Return the score of a well-formed text.

        Raises:
            EncodeError: the text is not well formed.
        """
        pitches = self._pitches(text)
        if pitches is None:
            raise EncodeError("not a plain text of pitch digits")
        notes = [Note(i, 1, pitch) for i, pitch in enumerate(pitches) if pitch is not None]
        return Score((Track(tuple(notes)),), 1)

    def parse(self, text: str) -> Parsed | None:
        """Return the music of a well-formed text, None for any other."""
        pitches = self._pitches(text)
        if not pitches or all(pitch is None for pitch in pitches):
            return None
        return Parsed(self.score(text))

    def _pitches(self, text: str) -> list[int | None] | None:
        """The pitch of every token, None for a rest; None for a text that is not well formed."""
        token = re.compile(
            f"(?:([#b]?)([1-7])({re.escape(self.up)}+|{re.escape(self.down)}+|)"
            f"|{re.escape(self.rest)})({re.escape(self.separator)})"
        )
        text += self.separator
        pitches: list[int | None] = []
        at = 0
        while at < len(text):
            match = token.match(text, at)
            if match is None:
                return None
            at = match.end()
            if match[2] is None:
                pitches.append(None)
                continue
            octave = len(match[3]) * (1 if match[3][:1] == self.up else -1)
            pitch = pitch_of(match[1], int(match[2]), octave, self.tonic)
            if not 0 <= pitch <= 127:
                return None
            pitches.append(pitch)
        return pitches
