"""Tasks over any executor: results in order, few in flight."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
import sys
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import Any, TypeVar

from textmusic.corpus._cache import Cache
from textmusic.corpus._read import read_items
from textmusic.corpus._records import Batch, Item, Recipe
from textmusic.errors import CorpusError, TextmusicError

__all__ = ["default_executor", "run_tasks"]

SMALL = 1 << 20
_COLLECT = 1_000_000
"""New values, less those gone again, after which a worker looks for cycles."""
_T = TypeVar("_T")


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def default_executor(recipe: Recipe, size: int, workers: int | None) -> Iterator[Executor | None]:
    """Yield worker processes, or None where reading here is as fast or the only way.

    Args:
        recipe: of the codec.
        size: bytes to read.
        workers: how many processes; None for one a core.
    """
    count = cores() if workers is None else workers
    if count < 2 or (size < SMALL and workers is None) or not _travels(recipe):
        yield None
        return
    pool = _Processes(count, multiprocessing.get_context("spawn"), _begin)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Set up a worker process."""
    # An interrupt at the keyboard reaches the workers too; it is the builder that answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Music is made of many small values without cycles: looking for those costs a tenth.
    gc.freeze()
    gc.set_threshold(_COLLECT)


def _travels(recipe: Recipe) -> bool:
    try:
        pickle.dumps(recipe)
    except Exception:  # noqa: BLE001  (a stranger's codec may refuse in any way)
        return False
    return recipe.portable


class _Processes(ProcessPoolExecutor):
    """Processes that do not import the user's script.

    A started process normally imports the script that started it, and so runs a script without
    ``if __name__ == "__main__"`` once more. The workers need nothing of it.
    """

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """Submit a call; processes are started here."""
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            sys.modules["__main__"] = main


def run_tasks(
    executor: Executor | None,
    recipe: Recipe,
    work: Iterable[Sequence[Item]],
    transpose: Sequence[int],
    in_flight: int,
    *,
    cache: Cache | None = None,
) -> Iterator[Batch]:
    """Yield what became of each item, in order.

    Args:
        executor: where the work is done; None for here.
        recipe: of the codec.
        work: the tasks.
        transpose: see `read_items`.
        in_flight: tasks under way at most, which bounds the memory.
        cache: what is known there is not read again.

    Raises:
        CorpusError: a worker died, or the executor cannot run the work at all.
    """
    waiting: deque[_Task] = deque()
    place = _Here() if executor is None else executor
    try:
        for items in work:
            task = _Task(items, cache)
            if task.unknown:
                task.future = place.submit(read_items, recipe, task.unknown, transpose)
            waiting.append(task)
            if len(waiting) >= in_flight or executor is None:
                yield from waiting.popleft().batches()
        while waiting:
            yield from waiting.popleft().batches()
    except BrokenExecutor as error:
        raise CorpusError(
            "a worker died while reading (killed, or out of memory): nothing was written; "
            "run again with fewer workers, or with one to find the file"
        ) from error
    finally:
        for task in waiting:
            if task.future:
                task.future.cancel()


class _Here(Executor):
    """Runs what is submitted at once."""

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """Call; exceptions are the caller's."""
        future: Future[_T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class _Task:
    """Some items: what is known of them, and what is being read of the others.

    Args:
        items: files or windows.
        cache: where to look; None for nowhere.
    """

    def __init__(self, items: Sequence[Item], cache: Cache | None) -> None:
        self.future: Future[list[Batch]] | None = None
        self._items = items
        self._cache = cache
        self._keys = [cache.key(item) if cache else None for item in items]
        self._known = [
            cache.get(key, item) if cache else None
            for key, item in zip(self._keys, items, strict=True)
        ]
        self.unknown = [
            item for item, batch in zip(items, self._known, strict=True) if batch is None
        ]

    def batches(self) -> Iterator[Batch]:
        """Yield what became of each item; what was read is put into the cache."""
        read = iter(_result(self.future) if self.future else ())
        for item, key, known in zip(self._items, self._keys, self._known, strict=True):
            batch = known or next(read)
            if known is None and self._cache:
                self._cache.put(key, item, batch)
            yield batch


def _result(future: Future[list[Batch]]) -> list[Batch]:
    try:
        return future.result()
    except (BrokenExecutor, TextmusicError):
        raise
    except Exception as error:  # any executor, and what it says of work that cannot travel
        raise CorpusError(
            f"the executor could not run the work: {type(error).__name__}: {error}"
        ) from error
