"""The second half of a build: duplicates, groups, the split, and the files."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textmusic.codec import Codec
from textmusic.corpus._group import group, join_songs, near_pairs, split
from textmusic.corpus._inputs import Inputs
from textmusic.corpus._records import Entry, Progress
from textmusic.corpus._sources import Source
from textmusic.corpus._store import FORMAT, content_hash, identity, open_lines
from textmusic.corpus._table import Table
from textmusic.registry import codecs

__all__ = ["Job", "Tally", "write"]

_Ints = NDArray[np.int64]


@dataclass(slots=True)
class Tally:
    """What is counted while reading.

    Args:
        quarantined: entries by code.
        kinds: entries by kind.
        counts: what the workers counted.
        first: the first quarantined entry.
        known: files, or windows of large ones, found in the cache.
    """

    quarantined: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    first: Entry | None = None
    known: int = 0

    def note(self, entry: Entry) -> None:
        """Count an entry of the report."""
        self.kinds[entry.kind] += 1
        if entry.kind == "quarantined":
            self.quarantined[entry.code] += 1
            self.first = self.first or entry


@dataclass(slots=True)
class _Unique:
    """The distinct documents, in the order of their hashes.

    Args:
        documents: for each, the row of its first copy.
        number: for each document row, which of them it is.
        copies: how many copies of each there are.
        labels: group of each: the smallest member.
        held: whether it is held out.
        alike: share of a fingerprint from which on two count as alike.
    """

    documents: _Ints
    number: _Ints
    copies: _Ints
    labels: _Ints
    held: NDArray[np.bool_]
    alike: float


@dataclass(frozen=True, slots=True)
class Job:
    """What a build was asked to do; see `build`."""

    codec: Codec
    inputs: Inputs
    sources: tuple[Source, ...]
    transpose: tuple[int, ...]
    valid: float
    report: Callable[[Progress], None]
    part: str | None = None


def write(folder: Path, job: Job, table: Table, tally: Tally) -> None:
    """Write ids, documents and metadata of what the table holds."""
    codec, report = job.codec, job.report
    report(Progress(0, len(table), "documents", "comparing"))
    unique = _unique(table, job.valid)
    report(Progress(len(table), len(table), "documents", "writing"))
    rows = _chosen(table, unique)
    with open_lines(folder / "documents.jsonl", "w") as file:
        for side, texts in rows.items():
            with (folder / f"{side}.bin").open("wb") as ids:
                for piece in table.stream(texts):
                    ids.write(piece)
            for row in _described(side, texts, table, unique, job):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    counted = np.bincount(
        np.array(job.inputs.origins)[table["file"][unique.documents]], minlength=len(job.sources)
    )
    meta = {
        "format": FORMAT,
        "codec": identity(codec),
        "distribution": str(codecs.origin(codec.name)) if codec.name in codecs else "",
        "dtype": table.dtype.str,
        "ids": {
            side: int(table["lengths"][texts].sum()) + len(texts) + 1
            for side, texts in rows.items()
        },
        "part": job.part,
        "hash": content_hash(identity(codec), folder, job.part),
        "sources": [
            dataclasses.asdict(dataclasses.replace(source, documents=int(number)))
            for source, number in zip(job.sources, counted, strict=True)
        ],
        "stats": _stats(table, unique, rows, job, tally),
    }
    with open_lines(folder / "corpus.json", "w") as file:
        json.dump(meta, file, indent=1, ensure_ascii=False)


def _unique(table: Table, valid: float) -> _Unique:
    """Find duplicates, groups and the split; everything in the order of the texts' hashes."""
    hashes, documents, number, copies = np.unique(
        table["hashes"][table["text"]], return_index=True, return_inverse=True, return_counts=True
    )
    count = len(hashes)
    chars = table["lengths"][table["text"][documents]]
    order = np.lexsort((table["piece"], table["file"]))
    file, piece = table["file"][order], table["piece"][order]
    same_file = file[1:] == file[:-1]
    one_piece = same_file & (piece[1:] == piece[:-1])
    bound = number[order][:-1][one_piece], number[order][1:][one_piece]
    labels, alike = group(near_pairs(table.signatures(documents), count), bound, chars)
    files = np.split(number[order], np.flatnonzero(~same_file) + 1)
    labels = join_songs(labels, [np.unique(members) for members in files], chars)
    held = split(labels, chars, hashes, valid)
    return _Unique(documents, number, copies, labels, held, alike)


def _chosen(table: Table, unique: _Unique) -> dict[str, _Ints]:
    """Return the texts of each side, in the order of their hashes, each once."""
    hashes, originals = table["hashes"], table["text"][unique.documents]
    valid = originals[unique.held]
    first = np.zeros(len(table), np.bool_)
    first[unique.documents[~unique.held]] = True
    moved = np.flatnonzero(first[table["document"]] & (table["semitones"] != 0))
    train = np.concatenate([originals[~unique.held], moved])
    _, once = np.unique(hashes[train], return_index=True)
    train = train[once]
    return {"train": train[~np.isin(hashes[train], hashes[valid])], "valid": valid}


def _described(
    side: str, texts: _Ints, table: Table, unique: _Unique, job: Job
) -> Iterator[dict[str, Any]]:
    """Yield the rows of documents.jsonl for one side."""
    columns = {name: table[name] for name in ("file", "offset", "part", "notes", "bars")}
    lengths, semitones, documents = table["lengths"], table["semitones"], table["document"]
    start = 1
    for text in texts:
        document = int(documents[text])
        number = unique.number[document]
        file = int(columns["file"][document])
        yield {
            "split": side,
            "file": str(job.inputs.files[file]),
            "source": job.sources[job.inputs.origins[file]].name,
            **{n: int(columns[n][document]) for n in ("offset", "part", "notes", "bars")},
            "copies": int(unique.copies[number]),
            "cluster": int(unique.labels[number]),
            "transposed": int(semitones[text]),
            "start": start,
            "length": int(lengths[text]),
        }
        start += int(lengths[text]) + 1


def _stats(
    table: Table, unique: _Unique, rows: dict[str, _Ints], job: Job, tally: Tally
) -> dict[str, Any]:
    sides = {}
    for side, texts in rows.items():
        documents = table["document"][texts]
        sides[side] = {
            "documents": len(texts),
            "characters": int(table["lengths"][texts].sum()),
            "notes": int(table["notes"][documents].sum()),
            "bars": int(table["bars"][documents].sum()),
            "transposed": int((table["semitones"][texts] != 0).sum()),
        }
    _, sizes = np.unique(unique.labels, return_counts=True)
    stats = {
        "files": len(job.inputs.files),
        **sides,
        "duplicates dropped": int((unique.copies - 1).sum()),
        "groups": len(sizes),
        "documents grouped": int(sizes[sizes > 1].sum()),
        "largest group": int(sizes.max()),
        "alike from": unique.alike,
        "quarantined": dict(tally.quarantined.most_common()),
        "projected": tally.kinds["projected"],
        "repaired": tally.kinds["repaired"],
        "imperfect": tally.counts["imperfect"],
        "transpositions refused": tally.counts["transpositions refused"],
        "skipped": dict(job.inputs.skipped.most_common()),
    }
    if job.part is not None:
        stats |= {"part": job.part, "lacking the part": tally.counts["lacking the part"]}
    return {**stats, "summary": _summary(stats)}


def _summary(stats: dict[str, Any]) -> list[str]:
    """Return a few lines for people."""
    train, valid = stats["train"], stats["valid"]
    moved = f" ({train['transposed']} of them transposed)" if train["transposed"] else ""
    lines = [
        (
            f"{stats['files']} files: {train['documents']} documents to learn from{moved}, "
            f"{valid['documents']} held out; {train['characters']:,} and {valid['characters']:,} "
            "characters"
        ),
        (
            f"{stats['duplicates dropped']} duplicates dropped, {stats['documents grouped']} documents "
            "kept on one side with others like them"
        ),
    ]
    if "part" in stats:
        lines.append(
            f"only part {stats['part']!r}; {stats['lacking the part']} pieces lack it and are left out"
        )
    left_out = sum(stats["quarantined"].values())
    if left_out:
        codes = ", ".join(f"{n} {code}" for code, n in list(stats["quarantined"].items())[:3])
        lines.append(f"{left_out} left out ({codes}); report.jsonl says where and why")
    if stats["projected"]:
        lines.append(f"{stats['projected']} documents changed to fit the codec")
    return lines
