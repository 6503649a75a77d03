"""The laws of a grammar, on random walks through it."""

# ruff: noqa: S311 - material for tests, not for secrets
from __future__ import annotations

from functools import cached_property
from random import Random
from typing import Any

from textmusic.codec import Codec
from textmusic.controls import Controls
from textmusic.errors import ConfigError, errors_of
from textmusic.grammar import Grammar
from textmusic.testing._report import Law
from textmusic.testing._shrink import quote

__all__ = ["CONTROL_LAWS", "WALK_LAWS", "Walk", "controlled_walks"]

_LONGEST_ENDING = 2000
_STEPS = 300
_END = 0.005
_WISHES: dict[str, tuple[Any, ...]] = {
    "meter": ((3, 4), (6, 8), (4, 4)),
    "key": ((2, "major"), (-1, "minor")),
    "tempo": (90.0, 132.0),
    "low": (48,),
    "high": (79,),
    "tuning": ((38, 45, 50, 55, 57, 62), (40, 45, 50, 55, 59, 64)),
    "program": (25, 0),
}


class Walk:
    """A text that a grammar allows, of at most 300 characters and without its ending.

    Args:
        codec: whose grammar it is.
        seed: of the random choices.
        along: a text to follow instead of choosing at random.
        controls: what the grammar is asked to keep.
    """

    def __init__(
        self,
        codec: Codec,
        seed: str,
        along: str | None = None,
        controls: Controls | None = None,
    ) -> None:
        self.codec = codec
        self.seed = seed
        self.along = along
        self.controls = controls

    @cached_property
    def grammar(self) -> Grammar[Any]:
        """The codec's grammar."""
        grammar = self.codec.grammar(self.controls) if self.controls else self.codec.grammar()
        assert grammar is not None
        return grammar

    @cached_property
    def walked(self) -> tuple[str, list[Any], str | None]:
        """The text, the state before each of its characters and at its end, and what broke."""
        random, grammar = Random(self.seed), self.grammar
        foreign = frozenset(self.codec.alphabet.chars)
        state, text = grammar.start(), ""
        states = [state]
        while len(text) < (_STEPS if self.along is None else min(_STEPS, len(self.along))):
            allowed = grammar.allowed(state)
            if problem := self._misstep(state, allowed):
                return text, states, f"{problem} after {quote(text[-60:])}"
            if self.along is not None:
                char = self.along[len(text)]
            elif not allowed or (grammar.accepting(state) and random.random() < _END):
                break
            else:
                char = random.choice(sorted(allowed))
            forbidden = sorted(foreign - allowed)
            if forbidden and not _refuses(grammar, state, random.choice(forbidden)):
                return text, states, f"step takes what allowed lacks after {quote(text[-60:])}"
            state = grammar.step(state, char)
            text += char
            states.append(state)
        return text, states, None

    def _misstep(self, state: Any, allowed: frozenset[str]) -> str | None:
        hash(state)
        if not allowed and not self.grammar.accepting(state):
            return "a dead end: nothing is allowed and the text may not end"
        foreign = sorted(allowed - set(self.codec.alphabet.chars))
        if foreign:
            return f"allowed names {foreign!r}, which the alphabet lacks"
        return None

    def ended(self, length: int) -> str:
        """The first `length` characters with the ending that the grammar gives them."""
        text, states, _ = self.walked
        return text[:length] + self.grammar.finish(states[length])


def _refuses(grammar: Grammar[Any], state: Any, char: str) -> bool:
    try:
        grammar.step(state, char)
    except ValueError:
        return True
    return False


def _steps(walk: Walk) -> str | None:
    return walk.walked[2]


def _finish(walk: Walk) -> str | None:
    text, states, _ = walk.walked
    for cut in {*range(0, len(text), 7), len(text)}:
        state, ending = states[cut], walk.grammar.finish(states[cut])
        if len(ending) > _LONGEST_ENDING:
            return f"finish gives {len(ending)} characters after {quote(text[:cut])}"
        for char in ending:
            if char not in walk.grammar.allowed(state):
                return f"finish gives {ending!r} after {quote(text[:cut])}: {char!r} is refused"
            state = walk.grammar.step(state, char)
        if not walk.grammar.accepting(state):
            return f"finish gives {ending!r} after {quote(text[:cut])}, which may not end there"
    return None


def _decodes(walk: Walk) -> str | None:
    length = len(walk.walked[0])
    for cut in sorted({length * part // 5 for part in range(6)}):
        text = walk.ended(cut)
        errors = errors_of(walk.codec.validate(text))
        if errors:
            return f"{errors[0].render(text)}\ntext: {quote(text)}"
    return None


def _keeps(walk: Walk) -> str | None:
    length = len(walk.walked[0])
    for cut in sorted({length * part // 3 for part in range(4)}):
        text = walk.ended(cut)
        score = walk.codec.parse(text).score
        if walk.controls and (broken := walk.controls.broken(score)):
            return f"{', '.join(broken)} of {walk.controls} broken by {quote(text)}"
    return None


def controlled_walks(codec: Codec, seed: int) -> list[Walk]:
    """Return walks that are asked for each control the codec names, and for all at once.

    A value that the codec refuses with `ConfigError` is passed over.
    """
    wishes = [{name: value} for name, values in _WISHES.items() for value in values]
    wishes.append({name: values[0] for name, values in _WISHES.items() if name in codec.controls})
    wishes = [wish for wish in wishes if wish and set(wish) <= codec.controls]
    walks = []
    for number, wish in enumerate(wishes):
        controls = Controls(**wish)
        try:
            codec.grammar(controls)
        except ConfigError:
            continue
        walks.append(Walk(codec, f"{seed}:controls:{number}", controls=controls))
    return walks


CONTROL_LAWS: tuple[Law[Walk], ...] = (
    Law(
        "control-steps",
        "a grammar that is asked to keep something has no dead end either",
        _steps,
        ("grammar-steps", "grammar-agrees"),
    ),
    Law(
        "control-finish",
        "... and finish is a short legal ending",
        _finish,
        ("control-steps", "grammar-finish"),
    ),
    Law(
        "control-kept",
        "a text under such a grammar, cut anywhere and finished, keeps what was asked for",
        _keeps,
        ("control-finish",),
    ),
)
WALK_LAWS: tuple[Law[Walk], ...] = (
    Law(
        "grammar-steps",
        "states are hashable, allowed lies in the alphabet, step refuses the rest, no dead end",
        _steps,
        ("alphabet", "grammar-accepts"),
    ),
    Law(
        "grammar-finish",
        "finish is a short legal ending from every state",
        _finish,
        ("grammar-steps",),
    ),
    Law(
        "grammar-walks",
        "random walks under the grammar, cut anywhere and finished, decode without an error",
        _decodes,
        ("grammar-finish", "parse-total", "validate", "grammar-agrees"),
    ),
)
