from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import corpus_toys as toys
import pytest
from distributed import Client, LocalCluster

from textmusic.corpus import build
from textmusic.errors import CorpusError

LETTERS = toys.LetterCodec()


@dataclass(frozen=True)
class DeadlyCodec(toys.LetterCodec):
    """Kills the process that reads with it, unless that is the one it must spare."""

    spare: int = 0

    name: ClassVar[str] = "deadly"

    def canonical(self, text: str) -> str:
        if os.getpid() != self.spare:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().canonical(text)


@pytest.fixture
def small_tasks(monkeypatch):
    monkeypatch.setattr("textmusic.corpus._inputs.TASK_FILES", 3)


def test_the_corpus_is_the_same_however_it_is_read(tunes, tmp_path, small_tasks):
    (tunes / "bad.let").write_text("A!")
    alone = build([tunes], LETTERS, tmp_path / "alone", workers=1)
    with ThreadPoolExecutor(3) as threads:
        threaded = build([tunes], LETTERS, tmp_path / "threads", executor=threads)
    own = build([tunes], LETTERS, tmp_path / "own", workers=2)
    assert alone.hash == threaded.hash == own.hash
    assert list(alone.report()) == list(threaded.report()) == list(own.report())
    assert alone.stats == threaded.stats == own.stats


def test_an_executor_of_processes_is_used_and_left_running(tunes, tmp_path, small_tasks):
    with ProcessPoolExecutor(1) as processes:
        corpus = build([tunes], LETTERS, tmp_path / "out", executor=processes, workers=1)
        assert processes.submit(len, "abc").result() == 3
    assert corpus.hash == build([tunes], LETTERS, tmp_path / "here").hash


def test_the_workers_of_dask_give_the_same_corpus(tunes, tmp_path, small_tasks):
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        local_directory=str(tmp_path / "dask"), silence_logs=logging.ERROR,
    )  # fmt: skip
    with cluster, Client(cluster) as client:
        corpus = build(
            [tunes], LETTERS, tmp_path / "out", executor=client.get_executor(), workers=2
        )
        pids = set(client.run(os.getpid).values())
    assert len(pids | {os.getpid()}) == 3
    here = build([tunes], LETTERS, tmp_path / "here")
    assert corpus.hash == here.hash
    assert corpus.stats == here.stats


def test_few_tasks_are_in_flight_at_a_time(tunes, tmp_path, small_tasks):
    class Counting(Executor):
        waiting = most = 0

        def submit(self, fn, /, *args, **kwargs):
            future = Future()
            Counting.waiting += 1
            Counting.most = max(Counting.most, Counting.waiting)

            def result(timeout=None):
                Counting.waiting -= 1
                return fn(*args, **kwargs)

            future.result = result
            return future

    build([tunes], LETTERS, tmp_path / "out", executor=Counting(), workers=1)
    assert Counting.most == 3
    assert Counting.waiting == 0


def test_a_killed_worker_is_one_clear_line_and_leaves_nothing(tunes, tmp_path):
    with pytest.raises(CorpusError, match="a worker died while reading") as caught:
        build([tunes], DeadlyCodec(spare=os.getpid()), tmp_path / "out", workers=2)
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tunes"]


def test_a_codec_that_cannot_travel_is_one_line_or_read_here(tunes, tmp_path):
    class Local(toys.LetterCodec):
        pass

    here = build([tunes], Local(), tmp_path / "out", workers=2)
    assert here.stats["files"] == 20
    with ProcessPoolExecutor(1) as pool, pytest.raises(CorpusError, match="could not run the work"):
        build([tunes], Local(), tmp_path / "out", executor=pool)


def test_a_script_without_a_main_guard_can_use_processes(tunes, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import corpus_toys\n"
        "from textmusic.corpus import build\n"
        "print('run')\n"
        f"corpus = build([{str(tunes)!r}], corpus_toys.LetterCodec(), {str(tmp_path / 'out')!r}, workers=2)\n"
        "class Mine(corpus_toys.LetterCodec): pass\n"
        f"mine = build([{str(tunes)!r}], Mine(), {str(tmp_path / 'mine')!r}, workers=2)\n"
        "assert (corpus.train == mine.train).all()\n"
    )
    path = os.pathsep.join([str(Path(toys.__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stderr, done.stdout, done.returncode) == ("", "run\n", 0)
