"""How long do `import textmusic` and ``textmusic --help`` take, beside a Python that does nothing?

Each round starts every command once in a fresh process, one after the other, so that what else
runs on the machine slows all of them alike. What is compared is processor time (a start has
nothing to wait for once its files are in memory), with the time on the clock beside it: medians
over the rounds, and medians of the differences to the bare start of the same round.

Run: python benchmarks/imports.py [--rounds 21]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

COMMANDS = {
    "a bare Python": ["-c", "pass"],
    "import textmusic": ["-c", "import textmusic"],
    "textmusic --help": ["-m", "textmusic", "--help"],
    "textmusic train --help": ["-m", "textmusic", "train", "--help"],
    "import click": ["-c", "import click"],
    "import numpy": ["-c", "import numpy"],
}
AT_MOST = {"import textmusic": 20, "textmusic --help": 120}
"""Milliseconds more than a bare start."""


class Start(NamedTuple):
    """What one process took, in milliseconds."""

    processor: float
    clock: float


def start(arguments: list[str]) -> Start:
    """Run Python to its end."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed")
    return Start(1000 * (usage.ru_utime + usage.ru_stime), 1000 * took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=21)
    rounds = parser.parse_args().rounds
    for arguments in COMMANDS.values():
        start(arguments)  # writes byte code, and brings the files into memory
    taken = [
        {name: start(arguments) for name, arguments in COMMANDS.items()} for _ in range(rounds)
    ]
    print(f"{'milliseconds':26} {'processor':>9} {'more':>7} {'clock':>8} {'more':>7}")
    for name in COMMANDS:
        columns = []
        for which in ("processor", "clock"):
            times = [getattr(one[name], which) for one in taken]
            bare = [getattr(one["a bare Python"], which) for one in taken]
            more = statistics.median(t - b for t, b in zip(times, bare, strict=True))
            columns += [statistics.median(times), more]
        limit = AT_MOST.get(name)
        wanted = f"   at most {limit}: {'met' if columns[1] < limit else 'MISSED'}" if limit else ""
        print(
            f"{name:26} {columns[0]:9.1f} {columns[1]:7.1f} {columns[2]:8.1f} {columns[3]:7.1f}{wanted}"
        )


if __name__ == "__main__":
    main()
