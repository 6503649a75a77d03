"""Building a corpus: read, group, split, write; whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

from textmusic.codec import Codec
from textmusic.corpus._cache import Cache
from textmusic.corpus._cache import folder as cache_folder
from textmusic.corpus._inputs import find_inputs, tasks
from textmusic.corpus._pool import cores, default_executor, run_tasks
from textmusic.corpus._read import id_type
from textmusic.corpus._records import Entry, Progress, Recipe
from textmusic.corpus._sources import Source
from textmusic.corpus._store import Corpus, open_lines
from textmusic.corpus._table import Table
from textmusic.corpus._write import Job, Tally, write
from textmusic.errors import ConfigError, CorpusError

__all__ = ["build"]


def build(
    paths: Sequence[str | Path],
    codec: Codec,
    out: str | Path,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    transpose: Sequence[int] = (0,),
    valid: float = 0.1,
    terms: Sequence[Source] = (),
    part: str | None = None,
    cache: bool = True,
    progress: Callable[[Progress], None] | None = None,
) -> Corpus:
    """Read music and write it as a corpus.

    A file that cannot be read, and a document that cannot be used, is left out and reported; see
    `Corpus.report`. Exact duplicates are dropped. Near duplicates, also transposed ones, and the
    parts of one piece stay on one side of the split, which depends on the music only.

    Args:
        paths: files and folders; folders are searched, hidden files skipped.
        codec: what writes the texts.
        out: the folder to write; a corpus that lies there is replaced.
        executor: where to read (processes, a cluster); it is left running. By default worker
            processes for more than a little input.
        workers: how many processes to start, or how many the executor has; default one a core.
        transpose: semitones by which training documents are moved, besides 0.
        valid: share of the characters to hold out, 0…0.5.
        terms: a `Source` for each path: what it is, whence, under which terms.
        part: learn one instrument only; see `textmusic.transforms.select`. Each track that fits
            is a document of its own, and pieces without any are left out and counted.
        cache: keep what was read of each file in the user's cache folder, and look there first;
            ``TEXTMUSIC_CACHE`` names another folder. The corpus is the same either way.
        progress: called now and then.

    Returns:
        The corpus, opened.

    Raises:
        CorpusError: a path is missing, there is nothing to learn from, too little to hold any
            out, a worker died, or `out` cannot be written. Nothing half-written remains.
        ConfigError: an argument is out of range.
    """
    places, out = [Path(path) for path in paths], Path(out)
    steps = _checked(places, workers, transpose, valid, terms)
    sources = tuple(terms) or tuple(Source(path.name or str(path), str(path)) for path in places)
    inputs = find_inputs(places, codec, out, as_scores=part is not None)
    job = Job(codec, inputs, sources, steps, valid, progress or (lambda _: None), part)
    with _replacing(out) as folder:
        with Table(folder, id_type(codec)) as table:
            tally = _read(job, table, folder, executor, workers, cache=cache)
            if not len(table):
                raise CorpusError(_nothing_usable(places, tally))
            write(folder, job, table, tally)
        for spool in folder.glob("*.spool"):
            spool.unlink()
    corpus = Corpus.open(out)
    corpus.known = tally.known
    return corpus


def _checked(
    paths: Sequence[Path],
    workers: int | None,
    transpose: Sequence[int],
    valid: float,
    terms: Sequence[Source],
) -> tuple[int, ...]:
    """Check the arguments; return the semitones to move by, each once, without 0."""
    if not paths:
        raise ConfigError("a corpus needs at least one file or folder")
    if workers is not None and workers < 1:
        raise ConfigError(f"workers must be at least 1, not {workers}")
    if not 0 <= valid <= 0.5:
        raise ConfigError(f"valid is a share of 0 to 0.5, not {valid}")
    if terms and len(terms) != len(paths):
        raise ConfigError(f"{len(terms)} terms for {len(paths)} paths: give one for each")
    if any(abs(semitones) > 127 for semitones in transpose):
        raise ConfigError("transpose takes semitones from -127 to 127")
    return tuple(sorted({*map(int, transpose)} - {0}))


@contextlib.contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """Yield a folder beside `out` that takes its place when the block succeeds."""
    target = out.resolve()
    folder, old = (target.with_name(f".{target.name}.{kind}") for kind in ("part", "old"))
    try:
        if target.exists() and not _replaceable(target):
            raise CorpusError(f"{out}: exists and holds no corpus; name another folder")
        for left_by_a_killed_build in (folder, old):
            shutil.rmtree(left_by_a_killed_build, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
        for path in folder.iterdir():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        _swap(folder, target, old)
    except OSError as error:
        raise CorpusError(f"{out}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _replaceable(target: Path) -> bool:
    return target.is_dir() and ((target / "corpus.json").exists() or not any(target.iterdir()))


def _swap(folder: Path, target: Path, old: Path) -> None:
    """Put a folder in the place of another, which is deleted once that has worked."""
    replaced = target.exists()
    if replaced:
        target.replace(old)
    try:
        folder.replace(target)
    except OSError:
        if replaced:
            old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _read(
    job: Job,
    table: Table,
    folder: Path,
    executor: Executor | None,
    workers: int | None,
    *,
    cache: bool,
) -> Tally:
    """Read all files into the table, and the report into its file."""
    inputs, recipe, tally = job.inputs, Recipe.of(job.codec, job.part), Tally()
    done, total = len(inputs.entries), len(inputs.files) + len(inputs.entries)
    size = sum(inputs.sizes) * (1 + len(job.transpose))
    known = _cache(recipe, job.transpose) if cache else None
    with contextlib.ExitStack() as stack:
        entries = stack.enter_context(open_lines(folder / "report.jsonl", "w"))

        def note(entry: Entry) -> None:
            tally.note(entry)
            entries.write(json.dumps(dataclasses.asdict(entry), ensure_ascii=False) + "\n")

        for entry in inputs.entries:
            note(entry)
        if executor is None:
            executor = stack.enter_context(default_executor(recipe, size, workers))
        job.report(Progress(done, total, "files", "reading"))
        in_flight = 2 * (workers or cores()) + 1
        for batch in run_tasks(
            executor, recipe, tasks(inputs, job.codec), job.transpose, in_flight, cache=known
        ):
            for found in batch.found:
                table.add(found)
            for entry in batch.entries:
                note(entry)
            tally.counts.update(batch.counts)
            done += batch.files
            job.report(Progress(done, total, "files", f"reading {batch.last}"))
        if known:
            known.trim()
            tally.known = known.hits
            job.report(Progress(done, total, "files", f"read {known.misses}, {known.hits} known"))
    return tally


def _cache(recipe: Recipe, transpose: Sequence[int]) -> Cache | None:
    """The user's cache; none for a codec that is not installed, whose code nobody can know."""
    place = cache_folder()
    return None if place is None or recipe.codec else Cache(place, recipe, transpose)


def _nothing_usable(paths: Sequence[Path], tally: Tally) -> str:
    where = ", ".join(map(str, paths))
    more = sum(tally.quarantined.values()) - 1
    others = f" (and {more} more)" if more > 0 else ""
    return f"{where}: nothing that could be learnt from: {tally.first}{others}"
