"""The page's own files: legible, and from this computer."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

import textmusic


def test_nothing_on_the_page_names_another_host() -> None:
    home = Path(textmusic.listening.__file__).parent
    for path in (home / "frame.html", *(home / "page").iterdir()):
        addresses = set(re.findall(r"\b(?:https?:)?//[a-z][^\s\"'`]*\.[a-z]{2,}", path.read_text()))
        assert not {a for a in addresses if "www.w3.org" not in a}, path


@pytest.mark.parametrize("theme", [":root", '[data-theme="dark"]'])
def test_words_stand_out_from_what_is_behind_them(theme) -> None:
    """By the measure of WCAG 2.2, 1.4.3."""
    sheet = (Path(textmusic.listening.__file__).parent / "page" / "style.css").read_text()
    rule = sheet.split(theme, 1)[1].split("}")[0]
    colors = dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", rule))

    def light(name: str) -> float:
        parts = [int(colors[name][at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    inks = ("ink", "soft", "faint", "accent", "some", "much")
    pairs = list(product(inks, ("page", "paper")))
    pairs += [("accent", "accent-soft"), ("some", "some-soft"), ("much", "much-soft")]
    pairs += [("accent-ink", "accent")]
    for ink, ground in pairs:
        low, high = sorted((light(ink), light(ground)))
        assert high / low >= 4.5, (ink, ground)
