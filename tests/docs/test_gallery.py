"""Music on the pages of the gallery, in a browser, from disk."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from oracles.browser import Visit, browser_or_skip, visit

import textmusic
from textmusic.listening import vendored

HERE = Path(__file__).parent
MUSIC = HERE.parents[1] / "examples" / "music"
STATIC = HERE.parents[1] / "docs" / "static"
PAGE = """<!doctype html><html lang="en" data-theme="light"><link rel="icon" href="data:,">
<link rel="stylesheet" href="{static}/textmusic.css"><script src="{static}/listening.js"></script>
<body>{frames}"""


@pytest.fixture(scope="module")
def monkeymodule() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, monkeymodule: pytest.MonkeyPatch) -> Visit:
    """A visit to a page of two examples, as the scraper frames what they wrote."""
    browser_or_skip()
    try:
        next(vendored())
    except textmusic.InputError:
        if shutil.which("npm"):
            raise
        pytest.skip("the player's files are missing: run `make vendor`")
    folder = tmp_path_factory.mktemp("gallery")
    monkeymodule.syspath_prepend(str(HERE.parents[1] / "docs" / "extensions"))
    import gallery_music

    monkeymodule.setattr(gallery_music, "SHARED", folder / "built" / "gallery" / "listening")
    made = {
        "tab": textmusic.listen(MUSIC / "harbour.tab", folder / "tab"),
        "abc": textmusic.listen(MUSIC / "boats.abc", folder / "abc"),
    }
    place = folder / "built" / "gallery" / "plot.rst"
    images = (str(folder / f"{number}.png") for number in count(1))
    block = {
        "src_file": "plot.py",
        "target_file": str(place),
        "example_globals": made,
        "image_path_iterator": images,
    }
    framed = gallery_music.scrape(None, block, {})
    assert gallery_music.scrape(None, block, {}) == "", "a page is shown once"
    assert (folder / "2.png").exists(), "the index has a picture of each"
    gallery_music._publish(SimpleNamespace(outdir=folder / "site"), None)
    page = folder / "site" / "gallery" / "plot.html"
    frames = framed.replace(".. raw:: html", "")
    page.write_text(PAGE.format(static=STATIC.as_uri(), frames=frames), "utf-8")
    return visit(HERE / "gallery.mjs", page.as_uri())


def test_the_console_has_no_error_and_no_address_leaves_the_disk(seen: Visit) -> None:
    assert seen.errors == []
    assert [text for kind, text in seen.console if kind in {"error", "warning"}] == []
    assert {address.partition(":")[0] for address in seen.requests} <= {"file", "data"}


def test_time_advances_and_something_is_heard(seen: Visit) -> None:
    assert seen.found["seconds"] > 0.3
    assert seen.found["loud"] > 0.01
    assert seen.found["controls"]


def test_a_frame_is_as_tall_as_its_music(seen: Visit) -> None:
    assert min(seen.found["heights"]) > 300
    assert seen.found["inside"] <= seen.found["heights"][0] + 1


def test_a_frame_is_as_dark_as_the_page_and_has_no_head_of_its_own(seen: Visit) -> None:
    assert not seen.found["masthead"]


def test_the_player_stands_on_a_page_of_its_own_too(seen: Visit) -> None:
    assert seen.found["alone"]


def test_nothing_is_wider_than_a_phone(seen: Visit) -> None:
    assert seen.found["phone"] <= 360


def test_what_an_example_wrote_is_dropped_before_it_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gallery_music

    monkeypatch.setattr(gallery_music, "SHARED", tmp_path)
    for name in ("plot_1-1", "plot_1-2", "plot_2-1", "assets"):
        (tmp_path / name).mkdir()
    gallery_music.forget({}, "../examples/plot_1.py")
    gallery_music.forget({}, None)
    assert {path.name for path in tmp_path.iterdir()} == {"plot_2-1", "assets"}


def test_a_table_that_an_example_wrote_is_shown(tmp_path: Path) -> None:
    import gallery_music

    table = tmp_path / "table.md"
    table.write_text("|  | a < b |\n| --- | --- |\n| theirs | 1 of 2 |\n\nsaid below\n")
    block = {
        "src_file": "plot.py",
        "target_file": str(tmp_path / "plot.rst"),
        "example_globals": {"table": table},
    }
    shown = gallery_music.scrape(None, block, {})
    assert "<tr><th></th><th>a &lt; b</th></tr><tr><td>theirs</td><td>1 of 2</td></tr>" in shown
    assert gallery_music.scrape(None, block, {}) == ""
