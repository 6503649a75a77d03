"""The grammars of the rasters, the span of a hand, and what the readers say where they stop."""

from __future__ import annotations

import random

import pytest

from textmusic.errors import EncodeError
from textmusic.grammar import first_error
from textmusic.score import Meter, Note, Score, Track
from textmusic_guitartab import GuitarTabCodec
from textmusic_guitartab.piece import SPAN

LAYOUTS = ("events", "columns", "rows")
GUITAR = (40, 45, 50, 55, 59, 64)
COLUMNS = "@4/4 E1 A1 D2 G2\n"
ROWS = "@1/4 E1 A1 D2 G2\n"


def allowed(layout: str, text: str) -> frozenset[str]:
    grammar = GuitarTabCodec(layout).grammar()
    state = grammar.start()
    for char in text:
        state = grammar.step(state, char)
    return grammar.allowed(state)


def test_a_column_has_a_cell_for_each_string():
    assert allowed("columns", COLUMNS + "0--") >= set("-x0o")
    assert allowed("columns", COLUMNS + "0---") == {"\n"}
    assert allowed("columns", COLUMNS + "r") == {"-"}


def test_a_bar_of_columns_closes_when_it_is_full_or_cut():
    assert "|" not in allowed("columns", COLUMNS + "----\n" * 15)
    assert "!" in allowed("columns", COLUMNS + "----\n" * 15)
    assert allowed("columns", COLUMNS + "----\n" * 16) == {"|"}
    assert "!" not in allowed("columns", COLUMNS)


def test_rows_below_the_first_are_in_step_with_it():
    assert allowed("rows", ROWS + "G|--r-") == {"|"}
    assert allowed("rows", ROWS + "G|--r-|\nD|--") == {"-"}
    assert allowed("rows", ROWS + "G|--r-|\nD|----") == {"|"}
    assert allowed("rows", ROWS + "G|--!\nD|--") == {"!"}
    assert allowed("rows", ROWS + "G|--!\nD|--!\n") == {"A"}
    assert allowed("rows", ROWS + "G|--!\nD|--!\nA|--!\nE|--!\n") == {"\n"}


def test_one_hand_holds_the_frets_of_a_beat():
    reach = {"-", "x", "0", *"3456789abcd"}
    assert SPAN == 5
    assert allowed("columns", COLUMNS + "8") == reach
    assert allowed("rows", ROWS + "G|-8--|\nD|-") == reach
    assert allowed("events", COLUMNS + "E8A") == reach - {"-"}
    assert allowed("events", COLUMNS + "E8A0D3G") == {"x", "0", *"345678"}
    assert "o" in allowed("events", COLUMNS + "E0AxD")
    assert "o" in allowed("events", COLUMNS + "E1q G")


@pytest.mark.parametrize(
    ("layout", "text", "offset"),
    [
        ("events", "@1/4 E2 A2 D3 G3\nE1A9q\n", 20),
        ("columns", "@1/16 E2 A2 D3 G3\n19--\n|\n", 19),
        ("rows", "@1/16 E2 A2 D3 G3\nG|-|\nD|-|\nA|9|\nE|1|\n\n", 35),
    ],
)
def test_a_wider_beat_is_a_warning_and_is_fingered_anew(layout: str, text: str, offset: int):
    codec = GuitarTabCodec(layout)
    (issue,) = codec.validate(text)
    assert (issue.code, issue.severity, issue.offset) == ("guitartab.span", "warning", offset)
    assert first_error(codec.grammar(), text) == offset
    assert [codec.decode(text).tracks[0].fret(n) for n in codec.decode(text).notes()] == [1, 9]
    assert codec.validate(codec.canonical(text)) == ()


def test_what_no_hand_holds_changes_strings_or_is_left_out():
    def project(*frets: int | None) -> tuple[list[int | None], list[str]]:
        places = [(s, f) for s, f in enumerate(frets) if f is not None]
        notes = tuple(Note(0, 1680, GUITAR[s] + f, string=s) for s, f in places)
        score = Score((Track(notes, program=25, tuning=GUITAR),), 1680, (), (Meter(0, 4, 4),))
        codec = GuitarTabCodec()
        if "guitartab.span" in [issue.code for issue in codec.explain(score)]:
            with pytest.raises(EncodeError, match="no hand"):
                codec.encode(score)
        held = codec.project(score).tracks[0]
        return [held.fret(n) for n in held.notes], [i.message for i in codec.explain(score)]

    assert project(3, None, None, None, None, 8) == ([3, 8], [])
    assert project(1, 9) == (
        [1, 4],
        ["beats wider than 5 frets: 1 notes moved to other strings, 0 left out"],
    )
    frets, said = project(1, None, None, None, None, 20)
    assert len(frets) == 1
    assert said == ["beats wider than 5 frets: 0 notes moved to other strings, 1 left out"]


def test_times_within_a_quarter_lie_on_one_grid():
    header = "@2/4 E2 A2 D3 G3 B3 E4\n"
    assert "~" in allowed("events", header + "E0P E0V ")
    assert not allowed("events", header + "E0P E0V ") & set("rE.{")
    assert {"r", "E"} <= allowed("events", header + "E0P E0P ")
    begun = header + "E0P E0P E0V "
    issues = GuitarTabCodec().validate(begun + "E0p E0V E0V E0v\n")
    assert {(issue.code, issue.severity) for issue in issues} == {("guitartab.grid", "warning")}
    assert issues[0].offset == len(begun)
    tied = header + "E0P E0P E0V ~p ~V ~V ~v\n"
    assert GuitarTabCodec().validate(tied) == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_readers_stop_where_the_grammar_stops(layout: str):
    codec = GuitarTabCodec(layout)
    grammar, chars = codec.grammar(), codec.alphabet.chars
    for seed in range(30):
        chance = random.Random(seed)
        state, text = grammar.start(), ""
        for _ in range(chance.randrange(150)):
            text += chance.choice(sorted(grammar.allowed(state)))
            state = grammar.step(state, text[-1])
        text += grammar.finish(state)
        assert codec.validate(text) == ()
        for _ in range(10):
            place = chance.randrange(1, len(text))
            damaged = (
                text[:place] + chance.choice([*chars, ""]) + text[place + chance.randrange(2) :]
            )
            issues = codec.validate(damaged)
            first = issues[0].offset if issues else None
            assert first_error(grammar, damaged) == first, damaged
