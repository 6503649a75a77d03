"""MusicXML documents to Scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

from textmusic.errors import FormatError, Issue
from textmusic.format import Loaded
from textmusic.score import Key, Meter, Score, Tempo
from textmusic_musicxml._instruments import read_parts
from textmusic_musicxml._measures import read_measures
from textmusic_musicxml._order import played
from textmusic_musicxml._page import Bar, Part
from textmusic_musicxml._sounding import Clock, tracks_of
from textmusic_musicxml._tree import Element, parse_xml, parts_of, text_of

__all__ = ["read_musicxml", "score_of"]

_MOST_NOTES = 2_000_000
_LONGEST_QUARTERS = 200_000
_MOST_TICKS = 1_000_000
_FALLBACK_TICKS = 30_240
_OWN_FIELDS = {"title", "copyright", "composer"}
_LOST = {
    "note": "{} notes without a pitch that can be told, or without a length, are left out",
    "time": "{} time signatures that no metre can say are left out",
    "key": "{} key signatures outside the circle of fifths are left out",
    "microtone": "{} notes between the semitones went to the nearest one",
    "drum": "{} percussion notes that name no instrument got a key by their place on the staff",
    "fret": "{} frets do not fit their notes: fret or string is left out",
}


def read_musicxml(data: bytes) -> Loaded:
    """Return the music of an uncompressed MusicXML document, repeats played out.

    Raises:
        FormatError: the bytes are no MusicXML, or damaged.
    """
    root = parse_xml(data)
    measures = parts_of(root)
    known = read_parts(root)
    lost: Counter[str] = Counter()
    parts = []
    for name, elements in measures.items():
        part = known.get(name) or Part()
        read_measures(part, elements, lost)
        parts.append(part)
    if not any(part.bars for part in parts):
        raise FormatError("the MusicXML holds no measures")
    score = score_of(parts, _meta(root), lost)
    issues = [
        Issue(f"musicxml.{kind}", _LOST[kind].format(count), severity="warning")
        for kind, count in sorted(lost.items())
        if count and kind in _LOST
    ]
    if lost["ticks"]:
        message = f"times rounded to {_FALLBACK_TICKS} ticks per quarter"
        issues.append(Issue("musicxml.ticks", message, severity="warning"))
    return Loaded((score,), tuple(issues))


def _meta(root: Element) -> dict[str, str]:
    meta = {
        field.get("name", ""): text_of(field)
        for field in root.iterfind("identification/miscellaneous/miscellaneous-field")
    }
    meta.pop("", None)
    meta |= {
        creator.get("type", "composer"): text_of(creator)
        for creator in root.iterfind("identification/creator")
    }
    titles = [text_of(root, "work/work-title"), text_of(root, "movement-title")]
    meta["title"] = ": ".join(dict.fromkeys(filter(None, titles)))
    meta["copyright"] = text_of(root, "identification/rights")
    return {key: value for key, value in meta.items() if value or key not in _OWN_FIELDS}


def score_of(parts: Sequence[Part], meta: dict[str, str], lost: Counter[str]) -> Score:
    """Return the score that parts play together, repeats played out.

    Args:
        parts: with all their measures.
        meta: what the file says about the piece.
        lost: counts by kind what could not be held.

    Raises:
        FormatError: it is too long.
    """
    pages = _pages(parts)
    found = played(pages)
    if found is None:
        raise FormatError("the repeats make the piece too long")
    order, form = found
    _bound(parts, order)
    times = _times(pages)
    starts = [Fraction(0)]
    for index in order:
        full = Fraction(4 * times[index][0], times[index][1])
        starts.append(starts[-1] + _length(pages[index], full))
    if starts[-1] > _LONGEST_QUARTERS:
        raise FormatError(f"the music would last more than {_LONGEST_QUARTERS} quarters")
    tpq = _ticks(parts, times)
    clock = Clock(_FALLBACK_TICKS if tpq > _MOST_TICKS else tpq)
    lost["ticks"] += tpq > _MOST_TICKS
    passed = list(zip(order, starts, strict=False))
    tracks = [track for part in parts for track in tracks_of(part, passed, clock, lost)]
    if form:
        meta = {**meta, "form": form}
    tempos, meters, keys = _events(pages, times, passed, clock)
    return Score(tuple(tracks), clock.tpq, tempos, meters, keys, tuple(meta.items()))


def _bound(parts: Sequence[Part], order: Sequence[int]) -> None:
    """Refuse what repeats make too long.

    Raises:
        FormatError: it is.
    """
    counts = Counter[int]()
    for part in parts:
        counts.update({index: len(bar.sounds) for index, bar in enumerate(part.bars)})
    if sum(counts[index] for index in order) > _MOST_NOTES:
        raise FormatError(f"more than {_MOST_NOTES} notes, repeats played out")


def _events(
    pages: Sequence[Bar],
    times: Sequence[tuple[int, int]],
    passed: Sequence[tuple[int, Fraction]],
    clock: Clock,
) -> tuple[tuple[Tempo, ...], tuple[Meter, ...], tuple[Key, ...]]:
    """Return tempos, metres and keys of the measures as they are passed."""
    at = clock.at
    rows = _keys(pages)
    tempos = (
        Tempo(at(start + place), qpm)
        for index, start in passed
        for place, qpm in pages[index].tempos
    )
    meters = (Meter(at(start), *times[index]) for index, start in passed)
    keys = (
        Key(at(start + place), fifths, mode)
        for index, start in passed
        for place, fifths, mode in rows[index]
    )
    return tuple(tempos), tuple(meters), tuple(keys)


def _pages(parts: Sequence[Part]) -> list[Bar]:
    """Return the measures with the signs of all parts together."""
    pages = [Bar() for _ in range(max(len(part.bars) for part in parts))]
    # the keys of transposing instruments may be spelt another way: ask the others first
    for part in sorted(parts, key=lambda part: (part.is_drum, bool(part.shift % 12))):
        for page, bar in zip(pages, part.bars, strict=False):
            page.extent = max(page.extent, bar.extent)
            page.sounding = max(page.sounding, bar.sounding)
            page.time = page.time or bar.time
            page.keys = page.keys or bar.keys
            page.opens |= bar.opens
            page.passes = max(page.passes, bar.passes)
            page.endings |= bar.endings
            page.ending_stops |= bar.ending_stops
            page.jumps = bar.jumps | page.jumps
            page.tempos += bar.tempos
    for page in pages:
        page.tempos = sorted(set(page.tempos))
    return pages


def _length(page: Bar, full: Fraction) -> Fraction:
    """Return how long a measure lasts: as long as what stands in it, but rests overfill none."""
    return max(page.sounding, min(page.extent, full)) or full


def _times(pages: Iterable[Bar]) -> list[tuple[int, int]]:
    """Return the time signature in force in each measure."""
    now = (4, 4)
    times = []
    for page in pages:
        now = page.time or now
        times.append(now)
    return times


def _keys(pages: Iterable[Bar]) -> list[list[tuple[Fraction, int, str]]]:
    """Return the keys of each measure, the one in force at its start included."""
    now: list[tuple[Fraction, int, str]] = []
    keys = []
    for page in pages:
        keys.append([*now, *page.keys])
        now = [(Fraction(0), *key[1:]) for key in keys[-1][-1:]]
    return keys


def _ticks(parts: Iterable[Part], times: Iterable[tuple[int, int]]) -> int:
    """Return the fewest ticks per quarter that hold every time."""
    found = {Fraction(4, denominator).denominator for _, denominator in times}
    for part in parts:
        for bar in part.bars:
            found.add(bar.extent.denominator)
            found.update(place.denominator for place, _ in bar.tempos)
            found.update(place.denominator for place, *_ in bar.keys)
            for sound in bar.sounds:
                found.add(sound.start.denominator)
                found.add(sound.length.denominator)
    return lcm(*found)
