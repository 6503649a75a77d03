"""Playing techniques of GPIF notes and beats as marks of `textmusic.track`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from textmusic_guitarpro.curves import Point, bend_marks, whammy_mark
from textmusic_guitarpro.gpif._xml import number_of, text_of, whole_of

__all__ = [
    "HARMONICS",
    "SLIDES",
    "TREMOLOS",
    "VALUE",
    "VIBRATOS",
    "beat_losses",
    "beat_marks",
    "note_losses",
    "note_marks",
]

Properties = Mapping[str, Element]

SLIDES = {
    1: "slide",
    2: "slide:legato",
    4: "slide:out-down",
    8: "slide:out-up",
    16: "slide:in-below",
    32: "slide:in-above",
}
"""Bits of a note's slide."""
HARMONICS = {
    "Natural": "harmonic",
    "Artificial": "harmonic:artificial",
    "Pinch": "harmonic:pinch",
    "Tap": "harmonic:tap",
    "Semi": "harmonic:semi",
    "Feedback": "harmonic:feedback",
}
_FLAGS = {
    "PalmMuted": "palm-mute",
    "Muted": "dead",
    "Tapped": "tap",
    "LeftHandTapped": "tap",
    "HopoOrigin": "hammer",
}
VIBRATOS = {"Slight": "vibrato", "Wide": "vibrato:wide"}
TREMOLOS = {"1/2": "tremolo:8", "1/4": "tremolo:16", "1/8": "tremolo:32"}
_STACCATO, _ACCENTS, _TENUTO = 1, 4 | 8, 16
_PICK_SLIDES = 64 | 128
VALUE = 50
"""A bend's value of a semitone."""
_OCTAVE = 12
_STRAIGHT = 0.05
"""Semitones that a point may lie beside a straight line."""
_LOST_IN_BEATS = {
    "Chord": "chord names and diagrams",
    "Lyrics": "lyrics",
    "FreeText": "texts",
    "Arpeggio": "arpeggios and brushes",
    "Fadding": "fades",
    "Hairpin": "hairpins",
    "Legato": "slurs",
    "Wah": "wah-wah",
    "Golpe": "golpes",
    "Slashed": "slashes",
    "DeadSlapped": "slaps on dead strings",
    "Timer": "timers",
    "Ottavia": "octave signs (the notes sound as they are)",
}
_LOST_IN_BEAT_PROPERTIES = {
    "Brush": "arpeggios and brushes",
    "PickStroke": "pick strokes",
    "Rasgueado": "rasgueados",
    "BarreFret": "barrés",
}
_LOST_IN_NOTES = {
    "LeftFingering": "fingerings",
    "RightFingering": "fingerings",
    "Ornament": "ornaments",
}


def note_marks(note: Element, properties: Properties) -> set[str]:
    """Return the marks of a note, its beat's apart."""
    marks = {mark for name, mark in _FLAGS.items() if name in properties}
    if note.find("LetRing") is not None:
        marks.add("let-ring")
    if note.find("AntiAccent") is not None:
        marks.add("ghost")
    if vibrato := VIBRATOS.get(text_of(note, "Vibrato")):
        marks.add(vibrato)
    accent = _bits(text_of(note, "Accent"))
    if accent & _STACCATO:
        marks.add("staccato")
    if accent & _ACCENTS:
        marks.add("accent")
    trill = whole_of(text_of(note, "Trill"))
    if 0 <= trill <= 127:
        marks.add(f"trill:{trill}")
    slide = _bits(_value(properties, "Slide"))
    marks |= {mark for bit, mark in SLIDES.items() if slide & bit}
    if harmonic := HARMONICS.get(_value(properties, "HarmonicType")):
        marks.add(harmonic)
    if "Bended" in properties:
        values = {name: number_of(_value(properties, name)) for name in properties}
        marks |= bend_marks(
            _curve({name[4:]: v for name, v in values.items() if name[:4] == "Bend"})
        )
    return marks


def beat_marks(beat: Element, properties: Properties) -> set[str]:
    """Return the marks that a beat gives each of its notes."""
    marks = set()
    if tremolo := TREMOLOS.get(text_of(beat, "Tremolo")):
        marks.add(tremolo)
    if "Slapped" in properties:
        marks.add("slap")
    if "Popped" in properties:
        marks.add("pop")
    if "VibratoWTremBar" in properties:
        marks.add("vibrato:wide")
    whammy = beat.find("Whammy")
    if whammy is not None:
        values = {name[:1].upper() + name[1:]: number_of(v) for name, v in whammy.items()}
        marks |= whammy_mark(_curve(values))
    elif "WhammyBar" in properties and properties["WhammyBar"].find("Enable") is not None:
        values = {
            n[9:]: number_of(_value(properties, n)) for n in properties if n[:9] == "WhammyBar"
        }
        marks |= whammy_mark(_curve(values))
    return marks


def _value(properties: Properties, name: str) -> str:
    """The text of the one element in a property."""
    return text_of(properties.get(name), "*")


def _bits(text: str) -> int:
    return max(whole_of(text, 0), 0)


def _curve(values: Mapping[str, float]) -> list[Point]:
    """Return the points of a bend or of the whammy bar; places that run backwards stand still."""

    def place(name: str, default: float) -> float:
        found = values.get(name, default)
        return default if math.isnan(found) else found

    points = [(values.get("OriginValue", 0.0), place("OriginOffset", 0))]
    middle = values.get("MiddleValue")
    if middle is not None:
        first = place("MiddleOffset1", 50)
        points += [(middle, first), (middle, place("MiddleOffset2", first))]
    points.append((values.get("DestinationValue", 0.0), place("DestinationOffset", 100)))
    curve: list[Point] = []
    reached = 0.0
    for value, where in points:
        if not math.isnan(value):
            reached = max(reached, min(where, 100))
            curve.append((value / VALUE, reached))
    return _bent(curve)


def _bent(curve: Sequence[Point]) -> list[Point]:
    """Leave out points on the straight line between their neighbours."""
    kept: list[Point] = []
    for number, point in enumerate(curve):
        if kept and number + 1 < len(curve):
            (before, start), (after, end) = kept[-1], curve[number + 1]
            share = (point[1] - start) / (end - start) if end > start else 2
            if share <= 1 and abs(before + share * (after - before) - point[0]) < _STRAIGHT:
                continue
        kept.append(point)
    return kept


def note_losses(note: Element, properties: Properties) -> Iterator[str]:
    """Yield what a note has that a Score does not hold."""
    for name, loss in _LOST_IN_NOTES.items():
        if note.find(name) is not None:
            yield loss
    if "LeftHandTapped" in properties:
        yield "left-hand taps (read as taps)"
    if _bits(text_of(note, "Accent")) & _TENUTO:
        yield "tenuto signs"
    if _bits(_value(properties, "Slide")) & _PICK_SLIDES:
        yield "pick slides"
    kind = _value(properties, "HarmonicType")
    node = number_of(_value(properties, "HarmonicFret"), _OCTAVE)
    if kind in HARMONICS and kind != "Natural" and node != _OCTAVE:
        yield "nodes of harmonics other than the octave"


def beat_losses(beat: Element, properties: Properties) -> Iterator[str]:
    """Yield what a beat has that a Score does not hold."""
    for child in beat:
        if child.tag in _LOST_IN_BEATS:
            yield _LOST_IN_BEATS[child.tag]
    for name in properties:
        if name in _LOST_IN_BEAT_PROPERTIES:
            yield _LOST_IN_BEAT_PROPERTIES[name]
