"""The verbs of a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from music import tab_text

import textmusic
from textmusic import api
from textmusic.errors import ConfigError, EncodeError, FormatError, UnknownPluginError
from textmusic.score import Note, Score, Track

TUNES = "X:1\nT:One\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|]\n\nX:2\nT:Two\nM:3/4\nL:1/4\nK:G\nGAB|d3|]\n"


def test_encode_takes_scores_and_files_and_codec_names(tmp_path: Path) -> None:
    codec = textmusic.get_codec("guitartab")
    score = codec.decode(tab_text(2))
    assert textmusic.encode(score, codec) == [tab_text(2)]
    textmusic.write(score, tmp_path / "a.gp5")
    assert textmusic.encode(tmp_path / "a.gp5", "guitartab") == [tab_text(2)]


def test_nothing_to_encode_is_an_error() -> None:
    drums = Score([Track([Note(0, 10, 36)], is_drum=True)])
    with pytest.raises(EncodeError, match="nothing to encode"):
        textmusic.encode(drums, "guitartab")


def test_a_tune_book_becomes_numbered_files(tmp_path: Path) -> None:
    book = tmp_path / "book.abc"
    book.write_text(TUNES)
    written = textmusic.convert(book, tmp_path / "tune.mid")
    assert [path.name for path, _ in written] == ["tune-1.mid", "tune-2.mid"]
    second = textmusic.read(tmp_path / "tune-2.mid").scores[0]
    assert [note.pitch for note in second.notes()] == [67, 69, 71, 74]
    assert second.meters[0].numerator == 3


@pytest.mark.parametrize("name", ["nothing", "nothing.xyz"])
def test_a_path_that_is_not_there_is_said_to_be_missing(tmp_path, name) -> None:
    with pytest.raises(FormatError, match=f"{name}: does not exist"):
        api.load_text(tmp_path / name)


def test_a_folder_is_no_file_whatever_it_is_called(tmp_path) -> None:
    for name in ("run", "run.mid"):
        (tmp_path / name).mkdir()
        with pytest.raises(FormatError, match=f"{name}: is a folder"):
            api.read(tmp_path / name)


def test_convert_checks_the_target_before_it_reads(tmp_path: Path) -> None:
    with pytest.raises(UnknownPluginError):
        textmusic.convert(tmp_path / "absent.mid", tmp_path / "b.xyz")
    with pytest.raises(FormatError, match="no suffix"):
        textmusic.convert(tmp_path / "absent.mid", tmp_path / "b")


def test_validate_gives_the_text_that_offsets_count_in(tmp_path: Path) -> None:
    book = tmp_path / "book.abc"
    book.write_bytes(TUNES.replace("\n", "\r\n").encode())
    issues, text = textmusic.validate(book)
    assert issues == ()
    assert text == TUNES
    textmusic.write(textmusic.read(book).scores[0], tmp_path / "a.mid")
    assert textmusic.validate(tmp_path / "a.mid") == ((), None)


def test_validate_by_a_codec(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(tab_text(4) + "?\n")
    issues, text = textmusic.validate(path, textmusic.get_codec("guitartab"))
    assert issues
    assert text is not None
    assert all(0 <= issue.offset <= len(text) for issue in issues)


def test_a_format_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "tune"
    path.write_text(TUNES)
    assert len(textmusic.read(path, "abc").scores) == 2


def test_options_of_a_codec_are_checked() -> None:
    with pytest.raises(ConfigError, match="no option 'lay'"):
        textmusic.get_codec("guitartab", lay="rows")


def test_meta_is_added_not_replaced() -> None:
    score = api.with_meta(Score(meta=(("title", "a"),)), provenance="b")
    assert score.meta == (("provenance", "b"), ("title", "a"))
