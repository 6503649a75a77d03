"""`score.gpif` of Guitar Pro 6, 7 and 8 as a Song.

Everything below the list of master bars is a flat list tied by ids, any of which may be missing
or shared. Source: 288 real files; what they hold agrees with two other readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from textmusic.errors import FormatError
from textmusic_guitarpro.compose import Complaints
from textmusic_guitarpro.gpif._measures import give_tempos, measure_of, rhythm_of
from textmusic_guitarpro.gpif._meta import meta_of
from textmusic_guitarpro.gpif._techniques import (
    Properties,
    beat_losses,
    beat_marks,
    note_losses,
    note_marks,
)
from textmusic_guitarpro.gpif._tracks import Staff, staves_of
from textmusic_guitarpro.gpif._xml import (
    by_id,
    ids_of,
    parse,
    properties_of,
    text_of,
    whole_of,
)
from textmusic_guitarpro.gpif.container import gpif_of
from textmusic_guitarpro.song import Beat, Rhythm, Song, Struck, Voice

__all__ = ["DYNAMICS", "MOST_BEATS", "MOST_CELLS", "MOST_NOTES", "read_gp"]

_MOST_MEASURES = 20_000
MOST_CELLS = 300_000
"""Measures times staves."""
MOST_BEATS = 200_000
MOST_NOTES = 200_000
_MOST_CHORD = 128
_MOST_VOICES = 4
_MOST_STAVES = 1_000
_NONE = "-1"
DYNAMICS = {
    name: 15 + 16 * step
    for step, name in enumerate(("PPP", "PP", "P", "MP", "MF", "F", "FF", "FFF"))
}
"""Velocities, those of Guitar Pro 3-5."""


def read_gp(data: bytes) -> tuple[Song, Complaints]:
    """Return the page that a Guitar Pro 6, 7 or 8 file holds, and what was left out.

    Args:
        data: the file; its first bytes say which container it is.

    Raises:
        FormatError: another kind of file, a damaged one, or one beyond all measure.
    """
    root = parse(gpif_of(data))
    if root.tag != "GPIF":
        raise FormatError(f"score.gpif is damaged: it begins with {root.tag[:40]!r}")
    reader = _Reader(root)
    return reader.song(), reader.complaints


class _Reader:
    """One file being read."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.complaints = Complaints()
        self.bars = by_id(root, "Bars/Bar")
        self.voices = by_id(root, "Voices/Voice")
        self.beats = by_id(root, "Beats/Beat")
        self.notes = by_id(root, "Notes/Note")
        self.rhythms = {
            name: rhythm_of(rhythm, self.complaints)
            for name, rhythm in by_id(root, "Rhythms/Rhythm").items()
        }
        self._beats = self._notes = 0

    def song(self) -> Song:
        """Read the whole piece."""
        staves = list(self._staves())
        masters = self.root.findall("MasterBars/MasterBar")
        if len(masters) > _MOST_MEASURES or len(masters) * len(staves) > MOST_CELLS:
            raise FormatError(f"score.gpif has {len(masters)} bars of {len(staves)} staves")
        song = Song(parts=[staff.part for staff in staves], meta=meta_of(self.root))
        for number, master in enumerate(masters, 1):
            song.measures.append(measure_of(master, number, self.complaints))
            names = ids_of(master, "Bars")
            if len(names) != len(staves):
                self.complaints.add("bars", f"{len(names)} bars for {len(staves)} staves",
                                    f"measure {number}")  # fmt: skip
            names += [_NONE] * (len(staves) - len(names))
            for staff, name in zip(staves, names, strict=False):
                staff.part.measures.append(self._bar(staff, name))
        for staff in staves:
            staff.unfret()
        if song.measures and self.root.find("MasterTrack/Anacrusis") is not None:
            song.measures[0].is_pickup = True
        give_tempos(self.root, song, self.complaints)
        for tag in ("AudioTracks", "BackingTrack", "Assets"):
            element = self.root.find(tag)
            if element is not None and len(element):
                self.complaints.note("unread", "recorded sound, left out")
                break
        return song

    def _staves(self) -> Iterator[Staff]:
        """Yield the staves of all tracks, in the order of the page."""
        tracks = by_id(self.root, "Tracks/Track")
        names = ids_of(self.root, "MasterTrack/Tracks") or list(tracks)
        count = 0
        for number, name in enumerate(names, 1):
            if name not in tracks:
                self.complaints.add("track", "track that is not in the file", f"track {number}")
                continue
            for staff in staves_of(tracks[name], number, self.complaints):
                count += 1
                if count > _MOST_STAVES:
                    raise FormatError(f"score.gpif has more than {_MOST_STAVES} staves")
                yield staff

    def _bar(self, staff: Staff, name: str) -> list[Voice]:
        """Read a bar of a staff; a simile mark stands for the bar, or for the two, before it."""
        bar = self.bars.get(name)
        if bar is None and name != _NONE:
            self.complaints.add("bar", "bar that is not in the file, read as empty", staff.place)
        back = {"": 0, "Simple": 1, "FirstOfDouble": 2, "SecondOfDouble": 2}
        steps = back.get(text_of(bar, "SimileMark"), 0)
        if steps and len(staff.bars) >= steps and {_NONE}.issuperset(ids_of(bar, "Voices")):
            bar = staff.bars[-steps]
        staff.bars.append(bar)
        names = ids_of(bar, "Voices")
        if len(names) > _MOST_VOICES:
            self.complaints.add("voices", f"voices after the {_MOST_VOICES}th", staff.place)
        voices = [self._voice(staff, name) for name in names[:_MOST_VOICES]]
        while voices and not voices[-1]:
            voices.pop()
        return voices

    def _voice(self, staff: Staff, name: str) -> Voice:
        voice = self.voices.get(name)
        if voice is None:
            if name != _NONE:
                self.complaints.add("voice", "voice that is not in the file", staff.place)
            return []
        found: Voice = []
        for each in ids_of(voice, "Beats"):
            beat = self.beats.get(each)
            if beat is None:
                self.complaints.add("beat", "beat that is not in the file", staff.place)
                continue
            if each not in staff.beats:
                staff.beats[each] = self._beat(staff, beat)
            found.append(_copied(staff.beats[each]))
            self._beats += 1
            self._notes += len(found[-1].notes)
            if self._beats > MOST_BEATS or self._notes > MOST_NOTES:
                raise FormatError(
                    f"score.gpif has more than {MOST_BEATS} beats or {MOST_NOTES} notes"
                )
        return found

    def _beat(self, staff: Staff, beat: Element) -> Beat:
        """Read a beat, to be copied wherever it stands."""
        properties = properties_of(beat)
        reference = beat.find("Rhythm")
        rhythm = self.rhythms.get(reference.get("ref", "")) if reference is not None else None
        if rhythm is None:
            self.complaints.add("rhythm", "beat without a note value, a quarter", staff.place)
            rhythm = Rhythm()
        for loss in beat_losses(beat, properties):
            self.complaints.note("unread", f"{loss}, left out", staff.place)
        velocity = DYNAMICS.get(text_of(beat, "Dynamic"), DYNAMICS["F"])
        marks = beat_marks(beat, properties)
        found = Beat(rhythm, is_grace=beat.find("GraceNotes") is not None)
        names = ids_of(beat, "Notes")
        if len(names) > _MOST_CHORD:
            self.complaints.add("chord", f"notes of a beat after the {_MOST_CHORD}th", staff.place)
        for name in names[:_MOST_CHORD]:
            note = self.notes.get(name)
            if note is None:
                self.complaints.add("note", "note that is not in the file", staff.place)
                continue
            struck = self._note(staff, note, velocity)
            if struck is not None:
                struck.marks |= marks
                found.notes.append(struck)
        return found

    def _note(self, staff: Staff, note: Element, velocity: int) -> Struck | None:
        properties = properties_of(note)
        fret, string = _fret(staff, note, properties)
        if fret is None:
            self.complaints.add("pitch", "note without pitch, left out", staff.place)
            return None
        for loss in note_losses(note, properties):
            self.complaints.note("unread", f"{loss}, left out", staff.place)
        tie = note.find("Tie")
        is_tied = tie is not None and tie.get("destination") == "true"
        return Struck(fret, string, is_tied, velocity, note_marks(note, properties))


def _copied(beat: Beat) -> Beat:
    notes = [Struck(n.fret, n.string, n.is_tied, n.velocity, set(n.marks)) for n in beat.notes]
    return Beat(beat.rhythm, notes, beat.is_grace)


def _fret(staff: Staff, note: Element, properties: Properties) -> tuple[int | None, int | None]:
    """Return the fret and string of a note; key or pitch and None where there are no strings."""
    if staff.part.is_drum:
        return staff.key(note, properties), None
    fret = whole_of(text_of(properties.get("Fret"), "*"), -1000)
    string = whole_of(text_of(properties.get("String"), "*"))
    if fret != -1000 and 0 <= string < len(staff.pitches):
        return fret, string
    octave = whole_of(text_of(properties.get("Octave"), "*"))
    pitch = whole_of(text_of(properties.get("Midi"), "*"))
    if octave >= 0:
        pitch = 12 * octave + whole_of(text_of(properties.get("Tone"), "*"), 0)
    return (pitch if 0 <= pitch <= 127 else None), None
