"""What a user asks of a tune holds in whatever the grammar allows; where the bars of a text lie."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.controls import Controls, key_of
from textmusic.errors import ConfigError
from textmusic.format import read_text
from textmusic.grammar import first_error
from textmusic.score import MODES
from textmusic_abc import AbcCodec

CODEC = AbcCodec()
JIG = "M:6/8\nL:1/8\nK:D\n|:FAd faf|gec A2G:|2fed d3|]"
DUET = "M:3/4\nL:1/4\nK:F\n[V:1]A2 c|[V:2]F,3|\n[V:1]B A G|[V:2]C,2 E,|\n[V:1]F3|][V:2]F,3|]"
POLICIES = ["", "/8", "(3:z", "->(", '{["^', "|:1", "Z[KMQV", "[V&", "%V", "_^,'"]

asked = st.builds(
    lambda low, width, **others: Controls(low=low, high=low and min(127, low + width), **others),
    meter=st.none() | st.sampled_from([(4, 4), (6, 8), (3, 4), (7, 8), (1, 128), (255, 64)]),
    key=st.none() | st.tuples(st.integers(-7, 7), st.sampled_from(MODES)),
    tempo=st.none() | st.floats(10, 1000),
    low=st.none() | st.integers(1, 127),
    width=st.sampled_from([0, 1, 5, 12, 36]),
    program=st.none() | st.sampled_from([0, 1, 24, 127]),
)


def walked(grammar, random, length, liked):
    state, text = grammar.start(), ""
    while len(text) < length:
        allowed = sorted(grammar.allowed(state))
        if not allowed:
            break
        wanted = [char for char in allowed if char in liked]
        char = random.choice(wanted if wanted and random.random() < 0.8 else allowed)
        state = grammar.step(state, char)
        text += char
    return text + grammar.finish(state)


@settings(max_examples=40, deadline=None)
@given(asked, st.integers(0, 2**32), st.sampled_from(POLICIES), st.sampled_from([3, 40, 120]))
def test_walks_keep_what_was_asked(controls, seed, liked, length):
    text = walked(CODEC.grammar(controls), Random(seed), length, liked)
    assert controls.broken(CODEC.decode(text)) == ()
    assert CODEC.validate(text) == ()
    assert first_error(CODEC.grammar(), text) is None


@pytest.mark.parametrize(
    ("controls", "text", "rest"),
    [
        (Controls(meter=(6, 8)), "M:3/4\n", "3/4\n"),
        (Controls(meter=(4, 4)), "M:4/4\nL:1/4\nK:C\nC4|[M:3/4]C3|]", "M:3/4]C3|]"),
        (Controls(key=key_of("Edor")), "M:4/4\nL:1/4\nK:E\nE4|]", "\nE4|]"),
        (Controls(key=key_of("C")), "M:4/4\nL:1/4\nK:C\nC2[K:G]G2|]", "K:G]G2|]"),
        (Controls(tempo=90), "M:4/4\nL:1/4\nK:C\nE4|]", "K:C\nE4|]"),
        (Controls(tempo=90), "M:4/4\nL:1/4\nQ:1/4=90\nK:C\nE4|[Q:1/4=99]C4|]", "Q:1/4=99]C4|]"),
        (Controls(low=60, high=72), "M:4/4\nL:1/4\nK:C\nCc d2|]", "d2|]"),
        (Controls(low=60, high=72), "M:4/4\nL:1/4\nK:C\n{B,}C4|]", ",}C4|]"),
        (Controls(low=61, high=61), "M:4/4\nL:1/4\nK:C\n^C4|_D2C2|]", "C2|]"),
        (Controls(program=24), "M:4/4\nL:1/4\nK:C\nC4|]", "C4|]"),
        (
            Controls(program=0),
            "M:4/4\nL:1/4\nK:C\n%%MIDI program 3\nC4|]",
            "%%MIDI program 3\nC4|]",
        ),
    ],
)
def test_what_breaks_a_control_is_refused_where_it_does(controls, text, rest):
    offset = first_error(CODEC.grammar(controls), text)
    assert offset is not None
    assert text[offset:] == rest


def test_a_tempo_has_every_exact_spelling():
    grammar = CODEC.grammar(Controls(tempo=90))
    for tempo in ("1/4=90", "3/8=60", "1/2=45", "1/8=180"):
        assert first_error(grammar, f"M:4/4\nL:1/4\nQ:{tempo}\nK:C\nC4|]") is None


def test_what_abc_cannot_keep_is_refused_at_once():
    with pytest.raises(ConfigError, match="ABC has no tuning"):
        CODEC.grammar(Controls(tuning=(64, 59, 55, 50, 45, 40)))


def test_nothing_asked_is_the_plain_grammar():
    assert CODEC.grammar(Controls()) is CODEC.grammar()


def test_a_real_tune_keeps_its_own_controls(data):
    book = read_text((data / "abc" / "nottingham_cleaned" / "jigs.abc").read_bytes())
    tried = 0
    for document in list(CODEC.documents(book))[::12]:
        text = CODEC.canonical(document.text)
        score = CODEC.decode(text)
        pitches = [note.pitch for note in score.notes()]
        key = score.keys[0].fifths, score.keys[0].mode
        own = Controls(meter=(6, 8), key=key, low=min(pitches), high=max(pitches), program=0)
        if not own.broken(score) and first_error(CODEC.grammar(), text) is None:
            assert first_error(CODEC.grammar(own), text) is None
            tried += 1
    assert tried > 8


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        (JIG, ["FAd faf|", "gec A2G:|2", "fed d3|]"]),
        ('M:4/4\nL:1/4\nK:C\n(3:2:2C2D C2[1C4:|[2"A/B"[CE]4|]', ["(3:2:2C2D C2[1", "C4:|[2", '"A/B"[CE]4|]']),
        ("M:4/4\nL:1/4\nK:C\n[P:A]|:C4||[M:3/4]C3::", ["C4||", "[M:3/4]C3::"]),
        (DUET, DUET.partition("K:F\n")[2].splitlines(keepends=True)),
        ("M:4/4\nL:1/4\nK:C\nC4|D2", ["C4|", "D2"]),
        ("M:4/4\nL:1/4\nK:C\n", []),
        ("", []),
        ("nonsense | here", []),
    ],
)  # fmt: skip
def test_bars_lie_between_bar_lines(text, bars):
    offsets = CODEC.bar_offsets(text)
    assert [text[a:b] for a, b in pairwise(offsets)] == bars
    assert not bars or offsets[-1] == len(text)


@given(st.text('MLK:\n|[]V1 2C:"(', max_size=60))
def test_bar_offsets_grow_in_any_text(text):
    for tried in (text, f"M:4/4\nL:1/4\nK:C\n{text}"):
        offsets = CODEC.bar_offsets(tried)
        assert list(offsets) == sorted(set(offsets))
        assert all(0 <= offset <= len(tried) for offset in offsets)


def test_a_long_quartet_stays_valid_to_the_last_bar():
    random, grammar = Random("quartet"), CODEC.grammar(Controls(meter=(4, 4), tempo=100))
    state, text = grammar.start(), ""
    for char in "M:4/4\nL:1/4\nQ:1/4=100\nK:Dm\n[V:1]":
        state, text = grammar.step(state, char), text + char
    while not text.endswith("\n") or text.count("[V:1]") < 24:
        allowed = grammar.allowed(state)
        if state.mode in {"mark", "label"} and allowed & {"\n", "["}:
            char = "\n" if state.voice == 4 and "\n" in allowed else "["
        else:
            first = text.count("[V:1]") == 1  # its layers and chord symbols leave channels for four
            inside = sorted(allowed - set('|:[]&"' if first else "|:[]")) or sorted(allowed)
            notes = sorted(allowed & set("CDEFGABcdefgab"))
            char = random.choice(notes if notes and random.random() < 0.9 else inside)
        state, text = grammar.step(state, char), text + char
    text += grammar.finish(state)
    assert CODEC.validate(text) == ()
    score = CODEC.decode(text)
    assert len(score.tracks) == 4
    assert len(CODEC.bar_offsets(text)) - 1 >= 24
    assert Controls(meter=(4, 4), tempo=100).broken(score) == ()
