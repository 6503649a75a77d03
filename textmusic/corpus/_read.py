"""What a worker does: files to documents. Whatever is wrong with one stays with that one."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from math import lcm
from typing import Literal

import numpy as np

from textmusic.codec import Codec, Parsed
from textmusic.corpus._fingerprint import signature
from textmusic.corpus._records import Batch, Entry, Found, Item, Recipe
from textmusic.corpus._seen import Seen
from textmusic.errors import FormatError, InputError, Issue, TextmusicError, errors_of
from textmusic.format import Format, read_bytes, read_text
from textmusic.score import Score, Track
from textmusic.transforms import select

__all__ = ["id_type", "read_items"]


def id_type(codec: Codec) -> np.dtype[np.unsignedinteger]:
    """Return the type that the ids of a codec are stored in."""
    return np.dtype(np.uint8 if codec.alphabet.size <= 256 else "<u2")


def read_items(recipe: Recipe, items: Sequence[Item], transpose: Sequence[int]) -> list[Batch]:
    """Read some files; return what became of each.

    Args:
        recipe: of the codec.
        items: the files, or windows of files.
        transpose: semitones of the variants to make of each document, 0 excluded.
    """
    reader = _Reader(recipe.make(), transpose, recipe.part)
    if recipe.codec is not None:  # nobody can know whether its code is still the same
        return [reader.read(item) for item in items]
    way = repr((recipe.name, recipe.config, recipe.part, tuple(transpose)))
    return [_read_once(reader, way, item) for item in items]


_SEEN = Seen(32 << 20)


def _read_once(reader: _Reader, way: str, item: Item) -> Batch:
    """Read a file of the codec's own text unless one of the same content was read before."""
    if item.format is not None or item.text is not None:
        return reader.read(item)
    try:
        data = read_bytes(item.path, Format.max_bytes)
    except FormatError:
        return reader.read(item)
    key = way, hashlib.sha256(data).digest()
    batch = _SEEN.get(key, item)
    if batch is None:
        batch = reader.read(item, data)
        _SEEN.put(key, item, batch)
    return batch


class _Reader:
    """Collects the documents of a file in `batch`."""

    def __init__(self, codec: Codec, transpose: Sequence[int], wanted: str | None) -> None:
        self.codec = codec
        self.wanted = wanted
        self.transpose = transpose
        self.alphabet = codec.alphabet
        self.dtype = id_type(codec)
        self.batch = Batch()

    def read(self, item: Item, data: bytes | None = None) -> Batch:
        """Return what is in a file, whose content may be known."""
        at = f" at {item.offset / 1e6:.0f} M characters" if item.offset else ""
        self.batch = Batch(files=int(item.last), last=item.path.name + at)
        try:
            if item.format is None:
                self._read_text(item, data)
            else:
                self._read_format(item, item.format)
        except Exception as error:  # noqa: BLE001  (see _quarantine)
            self._quarantine(item, error, item.text)
        return self.batch

    def _read_text(self, item: Item, data: bytes | None) -> None:
        text = item.text
        if text is None:
            data = read_bytes(item.path, Format.max_bytes) if data is None else data
            text = read_text(data)
        number = -1
        found_on_the_way: list[Issue] = []
        for number, document in enumerate(self.codec.documents(text)):
            found_on_the_way += document.issues
            try:
                canonical, parsed = self.codec.learn(document.text)
                # Windows start at different offsets and hold fewer pieces than characters.
                place = item.offset + number, item.offset + document.offset, 0
                self._add(item, place, canonical, parsed)
            except Exception as error:  # noqa: BLE001  (see _quarantine)
                self._quarantine(item, error, text, document.offset)
        self._repairs(item, found_on_the_way, text)
        if number < 0 and item.last and item.offset == 0:
            first = next(iter(errors_of(self.codec.validate(text))), None)
            found = Issue("corpus.no-document", _nothing(self.codec))
            if first is not None:
                found = dataclasses.replace(first, message=f"no document: {first.message}")
            self._quarantine(item, InputError("", [found]), text)

    def _read_format(self, item: Item, kind: Format) -> None:
        text = None
        try:
            if kind.is_text:
                data = read_bytes(item.path, kind.max_bytes)
                text = read_text(data)
                loaded = kind.decode(data)
            else:
                loaded = kind.read(item.path)
        except InputError as error:
            self._quarantine(item, error, text)
            return
        self._repairs(item, loaded.issues, text)
        for number, score in enumerate(loaded.scores):
            try:
                chosen = self._chosen(item, number, score)
                parts = [part for one in chosen for part in self.codec.parts(one)]
            except Exception as error:  # noqa: BLE001  (see _quarantine)
                self._quarantine(item, error, None)
                continue
            if chosen and not parts:
                self._note(
                    "quarantined",
                    item,
                    "corpus.no-part",
                    f"piece {number + 1}: {_nothing(self.codec)}",
                )
            for index, part in enumerate(parts):
                self._encode(item, number, index, part)

    def _chosen(self, item: Item, number: int, score: Score) -> tuple[Score, ...]:
        """The instrument to learn from; a piece that lacks it is left out and counted."""
        if self.wanted is None:
            return (score,)
        chosen = select(score, self.wanted)
        if not chosen:
            self.batch.counts["lacking the part"] += 1
            names = ", ".join(track.name or "unnamed" for track in score.tracks[:8] if track.notes)
            message = f"piece {number + 1}: has no part {self.wanted!r}, but {names or 'no notes'}"
            self._note("quarantined", item, "corpus.lacks-part", message)
        return chosen

    def _encode(self, item: Item, number: int, index: int, part: Score) -> None:
        try:
            held = self.codec.project(part)
            self._add(item, (number, number, index), self.codec.encode(held), Parsed(held))
        except Exception as error:  # noqa: BLE001  (see _quarantine)
            self._quarantine(item, error, None)
            return
        changes = _changes(part, held)
        if changes:
            where = f"piece {number + 1}, part {index + 1}: {changes}"
            self._note("projected", item, "corpus.projected", where)

    def _add(self, item: Item, place: tuple[int, int, int], text: str, parsed: Parsed) -> None:
        """Add a document at a place: piece, offset, part."""
        ids = self.alphabet.encode(text)
        score = parsed.score
        self.batch.counts["imperfect"] += bool(errors_of(parsed.issues))
        notes = sum(map(_count, score.tracks))
        if not notes:
            raise InputError("", [Issue("corpus.no-notes", "holds no notes")])
        variants = [(0, ids.astype(self.dtype).tobytes()), *self._transposed(text)]
        mark = signature(score, text).tobytes()
        bars = score.bar_count()
        self.batch.found.append(Found(item.file, *place, tuple(variants), notes, bars, mark))

    def _transposed(self, text: str) -> Iterator[tuple[int, bytes]]:
        for semitones in self.transpose:
            moved = self.codec.transpose(text, semitones)
            if moved is None:
                self.batch.counts["transpositions refused"] += 1
            else:
                yield semitones, self.alphabet.encode(moved).astype(self.dtype).tobytes()

    def _quarantine(self, item: Item, error: Exception, text: str | None, offset: int = 0) -> None:
        """Leave out a file or document, and say why.

        Codecs and formats may be a stranger's and raise anything on one file of a million; that
        file is named with the type of the exception, and the others are read.
        """
        self.batch.lasting &= isinstance(error, InputError)  # not: no memory, a missing package
        issues = error.issues if isinstance(error, InputError) else ()
        issue = next(iter((*errors_of(issues), *issues)), None)
        line = None
        if text is not None:
            offset += issue.offset if issue else 0
            line = item.line + 1 + text.count("\n", 0, offset)
        if issue is not None:
            code, message = issue.code, issue.message
        elif isinstance(error, TextmusicError):
            code = "corpus.unreadable" if isinstance(error, FormatError) else "corpus.refused"
            message = str(error).removeprefix(f"{item.path}: ")
        else:
            code, message = "corpus.crash", f"{type(error).__name__}: {error}"
        self._note("quarantined", item, code, message, line)

    def _repairs(self, item: Item, issues: Sequence[Issue], text: str | None) -> None:
        """Report each kind of repair once a file, with the place of the first."""
        times = Counter(issue.code for issue in issues)
        for issue in {issue.code: issue for issue in reversed(issues)}.values():
            more = f" ({times[issue.code]} times)" if times[issue.code] > 1 else ""
            line = None if text is None else item.line + 1 + text.count("\n", 0, issue.offset)
            self._note("repaired", item, issue.code, issue.message + more, line)

    def _note(
        self,
        kind: Literal["quarantined", "projected", "repaired"],
        item: Item,
        code: str,
        message: str,
        line: int | None = None,
    ) -> None:
        message = " ".join(message.split())[:500]
        self.batch.entries.append(Entry(kind, str(item.path), line, code, message))


def _count(track: Track) -> int:
    """How many notes a track has."""
    return len(track.notes if track.sounds is None else track.sounds.onset)


def _nothing(codec: Codec) -> str:
    return f"nothing in it is for codec {codec.name!r}"


def _changes(before: Score, after: Score) -> str:
    """Say what a projection changed, in notes; empty when nothing."""
    if before == after:
        return ""
    scale = lcm(before.tpq, after.tpq)

    def counted(score: Score, *fields: str) -> Counter[tuple[int, ...]]:
        ticks = scale // score.tpq
        return Counter(
            tuple(getattr(note, name) * (1 if name == "pitch" else ticks) for name in fields)
            for note in score.notes()
        )

    total = sum(len(track.notes) for track in before.tracks)
    kept = sum(len(track.notes) for track in after.tracks)
    shares = []
    for label, fields in (
        ("moved in time", ("onset",)),
        ("changed in length", ("duration",)),
        ("changed in pitch", ("pitch",)),
    ):
        lost = (counted(before, *fields) - counted(after, *fields)).total() - max(total - kept, 0)
        if lost > 0:
            shares.append(f"{lost} {label}")
    if kept != total:
        shares.insert(0, f"{abs(total - kept)} {'left out' if kept < total else 'added'}")
    return f"of {total} notes {', '.join(shares)}" if shares else ""
