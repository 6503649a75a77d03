"""Every codec and format that is installed keeps the laws of its contract."""

from __future__ import annotations

import pytest

from textmusic.registry import codecs, formats
from textmusic.testing import check_codec, check_format


@pytest.mark.parametrize("name", codecs.names())
def test_codecs_keep_the_laws(name: str) -> None:
    check_codec(codecs.get(name)())


@pytest.mark.parametrize("name", formats.names())
@pytest.mark.parametrize("seed", [0, 1])
def test_formats_keep_the_laws(name: str, seed: int) -> None:
    check_format(formats.get(name)(), seed=seed)
