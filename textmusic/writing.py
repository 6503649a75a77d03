"""A trained model that writes music: `Model.load`, then `sample` or `stream`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from textmusic import __version__, api, transforms
from textmusic.arrangement import Arrangement
from textmusic.codec import Codec
from textmusic.controls import Controls
from textmusic.drawing import Drawing, Sample
from textmusic.errors import CheckpointError, ConfigError, FormatError
from textmusic.format import Format, read_bytes, read_text
from textmusic.grammar import Endless, Grammar
from textmusic.limits import Limit
from textmusic.score import Score

if TYPE_CHECKING:
    from textmusic.corpus import Corpus
    from textmusic.evaluate import OverlapIndex
    from textmusic.lm import Checkpoint, SampleConfig, Sampler
    from textmusic.lm.sample import Sample as Drawn
    from textmusic.ranking import Ranking

__all__ = ["Model", "Sample", "load"]

_COMPARED = 400


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
        self.arrangement = Arrangement.from_meta(checkpoint.meta)

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
        codec = api.stored_codec(Checkpoint.header(path), path)
        checkpoint = Checkpoint.load(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        model = cls(checkpoint, codec, digest, path.parent)
        if checkpoint.alphabet != model.arrangement.alphabet(codec.alphabet):
            raise CheckpointError(f"{path}: its alphabet is not that of codec {codec.name!r}")
        return model

    def sample(
        self,
        number: int = 1,
        *,
        prime: str = "",
        bars: int | None = None,
        seconds: float | None = None,
        controls: Controls | None = None,
        condition: str | None = None,
        free: bool = False,
        characters: int = 4000,
        max_overlap: int | None = None,
        best_of: int = 1,
        by: Ranking | str = "likelihood",
        precision: str = "auto",
        **options: Any,
    ) -> Iterator[Sample]:
        """Write pieces of music, and yield them in order.

        Args:
            number: how many.
            prime: canonical text that each begins with; see `opening`.
            bars: this many bars.
            seconds: up to the last bar line within this time.
            controls: what must hold of each piece: metre, key, range…
            condition: what kind of piece; one that the model has learnt from folder names.
            free: without the codec's grammar: anything may come.
            characters: longest text.
            max_overlap: notes in a row that a piece may share with the training set, in any key
                and tempo, at least 2; others are drawn in the place of those that share more.
            best_of: draw so many for each piece, and keep the best.
            by: what is best: a `textmusic.ranking.Ranking`, or what `parse_ranking` reads.
            precision: of the weights; see `textmusic.lm.Sampler`. A seed belongs to a precision.
            options: of `textmusic.lm.SampleConfig`: ``temperature=1.0``, ``top_k=0``,
                ``top_p=1.0``, ``greedy=0.0``, ``seed=0``, ``forbid=""``, ``require=""``.

        Raises:
            ConfigError: an unknown option or a value out of range; the codec cannot keep the
                controls; nearly all pieces are refused; or `max_overlap` or a ranking needs the
                training set, and none lies beside the model.
            EncodeError: the priming text has a character that may not stand there.
        """
        if number < 0 or best_of < 1:
            raise ConfigError(f"best_of is at least 1, not {best_of}")
        limit = Limit(self.codec, bars, seconds)
        sampler = self._sampler(characters, controls, precision, limit, free=free, options=options)
        rank = self._ranking(by) if best_of > 1 else None
        settings = {"seed": 0, "precision": sampler.precision, **options}
        settings |= {"characters": characters, "free": free}
        drawing = Drawing(
            lambda count, first: sampler.samples(
                count,
                prime=prime,
                stop=limit.reached,
                first=first,
                lead=self.arrangement.tag(self.codec.alphabet, condition),
            ),
            lambda drawn: self._made(drawn, limit, settings),
            self._faults(sampler.config, controls, max_overlap),
        )
        pieces = drawing.accepted(number * best_of)
        for _ in range(number):
            group = list(islice(pieces, best_of))
            yield max(group, key=rank) if rank else group[0]

    def stream(
        self,
        *,
        prime: str = "",
        bars: int | None = None,
        seconds: float | None = None,
        controls: Controls | None = None,
        condition: str | None = None,
        free: bool = False,
        characters: int = 4000,
        precision: str = "auto",
        **options: Any,
    ) -> Iterator[str]:
        """Write one piece and yield its text as it comes, the priming text first.

        Args and errors are those of `sample`; a limit in bars or seconds may overshoot by two bars.
        """
        limit = Limit(self.codec, bars, seconds)
        sampler = self._sampler(characters, controls, precision, limit, free=free, options=options)
        lead = self.arrangement.tag(self.codec.alphabet, condition)
        if prime:
            yield prime
        yield from sampler.stream(prime=prime, stop=limit.reached, lead=lead)

    def opening(self, path: str | Path, bars: int = 2) -> str:
        """Return the first bars of a music file as text that `sample` can go on from.

        A model of one instrument takes that instrument where the file has it.

        Raises:
            FormatError: the file cannot be read.
            EncodeError: nothing in it fits the codec.
        """
        score = transforms.first_bars(self._score_of(path), bars)
        return self.codec.opening(api.encode(score, self.codec)[0])

    def text_of(self, path: str | Path) -> str:
        """Return the first piece of a file as the codec's text.

        Text of the codec's own kind is taken as it stands. A model of one instrument takes that
        instrument where a music file has it.

        Raises:
            FormatError: the file cannot be read.
            DecodeError: a text in it cannot be used.
            EncodeError: nothing in it fits the codec.
        """
        path = Path(path)
        own = path.suffix.lstrip(".").lower() in self.codec.sources
        if own or path.name.endswith(f".{self.codec.name}.txt"):
            text = read_text(read_bytes(path, Format.max_bytes))
            document = next(iter(self.codec.documents(text)), None)
            if document is None:
                raise FormatError(f"{path}: holds no music")
            return self.codec.canonical(document.text)
        return api.encode(self._score_of(path), self.codec)[0]

    def _score_of(self, path: str | Path) -> Score:
        loaded = api.read(path)
        if not loaded.scores:
            raise FormatError(f"{path}: holds no music")
        score = loaded.scores[0]
        if only := self.checkpoint.meta.get("corpus", {}).get("stats", {}).get("part"):
            score = next(iter(transforms.select(score, only)), score)
        return score

    def _sampler(
        self,
        longest: int,
        controls: Controls | None,
        precision: str,
        limit: Limit,
        *,
        free: bool,
        options: Mapping[str, Any],
    ) -> Sampler:
        from textmusic.lm import SampleConfig, Sampler

        config = SampleConfig.from_json({"max_length": longest, **options})
        grammar = None if free else self._grammar(controls)
        if controls and controls.asked() and grammar is None:
            raise ConfigError(f"{', '.join(controls.asked())}: cannot be kept without a grammar")
        if limit.reached and isinstance(grammar, Endless):
            grammar = grammar.endless()
        network, alphabet = self.checkpoint.model, self.codec.alphabet
        return Sampler(network, alphabet, grammar, config, precision=precision)

    def _grammar(self, controls: Controls | None) -> Grammar[Any] | None:
        if controls is None or not controls.asked():
            return self.codec.grammar()
        if beyond := set(controls.asked()) - self.codec.controls:
            known = ", ".join(sorted(self.codec.controls)) or "nothing"
            raise ConfigError(
                f"the texts of codec {self.codec.name!r} cannot be asked for "
                f"{', '.join(sorted(beyond))}; they can for {known}"
            )
        return self.codec.grammar(controls)

    def _faults(
        self, config: SampleConfig, controls: Controls | None, max_overlap: int | None
    ) -> dict[str, Callable[[Sample], bool]]:
        """What makes a piece unfit, by name; the likelier and cheaper reasons first."""
        faults: dict[str, Callable[[Sample], bool]] = {}
        if config.forbid:
            faults["have a forbidden character"] = lambda s: bool(set(config.forbid) & set(s.text))
        if config.require:
            faults["lack a character"] = lambda s: not set(config.require) <= set(s.text)
        if controls:
            faults["break what was asked for"] = lambda s: bool(controls.broken(s.score))
        if max_overlap is not None:
            if max_overlap < 2:
                raise ConfigError(f"max_overlap is at least 2 notes, not {max_overlap}")
            index = self._originals("max_overlap")
            faults[f"share more than {max_overlap} notes in a row with the training set"] = (
                lambda s: index.audit(s.score).notes > max_overlap
            )
        return faults

    def _ranking(self, by: Ranking | str) -> Ranking:
        from textmusic.originals import pieces
        from textmusic.ranking import Originals, parse_ranking

        if not isinstance(by, str):
            return by
        return parse_ranking(
            by,
            Originals(
                lambda: self._originals(by),
                lambda: pieces(self._training_set(by), self.codec, "train", _COMPARED),
            ),
        )

    def _originals(self, what_for: str) -> OverlapIndex:
        """The index of the training set."""
        from textmusic.originals import overlap_index

        return overlap_index(self._training_set(what_for), self.codec, self.folder / "overlap")

    def _training_set(self, what_for: str) -> Corpus:
        from textmusic.originals import training_set

        corpus = training_set(self.folder, self.codec, self.checkpoint.meta)
        if corpus is None:
            raise ConfigError(f"{what_for}: no training set lies in {self.folder}")
        return corpus

    def _made(self, drawn: Drawn, limit: Limit, settings: dict[str, Any]) -> Sample:
        text, parsed = limit.cut(drawn.text)
        number = drawn.index + 1
        score = self.signed(parsed.score, number, settings)
        return Sample(number, text, score, parsed.issues, drawn.bits, drawn.drawn, self.codec)

    def signed(self, score: Score, number: int, settings: dict[str, Any]) -> Score:
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
