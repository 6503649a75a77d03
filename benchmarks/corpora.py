"""How fast music is read and corpora are built, beside programs that others use for it.

Readings run in one process, in interleaved rounds, measured by its processor time, so that other
programs on the machine disturb little; medians of the rounds, and ratios. Cycles are collected as
rarely as in a worker of the corpus builder, for our readings and for those of others.

- ABC: tunes parsed, and parsed and spelled as a model learns them; music21 parses the same tunes
- tablature: pages to the texts that are learnt, as the builder does it; then its steps
- MIDI to the texts of `noteevents` and `pianoroll`; symusic alone (which we read with), mido, and
  MidiTok's REMI where it is installed (``pip install miditok symusic``)

Then the same files are built into corpora by one worker, by two, and again from the cache.

With ``--synthetic 500`` instead: a tab corpus of that many MB is made by repeating and varying real
tabs (frets moved, a bar dropped from a staff), and built by two workers; seconds, and the most memory
that the builder and any of its workers held.

Run: python benchmarks/corpora.py [--data ../shared/data] [--rounds 3] [--synthetic MB]
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import itertools
import os
import random
import re
import resource
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from textmusic.codec import Codec
from textmusic.corpus import Corpus, build
from textmusic.errors import InputError
from textmusic.format import read_text
from textmusic.registry import codecs, formats

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
ABC, TAB, EVENTS, ROLL = (
    codecs.get(name)() for name in ("abc", "guitartab", "noteevents", "pianoroll")
)
SLOW = 25
"""A peer that is a hundred times slower is given one in so many of the pieces, we that many times."""
_FRET = re.compile(r"\d{1,2}")

Job = Callable[[], int]
"""Reads something; returns how many pieces."""


def bench(title: str, jobs: dict[str, tuple[Job, int]], rounds: int) -> None:
    """Run jobs in interleaved rounds and print their rates.

    Args:
        title: what is read.
        jobs: by name, what to do and the bytes that it reads; the first is compared with others.
        rounds: how often.
    """
    spent: dict[str, list[float]] = {name: [] for name in jobs}
    pieces: dict[str, int] = {}
    for _ in range(rounds):
        for name, (job, _) in jobs.items():
            start = time.process_time()
            pieces[name] = job()
            spent[name].append(time.process_time() - start)
    rates = {name: pieces[name] / statistics.median(times) for name, times in spent.items()}
    ours = next(iter(rates.values()))
    print(f"\n{title}")
    for name, (_, size) in jobs.items():
        rate = size / statistics.median(spent[name]) / 1e6
        print(
            f"  {name:34} {rates[name]:9.0f} pieces/s {rate:8.3f} MB/s a CPU-second, "
            f"the first is {ours / rates[name]:8.1f} times as fast"
        )


def each(pieces: Sequence[str] | Sequence[bytes] | Sequence[Path], read: Callable) -> Job:
    """A job that reads pieces one after the other; what a program refuses is passed over."""

    def job() -> int:
        for piece in pieces:
            try:
                read(piece)
            except Exception:  # noqa: BLE001 - peers raise anything
                continue
        return len(pieces)

    return job


def files(folder: Path, *suffixes: str) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in suffixes and p.is_file())


def documents(paths: Iterable[Path], codec: Codec) -> Iterator[str]:
    for path in paths:
        for document in codec.documents(read_text(path.read_bytes())):
            yield document.text


def size_of(pieces: Sequence[str]) -> int:
    return sum(len(piece.encode()) for piece in pieces)


def abc(folder: Path, rounds: int) -> None:
    from music21 import converter

    tunes = list(documents(files(folder, ".abc"), ABC))[::4]
    few = tunes[::SLOW]
    again = few * SLOW
    bench(
        "ABC",
        {
            "textmusic parse": (each(again, ABC.parse), size_of(again)),
            "music21 parse": (
                each(few, lambda text: converter.parse(text, format="abc", forceSource=True)),
                size_of(few),
            ),
            "textmusic, to what is learnt": (each(tunes, ABC.learn), size_of(tunes)),
        },
        rounds,
    )


def tabs(folder: Path, rounds: int) -> None:
    pages = [read_text(path.read_bytes()) for path in files(folder, ".tab", ".txt")[::4]]
    pieces = [document.text for page in pages for document in TAB.documents(page)]

    def learn(page: str) -> None:
        for document in TAB.documents(page):
            with contextlib.suppress(InputError):
                TAB.learn(document.text)

    bench(
        "tablature",
        {
            "textmusic, pages to what is learnt": (each(pages, learn), size_of(pages)),
            "pieces to what is learnt": (each(pieces, TAB.learn), size_of(pieces)),
            "textmusic parse": (each(pieces, TAB.parse), size_of(pieces)),
            "finding the pieces": (each(pages, lambda p: list(TAB.documents(p))), size_of(pages)),
        },
        rounds,
    )


def midi(folder: Path, rounds: int) -> None:
    import mido
    import symusic

    paths = files(folder, ".mid", ".midi")[::16]
    read = formats.get("mid")().read

    def to(codec: Codec) -> Callable[[Path], None]:
        def text(path: Path) -> None:
            for score in read(path).scores:
                for part in codec.parts(score):
                    codec.encode(codec.project(part))

        return text

    size = sum(path.stat().st_size for path in paths)
    jobs = {
        "textmusic, to noteevents": (each(paths, to(EVENTS)), size),
        "textmusic, to pianoroll": (each(paths, to(ROLL)), size),
        "textmusic, read only": (each(paths, read), size),
        "symusic, read only": (each(paths, symusic.Score), size),
        "mido, read only": (each(paths, mido.MidiFile), size),
    }
    try:
        miditok = importlib.import_module("miditok")
    except ImportError:
        print("\nMidiTok is not installed: pip install miditok symusic")
    else:
        remi = miditok.REMI()
        jobs["MidiTok REMI"] = (each(paths, remi), size)
    bench("MIDI", jobs, rounds)


def seconds() -> float:
    """Processor time of this process and of the children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def built(paths: list[Path], codec: Codec, out: Path, **options: int | bool) -> Corpus:
    wall, spent = time.perf_counter(), seconds()
    corpus = build(paths, codec, out, **options)
    wall, spent = time.perf_counter() - wall, seconds() - spent
    size = sum(p.stat().st_size for path in paths for p in path.rglob("*") if p.is_file()) / 1e6
    how = ", ".join(f"{name} {value}" for name, value in options.items())
    print(
        f"  {how:24} {wall:7.2f} s, {size / wall:7.2f} MB/s, {corpus.stats['files'] / wall:7.0f} files/s, "
        f"{spent:7.2f} CPU-s; {corpus.hash[:12]}"
    )
    return corpus


def corpora(folder: Path, kinds: dict[str, Codec]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["TEXTMUSIC_CACHE"] = str(Path(scratch, "cache"))
        for name, codec in kinds.items():
            print(f"\ncorpus of {name}, codec {codec.name}")
            paths, out = [folder / name], Path(scratch, "out")
            ways = ({"workers": 1, "cache": False}, {"workers": 2, "cache": False},
                    {"workers": 2, "cache": True}, {"workers": 2, "cache": True})  # fmt: skip
            hashes = {built(paths, codec, out, **way).hash for way in ways}
            assert len(hashes) == 1, "the ways of building differ"


def varied(text: str, rng: random.Random) -> str:
    """A page with its frets moved, and a bar dropped from each staff that can spare one."""
    shift = rng.randrange(10)
    lines = text.split("\n")
    is_row = [line.count("-") > max(4, len(line) // 3) for line in lines]
    changed: list[str] = []
    for rows, group in itertools.groupby(zip(is_row, lines, strict=True), key=lambda x: x[0]):
        staff = [line for _, line in group]
        changed += [_FRET.sub(lambda m: _moved(m[0], shift), row) for row in _shorter(staff, rng)] \
            if rows else staff  # fmt: skip
    return "\n".join(changed)


def _moved(fret: str, shift: int) -> str:
    if len(fret) == 1:
        return str((int(fret) + shift) % 10)
    return str(10 + (int(fret) + shift) % 12) if int(fret) < 25 else fret


def _shorter(staff: list[str], rng: random.Random) -> list[str]:
    bars = [
        column for column in range(min(map(len, staff))) if all(row[column] == "|" for row in staff)
    ]
    if len(bars) < 4:
        return staff
    first = rng.randrange(1, len(bars) - 1)
    return [row[: bars[first]] + row[bars[first + 1] :] for row in staff]


def synthetic(folder: Path, size: float) -> None:
    """Make `size` MB of tabs and build them."""
    pages = files(folder, ".tab", ".txt")
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as scratch:
        tabs, made = Path(scratch, "tabs"), 0
        for number in itertools.count():
            if made >= size * 1e6:
                break
            page = read_text(rng.choice(pages).read_bytes())
            place = tabs / str(number // 1000) / f"{number}.tab"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(varied(page, rng), "utf-8", "replace")
            made += place.stat().st_size
        print(f"{made / 1e6:.0f} MB of tablature in {number} files")
        os.environ["TEXTMUSIC_CACHE"] = str(Path(scratch, "cache"))
        for options in ({"workers": 2, "cache": False}, {"workers": 2, "cache": True},
                        {"workers": 2, "cache": True}):  # fmt: skip
            corpus = built([tabs], TAB, Path(scratch, "out"), **options)
        print(*corpus.stats["summary"], sep="\n")
        whose = {"builder": resource.RUSAGE_SELF, "largest worker": resource.RUSAGE_CHILDREN}
        for name, who in whose.items():
            print(f"peak memory of the {name}: {resource.getrusage(who).ru_maxrss / 1024:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--synthetic", type=float, metavar="MB")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    gc.freeze()
    gc.set_threshold(1_000_000)
    if options.synthetic:
        synthetic(options.data / "tabs", options.synthetic)
        return
    abc(options.data / "abc", options.rounds)
    tabs(options.data / "tabs", options.rounds)
    midi(options.data / "midi", options.rounds)
    corpora(options.data, {"abc": ABC, "tabs": TAB})


if __name__ == "__main__":
    main()
