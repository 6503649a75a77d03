"""Every codec and format that is installed keeps the laws of its contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from textmusic.registry import codecs, formats
from textmusic.testing import check_codec, check_format

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", codecs.names())
def test_codecs_keep_the_laws(name: str) -> None:
    check_codec(codecs.get(name)(), golden=GOLDEN)


@pytest.mark.parametrize("name", codecs.names())
def test_every_released_text_has_golden_texts(name: str) -> None:
    assert (GOLDEN / f"{name}-{codecs.get(name).format_version}.json").exists()


@pytest.mark.parametrize("name", formats.names())
@pytest.mark.parametrize("seed", [0, 1])
def test_formats_keep_the_laws(name: str, seed: int) -> None:
    check_format(formats.get(name)(), seed=seed)
