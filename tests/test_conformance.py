"""Every codec and format that is installed keeps the laws of its contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from sound import sound_or_skip

from textmusic.registry import codecs, formats
from textmusic.testing import check_codec, check_format
from textmusic.testing._material import ODD_SCORES, mixed_scores

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
    form = formats.get(name)()
    if form.reads:
        check_format(form, seed=seed)
        return
    few = 6
    scores = list(ODD_SCORES) if seed == 0 else list(mixed_scores(few, seed))
    if name in {"flac", "ogg", "wav"}:
        sound_or_skip()
        scores = scores if name == "wav" else scores[:few]  # the same samples, packed otherwise
    check_format(form, seed=seed, scores=scores)  # pictures and sounds take their time
