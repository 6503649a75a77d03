"""The codec's own texts: both forms, exactly there and back."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings

from textmusic import DecodeError, EncodeError
from textmusic.errors import ConfigError
from textmusic.score import MODES, Key, Meter, Note, Score, Tempo, Track
from textmusic.testing import Repertoire, check_codec, scores
from textmusic.testing._material import mutate
from textmusic_pitchdigits import PitchDigitsCodec
from textmusic_pitchdigits.lengths import suffixes, ticks_of
from textmusic_pitchdigits.pitches import KEY, key_of, key_text

CODEC = PitchDigitsCodec()
PLAIN = PitchDigitsCodec("plain")
TWINKLE = "1=C 4/4\n1155\n665-\n4433\n221-\n"
RAW = ("1 2 3+ 5-\n5 5 1+\n", "1=G 3/4\n5_5_ | 1 - - | 2. 3_ 4 |", "Fig. 1: 1 2 3\nFig. 2: 3 2 1\n",
       "title=x\n4/4\nq1 q2 3 - 5 ~ 5 R{ 1 1 1 1 } A{ 2 - - - | 3 - - - }")  # fmt: skip


def melody(*notes: tuple[int, int, int]) -> Score:
    return Score((Track(tuple(Note(*note) for note in notes)),), 4)


@pytest.mark.parametrize(
    "codec",
    [
        PLAIN,
        PitchDigitsCodec("plain", 55, " ", "',", "x"),
        PitchDigitsCodec(separator=",", octaves="+-", lines="block"),
    ],
)
def test_other_options_keep_the_laws(codec: PitchDigitsCodec) -> None:
    check_codec(codec, texts=RAW, examples=4)


def test_real_kinds_of_text_keep_the_laws() -> None:
    check_codec(CODEC, texts=RAW, examples=6, seed=3)


def test_the_extended_text_reads_like_numbered_notation() -> None:
    score = CODEC.decode(TWINKLE)
    assert [n.pitch for n in score.notes()][:7] == [60, 60, 67, 67, 69, 69, 67]
    assert [n.duration for n in score.notes()][4:7] == [48, 48, 96]
    assert CODEC.encode(score) == TWINKLE


def test_the_plain_text_holds_pitches_only() -> None:
    score = melody((0, 4, 60), (4, 2, 67), (6, 2, 79), (16, 4, 57))
    assert PLAIN.encode(PLAIN.project(score)) == "155+06-"
    assert [n.pitch for n in PLAIN.decode("155+06-").notes()] == [60, 67, 79, 57]


def test_every_length_to_four_quarters_is_written_and_read() -> None:
    for ticks in range(1, 4 * 48):
        assert sum(ticks_of(suffix) or 0 for suffix in suffixes(ticks)) == ticks


@pytest.mark.parametrize("mode", MODES)
def test_every_key_is_written_and_read(mode: str) -> None:
    for fifths in range(-7, 8):
        key = Key(0, fifths, mode)
        match = KEY.fullmatch(key_text(key))
        assert match
        assert key_of(match, 0) == key


def test_an_upbeat_a_tie_and_changes_come_back_exactly() -> None:
    score = Score(
        (Track((Note(0, 24, 67), Note(24, 312, 72), Note(336, 16, 73))),), 48,
        (Tempo(0, 90), Tempo(216, 120)), (Meter(0, 4, 4), Meter(24, 4, 4), Meter(216, 3, 4)),
        (Key(0, 0), Key(216, -3, "minor")),
    )  # fmt: skip
    text = CODEC.encode(score)
    assert text == "1=C 4/4 q=90\n5_!\n1'---\n6=C 3/4 q=120\n~-~_b7_t0=t\n"
    assert CODEC.decode(text) == score


def test_repeated_bars_become_references() -> None:
    assert CODEC.canonical("4/4\n1234\n1234\n5---\n1234\n") == "4/4\n1234\n%\n5---\n%2\n"


@settings(max_examples=60, deadline=None)
@given(scores(Repertoire((1, 1), kinds=("melodic",), chords=False, graces=False, marks=False)))
def test_melodies_on_the_grid_lose_no_note(score: Score) -> None:
    held = CODEC.project(score)
    assert CODEC.decode(CODEC.encode(held)) == held
    if not CODEC.explain(score):
        before = [(n.onset * 48, n.duration * 48, n.pitch) for n in score.notes()]
        assert before == [
            (n.onset * score.tpq, n.duration * score.tpq, n.pitch) for n in held.notes()
        ]


def test_chords_drums_and_loose_times_are_reported() -> None:
    loose = Score(
        (Track((Note(0, 7, 60), Note(0, 7, 64), Note(11, 2, 62))), Track(is_drum=True)), 7
    )
    codes = {issue.code for issue in CODEC.explain(loose)}
    assert codes == {"pitchdigits.tracks", "pitchdigits.voices", "pitchdigits.grid"}
    with pytest.raises(EncodeError, match="melody"):
        CODEC.project(Score((Track((Note(0, 1, 36),), is_drum=True),), 1))


def test_parts_are_the_tracks_of_one_voice() -> None:
    tune = Track(tuple(Note(i, 1, 60 + i) for i in range(8)), "tune")
    chords = Track(tuple(Note(i, 1, 40 + p) for i in range(8) for p in (0, 4, 7)), "chords")
    drums = Track((Note(0, 1, 36),), is_drum=True)
    assert [p.tracks[0].name for p in CODEC.parts(Score((chords, tune, drums), 1))] == ["tune"]
    assert [p.tracks[0].name for p in CODEC.parts(Score((chords, drums), 1))] == ["chords"]


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("4/4\n123\n", "bar-short", 7),
        ("4/4\n12345\n", "bar-overfull", 8),
        ("4/4\n%4\n", "reference", 4),
        ("4/4\n~---\n", "hold", 4),
        ("4/4\n12%34\n", "event", 6),
        ("4/4\n1234\n9=C\n", "directive", 9),
        ("4/4\n1234", "line-end", 8),
        ("4/4\n1''''''234\n", "pitch-range", 4),
    ],
)
def test_what_is_wrong_is_found_at_its_place(text: str, code: str, offset: int) -> None:
    issue = CODEC.parse(text).issues[0]
    assert (issue.code, issue.offset) == (f"pitchdigits.{code}", offset)


def test_options_are_checked() -> None:
    for options in ({"form": "long"}, {"octaves": "+"}, {"separator": "+", "octaves": "+-"},
                    {"tonic": 3}, {"rest": "?"}, {"lines": "page"}, {"shortest": 0}):  # fmt: skip
        with pytest.raises(ConfigError):
            PitchDigitsCodec.from_config(options)


def test_nothing_to_learn_says_so() -> None:
    with pytest.raises(DecodeError, match="no pitch digits"):
        CODEC.canonical("There is no music in this.")


def test_thousands_of_mutations_parse_with_offsets_in_range() -> None:
    random = Random(7)
    sources = (TWINKLE, "6=G 3/4 q=132\n6,,_b7,=6_5_~_=4_\n~06\n%2\n", "155+06-", *RAW)
    for index in range(3_000):
        codec = CODEC if index % 3 else PLAIN
        text = mutate(random, sources[index % len(sources)], codec.alphabet.chars + "|+{}~\n")
        for issue in codec.parse(text).issues:
            assert 0 <= issue.offset <= len(text)
