"""The codec `guitartab`: one fretted instrument as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from textmusic import transforms
from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Feature, Parsed
from textmusic.errors import ConfigError, DecodeError, EncodeError, InputError, Issue
from textmusic.fretboard import finger
from textmusic.score import Score
from textmusic_guitartab import events
from textmusic_guitartab.grammar import EventGrammar
from textmusic_guitartab.parts import parts
from textmusic_guitartab.piece import MAX_FRET, Piece
from textmusic_guitartab.projection import project
from textmusic_guitartab.reading import read_events

__all__ = ["GuitarTabCodec"]

_ALPHABETS = {"events": Alphabet(events.CHARS)}


@dataclass(frozen=True)
class GuitarTabCodec(Codec):
    """Tablature of one fretted instrument of 1…9 strings, as text.

    Args:
        layout: ``events`` (one token an event, one bar a line; what a model learns best),
            ``columns`` (one line a sixteenth) or ``rows`` (one line a string, one system a bar).

    A text that starts with ``@`` is this codec's own (`events` and `raster` describe it); any
    other is a page of tablature as people type it.
    """

    layout: Literal["events", "columns", "rows"] = "events"

    name: ClassVar[str] = "guitartab"
    format_version: ClassVar[int] = 1
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {
            Feature.ONSET,
            Feature.DURATION,
            Feature.PITCH,
            Feature.STRING,
            Feature.METER,
            Feature.TEMPO,
            Feature.TECHNIQUE,
        }
    )
    renders: ClassVar[tuple[str, ...]] = ("gp5", "tab", "mid")
    sources: ClassVar[tuple[str, ...]] = ("tab", "txt")

    def __post_init__(self) -> None:
        if self.layout not in _ALPHABETS:
            known = ", ".join(sorted(_ALPHABETS))
            raise ConfigError(f"no layout {self.layout!r} of guitartab; it has {known}")

    @property
    def alphabet(self) -> Alphabet:
        """The characters of the layout."""
        return _ALPHABETS[self.layout]

    def encode(self, score: Score) -> str:
        """Return the text of a projected score."""
        piece = Piece.of(score)
        text = events.write(piece)
        if piece.to_score() != score:
            raise EncodeError("the score is outside the domain of the texts: project it first")
        return text

    def parse(self, text: str) -> Parsed:
        """Return the music of a text of this codec, or of a page of tablature."""
        return read_events(text)

    def project(self, score: Score) -> Score:
        """Return the nearest score that the layout holds; `explain` says what that cost."""
        return project(score)[0]

    def explain(self, score: Score) -> tuple[Issue, ...]:
        """Return what `project` changes, as warnings."""
        return tuple(project(score)[1])

    def parts(self, score: Score) -> tuple[Score, ...]:
        """Return a score for each track that a fretted instrument can play, no drums."""
        return parts(score)

    def canonical(self, text: str) -> str:
        """Return the text that the model learns, from its own kind or a page of tablature."""
        parsed = self.parse(text)
        try:
            return self.encode(self.project(parsed.score))
        except InputError as error:
            raise DecodeError(f"no tablature to learn: {error}", parsed.issues) from error

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the texts of this codec, or the pieces of a page of tablature."""
        start = 0
        while start < len(text):
            end = text.find("\n@", start) + 1 or len(text)
            yield Document(text[start:end], start)
            start = end

    def grammar(self) -> EventGrammar | None:
        """Return the grammar of layout ``events``; the rasters have none."""
        return EventGrammar() if self.layout == "events" else None

    def transpose(self, text: str, semitones: int) -> str | None:
        """Return the text with all frets moved, or fingered anew where that leaves the neck."""
        try:
            score = self.decode(text)
            track = score.tracks[0]
            if any("dead" in note.marks for note in track.notes) and semitones:
                return None
            moved = transforms.transpose(score, semitones)
            frets = [track.fret(note) for note in moved.tracks[0].notes]
            if any(fret is None or not 0 <= fret <= MAX_FRET for fret in frets):
                free = (replace(note, string=None) for note in moved.tracks[0].notes)
                loose = replace(moved.tracks[0], notes=tuple(free))
                fingered, lost = finger(loose, max_fret=MAX_FRET)
                if lost:
                    return None
                moved = replace(moved, tracks=(fingered,))
            return self.encode(moved)
        except InputError:
            return None
