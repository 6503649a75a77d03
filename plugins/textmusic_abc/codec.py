"""The codec `abc`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Feature, Parsed
from textmusic.controls import Controls
from textmusic.errors import ConfigError, DecodeError, EncodeError, Issue
from textmusic.grammar import first_error
from textmusic.score import Score
from textmusic_abc.barlines import bar_offsets
from textmusic_abc.books import find_tunes
from textmusic_abc.grammar import KEPT, AbcGrammar
from textmusic_abc.layout import lay_out
from textmusic_abc.projecting import project
from textmusic_abc.reading import read_tune
from textmusic_abc.sounding import score_of
from textmusic_abc.transposing import transpose_tune
from textmusic_abc.tune import Tune
from textmusic_abc.writing import write_tune

__all__ = ["AbcCodec"]

_ALPHABET = Alphabet(
    "\n \"#%&'(+,-./0123456789:<=>ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~"
)
_GRAMMAR = AbcGrammar()
_ROUNDS = 3
_DIVISIONS = frozenset({1, 2, 3, 4, 6, 8, 12, 16, 24})


@dataclass(frozen=True)
class AbcCodec(Codec):
    """ABC tunes (version 2.1), of one voice or several, with repeats and endings.

    Args:
        divisions: into how many equal parts of a quarter `project` puts the onsets of scores
            whose times no plain length or tuplet of ABC gives (played rather than written
            music); the nearest point of any division wins, ends prefer parts twice as long.

    `parse` reads tunes as books write them. Canonical texts (see `writing`) keep the text's
    repeats, endings, chord symbols, ornaments, grace notes, tuplets and voices; they lose titles,
    lyrics, annotations, slurs and layout. Of a Score they hold onsets, durations, pitches, metres
    (upbeats and short bars too), keys, tempos, programs, drums and the voices of a track;
    velocities, strings and names go, as do marks other than staccato, accent, trill, grace notes
    and voices.

    Tracks stand bar by bar (``[V:1]…|[V:2]…|``), so that one model learns them together. The
    voices of a track (``voice:N`` marks) are overlaid with ``&``; notes of one voice that overlap
    become tied chords.

    Example:
        >>> codec = AbcCodec()
        >>> codec.canonical("X:1\\nT:Scale\\nM:4/4\\nL:1/4\\nK:C\\nC D E F | G4 |]")
        'M:4/4\\nL:1/4\\nK:C\\nC D E F|G4|]'
    """

    divisions: tuple[int, ...] = (8, 6)

    name: ClassVar[str] = "abc"
    format_version: ClassVar[int] = 2
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {
            Feature.ONSET,
            Feature.DURATION,
            Feature.PITCH,
            Feature.METER,
            Feature.TEMPO,
            Feature.KEY,
            Feature.TRACK,
            Feature.PROGRAM,
            Feature.DRUM,
        }
    )
    renders: ClassVar[tuple[str, ...]] = ("mid", "abc")
    sources: ClassVar[tuple[str, ...]] = ("abc",)
    controls: ClassVar[frozenset[str]] = KEPT

    def __post_init__(self) -> None:
        if not self.divisions or not set(self.divisions) <= _DIVISIONS:
            known = ", ".join(map(str, sorted(_DIVISIONS)))
            raise ConfigError(f"divisions of a quarter are some of {known}, not {self.divisions}")

    @property
    def alphabet(self) -> Alphabet:
        """The characters of canonical texts."""
        return _ALPHABET

    def encode(self, score: Score) -> str:
        """Return the text of a projected score: a ``V:`` a track, with its voices as layers."""
        tune = lay_out(score)
        text = write_tune(tune)
        if score_of(tune) != score:
            raise EncodeError("the score is outside the domain of ABC texts: project it first")
        return text

    def parse(self, text: str) -> Parsed:
        """Return the music of one tune; titles and the like go to `Score.meta`."""
        tune = read_tune(text)
        score = score_of(tune)
        if text.startswith("M:") and not tune.issues:
            self._check_spelling(tune, text)
        return Parsed(score, tuple(sorted(tune.issues, key=lambda issue: issue.offset)))

    def _check_spelling(self, tune: Tune, text: str) -> None:
        """Warn where a canonical text leaves the grammar, as forms of repeats may."""
        offset = first_error(_GRAMMAR, text)
        if offset is None:
            return
        try:
            canonical = write_tune(tune)
        except EncodeError:
            return
        if canonical == text:
            message = "bars, repeats or lengths that the grammar does not know begin here"
            tune.complain("form", message, offset, 0, "warning")

    def grammar(self, controls: Controls | None = None) -> AbcGrammar:
        """Return which characters may come next in a canonical text, counting musical time.

        With a metre, a key or a tempo the header says it and no field changes it; with a program
        every voice has it and none is drums.
        """
        return AbcGrammar(controls) if controls and controls.asked() else _GRAMMAR

    def bar_offsets(self, text: str) -> tuple[int, ...]:
        """Return where bars start, and the end; a bar of several voices is the bar of them all.

        A bar goes up to the end of its mark (``D2|``, ``fdc d3:|2``), several voices up to the end
        of the line; a ``|:`` that opens the music belongs to the heading.
        """
        return bar_offsets(text)

    def project(self, score: Score) -> Score:
        """Return the nearest score that ABC holds exactly; `explain` says what that cost."""
        return project(score, self.divisions)[0]

    def explain(self, score: Score) -> tuple[Issue, ...]:
        """Return what `project` changes, as warnings."""
        return project(score, self.divisions)[1]

    def canonical(self, text: str) -> str:
        """Return a tune in its one regular spelling; see `writing` for the grammar.

        Tunes whose voices do not line up bar by bar are played out and written anew.
        """
        tune = read_tune(text)
        try:
            text = write_tune(tune)
            for _ in range(_ROUNDS):  # bars that are given a metre have other beats then
                before, text = text, write_tune(read_tune(text))
                if text == before:
                    break
        except EncodeError as reason:
            try:
                return self.encode(self.project(score_of(tune)))
            except EncodeError:
                raise DecodeError(f"no tune to learn: {reason}", tune.issues) from reason
        return text

    def learn(self, text: str) -> tuple[str, Parsed]:
        """Return the canonical text and its music, without the remark that the grammar lacks it."""
        text = self.canonical(text)
        tune = read_tune(text)
        return text, Parsed(score_of(tune), tuple(sorted(tune.issues, key=lambda i: i.offset)))

    def opening(self, text: str) -> str:
        """Return a canonical text whose last bar ends as if more came; several voices: a new line."""
        head, line, last = text.rpartition("\n")
        return head + line + last.replace("|]", "|") + ("\n" if last.startswith("[V:") else "")

    def transpose(self, text: str, semitones: int) -> str | None:
        """Return the canonical text in another key, or None where a pitch leaves MIDI's range."""
        tune = read_tune(text)
        try:
            return write_tune(tune) if transpose_tune(tune, semitones) else None
        except EncodeError:
            return None

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the tunes of a book; defaults of a file header stand before each."""
        return find_tunes(text)
