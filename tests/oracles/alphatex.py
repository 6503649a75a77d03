"""What alphaTab, running headless in node, makes of alphaTex, and our own pages in the same terms."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from textmusic_guitarpro.alphatex.marks import BEAT_MARKS, NOTE_MARKS
from textmusic_guitarpro.song import Beat, Part, Song, Struck

__all__ = ["page", "page_seen", "read_alphatex", "signs", "signs_seen", "written_by_alphatab"]

HERE = Path(__file__).parent
_VALUES = {0: -2, -1: -4}
_DYNAMICS = {15: "ppp", 31: "pp", 47: "p", 63: "mp", 79: "mf", 95: "f", 111: "ff", 127: "fff"}
_SPEEDS = {1: 8, 2: 16, 3: 32, 4: 64, 5: 128}
_KEYS = {91: 38, 92: 46, 93: 51, 94: 51, 95: 55, 96: 52, 97: 49, 98: 57, 122: 82, 123: 84, 29: 59}
_KEYS |= {30: 49, 114: 43, 115: 49, 116: 49, 117: 69, 124: 62, 125: 62, 126: 59, 127: 59}
_KEYS |= dict.fromkeys((99, 100, 101, 102, 103), 56) | dict.fromkeys((104, 105), 60)
_KEYS |= dict.fromkeys((106, 107), 61) | {108: 64, 109: 64, 110: 63}
_KEYS |= dict.fromkeys((111, 112, 113), 54) | dict.fromkeys((118, 119, 120), 70)
"""General MIDI keys of Guitar Pro's numbers that are none."""


def read_alphatex(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return what alphaTab sees in each text, with its diagnostics."""
    return _run("read", [text.encode() for text in texts])


def written_by_alphatab(files: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return the alphaTex that alphaTab writes for Guitar Pro files: ``{"text": …}``."""
    return _run("export", files)


def _run(work: str, files: Sequence[bytes]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}" for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        done = subprocess.run(
            ["node", "alphatex.mjs", work],
            input="".join(f"{path}\n" for path in paths),
            capture_output=True,
            check=True,
            cwd=HERE,
            encoding="utf-8",
        )
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


def page(song: Song, *, signs: bool = False) -> list[dict[str, Any]]:
    """Return the parts of a song: every beat with its place, value, strings, frets and pitches.

    Grace notes have no value: alphaTab gives them one by their number.

    Args:
        song: the page.
        signs: ties, dynamics and techniques too.
    """
    return [_part(part, signs=signs) for part in song.parts]


def _part(part: Part, *, signs: bool) -> dict[str, Any]:
    beats = []
    for index, voices in enumerate(part.measures):
        for number, voice in enumerate(voices):
            beats += [_beat(beat, part, (index, number), signs=signs) for beat in voice]
    return {
        "name": part.name,
        "program": 0 if part.is_drum else part.program,
        "tuning": list(part.tuning),
        "capo": part.capo,
        "beats": beats,
    }


def _beat(beat: Beat, part: Part, place: tuple[int, int], *, signs: bool) -> list[Any]:
    rhythm = beat.rhythm
    value = _VALUES.get(rhythm.value, rhythm.value)
    notes = sorted(_note(note, part, signs=signs) for note in beat.notes)
    length = [] if beat.is_grace else [value, rhythm.dots, [rhythm.notes, rhythm.times]]
    found = [*place, beat.is_grace, *length, notes]
    if signs and beat.notes:
        found.append(_DYNAMICS[beat.notes[0].velocity])
    return found


def _note(note: Struck, part: Part, *, signs: bool) -> list[Any]:
    pitch = note.fret
    if note.string is not None:
        pitch += part.tuning[note.string] + part.capo
    found = [-1 if note.string is None else note.string, note.fret, pitch]
    if signs:
        found += [note.is_tied and not part.is_drum, sorted(_names(note.marks))]
    return found


def _names(marks: set[str]) -> set[str]:
    """Return marks in the terms of the properties that alphaTab shows; curves by their height."""
    names = {mark for mark in marks if not mark.startswith(("bend-curve", "release", "bend"))}
    return names - {mark for mark in names if mark.startswith("whammy")}


def page_seen(seen: dict[str, Any], *, signs: bool = False) -> list[dict[str, Any]]:
    """Return what alphaTab sees, in the terms of `page`."""
    return [_staff_seen(staff, signs=signs) for staff in seen["staves"]]


def _staff_seen(staff: dict[str, Any], *, signs: bool) -> dict[str, Any]:
    beats = []
    for beat in staff["beats"]:
        notes = sorted(_note_seen(note, beat, staff, signs=signs) for note in beat["notes"])
        names = ["bar", "voice", "grace"]
        names += [] if beat["grace"] else ["duration", "dots", "tuplet"]
        head = [beat[name] for name in names]
        beats.append([*head, notes, *([beat["dynamic"]] if signs and notes else [])])
    return {
        "name": staff["name"],
        "program": 0 if staff["percussion"] else staff["program"],
        "tuning": [pitch + min(staff["capo"], 0) for pitch in staff["tuning"]],
        "capo": max(staff["capo"], 0),
        "beats": beats,
    }


def _note_seen(
    note: dict[str, Any], beat: dict[str, Any], staff: dict[str, Any], *, signs: bool
) -> list[Any]:
    fret, pitch = note["fret"], note["pitch"]
    if staff["percussion"]:
        fret = pitch = _KEYS.get(fret, fret)
    found = [-1 if note["string"] is None else note["string"], fret, pitch]
    if not signs:
        return found
    marks = set()
    for name in note["properties"]:
        marks.add(f"trill:{name[3:]}" if name.startswith("tr ") else NOTE_MARKS[name])
    for name in beat["properties"]:
        if name.startswith("tp "):
            marks.add(f"tremolo:{_SPEEDS[int(name[3:])]}")
        else:
            marks.add(BEAT_MARKS[name])
    tie = note["tie"] and not staff["percussion"]
    return [*found, tie, sorted(marks)]


def signs(song: Song) -> list[Any]:
    """Return time signatures, repeats and tempos of a song's measures."""
    found = []
    for measure in song.measures:
        tempos = {(change.offset, change.qpm) for change in measure.tempos}
        head = (measure.numerator, measure.denominator, measure.opens, measure.passes)
        found.append([*head, set(measure.endings), measure.is_pickup, tempos])
    return found


def signs_seen(seen: dict[str, Any]) -> list[Any]:
    """Return what alphaTab sees, in the terms of `signs`."""
    found = []
    for bar in seen["bars"]:
        length = Fraction(4 * bar["signature"][0], bar["signature"][1])
        tempos = {
            ((Fraction(share) * length).limit_denominator(960), qpm) for share, qpm in bar["tempos"]
        }
        endings = {number for number in range(1, 32) if bar["endings"] >> (number - 1) & 1}
        head = (*bar["signature"], bar["opens"], bar["passes"])
        found.append([*head, endings, bar["pickup"], tempos])
    return found
