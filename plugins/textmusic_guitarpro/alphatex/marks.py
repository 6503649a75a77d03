"""Playing techniques: alphaTex properties to marks of a note, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textmusic_guitarpro.alphatex.syntax import Command
from textmusic_guitarpro.curves import (
    Point,
    bend_marks,
    bend_points,
    whammy_mark,
    whammy_points,
)

__all__ = [
    "BEAT_MARKS",
    "LEFT_OUT",
    "NOTE_MARKS",
    "SILENT",
    "beat_marks",
    "beat_properties",
    "note_marks",
    "note_properties",
    "of_beat",
    "unheld",
]

NOTE_MARKS = {
    "nh": "harmonic",
    "ah": "harmonic:artificial",
    "ph": "harmonic:pinch",
    "th": "harmonic:tap",
    "sh": "harmonic:semi",
    "fh": "harmonic:feedback",
    "h": "hammer",
    "sl": "slide:legato",
    "ss": "slide",
    "sib": "slide:in-below",
    "sia": "slide:in-above",
    "sod": "slide:out-down",
    "sou": "slide:out-up",
    "v": "vibrato",
    "vw": "vibrato:wide",
    "pm": "palm-mute",
    "lr": "let-ring",
    "st": "staccato",
    "ac": "accent",
    "hac": "accent",
    "g": "ghost",
    "x": "dead",
    "lht": "tap",
}
BEAT_MARKS = {"tt": "tap", "s": "slap", "p": "pop", "v": "vibrato", "vw": "vibrato:wide"}
_LEFT_OUT = {
    "psd psu": "pick slides",
    "turn iturn umordent lmordent": "ornaments",
    "lf rf": "fingerings",
    "f fo vs": "fades",
    "bu bd au ad": "brush strokes and arpeggios",
    "su sd": "pick strokes",
    "cre dec": "crescendos",
    "spd sph spu spe": "uses of the sustain pedal",
    "waho wahc": "uses of the wah pedal",
    "glpf glpt": "golpe strokes",
    "slur legatoorigin": "slurs",
    "instrument bank": "changes of instrument",
    "volume balance": "changes of volume and balance",
    "ten": "tenuto signs",
    "txt": "texts",
    "lyrics": "lyrics",
    "ch": "chord names",
    "ds": "dead slaps",
    "rasg": "rasgueados",
    "barre": "barrés",
    "fermata": "fermatas",
}
LEFT_OUT = {name: what for names, what in _LEFT_OUT.items() for name in names.split()}
"""Properties without a place in a Score, and what they are."""
SILENT = frozenset(("acc", "string", "hide", "beam", "timer", "slashed", "ot"))
"""Properties that change how music looks, not how it sounds."""

_HARMONICS = {"ah", "ph", "th", "sh", "fh"}
_OCTAVE = 12
_PLAIN_ORDER = {mark: name for name, mark in NOTE_MARKS.items() if name not in {"hac", "lht"}} | {
    "pull": "h"
}
_BEAT_ORDER = {"tap": "tt", "slap": "s", "pop": "p"}
_SPEEDS = {1: 8, 2: 16, 3: 32, 4: 64, 5: 128}
_LONGEST = 60
"""alphaTex counts offsets within a bend in sixtieths of the note, and values in quarter tones."""


def note_marks(command: Command, open_pitch: int) -> set[str] | None:
    """Return the marks of a note's property, or None where it is not one.

    Args:
        command: the property.
        open_pitch: MIDI number of the note's open string with capo, 0 where there is none.
    """
    if command.name in NOTE_MARKS:
        return {NOTE_MARKS[command.name]}
    if command.name in {"b", "be"}:
        return bend_marks(_points(command, exact=command.name == "be"))
    if command.name == "tr":
        fret = command.number()
        pitch = None if fret is None else round(fret) + open_pitch
        return {f"trill:{pitch}"} if pitch is not None and 0 <= pitch <= 127 else {"trill"}
    return None


def beat_marks(command: Command) -> set[str] | None:
    """Return the marks that a beat's property gives to each of its notes, or None."""
    if command.name in BEAT_MARKS:
        return {BEAT_MARKS[command.name]}
    if command.name in {"tb", "tbe"}:
        return whammy_mark(_points(command, exact=command.name == "tbe"))
    if command.name == "tp":
        speed = int(command.number() or 3)
        return {f"tremolo:{_SPEEDS.get(speed, speed if speed in {8, 16, 32} else 32)}"}
    return None


def _points(command: Command, *, exact: bool) -> list[Point]:
    numbers = [float(each.number) for each in command.arguments if each.number is not None]
    numbers = numbers[: 2 * _LONGEST if exact else _LONGEST]
    if exact:
        pairs = zip(numbers[::2], numbers[1::2], strict=False)
    else:
        step = _LONGEST // max(len(numbers) - 1, 1)
        pairs = zip(range(0, step * len(numbers), step), numbers, strict=False)
    return [(value / 2, offset * 100 / _LONGEST) for offset, value in pairs]


def note_properties(marks: Iterable[str], fret: int, open_pitch: int) -> list[str]:
    """Return the properties of a note, in a fixed order.

    Args:
        marks: of the note.
        fret: as written, or the pitch where there are no strings.
        open_pitch: as for `note_marks`.
    """
    found = set(marks)
    names = dict.fromkeys(name for mark, name in _PLAIN_ORDER.items() if mark in found)
    properties = [f"{name} (12)" if name in _HARMONICS else name for name in names]
    points = bend_points(found)
    if points is not None:
        properties.append(f"be ({_curve(points)})")
    for mark in sorted(found):
        if mark.partition(":")[0] == "trill":
            pitch = mark.partition(":")[2]
            other = int(pitch) - open_pitch if pitch.isdecimal() and len(pitch) < 4 else fret + 2
            properties.append(f"tr ({other} 16)")
    return properties


def beat_properties(marks: Iterable[str]) -> list[str]:
    """Return the properties of a beat whose notes have these marks."""
    found = set(marks)
    properties = [name for mark, name in _BEAT_ORDER.items() if mark in found]
    points = whammy_points(found)
    if points is not None:
        properties.append(f"tbe ({_curve(points)})")
    for mark in sorted(found):
        name, _, speed = mark.partition(":")
        if name == "tremolo":
            number = int(speed) if speed.isdecimal() and len(speed) < 4 else 32
            nearest = min(_SPEEDS, key=lambda lines: abs(_SPEEDS[lines] - number))
            properties.append(f"tp ({nearest})")
            break
    return properties


def _curve(points: Sequence[Point]) -> str:
    return " ".join(f"{place * _LONGEST / 100:g} {2 * value:g}" for value, place in points)


def of_beat(marks: Iterable[str]) -> set[str]:
    """Return the marks that alphaTex gives to whole beats only."""
    names = {*_BEAT_ORDER, "whammy", "tremolo"}
    return {mark for mark in marks if mark.partition(":")[0] in names}


def unheld(marks: Iterable[str]) -> set[str]:
    """Return the names of marks that alphaTex does not hold as they are."""
    known = {*_PLAIN_ORDER, *_BEAT_ORDER}
    plain = {"bend", "bend-curve", "whammy", "tremolo", "trill", "release", "grace", "voice"}
    lost = set()
    for mark in marks:
        name = mark.partition(":")[0]
        if mark in {"trill", "bend"}:
            lost.add(f"{mark} with no interval given (a whole tone is written)")
        elif mark not in known and name not in plain:
            lost.add(mark if name in {"slide", "harmonic", "vibrato"} else name)
    return lost
