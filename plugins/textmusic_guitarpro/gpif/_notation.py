"""Beats and notes as GPIF spells them; equal ones are shared, as Guitar Pro itself does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from textmusic_guitarpro.compose import Complaints
from textmusic_guitarpro.curves import Point, bend_points, whammy_points
from textmusic_guitarpro.gpif._techniques import HARMONICS, SLIDES, TREMOLOS, VALUE, VIBRATOS
from textmusic_guitarpro.song import Beat, Struck

__all__ = ["Placed", "Report", "Shared", "beat_text", "cleaned", "note_text"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_STEPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_NODES = (2.4, 2.7, 3.2, 4, 5, 5.8, 7, 8.2, 9, 9.6, 12, 14.7, 16, 17, 19, 21.7, 24)
_OCTAVE = 12
_BIT_OF = {mark: bit for bit, mark in SLIDES.items()}
_KIND_OF = {mark: kind for kind, mark in HARMONICS.items()}
_STRENGTH_OF = {mark: strength for strength, mark in VIBRATOS.items()}
_SPEED_OF = {mark: speed for speed, mark in TREMOLOS.items()}
_FLAGS = {"palm-mute": "PalmMuted", "dead": "Muted", "tap": "Tapped"}
_BEAT_FLAGS = {"slap": "Slapped", "pop": "Popped"}
_PLAIN = {"hammer", "pull", "let-ring", "ghost", "staccato", "accent", "harmonic", "release"}
_NAMED = {"bend", "bend-curve", "whammy", "trill", "tremolo", "grace", "voice"}
_TRILL_SPEED = '<XProperties><XProperty id="688062467"><Int>120</Int></XProperty></XProperties>'
_STACCATO, _ACCENT = 1, 8


def cleaned(text: str) -> str:
    """Return a text fit for XML: no control characters, markup escaped."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Shared:
    """A flat list of elements with ids, in which equal ones are one."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self._ids: dict[str, int] = {}

    def add(self, content: str) -> int:
        """Return the id of an element with this content."""
        return self._ids.setdefault(content, len(self._ids))

    def __str__(self) -> str:
        lines = (
            f'<{self.tag} id="{number}">{content}</{self.tag}>\n'
            for content, number in self._ids.items()
        )
        return f"<{self.tag}s>\n{''.join(lines)}</{self.tag}s>\n"


@dataclass(frozen=True, slots=True)
class Report:
    """The complaints about one part."""

    complaints: Complaints
    place: str

    def add(self, code: str, message: str) -> None:
        """Count something that is changed: a warning."""
        self.complaints.add(code, message, self.place)

    def note(self, code: str, message: str) -> None:
        """Count something that the file does not hold."""
        self.complaints.note(code, message, self.place)


@dataclass(slots=True)
class Placed:
    """A note of a beat on its string, and how it hangs together with others.

    Args:
        note: what is written.
        string, fret, pitch: where it is played; on drums its row, Guitar Pro's own number of the
            sound and that number again.
        sound: place in the kit, 0 on pitched parts.
        octaves: how many octaves above its sound the part is notated.
        is_drum: whether it has no pitch.
        starts_tie, ends_hopo: whether a later note is tied to it, or it is hammered on itself.
    """

    note: Struck
    string: int
    fret: int
    pitch: int
    sound: int = 0
    octaves: int = 0
    is_drum: bool = False
    starts_tie: bool = False
    ends_hopo: bool = False


def note_text(placed: Placed, report: Report) -> str:
    """Return the content of a note; what it cannot hold is reported."""
    marks = placed.note.marks
    for mark in marks:
        if loss := _loss(mark):
            report.note("techniques", loss)
    return (
        _signs(placed)
        + f"<InstrumentArticulation>{placed.sound}</InstrumentArticulation>"
        + _properties(placed, report)
        + (_TRILL_SPEED if any(mark.partition(":")[0] == "trill" for mark in marks) else "")
    )


def _loss(mark: str) -> str:
    """What is lost of a mark, if anything."""
    name, _, value = mark.partition(":")
    known = (_PLAIN, _FLAGS, _BEAT_FLAGS, _BIT_OF, _KIND_OF, _STRENGTH_OF)
    if name not in _NAMED and not any(mark in each for each in known):
        return f"technique lost: {mark if name in {'slide', 'harmonic'} else name}"
    if name == "trill" and not value:
        return "trill with no pitch given (a whole tone is written)"
    if name == "tremolo" and mark not in _SPEED_OF:
        return "tremolo of another speed (8, 16 or 32 is written)"
    return ""


def _signs(placed: Placed) -> str:
    """The elements of a note that are no properties."""
    marks = placed.note.marks
    text = "<LetRing/>" if "let-ring" in marks else ""
    for mark, strength in _STRENGTH_OF.items():
        if mark in marks and (mark != "vibrato" or "vibrato:wide" not in marks):
            text += f"<Vibrato>{strength}</Vibrato>"
    accent = _STACCATO * ("staccato" in marks) | _ACCENT * ("accent" in marks)
    if accent:
        text += f"<Accent>{accent}</Accent>"
    if "ghost" in marks:
        text += "<AntiAccent>Normal</AntiAccent>"
    for mark in sorted(marks):
        if mark.partition(":")[0] == "trill":
            text += f"<Trill>{_trilled(mark, placed.pitch)}</Trill>"
            break
    if placed.starts_tie or placed.note.is_tied:
        origin, destination = (str(f).lower() for f in (placed.starts_tie, placed.note.is_tied))
        text += f'<Tie origin="{origin}" destination="{destination}"/>'
    return text


def _trilled(mark: str, pitch: int) -> int:
    """The other pitch of a trill; a whole tone above where the mark names none."""
    value = mark.partition(":")[2]
    return int(value) if value.isdecimal() and len(value) < 4 and int(value) < 128 else pitch + 2


def _properties(placed: Placed, report: Report) -> str:
    marks = placed.note.marks
    enabled = {flag for mark, flag in _FLAGS.items() if mark in marks}
    if marks & {"hammer", "pull"}:
        enabled.add("HopoOrigin")
    if placed.ends_hopo:
        enabled.add("HopoDestination")
    found = dict.fromkeys(enabled, "<Enable/>")
    points = bend_points(marks)
    if points:
        found["Bended"] = "<Enable/>"
        for name, value in _curve_of(points, report).items():
            found[f"Bend{name}"] = f"<Float>{value:.6f}</Float>"
    kinds = [kind for mark, kind in _KIND_OF.items() if mark in marks]
    if kinds:
        found["Harmonic"] = "<Enable/>"
        found["HarmonicFret"] = f"<HFret>{_node(kinds[0], placed.fret):.6f}</HFret>"
        found["HarmonicType"] = f"<HType>{kinds[0]}</HType>"
    slide = sum(_BIT_OF.get(mark, 0) for mark in marks)
    if slide:
        found["Slide"] = f"<Flags>{slide}</Flags>"
    found["Fret"] = f"<Fret>{placed.fret}</Fret>"
    found["Midi"] = f"<Number>{placed.pitch}</Number>"
    found["String"] = f"<String>{placed.string}</String>"
    pitch, octaves = (0, -1) if placed.is_drum else (placed.pitch, 0)
    found["ConcertPitch"] = _spelled(pitch, octaves)
    found["TransposedPitch"] = _spelled(pitch, octaves + placed.octaves)
    properties = "".join(
        f'<Property name="{name}">{value}</Property>' for name, value in sorted(found.items())
    )
    return f"<Properties>{properties}</Properties>"


def _spelled(pitch: int, octaves: int) -> str:
    step = _STEPS[pitch % 12]
    octave = pitch // 12 + octaves
    return (
        f"<Pitch><Step>{step[0]}</Step><Accidental>{step[1:]}</Accidental>"
        f"<Octave>{octave}</Octave></Pitch>"
    )


def _node(kind: str, fret: int) -> float:
    """Where the string is touched: a natural harmonic's own fret, else an octave higher."""
    if kind != "Natural":
        return _OCTAVE
    return min(_NODES, key=lambda node: abs(node - fret)) if fret else _OCTAVE


def _curve_of(points: Sequence[Point], report: Report) -> dict[str, float]:
    """Fit a curve into Guitar Pro's: an origin, two middle points of one value, a destination."""
    curve = list(points)
    while len(curve) > 1 and curve[-1][0] == curve[-2][0]:
        curve.pop()
    origin = curve.pop(0)
    if curve and curve[0][0] == origin[0]:
        origin = curve.pop(0)
    last = curve.pop() if curve else (origin[0], 100.0)
    if not curve:
        half = (origin[0] + last[0]) / 2, (origin[1] + last[1]) / 2
        curve = [half]
    middle = max((value for value, _ in curve), key=lambda v: abs(v - (origin[0] + last[0]) / 2))
    places = [where for value, where in curve if value == middle]
    if any(value != middle for value, _ in curve) or len(curve) > 2:
        report.add("curve", "bend with more turns than the file holds, simplified")
    return {
        "OriginValue": origin[0] * VALUE,
        "OriginOffset": origin[1],
        "MiddleValue": middle * VALUE,
        "MiddleOffset1": places[0],
        "MiddleOffset2": places[-1],
        "DestinationValue": last[0] * VALUE,
        "DestinationOffset": last[1],
    }


def beat_text(beat: Beat, ids: Sequence[int], about: str, report: Report) -> str:
    """Return the content of a beat.

    Args:
        beat: techniques of any of its notes that belong to the beat count for all.
        ids: those of its notes.
        about: the elements of its dynamic and note value.
        report: told of techniques that only some of the notes have.
    """
    each = [note.marks for note in beat.notes]
    marks = set().union(*each)
    for mark in marks:
        whole = mark in _BEAT_FLAGS or mark.partition(":")[0] in {"tremolo", "whammy"}
        if whole and not all(mark in others for others in each):
            report.note("chord", f"{mark.partition(':')[0]} of one note, for all")
    text = "<GraceNotes>BeforeBeat</GraceNotes>" if beat.is_grace else ""
    text += about
    for mark in sorted(marks):
        if mark.partition(":")[0] == "tremolo":
            text += f"<Tremolo>{_speed(mark)}</Tremolo>"
            break
    points = whammy_points(sorted(marks))
    if points:
        values = _curve_of(points, report)
        attributes = (f'{n[0].lower()}{n[1:]}="{value:.6f}"' for n, value in values.items())
        text += f"<Whammy {' '.join(attributes)}/>"
    if ids:
        text += f"<Notes>{' '.join(map(str, ids))}</Notes>"
    flags = "".join(
        f'<Property name="{flag}"><Enable/></Property>'
        for mark, flag in _BEAT_FLAGS.items()
        if mark in marks
    )
    return text + (f"<Properties>{flags}</Properties>" if flags else "")


def _speed(mark: str) -> str:
    """The nearest speed of tremolo picking that Guitar Pro knows."""
    value = mark.partition(":")[2]
    number = int(value) if value.isdecimal() and len(value) < 4 else 32
    return _SPEED_OF[min(_SPEED_OF, key=lambda known: abs(int(known[8:]) - number))]
