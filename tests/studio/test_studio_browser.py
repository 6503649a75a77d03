"""The studio in a browser: primed, played, filled, kept, exported, in two tabs, and after a kill."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from music import tab_text
from oracles.alphatab import heard
from oracles.browser import Visit, browser_or_skip, visit

import textmusic

HERE = Path(__file__).parent
CODEC = textmusic.get_codec("guitartab")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    with (folder / "large.mid").open("wb") as large:
        large.truncate(200_000_000)
    (folder / "random.gp5").write_bytes(random.Random(2).randbytes(40_000))
    textmusic.write(CODEC.decode(tab_text(2, 4)), folder / "riff.gp5")
    return folder


@pytest.fixture(scope="module")
def visits(started: Callable, files: Path) -> tuple[Visit, Visit]:
    """A visit, and one after the studio was killed and started again."""
    browser_or_skip()
    with pytest.MonkeyPatch.context() as patch, started() as made:
        patch.setenv("STUDIO_FILES", str(files))
        first = visit(HERE / "studio.mjs", made.address)
    with started() as made:
        return first, visit(HERE / "again.mjs", made.address)


@pytest.fixture
def seen(visits: tuple[Visit, Visit]) -> Visit:
    return visits[0]


def pitches(text: str) -> list[int]:
    return [note.pitch for note in CODEC.decode(text).notes()]


def test_nothing_is_complained_of_and_no_other_host_is_asked(visits) -> None:
    for seen in visits:
        assert seen.errors == []
        told = [text for kind, text in seen.console if kind in {"error", "warning"}]
        assert [text for text in told if "400 (Bad Request)" not in text] == []
        assert seen.dialogs == []
        hosts = {address.split("/")[2] for address in seen.requests if "://" in address}
        assert {host.partition(":")[0] for host in hosts} == {"127.0.0.1"}


def test_a_piece_goes_on_from_what_was_typed_and_sounds(seen) -> None:
    found = seen.found
    assert found["empty"]
    assert found["primed"].startswith(found["opening"])
    assert len(CODEC.decode(found["primed"]).bars()) == 8
    assert found["played"]["loud"] > 0.01
    assert found["played"]["marked"] == 1


def test_two_bars_are_written_anew_undone_and_redone(seen) -> None:
    found = seen.found
    assert found["pressed"] == ["3", "4"]
    old, new = found["primed"], found["filled"]
    places = CODEC.bar_offsets(old)
    assert new[: places[2]] == old[: places[2]]
    assert pitches(new)[-4:] == pitches(old)[-4:]
    assert found["redone"] == new


def test_a_piece_is_judged_on_its_card(seen) -> None:
    figures, shared = seen.found["judged"]
    assert "bits a character" in figures
    assert "also stand" in shared or "Nothing of it stands" in shared


def test_bars_are_seen_while_they_are_written_from_where_the_piece_stands(seen) -> None:
    places = CODEC.bar_offsets(seen.found["primed"])
    assert seen.found["live"].startswith(seen.found["primed"][: places[2]])


def test_the_keyboard_is_not_lost_and_nothing_slides_over_the_shelf(seen) -> None:
    assert seen.found["focus"] == ["Play Sketch 1", "Kept"]
    assert seen.found["apart"] > 0


def test_titles_are_text_wherever_they_stand(visits) -> None:
    title = "<img src=x onerror=alert(1)>"
    assert visits[0].found["kept"] == title
    assert visits[1].found["kept"] == [title]


def test_every_tab_has_its_own_desk_and_all_have_one_shelf(seen) -> None:
    found = seen.found
    assert found["otherEmpty"]
    assert found["otherShelf"] == 1
    assert found["two"][0] != found["two"][1]
    assert found["reloaded"][0] == found["two"][0]


def test_another_piece_goes_on_from_chosen_bars(seen) -> None:
    hint, text = seen.found["goesOn"]
    before = seen.found["reloaded"][0]
    assert hint.startswith("Begins with bar 1 of ")
    assert text != before
    assert text.startswith(before[: CODEC.bar_offsets(before)[1]])


def test_what_was_discarded_comes_back_by_undo(seen) -> None:
    assert seen.found["discarded"] == [True, seen.found["goesOn"][1]]


def test_files_are_refused_or_read(seen) -> None:
    found = seen.found
    assert found["large"] == "large.mid is too large: at most 5 MB are read."
    assert found["random"].startswith("random.gp5 cannot be used: ")
    assert found["riff"] == 2
    opening = pitches(tab_text(2, 4))
    first = CODEC.decode(tab_text(2, 4))
    bar = sum(note.onset < first.bars()[2].onset for note in first.notes())
    assert pitches(found["fromFile"])[:bar] == opening[:bar]


def test_what_was_exported_is_read_by_alphatab(seen, files, alphatab) -> None:
    with zipfile.ZipFile(files / "export.zip") as archive:
        names = archive.namelist()
        assert {Path(name).suffix for name in names} == {".gp5", ".mid", ".txt"}
        (name,) = (name for name in names if name.endswith(".gp5"))
        archive.extract(name, files)
        (read,) = alphatab([archive.read(name)])
    (score,) = textmusic.read(files / name).scores
    assert heard(read, score)
    assert len(read.bars) == len(CODEC.decode(seen.found["filled"]).bars()) == 8


def test_everything_that_acts_has_a_name_and_nothing_is_wider_than_a_phone(seen) -> None:
    assert seen.found["names"] == []
    assert seen.found["phone"] == [360, "dark"]
