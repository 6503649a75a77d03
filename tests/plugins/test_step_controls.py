"""What can be asked of texts of time steps, where their bars lie, and what their grammars bound."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from step_scores import groove, study, unison

from textmusic import api
from textmusic.controls import Controls
from textmusic.errors import ConfigError
from textmusic.grammar import Grammar, first_error
from textmusic_midi import NoteEventsCodec, PianoRollCodec

StepCodec = NoteEventsCodec | PianoRollCodec
CODECS: tuple[StepCodec, ...] = (
    NoteEventsCodec(),
    NoteEventsCodec(hold="repeat", layout="stream", runs=False, merge=True),
    NoteEventsCodec(hold="onset", layout="bars", steps=4, lowest=48, highest=72),
    PianoRollCodec(),
    PianoRollCodec(states="two", steps=4),
    PianoRollCodec(states="pairs", layout="bars", steps=4),
    PianoRollCodec(states="two", layout="classic", steps=2, lowest=50, highest=70),
)
LETTERS = "zyxwvutsrqponmlkjihgfedcba"
HEADS = {NoteEventsCodec: "@4 0\n", PianoRollCodec: "@4 60 0\n"}


def walk(grammar: Grammar[Any], random: Random, length: int) -> str:
    state, text = grammar.start(), ""
    while len(text) < length and (allowed := sorted(grammar.allowed(state))):
        awkward = [char for char in allowed if char in "%\n<=|*01-/"]
        text += random.choice(awkward if awkward and random.random() < 0.4 else allowed)
        state = grammar.step(state, text[-1])
    return text + grammar.finish(state)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CODECS),
    st.builds(
        Controls,
        meter=st.sampled_from([None, (3, 4), (6, 8), (5, 4), (2, 2)]),
        tempo=st.sampled_from([None, 72, 120, 150.6]),
        low=st.none() | st.integers(40, 58),
        high=st.none() | st.integers(58, 80),
        program=st.none() | st.integers(0, 127),
    ),
    st.integers(0, 1 << 30),
)
def test_what_is_asked_for_holds_of_any_walk(codec: StepCodec, controls: Controls, seed: int):
    grammar = codec.grammar(controls)
    text = walk(grammar, Random(seed), seed % 400)
    assert first_error(grammar, text) is None
    assert first_error(codec.grammar(), text) is None
    assert codec.validate(text) == ()
    assert controls.broken(codec.decode(text)) == ()


@pytest.mark.parametrize("codec", CODECS)
def test_asking_for_nothing_is_the_plain_grammar(codec: StepCodec):
    for piece in (study(), groove(), unison()):
        text = codec.encode(codec.project(piece))
        assert first_error(codec.grammar(Controls()), text) is None


@pytest.mark.parametrize(
    ("controls", "message"),
    [
        (Controls(low=109), "range is 21…108"),
        (Controls(high=20), "range is 21…108"),
        (Controls(meter=(3, 128)), "no whole number of steps"),
        (Controls(tempo=10.4), "ask for 10"),
        (Controls(key=(0, "major")), "says no key"),
        (Controls(tuning=(40, 45)), "says no tuning"),
    ],
)
def test_what_no_text_can_keep_is_refused(controls: Controls, message: str):
    for codec in (NoteEventsCodec(), PianoRollCodec()):
        with pytest.raises(ConfigError, match=message):
            codec.grammar(controls)


def test_percussion_is_free_of_the_range_and_the_program():
    grammar = NoteEventsCodec().grammar(Controls(low=60, high=64, program=33))
    head = "@24 33 *\n4/4 "
    assert first_error(grammar, f"{head}Y4βA4\n") is None
    assert first_error(grammar, f"{head}A4\n") == len(head)
    assert first_error(grammar, "@24 * 33\n") == 4
    assert first_error(grammar, "@24 33 34\n") == 8


def test_the_metre_and_tempo_asked_for_are_said_once():
    controls = Controls(meter=(3, 4), tempo=90)
    events, rolls = NoteEventsCodec(steps=4), PianoRollCodec(steps=4, lowest=60)
    for codec, text, offset in (
        (events, "@4 0\n4/4 ", 5),
        (events, "@4 0\n3/4 Y4\n", 9),
        (events, "@4 0\n3/4 =90 <4 Y4\n%\n", None),
        (events, "@4 0\n3/4 =90 Y4\n<4 Y4\n", 16),
        (events, "@4 0\n3/4 =90 Y4\n=90 Y4\n", 16),
        (rolls, "@4 60 0\n3/4\no|\n", 11),
        (rolls, "@4 60 0\n3/4 =90 <4\no|\n%\n", None),
        (rolls, "@4 60 0\n3/4 =90\no|\n<4\no|\n", 19),
    ):
        assert first_error(codec.grammar(controls), text) == offset


@pytest.mark.parametrize(
    ("options", "text", "offset"),
    [
        ({"states": "two"}, "1/4\n101*2\n001|\n10/4\n1|\n", None),
        ({"states": "two"}, "1/4\n101*2\n001|\n101/8\n1|\n", None),
        ({"states": "two"}, "1/4\n101*2\n001|\n256/4", 17),
        ({"states": "two"}, "1/4\n1|\n1|\n300/4", 12),
        ({"states": "two"}, "1/4\n1|\n1|\n2/4\n101\n1|\n%\n%2\n", None),
        ({"states": "two"}, "2/4\n1|\n1/4\n%\n1\n1\n1\n1|\n2/4\n%2\n3/4\n%4\n", None),
        ({"states": "pairs"}, "1/4\n110011\n10|\n1/8\n11|\n", None),
        ({"states": "pairs"}, "1/4\n110\n", 7),
        ({"states": "pairs"}, "1/4\n10", 5),
        ({"states": "pairs"}, "1/4\n1101", 7),
        ({"states": "three"}, "1/4\no|\n.-", 8),
        ({"states": "three"}, "1/4\no|\n-|\n|\n%2\n", 13),
        ({"states": "three"}, "2/4\no*6\n-|\n1/4\n%\n", 15),
        ({"states": "three"}, "2/4\no|\n=90\n%\n3/4 =80\n%2\n", None),
    ],
)
def test_rolls_of_all_states_have_a_grammar(options: Any, text: str, offset: int | None):
    codec = PianoRollCodec(steps=4, lowest=60, highest=67, **options)
    found = first_error(codec.grammar(), f"@4 60 0\n{text}")
    if found is None:
        assert codec.validate(f"@4 60 0\n{text}") == ()
    assert found == (None if offset is None else offset + 8)


@pytest.mark.parametrize(
    ("text", "offset"),
    [("4/4 Y4\n1/4 %\n", None), ("4/4 |2Y1\n1/4 %\n", 18), ("4/4 |2Y1\n3/8 %\n", 18)],
)
def test_a_bar_too_long_for_its_place_is_not_named(text: str, offset: int | None):
    codec = NoteEventsCodec(steps=4)
    assert first_error(codec.grammar(), f"@4 0\n{text}") == offset
    assert (codec.validate(f"@4 0\n{text}") == ()) is (offset is None)


@pytest.mark.parametrize(
    ("codec", "bar"),
    [
        (NoteEventsCodec(steps=4), "4/4 " + "|".join([f"{LETTERS}4"] * 5)),
        (PianoRollCodec(steps=4, lowest=60), "4/4\n" + "\n".join(["o" * 26] * 5) + "|"),
    ],
)
def test_references_play_no_more_notes_than_are_read(
    codec: StepCodec, bar: str, monkeypatch: pytest.MonkeyPatch
):
    for module in ("codec", "reading"):
        monkeypatch.setattr(f"textmusic_midi.{codec.name}.{module}.MOST_NOTES", 1000)
    grammar = codec.grammar()
    text = f"{HEADS[type(codec)]}{bar}\n"
    state = grammar.start()
    for char in text:
        state = grammar.step(state, char)
    while "%" in grammar.allowed(state):
        state = grammar.step(grammar.step(state, "%"), "\n")
        text += "%\n"
    assert text.count("%") == 1000 // (5 * 26) - 1
    assert codec.validate(text) == ()
    assert codec.validate(f"{text}%\n%\n") != ()


def test_a_text_is_never_silent_until_its_end():
    for codec, bar in (
        (NoteEventsCodec(steps=4), "255/1 \n"),
        (PianoRollCodec(steps=4, lowest=60), "255/1\n|\n"),
    ):
        grammar = codec.grammar()
        state = grammar.start()
        for char in HEADS[type(codec)] + bar:
            state = grammar.step(state, char)
        assert not grammar.accepting(state)
        bars = 1
        while "%" in grammar.allowed(state):
            state = grammar.step(grammar.step(state, "%"), "\n")
            bars += 1
        assert bars == 10
        text = HEADS[type(codec)] + bar + "%\n" * 9 + grammar.finish(state)
        assert codec.validate(text) == ()
        assert codec.decode(text).end


def test_nothing_follows_the_longest_text():
    codec = NoteEventsCodec(steps=1)
    text = "@1 0\n250/1 Y4\n" + "%\n" * 19
    grammar = codec.grammar()
    state = grammar.start()
    for char in text:
        state = grammar.step(state, char)
    assert grammar.accepting(state)
    assert grammar.allowed(state) == frozenset()
    assert codec.validate(text) == ()


@pytest.mark.parametrize("codec", CODECS)
def test_a_bar_is_a_measure_of_the_metre(codec: StepCodec):
    for piece in (study(), groove(), unison()):
        held = codec.project(piece)
        text = codec.encode(held)
        places = codec.bar_offsets(text)
        assert len(places) - 1 == len(held.bars())
        assert places == tuple(sorted(set(places)))
        assert places[-1] == len(text)


@pytest.mark.parametrize(
    ("codec", "text", "bars"),
    [
        (NoteEventsCodec(), "@24 0\n3/4 =90 <4 Y4\n%\n=80 c4\n", ["Y4\n", "%\n", "=80 c4\n"]),
        (NoteEventsCodec(layout="stream"), "@24 0\n1/4 Y4|4c4|8c8|4Y4\n", ["Y4|4", "c4|8c8|4Y4\n"]),
        (NoteEventsCodec(layout="stream", runs=False, steps=1), "@1 0\n2/4 Y4||c4|\n3/4 |\n",
         ["Y4||", "c4|\n", "3/4 |\n"]),
        (PianoRollCodec(), "@24 21 0\n4/4 <4\no|\n%\n3/4\no*8\n-|\n", ["o|\n", "%\n", "3/4\no*8\n-|\n"]),
        (PianoRollCodec(layout="classic", steps=1), "@1 60 0\n2/4\no\n-\n.\n.\n<4\no\n.\n",
         ["o\n-\n", ".\n.\n", "<4\no\n", ".\n"]),
        (PianoRollCodec(), "", []),
        (PianoRollCodec(layout="classic"), "@24 21 0\n", []),
        (NoteEventsCodec(layout="stream"), "@24 0\n", []),
        (NoteEventsCodec(), "@24 0\n", []),
    ],
)  # fmt: skip
def test_bars_can_be_cut_at_their_places(codec: StepCodec, text: str, bars: list[str]):
    places = codec.bar_offsets(text)
    assert [text[a:b] for a, b in pairwise(places)] == bars


@pytest.mark.parametrize("codec", CODECS)
def test_any_text_has_its_places_in_order(codec: StepCodec):
    random = Random(5)
    for _ in range(300):
        text = "".join(random.choices("@4 0/\n|%=<o.-1Y", k=random.randrange(40)))
        places = codec.bar_offsets(text)
        assert all(a < b for a, b in pairwise((-1, *places)))
        assert not places or places[-1] <= len(text)


@pytest.mark.parametrize("codec", [NoteEventsCodec(), PianoRollCodec(steps=4)])
def test_ten_minutes_are_music_to_the_last_bar(codec: StepCodec, tmp_path: Path):
    grammar = codec.grammar(Controls(meter=(4, 4), tempo=120, low=48, high=72))
    state, text, random = grammar.start(), "", Random(4)
    while state.past.steps < 1200 * codec.steps:
        allowed = sorted(grammar.allowed(state))
        ends = [char for char in allowed if char in "|\n"]
        text += random.choice(ends if ends and random.random() < 0.5 else allowed)
        state = grammar.step(state, text[-1])
    text += grammar.finish(state)
    assert codec.validate(text) == ()
    assert len(codec.bar_offsets(text)) - 1 == 300
    score = codec.decode(text)
    assert {bar.end - bar.onset for bar in score.bars()} == {4 * codec.steps}
    api.write(score, tmp_path / "long.mid")
    played = mido.MidiFile(tmp_path / "long.mid")
    assert played.length == pytest.approx(score.seconds(score.end))
    assert played.length > 550


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("4/4 <4 Y4\nY4\n", None),
        ("4/4 Y4\n<4 Y4\n", 13),
        ("4/4 Y4\n%\n%\n%\n%\n%\n%\n<2. Y4\n<4 Y4\nY4\n", None),
        ("4/4 Y4\n%\n%\n%\n%\n%\n%\n<2. Y4\n=90 <4 %\n3/4 Y4\n", None),
        ("4/4 Y4\n%\n%\n%\n%\n%\n%\n<2. Y4\n3/4 Y4\n", None),
        ("4/4 Y4\n%\n%\n%\n%\n%\n%\n<2. Y4\nY4\n", 32),
        ("4/4 Y4\n%\n%\n%\n%\n%\n%\n<2. Y4\n4/4 Y4\n", 34),
        ("4/4 Y4\n%\n%\n%\n%\n%\n%\n<2. Y4\n<8 Y4\n", 33),
        ("4/4 Y4\n%\n%\n%\n%\n%\n%\n<2. Y4\n<4 Y4\n<2. Y4\n", 38),
        ("4/4 <4 Y4\n%\n%\n%\n%\n%\n%\n<2. Y4\n", 28),
    ],
)
def test_bars_are_cut_short_where_music_has_it(text: str, offset: int | None):
    rolls = text.replace("Y4\n", "o|\n").replace("4/4 o", "4/4\no")
    for lead in ("<4 ", "<2. ", "=90 <4 ", "<8 ", "3/4 ", "4/4 "):
        rolls = rolls.replace(f"{lead}o", f"{lead[:-1]}\no").replace(f"{lead}%", f"{lead[:-1]}\n%")
    codec = NoteEventsCodec()
    assert first_error(codec.grammar(), f"@24 0\n{text}") == offset
    assert (codec.validate(f"@24 0\n{text}") == ()) is (offset is None)
    assert (PianoRollCodec().validate(f"@24 21 0\n{rolls}") == ()) is (offset is None)
    assert (first_error(PianoRollCodec().grammar(), f"@24 21 0\n{rolls}") is None) is (
        offset is None
    )
