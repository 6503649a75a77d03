"""Numbered notation (jianpu) as people type it, read into Scores: see `words` for the notes.

Read: key ``1=G``, metre ``3/4`` (``4/4,8`` with an upbeat of an eighth), tempo ``4=96``; bar lines;
repeats ``R{ … } A{ … | … }``, ``R4{ … }``, ``|: … :|``, DC, DS, Fine, Segno, ToCoda, all played
out; ties ``~``; tuplets ``3[ … ]``; rests ``R*8``; sticky lengths (KeepLength), base octaves
(``<`` ``>``); NextPart starts a track, NextScore a piece. Dropped and reported: grace notes,
lyrics, chord symbols, drum beats, slurs and whatever else is no note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from textmusic.codec import Parsed
from textmusic.errors import Issue
from textmusic.score import Score
from textmusic_pitchdigits.part import HEADER, LYRICS, MOST_ISSUES, PartReader
from textmusic_pitchdigits.playing import play
from textmusic_pitchdigits.words import is_spelled, plain_characters

__all__ = ["is_notation", "looks_like_notation", "pieces", "read_notation", "voices"]

_NEXT = re.compile(r"(?<!\S)(NextScore|NextPart)(?!\S)")
_SIGNS = re.compile(
    r"(?m)^\s*[1-7]\s?=\s?[#b]?[A-G][#b]?(?!\S)|^\s*[1-9]\d?/(?:2|4|8|16)(?=\s|$)(?!\s*[A-Za-z])"
    r"|(?<=[0-7] )-(?= |$)|[0-7][',.]*[_\u0332\u0333]|(?<!\S)~(?!\S)"
)


def is_notation(text: str) -> bool:
    """Whether a text says more than pitches: lengths, a key, a metre, parts."""
    plain = plain_characters(text)
    return is_spelled(plain) or _SIGNS.search(plain) is not None


def looks_like_notation(text: str) -> bool:
    """Whether most lines are notes throughout; only for what `is_notation`."""
    plain = plain_characters(text)
    reader = PartReader("", 0, [], spelled=is_spelled(plain))
    music = other = notes = 0
    for line in plain.split("\n")[:400]:
        bare = line.strip()
        if not bare or bare.startswith(("%", ":LP", "LP:", *LYRICS)) or HEADER.fullmatch(bare):
            continue
        digits = sum(char in "01234567" for char in bare)
        if not digits and reader.understands(bare):
            continue
        dense = 4 * digits >= len(bare) - bare.count(" ") - 2 * bare.count(" -")
        read = dense and "----" not in bare and reader.understands(bare)
        music, other = music + read, other + (not read)
        notes += digits * read
    return notes >= 4 and music >= other


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the pieces of a text start and end."""
    return _cut(text, {"NextScore"})


def voices(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the parts of all pieces start and end."""
    return _cut(text, {"NextScore", "NextPart"})


def _cut(text: str, at: set[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _NEXT.finditer(text):
        if match[1] in at:
            yield start, match.start()
            start = match.end()
    yield start, len(text)


def read_notation(text: str) -> Parsed:
    """Return one piece, a track a part; never raises."""
    plain = plain_characters(text)
    spelt = is_spelled(plain)
    issues: list[Issue] = []
    played: list[Score] = []
    meta: dict[str, str] = {}
    for start, end in _cut(plain, {"NextPart", "NextScore"}):
        reader = PartReader(plain[start:end], start, issues, spelled=spelt)
        reader.read()
        meta.update(reader.meta)
        name = meta.pop("instrument", "")
        score = play(reader.tape.close(), name)
        if any(True for _ in score.notes()):
            played.append(score)
    if not played:
        issues.append(Issue("pitchdigits.no-notes", "no notes found", 0, 0))
        return Parsed(Score(), tuple(issues))
    tracks = tuple(track for score in played for track in score.tracks)
    first = played[0]
    known = {key: meta[key] for key in ("title", "composer", "copyright") if key in meta}
    score = Score(tracks, first.tpq, first.tempos, first.meters, first.keys, tuple(known.items()))
    return Parsed(score, tuple(issues[:MOST_ISSUES]))
