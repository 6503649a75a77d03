"""The plugin author's manual names every law of a codec."""

from __future__ import annotations

from pathlib import Path

from textmusic.testing import _codec_laws, _grammar_laws, _identity_laws, _text_laws

MANUAL = Path(__file__).parents[2] / "docs" / "guide" / "write-a-codec.md"


def test_the_manual_names_every_law() -> None:
    tables = (
        _codec_laws.SCORE_LAWS,
        _identity_laws.IDENTITY_LAWS,
        _text_laws.TEXT_LAWS,
        _text_laws.MINE_LAWS,
        _grammar_laws.WALK_LAWS,
        _grammar_laws.CONTROL_LAWS,
    )
    manual = MANUAL.read_text()
    missing = {law.name for table in tables for law in table if f"`{law.name}`" not in manual}
    assert not missing
