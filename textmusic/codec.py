"""The contract of a codec: a Score to text of a closed alphabet, and back."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self

from textmusic import transforms
from textmusic.alphabet import Alphabet
from textmusic.controls import Controls
from textmusic.errors import ConfigError, DecodeError, InputError, Issue, errors_of
from textmusic.grammar import Grammar
from textmusic.score import Score

__all__ = ["Codec", "Document", "Feature", "Parsed"]


class Feature(StrEnum):
    """What can survive a trip through a codec's text or a file format."""

    ONSET = "onset"
    DURATION = "duration"
    PITCH = "pitch"
    VELOCITY = "velocity"
    STRING = "string"
    METER = "meter"
    TEMPO = "tempo"
    KEY = "key"
    TRACK = "track"
    PROGRAM = "program"
    DRUM = "drum"
    TECHNIQUE = "technique"
    META = "meta"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What `Codec.parse` made of a text: the music that is there, and what was wrong."""

    score: Score
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One piece found in a file of many.

    Args:
        text: its raw text.
        offset: where it starts in the file (characters).
        issues: what was assumed or left out on the way to it, placed in the whole file; the corpus
            builder reports it.
    """

    text: str
    offset: int = 0
    issues: tuple[Issue, ...] = ()


class Codec(ABC):
    """Base class of every codec. Subclass it as a frozen dataclass whose fields are its options.

    Duties of an author:

    - Set `name` (equal to the entry-point name), `format_version`, `keeps` and `renders`, and
      give `alphabet`.
    - ``encode`` is exact: what it cannot hold raises `EncodeError`; it never quantises.
      `project` is where loss happens, by name. For ``p = project(s)``: ``project(p) == p`` and
      ``decode(encode(p)) == p``.
    - ``parse`` is total: any string gives a `Parsed` and never an exception. Offsets of issues
      lie inside the text (its end included).
    - A codec does no I/O and keeps no state.
    - Bump `format_version` when the text for the same Score changes; old texts must still decode.

    `textmusic.testing.check_codec` proves these laws.
    """

    name: ClassVar[str]
    """Equal to the entry-point name."""
    format_version: ClassVar[int] = 1
    """Bumped when the text for the same Score changes."""
    keeps: ClassVar[frozenset[Feature]] = frozenset({Feature.ONSET, Feature.PITCH})
    """What survives ``decode(encode(project(score)))``."""
    renders: ClassVar[tuple[str, ...]] = ("mid",)
    """Names of formats that suit a sample, preferred first."""
    sources: ClassVar[tuple[str, ...]] = ()
    """Suffixes of text files that hold this codec's own kind of text (``abc``, ``tab``)."""
    controls: ClassVar[frozenset[str]] = frozenset()
    """Names of the fields of `Controls` that `grammar` can keep."""

    @property
    @abstractmethod
    def alphabet(self) -> Alphabet:
        """The characters of canonical texts: declared, never learned from data."""

    @abstractmethod
    def encode(self, score: Score) -> str:
        """Return the canonical text of a score, exactly.

        Raises:
            EncodeError: the score is outside the codec's domain; see `project`.
        """

    @abstractmethod
    def parse(self, text: str) -> Parsed:
        """Return the music in any text, with issues at their places. Never raises."""

    def project(self, score: Score) -> Score:
        """Return the nearest score inside the codec's domain. Idempotent.

        Raises:
            EncodeError: the codec can hold nothing of the score (drums without a drum track).
        """
        return score

    def parts(self, score: Score) -> tuple[Score, ...]:
        """Return the scores that become documents of their own; default: the score itself.

        A codec for one instrument gives one part a fitting track, and none where none fits.
        """
        return (score,)

    def canonical(self, text: str) -> str:
        """Return the text normalised to what the model learns. Idempotent.

        Codecs whose text people type (tune books, tablature) normalise the text itself, without
        the loss of going through a Score; characters outside the alphabet disappear here.

        Raises:
            DecodeError: nothing that could be learnt is left; its issues say why.
        """
        return text

    def learn(self, text: str) -> tuple[str, Parsed]:
        """Return the canonical text, and what `parse` makes of it; warnings may be missing.

        A codec that has the music at hand when it has written the text need not read it again.

        Raises:
            DecodeError: see `canonical`.
        """
        text = self.canonical(text)
        return text, self.parse(text)

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the pieces in the text of a file, raw, with their offsets.

        Places inside a document must be places in the file: what stands between and is not the
        piece's may be blanked with spaces, but not cut out.
        """
        yield Document(text)

    def opening(self, text: str) -> str:
        """Return a canonical text without what closes it, so that a model can go on from there."""
        return text

    def bar_offsets(self, text: str) -> tuple[int, ...]:
        """Return where the bars of a canonical text lie: each one's start, and the last one's end.

        Before the first stands what opens the piece, after the last what closes it. Whole bars can
        be cut out at these places and others put there. Empty where the text has no bars.
        """
        return ()

    def grammar(self, controls: Controls | None = None) -> Grammar[Any] | None:
        """Return the grammar of canonical texts, or None where there is none.

        Args:
            controls: what must hold of every text that it accepts; only what `controls` of the
                class names.

        Raises:
            ConfigError: no text of the codec can keep them, such as a tempo it cannot write.
        """
        return None

    def decode(self, text: str) -> Score:
        """Return the score of a well-formed text.

        Raises:
            DecodeError: `parse` reported an error; the exception carries all issues.
        """
        parsed = self.parse(text)
        errors = errors_of(parsed.issues)
        if errors:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise DecodeError(f"{errors[0].code}: {errors[0].message}{more}", parsed.issues)
        return parsed.score

    def validate(self, text: str) -> tuple[Issue, ...]:
        """Return the issues of a text; empty when it is well formed."""
        return self.parse(text).issues

    def transpose(self, text: str, semitones: int) -> str | None:
        """Return the canonical text transposed, or None where that is impossible.

        The corpus builder augments with it. This default goes through the Score, and gives None
        where `project` would move a pitch back into the codec's range.
        """
        try:
            score = transforms.transpose(self.decode(text), semitones)
            held = self.project(score)
            if sorted(n.pitch for n in held.notes()) != sorted(n.pitch for n in score.notes()):
                return None
            return self.encode(held)
        except InputError:
            return None

    def config(self) -> dict[str, Any]:
        """Return the options as a JSON-able mapping."""
        return {name: getattr(self, name) for name in _options(type(self))}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build a codec from `config()`, also after a trip through JSON.

        Raises:
            ConfigError: an option is unknown or has a value the codec refuses.
        """
        known = _options(cls)
        unknown = sorted(set(config) - set(known))
        if unknown:
            raise ConfigError(
                f"codec {cls.name!r} has no option {unknown[0]!r}; "
                f"it has {', '.join(sorted(known)) or 'none'}"
            )
        options = {k: tuple(v) if isinstance(v, list) else v for k, v in config.items()}
        try:
            return cls(**options)
        except (TypeError, ValueError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"codec {cls.name!r}: {error}") from error


def _options(cls: type) -> tuple[str, ...]:
    if not dataclasses.is_dataclass(cls):
        return ()
    return tuple(field.name for field in dataclasses.fields(cls))
