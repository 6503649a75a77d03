"""Containers of Guitar Pro 6 (BCFZ, BCFS) and 7 (zip): what is read and what is refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from gpif_documents import bits, document, gp, packed, sectors
from hang import no_hang
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import FormatError
from textmusic_guitarpro.gpif._bcfz import unpacked
from textmusic_guitarpro.gpif.container import gpif_of, zipped

XML = document().encode()


def test_an_unpacked_container_gives_its_main_file():
    assert gpif_of(sectors({"misc.xml": b"<x/>", "score.gpif": XML * 9})) == XML * 9


def test_a_packed_container_gives_its_main_file():
    assert gpif_of(packed(sectors({"score.gpif": XML * 9, "misc.xml": b"<x/>"}))) == XML * 9


@given(st.binary(max_size=9000))
@settings(max_examples=25, deadline=None)
def test_every_content_comes_back(content: bytes):
    assert gpif_of(packed(sectors({"score.gpif": content}))) == content


def test_a_literal_may_be_empty_and_a_copy_longer_than_its_distance():
    assert unpacked(bits("0 00  0 10 01100001  1 0011 100 101", 6)) == b"aaaaaa"


def test_a_packer_may_stop_within_its_last_literal_but_not_earlier():
    literal = "0 11 01100001 01100010 01100011"
    assert unpacked(bits(literal, 6)) == b"abc"
    with pytest.raises(FormatError, match="3 of 7 bytes"):
        unpacked(bits(literal, 7))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"BCFZ", "cut off"),
        (bits("0 11 00100000", 12), "0 of 12 bytes"),
        (bits("1 0001 1 1", 1), "copied from 1 before it"),
        (bits("0 10 00100000 1 0001 0 1", 9), "copied from 0 before it"),
        (bits("0 10 00100000", 1 << 31), "at most 8388608"),
        (bits("000" * 80_000, 9), "next to nothing"),
        (b"BCFS", "holds no score.gpif"),
        (b"BCFS" + bytes(100_000), "holds no score.gpif"),
        (b"PK\5\6" + bytes(18), "empty or split zip"),
        (b"PK\3\4" + bytes(40), "no list of files"),
        (b"\x18FICHIER GUITAR PRO v5.10", "Guitar Pro 3, 4 or 5"),
        (b"MThd", "not a Guitar Pro 6, 7 or 8 file"),
        (zipped({"a.txt": b"hello"}), "without score.gpif"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(data: bytes, message: str):
    with pytest.raises(FormatError, match=message) as raised:
        gpif_of(data)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("data", [gp(XML), packed(sectors({"score.gpif": XML * 9}))])
def test_a_file_cut_anywhere_is_refused_or_complete(data: bytes):
    whole = gpif_of(data)
    for step in range(50):
        try:
            assert gpif_of(data[: len(data) * step // 50]) == whole
        except FormatError as error:
            assert "\n" not in str(error)  # noqa: PT017 - both outcomes are right


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_or_refused(data: st.DataObject):
    source = data.draw(st.sampled_from([gp(XML), sectors({"score.gpif": XML}), PACKED]))
    damaged = bytearray(source)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        gpif_of(bytes(damaged))
    except FormatError:
        return


PACKED = packed(sectors({"score.gpif": XML}))


def test_a_sector_behind_the_end_is_damage():
    data = bytearray(sectors({"score.gpif": XML}))
    entry = 4 + 3 * 4096
    struct.pack_into("<i", data, entry + 0x94, 999)
    with pytest.raises(FormatError, match="no sector 999"):
        gpif_of(bytes(data))
    struct.pack_into("<i", data, entry + 0x94, 4)
    struct.pack_into("<i", data, entry + 0x8C, 1_000_000)
    with pytest.raises(FormatError, match="of 1000000 bytes"):
        gpif_of(bytes(data))


def test_a_zip_bomb_is_refused_by_what_it_unpacks_to():
    bomb = zipped({"Content/score.gpif": b" " * (80 << 20)})
    assert len(bomb) < 100_000
    with pytest.raises(FormatError, match="more than"):
        gpif_of(bomb)


def test_a_zip_that_lies_about_sizes_is_refused():
    data = gp(XML)
    lie = data.replace(struct.pack("<I", len(XML)), struct.pack("<I", 5))
    assert gpif_of(lie) == XML  # only the bytes that are really there count
    crc = struct.pack("<I", zlib.crc32(XML))
    with pytest.raises(FormatError, match="checksum"):
        gpif_of(data.replace(crc, b"abcd"))


def test_too_many_entries_encryption_and_odd_methods_are_refused():
    data = bytearray(gp(XML))
    tail = data.rfind(b"PK\5\6")
    many = bytearray(data)
    struct.pack_into("<H", many, tail + 10, 20_000)
    with pytest.raises(FormatError, match="lists 20000 files"):
        gpif_of(bytes(many))
    place = data.rfind(b"PK\1\2")
    for offset, value, message in ((8, 1, "encrypted"), (10, 12, "method 12")):
        other = bytearray(data)
        struct.pack_into("<H", other, place + offset, value)
        with pytest.raises(FormatError, match=message):
            gpif_of(bytes(other))


def test_the_main_file_is_found_by_its_full_name_first_and_stored_files_are_read():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../../score.gpif", b"<other/>")
        archive.writestr("Content/score.gpif", XML)
    assert gpif_of(stream.getvalue()) == XML


def test_the_same_files_give_the_same_zip():
    assert gp(XML) == gp(XML)
    assert zipfile.ZipFile(io.BytesIO(gp(XML))).testzip() is None


def test_much_is_unpacked():
    data = packed(sectors({"score.gpif": bytes(range(256)) * 2600}))
    with no_hang():
        assert len(gpif_of(data)) == 665_600
