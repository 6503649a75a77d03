"""Filling gaps: bars of a piece are taken out, and others written that join what is around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textmusic.alphabet import BOUNDARY
from textmusic.arrangement import Surroundings
from textmusic.codec import Codec
from textmusic.drawing import Sample
from textmusic.errors import ConfigError, InputError
from textmusic.grammar import Grammar, first_error
from textmusic.writing import Model

__all__ = ["Gap", "fill"]

_LONGEST = 4
_TRIES = 120
_KEPT = (0, 1, 2, 4, 8)
_LOOK = 16


@dataclass(frozen=True, slots=True)
class Gap:
    """Bars to be written anew.

    Args:
        first, last: numbers of bars on the page, from 1.
    """

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Gap:
        """Read ``5`` or ``5-6``; ConfigError for anything else."""
        first, dash, last = text.partition("-")
        if not first.strip().isdecimal() or (dash and not last.strip().isdecimal()):
            raise ConfigError(f"bars are given as 5 or 5-6, not {text!r}")
        return cls(int(first), int(last or first))


def fill(
    model: Model,
    text: str,
    gaps: Sequence[Gap],
    number: int = 1,
    *,
    best_of: int = 8,
    condition: str | None = None,
    seed: int = 0,
    precision: str = "auto",
    watch: Callable[[str], object] = lambda _: None,
    **options: Any,
) -> Iterator[Sample]:
    """Write the bars of gaps anew, so that the grammar holds over the whole piece.

    For each gap, from the left, several ways to fill it are drawn, and that is kept under which the
    whole piece is likeliest. Half of the ways of a model trained with gaps are drawn knowing what
    comes after; else the model writes on from the left, and what comes after only helps to choose.
    Where no way fits, the last characters of the gap, such as a repeat sign, are kept as they are.

    Args:
        model: what writes.
        text: a piece in the codec's text.
        gaps: which bars; what stands in them is not looked at.
        number: how many pieces.
        best_of: drawn for each gap of each piece.
        condition: what kind of piece; see `Model.sample`.
        seed: at least 0; the same seed fills alike.
        precision: of the weights that draw; see `Model.sample`. What is drawn is judged in float32.
        watch: called with the piece up to the end of each way that is drawn; it may end the work.
        options: of `textmusic.lm.SampleConfig`.

    Raises:
        ConfigError: there are no such bars, the codec has no bars or no grammar, an option is wrong
            or nothing that fits was found.
        InputError: the piece itself breaks the codec's grammar.
    """
    try:
        text = model.codec.canonical(text)
    except InputError as error:
        raise ConfigError(f"the piece cannot be used: {error}") from error
    work = _Filling(model, condition, options, precision, watch)
    ordered = work.checked(text, gaps)
    for index in range(number):
        filled, bits = text, 0.0
        for place, gap in enumerate(ordered):
            filled, bits = work.filled(filled, gap, best_of, (seed * 1000 + index) * 100 + place)
        parsed = model.codec.parse(filled)
        settings = {"seed": seed, "filled": " ".join(f"{g.first}-{g.last}" for g in ordered)}
        settings["precision"] = work.precision
        score = model.signed(parsed.score, index + 1, settings | options)
        yield Sample(index + 1, filled, score, parsed.issues, bits, len(filled), model.codec)


class _Filling:
    """How one model fills gaps."""

    def __init__(
        self,
        model: Model,
        condition: str | None,
        options: dict[str, Any],
        precision: str,
        watch: Callable[[str], object],
    ) -> None:
        self.model, self.codec, self.options = model, model.codec, options
        self.precision, self.watch = precision, watch
        self.tag = model.arrangement.tag(model.codec.alphabet, condition)
        grammar = model.codec.grammar()
        if grammar is None:
            raise ConfigError(f"codec {model.codec.name!r} has no grammar to fill gaps under")
        self.grammar: Grammar[Any] = grammar

    def checked(self, text: str, gaps: Sequence[Gap]) -> list[Gap]:
        """Return the gaps from the left, each of bars that the piece has."""
        bars = len(self.codec.bar_offsets(text)) - 1
        if bars < 1:
            raise ConfigError(f"codec {self.codec.name!r} finds no bars in the piece")
        ordered = sorted(gaps, key=lambda gap: gap.first)
        last = 0
        for gap in ordered:
            if not last < gap.first <= gap.last <= bars:
                raise ConfigError(
                    f"no gap at bars {gap.first}-{gap.last}: the piece has bars 1 to {bars}, "
                    "and gaps may not overlap"
                )
            last = gap.last
        if not ordered:
            raise ConfigError("no gap is given: name bars")
        if (offset := first_error(self.grammar, text)) is not None:
            raise InputError(
                f"the piece breaks the grammar of codec {self.codec.name!r} at character "
                f"{offset + 1}: {text[max(0, offset - 20) : offset + 1]!r}"
            )
        return ordered

    def filled(self, text: str, gap: Gap, best_of: int, seed: int) -> tuple[str, float]:
        """Return the piece with one gap filled in the likeliest of some ways, and its bits."""
        places = self.codec.bar_offsets(text)
        draws = 0
        for kept in _KEPT:
            for _ in range(max(1, _TRIES // best_of)):
                ways = sorted(self._ways(text, places, gap, kept, (draws, best_of, seed)))
                draws += best_of
                if ways:
                    bits = self._bits(ways)
                    best = int(np.argmin(bits))
                    return ways[best], bits[best]
        raise ConfigError(
            f"bars {gap.first}-{gap.last}: none of {draws} ways to fill them fits what comes after; "
            "try another seed or a lower temperature"
        )

    def _ways(
        self,
        text: str,
        places: tuple[int, ...],
        gap: Gap,
        kept: int,
        draws: tuple[int, int, int],
    ) -> set[str]:
        """Draw some ways to fill a gap, and return the whole pieces that are legal.

        Args:
            text: the piece.
            places: of its bars.
            gap: which bars.
            kept: characters at the end of the gap that are kept, such as a repeat sign.
            draws: number of the first, how many, and the seed.
        """
        from textmusic.lm import SampleConfig, Sampler

        start, end = places[gap.first - 1], max(places[gap.last] - kept, places[gap.first - 1])
        missing = gap.last - gap.first + 1
        room = max(64, _LONGEST * missing * (len(text) // (len(places) - 1)))
        first, count, seed = draws
        config = SampleConfig.from_json({**self.options, "max_length": room, "seed": seed})
        join = _Join(self.grammar, self.codec, (text[:start], text[end:]), gap.last, len(places))
        network, alphabet = self.model.checkpoint.model, self.codec.alphabet
        sampler = Sampler(network, alphabet, join, config, precision=self.precision)
        self.precision = sampler.precision
        leads = self._leads(text, places, gap.first - 1, missing)
        found: set[str] = set()
        for number, lead in enumerate(leads):
            share = range(number, count, len(leads))
            for drawn in sampler.samples(len(share), first=first + number * count, lead=lead):
                self.watch(text[:start] + drawn.text)
                if drawn.ended == "boundary" and join.filled_by(drawn.text):
                    found.add(text[:start] + drawn.text + text[end:])
        return found

    def _leads(
        self, text: str, places: tuple[int, ...], first: int, missing: int
    ) -> list[list[int]]:
        """Return what the model may read first: what is on both sides if it can, and the left."""
        arrangement, alphabet = self.model.arrangement, self.codec.alphabet
        left = [*self.tag, *alphabet.encode(text[: places[first]]).tolist()]
        if not arrangement.gaps:
            return [left]
        around = Surroundings.of(text, places, first, missing)
        return [[*self.tag, *arrangement.gap(alphabet, around)], left]

    def _bits(self, texts: list[str]) -> list[float]:
        """Information of whole pieces under the model."""
        from textmusic.lm import evaluate

        alphabet = self.codec.alphabet
        rows = [np.array([*self.tag, *alphabet.encode(text), BOUNDARY]) for text in texts]
        ids = np.concatenate([[BOUNDARY], *rows]).astype(np.int64)
        return list(evaluate(self.model.checkpoint.model, ids).documents)


@dataclass(frozen=True, slots=True)
class _Inside:
    """Inside the gap: the state of the piece's grammar, and what was written so far."""

    state: Any
    written: str


class _Join:
    """What may stand in a gap: it ends as soon as what comes after is legal, and bars are enough.

    A way that cannot end like that any more ends where it is: this grammar has no dead end, but not
    all that it accepts fills the gap; see `filled_by`.

    Args:
        grammar: of whole pieces.
        codec: of the text; it tells bars.
        around: the piece before and after the gap.
        last: number of the last bar of the gap, from 1.
        places: how many offsets the bars of the whole piece have.
    """

    def __init__(
        self, grammar: Grammar[Any], codec: Codec, around: tuple[str, str], last: int, places: int
    ) -> None:
        self._grammar, self._codec = grammar, codec
        self._before, self._after = around
        self._last, self._places = last, places
        self._joins: dict[Any, bool] = {}

    def start(self) -> _Inside:
        """Return the state at the start of the gap."""
        state = self._grammar.start()
        for char in self._before:
            state = self._grammar.step(state, char)
        return _Inside(state, "")

    def allowed(self, state: _Inside) -> frozenset[str]:
        """Return what the piece's grammar allows, and nothing where the way is at its end."""
        over = self._fills(state) or self._overshot(state.written)
        return frozenset() if over else self._grammar.allowed(state.state)

    def step(self, state: _Inside, char: str) -> _Inside:
        """Return the state after a character."""
        return _Inside(self._grammar.step(state.state, char), state.written + char)

    def accepting(self, state: _Inside) -> bool:
        """Whether the way is at its end."""
        return not self.allowed(state)

    def finish(self, state: _Inside) -> str:
        """Return nothing: a gap that is cut is not filled."""
        return ""

    def filled_by(self, text: str) -> bool:
        """Whether the piece is legal with a text in its gap, and has as many bars as before."""
        state = self.start()
        for char in text:
            state = self.step(state, char)
        return self._fills(state)

    def _fills(self, state: _Inside) -> bool:
        if state.state not in self._joins:
            self._joins[state.state] = self._fits(state.state)
        if not self._joins[state.state]:
            return False
        whole = self._before + state.written + self._after
        return len(self._codec.bar_offsets(whole)) == self._places

    def _fits(self, state: Any) -> bool:
        for char in self._after:
            if char not in self._grammar.allowed(state):
                return False
            state = self._grammar.step(state, char)
        return self._grammar.accepting(state)

    def _overshot(self, written: str) -> bool:
        """Whether there are more bars than the gap has; asked now and then, as it takes a scan."""
        if len(written) % _LOOK:
            return False
        return len(self._codec.bar_offsets(self._before + written)) - 1 > self._last + 1
