"""Requests for music wait in a line; one thread, which has the model, serves them in turn."""

from __future__ import annotations

import secrets
import sys
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Thread
from typing import Any, Literal

from textmusic.errors import TextmusicError

__all__ = ["Job", "Line", "LineFullError", "StoppedError"]

State = Literal["waiting", "working", "done", "failed", "stopped"]
_MOST = 24
_REMEMBERED = 64
_PATIENCE = 20.0


class LineFullError(Exception):
    """More people wait than the line holds."""


class StoppedError(Exception):
    """Nobody wants the music any more."""


class Job:
    """One request for music, seen by the thread that works and by those who watch.

    Args:
        work: writes the music and returns what the page is told; it calls `show`.
    """

    def __init__(self, work: Callable[[Job], dict[str, Any]]) -> None:
        self.id = secrets.token_urlsafe(12)
        self.state: State = "waiting"
        self.draft = (0, "", 0)
        """Which attempt it is, what stands of it, and how many characters of that were given:
        replaced as one, never changed."""
        self.result: dict[str, Any] = {}
        self.error = ""
        self._work = work
        self._watchers = 0
        self._left = time.monotonic()
        self.given_up = False

    def begin(self, given: str = "") -> None:
        """Begin an attempt, with what was given: what was shown before does not count.

        Raises:
            StoppedError: it is wanted no more.
        """
        if not self.wanted:
            raise StoppedError
        self.draft = (self.draft[0] + 1, given, len(given))

    def show(self, piece: str) -> None:
        """Show what was written.

        Raises:
            StoppedError: it is wanted no more.
        """
        if not self.wanted:
            raise StoppedError
        attempt, text, given = self.draft
        self.draft = (attempt, text + piece, given)

    def stop(self) -> None:
        """Ask for it no more; one that waits is over at once."""
        self.given_up = True
        if self.state == "waiting":
            self.state = "stopped"

    @property
    def wanted(self) -> bool:
        """Whether someone watches, or did a moment ago: a connection may be taken up again."""
        away = 0.0 if self._watchers else time.monotonic() - self._left
        return not self.given_up and away < _PATIENCE

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in {"done", "failed", "stopped"}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count someone who watches."""
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1
            self._left = time.monotonic()

    def run(self) -> None:
        """Do the work, and remember how it ended."""
        if not self.wanted:
            self.state = "stopped"
            return
        try:
            self.state = "working"
            self.result = self._work(self)
            self.state = "stopped" if self.given_up else "done"
        except StoppedError:
            self.state = "stopped"
        except TextmusicError as error:
            self.error = " ".join(str(error).split())
            self.state = "failed"
        except Exception:  # noqa: BLE001 - the thread must live for those who wait
            traceback.print_exc(file=sys.stderr)
            self.error = "something went wrong; the window where the studio runs says what"
            self.state = "failed"


class Line:
    """Jobs in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: deque[Job] = deque()
        self._known: OrderedDict[str, Job] = OrderedDict()
        self._change = Condition()
        self._working: Job | None = None
        Thread(target=self._serve, name="textmusic-studio", daemon=True).start()

    def submit(self, work: Callable[[Job], dict[str, Any]]) -> Job:
        """Put a job at the end of the line.

        Raises:
            LineFullError: too many wait.
        """
        job = Job(work)
        with self._change:
            if sum(not each.over for each in self._waiting) >= _MOST:
                raise LineFullError
            self._waiting.append(job)
            self._known[job.id] = job
            self._forget()
            self._change.notify()
        return job

    def find(self, name: str) -> Job | None:
        """Return a job by its id, unless it was over long ago."""
        return self._known.get(name)

    def ahead(self, job: Job) -> int:
        """Return how many are served before a job that waits."""
        with self._change:
            if job not in self._waiting:
                return 0
            before = list(self._waiting)[: self._waiting.index(job)]
            return sum(not each.over for each in before) + (self._working is not None)

    def _forget(self) -> None:
        old = [name for name, job in self._known.items() if job.over]
        for name in old[: max(0, len(self._known) - _REMEMBERED)]:
            del self._known[name]

    def _serve(self) -> None:
        while True:
            with self._change:
                self._working = None
                while not self._waiting:
                    self._change.wait()
                self._working = self._waiting.popleft()
            if not self._working.over:
                self._working.run()
