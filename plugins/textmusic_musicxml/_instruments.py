"""The part list: names, General MIDI programs, percussion keys."""

from __future__ import annotations

from textmusic_musicxml._page import Part
from textmusic_musicxml._tree import Element, number, text_of

__all__ = ["program_named", "read_parts"]

_PROGRAMS = (
    ("harpsichord", 6), ("celesta", 8), ("glockenspiel", 9), ("vibraphone", 11), ("marimba", 12),
    ("xylophone", 13), ("organ", 19), ("accordion", 21), ("harmonica", 22), ("ukulele", 24),
    ("bass guitar", 33), ("electric bass", 33), ("guitar", 24), ("mandolin", 25), ("banjo", 105),
    ("violoncello", 42), ("cello", 42), ("viola", 41), ("violin", 40), ("contrabassoon", 70),
    ("contrabass", 43), ("double bass", 43), ("fiddle", 40), ("harp", 46), ("timpani", 47),
    ("strings", 48), ("trumpet", 56), ("trombone", 57), ("tuba", 58), ("english horn", 69),
    ("cor anglais", 69), ("horn", 60), ("soprano sax", 64), ("alto sax", 65), ("tenor sax", 66),
    ("baritone sax", 67), ("saxophone", 65), ("bassoon", 70), ("oboe", 68), ("clarinet", 71),
    ("piccolo", 72), ("flute", 73), ("recorder", 74), ("piano", 0), ("soprano", 52), ("alto", 52),
    ("tenor", 52), ("voice", 52), ("choir", 52), ("bass", 52),
)  # fmt: skip
"""General MIDI programs from 0 by words in an instrument's name; the first that fits counts."""


def program_named(name: str) -> int | None:
    """Return the General MIDI program of an instrument's name, or None."""
    words = name.lower().replace(".", " ").replace("-", " ")
    return next((program for word, program in _PROGRAMS if word in words), None)


def read_parts(root: Element) -> dict[str, Part]:
    """Return the parts that the part list declares, by id, without their measures."""
    return {part.get("id", ""): _part(part) for part in root.iterfind("part-list/score-part")}


def _part(element: Element) -> Part:
    part = Part(text_of(element, "part-name"))
    for midi in element.iterfind("midi-instrument"):
        program = number(text_of(midi, "midi-program"))
        if program is not None and 1 <= program <= 128 and part.program is None:
            part.program = int(program) - 1
        if number(text_of(midi, "midi-channel")) == 10:
            part.is_drum = True
        key = number(text_of(midi, "midi-unpitched"))
        if key is not None and 1 <= key <= 128:
            part.keys[midi.get("id", "")] = int(key) - 1
    if part.program is None:
        names = [part.name]
        for instrument in element.iterfind("score-instrument"):
            names += [
                text_of(instrument, "instrument-sound"),
                text_of(instrument, "instrument-name"),
            ]
        part.program = next((p for p in map(program_named, names) if p is not None), None)
    return part
