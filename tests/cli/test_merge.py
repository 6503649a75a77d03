"""``textmusic merge`` and ``train --part``: four instruments learnt apart and put together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from textmusic import Key, Meter, Note, Score, Tempo, Track, api
from textmusic.cli import main

INSTRUMENTS = (("Violin I", 40, 72), ("Violin II", 40, 65), ("Viola", 41, 58), ("Cello", 42, 48))
SMALL = ("--steps", "3", "--hidden", "16", "--layers", "1", "--batch", "2", "--window", "32")


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main([str(arg) for arg in args])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def part(instrument: tuple[str, int, int], seed: int, quarters: int) -> Track:
    """A line of quarters."""
    name, program, low = instrument
    rng = random.Random(f"{name} {seed}")
    notes = [Note(i, 1, low + rng.choice((0, 2, 4, 5, 7))) for i in range(quarters)]
    return Track(notes, name=name, program=program)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def quartet(seed: int, instruments: Sequence[tuple[str, int, int]] = INSTRUMENTS):
    tracks = [part(instrument, seed, 24) for instrument in instruments]
    return Score(tracks, 1, [Tempo(0, 96)], [Meter(0, 3, 4)], [Key(0, 0)])


def single(path: Path, bars: int, *, meter=(3, 4), tempo=96.0) -> Path:
    track = part(("", 40, 60), 1, bars * meter[0])
    api.write(Score([track], 1, [Tempo(0, tempo)], [Meter(0, *meter)], [Key(0, 0)]), path)
    return path


def test_merge_joins_files_of_any_formats(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = [single(tmp_path / "a.abc", 4), single(tmp_path / "b.mid", 4)]
    for suffix in ("mid", "abc", "musicxml"):
        out = tmp_path / f"both.{suffix}"
        code, said, err = call(
            capsys, "merge", out, *files, "--name", "Violin I", "--name", "Cello"
        )
        assert (code, err) == (0, "")
        assert "merge." not in said
        assert said.splitlines()[-1] == str(out)
        score = api.read(out).scores[0]
        assert [len(track.notes) for track in score.tracks] == [12, 12]
        assert [track.name for track in score.tracks] == ["Violin I", "Cello"]


def test_merge_says_what_differs_and_what_it_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = [
        single(tmp_path / "a.mid", 6),
        single(tmp_path / "b.mid", 4, tempo=60.0),
        single(tmp_path / "c.mid", 3, meter=(4, 4)),
    ]
    out = tmp_path / "out.mid"
    code, said, _ = call(capsys, "merge", out, *files)
    a, b, c = files
    assert code == 0
    tempo, *rest = said.splitlines()
    assert tempo == (
        f"{out}: warning: merge.tempos: {b} has 60 quarters a minute, "
        f"kept 96 quarters a minute of {a}"
    )
    assert rest == [
        f"{out}: warning: merge.meters: {c} has 4/4, kept 3/4 of {a}",
        f"{out}: warning: merge.length: {b} has 4 bars: silent up to 6",
        f"{out}: warning: merge.length: {c} has 3 bars: silent up to 6",
        str(out),
    ]


def test_merge_trims_to_the_shortest(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = [single(tmp_path / "a.mid", 6), single(tmp_path / "b.mid", 4)]
    code, said, _ = call(capsys, "merge", tmp_path / "out.mid", *files, "--trim")
    assert code == 0
    assert "a.mid has 6 bars: cut to 4" in said
    score = api.read(tmp_path / "out.mid").scores[0]
    assert [len(track.notes) for track in score.tracks] == [12, 12]


@pytest.mark.parametrize(
    ("args", "said", "code"),
    [
        (["out.mid"], "Missing argument 'FILES...'", 2),
        (["a.mid", "a.mid"], "a.mid: exists; OUT comes before FILES, and --overwrite", 2),
        (["out.mid", "a.mid", "--name", "A", "--name", "B"], "2 names for 1 files", 2),
        (["out.mid", "missing.mid"], "missing.mid: cannot be read: No such file", 1),
        (["out.nope", "a.mid"], "unknown format 'nope'", 2),
        (["out.mid", "two.abc"], "two.abc: holds 2 pieces, and merge takes one a file", 1),
    ],
)
def test_bad_input_is_one_line(
    capsys: pytest.CaptureFixture[str], here: Path, args: list[str], said: str, code: int
) -> None:
    single(Path("a.mid"), 4)
    Path("two.abc").write_text("X:1\nK:C\nCDEF|]\n\nX:2\nK:C\nGABc|]\n")
    got, _, err = call(capsys, "merge", *args)
    assert got == code
    assert said in err.splitlines()[-1]
    assert not (here / "out.mid").exists()


def test_four_instruments_learnt_apart_play_together(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for seed in range(12):
        score = quartet(seed, instruments=INSTRUMENTS[: 3 if seed == 5 else 4])
        api.write(score, tmp_path / "scores" / f"{seed}.musicxml")
    voices = []
    for number, (name, program, _) in enumerate(INSTRUMENTS):
        run = tmp_path / f"run{number}"
        code, _, err = call(
            capsys,
            "train",
            "--codec",
            "abc",
            tmp_path / "scores",
            "-o",
            run,
            "--part",
            name,
            *SMALL,
        )
        assert code == 0, err
        lacking = 1 if name == "Cello" else 0
        assert f"only part {name!r}; {lacking} pieces lack it" in " ".join(err.split())
        prime = tmp_path / "scores" / "0.musicxml"
        code, _, err = call(
            capsys, "sample", run, "--prime-file", prime, "--bars", 4, "--free",
            "-o", run, "--to", "mid",
        )  # fmt: skip
        voices += sorted(run.glob("*.mid"))[:1]
        track = api.read(voices[-1]).scores[0].tracks[0]
        assert track.program == program
    out = tmp_path / "quartet.musicxml"
    names = [word for name, _, _ in INSTRUMENTS for word in ("--name", name)]
    code, _, err = call(capsys, "merge", out, *voices, *names, "--trim")
    assert code == 0, err
    assert [track.name for track in api.read(out).scores[0].tracks] == [i[0] for i in INSTRUMENTS]
