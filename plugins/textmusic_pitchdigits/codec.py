"""The codec `pitchdigits`: a melody in numbered notation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Feature, Parsed
from textmusic.controls import Controls
from textmusic.errors import ConfigError, DecodeError, EncodeError, InputError, Issue
from textmusic.score import Score
from textmusic_pitchdigits.asking import CONTROLS, asked_extended, asked_plain
from textmusic_pitchdigits.dialect import Wanted
from textmusic_pitchdigits.extended import CHARS, bar_offsets, write_extended
from textmusic_pitchdigits.grammar import ExtendedGrammar
from textmusic_pitchdigits.labels import Labels, read_labels, staves_score
from textmusic_pitchdigits.lengths import BEAT
from textmusic_pitchdigits.notation import is_notation, pieces, read_notation, voices
from textmusic_pitchdigits.plain import Plain
from textmusic_pitchdigits.plain_grammar import PlainGrammar
from textmusic_pitchdigits.projecting import holds, melodic_parts, project_extended, project_plain
from textmusic_pitchdigits.reading import is_extended, read_extended
from textmusic_pitchdigits.texts import paragraphs

__all__ = ["PitchDigitsCodec"]


@dataclass(frozen=True)
class PitchDigitsCodec(Codec):
    """One voice as the degrees 1…7, in the plain or the extended form.

    Args:
        form: ``extended`` (lengths, rests, key, metre and tempo, one bar a line; see `extended`)
            or ``plain`` (pitches only, one line; see `plain`).
        tonic: MIDI pitch of the unmarked 1 where no key is stated, 12…115 (60 = C4); extended text
            counts from C4 always.
        separator: between the notes of plain text, and of the text that is read; None writes none
            and detects it.
        octaves: two characters that mean an octave up and down after a digit of plain text, and in
            the text that is read; None writes ``+-`` and detects them.
        rest: stands for silence in plain text, and in the text that is read; None writes ``0``.
        lines: what makes a piece of a text that is read: each ``image`` (line), each ``block`` of
            lines, or ``auto`` for what the blank lines suggest.
        shortest: a line of fewer notes than this, among others, is a page number and no stave.

    Reads its own texts, lines of labelled staves (`labels`) and numbered notation (`notation`).
    """

    form: Literal["extended", "plain"] = "extended"
    tonic: int = 60
    separator: str | None = None
    octaves: str | None = None
    rest: str | None = None
    lines: Literal["auto", "image", "block"] = "auto"
    shortest: int = 3

    name: ClassVar[str] = "pitchdigits"
    format_version: ClassVar[int] = 1
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {
            Feature.ONSET,
            Feature.DURATION,
            Feature.PITCH,
            Feature.METER,
            Feature.TEMPO,
            Feature.KEY,
        }
    )
    renders: ClassVar[tuple[str, ...]] = ("mid", "musicxml", "digits.txt")
    sources: ClassVar[tuple[str, ...]] = ("txt",)
    controls: ClassVar[frozenset[str]] = CONTROLS

    def __post_init__(self) -> None:
        for option, value, known in (
            ("form", self.form, ("extended", "plain")),
            ("lines", self.lines, ("auto", "image", "block")),
        ):
            if value not in known:
                raise ConfigError(f"pitchdigits has no {option} {value!r}; it has {known}")
        if self.octaves is not None and len(self.octaves) != 2:
            raise ConfigError(f"octaves are two characters, up and down, not {self.octaves!r}")
        if not 1 <= self.shortest <= 1000:
            raise ConfigError(f"no stave is as short as {self.shortest} notes: 1…1000")
        _ = self._plain
        if self.form == "plain":
            object.__setattr__(self, "keeps", frozenset({Feature.PITCH}))

    @property
    def _plain(self) -> Plain:
        up, down = tuple(self.octaves or "+-")
        separator = "" if self.separator is None else self.separator
        return Plain(self.tonic, separator, up, down, "0" if self.rest is None else self.rest)

    @property
    def alphabet(self) -> Alphabet:
        """The characters of the form."""
        return Alphabet(CHARS if self.form == "extended" else self._plain.chars)

    def encode(self, score: Score) -> str:
        """Return the text of a projected score."""
        if self.form == "plain":
            if score.tpq == 1 and self._plain.holds(score):
                return self._plain.write(score)
        elif score.tpq == BEAT and len(score.tracks) == 1 and holds(score):
            try:
                text = write_extended(score)
                if read_extended(text) == Parsed(score):
                    return text
            except (InputError, IndexError) as error:
                raise _outside() from error
        raise _outside()

    def parse(self, text: str) -> Parsed:
        """Return the music of a text of this codec, of staves, or of numbered notation."""
        if is_extended(text):
            return read_extended(text)
        if self.form == "plain" and (parsed := self._plain.parse(text)):
            return parsed
        if not is_notation(text):
            labels = self._labels(text)
            return Parsed(staves_score(labels.staves), labels.issues)
        _, end = next(iter(pieces(text)))
        parsed = read_notation(text[:end])
        if end == len(text):
            return parsed
        more = Issue("pitchdigits.pieces", "read the first of several pieces", end, 0, "note")
        return replace(parsed, issues=(*parsed.issues, more))

    def project(self, score: Score) -> Score:
        """Return the melody of a score as the form holds it; `explain` says what that cost."""
        return self._project(score)[0]

    def explain(self, score: Score) -> tuple[Issue, ...]:
        """Return what `project` changes, as warnings."""
        return tuple(self._project(score)[1])

    def _project(self, score: Score) -> tuple[Score, list[Issue]]:
        if self.form == "extended":
            return project_extended(score)
        if score.tpq == 1 and self._plain.holds(score):
            return score, []
        return project_plain(score)

    def parts(self, score: Score) -> tuple[Score, ...]:
        """Return a score for each track that is mostly one voice; the nearest to it if none is."""
        return melodic_parts(score)

    def canonical(self, text: str) -> str:
        """Return the text that the model learns, from any text that can be read."""
        parsed = self.parse(text)
        try:
            return self.encode(self.project(parsed.score))
        except InputError as error:
            raise DecodeError(f"no pitch digits to learn: {error}", parsed.issues) from error

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the pieces of a text: each stave or block, each part, each text of this codec."""
        if is_extended(text):
            yield from paragraphs(text)
        elif self.form == "plain" and self._plain.parse(text):
            yield Document(text)
        elif is_notation(text):
            for start, end in voices(text):
                if any(char in "1234567" for char in text[start:end]):
                    yield Document(text[start:end], start)
        else:
            labels = self._labels(text)
            issues = labels.issues
            for staves in labels.pieces(self.lines):
                start = staves[0].offset
                yield Document(text[start : staves[-1].end], start, issues)
                issues = ()

    def bar_offsets(self, text: str) -> tuple[int, ...]:
        """Return where the bars of extended text lie, after its first line; plain text has none."""
        return () if self.form == "plain" else bar_offsets(text)

    def grammar(self, controls: Controls | None = None) -> ExtendedGrammar | PlainGrammar:
        """Return the grammar of the form: full bars, one spelling, references that fit.

        Plain text sounds in 4/4 at 120 quarters a minute and has no key, extended text names no
        instrument: other controls are refused.
        """
        if self.form == "extended":
            return ExtendedGrammar(asked_extended(controls))
        return PlainGrammar(self._plain, *asked_plain(controls))

    def _labels(self, text: str) -> Labels:
        wanted = Wanted(self.separator, self.octaves, self.rest)
        return read_labels(text, wanted, tonic=self.tonic, shortest=self.shortest)


def _outside() -> EncodeError:
    return EncodeError("the score is outside the domain of pitch digits: project it first")
