"""Tracks of GPIF as parts of a Song: one for each staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from textmusic_guitarpro.compose import Complaints
from textmusic_guitarpro.gpif._drums import KIT, gp6_key, kit_key
from textmusic_guitarpro.gpif._techniques import Properties
from textmusic_guitarpro.gpif._xml import number_of, properties_of, text_of, whole_of
from textmusic_guitarpro.song import Beat, Part

__all__ = ["PITCHED", "Staff", "staves_of"]

_MOST_STAVES = 4
_MOST_STRINGS = 32
_MOST_SOUNDS = 10_000
_HIGHEST_CAPO = 36
PITCHED = frozenset(
    {
        *("accordion", "acousticPiano", "bassoon", "bells", "brass"),
        *("celesta", "cello", "choir", "clarinet", "clavinet"),
        *("contrabass", "electricOrgan", "electricPiano", "flute", "glockenspiel"),
        *("harmonica", "harp", "harpsichord", "horn", "marimba"),
        *("melodica", "oboe", "organ", "piano", "piccolo"),
        *("recorder", "saxophone", "strings", "timpani", "trombone"),
        *("trumpet", "tuba", "vibraphone", "viola", "violin"),
        *("voice", "xylophone"),
    }
)
"""Kinds of instruments that have no frets, though Guitar Pro gives their notes strings and frets."""


@dataclass(slots=True)
class Staff:
    """A part being read, with what its notes need.

    Args:
        part: what is read so far.
        place: how complaints name it.
        pitches: open strings with capo, by which frets become pitches; none for GP6 instruments
            without strings.
        outputs: General MIDI keys of the drum sounds by their place in the kit.
        is_fretted: whether strings and frets are kept.
        bars: the bars so far, each simile mark as the bar that it stands for.
        beats: those read so far, by id.
    """

    part: Part
    place: str
    pitches: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    is_fretted: bool = True
    bars: list[Element | None] = field(default_factory=list)
    beats: dict[str, Beat] = field(default_factory=dict)

    def key(self, note: Element, properties: Properties) -> int | None:
        """The General MIDI key of a drum note."""
        place = whole_of(text_of(note, "InstrumentArticulation"))
        if 0 <= place < len(self.outputs) and "Element" not in properties:
            return self.outputs[place]
        if "Element" in properties:
            element = whole_of(text_of(properties["Element"], "*"))
            return gp6_key(element, whole_of(text_of(properties.get("Variation"), "*"), 0))
        return kit_key(whole_of(text_of(properties.get("Fret"), "*")))

    def unfret(self) -> None:
        """Turn strings and frets into pitches where they are not for playing."""
        notes = [n for m in self.part.measures for v in m for b in v for n in b.notes]
        strings = range(len(self.pitches))
        if self.is_fretted and all(note.fret >= 0 for note in notes):
            return
        for note in notes:
            if note.string is not None and note.string in strings:
                note.fret += self.pitches[note.string]
                note.string = None
        self.part.tuning = ()
        self.part.capo = 0


def staves_of(track: Element, number: int, complaints: Complaints) -> Iterator[Staff]:
    """Yield the staves of a track."""
    name = text_of(track, "Name").replace("\r\n", "\n").replace("\r", "\n")
    kind = text_of(track, "InstrumentSet/Type")
    percussion = track.find("GeneralMidi[@table='Percussion']")
    is_drum = kind == "drumKit" or percussion is not None
    program = _program(track)
    place = f"track {number}"
    _losses(track, place, complaints)
    staves = [properties_of(staff) for staff in track.iterfind("Staves/Staff")]
    if not staves:
        instrument = track.find("Instrument")
        reference = instrument.get("ref", "") if instrument is not None else ""
        staves = [properties_of(track)] * (1 + reference.endswith(("-gs", "GrandStaff")))
    if len(staves) > _MOST_STAVES:
        complaints.add("staves", f"staves after the {_MOST_STAVES}th, left out", place)
    for properties in staves[:_MOST_STAVES]:
        tuning = () if is_drum else _tuning(properties)
        capo = max(whole_of(text_of(properties.get("CapoFret"), "Fret"), 0), 0) if tuning else 0
        capo = min(capo, _HIGHEST_CAPO)
        yield Staff(
            Part(name, program, is_drum, tuning, capo),
            place,
            tuple(pitch + capo for pitch in tuning),
            _outputs(track) if is_drum else (),
            kind not in PITCHED,
        )


def _tuning(properties: Properties) -> tuple[int, ...]:
    words = text_of(properties.get("Tuning"), "Pitches").split()[:_MOST_STRINGS]
    pitches = tuple(whole_of(word) for word in words)
    return pitches if all(0 <= pitch <= 127 for pitch in pitches) else ()


def _program(track: Element) -> int:
    sound = text_of(track, "Sounds/Sound/MIDI/Program")
    return min(max(whole_of(sound or text_of(track, "GeneralMidi/Program"), 0), 0), 127)


def _outputs(track: Element) -> tuple[int, ...]:
    """The keys of the sounds of a kit; the usual kit where a track spells out none."""
    path = "InstrumentSet/Elements/Element/Articulations/Articulation"
    found: list[int] = []
    for sound in track.iterfind(path):
        if len(found) == _MOST_SOUNDS:
            break
        found.append(whole_of(text_of(sound, "OutputMidiNumber")))
    return tuple(found) or tuple(sound.output for sound in KIT)


def _losses(track: Element, place: str, complaints: Complaints) -> None:
    """Report what a Score does not hold of a whole track."""
    if any(text_of(line, "Text") for line in track.iterfind("Lyrics/Line")):
        complaints.note("unread", "lyrics, left out", place)
    sounds = set()
    for change in track.iterfind("Automations/Automation"):
        if text_of(change, "Type") == "Sound":
            where = text_of(change, "Bar"), number_of(text_of(change, "Position"), 0)
            sounds.add((where, text_of(change, "Value")))
    if len({value for _, value in sounds}) > 1:
        complaints.add("program-change", "change of instrument, left out", place)
