"""Grammars of parts as a sampler reads them: states by equality, ways that are known once taken."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from textmusic.codec import Codec
from textmusic.controls import Controls
from textmusic.grammar import Joint
from textmusic_guitarpro import GuitarProCodec
from textmusic_midi import PianoRollCodec

TEMPERS = ["", "\n|", "`~. ", "~%=:;\n ", " qhEADGe01\n", "+4[0@,]#:", ".o-|\n", "..o-*2|\n%"]
CASES = [
    (GuitarProCodec(), None),
    (GuitarProCodec(), Controls(low=40, high=60)),
    (GuitarProCodec(), Controls(tuning=(23, 28, 33, 38, 43), meter=(3, 4))),
    (PianoRollCodec(), None),
    (PianoRollCodec(), Controls(meter=(3, 4), tempo=90, low=60, high=72)),
    (PianoRollCodec(steps=4, lowest=60, highest=60), None),
    (PianoRollCodec(layout="bars"), None),
    (PianoRollCodec(states="two"), None),
]


class Tables:
    """The ways of a grammar's parts, each asked for once, and a text that goes along them."""

    def __init__(self, grammar: Joint[Any]) -> None:
        self.grammar = grammar
        self.masks: dict[Any, tuple[frozenset[str], bool]] = {}
        self.ways: dict[Any, Any] = {}
        self.begin()

    def begin(self) -> None:
        """Go to the start of another text."""
        self.whole = self.grammar.start()
        self.enter()

    def enter(self) -> None:
        """Begin again from the whole state."""
        self.before, self.since = self.whole, ""
        self.keys = [self.key(*found) for found in enumerate(self.grammar.split(self.whole))]

    def key(self, number: int, state: Any) -> Any:
        part = self.grammar.parts[number]
        if (number, state) not in self.masks:
            self.masks[number, state] = part.allowed(state), part.accepting(state)
        return number, state

    def check(self) -> list[str]:
        allowed = self.grammar.allowed(self.whole)
        assert frozenset.intersection(*(self.masks[key][0] for key in self.keys)) == allowed
        accepts = all(self.masks[key][1] for key in self.keys)
        assert accepts == self.grammar.accepting(self.whole)
        return sorted(allowed)

    def after(self, key: Any, char: str) -> Any:
        """The state of a part after a character, None where that needs the whole."""
        if (key, char) not in self.ways:
            number, state = key
            after = self.grammar.parts[number].after(state, char)
            if after is None:
                return None
            for other in self.grammar.parts[number].alike(state, char):
                self.ways[key, other] = self.key(number, after)
        return self.ways[key, char]

    def read(self, char: str) -> None:
        grammar = self.grammar
        self.whole = grammar.step(self.whole, char)
        after = [self.after(key, char) for key in self.keys]
        if None not in after:
            self.keys, self.since = after, self.since + char
            return
        joined = grammar.joined(self.before, [state for _, state in self.keys], self.since)
        assert grammar.step(joined, char) == self.whole
        self.enter()


@pytest.mark.parametrize(("codec", "asked"), CASES, ids=str)
def test_known_ways_lead_where_the_whole_goes(codec: Codec, asked: Controls | None):
    grammar = codec.grammar(asked)
    assert isinstance(grammar, Joint)
    tables, random = Tables(grammar), Random(str(codec))
    for seed in range(20):
        liked = TEMPERS[seed % len(TEMPERS)]
        tables.begin()
        for _ in range(120):
            chars = tables.check()
            best = [char for char in chars if char in liked]
            tables.read(random.choice(best if best and random.random() < 0.7 else chars))
        for char in grammar.finish(tables.whole):
            tables.check()
            tables.read(char)
        assert grammar.accepting(tables.whole)
