"""The file format `.abc`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from textmusic.codec import Feature
from textmusic.errors import EncodeError, FormatError, Issue
from textmusic.format import Format, Loaded, Written, read_text
from textmusic.score import Score
from textmusic_abc.books import find_tunes
from textmusic_abc.codec import AbcCodec
from textmusic_abc.layout import lay_out
from textmusic_abc.projecting import project
from textmusic_abc.reading import META_FIELDS, read_tune
from textmusic_abc.sounding import score_of
from textmusic_abc.writing import write_page

__all__ = ["AbcFormat"]


class AbcFormat(Format):
    """ABC notation, version 2.1: tune books in, one Score a tune; single tunes out.

    `Score.meta` holds what the header says: ``title`` (T), ``composer`` (C), ``origin`` (O),
    ``rhythm`` (R), ``source`` (S), ``comment`` (N), and ``provenance``, a comment line.

    Example:
        >>> loaded = AbcFormat().decode(b"X:1\\nT:Two\\nM:2/4\\nL:1/4\\nK:G\\n|:F G:|")
        >>> loaded.scores[0].get("title"), [n.pitch for n in loaded.scores[0].notes()]
        ('Two', [66, 67, 66, 67])
    """

    name = "abc"
    title = "ABC"
    keeps: ClassVar[frozenset[Feature]] = AbcCodec.keeps | {Feature.META}
    reads = True
    writes = True
    is_text = True

    def decode(self, data: bytes) -> Loaded:
        """Return the tunes of a book; issues count characters of `read_text(data)`.

        Raises:
            FormatError: there is no tune with a note in it.
        """
        scores: list[Score] = []
        issues: list[Issue] = []
        for document in find_tunes(read_text(data)):
            tune = read_tune(document.text)
            score = score_of(tune)
            if score.tracks:
                scores.append(score)
            issues += [replace(i, offset=i.offset + document.offset) for i in tune.issues]
        if not scores:
            raise FormatError("there is no tune with notes in it", issues)
        return Loaded(tuple(scores), tuple(sorted(issues, key=lambda issue: issue.offset)))

    def encode(self, score: Score) -> Written:
        """Return a tune with header, four bars a line, one line a voice.

        Raises:
            FormatError: there are no notes, or the piece is too long.
        """
        try:
            held, losses = project(score, AbcCodec().divisions)
            tune = lay_out(held)
        except EncodeError as error:
            raise FormatError(str(error)) from error
        names = [track.name for track in score.tracks if any(n.duration for n in track.notes)]
        for voice, name in zip(tune.voices, names, strict=False):
            voice.name = _line(name.replace('"', "'"))
        head, left_out = _head(score)
        text = "\n".join(head) + "\n" + write_page(tune) + "\n"
        return Written(text.encode("utf-8", "replace"), (*losses, *left_out))


def _head(score: Score) -> tuple[list[str], list[Issue]]:
    """The lines that say what piece this is, and what of `meta` they cannot say."""
    meta = {key: _line(value) for key, value in score.meta}
    lines = ["X:1", f"T:{meta.get('title', '')}"]
    for letter, key in META_FIELDS.items():
        if key != "title" and meta.get(key):
            lines.append(f"{letter}:{meta[key]}")
    if meta.get("provenance"):
        lines.append(f"%provenance: {meta['provenance']}")
    known = {*META_FIELDS.values(), "provenance"}
    lost = [key for key, value in score.meta if key not in known or meta[key] != value]
    if not lost:
        return lines, []
    message = f"no field holds, or holds in full, {', '.join(lost)[:200]}"
    return lines, [Issue("abc.meta", message, 0, 0, "warning")]


def _line(text: str) -> str:
    """Text that fits behind a field: one line, no comment sign, of bounded length."""
    return re.sub(r"\s+", " ", text.replace("%", "")).strip()[:500]
