"""What the Format base class and its file helpers promise."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from textmusic.errors import FormatError
from textmusic.format import (
    Format,
    Loaded,
    Written,
    atomic_path,
    read_bytes,
    read_text,
    write_atomic,
)
from textmusic.score import Score


class Numbers(Format):
    name = "num"
    title = "Numbers"
    reads = writes = True
    max_bytes = 1 << 20

    def decode(self, data: bytes) -> Loaded:
        if not data.isdigit():
            raise FormatError("no number")
        return Loaded((Score(tpq=int(data)),))

    def encode(self, score: Score) -> Written:
        return Written(str(score.tpq).encode())


class Nothing(Format):
    name = "not"
    title = "Nothing"


def test_a_score_survives_a_file(tmp_path) -> None:
    path = tmp_path / "deep" / "a.num"
    assert Numbers().write(Score(tpq=7), path) == ()
    assert Numbers().read(path).scores == (Score(tpq=7),)
    assert [p.name for p in path.parent.iterdir()] == ["a.num"]


def test_errors_name_the_file_once(tmp_path) -> None:
    bad = tmp_path / "bad.num"
    bad.write_bytes(b"x")
    with pytest.raises(FormatError) as caught:
        Numbers().read(bad)
    assert str(caught.value) == f"{bad}: no number"
    missing = tmp_path / "missing.num"
    with pytest.raises(FormatError) as caught:
        Numbers().read(missing)
    assert str(caught.value) == f"{missing}: cannot be read: No such file or directory"
    with pytest.raises(FormatError, match="is a folder"):
        Numbers().read(tmp_path)


def test_large_files_are_refused_before_they_are_read(tmp_path) -> None:
    large = tmp_path / "large.num"
    with large.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(FormatError, match="larger than 1 MiB"):
        Numbers().read(large)
    assert read_bytes(__file__, 1 << 20).startswith(b'"""')


def test_a_format_of_one_direction_says_so(tmp_path) -> None:
    with pytest.raises(FormatError, match=r"Nothing files \(\.not\) can be read but not written"):
        Nothing().write(Score(), tmp_path / "a.not")
    with pytest.raises(FormatError, match="can be written but not read"):
        Nothing().decode(b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"\xef\xbb\xbfabc", "abc"),
        (b"caf\xe9", "café"),
        (b"\x93q\x94", "“q”"),
        (b"\x81\xe9", "\x81é"),
        ("aé".encode("utf-16"), "aé"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (b"a\0b", "ab"),
        (b"\xff\xfe\x00", "�"),
        (b"", ""),
    ],
)
def test_text_of_any_encoding_is_read(data, text) -> None:
    assert read_text(data) == text


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path) -> None:
    path = tmp_path / "a.txt"
    write_atomic(path, "old")

    def fail() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_written_file_has_the_usual_rights(tmp_path) -> None:
    path = tmp_path / "a.txt"
    plain = tmp_path / "b.txt"
    write_atomic(path, "é")
    plain.write_text("x")
    assert path.read_bytes() == "é".encode()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_folder_in_the_way_is_one_line(tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FormatError, match="cannot be written: "):
        write_atomic(tmp_path / "file" / "a.txt", "x")
    with pytest.raises(FormatError, match="cannot be written: Is a directory"):
        write_atomic(tmp_path, "x")
    assert [p.name for p in Path(tmp_path).iterdir()] == ["file"]
