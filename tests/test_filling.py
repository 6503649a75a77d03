"""Filling gaps: what is around them stays, the grammar holds, and wrong gaps are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from music import tab_folder, tab_text

import textmusic
from textmusic.errors import ConfigError, InputError
from textmusic.filling import Gap, fill
from textmusic.grammar import first_error
from textmusic.writing import Model


@pytest.fixture(scope="module", params=[True, False], ids=["gaps", "left side"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("filling")
    tunes = tab_folder(folder / "tunes")
    run = folder / "run"
    textmusic.train("guitartab", [tunes], run, steps=60, hidden=32, batch=8, gaps=request.param)
    return textmusic.load(run)


def test_the_gap_is_filled_and_the_rest_is_as_it_was(model: Model) -> None:
    text = model.codec.canonical(tab_text(2))
    places = model.codec.bar_offsets(text)
    for piece in fill(model, text, [Gap(3, 4)], number=2, seed=1):
        assert not piece.issues
        assert piece.text.startswith(text[: places[2]])
        assert piece.text.endswith(text[places[4] :])
        assert len(model.codec.bar_offsets(piece.text)) == len(places)
        grammar = model.codec.grammar()
        assert grammar is not None
        assert first_error(grammar, piece.text) is None


def test_several_gaps_the_first_and_the_last_bar(model: Model) -> None:
    text = model.codec.canonical(tab_text(5))
    bars = len(model.codec.bar_offsets(text)) - 1
    (piece,) = fill(model, text, [Gap(bars, bars), Gap(1, 1)])
    assert not piece.issues
    assert len(model.codec.bar_offsets(piece.text)) == bars + 1
    kept = model.codec.bar_offsets(text)
    assert text[kept[1] : kept[-2]] in piece.text


def test_the_same_seed_fills_alike(model: Model) -> None:
    text = model.codec.canonical(tab_text(2))
    ways = [[s.text for s in fill(model, text, [Gap(2, 3)], 3, seed=seed)] for seed in (4, 4, 5)]
    assert ways[0] == ways[1]
    assert len(set(ways[0] + ways[2])) > 1


def test_weights_in_fewer_bits_fill_gaps_too(model: Model) -> None:
    text = model.codec.canonical(tab_text(2))
    ways = [
        next(fill(model, text, [Gap(2, 3)], seed=4, precision=how))
        for how in ("int8", "int8", "bfloat16")
    ]
    assert ways[0].text == ways[1].text
    assert not any(piece.issues for piece in ways)
    assert "precision=bfloat16" in ways[2].score.get("provenance")


def test_ways_are_watched_while_they_are_drawn_and_the_watcher_may_end_it(model: Model) -> None:
    text = model.codec.canonical(tab_text(2))
    left = text[: model.codec.bar_offsets(text)[2]]
    seen: list[str] = []
    (piece,) = fill(model, text, [Gap(3, 4)], seed=1, watch=seen.append)
    assert len(seen) >= 8
    assert all(way.startswith(left) for way in seen)
    assert any(piece.text.startswith(way) for way in seen)

    def enough(way: str) -> None:
        raise TimeoutError(way)

    with pytest.raises(TimeoutError):
        list(fill(model, text, [Gap(3, 4)], seed=1, watch=enough))


def test_what_cannot_be_filled_is_refused(model: Model) -> None:
    text = model.codec.canonical(tab_text(2))
    for gaps in ([Gap(0, 1)], [Gap(3, 2)], [Gap(1, 99)], [Gap(1, 2), Gap(2, 3)], []):
        with pytest.raises(ConfigError):
            list(fill(model, text, gaps))
    with pytest.raises((ConfigError, InputError)):
        list(fill(model, "nothing\n\n", [Gap(1, 1)]))


def test_bars_are_read_as_people_type_them() -> None:
    assert Gap.parse("5") == Gap(5, 5)
    assert Gap.parse("5-6") == Gap(5, 6)
    for wrong in ("", "five", "5-", "-5", "5-x"):
        with pytest.raises(ConfigError):
            Gap.parse(wrong)


def test_the_command_fills_a_file(model: Model, tmp_path: Path) -> None:
    from textmusic.cli import main

    piece = tmp_path / "piece.gp5"
    textmusic.write(model.codec.decode(tab_text(3)), piece)
    arguments = ["fill", str(model.folder), str(piece), "--bars", "2", "-n", "2"]
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--to", "gp5", "-o", str(tmp_path / "out")])
    assert caught.value.code == 0
    before = textmusic.read(piece).scores[0]
    after = textmusic.read(tmp_path / "out" / "02.gp5").scores[0]
    assert len(after.bars()) == len(before.bars())
    end = before.bars()[0].end
    first = [[(n.onset, n.pitch) for n in s.notes() if n.onset < end] for s in (before, after)]
    assert first[0] == first[1]
