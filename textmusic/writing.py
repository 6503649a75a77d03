"""A trained model that writes music: `Model.load`, then `sample` or `stream`."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from textmusic import __version__, api, transforms
from textmusic.codec import Codec, Parsed
from textmusic.errors import CheckpointError, ConfigError, InputError, Issue, UnknownPluginError
from textmusic.registry import codecs
from textmusic.score import Score

if TYPE_CHECKING:
    from textmusic.lm import Checkpoint, Sampler

__all__ = ["Model", "Sample", "load"]

_CHECK_EVERY = 32
_TRIES = 20


@dataclass(frozen=True)
class Sample:
    """One piece that a model wrote.

    Args:
        number: from 1.
        text: the codec text.
        score: the music that is in it; its meta names where it comes from.
        issues: what is wrong with the text; empty when it is well formed.
        bits: information of the text under the model: minus its log-likelihood.
        codec: the codec of the text.
    """

    number: int
    text: str
    score: Score
    issues: tuple[Issue, ...]
    bits: float
    codec: Codec = field(repr=False)

    def write(self, path: str | Path) -> tuple[Issue, ...]:
        """Write it as a music file; the suffix tells the format. Returns what was lost.

        Raises:
            FormatError: the format cannot hold it, or the file cannot be written.
        """
        return api.write(self.score, path)


class Model:
    """A trained model and its codec.

    Args:
        checkpoint: the model.
        codec: the codec whose text it writes.
        digest: SHA-256 of the model file; it goes into what is written.
        folder: where the model file lies, with its training set if it lies in a run.
    """

    def __init__(
        self, checkpoint: Checkpoint, codec: Codec, digest: str, folder: Path = Path()
    ) -> None:
        self.checkpoint = checkpoint
        self.codec = codec
        self.digest = digest
        self.folder = folder

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Load a run's model, or a ``.safetensors`` file.

        Raises:
            CheckpointError: it is missing or damaged, or its codec is not installed.
        """
        from textmusic.lm import Checkpoint

        path = Path(path)
        if path.is_dir():
            path /= "model.safetensors"
        if not path.exists():
            raise CheckpointError(f"{path}: does not exist; train a model with 'textmusic train'")
        codec = _codec_of(Checkpoint.header(path), path)
        checkpoint = Checkpoint.load(path)
        if checkpoint.alphabet != codec.alphabet:
            raise CheckpointError(f"{path}: its alphabet is not that of codec {codec.name!r}")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(checkpoint, codec, digest, path.parent)

    def sample(
        self,
        number: int = 1,
        *,
        prime: str = "",
        bars: int | None = None,
        seconds: float | None = None,
        free: bool = False,
        characters: int = 4000,
        max_overlap: int | None = None,
        **options: Any,
    ) -> Iterator[Sample]:
        """Write pieces of music, and yield them in order.

        Args:
            number: how many.
            prime: canonical text that each begins with; see `opening`.
            bars: stop after this many bars.
            seconds: stop at the last bar line within this time.
            free: without the codec's grammar: anything may come.
            characters: longest text.
            max_overlap: notes in a row that a piece may share with the training set, in any key
                and tempo, at least 2; others are drawn in the place of those that share more.
            options: of `textmusic.lm.SampleConfig`: ``temperature=1.0``, ``top_k=0``,
                ``top_p=1.0``, ``greedy=0.0``, ``seed=0``.

        Raises:
            ConfigError: an unknown option or a value out of range; nearly all pieces share more
                than `max_overlap`; or it is given and no training set lies beside the model.
            EncodeError: the priming text has a character that may not stand there.
        """
        sampler = self._sampler(characters, free=free, options=options)
        limit = self._limit(bars, seconds)
        settings = {"seed": 0, **options, "characters": characters, "free": free}
        stop = None if limit is None else lambda text: self._reached(text, limit)
        copied = self._copied(max_overlap)
        wanted, first = number, 0
        while wanted:
            if first > _TRIES * number:
                raise ConfigError(
                    f"{number - wanted} of {first} samples share at most {max_overlap} notes in a "
                    "row with the training set: raise the limit or the temperature"
                )
            for drawn in sampler.samples(wanted, prime=prime, stop=stop, first=first):
                text, parsed = self._cut(drawn.text, limit)
                first = drawn.index + 1
                if not copied(parsed.score):
                    score = self._signed(parsed.score, first, settings)
                    yield Sample(first, text, score, parsed.issues, drawn.bits, self.codec)
                    wanted -= 1

    def stream(
        self,
        *,
        prime: str = "",
        bars: int | None = None,
        seconds: float | None = None,
        free: bool = False,
        characters: int = 4000,
        **options: Any,
    ) -> Iterator[str]:
        """Write one piece and yield its text as it comes, the priming text first.

        Args and errors are those of `sample`; a limit in bars or seconds may overshoot a little.
        """
        sampler = self._sampler(characters, free=free, options=options)
        limit = self._limit(bars, seconds)
        stop = None if limit is None else lambda text: self._reached(text, limit)
        if prime:
            yield prime
        yield from sampler.stream(prime=prime, stop=stop)

    def opening(self, path: str | Path, bars: int = 2) -> str:
        """Return the first bars of a music file as text that `sample` can go on from.

        A model of one instrument takes that instrument where the file has it.

        Raises:
            FormatError: the file cannot be read.
            EncodeError: nothing in it fits the codec.
        """
        loaded = api.read(path)
        if not loaded.scores:
            raise CheckpointError(f"{path}: holds no music to begin with")
        score = loaded.scores[0]
        if only := self.checkpoint.meta.get("corpus", {}).get("stats", {}).get("part"):
            score = next(iter(transforms.select(score, only)), score)
        return self.codec.opening(api.encode(transforms.first_bars(score, bars), self.codec)[0])

    def _copied(self, most: int | None) -> Callable[[Score], bool]:
        """A function that says whether a score shares more notes with the training set."""
        if most is None:
            return lambda _: False
        if most < 2:
            raise ConfigError(f"max_overlap is at least 2 notes, not {most}")
        from textmusic.originals import overlap_index, training_set

        corpus = training_set(self.folder, self.codec, self.checkpoint.meta)
        if corpus is None:
            raise ConfigError(f"max_overlap: no training set lies in {self.folder}")
        index = overlap_index(corpus, self.codec, self.folder / "overlap")
        return lambda score: index.audit(score).notes > most

    def _sampler(self, characters: int, *, free: bool, options: dict[str, Any]) -> Sampler:
        from textmusic.lm import SampleConfig, Sampler

        config = SampleConfig.from_json({"max_length": characters, **options})
        grammar = None if free else self.codec.grammar()
        return Sampler(self.checkpoint.model, self.codec.alphabet, grammar, config)

    def _limit(
        self, bars: int | None, seconds: float | None
    ) -> Callable[[Score], int | None] | None:
        """A function that gives the tick at which a score is long enough, or None."""
        if bars is not None and seconds is not None:
            raise ConfigError("bars and seconds contradict each other: give one")
        if bars is not None:
            return lambda score: _bar_line(score, bars)
        if seconds is not None:
            return lambda score: _moment(score, seconds)
        return None

    def _reached(self, text: str, limit: Callable[[Score], int | None]) -> bool:
        return len(text) % _CHECK_EVERY == 0 and limit(self.codec.parse(text).score) is not None

    def _cut(self, text: str, limit: Callable[[Score], int | None] | None) -> tuple[str, Parsed]:
        """The text up to a limit, and the music in it."""
        parsed = self.codec.parse(text)
        tick = limit(parsed.score) if limit else None
        if tick is None:
            return text, parsed
        score = transforms.clip(parsed.score, 0, tick)
        try:
            text = self.codec.encode(self.codec.project(score))
        except InputError:  # what is left has no text of its own, such as silence
            return text, Parsed(score, parsed.issues)
        return text, self.codec.parse(text)

    def _signed(self, score: Score, number: int, settings: dict[str, Any]) -> Score:
        """The score with its provenance, which every format writes into its files."""
        shown = ", ".join(f"{k}={v}" for k, v in sorted(settings.items()))
        return api.with_meta(
            score,
            title=f"Sample {number}",
            provenance=f"textmusic {__version__}, codec {self.codec.name}, model sha256 "
            f"{self.digest}, sample {number}, {shown}",
        )


def load(path: str | Path) -> Model:
    """Load the model of a run, or a ``.safetensors`` file; see `Model.load`."""
    return Model.load(path)


def _bar_line(score: Score, bars: int) -> int | None:
    lines = score.bars()
    return lines[bars].onset if len(lines) > bars else None


def _moment(score: Score, seconds: float) -> int | None:
    """The last bar line before a moment that the score has passed; without one, the moment."""
    if score.seconds(score.end) < seconds:
        return None
    lines = [bar.onset for bar in score.bars()[1:] if score.seconds(bar.onset) <= seconds]
    if lines:
        return lines[-1]
    return bisect_right(range(score.end), seconds, key=score.seconds) - 1 or 1


def _codec_of(header: dict[str, Any], path: Path) -> Codec:
    """The codec that a checkpoint names, in the version that it names."""
    said = header.get("codec")
    if not isinstance(said, dict) or not isinstance(said.get("name"), str):
        raise CheckpointError(f"{path}: names no codec")
    name, distribution = said["name"], str(said.get("distribution") or "")
    try:
        codec = codecs.get(name).from_config(said.get("config") or {})
    except UnknownPluginError as error:
        advice = f": pip install {distribution}" if distribution else ""
        raise CheckpointError(
            f"{path}: was trained with codec {name!r} of {distribution or 'a script'} "
            f"{said.get('version') or ''}".rstrip()
            + f", which is not installed{advice}"
        ) from error
    version = said.get("format_version")
    if isinstance(version, int) and version > codec.format_version:
        raise CheckpointError(
            f"{path}: writes version {version} of the text of codec {name!r}, and the installed "
            f"codec reads up to version {codec.format_version}: update {distribution}"
        )
    return codec
