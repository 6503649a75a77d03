"""The commands for authors of codecs: check-codec and new-codec."""

from __future__ import annotations

from pathlib import Path

import pytest

from textmusic import Parsed, codecs
from textmusic.cli import main
from textmusic_guitartab import GuitarTabCodec


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main([str(arg) for arg in args])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


class Forgetful(GuitarTabCodec):
    """One that loses every note while it reads."""

    name = "forgetful"

    def parse(self, text: str) -> Parsed:
        return Parsed(super().parse("").score)


def test_a_good_codec_passes_with_the_number_of_its_laws(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = call(capsys, "check-codec", "guitartab", "--examples", 3, "-O", "layout=rows")
    assert code == 0
    assert out.startswith("codec 'guitartab' keeps all ")


def test_a_bad_codec_is_told_the_law_and_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with codecs.register("forgetful", Forgetful):
        code, out, _ = call(capsys, "check-codec", "forgetful", "--examples", 3)
    assert code == 1
    assert "- decode: for p = project(score)" in out


def test_own_texts_are_checked_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("@4/4 E2 A2 D3 G3 B3 E4\nE0w\n")
    code, _, _ = call(
        capsys, "check-codec", "guitartab", "--examples", 2, "--text", tmp_path / "a.txt"
    )
    assert code == 0
    code, _, err = call(capsys, "check-codec", "guitartab", "--text", tmp_path / "none.txt")
    assert (code, len(err.splitlines())) == (1, 1)


def test_a_new_codec_is_a_whole_distribution(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    code, printed, _ = call(capsys, "new-codec", "harp", "-o", out)
    assert code == 0
    assert [Path(line) for line in printed.split()] == [
        p for p in map(Path, printed.split()) if p.is_file()
    ]
    assert '"harp"' in (out / "textmusic_harp" / "codec.py").read_text()
    assert not any("$" in path.read_text() for path in out.rglob("*.py"))


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["Harp!"], 2, "cannot name a codec"),
        (["class"], 2, "cannot name a codec"),
        (["abc"], 2, "already provided by textmusic"),
        (["harp", "-o", "."], 1, "not an empty folder"),
    ],
)
def test_a_new_codec_never_overwrites(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "precious").write_text("x")
    status, _, err = call(capsys, "new-codec", *arguments)
    assert (status, len(err.splitlines())) == (code, 1)
    assert says in err
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]
