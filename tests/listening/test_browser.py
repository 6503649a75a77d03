"""The page in a browser, from disk: it draws, plays, sorts and asks for nothing from a network."""

from __future__ import annotations

import io
import shutil
import wave
from pathlib import Path

import pytest
from listened import HOSTILE, texts, tune
from oracles.browser import Visit, browser_or_skip, visit

import textmusic
from textmusic.format import Written
from textmusic.listening import listen, vendored
from textmusic.registry import formats

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """A visit to a page of 24 pieces from four codecs, one of them hostile, one with issues."""
    browser_or_skip()
    try:
        next(vendored())
    except textmusic.InputError:
        if shutil.which("npm"):
            raise
        pytest.skip("the player's files are missing: run `make vendor`")
    folder = tmp_path_factory.mktemp("page")
    sources = [
        path
        for name, count, tracks in (
            ("guitartab", 6, 1), ("abc", 5, 1), ("pianoroll", 6, 1), ("noteevents", 6, 2)
        )
        for path in texts(folder / "in", name, count, tracks)
    ]  # fmt: skip
    odd = folder / "in" / f"{HOSTILE.replace('/', '')}.abc.txt"
    odd.write_text('M:4/4\nL:1/8\nK:C\n"<img src=x onerror=alert(3)>"CDEF GABc|\n😀CDE|$ H\n')
    evil = folder / "evil.musicxml"
    textmusic.write(tune(3, title=HOSTILE), evil)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formats.get("wav"), "encode", lambda _self, _score: Written(buzz()))
        page = listen([*sources, odd, evil], folder / "page", title=HOSTILE, audio="wav")
    return visit(HERE / "listen.mjs", page.as_uri())


def buzz() -> bytes:
    """Ten seconds of sound, for the file that a synthesizer would write."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 1, 8000, 0, "NONE", "not compressed"))
        sound.writeframes(bytes(range(100, 156)) * 1429)
    return file.getvalue()


def test_the_console_has_no_error_and_no_address_leaves_the_disk(seen) -> None:
    assert seen.errors == []
    assert [text for kind, text in seen.console if kind in {"error", "warning"}] == []
    assert seen.dialogs == []
    assert {address.partition(":")[0] for address in seen.requests} <= {"file", "data"}


@pytest.mark.parametrize("kind", ["tablature", "abc", "score", "roll"])
def test_every_kind_plays_and_stops(seen, kind) -> None:
    played = seen.found["played"][kind]
    assert played["after"] > played["before"] > 0
    assert played["loud"] > 0.01
    assert played["marked"] > 0
    assert played["moved"] == 0


def test_the_player_seeks_changes_the_tempo_and_loops(seen) -> None:
    found = seen.found["controls"]
    assert found["half"] == pytest.approx(0.5, abs=0.05)
    assert found["speed"] == 1.5
    assert found["looped"]
    assert found["ended"]


def test_a_click_on_a_note_plays_from_there(seen) -> None:
    assert seen.found["pointed"] > 0.5


def test_sound_files_play_and_fall_silent_for_the_player(seen) -> None:
    found = seen.found["sound"]
    assert found["name"].startswith("Sound file of ")
    assert found["heard"] > 0.2
    assert found["hushed"]


def test_keys_play_seek_and_move(seen) -> None:
    found = seen.found["keyboard"]
    assert 4.9 <= found["seeked"] < 7
    assert found["focused"].startswith("Play ")
    assert found["live"].startswith("Paused: ")


def test_pieces_are_sorted_and_found(seen) -> None:
    found = seen.found["finding"]
    assert found["all"] == found["again"] == 25
    assert found["shortest"] == sorted(found["shortest"])
    assert set(found["codecs"]) == {"abc"}
    assert found["count"] == f"{len(found['codecs'])} of 25 pieces"
    assert found["none"]


def test_issues_are_marked_where_they_are(seen) -> None:
    assert seen.found["issues"] >= 1
    assert any("😀" in mark for mark in seen.found["marks"])
    assert seen.found["focusedMark"] == "MARK"


def test_files_are_downloaded(seen) -> None:
    assert seen.found["download"].endswith(".mid")


def test_everything_that_acts_has_a_name(seen) -> None:
    assert seen.found["names"] == []


def test_scores_are_no_stops_of_the_tab_key(seen) -> None:
    assert seen.found["stops"] == 0


def test_the_theme_follows_the_system_until_it_is_chosen(seen) -> None:
    assert seen.found["theme"] == ["light", "dark"]
    assert seen.found["phone"]["dark"] == "dark"


def test_a_phone_folds_what_a_desktop_shows(seen) -> None:
    assert seen.found["fold"] == [False, True, False, True]


def test_nothing_is_wider_than_a_phone(seen) -> None:
    assert seen.found["phone"]["wide"] <= 360
