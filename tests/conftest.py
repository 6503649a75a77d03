"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from oracles.alphatab import Seen, alphatab_or_skip, read_with_alphatab

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
os.environ["TEXTMUSIC_CACHE"] = ""
"""Every corpus is read anew, in the processes that tests start too."""


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real music beside the checkout; tests that need it skip where it is absent."""
    if not DATA.is_dir():
        pytest.skip("no folder of real music (../shared/data) beside this checkout")
    return DATA


@pytest.fixture(scope="session")
def alphatab() -> Callable[[Sequence[bytes]], list[Seen | str]]:
    """What alphaTab reads from Guitar Pro files; see tests/oracles/README.md to install it."""
    alphatab_or_skip()
    return read_with_alphatab
