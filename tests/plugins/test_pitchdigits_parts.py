"""The parts of the grammar of pitch digits: together they allow what the whole allows."""

from __future__ import annotations

from random import Random

import pytest

from textmusic.grammar import Joint, first_error
from textmusic_pitchdigits.asking import Asked
from textmusic_pitchdigits.grammar import ExtendedGrammar

ASKED = [
    Asked(),
    Asked(metre="3/4"),
    Asked(key="1=G", tempo="q=90"),
    Asked(low=55, high=80),
    Asked(low=60, high=60),
]
LIKED = ["", "\n%", "',\n", "~0\n", "/=q \n", "-\n123", "%8\n", "_=t.\n", "!\n"]


def walk(grammar, random, size, liked):
    state, text = grammar.start(), ""
    while len(text) < size:
        allowed = sorted(grammar.allowed(state))
        wanted = [char for char in allowed if char in liked]
        text += random.choice(wanted if wanted and random.random() < 0.7 else allowed)
        state = grammar.step(state, text[-1])
    return text


def check(grammar, text, seed=0):
    """Follow a text as a whole and in parts; now and then the whole is split anew."""
    random = Random(seed)
    whole = before = grammar.start()
    states, since = grammar.split(whole), ""
    for char in text:
        parts = list(zip(grammar.parts, states, strict=True))
        allowed = frozenset.intersection(*(part.allowed(state) for part, state in parts))
        assert allowed == grammar.allowed(whole), text
        assert all(part.accepting(state) for part, state in parts) == grammar.accepting(whole)
        assert grammar.joined(before, states, since) == whole
        after = [part.after(state, char) for part, state in parts]
        if random.random() < 0.1:
            for (part, state), following in zip(parts, after, strict=True):
                for other in part.alike(state, char) & allowed:
                    assert part.after(state, other) == following
        whole = grammar.step(whole, char)
        if None in after or random.random() < 0.05:
            before, states, since = whole, grammar.split(whole), ""
        else:
            states, since = after, since + char


@pytest.mark.parametrize("asked", ASKED, ids=str)
@pytest.mark.parametrize("liked", LIKED)
def test_the_parts_allow_what_the_whole_allows(asked, liked):
    grammar = ExtendedGrammar(asked)
    assert isinstance(grammar, Joint)
    check(grammar, walk(grammar, Random(f"{asked}{liked}"), 120, liked))


@pytest.mark.parametrize(
    "text",
    [
        "4/4\n5!\n1155\n%\n~-67\n%\n0---\n1155\n%4\n1==2==3=_4_.5--\n%\n%8\n~---\n",
        "1=G 3/4 q=96\n5_5_!\n1'1_7_6,\n" + 6 * "%\n" + "2!\n3_3_4!\n2/4\n55\n%\n6=E\n%2\n",
        "4/4\n" + 9 * "1155\n" + "12!\n55!\n1155\n%8\n1''''---\n7,,,,---\n1=A\n%\n%2\n",
    ],
)
def test_short_tied_and_far_bars_are_known_to_the_parts(text):
    assert first_error(ExtendedGrammar(), text) is None
    check(ExtendedGrammar(), text)


def test_bars_like_others_are_not_asked_for_again():
    grammar = ExtendedGrammar()
    seen = []
    for text in ("4/4\n" + 9 * "1155\n", "1=D 4/4\n" + 8 * "2.1_71'\n" + "%8\n" + "1155\n"):
        state = grammar.start()
        for char in text + "33":
            state = grammar.step(state, char)
        seen.append(grammar.split(state))
    assert seen[0] == seen[1]
