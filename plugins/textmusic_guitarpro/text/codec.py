"""The codec `guitarpro`: all parts of a piece as one text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from textmusic import transforms
from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Feature, Parsed
from textmusic.controls import Controls
from textmusic.errors import DecodeError, EncodeError, InputError, Issue
from textmusic.fretboard import finger
from textmusic.score import Note, Score, Track
from textmusic_guitarpro.text.bounds import MAX_FRET
from textmusic_guitarpro.text.grammar import GuitarProGrammar
from textmusic_guitarpro.text.projection import project
from textmusic_guitarpro.text.reading import read
from textmusic_guitarpro.text.writing import write

__all__ = ["GuitarProCodec"]

_CHARS = "\n " + "".join(map(chr, range(33, 127)))
_HIGHEST_FRET = 24
_LINE_END = re.compile("\n")
_LINES_OF_ONE = 2
"""Lines in the header of a piece of one part."""


@dataclass(frozen=True)
class GuitarProCodec(Codec):
    """Whole pieces: several parts bar by bar, on strings, drums and keys, with techniques.

    `textmusic_guitarpro.text.writing` describes the text.
    """

    name: ClassVar[str] = "guitarpro"
    format_version: ClassVar[int] = 1
    keeps: ClassVar[frozenset[Feature]] = frozenset(Feature) - {Feature.VELOCITY, Feature.META}
    renders: ClassVar[tuple[str, ...]] = ("gp", "gp5", "mid")
    controls: ClassVar[frozenset[str]] = frozenset(
        {"meter", "key", "tempo", "low", "high", "tuning", "program"}
    )

    @property
    def alphabet(self) -> Alphabet:
        """Printable ASCII and the line end."""
        return Alphabet(_CHARS)

    def encode(self, score: Score) -> str:
        """Return the text of a projected score."""
        try:
            text = write(score)
        except (ValueError, IndexError) as error:
            raise EncodeError("the score is outside the domain: project it first") from error
        parsed = read(text)
        if parsed.issues or parsed.score != score:
            raise EncodeError("the score is outside the domain of the texts: project it first")
        return text

    def parse(self, text: str) -> Parsed:
        """Return the music of a text."""
        return read(text)

    def grammar(self, controls: Controls | None = None) -> GuitarProGrammar:
        """Return what may follow in a text: bars that are full, notes that the parts have.

        Raises:
            ConfigError: the texts have no such metre or tuning, or no note of it is in range.
        """
        return GuitarProGrammar(controls)

    def bar_offsets(self, text: str) -> tuple[int, ...]:
        """Return where bars of all parts begin, and where the last one ends."""
        starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        if not text.startswith("@") or starts[-1] < len(text):
            return ()
        head = next((n for n, at in enumerate(starts) if n and text[at : at + 1] != ":"), 0)
        bars = starts[head:]
        if head > _LINES_OF_ONE:
            bars = [at for at in bars if text[at : at + 1] in {"|", ""}]
        return tuple(bars) if len(bars) > 1 else ()

    def project(self, score: Score) -> Score:
        """Return the nearest score that the text holds; `explain` says what that cost."""
        return project(score)[0]

    def explain(self, score: Score) -> tuple[Issue, ...]:
        """Return what `project` changes, as warnings."""
        return tuple(project(score)[1])

    def canonical(self, text: str) -> str:
        """Return the text that the model learns."""
        parsed = self.parse(text)
        try:
            return self.encode(self.project(parsed.score))
        except InputError as error:
            raise DecodeError(f"no music to learn: {error}", parsed.issues) from error

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the pieces of a text: each begins with a line that starts with ``@``."""
        start = 0
        while start < len(text):
            end = text.find("\n@", start) + 1 or len(text)
            yield Document(text[start:end], start)
            start = end

    def transpose(self, text: str, semitones: int) -> str | None:
        """Return the text with all frets moved, fingered anew where that leaves the neck."""
        try:
            score = self.decode(text)
            moved = _with_trills(transforms.transpose(score, semitones), semitones)
            pairs = zip(score.tracks, moved.tracks, strict=True)
            tracks = [_on_neck(one, two) for one, two in pairs]
            if None in tracks:
                return None
            held = replace(moved, tracks=tuple(track for track in tracks if track))
            return self.encode(self.project(held))
        except InputError:
            return None


def _with_trills(score: Score, semitones: int) -> Score:
    """The score with the other pitch of each trill moved as well."""

    def moved(note: Note) -> Note:
        marks = (
            f"trill:{int(mark[6:]) + semitones}" if mark.startswith("trill:") else mark
            for mark in note.marks
        )
        return replace(note, marks=frozenset(marks)) if note.marks else note

    tracks = (
        t if t.is_drum else replace(t, notes=tuple(map(moved, t.notes))) for t in score.tracks
    )
    return replace(score, tracks=tuple(tracks))


def _on_neck(before: Track, after: Track) -> Track | None:
    """Return a transposed track with frets that can be played, None where there are none."""

    def outside(track: Track, highest: int = _HIGHEST_FRET) -> int:
        frets = [track.fret(note) for note in track.notes]
        return sum(fret is not None and not 0 <= fret <= highest for fret in frets)

    if outside(after) <= outside(before) and not outside(after, MAX_FRET):
        return after
    if any("dead" in note.marks for note in after.notes):
        return None
    free = tuple(replace(note, string=None) for note in after.notes)
    fingered, lost = finger(replace(after, notes=free), max_fret=_HIGHEST_FRET)
    return None if lost else fingered
