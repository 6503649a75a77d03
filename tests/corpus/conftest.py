"""Fixtures of the corpus tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import corpus_toys as toys
import pytest

from textmusic.registry import formats


@pytest.fixture
def pairs() -> Iterator[None]:
    """The toy format, known by its suffix."""
    with formats.register("pairs", toys.PairsFormat):
        yield


@pytest.fixture
def tunes(tmp_path: Path) -> Path:
    """A folder of twenty files of three tunes each."""
    folder = tmp_path / "tunes"
    folder.mkdir()
    for number in range(20):
        texts = [toys.tune(10 * number + k) for k in range(3)]
        (folder / f"{number:02}.let").write_text("\n\n".join(texts))
    return folder
