"""Each recipe in its quick form: both ways run to the end, and what it writes is music."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

import textmusic

EXAMPLES = Path(__file__).parents[2] / "examples"
RECIPES = {
    "string_quartet": ("mid", "musicxml", "png"),
    "primed_roll": ("mid", "roll.txt", "png"),
    "stave_digits": ("mid", "musicxml", "png", "score.pdf"),
    "tab_folder": ("gp5", "tab", "mid", "png"),
    "event_codes": ("mid", "events.txt", "musicxml"),
    "musicnet_labels": ("mid", "musicxml", "png"),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_ends_in_music_and_a_table(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = EXAMPLES / f"{name}.py"
    assert len(script.read_text("utf-8").splitlines()) < 150
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setattr(sys, "argv", [str(script), "--quick", "--out", str(tmp_path)])
    runpy.run_path(str(script), run_name="__main__")
    table = (tmp_path / "table.md").read_text("utf-8")
    assert table in capsys.readouterr().out
    theirs, here = _rows(table)
    assert re.fullmatch(r"\d+ of \d+", theirs["valid samples"])
    valid, samples = here["valid samples"].split(" of ")
    assert valid == samples
    assert float(here["sound music, seconds"]) > 0
    for row in (theirs, here):
        assert float(row["bits a note"]) > 0
    for suffix in RECIPES[name]:
        assert (tmp_path / f"here.{suffix}").stat().st_size > 0
    assert list(textmusic.read(tmp_path / "here.mid").scores[0].notes())


def test_a_folder_of_ones_own_music_takes_the_place_of_the_carried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    recipe = __import__("_recipe")
    own = tmp_path / "own"
    own.mkdir()
    for number in range(2):
        (own / f"{number}.abc").write_text("X:1\nK:C\nCDEF|\n")
    monkeypatch.setattr(sys, "argv", ["x", "--data", str(own), "--out", str(tmp_path / "out")])
    asked = recipe.Recipe.asked("x", "")
    with pytest.raises(SystemExit, match="2 files; 3 are the least"):
        asked.files(())
    (own / "2.abc").write_text("X:1\nK:C\nCDEF|\n")
    assert [[path.stem for path in side] for side in asked.files(())] == [["0", "1"], ["2"]]


def test_sound_music_ends_at_the_first_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    recipe = __import__("_recipe")
    codec = textmusic.get_codec("guitartab")
    whole = "@4/4 E2 A2 D3 G3 B3 E4 t120\nE0w\nE1w\n"
    for text, seconds in ((whole, 4), (whole + "E?w\nE0w\n", 4)):
        parsed = codec.parse(text)
        sample = textmusic.Sample(1, text, parsed.score, parsed.issues, 0, 0, codec)
        assert recipe.sound_seconds(sample) == pytest.approx(seconds)


def _rows(table: str) -> list[dict[str, str]]:
    heads, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("|")
    )
    return [dict(zip(heads, row, strict=True)) for row in rows]
