"""Files of event numbers: ``39 36 32 88 88 …``, as in the RNN-Music-Generation system."""

from __future__ import annotations

import re
from typing import ClassVar

from textmusic.codec import Feature
from textmusic.errors import FormatError
from textmusic.format import Format, Loaded, Written, read_text
from textmusic.score import Note, Score, Track
from textmusic_midi.steps import LONGEST, Grid, Issues, gridded, until_next

__all__ = ["EventsFormat"]

_STEP = 88
_LOWEST = 21
_STEPS = 24
_GRID = Grid("events", _STEPS, _LOWEST, _LOWEST + _STEP - 1, "fold", "held", 1)
_MOST_TOKENS = 3_000_000
_NUMBER = re.compile(r"[0-9]+")
_TOKEN = re.compile(r"[^\s,]+")
_HEAD = re.compile(rb"[0-9 ,\t\r\n]+")


class EventsFormat(Format):
    """Numbers 0…88: piano keys from the left, 88 ends a time step of a 24th of a quarter.

    The notes of a step stand from high to low. A file may write a note once, or at each step that
    it sounds; reading tells by counting. Notes written once last until the next, at most four
    quarters. Written files repeat what sounds.
    """

    name: ClassVar[str] = "events.txt"
    title: ClassVar[str] = "event numbers 0…88"
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {Feature.ONSET, Feature.DURATION, Feature.PITCH}
    )
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    is_text: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 16 << 20

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether the first kilobytes are numbers of 0…88, with an 88 among them."""
        start = data[:4096]
        if not _HEAD.fullmatch(start):
            return False
        numbers = start.replace(b",", b" ").split()
        if len(data) > len(start):
            del numbers[-1:]
        return b"88" in numbers and all(len(n) <= 2 and int(n) <= _STEP for n in numbers)

    def decode(self, data: bytes) -> Loaded:
        """Return the music of a file of numbers.

        Raises:
            FormatError: there is no 88 in it, or most of it is no number.
        """
        text = read_text(data)
        issues = Issues("events", len(text))
        frames = _frames(text, issues)
        rows = _sounding(frames) if is_repeated(frames) else _struck(frames)
        track = Track(tuple(Note(*row) for row in rows))
        return Loaded((Score((track,), _STEPS),), issues.all())

    def encode(self, score: Score) -> Written:
        """Return the numbers of all pitched tracks together.

        Raises:
            FormatError: nothing of the score can be written.
        """
        held, lost = gridded(score, _GRID)
        if sum(note.duration for note in held.notes()) + held.end > _MOST_TOKENS:
            raise FormatError(f"more than {_MOST_TOKENS} numbers: the piece is too long or dense")
        frames: list[list[int]] = [[] for _ in range(held.end)]
        for note in held.notes():
            for step in range(note.onset, note.end):
                frames[step].append(note.pitch - _LOWEST)
        if not is_repeated(frames):
            issues = Issues("events", 0)
            message = "so short notes are read as onsets: they will last until the next one"
            issues.add("short", message, 0, 0, "warning")
            lost += issues.all()
        numbers = [n for frame in frames for n in (*sorted(frame, reverse=True), _STEP)]
        return Written((" ".join(map(str, numbers)) + "\n").encode(), tuple(lost))


def is_repeated(frames: list[list[int]]) -> bool:
    """Whether frames repeat what sounds: at least half of the notes stand in the frame before."""
    total = repeated = 0
    before: list[int] = []
    for frame in frames:
        total += len(frame)
        repeated += sum(key in before for key in frame)
        before = frame
    return 2 * repeated >= total > 0


def _frames(text: str, issues: Issues) -> list[list[int]]:
    """The keys of each step."""
    frames: list[list[int]] = [[]]
    bad = count = 0
    for token in _TOKEN.finditer(text):
        count += 1
        if count > _MOST_TOKENS or len(frames) > LONGEST * _STEPS:
            issues.add("too-long", "the rest was not read: the file is too long", token.start())
            break
        word = token[0]
        value = int(word) if len(word) < 4 and _NUMBER.fullmatch(word) else _STEP + 1
        if value == _STEP:
            frames.append([])
        elif value < _STEP:
            if value not in frames[-1]:
                frames[-1].append(value)
        else:
            bad += 1
            message = f"{word[:12]} is no number of 0…{_STEP}"
            issues.add("number", message, token.start(), len(word), "warning")
    if len(frames) == 1 or 2 * bad > count:
        raise FormatError(f"no file of numbers 0…{_STEP} with {_STEP} at the end of each step")
    return frames


def _sounding(frames: list[list[int]]) -> list[tuple[int, int, int]]:
    """Notes that last as long as they are repeated."""
    active: dict[int, int] = {}
    rows = []
    for step, frame in enumerate([*frames, []]):
        for key in [key for key in active if key not in frame]:
            onset = active.pop(key)
            rows.append((onset, step - onset, key + _LOWEST))
        for key in frame:
            active.setdefault(key, step)
    return rows


def _struck(frames: list[list[int]]) -> list[tuple[int, int, int]]:
    """Notes that last until the next."""
    rows = [(step, 1, key + _LOWEST) for step, frame in enumerate(frames) for key in frame]
    return until_next(rows, _STEPS)
