"""The page as a folder: what lies in it, what it says, and what it refuses to overwrite."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from listened import HOSTILE, detail, shown, texts, tune

import textmusic
from textmusic.corpus import Progress
from textmusic.errors import ConfigError, FormatError
from textmusic.listening import DOWNLOADS, _vendor, default_folder, listen, script

pytestmark = pytest.mark.usefixtures("vendor")


def test_a_page_holds_everything_that_it_refers_to(tmp_path) -> None:
    page = listen(texts(tmp_path / "in", "abc", 2), tmp_path / "page")
    markup = page.read_text()
    for place in re.findall(r'(?:src|href)="([^"#]*)"', markup):
        assert place == "data:," or (page.parent / place).is_file(), place
    for card in shown(page.parent)["cards"]:
        assert {Path(file["href"]).suffix for file in card["downloads"]} >= {
            f".{suffix}" for suffix in DOWNLOADS
        }
        for file in card["downloads"]:
            assert (page.parent / file["href"]).stat().st_size == file["size"] > 0
    assert (page.parent / "assets" / "licences" / "them.txt").is_file()


def test_the_downloads_hold_the_music(tmp_path) -> None:
    page = listen(texts(tmp_path / "in", "pianoroll", 1), tmp_path / "page")
    (card,) = shown(page.parent)["cards"]
    pitches = [note.pitch for note in tune(0).notes()]
    for file in card["downloads"]:
        if file["suffix"] not in {".txt", ".tab"}:
            (score,) = textmusic.read(page.parent / file["href"]).scores
            assert sorted(n.pitch for n in score.notes()) == sorted(pitches), file["href"]


def test_a_card_tells_key_metre_length_and_instruments(tmp_path) -> None:
    page = listen(texts(tmp_path / "in", "abc", 1), tmp_path / "page")
    (card,) = shown(page.parent)["cards"]
    assert (card["key"], card["meter"], card["bars"], card["tempo"]) == ("C major", "4/4", 6, 100.0)
    assert card["seconds"] == pytest.approx(6 * 4 * 60 / 100)
    assert card["instruments"] == ["Acoustic Grand Piano"]
    assert card["codec"] == "abc"
    assert card["bits_per_char"] is None
    assert card["overlap"] is None


def test_each_kind_of_music_is_drawn_in_its_way(tmp_path) -> None:
    sources = [
        *texts(tmp_path / "in", "abc", 1),
        *texts(tmp_path / "in", "guitartab", 1),
        *texts(tmp_path / "in", "noteevents", 1, tracks=2),
    ]
    page = listen(sources, tmp_path / "page")
    cards = {card["codec"]: card for card in shown(page.parent)["cards"]}
    drawings = {name: card["drawing"] for name, card in cards.items()}
    assert drawings == {"abc": "abc", "guitartab": "tablature", "noteevents": "score"}
    assert detail(page.parent, cards["abc"])["score"] == sources[0].read_text()


@pytest.mark.parametrize("bar", ["C16|]", "C4 z12|]"])
def test_what_abcjs_has_no_sign_for_is_drawn_otherwise(tmp_path, bar) -> None:
    path = tmp_path / "long.abc.txt"
    path.write_text(f"M:4/1\nL:1/4\nK:C\n{bar}\n")
    (card,) = shown(listen(path, tmp_path / "page").parent)["cards"]
    assert card["drawing"] == "score"


def test_issues_stand_at_their_places(tmp_path) -> None:
    path = tmp_path / "odd.abc.txt"
    path.write_text("M:4/4\nL:1/8\nK:C\nCDEF GABc|\nCDE|$ H\n")
    page = listen(path, tmp_path / "page")
    (card,) = shown(page.parent)["cards"]
    found = detail(page.parent, card)
    assert card["errors"] + card["warnings"] == len(found["issues"]) > 0
    text = path.read_text()
    for issue in found["issues"]:
        before = text[: issue["offset"]]
        assert issue["line"] == before.count("\n") + 1
        assert issue["column"] == len(before) - before.rfind("\n")


def test_a_run_is_drawn_from_and_judged(run, tmp_path) -> None:
    events: list[Progress] = []
    page = listen(run, tmp_path / "page", number=3, seed=4, characters=300, progress=events.append)
    whole = shown(page.parent)
    cards = whole["cards"]
    assert [card["title"] for card in cards] == ["Sample 1", "Sample 2", "Sample 3"]
    for card in cards:
        assert card["bits_per_char"] > 0
        assert card["bits_per_note"] > 0
        assert card["overlap"]["notes"] >= 0
        assert card["usual"]["most"] <= card["usual"]["limit"]
        assert len(detail(page.parent, card)["bits"]) == card["characters"]
    assert {"writing music", "writing the page"} <= {event.message for event in events}
    assert "seed 4" in whole["about"]
    again = listen(run, tmp_path / "again", number=3, seed=4, characters=300)
    assert (again.parent / "data.js").read_bytes() == (page.parent / "data.js").read_bytes()


def test_a_copy_shows_where_it_comes_from(run, tmp_path) -> None:
    copy = tmp_path / "copy.tab"
    copy.write_text((run.parent / "tunes" / "tune03.tab").read_text())
    page = listen(copy, tmp_path / "page", run=run)
    (card,) = shown(page.parent)["cards"]
    assert card["overlap"]["notes"] > 30
    assert card["overlap"]["source"].endswith("tune03.tab")
    assert card["bits_per_char"] > 0


def test_samples_that_lie_in_a_run_are_shown_as_they_are(run, tmp_path) -> None:
    model = textmusic.load(run)
    folder = run / "samples"
    folder.mkdir()
    for sample in model.sample(2, characters=200, seed=9):
        (folder / f"{sample.number:02}.guitartab.txt").write_text(sample.text)
    page = listen(run, tmp_path / "page")
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    cards = shown(page.parent)["cards"]
    assert [card["title"] for card in cards] == ["Sample 1", "Sample 2"]
    assert all(card["bits_per_char"] for card in cards)


def test_files_of_any_format_and_folders_of_them_are_taken(tmp_path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.mid", "b.musicxml", "c.gp5", "d.abc"):
        textmusic.write(tune(1, title=name), folder / name)
    page = listen(folder, tmp_path / "page", to=["mid"])
    cards = shown(page.parent)["cards"]
    assert {Path(card["source"]).name for card in cards} == {p.name for p in folder.iterdir()}
    assert all({f["suffix"] for f in card["downloads"]} <= {".mid", ".txt"} for card in cards)


def test_a_tune_book_is_drawn_as_it_is_written(tmp_path) -> None:
    tunes = (f"X:{n}\nT:Tune {n}\nM:4/4\nL:1/8\nK:D\n|:DE FG AB cd:|\n" for n in (1, 2))
    (tmp_path / "book.abc").write_text("\n".join(tunes))
    page = listen(tmp_path / "book.abc", tmp_path / "page")
    cards = shown(page.parent)["cards"]
    assert [(card["title"], card["drawing"], card["bars"]) for card in cards] == [
        ("Tune 1", "abc", 2),
        ("Tune 2", "abc", 2),
    ]
    assert "|:DE FG AB cd:|" in detail(page.parent, cards[0])["score"]


def test_nothing_on_the_page_tells_where_files_lie_on_this_computer(run, tmp_path) -> None:
    sources = texts(tmp_path / "in" / "one", "abc", 1) + texts(tmp_path / "in" / "two", "abc", 1)
    (tmp_path / "in" / "one" / "bad.mid").write_bytes(b"no music")
    copy = tmp_path / "in" / "copy.tab"
    copy.write_text((run.parent / "tunes" / "tune03.tab").read_text())
    pages = [
        listen([*sources, copy], tmp_path / "page", run=run),
        listen(tmp_path / "in" / "one", tmp_path / "folder"),
    ]
    for page in pages:
        for file in (page.parent / "data.js", *(page.parent / "samples").iterdir()):
            assert str(tmp_path) not in file.read_text()
            assert str(run.parent) not in file.read_text()
    cards = shown(pages[0].parent)["cards"]
    assert [card["source"] for card in cards] == [
        "one/abc-00.abc.txt", "two/abc-00.abc.txt", "copy.tab",
    ]  # fmt: skip
    assert cards[2]["overlap"]["source"] == "tune03.tab"
    assert shown(pages[1].parent)["cards"][0]["source"] == "one/abc-00.abc.txt"


@pytest.mark.parametrize("name", ["nothing", "nothing.xyz"])
def test_a_source_that_is_not_there_is_said_to_be_missing(tmp_path, name) -> None:
    with pytest.raises(FormatError, match=f"{name}: does not exist"):
        listen(tmp_path / name, tmp_path / "page")


def test_the_title_names_three_sources_and_how_many_more(tmp_path) -> None:
    page = listen(texts(tmp_path / "in", "abc", 5), tmp_path / "page")
    names = ", ".join(f"abc-{n:02}.abc.txt" for n in range(3))
    assert shown(page.parent)["title"] == f"{names} and 2 more"


def test_the_time_left_is_reckoned_from_all_pieces(run, tmp_path) -> None:
    events: list[Progress] = []
    files = texts(tmp_path / "in", "guitartab", 3)
    options = {"number": 2, "seed": 1, "characters": 200, "progress": events.append}
    listen([run, tmp_path / "in", files[0]], tmp_path / "page", **options)
    written = [(e.done, e.total) for e in events if e.message == "writing the page"]
    assert written == [(done, 6) for done in range(1, 7)]


def test_an_unreadable_file_of_a_folder_is_shown_as_such(tmp_path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    textmusic.write(tune(1), folder / "good.mid")
    (folder / "bad.mid").write_bytes(b"no music")
    page = listen(folder, tmp_path / "page")
    bad, good = shown(page.parent)["cards"]
    assert (bad["notes"], bad["errors"], bad["drawing"], bad["downloads"]) == (0, 1, "", [])
    assert detail(page.parent, bad)["issues"][0]["code"] == "listening.unreadable"
    assert good["notes"] > 0
    with pytest.raises(FormatError, match=r"bad\.mid"):
        listen(folder / "bad.mid", tmp_path / "other")


def test_an_older_page_is_replaced_and_another_folder_is_not(tmp_path) -> None:
    out = tmp_path / "page"
    listen(texts(tmp_path / "in", "abc", 3), out)
    listen(texts(tmp_path / "in", "abc", 1), out)
    assert len(list((out / "samples").iterdir())) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "page", "vendor"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "novel.txt").write_text("once")
    with pytest.raises(ConfigError, match="mine: holds other files"):
        listen(texts(tmp_path / "in", "abc", 1), tmp_path / "mine")
    assert (tmp_path / "mine" / "novel.txt").read_text() == "once"


def test_a_page_that_fails_leaves_the_older_one(tmp_path) -> None:
    out = tmp_path / "page"
    sources = texts(tmp_path / "in", "abc", 1)
    listen(sources, out)
    with pytest.raises(FormatError, match=r"gone\.mid"):
        listen([*sources, tmp_path / "gone.mid"], out)
    assert len(shown(out)["cards"]) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "page", "vendor"]


def test_no_text_can_leave_its_script(tmp_path) -> None:
    path = tmp_path / "evil.mid"
    textmusic.write(tune(1, title=HOSTILE), path)
    page = listen(path, tmp_path / "page", title=HOSTILE)
    for file in (page.parent / "data.js", *(page.parent / "samples").iterdir()):
        assert "<" not in file.read_text("ascii")
        assert len(file.read_text("ascii").splitlines()) <= 2
    assert shown(page.parent)["title"] == HOSTILE
    assert all(re.fullmatch(r"[\w./-]+", p.name) for p in (page.parent / "music").iterdir())


def test_a_script_hands_over_what_it_is_given() -> None:
    assert script("f", "a<b", [1, None]) == b'f("a\\u003cb", [1,null]);\n'


def test_missing_player_files_are_said_before_any_work(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(_vendor, "VENDOR", tmp_path / "none")
    with pytest.raises(ConfigError, match="run `make vendor`, which needs npm"):
        listen(tmp_path / "missing.mid", tmp_path / "page")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"sources": []}, "name a run or files"),
        ({"number": 0}, "at least 1"),
        ({"number": 3}, "no run to draw samples from"),
        ({"temperature": 2.0}, "no run to draw samples from"),
        ({"to": ["krn"]}, "krn: this format can be read but not written"),
        ({"audio": "mid"}, "audio is one of ogg, flac, wav, not 'mid'"),
    ],
)
def test_options_that_mean_nothing_are_refused(tmp_path, arguments, said) -> None:
    given = {"sources": texts(tmp_path / "in", "abc", 1), "out": tmp_path / "page", **arguments}
    with pytest.raises(ConfigError, match=said):
        listen(**given)
    assert not (tmp_path / "page").exists()


def test_the_default_folder_lies_in_the_run(run, tmp_path) -> None:
    assert default_folder([run]) == run / "listen"
    assert default_folder([run / "model.safetensors"]) == run / "listen"
    assert default_folder([tmp_path / "a.mid"]) == Path("listen")
