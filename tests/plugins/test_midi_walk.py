"""The walk through all chunks at once, held to a plain one that takes byte after byte."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import FormatError
from textmusic_midi import MidiFormat

END = b"\x00\xff\x2f\x00"
TIMES = (b"\x00", b"\x01", b"\x18", b"\x81\x00", b"\x80\x80\x05")
MESSAGES = st.one_of(
    st.tuples(
        st.sampled_from((0x80, 0x90, 0x90, 0x91)),
        st.sampled_from((60, 61)),
        st.sampled_from((0, 1, 90)),
    ),
    st.tuples(st.sampled_from((0xC0, 0xC1, 0xD0)), st.integers(0, 3)),
    st.tuples(st.just(0xE0), st.integers(0, 127), st.integers(0, 127)),
).map(bytes)
OTHERS = st.sampled_from((b"\xf0\x02ab", b"\xff\x01\x01a", b"\xff\x7f\x00"))
EVENTS = st.tuples(st.sampled_from(TIMES), st.one_of(MESSAGES, MESSAGES, MESSAGES, OTHERS))


def file(*tracks: bytes, kind: int = 1) -> bytes:
    head = b"MThd" + (6).to_bytes(4) + kind.to_bytes(2) + len(tracks).to_bytes(2) + (96).to_bytes(2)
    return head + b"".join(b"MTrk" + len(track).to_bytes(4) + track for track in tracks)


def running(events: list[tuple[bytes, bytes]]) -> bytes:
    """The bytes of events, each status left out that running status stands for."""
    out, last = b"", -1
    for time, message in events:
        status = message[0]
        out += time + (message[1:] if status == last else message)
        last = status if status < 0xF0 else last
    return out


def plain(events: list[tuple[bytes, bytes]]) -> list[tuple[int, int, int, int, int, int]]:
    """Channel, program, onset, duration, pitch, velocity of the notes of one chunk."""
    now = end = 0
    program = [0] * 16
    strikes: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for time, message in events:
        value = 0
        for byte in time:
            value = value << 7 | byte & 0x7F
        now += value
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        end = end if message[0] == 0xF0 else now
        if kind == 0xC0:
            program[channel] = message[1]
        elif kind in {0x80, 0x90}:
            velocity = message[2] if kind == 0x90 else 0
            strikes.setdefault((channel, message[1]), []).append((now, velocity, program[channel]))
    return sorted(
        (channel, heard, on, max(stop - on, 1), pitch, velocity)
        for (channel, pitch), struck in strikes.items()
        for (on, velocity, heard), stop in paired(struck, end)
    )


def paired(strikes: list[tuple[int, int, int]], end: int) -> list[tuple[tuple[int, int, int], int]]:
    waiting: list[tuple[int, int, int]] = []
    pairs = []
    for strike in strikes:
        if strike[1]:
            waiting.append(strike)
        elif waiting:
            pairs.append((waiting.pop(0), strike[0]))
    if not waiting:
        return pairs
    ons = [strike for strike in strikes if strike[1]]
    offs = [tick for tick, velocity, _ in strikes if not velocity]
    return [
        (on, min([*(off for off in offs if off > on[0]), after[0]]))
        for on, after in pairwise([*ons, (end, 0, 0)])
    ]


@given(events=st.lists(EVENTS, max_size=40))
@settings(max_examples=150, deadline=None)
def test_notes_are_those_of_a_plain_walk(events) -> None:
    wanted = plain(events)
    (score,) = MidiFormat().decode(file(running(events) + END)).scores
    found = [
        (track.program, n.onset, n.duration, n.pitch, n.velocity)
        for track in score.tracks
        for n in track.notes
    ]
    assert sorted(found) == sorted(row[1:] for row in wanted)


@given(chunks=st.lists(st.lists(EVENTS, max_size=12), min_size=2, max_size=4))
@settings(max_examples=80, deadline=None)
def test_chunks_do_not_touch_each_other(chunks) -> None:
    bodies = [running(events) + END for events in chunks]
    together = MidiFormat().decode(file(*bodies, kind=2))
    alone = [MidiFormat().decode(file(body)).scores[0] for body in bodies]
    assert [score.tracks for score in together.scores] == [score.tracks for score in alone]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\x00\x3c\x40", r"chunk 1, byte 22: a data byte \(60\) before any status"),
        (b"\x00\x3c", r"chunk 1, byte 22: a data byte \(60\) before any status"),
        (b"\x00\xff\x01\x00\x00\x3c\x40\x00", r"byte 26: a data byte \(60\) before any status"),
        (b"\x00\x90\x3c\x80\x00\xf4", "byte 22: a data byte of 128; MIDI has 0…127"),
        (b"\x00\xc0\x01\x00\x80\x00\x40\x00\x91\x3c\xff", "byte 29: a data byte of 255"),
        (b"\x00\x90\x3c\x40\x80\x80\x80\x80\x00\x90", "byte 26: a variable-length number of more"),
        (b"\x00\xff\x01\x80\x80\x80\x80\x00", "byte 22: a variable-length number of more"),
    ],
)
def test_the_first_damage_is_named(body: bytes, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        MidiFormat().decode(file(body + END))


def test_the_damage_of_an_earlier_chunk_comes_first() -> None:
    bad = b"\x00\x90\x3c\x90" + END
    worse = b"\x00\xf4\x00"
    with pytest.raises(FormatError, match="chunk 1, byte 22: a data byte of 144"):
        MidiFormat().decode(file(bad, worse))
    with pytest.raises(FormatError, match="chunk 1, byte 22: status 0xF4"):
        MidiFormat().decode(file(worse, bad))


@pytest.mark.parametrize(
    "tail", [b"\x00\x80\x3c", b"\x00\x80", b"\x00", b"\x81", b"\x00\xff\x01\x05a"]
)
def test_an_event_that_is_not_whole_ends_its_chunk(tail: bytes) -> None:
    note = b"\x00\x90\x3c\x40\x60\x80\x3c\x00"
    loaded = MidiFormat().decode(file(note + tail, note + END))
    assert [(n.onset, n.duration) for n in loaded.scores[0].notes()] == [(0, 96)] * 2
    assert [issue.code for issue in loaded.issues] == ["midi.truncated"]
