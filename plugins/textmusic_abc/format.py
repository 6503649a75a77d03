"""The file format `.abc`."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textmusic.codec import Feature
from textmusic.errors import FormatError, Issue
from textmusic.format import Format, Loaded, read_text
from textmusic.score import Score
from textmusic_abc.books import find_tunes
from textmusic_abc.reading import read_tune
from textmusic_abc.sounding import score_of

__all__ = ["AbcFormat"]


class AbcFormat(Format):
    """ABC notation, one Score a tune."""

    name = "abc"
    title = "ABC"
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {Feature.ONSET, Feature.DURATION, Feature.PITCH}
    )
    reads = True
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
            issues += [
                replace(i, offset=max(i.offset + document.offset, 0)) for i in tune.issues
            ]
        if not scores:
            raise FormatError("there is no tune with notes in it", issues)
        return Loaded(tuple(scores), tuple(issues))
