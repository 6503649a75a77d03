"""Reading MIDI files: what is repaired, what is refused, and agreement with mido."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.midi import mido_notes

from textmusic.errors import FormatError
from textmusic.format import Loaded
from textmusic.score import Key, Meter, Tempo
from textmusic_midi import MidiFormat

END = b"\x00\xff\x2f\x00"


def midi(*tracks: bytes, kind: int = 1, division: int = 480) -> bytes:
    head = b"MThd" + (6).to_bytes(4) + kind.to_bytes(2) + len(tracks).to_bytes(2)
    chunks = (b"MTrk" + len(track).to_bytes(4) + track for track in tracks)
    return head + division.to_bytes(2) + b"".join(chunks)


def load(*events: tuple[int, ...], kind: int = 1, division: int = 480) -> Loaded:
    body = b"".join(bytes(event) for event in events)
    return MidiFormat().decode(midi(body + END, kind=kind, division=division))


def spans(loaded: Loaded) -> list[tuple[int, int, int]]:
    return [(n.onset, n.duration, n.pitch) for s in loaded.scores for n in s.notes()]


def codes(loaded: Loaded) -> list[str]:
    return [issue.code for issue in loaded.issues]


def test_a_note_has_onset_duration_pitch_velocity():
    loaded = load((0, 0x90, 60, 70), (100, 0x80, 60, 0))
    (note,) = loaded.scores[0].tracks[0].notes
    assert (note.onset, note.duration, note.pitch, note.velocity) == (0, 100, 60, 70)
    assert loaded.issues == ()


def test_running_status_and_velocity_zero_end_notes():
    assert spans(load((0, 0x90, 60, 70), (10, 60, 0), (5, 62, 70), (5, 62, 0))) == [
        (0, 10, 60),
        (15, 5, 62),
    ]


def test_a_stuck_note_ends_with_the_chunk_and_is_reported_with_its_byte():
    loaded = load((0, 0x90, 60, 70), (50, 0x90, 62, 70), (50, 0x80, 62, 0))
    assert (0, 100, 60) in spans(loaded)
    assert codes(loaded) == ["midi.stuck"]
    assert loaded.issues[0].offset == 22


def test_a_missing_note_off_does_not_lengthen_the_later_notes():
    strikes = [(0, 0x90, 60, 70)]
    for _ in range(3):
        strikes += [(90, 0x90, 60, 70), (10, 0x80, 60, 0)]
    assert [duration for _, duration, _ in spans(load(*strikes))] == [90, 10, 10, 10]


def test_an_orphan_note_off_is_dropped_and_reported():
    loaded = load((0, 0x80, 60, 0), (0, 0x90, 60, 70), (9, 0x80, 60, 0))
    assert spans(loaded) == [(0, 9, 60)]
    assert codes(loaded) == ["midi.orphan-off"]


def test_overlapping_note_ons_are_ended_in_turn_and_reported():
    loaded = load((0, 0x90, 60, 70), (5, 60, 70), (5, 60, 0), (5, 60, 0))
    assert spans(loaded) == [(0, 10, 60), (5, 10, 60)]
    assert codes(loaded) == ["midi.overlap"]


def test_a_note_of_no_length_gets_one_tick():
    loaded = load((0, 0x90, 60, 70), (0, 60, 0))
    assert spans(loaded) == [(0, 1, 60)]
    assert codes(loaded) == ["midi.zero-length"]


def test_channels_and_programs_of_a_type_0_file_become_tracks():
    loaded = load(
        *((0, 0xC0, 24), (0, 0x90, 60, 70), (1, 60, 0)),
        *((0, 0xC0, 40), (0, 0x90, 60, 70), (1, 60, 0)),
        *((0, 0x99, 36, 70), (1, 36, 0)),
        kind=0,
    )
    tracks = [(t.program, t.is_drum, len(t.notes)) for t in loaded.scores[0].tracks]
    assert tracks == [(24, False, 1), (40, False, 1), (0, True, 1)]


def test_programs_set_in_another_chunk_count():
    setup, notes = b"\x00\xc3\x18" + END, b"\x00\x93\x3c\x40\x10\x3c\x00" + END
    assert MidiFormat().decode(midi(setup, notes)).scores[0].tracks[0].program == 24


def test_sequences_of_a_format_2_file_are_scores_of_their_own():
    notes = b"\x00\x90\x3c\x40\x10\x3c\x00" + END
    assert len(MidiFormat().decode(midi(notes, notes, kind=2)).scores) == 2


def test_tempo_has_as_few_decimals_as_give_the_microseconds_back():
    def tempo(micros: int) -> float:
        loaded = load((0, 0xFF, 0x51, 3, *micros.to_bytes(3)), (0, 0x90, 60, 9), (1, 60, 0))
        return loaded.scores[0].tempos[0].qpm

    assert tempo(500_000) == 120
    assert tempo(512_820) == 117.0001
    assert all(round(60_000_000 / tempo(m)) == m for m in (601, 333_333, 7_654_321, 16_777_215))


def test_metre_key_and_names_are_read():
    loaded = load(
        *((0, 0xFF, 0x03, 3), tuple(b"Jig"), (0, 0xFF, 0x58, 4, 6, 3, 24, 8)),
        *((0, 0xFF, 0x59, 2, 0xFE, 1), (0, 0xFF, 0x02, 2), tuple(b"me")),
        *((0, 0xFF, 0x01, 12), tuple(b"composer: me"), (0, 0x90, 60, 70), (1, 60, 0)),
    )
    score = loaded.scores[0]
    assert score.meters == (Meter(0, 6, 8),)
    assert score.keys == (Key(0, -2, "minor"),)
    assert score.meta == (("composer", "me"), ("copyright", "me"), ("title", "Jig"))
    assert score.tracks[0].name == "Jig"


def test_signatures_that_cannot_be_are_left_out_and_reported():
    loaded = load(
        *((0, 0xFF, 0x58, 4, 0, 2, 24, 8), (0, 0xFF, 0x59, 2, 9, 0)),
        *((0, 0xFF, 0x51, 3, 0, 0, 0), (0, 0x90, 60, 70), (1, 60, 0)),
    )
    assert sorted(codes(loaded)) == ["midi.key", "midi.meter", "midi.tempo"]


def test_a_division_in_which_a_bar_is_no_whole_number_is_scaled():
    loaded = load((0, 0xFF, 0x58, 4, 3, 6, 24, 8), (0, 0x90, 60, 70), (5, 60, 0), division=24)
    assert (loaded.scores[0].tpq, spans(loaded)) == (48, [(0, 10, 60)])


def test_a_cut_file_keeps_its_notes_and_says_so():
    whole = midi(b"\x00\x90\x3c\x40\x10\x3c\x00\x00\x3e\x40\x10\x3e\x00" + END)
    loaded = MidiFormat().decode(whole[:-6])
    assert spans(loaded)[0] == (0, 16, 60)
    assert "midi.truncated" in codes(loaded)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 and so on", "not a MIDI file"),
        (b"MThd\x00\x00", "cut off"),
        (midi(division=480), "no track"),
        (midi(b"", division=0xE728), "SMPTE"),
        (midi(b"", division=0), "0 ticks"),
        (midi(b"\x00\x90\x3c\xc8" + END), "byte 22: a data byte of 200"),
        (midi(b"\x00\x3c\x40" + END), "before any status"),
        (midi(b"\x00\xf4" + END), "0xF4"),
        (midi(b"\xff\xff\xff\xff\xff\x00" + END), "variable-length"),
        (midi(b"\x00\x90\x3c")[:-1], "cut off"),
        (midi((b"\xff\xff\xff\x7f\x90\x3c\x40" * 2) + END, division=1), "last more than"),
    ],
)
def test_damage_is_one_line_that_says_what(data: bytes, says: str):
    with pytest.raises(FormatError) as caught:
        MidiFormat().decode(data)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_mutated_files_raise_nothing_but_format_errors(data: st.DataObject):
    track = b"\x00\xff\x51\x03\x07\xa1\x20\x00\xc0\x18\x00\x90\x3c\x40\x10\x3c\x00" + END
    image = bytearray(midi(track, track))
    for _ in range(data.draw(st.integers(1, 6))):
        image[data.draw(st.integers(0, len(image) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        MidiFormat().decode(bytes(image[: data.draw(st.integers(0, len(image)))]))


def test_notes_of_real_files_are_those_that_mido_reads(data):
    compared = 0
    for path in sorted((data / "midi").rglob("*.mid"))[::40]:
        if path.stat().st_size > 60_000:
            continue
        image = path.read_bytes()
        try:
            loaded = MidiFormat().decode(image)
        except FormatError:
            continue
        if {"midi.stuck", "midi.zero-length", "midi.truncated"} & {*codes(loaded)}:
            continue
        (score,) = loaded.scores
        ours = [(n.onset, n.end, n.pitch, t.is_drum) for t in score.tracks for n in t.notes]
        assert sorted(ours) == mido_notes(image), path
        compared += 1
    assert compared > 20


def test_tempo_onsets_are_ticks():
    loaded = load((0, 0x90, 60, 70), (96, 60, 0), (0, 0xFF, 0x51, 3, 7, 0xA1, 0x20))
    assert loaded.scores[0].tempos == (Tempo(96, 120),)
