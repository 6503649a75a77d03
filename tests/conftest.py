"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real music beside the checkout; tests that need it skip where it is absent."""
    if not DATA.is_dir():
        pytest.skip("no folder of real music (../shared/data) beside this checkout")
    return DATA
