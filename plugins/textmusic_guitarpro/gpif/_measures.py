"""What all staves of GPIF share: measures, note values, changes of tempo."""

from __future__ import annotations

import re
from fractions import Fraction
from xml.etree.ElementTree import Element

from textmusic.errors import FormatError
from textmusic_guitarpro.compose import Complaints
from textmusic_guitarpro.gpif._xml import number_of, text_of, whole_of
from textmusic_guitarpro.song import Measure, Rhythm, Song, TempoChange

__all__ = ["NOTE_VALUES", "give_tempos", "length_of", "measure_of", "rhythm_of"]

_MOST_TEMPOS = 20_000
_MOST_DOTS = 2
_MOST_TUPLET = 99
NOTE_VALUES = {
    "Long": -1,
    "DoubleWhole": 0,
    "Whole": 1,
    "Half": 2,
    "Quarter": 4,
    "Eighth": 8,
    "16th": 16,
    "32nd": 32,
    "64th": 64,
    "128th": 128,
    "256th": 256,
}
_TEMPO_UNITS = {1: 0.5, 2: 1.0, 3: 1.5, 4: 2.0, 5: 3.0}
"""Quarters of the note value that a tempo counts."""
_SIGNATURE = re.compile(r"(\d{1,3})/(\d{1,3})")
_LOST_IN_BARS = {
    "Section": "names of sections, left out",
    "Fermatas/Fermata": "fermatas, left out",
    "DoubleBar": "double bar lines, left out",
    "FreeTime": "bars in free time, read in their metre",
}
_FEELS = {"", "NoTripletFeel"}


def rhythm_of(rhythm: Element, complaints: Complaints) -> Rhythm:
    """Return a note value; one unheard of becomes the nearest known."""
    value = NOTE_VALUES.get(text_of(rhythm, "NoteValue"))
    dot, tuplet = rhythm.find("AugmentationDot"), rhythm.find("PrimaryTuplet")
    dots = whole_of(dot.get("count", "1")) if dot is not None else 0
    notes = times = 1
    if tuplet is not None:
        notes, times = whole_of(tuplet.get("num")), whole_of(tuplet.get("den"))
    fits = 0 <= dots <= _MOST_DOTS and {notes, times} <= set(range(1, _MOST_TUPLET + 1))
    if value is None or not fits or rhythm.find("SecondaryTuplet") is not None:
        complaints.add("rhythm", "note value unheard of, read as the nearest known")
    if not {notes, times} <= set(range(1, _MOST_TUPLET + 1)):
        notes = times = 1
    return Rhythm(4 if value is None else value, min(max(dots, 0), _MOST_DOTS), notes, times)


def measure_of(master: Element, number: int, complaints: Complaints) -> Measure:
    """Return a measure, the `number`-th from 1, without its tempos.

    Raises:
        FormatError: its time signature is none.
    """
    place = f"measure {number}"
    match = _SIGNATURE.fullmatch(text_of(master, "Time") or "4/4")
    if match is None:
        raise FormatError(f"score.gpif is damaged: {place} is in {text_of(master, 'Time')[:20]!r}")
    repeat = master.find("Repeat")
    opens = repeat is not None and repeat.get("start") == "true"
    passes = 0
    if repeat is not None and repeat.get("end") == "true":
        passes = min(max(whole_of(repeat.get("count"), 2), 1), 99)
    endings = (whole_of(word) for word in text_of(master, "AlternateEndings").split()[:99])
    for path, loss in _LOST_IN_BARS.items():
        if master.find(path) is not None:
            complaints.note("unread", loss, place)
    if master.find("Directions/*") is not None:
        complaints.add("directions", "jump or target (coda, segno…) not played out", place)
    if text_of(master, "TripletFeel") not in _FEELS:
        complaints.add("triplet-feel", "measure in triplet feel, read as written", place)
    return Measure(
        int(match[1]),
        int(match[2]),
        whole_of(text_of(master, "Key/AccidentalCount"), 0),
        "minor" if text_of(master, "Key/Mode") == "Minor" else "major",
        opens,
        passes,
        frozenset(ending for ending in endings if 1 <= ending <= 99),
    )


def give_tempos(root: Element, song: Song, complaints: Complaints) -> None:
    """Read the changes of tempo; their place is a share of a bar."""
    changes = root.findall("MasterTrack/Automations/Automation")[:_MOST_TEMPOS]
    for change in changes:
        bar = whole_of(text_of(change, "Bar"))
        if text_of(change, "Type") != "Tempo" or not 0 <= bar < len(song.measures):
            continue
        words = text_of(change, "Value").split()
        unit = _TEMPO_UNITS.get(whole_of(words[1]) if len(words) > 1 else 2, 1.0)
        qpm = number_of(words[0] if words else "", 0) * unit
        if not qpm > 0:
            complaints.add("tempo", "tempo without a number", f"measure {bar + 1}")
            continue
        if text_of(change, "Linear") == "true":
            complaints.note("tempo-glide", "gliding tempo, read as a step",
                                 f"measure {bar + 1}")  # fmt: skip
        share = min(max(number_of(text_of(change, "Position"), 0), 0), 1)
        offset = _offset(share, length_of(song, bar))
        song.measures[bar].tempos.append(TempoChange(offset, qpm))


def length_of(song: Song, index: int) -> Fraction:
    """The length of a measure in quarters; a pick-up is as long as its longest voice."""
    measure = song.measures[index]
    if not measure.is_pickup:
        return measure.length
    lengths = [
        sum((beat.rhythm.length for beat in voice if not beat.is_grace), Fraction(0))
        for part in song.parts
        for voice in (part.measures[index] if index < len(part.measures) else ())
    ]
    return min(max(lengths, default=Fraction(0)), measure.length) or measure.length


def _offset(share: float, length: Fraction) -> Fraction:
    """Return a share of a bar in quarters: the simple fraction that its digits stand for."""
    exact = Fraction(share) * length
    for limit, error in ((96, 1e-5), (20_000, 1e-11)):
        simple = exact.limit_denominator(limit)
        if abs(simple - exact) < error:
            return simple
    return Fraction(round(exact * 96), 96)
