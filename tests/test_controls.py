"""What may be asked of a piece: how it is typed, and when it is broken."""

from __future__ import annotations

import pytest

from textmusic.controls import Controls, key_of, parse_controls, pitch_of, tuning_of
from textmusic.errors import ConfigError
from textmusic.score import Key, Meter, Note, Score, Tempo, Track


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("C", (0, "major")),
        ("F#m", (3, "minor")),
        ("Bb dorian", (-4, "dorian")),
        ("Amix", (2, "mixolydian")),
        ("E♭", (-3, "major")),
        ("D min", (-1, "minor")),
        ("D ionian", (2, "major")),
        ("A Aeolian", (0, "minor")),
        ("F#aeo", (3, "minor")),
        ("Bion", (5, "major")),
        ("E phrygian", (0, "phrygian")),
        ("F lydian", (0, "lydian")),
        ("B locrian", (0, "locrian")),
        ("D io", None),
        ("H", None),
        ("G#", None),
        ("D nonsense", None),
        ("", None),
    ],
)
def test_keys_are_read_as_people_write_them(name: str, key: tuple[int, str] | None) -> None:
    if key is None:
        with pytest.raises(ConfigError) as caught:
            key_of(name)
        assert "\n" not in str(caught.value)
    else:
        assert key_of(name) == key


def test_a_mode_that_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"ionian, dorian.*aeolian, locrian"):
        key_of("D blues")


def test_pitches_and_tunings_are_read_as_people_write_them() -> None:
    assert (pitch_of("C4"), pitch_of("f#3"), pitch_of("Bb-1"), pitch_of("40")) == (60, 54, 10, 40)
    assert tuning_of("DADGAD") == (38, 45, 50, 55, 57, 62)
    assert tuning_of("EADG") == (28, 33, 38, 43)
    assert tuning_of("EbAbDbGbBbEb") == (39, 44, 49, 54, 58, 63)
    assert tuning_of("D2 A2 D3") == (38, 45, 50)
    assert tuning_of("40, 45") == (40, 45)
    for wrong in ("EAD", "E2 A D3 G3 B3 E4", "xyz", "EADGBX", "H2 A2"):
        with pytest.raises(ConfigError):
            tuning_of(wrong)
    for wrong in ("C", "Z4", "C12", "128", ""):
        with pytest.raises(ConfigError):
            pitch_of(wrong)


def test_controls_are_read_as_people_type_them() -> None:
    controls = parse_controls(
        meter="6/8", key="Dm", tempo=90, pitches="E2-E5", instrument="violin", tuning="EADG"
    )
    assert controls == Controls(
        meter=(6, 8),
        key=(-1, "minor"),
        tempo=90,
        low=40,
        high=76,
        tuning=(28, 33, 38, 43),
        program=40,
    )
    assert controls.asked() == ("meter", "key", "tempo", "low", "high", "tuning", "program")
    assert parse_controls(instrument="41") == Controls(program=40)
    assert not parse_controls().asked()


@pytest.mark.parametrize(
    "wrong",
    [
        {"meter": "6"},
        {"meter": "6/7"},
        {"meter": "0/4"},
        {"tempo": 0},
        {"pitches": "E5-E2"},
        {"pitches": "E5"},
        {"instrument": "guitar"},
        {"instrument": "kazoo"},
        {"instrument": "129"},
    ],
)
def test_what_means_nothing_is_refused_in_one_line(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_controls(**wrong)  # type: ignore[arg-type]  # the tempo is a number
    assert "\n" not in str(caught.value)


def test_each_property_is_broken_by_what_breaks_it() -> None:
    piece = Score(
        tracks=(
            Track((Note(0, 480, 60), Note(480, 480, 64)), program=40, tuning=(55, 62, 69, 76)),
            Track((Note(0, 480, 36),), is_drum=True),
        ),
        tempos=(Tempo(0, 90.2),),
        meters=(Meter(0, 3, 4),),
        keys=(Key(0, 1),),
    )
    kept = Controls(
        meter=(3, 4),
        key=(1, "major"),
        tempo=90,
        low=60,
        high=64,
        tuning=(55, 62, 69, 76),
        program=40,
    )
    assert kept.broken(piece) == ()
    broken = Controls(
        meter=(4, 4), key=(1, "minor"), tempo=92, low=61, high=63, tuning=(), program=0
    )
    assert broken.broken(piece) == broken.asked()
    assert Controls(key=(0, "major"), meter=(4, 4), tempo=120).broken(Score()) == ("key",)
