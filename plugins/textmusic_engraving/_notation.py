"""Standard notation, engraved by Verovio from MusicXML."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from textmusic.errors import FormatError, MissingDependencyError
from textmusic.registry import formats
from textmusic.score import Score, Track
from textmusic_engraving._accidentals import add_accidentals
from textmusic_engraving._beams import add_beams
from textmusic_engraving._readable import hands
from textmusic_engraving._svg import PAPER, WIDTH, Page

__all__ = ["notation_pages"]

_SCALE = 2.1
"""Units of Verovio, a tenth of a millimetre, for one of ours."""
_SIZE = re.compile(r'<svg width="([\d.]+)px" height="([\d.]+)px"')
_FONTS = (
    ("\ueca5", "\u2669"),
    ('font-family="Leipzig"', 'font-family="DejaVu Sans, sans-serif"'),
    ('font-family="Times, serif"', 'font-family="DejaVu Serif, Times, serif"'),
)
"""Text that Verovio sets in a music font becomes plain Unicode, in fonts that `_paper` has."""
_OPTIONS: dict[str, Any] = {
    "adjustPageHeight": True,
    "breaks": "auto",
    "footer": "none",
    "header": "none",
    "mnumInterval": 0,
    "pageMarginBottom": 30,
    "pageMarginLeft": 70,
    "pageMarginRight": 40,
    "pageMarginTop": 60,
    "scale": 40,
    "smuflTextFont": "none",
    "xmlIdSeed": 1,
}
_CLEFS = (("C", "3", 50, 69), ("G", "2", 60, 81), ("F", "4", 40, 60))
"""Sign, line, and the pitches from a ledger line below to one above the staff."""
_VIOLA = 41
_OCTAVE_LOWER = range(24, 40)
"""Guitars and basses sound an octave lower than they are written."""
_NAME = 13
"""Longest name of a part."""
_TALLEST = 60_000
"""Verovio's longest page."""


def notation_pages(score: Score, *, paged: bool) -> list[Page]:
    """Return the pages of a score in standard notation.

    Args:
        score: at least one track.
        paged: sheets of A4 rather than pages as tall as they may be.

    Raises:
        MissingDependencyError: Verovio is not installed.
        FormatError: Verovio cannot draw the score.
    """
    verovio = _verovio()
    toolkit = verovio.toolkit()
    height = int(PAPER * _SCALE) if paged else _TALLEST
    width = int(WIDTH * _SCALE)
    toolkit.setOptions({**_OPTIONS, "pageWidth": width, "pageHeight": height})
    if not toolkit.loadData(_document(score)):
        raise FormatError("Verovio cannot draw this score")
    count = toolkit.getPageCount()
    return [_strip(toolkit.renderToSVG(number)) for number in range(1, count + 1)]


def _verovio() -> Any:
    try:
        import verovio
    except ImportError as error:
        raise MissingDependencyError("a picture of notes", "verovio", "score") from error
    verovio.enableLog(verovio.LOG_OFF)
    return verovio


def _document(score: Score) -> str:
    """Return MusicXML with beams, and with braces around the staves of a keyboard."""
    pairs = [hands(_unstrung(track)) for track in score.tracks]
    flat = replace(score, tracks=tuple(track for pair in pairs for track in pair))
    root = ET.fromstring(formats.get("musicxml")().encode(flat).data)  # noqa: S314 - our own
    add_beams(root)
    add_accidentals(root)
    _close(root)
    for part, track in zip(root.iterfind("part"), flat.tracks, strict=False):
        _set_clef(part, track)
    if (listing := root.find("part-list")) is not None:
        parts = iter(listing.findall("score-part"))
        for number, pair in enumerate(pairs, 1):
            staves = [next(parts) for _ in pair]
            if len(staves) > 1:
                _brace(listing, staves, str(number))
    return ET.tostring(root, encoding="unicode")


def _set_clef(part: ET.Element, track: Track) -> None:
    """Give a staff the clef with the fewest ledger lines; an alto clef only to a viola."""
    clef = part.find("measure/attributes/clef")
    if clef is None or track.is_drum or not track.notes:
        return
    down = 12 if track.program in _OCTAVE_LOWER else 0
    outside = {
        (sign, line): sum(max(low - n.pitch - down, n.pitch + down - high, 0) for n in track.notes)
        for sign, line, low, high in _CLEFS
        if sign != "C" or track.program == _VIOLA
    }
    best = min(outside, key=lambda one: outside[one])
    clef.clear()
    for name, value in zip(("sign", "line"), best, strict=True):
        ET.SubElement(clef, name).text = value
    if down:
        ET.SubElement(clef, "clef-octave-change").text = "-1"


def _close(root: ET.Element) -> None:
    """Draw the last bar line of every part as the end of a piece."""
    for part in root.iterfind("part"):
        last = part.findall("measure")[-1]
        if last.find("barline[@location='right']") is None:
            line = ET.SubElement(last, "barline", {"location": "right"})
            ET.SubElement(line, "bar-style").text = "light-heavy"


def _unstrung(track: Track) -> Track:
    notes = tuple(replace(note, string=None) for note in track.notes)
    name = track.name if len(track.name) <= _NAME else f"{track.name[: _NAME - 1]}…"
    return replace(track, name=name, notes=notes, tuning=(), capo=0)


def _brace(listing: ET.Element, staves: list[ET.Element], number: str) -> None:
    """Put the staves of an instrument into a group of their own."""
    start = ET.Element("part-group", {"number": number, "type": "start"})
    ET.SubElement(start, "group-symbol").text = "brace"
    ET.SubElement(start, "group-barline").text = "yes"
    listing.insert(list(listing).index(staves[0]), start)
    stop = ET.Element("part-group", {"number": number, "type": "stop"})
    listing.insert(list(listing).index(staves[-1]) + 1, stop)


def _strip(svg: str) -> Page:
    """Return a page of Verovio's as a part of ours."""
    size = _SIZE.search(svg)
    if size is None:
        raise FormatError("Verovio drew a picture without a size")
    width, height = float(size[1]), float(size[2])
    tall = height * WIDTH / width
    frame = f'<svg width="{WIDTH}" height="{tall:.2f}" viewBox="0 0 {width:g} {height:g}"'
    body = svg[size.start() :].replace(size[0], frame, 1)
    for old, new in _FONTS:
        body = body.replace(old, new)
    return Page(tall, body)
