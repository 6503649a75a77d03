"""Names that docstrings use, and where the reference may have them."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("target", "near", "wanted"),
    [
        ("textmusic.Score", "textmusic", "textmusic.score.Score"),
        ("Score", "textmusic.codec", "textmusic.score.Score"),
        ("Codec.project", "textmusic", "textmusic.codec.Codec.project"),
        ("textmusic.judging._samples.Yardstick", "textmusic", "textmusic.judging.Yardstick"),
        ("first_bars", "textmusic.transforms", "textmusic.transforms.first_bars"),
    ],
)
def test_a_name_leads_to_the_module_that_shows_it(target: str, near: str, wanted: str) -> None:
    from names import _names

    assert wanted in _names(target, near)


def test_what_python_does_not_find_has_no_place() -> None:
    from names import _names

    assert _names("Codec.prject", "textmusic") == []
    assert _names("os.path.join", "textmusic") == []
