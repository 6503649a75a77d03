"""``textmusic evaluate``: tables for people, JSON for programs, one line when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from music import tab_folder, tab_text

from textmusic.cli import main


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main([str(arg) for arg in args])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated")
    tab_folder(folder / "tunes")
    small = ["--steps", "5", "--hidden", "16", "--layers", "1", "--batch", "4", "--window", "32"]
    with pytest.raises(SystemExit):
        main(["train", "--codec", "guitartab", str(folder / "tunes"), "-o", str(folder / "run"), *small])  # fmt: skip
    return folder / "run"


def test_a_run_is_shown_beside_the_baselines(capsys: pytest.CaptureFixture[str], run: Path) -> None:
    code, out, _ = call(capsys, "evaluate", run)
    assert code == 0
    rows = [line.split()[0] for line in out.splitlines() if line[:1].isalpha()]
    assert rows[1:6] == ["model", "uniform", "order", "n-gram,", "xz"]
    assert "the model does not beat" in out


def test_what_a_model_was_told_stands_below_the_table(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for kind in ("jigs", "reels"):
        for number in range(12):
            place = tmp_path / "tunes" / kind / f"{number}.tab"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(tab_text(number + 12 * (kind == "jigs")))
    small = ["--steps", 5, "--hidden", 16, "--layers", 1, "--batch", 4, "--window", 32]
    out = tmp_path / "run"
    call(
        capsys, "train", "--codec", "guitartab", tmp_path / "tunes", "-o", out, *small,
        "--condition", "folder",
    )  # fmt: skip
    code, said, _ = call(capsys, "evaluate", out)
    assert code == 0
    assert "the model was told the kind of all these documents, the baselines were not" in said
    (tmp_path / "new.tab").write_text(tab_text(50))
    _, said, _ = call(capsys, "evaluate", out, tmp_path / "new.tab")
    assert "told the kind of none" in said
    assert "jigs, reels" in said


def test_documents_stand_on_a_line_each(
    capsys: pytest.CaptureFixture[str], run: Path, tmp_path: Path
) -> None:
    deep = tmp_path / ("long" * 20) / "new.tab"
    deep.parent.mkdir()
    deep.write_text(tab_text(50))
    (tmp_path / "broken.mid").write_bytes(b"MThd")
    code, out, _ = call(capsys, "evaluate", run, deep, tmp_path / "broken.mid", "--documents")
    assert code == 0
    assert f"1 left out:\n  {tmp_path / 'broken.mid'}: " in out
    (line,) = [line for line in out.splitlines() if "new.tab" in line]
    assert line.endswith(str(deep))


def test_samples_are_judged_in_tables_json_and_a_picture(
    capsys: pytest.CaptureFixture[str], run: Path, tmp_path: Path
) -> None:
    code, out, _ = call(
        capsys, "evaluate", run, "--samples", 3, "--characters", 150, "--seed", 2,
        "--json", tmp_path / "all.json", "--picture", tmp_path / "all.png",
    )  # fmt: skip
    assert code == 0
    for said in (
        "with the grammar",
        "free, without a grammar",
        "the grammar costs",
        "pitch class",
        "longest run of notes shared",
        "of 3 samples share more than any held-out piece",
        "are too few to tell what 99 % share",
    ):
        assert said in out
    stored = json.loads((tmp_path / "all.json").read_text())
    assert [one["how"] for one in stored["samples"]["validity"]] == ["grammar", "free"]
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")


def test_json_alone_goes_to_standard_output(capsys: pytest.CaptureFixture[str], run: Path) -> None:
    _, out, _ = call(capsys, "evaluate", run, "--json", "-")
    assert json.loads(out)["prediction"]["predictors"][0]["name"] == "model"


@pytest.mark.parametrize(
    ("code", "said", "args"),
    [
        (1, "does not exist", "evaluate {}/nowhere"),
        (1, "no folder of samples", "evaluate {run} --samples {}/nowhere"),
        (1, "holds no files", "evaluate {run} {}"),
        (2, "at least one sample", "evaluate {run} --samples 0"),
        (2, "--picture shows samples", "evaluate {run} --picture {}/a.svg"),
        (2, "pictures are", "evaluate {run} --samples 2 --picture {}/a.doc"),
        (2, "--top-k needs --samples", "evaluate {run} --top-k 3"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str],
    run: Path,
    tmp_path: Path,
    *,
    code: int,
    said: str,
    args: str,
) -> None:
    (tmp_path / "empty").mkdir()
    line = [arg.format(tmp_path / "empty", run=run) for arg in args.split()]
    got, out, err = call(capsys, *line)
    assert (got, out) == (code, "")
    assert said in err
    assert "Traceback" not in err
