"""The values of ABC's fields."""

import pytest

from textmusic.score import MODES
from textmusic_abc import fields, pitches


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4/4", "4/4"),
        (" 6/8 ", "6/8"),
        ("C", "4/4"),
        ("C|", "2/2"),
        ("c.", "4/4"),
        ("none", "none"),
        ("", "none"),
        ("2+2+3/8", "7/8"),
        ("(2+3)/8", "5/8"),
        ("FREI4/4", "4/4"),
    ],
)
def test_meters(text, expected):
    meter = fields.read_meter(text)
    assert meter is not None
    assert meter.text == expected


@pytest.mark.parametrize("text", ["four", "0/4", "3/5", "1000/4", "4/"])
def test_what_is_no_meter(text):
    assert fields.read_meter(text) is None


@pytest.mark.parametrize(
    ("text", "qpm"),
    [
        ("1/4=120", 120),
        ("3/8=100", 150),
        ("120", 60),
        ("C=120", 60),
        ("C3=40", 60),
        ('"Allegro" 1/4=96 "quick"', 96),
        ("1/4 1/8=60", 90),
        ("1/2 = 60", 120),
    ],
)
def test_tempos_where_the_unit_is_an_eighth(text, qpm):
    tempo = fields.read_tempo(text, fields.WHOLE // 8)
    assert tempo is not None
    assert tempo.qpm == qpm


@pytest.mark.parametrize("text", ['"Allegro"', "", "1/0=3", "fast"])
def test_what_is_no_tempo(text):
    assert fields.read_tempo(text, fields.WHOLE // 8) is None


def test_the_default_unit_depends_on_the_meter():
    assert fields.default_unit(fields.MeterValue(2, 4)) == fields.WHOLE // 16
    assert fields.default_unit(fields.MeterValue(3, 4)) == fields.WHOLE // 8
    assert fields.default_unit(fields.MeterValue(0, 4)) == fields.WHOLE // 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [("AABB", "AABB"), ("A2B3", "AABBB"), ("(AB)2.C", "ABABC"), ("(A(BC)2)2", "ABCBCABCBC")],
)
def test_orders_of_parts(text, expected):
    assert fields.read_parts(text) == expected


def test_an_order_of_parts_is_bounded():
    assert len(fields.read_parts("((((A99)99)99)99)99")) <= 500


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fifths", range(-7, 8))
def test_every_key_reads_back(fifths, mode):
    key = pitches.signature(fifths, mode)
    assert pitches.read_key(key.text) == key


@pytest.mark.parametrize("fifths", range(-7, 8))
def test_spelling_gives_the_pitch_back(fifths):
    for pitch in range(128):
        assert pitches.midi(*pitches.spell(pitch, fifths)) == pitch


def test_a_key_spells_its_own_notes_without_accidentals():
    for fifths in range(-7, 8):
        alters = pitches.signature(fifths).alters
        for index in range(7):
            pitch = pitches.midi(index, alters[index])
            assert pitches.spell(pitch, fifths) == (index, alters[index])
