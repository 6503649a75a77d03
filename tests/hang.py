"""A guard against hostile input that never comes to an end. It is no measure of speed."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

__all__ = ["no_hang"]

_SECONDS = 60


def _stop(*_: object) -> None:
    raise TimeoutError(f"still running after {_SECONDS} s")


@contextlib.contextmanager
def no_hang() -> Iterator[None]:
    """Stop the block with a TimeoutError after a minute, on a machine as busy as it may be."""
    before = signal.signal(signal.SIGALRM, _stop)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
