"""The codec `noteevents`: its laws for each option, what its texts say, what they lose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from step_scores import STEPS, groove, study, unison

from textmusic.errors import ConfigError, DecodeError, EncodeError
from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic.testing import check_codec
from textmusic_midi import MidiFormat, NoteEventsCodec

GOLDEN = Path(__file__).parent.parent / "golden"
HOLDS = ("length", "onset", "repeat")
LAYOUTS = ("folded", "bars", "stream")


@pytest.mark.parametrize(
    ("hold", "layout", "runs"),
    [
        ("length", "folded", True),
        ("length", "stream", False),
        ("onset", "bars", False),
        ("onset", "stream", True),
        ("repeat", "folded", True),
        ("repeat", "stream", False),
    ],
)
def test_the_codec_keeps_its_laws(hold: str, layout: str, *, runs: bool):
    codec = NoteEventsCodec(steps=24 if runs else 6, hold=hold, layout=layout, runs=runs)
    check_codec(codec, examples=2, golden=GOLDEN)


@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("hold", HOLDS)
def test_every_option_writes_what_it_reads(hold: str, layout: str, *, runs: bool):
    codec = NoteEventsCodec(hold=hold, layout=layout, runs=runs)
    for piece in (study(), groove(), unison()):
        held = codec.project(piece)
        text = codec.encode(held)
        assert codec.validate(text) == ()
        assert codec.decode(text) == held
        assert codec.canonical(text) == text


@pytest.mark.parametrize(
    "codec",
    [
        NoteEventsCodec(steps=1),
        NoteEventsCodec(steps=4, merge=True, hold="onset"),
        NoteEventsCodec(steps=5, lowest=35, highest=46, outside="drop"),
        NoteEventsCodec(steps=96, lowest=0, highest=127, hold="repeat"),
    ],
)
def test_any_grid_and_range_keeps_the_laws(codec: NoteEventsCodec):
    check_codec(codec, examples=1)


@pytest.mark.parametrize("piece", [study(), groove(), unison()])
def test_the_default_is_exact(piece: Score):
    codec = NoteEventsCodec()
    assert codec.project(piece) == piece
    assert codec.explain(piece) == ()
    assert codec.decode(codec.encode(piece)) == piece


def test_parts_survive_as_far_as_midi():
    codec = NoteEventsCodec()
    played = codec.decode(codec.encode(study()))
    (midi,) = MidiFormat().decode(MidiFormat().encode(played).data).scores
    wanted = [[(n.onset, n.duration, n.pitch) for n in t.notes] for t in study().tracks]
    scale = midi.tpq // STEPS
    found = [
        [(n.onset // scale, n.duration // scale, n.pitch) for n in t.notes] for t in midi.tracks
    ]
    assert found == wanted


def test_a_bar_is_a_line_and_repeated_bars_are_marks():
    lines = NoteEventsCodec().encode(groove()).splitlines()
    assert lines[0] == "@24 * 33"
    assert lines[3:] == [*["%2"] * 6, ""]


def test_the_stream_of_the_earlier_system_is_one_character_an_event():
    codec = NoteEventsCodec(steps=4, hold="repeat", layout="stream", runs=False, merge=True)
    piece = Score((Track((Note(0, 2, 60), Note(0, 1, 64), Note(3, 1, 62))),), 4)
    assert codec.encode(codec.project(piece)) == "@4 0\n4/4 cY|Y||a|\n"


def test_the_notes_of_a_step_stand_from_high_to_low_part_by_part():
    tracks = (Track((Note(0, 24, 60), Note(0, 24, 67))), Track((Note(0, 24, 72),)))
    piece = NoteEventsCodec().project(Score(tracks, STEPS))
    assert NoteEventsCodec().encode(piece) == "@24 0 0\n4/4 fY4βk4\n"


def test_onsets_last_until_the_next_of_their_part_at_most_four_quarters():
    codec = NoteEventsCodec(hold="onset")
    held = codec.project(study())
    right = held.tracks[0].notes
    assert [n.duration for n in right[:4]] == [24, 24, 12, 12]
    assert right[-1].duration == 4 * STEPS
    assert codec.decode(codec.encode(held)) == held


def test_repeated_notes_become_one_where_only_sound_is_written():
    codec = NoteEventsCodec(hold="repeat")
    piece = Score((Track((Note(0, 24, 60), Note(24, 24, 60))),), STEPS)
    assert codec.project(piece).tracks[0].notes == (Note(0, 48, 60),)
    assert [i.code for i in codec.explain(piece)] == ["noteevents.unison"]


def test_losses_are_named():
    notes = (Note(0, 479, 60), Note(5, 500, 18), Note(960, 0, 61, marks=frozenset({"grace:1"})))
    piece = Score(
        (Track(notes),), 480, (Tempo(0, 90), Tempo(480, 120)), (Meter(0, 4, 4), Meter(1920, 5, 128))
    )
    codes = {issue.code.partition(".")[2] for issue in NoteEventsCodec().explain(piece)}
    assert codes == {"grid", "range", "grace", "tempo", "metre"}


def test_a_bar_with_two_tempi_lasts_as_long_as_before():
    notes = tuple(Note(480 * i, 480, 60) for i in range(8))
    piece = Score((Track(notes),), 480, (Tempo(0, 60), Tempo(960, 120), Tempo(1920, 100)))
    held = NoteEventsCodec().project(piece)
    assert held.tempos == (Tempo(0, 80), Tempo(96, 100))
    assert held.seconds(96) == pytest.approx(piece.seconds(1920))


def test_more_parts_than_letters_are_joined_by_instrument():
    tracks = tuple(Track((Note(0, 24, 40 + i),), program=i % 3) for i in range(40))
    held = NoteEventsCodec().project(Score(tracks, STEPS))
    assert [(t.program, len(t.notes)) for t in held.tracks] == [(0, 14), (1, 13), (2, 13)]


def test_a_piece_without_end_is_cut_and_a_dense_one_refused():
    late = Score((Track((Note(0, 24, 60), Note(24 * 20_000, 24, 60))),), STEPS)
    assert len(list(NoteEventsCodec().project(late).notes())) == 1
    drone = tuple(Note(0, 24 * 19_000, 30 + i) for i in range(60))
    with pytest.raises(EncodeError, match="hold='length'"):
        NoteEventsCodec(hold="repeat", runs=False).project(Score((Track(drone),), STEPS))


def test_what_is_off_the_grid_is_not_encoded():
    with pytest.raises(EncodeError, match="project"):
        NoteEventsCodec().encode(replace(study(), tpq=25, meters=(), tempos=()))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"steps": 0}, "steps"),
        ({"lowest": 90, "highest": 80}, "range"),
        ({"hold": "x"}, "hold"),
        ({"layout": "x"}, "layout"),
        ({"outside": "x"}, "outside"),
    ],
)
def test_odd_options_are_refused(options: dict, says: str):
    with pytest.raises(ConfigError, match=says):
        NoteEventsCodec(**options)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "head", 0),
        ("@24 200\n4/4 Y4\n", "head", 0),
        ("@99 0\n4/4 Y4\n", "steps", 1),
        ("@24 0\n4/4 Y4!\n", "character", 12),
        ("@24 0\n4/4 4\n", "stray-length", 10),
        ("@24 0\n4/4 Y|4a4\n", "no-length", 10),
        ("@24 0\n4/4 Y4βa4\n", "part", 12),
        ("@24 0\n2/4 Y2|2Y4\n", "bar-full", 14),
        ("@24 0\n%\n", "reference", 6),
        ("@24 0\n0/4 Y4\n", "metre", 6),
        ("@5 0\n4/4 Y8\n", "length", 10),
        ("@24 0\n2/4 <2 Y8\n", "cut", 6),
        ("@24 0\n=0 Y8\n", "tempo", 6),
    ],
)
def test_issues_have_their_place(text: str, code: str, place: int):
    issue = NoteEventsCodec().validate(text)[0]
    assert (issue.code, issue.offset) == (f"noteevents.{code}", place)


def test_a_text_without_its_first_line_is_read():
    parsed = NoteEventsCodec().parse("cY4|4a4\n")
    assert [i.code for i in parsed.issues] == ["noteevents.head"]
    assert [n.pitch for n in parsed.score.notes()] == [60, 64, 62]


def test_canonical_sorts_and_folds():
    text = "@24 0\n4/4 =90 Y4c4|4a4\n4/4 cY4|4a4\n"
    assert NoteEventsCodec().canonical(text) == "@24 0\n4/4 =90 cY4|4a4\n%\n"
    with pytest.raises(DecodeError):
        NoteEventsCodec().canonical("@24 0\n4/4 \n")


def test_documents_start_with_an_at_sign():
    one, two = NoteEventsCodec().encode(study()), NoteEventsCodec().encode(groove())
    found = list(NoteEventsCodec().documents(one + two))
    assert [(d.text, d.offset) for d in found] == [(one, 0), (two, len(one))]


def test_long_references_do_not_multiply():
    body = "|".join("Y'" for _ in range(90))
    text = f"@24 0\n4/4 {body}\n" + "%\n" * 20_000
    score = NoteEventsCodec().parse(text).score
    assert len(list(score.notes())) <= 210_000


@pytest.mark.parametrize("hold", HOLDS)
def test_damaged_texts_are_read(hold: str):
    random = Random(hold)
    codec = NoteEventsCodec(hold=hold)
    text = codec.encode(codec.project(study()))
    for _ in range(700):
        at, span = random.randrange(len(text)), random.choice((0, 1, 1, 3))
        char = random.choice(codec.alphabet.chars)
        damaged = text[:at] + char * random.choice((0, 1, 1, 9)) + text[at + span :]
        for issue in codec.parse(damaged).issues:
            assert 0 <= issue.offset <= issue.offset + issue.length <= len(damaged)


def test_real_midi_files_survive(data: Path):
    codec = NoteEventsCodec()
    files = sorted((data / "midi").rglob("*.mid"))
    for file in Random(3).sample(files, min(len(files), 40)):
        try:
            scores = MidiFormat().read(file).scores
        except ValueError:
            continue
        for score in scores:
            if any(note.duration for note in score.notes()):
                held = codec.project(score)
                assert codec.decode(codec.encode(held)) == held
