"""How many threads torch computes with, for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

__all__ = ["thread_limit"]


@contextlib.contextmanager
def thread_limit(threads: int) -> Iterator[None]:
    """Compute with this many threads, and leave torch as it was.

    One is the default everywhere in this package: torch's threads wait by spinning, and on a
    machine with other work two of them have run 4 to 20 times slower than one.
    """
    before = torch.get_num_threads()
    if before == threads:
        yield
        return
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
