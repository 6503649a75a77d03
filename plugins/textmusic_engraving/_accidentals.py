"""Accidentals for a MusicXML document that tells pitches only."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

__all__ = ["add_accidentals"]

_SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
_SHARPS = "FCGDAEB"


def add_accidentals(root: Element) -> None:
    """Mark every note that differs from the key, or from what stood before it in its bar."""
    for part in root.iterfind("part"):
        key: dict[str, int] = {}
        for measure in part.iterfind("measure"):
            in_force: dict[str, int] = {}
            for element in _in_time(measure):
                if element.tag == "attributes":
                    key = _key(int(element.findtext("key/fifths", "0")))
                    in_force = {}
                else:
                    _mark(element, key, in_force)


def _in_time(measure: Element) -> Iterator[Element]:
    """Yield notes with a pitch and changes of key, by onset rather than voice by voice."""
    now, onset = 0, 0
    found: list[tuple[int, Element]] = []
    for element in measure:
        length = int(element.findtext("duration", "0"))
        if element.tag == "backup":
            now -= length
        elif element.tag == "attributes" and element.find("key") is not None:
            found.append((now, element))
        elif element.tag == "note":
            if element.find("chord") is None:
                onset = now
                now += length
            if element.find("pitch") is not None:
                found.append((onset, element))
    yield from (element for _, element in sorted(found, key=lambda one: one[0]))


def _key(fifths: int) -> dict[str, int]:
    if fifths >= 0:
        return dict.fromkeys(_SHARPS[:fifths], 1)
    return dict.fromkeys(_SHARPS[fifths:], -1)


def _mark(note: Element, key: dict[str, int], in_force: dict[str, int]) -> None:
    if note.find("tie[@type='stop']") is not None:
        return
    step = note.findtext("pitch/step", "C")
    place = step + note.findtext("pitch/octave", "4")
    alter = int(note.findtext("pitch/alter", "0"))
    if in_force.get(place, key.get(step, 0)) != alter:
        SubElement(note, "accidental").text = _SIGNS[alter]
    in_force[place] = alter
