"""What a picture of a score holds: a title, tablature, notation."""

from __future__ import annotations

from dataclasses import replace

from textmusic.errors import Issue
from textmusic.score import Score
from textmusic_engraving._draw import tab_pages
from textmusic_engraving._notation import notation_pages
from textmusic_engraving._readable import readable
from textmusic_engraving._staves import is_tab, piece_of
from textmusic_engraving._svg import PAPER, WIDTH, Canvas, Page, document

__all__ = ["sheets", "tall"]

_FOOT = 30.0


def tall(score: Score) -> tuple[str, tuple[Issue, ...]]:
    """Return one picture of a whole score, as tall as it is long, and what it leaves out.

    Raises:
        MissingDependencyError: it has notes without strings, and Verovio is not installed.
        FormatError: it cannot be drawn.
    """
    drawn, issues = readable(score)
    strips = [_title(score), *_tab(drawn), *_notation(drawn, paged=False)]
    return document([*strips, Page(_FOOT / 2, "")], about=score.get("provenance")), issues


def sheets(score: Score) -> tuple[list[str], tuple[Issue, ...]]:
    """Return the pictures of the sheets of A4 that hold a score, and what they leave out.

    Raises:
        MissingDependencyError: it has notes without strings, and Verovio is not installed.
        FormatError: it cannot be drawn.
    """
    drawn, issues = readable(score)
    pages: list[list[Page]] = [[_title(score)]]
    for strip in _tab(drawn):
        if sum(one.height for one in pages[-1]) + strip.height > PAPER - _FOOT and pages[-1]:
            pages.append([Page(_FOOT, "")])
        pages[-1].append(strip)
    for strip in _notation(drawn, paged=True):
        if sum(one.height for one in pages[-1]) + strip.height > PAPER:
            pages.append([])
        pages[-1].append(strip)
    return [document(strips, height=PAPER) for strips in pages if strips], issues


def _tab(score: Score) -> list[Page]:
    """Tracks on strings, and the drums that go with them."""
    if not any(is_tab(track) for track in score.tracks):
        return []
    tracks = tuple(track for track in score.tracks if is_tab(track) or track.is_drum)
    return list(tab_pages(piece_of(replace(score, tracks=tracks))))


def _notation(score: Score, *, paged: bool) -> list[Page]:
    """All other tracks."""
    tab = any(is_tab(track) for track in score.tracks)
    tracks = tuple(t for t in score.tracks if not (tab and (is_tab(t) or t.is_drum)))
    if tab and not tracks:
        return []
    return notation_pages(replace(score, tracks=tracks), paged=paged)


def _title(score: Score) -> Page:
    canvas = Canvas()
    y = 16.0
    if title := score.get("title").strip():
        y += 26
        canvas.text(WIDTH / 2, y, title[:80], 22)
    if people := score.get("composer").strip() or score.get("artist").strip():
        y += 18
        canvas.text(WIDTH - 16, y, people[:100], 11, anchor="end")
    return Page(y + 8, "".join(canvas.parts))
