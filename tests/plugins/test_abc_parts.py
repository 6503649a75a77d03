"""The parts of the grammar of ABC: together they allow what the whole allows."""

from __future__ import annotations

from random import Random

import pytest

from textmusic import Controls
from textmusic.grammar import Joint, first_error
from textmusic_abc.grammar import AbcGrammar

HEAD = "M:4/4\nL:1/4\nK:G\n"
LIKED = [
    "",
    "|z24",
    '|cBA2"Dm7',
    "|[CEG]-2",
    "|^=_c-'2,",
    "|(3:Bd>",
    "|&-4c",
    "V|[C4\n:1]",
    "|{TuG}.~L",
    "P|[A4",
    "|:14c2[]",
    "|/8c[K:Q]",
    "|~.>3CA2/",
    "(5:4:1Cz|2",
]
ASKED = [
    None,
    Controls(low=60, high=72),
    Controls(key=(1, "major"), meter=(3, 4)),
    Controls(tempo=90, program=3),
]
TUNES = [
    "|:C|D E F G|A4|A2 B::c|d e f g|d4|a b c':|",
    "|:C|D E F G|1A B c:|2A B c||C|D E F G|A B c|]",
    "|:C4-|1C-C D2:|2D2|]",
    "[C-E]2 [CE]2|^F-F =F2|_B4-|_B4|]",
    "(3CDE (3:2:2C2D|(5:4:1C (5:4:1D (5:4:1E (5:4:1F (5:4:1G|]",
    '"Am7/C"C {ag}TD .E uF|~G2 c>B|"D"d2- "G"d2|]',
    "C4-&E4-|C4&E4|[M:3/4][K:D]F F- F|F[Q:1/4=90]F [A,-DF]|[A,F]3|]",
    "c d''' d'''' =g'''|^C,, ^^C,,,, C,,, z|^c c c =c-|c3 [^c^d]|]",
    "[V:1]C4|[V:2]E4|\n[V:1]C2|][V:2]E2|]",
]


def walk(grammar, random, size, liked):
    state, text = grammar.start(), ""
    while len(text) < size and (allowed := sorted(grammar.allowed(state))):
        wanted = [char for char in allowed if char in liked]
        text += random.choice(wanted if wanted and random.random() < 0.85 else allowed)
        state = grammar.step(state, text[-1])
    return text


def check(grammar, text):
    """Follow a text as a whole and in parts; now and then the whole is split anew."""
    random = Random(text)
    whole = before = grammar.start()
    states, since = grammar.split(whole), ""
    for place, char in enumerate(text):
        parts = list(zip(grammar.parts, states, strict=True))
        allowed = frozenset.intersection(*(part.allowed(state) for part, state in parts))
        assert allowed == grammar.allowed(whole), text[:place]
        assert all(part.accepting(state) for part, state in parts) == grammar.accepting(whole)
        assert grammar.joined(before, states, since) == whole, text[:place]
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
    grammar = AbcGrammar(asked)
    assert isinstance(grammar, Joint)
    check(grammar, walk(grammar, Random(f"{asked}{liked}"), 160, liked))


@pytest.mark.parametrize("tune", TUNES)
def test_the_parts_follow_music(tune):
    grammar = AbcGrammar()
    assert first_error(grammar, HEAD + tune) is None
    check(grammar, HEAD + tune)


def test_bars_like_others_are_not_asked_for_again():
    grammar = AbcGrammar()
    contents = set()
    for key, music in (("C", "|:c2 ^d2|e f- f g|c/"), ("G", "|:CDEF|[CE]4|A B c d|g/")):
        state = grammar.start()
        for char in f"M:4/4\nL:1/4\nK:{key}\n{music}":
            state = grammar.step(state, char)
        contents.add(grammar.split(state))
    assert len(contents) == 1


def test_what_is_written_is_known_without_the_time():
    grammar = AbcGrammar()
    written, times = set(), set()
    for head, music in (
        ("M:4/4\nL:1/4\nK:C\n", "c4|B/"),
        ("M:3/4\nL:1/8\nK:C\n", "|:c4 d2|e>f g2"),
        ("M:3/4\nL:1/8\nK:C\n", "c4 d2|(3efg a2"),
    ):
        state = grammar.start()
        for char in head + music:
            state = grammar.step(state, char)
        contents, time = grammar.split(state)
        written.add(contents)
        times.add(time)
    assert len(written) == 1
    assert len(times) == 3


def test_only_a_check_tells_a_step_from_reading_on():
    grammar = AbcGrammar()
    state = grammar.start()
    for char in HEAD + "cdef":
        state = grammar.step(state, char)
    assert grammar.through(grammar.start(), HEAD + "cdef") == state
    with pytest.raises(ValueError, match="'g' may not follow"):
        grammar.step(state, "g")
