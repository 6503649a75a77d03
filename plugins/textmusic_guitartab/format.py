"""The file format of tablature pages, `.tab` and `.txt`."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textmusic import fretboard
from textmusic.codec import Feature
from textmusic.errors import FormatError, Issue
from textmusic.format import Format, Loaded, Written, read_text
from textmusic.score import Score, Track
from textmusic_guitartab.page import find_documents, read_page, write_page

__all__ = ["TabFormat"]

_BASS_PROGRAMS = range(32, 40)


class TabFormat(Format):
    """ASCII tablature: staves of 4 to 9 rows, one a string, with frets in columns.

    Reading takes what people type (see `textmusic_guitartab.page`), one Score an instrument.
    Writing gives a page a track, one after the other, that opens with ``Track:``.

    Example:
        >>> rows = [b"e|-0-|", b"B|-1-|", b"G|-0-|", b"D|-2-|", b"A|-3-|", b"E|---|"]
        >>> loaded = TabFormat().decode(b"\\n".join(rows))
        >>> [note.pitch for note in loaded.scores[0].notes()]
        [48, 52, 55, 60, 64]
    """

    name = "tab"
    title = "ASCII tablature"
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {
            Feature.ONSET,
            Feature.PITCH,
            Feature.STRING,
            Feature.METER,
            Feature.TEMPO,
            Feature.TECHNIQUE,
        }
    )
    reads = True
    writes = True
    is_text = True

    def decode(self, data: bytes) -> Loaded:
        """Return one Score an instrument; issues count characters of `read_text(data)`.

        Raises:
            FormatError: there is no staff with a note in it, as in a sheet of lyrics and chords.
        """
        scores: list[Score] = []
        issues: list[Issue] = []
        text = read_text(data)
        for document in find_documents(text):
            parsed = read_page(document.text)
            if any(track.sounds and track.sounds.onset for track in parsed.score.tracks):
                scores.append(parsed.score)
            issues += [replace(i, offset=i.offset + document.offset) for i in parsed.issues]
        if not scores:
            issues += read_page(text).issues
            raise FormatError("no tablature staff found; a chord sheet?", issues)
        return Loaded(tuple(scores), tuple(dict.fromkeys(issues)))

    def encode(self, score: Score) -> Written:
        """Return a page for every track; tracks without strings are fingered first.

        Raises:
            FormatError: no track has notes that strings could play.
        """
        pages: list[str] = []
        issues: list[Issue] = []
        for index, track in enumerate(score.tracks):
            where = f"track {index + 1}" + (f" ({track.name})" if track.name else "")
            if not track.notes:
                continue
            if track.is_drum:
                issues.append(_left_out(f"{where} is percussion and was left out"))
                continue
            fretted, complaints = _fretted(track)
            if not any(note.duration for note in fretted.notes):
                issues.append(_left_out(f"{where} was left out: nothing in it can be fretted"))
                continue
            tracks = (*score.tracks[:index], fretted, *score.tracks[index + 1 :])
            try:
                page, losses = write_page(replace(score, tracks=tracks), index)
            except FormatError as error:
                issues.append(_left_out(f"{where} was left out: {error}"))
                continue
            pages.append(page)
            issues += [replace(i, message=f"{where}: {i.message}") for i in (*complaints, *losses)]
        if not pages:
            raise FormatError("no track has notes that strings could play", issues)
        return Written("\n\n".join(pages).encode(), tuple(issues))


def _left_out(message: str) -> Issue:
    return Issue("guitartab.left-out", message, 0, 0, "warning")


def _fretted(track: Track) -> tuple[Track, tuple[Issue, ...]]:
    """The track with a string for every note."""
    if track.tuning and all(note.string is not None for note in track.notes):
        return track, ()
    bass = track.program in _BASS_PROGRAMS
    return fretboard.finger(track, fretboard.BASS if bass else fretboard.GUITAR)
