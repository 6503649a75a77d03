"""The codec `guitartab`: one fretted instrument as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple

from textmusic import transforms
from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Feature, Parsed
from textmusic.controls import Controls
from textmusic.errors import ConfigError, DecodeError, EncodeError, InputError, Issue
from textmusic.fretboard import finger
from textmusic.grammar import Grammar
from textmusic.score import Score
from textmusic_guitartab import events, raster
from textmusic_guitartab.clock import COARSE
from textmusic_guitartab.grammar import EventGrammar
from textmusic_guitartab.hand import is_held
from textmusic_guitartab.heading import CONTROLS
from textmusic_guitartab.music import music_of
from textmusic_guitartab.page import find_documents, hear_page, read_page
from textmusic_guitartab.parts import parts
from textmusic_guitartab.piece import MAX_FRET, Piece
from textmusic_guitartab.projection import project
from textmusic_guitartab.rastergrammar import RasterGrammar
from textmusic_guitartab.reading import read_events
from textmusic_guitartab.scoring import piece_of, score_of

__all__ = ["GuitarTabCodec"]


class _Layout(NamedTuple):
    """One way to write a piece."""

    alphabet: Alphabet
    write: Callable[[Piece], str]
    read: Callable[[str], Parsed]
    grammar: Callable[[Controls | None], Grammar[Any]]
    bar_end: re.Pattern[str]
    """What ends the header and each bar."""
    divisions: tuple[int, ...] | None = None


_CELLS = Alphabet(raster.CHARS)
_LAYOUTS = {
    "events": _Layout(
        Alphabet(events.CHARS), events.write, read_events, EventGrammar, re.compile(r"\n")
    ),
    "columns": _Layout(
        _CELLS,
        raster.write_columns,
        raster.read_columns,
        partial(RasterGrammar, rows=False),
        re.compile(r"\A.*\n|^[|!]\n", re.MULTILINE),
        COARSE,
    ),
    "rows": _Layout(
        _CELLS,
        raster.write_rows,
        raster.read_rows,
        partial(RasterGrammar, rows=True),
        re.compile(r"\A.*\n|\n\n"),
        COARSE,
    ),
}


@dataclass(frozen=True)
class GuitarTabCodec(Codec):
    """Tablature of one fretted instrument of 4…9 strings, as text.

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
    controls: ClassVar[frozenset[str]] = CONTROLS

    def __post_init__(self) -> None:
        if self.layout not in _LAYOUTS:
            known = ", ".join(_LAYOUTS)
            raise ConfigError(f"no layout {self.layout!r} of guitartab; it has {known}")
        if self.layout != "events":
            object.__setattr__(self, "keeps", self.keeps - {Feature.TECHNIQUE})

    @property
    def alphabet(self) -> Alphabet:
        """The characters of the layout."""
        return _LAYOUTS[self.layout].alphabet

    def encode(self, score: Score) -> str:
        """Return the text of a projected score."""
        piece = piece_of(score)
        text = _LAYOUTS[self.layout].write(piece)
        if score_of(piece) != score:
            raise EncodeError("the score is outside the domain of the texts: project it first")
        return text

    def parse(self, text: str) -> Parsed:
        """Return the music of a text of this codec, or of a page of tablature."""
        if not text.startswith("@"):
            return read_page(text)
        return _LAYOUTS[self.layout].read(text)

    def project(self, score: Score) -> Score:
        """Return the nearest score that the layout holds; `explain` says what that cost."""
        return score_of(project(music_of(score), _LAYOUTS[self.layout].divisions)[0])

    def explain(self, score: Score) -> tuple[Issue, ...]:
        """Return what `project` changes, as warnings."""
        return tuple(project(music_of(score), _LAYOUTS[self.layout].divisions)[1])

    def parts(self, score: Score) -> tuple[Score, ...]:
        """Return a score for each track that a fretted instrument can play, no drums."""
        return parts(score)

    def canonical(self, text: str) -> str:
        """Return the text that the model learns, from its own kind or a page of tablature."""
        return self.learn(text)[0]

    def learn(self, text: str) -> tuple[str, Parsed]:
        """Return the text that the model learns, and its music."""
        layout = _LAYOUTS[self.layout]
        issues: tuple[Issue, ...] = ()
        try:
            if text.startswith("@"):
                parsed = layout.read(text)
                issues, music = parsed.issues, music_of(parsed.score)
            else:
                music, issues = hear_page(text)
            piece, _ = project(music, layout.divisions)
            return layout.write(piece), Parsed(score_of(piece))
        except InputError as error:
            raise DecodeError(f"no tablature to learn: {error}", issues) from error

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the texts of this codec, or the pieces of a page of tablature."""
        if not text.startswith("@"):
            yield from find_documents(text)
            return
        start = 0
        while start < len(text):
            end = text.find("\n@", start) + 1 or len(text)
            yield Document(text[start:end], start)
            start = end

    def bar_offsets(self, text: str) -> tuple[int, ...]:
        """Return where the bars lie: lines, in layout ``rows`` systems; a bar has its own metre."""
        if not text.startswith("@"):
            return ()
        return tuple(match.end() for match in _LAYOUTS[self.layout].bar_end.finditer(text))

    def grammar(self, controls: Controls | None = None) -> Grammar[Any]:
        """Return the grammar of the layout.

        Args:
            controls: what every text keeps. A program is what the strings say: 33 where there are
                fewer than six and one is a bass string, else 25.

        Raises:
            ConfigError: no text can keep them.
        """
        return _LAYOUTS[self.layout].grammar(controls)

    def transpose(self, text: str, semitones: int) -> str | None:
        """Return the text with all frets moved, or fingered anew where that leaves the neck."""
        try:
            score = self.decode(text)
            track = score.tracks[0]
            if any("dead" in note.marks for note in track.notes) and semitones:
                return None
            moved = transforms.transpose(score, semitones)
            frets = [track.fret(note) for note in moved.tracks[0].notes]
            off_neck = any(fret is None or not 0 <= fret <= MAX_FRET for fret in frets)
            if off_neck or not is_held(moved.tracks[0]):
                free = (replace(note, string=None) for note in moved.tracks[0].notes)
                loose = replace(moved.tracks[0], notes=tuple(free))
                fingered, lost = finger(loose, max_fret=MAX_FRET)
                if lost or not is_held(fingered):
                    return None
                moved = replace(moved, tracks=(fingered,))
            return self.encode(moved)
        except InputError:
            return None
