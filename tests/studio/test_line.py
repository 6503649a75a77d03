"""The line in which requests wait."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

import pytest

from textmusic.errors import ConfigError
from textmusic.studio import _line
from textmusic.studio._app import _events
from textmusic.studio._line import Job, Line, LineFullError


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.002)


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


def waiting(gate: threading.Event) -> Callable[[Job], dict[str, int]]:
    def work(job: Job) -> dict[str, int]:
        gate.wait(20)
        return {"bars": 1}

    return work


def test_jobs_are_served_one_after_the_other_and_know_their_place(gate) -> None:
    line = Line()
    jobs = [line.submit(waiting(gate)) for _ in range(3)]
    until(lambda: jobs[0].state == "working")
    assert [line.ahead(job) for job in jobs] == [0, 1, 2]
    jobs[1].stop()
    assert line.ahead(jobs[2]) == 1
    gate.set()
    until(lambda: all(job.over for job in jobs))
    assert [job.state for job in jobs] == ["done", "stopped", "done"]
    assert line.find(jobs[0].id) is jobs[0]


def test_a_job_that_fails_does_not_stop_the_line(capsys) -> None:
    def refuses(job: Job) -> dict[str, int]:
        raise ConfigError("no\nsuch bars")

    def breaks(job: Job) -> dict[str, int]:
        raise RuntimeError("a defect")

    line = Line()
    jobs = [line.submit(work) for work in (refuses, breaks, lambda job: {"bars": 2})]
    until(lambda: all(job.over for job in jobs))
    assert [job.state for job in jobs] == ["failed", "failed", "done"]
    assert jobs[0].error == "no such bars"
    assert "a defect" not in jobs[1].error
    assert "a defect" in capsys.readouterr().err


def test_the_line_has_an_end(gate) -> None:
    line = Line()
    for _ in range(_line._MOST + 1):
        job = line.submit(waiting(gate))
        until(lambda job=job: job.state == "working" or line.ahead(job) > 0)
    with pytest.raises(LineFullError):
        line.submit(waiting(gate))
    gate.set()


def test_music_is_written_while_it_is_wanted(gate, monkeypatch) -> None:
    def endless(job: Job) -> dict[str, int]:
        job.begin()
        while True:
            job.show("a")
            time.sleep(0.001)

    line = Line()
    monkeypatch.setattr(_line, "_PATIENCE", 0.05)
    job = line.submit(endless)
    with job.watched():
        until(lambda: len(job.draft[1]) > 100)
    until(lambda: job.over)
    assert job.state == "stopped"
    stopped = line.submit(endless)
    with stopped.watched():
        until(lambda: len(stopped.draft[1]) > 3)
        stopped.stop()
        until(lambda: stopped.over)


def test_a_watcher_is_told_the_place_what_is_written_and_the_stop(gate) -> None:
    def writes(job: Job) -> dict[str, int]:
        for text in ("ab", "c"):
            job.begin()
            job.show(text)
            steps.get(timeout=20)
        while True:
            job.show("d")

    async def told() -> list[str]:
        heard = []
        async for event in _events(line, second):
            heard.append(event)
            if '"ahead": 1' in event:
                first.stop()
                gate.set()
            elif '"ab"' in event:
                steps.put("on")
            elif '"c"' in event:
                second.stop()
                steps.put("on")
        return heard

    steps: SimpleQueue[str] = SimpleQueue()
    line = Line()
    first = line.submit(waiting(gate))
    until(lambda: first.state == "working")
    second = line.submit(writes)
    heard = asyncio.run(told())
    kinds = [event.split("\n")[0].removeprefix("event: ") for event in heard]
    assert kinds == ["place", "place", "text", "text", "text", "text", "stopped"]
    until(lambda: second.over)
    assert (first.state, second.state) == ("stopped", "stopped")
