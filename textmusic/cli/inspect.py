"""``textmusic inspect``: what is in a run, checkpoint, corpus or music file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from textmusic import api
from textmusic.errors import FormatError
from textmusic.score import Score

_COUNTED = ("threads", "streams", "chars_per_second", "plain_chars_per_second")


@click.command("inspect")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--speed", is_flag=True, help="Measure how fast a model is trained and sampled here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(path: Path, *, speed: bool, as_json: bool) -> None:
    """Show what is in PATH: a run folder, a .safetensors checkpoint, a corpus folder, a music file.

    With --speed, say by which code, precision and threads the model is trained and sampled on this
    machine, and how many characters a second that gives beside plain PyTorch.
    """
    measured = _speeds(path) if speed else []
    rows = {"checkpoint": str(path), "speed": measured} if speed else describe(path)
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if speed:
        _show_speeds(measured)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, _shown(value))
    Console(width=None if Console().is_terminal else 120).print(table)


def _speeds(path: Path) -> list[dict[str, Any]]:
    from textmusic.lm import TrainConfig
    from textmusic.lm.speed import speeds
    from textmusic.writing import Model

    model = Model.load(path)
    config = TrainConfig.from_json(model.checkpoint.meta.get("train", {}))
    return [
        {**dataclasses.asdict(found), "ratio": found.ratio}
        for found in speeds(
            *(model.checkpoint.model, model.codec.alphabet, model.codec.grammar(), config),
            on_work=lambda work: click.echo(f"measuring {work} …", err=True),
        )
    ]


def _show_speeds(rows: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("work", "path", "device", "precision"):
        table.add_column(name, no_wrap=True)
    for name in ("threads", "streams", "chars/s", "plain PyTorch", "ratio"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        words = [row[name] for name in ("work", "path", "device", "precision")]
        numbers = [f"{row[name]:,.0f}" for name in _COUNTED]
        table.add_row(*words, *numbers, f"{row['ratio']:.1f} x")
    Console(width=None if Console().is_terminal else 120).print(table)


def describe(path: Path) -> dict[str, Any]:
    """Return a flat description of whatever stands at a path."""
    if path.is_dir():
        for name in ("model.safetensors", "state.safetensors"):
            if (path / name).exists():
                return _checkpoint(path / name)
        for folder in (path, path / "corpus"):
            if (folder / "corpus.json").exists():
                return _corpus(folder)
        raise FormatError(f"{path}: holds neither a run nor a corpus")
    if path.suffix == ".safetensors":
        return _checkpoint(path)
    return _music(path)


def _checkpoint(path: Path) -> dict[str, Any]:
    from textmusic.lm import Checkpoint

    header = dict(Checkpoint.header(path))
    sources = header.pop("sources", [])
    return {"checkpoint": str(path), **header, "sources": sources}


def _corpus(folder: Path) -> dict[str, Any]:
    from textmusic.corpus import Corpus

    corpus = Corpus.open(folder)
    return {
        "corpus": str(folder),
        "codec": f"{corpus.codec_name} {corpus.codec_config}",
        "hash": corpus.hash,
        **corpus.stats,
        "sources": [f"{s.name}: {s.terms}" for s in corpus.sources],
    }


def _music(path: Path) -> dict[str, Any]:
    loaded = api.read(path)
    rows: dict[str, Any] = {"file": str(path), "pieces": len(loaded.scores)}
    for number, score in enumerate(loaded.scores[:20], 1):
        rows[f"{number}" if len(loaded.scores) > 1 else "music"] = _score(score)
    if len(loaded.scores) > 20:
        rows["…"] = f"{len(loaded.scores) - 20} more"
    rows["issues"] = len(loaded.issues)
    return rows


def _score(score: Score) -> dict[str, Any]:
    meters = " ".join(f"{m.numerator}/{m.denominator}" for m in score.meters[:6])
    return {
        "title": score.get("title"),
        "bars": len(score.bars()),
        "seconds": round(score.seconds(score.end), 1),
        "metre": meters or "none",
        "tempo": score.tempos[0].qpm if score.tempos else "none",
        "tracks": [
            f"{t.name or 'unnamed'}: {len(t.notes)} notes, "
            + ("drums" if t.is_drum else f"program {t.program}")
            + (f", {len(t.tuning)} strings" if t.tuning else "")
            for t in score.tracks
        ],
    }


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{k}: {_shown(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return "\n".join(_shown(item) for item in value)
    return str(value) if str(value).isprintable() else repr(value)
