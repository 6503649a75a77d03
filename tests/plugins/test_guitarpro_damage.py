"""Reading Guitar Pro files: damage, other formats, hostile and very large files."""

from __future__ import annotations

import contextlib
import io
import time

import guitarpro
import pytest
from guitarpro_songs import song, strike
from hang import no_hang
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import FormatError
from textmusic.form import Form, unfold
from textmusic.format import Format
from textmusic.score import Note, Score, Track
from textmusic_guitarpro import (
    GuitarPro3,
    GuitarPro4,
    GuitarPro5,
    GuitarPro6,
    GuitarPro7,
    _source,
)


@pytest.mark.parametrize("form", [GuitarPro3(), GuitarPro4(), GuitarPro5()])
def test_damage_is_one_line(form: GuitarPro5):
    track = Track((Note(0, 480, 64, string=5),), tuning=(40, 45, 50, 55, 59, 64))
    whole = form.encode(Score((track,))).data
    for cut in range(0, len(whole) - 1, 97):
        with pytest.raises(FormatError) as caught:
            form.decode(whole[:cut])
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"BCFZ....", "Guitar Pro 6|container|damaged|unpack"),
        (b"PK\x03\x04....", "zip"),
        (b"MThd", "not a Guitar Pro file"),
        (b"\x18FICHIER GUITAR PRO v9.99", "version"),
    ],
)
def test_other_files_are_named(data: bytes, says: str):
    with pytest.raises(FormatError, match=says):
        GuitarPro5().decode(data.ljust(40, b"\0") if data else data)


@pytest.mark.parametrize("reader", [GuitarPro3(), GuitarPro6(), GuitarPro7()])
def test_files_are_known_by_their_first_bytes(reader: Format):
    score = Score((Track((Note(0, 480, 64, 95, 5),), tuning=(40, 45, 50, 55, 59, 64)),))
    for writer in (GuitarPro5(), GuitarPro7()):
        (again,) = reader.decode(writer.encode(score).data).scores
        assert again.tracks[0].notes == score.tracks[0].notes


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_mutated_files_raise_nothing_but_format_errors(data: st.DataObject):
    marks = frozenset({"bend:2", "slide", "trill:66", "harmonic:tap", "whammy:-1@0"})
    page = (
        *(Note(0, 480, 64, 80, 5, marks), Note(480, 160, 52, 80, 2)),
        *(Note(480, 0, 53, 80, 2, frozenset({"grace:1"})), Note(1920, 480, 64, 80, 5)),
    )
    form = Form.parse("2 1[1 1)2 2[2")
    assert form is not None
    score = unfold(Score((Track(page, tuning=(40, 45, 50, 55, 59, 64)),)), form)
    image = bytearray(GuitarPro5().encode(score).data)
    for _ in range(data.draw(st.integers(1, 6))):
        image[data.draw(st.integers(31, len(image) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        GuitarPro5().decode(bytes(image))


def test_a_measure_of_very_many_beats_is_refused_in_bounded_time(monkeypatch):
    monkeypatch.setattr(_source, "_MOST_BEATS", 5_000)
    made = song()
    strike(made, 0)
    stream = io.BytesIO()
    guitarpro.write(made, stream, version=(3, 0, 0))
    data = stream.getvalue()
    beat = bytes((0, 0, 0x40, 0x20, 1, 0))
    start = data.rindex((1).to_bytes(4, "little") + bytes((0, 0, 0x40)))
    hostile = data[:start] + (60_000).to_bytes(4, "little") + beat * 60_000
    with no_hang(), pytest.raises(FormatError, match="beats"):
        GuitarPro3().decode(hostile)


def test_every_real_file_is_read(data):
    for path in sorted((data / "gp").rglob("*.gp[345]"))[::30]:
        GuitarPro5().read(path)


@pytest.mark.parametrize("suffix", ["gp3", "gp4", "gp5", "gpx", "gp"])
def test_the_largest_real_files_are_read_and_written_in_time(data, suffix: str):
    paths = sorted((data / "gp").rglob(f"*.{suffix}"), key=lambda p: p.stat().st_size)
    begin = time.process_time()
    score = GuitarPro5().read(paths[-1]).scores[0]
    GuitarPro5().encode(score)
    assert time.process_time() - begin < 10


def test_files_that_are_no_guitar_pro_are_refused(data):
    for path in sorted((data / "gp").rglob("*.tg"))[:5]:
        with pytest.raises(FormatError):
            GuitarPro5().read(path)
