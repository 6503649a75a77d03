"""Real music: what alphaTab writes we read as it does, and what we write it reads as we meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from oracles.alphatex import page, page_seen, read_alphatex, written_by_alphatab

from textmusic_guitarpro import GuitarPro5
from textmusic_guitarpro.alphatex import AlphaTex
from textmusic_guitarpro.alphatex.read import read_song

STEP = 61


@pytest.fixture(scope="module")
def files(data: Path) -> list[Path]:
    kinds = {".gp3", ".gp4", ".gp5", ".gpx", ".gp"}
    return sorted(path for path in (data / "gp").rglob("*") if path.suffix in kinds)[::STEP]


def test_we_read_alphatabs_own_text_as_it_does(alphatab, files: list[Path]):
    written = [
        each.get("text", "") for each in written_by_alphatab([p.read_bytes() for p in files])
    ]
    compared = 0
    for text, seen in zip(written, read_alphatex(written), strict=True):
        if (
            not text or "error" in seen or "\\simile simple" in text
        ):  # we repeat what a simile stands for
            continue
        song, _ = read_song(text)
        assert page(song, signs=True) == page_seen(seen, signs=True)
        compared += 1
    assert compared >= 0.7 * len(files)


def test_alphatab_reads_what_we_write_of_real_files(alphatab, files: list[Path]):
    paths = [path for path in files if path.suffix in {".gp3", ".gp4", ".gp5"}]
    scores = [GuitarPro5().read(path).scores[0] for path in paths]
    texts = [AlphaTex().encode(score).data.decode() for score in scores]
    for text, seen in zip(texts, read_alphatex(texts), strict=True):
        song, issues = read_song(text)
        assert (seen["diagnostics"], issues) == ([], ())
        assert page(song) == page_seen(seen)
