"""A Song as a Guitar Pro 7 file.

It is laid out as Guitar Pro 7 writes it itself: all six files of the zip, four places for voices
in every bar, strings and MIDI numbers on every note, the whole kit on drum tracks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from textmusic.errors import FormatError
from textmusic.format import Written
from textmusic_guitarpro.compose import Complaints
from textmusic_guitarpro.gpif._drums import KIT, sound_of
from textmusic_guitarpro.gpif._instruments import instrument_of, layout_files, track_text
from textmusic_guitarpro.gpif._measures import NOTE_VALUES, length_of
from textmusic_guitarpro.gpif._meta import fields_of
from textmusic_guitarpro.gpif._notation import (
    Placed,
    Report,
    Shared,
    beat_text,
    cleaned,
    note_text,
)
from textmusic_guitarpro.gpif._strings import DRUM_ROWS, filler_of, rows_of, tied_behind
from textmusic_guitarpro.gpif.container import zipped
from textmusic_guitarpro.gpif.read import DYNAMICS, MOST_BEATS, MOST_CELLS, MOST_NOTES
from textmusic_guitarpro.limits import Limits
from textmusic_guitarpro.song import Beat, Measure, Part, Rhythm, Song, Voice

__all__ = ["LIMITS", "write_gp"]

LIMITS = Limits(strings=10, lowest_fret=0, unstringed=True, measures=20_000)
"""What a page may have that is written here."""
_VALUE_NAMES = {value: name for name, value in NOTE_VALUES.items()}
_QPM = 120.0
_HEADER = """<?xml version="1.0" encoding="utf-8"?>
<GPIF>
<GPVersion>7</GPVersion>
<GPRevision required="12021" recommended="12023">12025</GPRevision>
<Encoding><EncodingDescription>GP7</EncodingDescription></Encoding>
"""


def write_gp(song: Song, complaints: Complaints | None = None) -> Written:
    """Return the bytes of a Guitar Pro 7 file and what it does not hold.

    Args:
        song: the page; each part has as many measures as the song.
        complaints: what was lost on the way to the page.

    Raises:
        FormatError: it has more measures, parts, beats or notes than are read again.
    """
    complaints = Complaints() if complaints is None else complaints
    cells = len(song.measures) * len(song.parts)
    if len(song.measures) > LIMITS.measures or cells > MOST_CELLS:
        raise FormatError(f"{len(song.measures)} measures of {len(song.parts)} parts: too many")
    beats = [beat for part in song.parts for m in part.measures for voice in m for beat in voice]
    if len(beats) > MOST_BEATS or sum(len(beat.notes) for beat in beats) > MOST_NOTES:
        raise FormatError(f"more than {MOST_BEATS} beats or {MOST_NOTES} notes: too many")
    document = _Document(song, complaints)
    configuration, layout = layout_files(song.parts)
    entries = {
        "VERSION": b"7.0",
        "Content/BinaryStylesheet": b"\0\0\0\0",
        "Content/LayoutConfiguration": layout,
        "Content/PartConfiguration": configuration,
        "Content/Preferences.json": b"{}",
        "Content/score.gpif": document.text().encode(),
    }
    return Written(zipped(entries), complaints.issues())


class _Document:
    """One `score.gpif` being written."""

    def __init__(self, song: Song, complaints: Complaints) -> None:
        self.song = song
        self.complaints = complaints
        self.notes, self.beats = Shared("Note"), Shared("Beat")
        self.rhythms = Shared("Rhythm")
        self.voices: list[str] = []

    def text(self) -> str:
        """Return the whole document."""
        tracks, bars = [], []
        for number, part in enumerate(self.song.parts):
            writer = _PartWriter(self, part, number)
            bars.append([writer.bar(index) for index in range(len(self.song.measures))])
            tracks.append(track_text(part, number, writer.strings, writer.keys))
        masters = (
            _master(measure, range(index * len(bars), (index + 1) * len(bars)))
            for index, measure in enumerate(self.song.measures)
        )
        rows = [bar for row in zip(*bars, strict=True) for bar in row]
        texts = (f'<Bar id="{number}">{bar}</Bar>\n' for number, bar in enumerate(rows))
        voices = (f'<Voice id="{n}">{voice}</Voice>\n' for n, voice in enumerate(self.voices))
        return (
            f"{_HEADER}{self._score()}{self._master_track()}<AudioTracks/>\n"
            f"<Tracks>\n{''.join(tracks)}</Tracks>\n"
            f"<MasterBars>\n{''.join(masters)}</MasterBars>\n"
            f"<Bars>\n{''.join(texts)}</Bars>\n<Voices>\n{''.join(voices)}</Voices>\n"
            f"{self.beats}{self.notes}{self.rhythms}</GPIF>\n"
        )

    def _score(self) -> str:
        fields = fields_of(self.song.meta)
        texts = "".join(f"<{tag}>{cleaned(text)}</{tag}>\n" for tag, text in fields.items())
        return (
            f"<Score>\n{texts}<WordsAndMusic></WordsAndMusic>\n"
            "<ScoreSystemsDefaultLayout>4</ScoreSystemsDefaultLayout>\n"
            "<ScoreSystemsLayout>4</ScoreSystemsLayout>\n"
            "<ScoreZoomPolicy>Value</ScoreZoomPolicy>\n<ScoreZoom>1</ScoreZoom>\n"
            "<MultiVoice>1&gt;</MultiVoice>\n</Score>\n"
        )

    def _master_track(self) -> str:
        numbers = " ".join(map(str, range(len(self.song.parts))))
        pickups = [measure.is_pickup for measure in self.song.measures]
        if any(pickups[1:]):
            self.complaints.add("short-bar", "short measure after the first, written as it is")
        return (
            f"<MasterTrack>\n<Tracks>{numbers}</Tracks>\n"
            f"<Automations>\n{''.join(self._tempos())}</Automations>\n"
            f"{'<Anacrusis/>' if pickups[:1] == [True] else ''}</MasterTrack>\n"
        )

    def _tempos(self) -> Iterator[str]:
        """Yield the changes of tempo; there is always one at the start."""
        found = [(0, 0.0, _QPM)]
        for bar, measure in enumerate(self.song.measures):
            length = length_of(self.song, bar)
            for change in measure.tempos:
                share = min(float(Fraction(change.offset) / length), 1.0)
                if (bar, share) == (0, 0.0):
                    found.pop(0)
                found.append((bar, share, change.qpm))
        for bar, share, qpm in found:
            yield (
                "<Automation><Type>Tempo</Type><Linear>false</Linear>"
                f"<Bar>{bar}</Bar><Position>{share or 0}</Position><Visible>true</Visible>"
                f"<Value>{_plain(qpm)} 2</Value></Automation>\n"
            )

    def rhythm(self, rhythm: Rhythm) -> int:
        """Return the id of a note value."""
        text = f"<NoteValue>{_VALUE_NAMES[rhythm.value]}</NoteValue>"
        if rhythm.dots:
            text += f'<AugmentationDot count="{rhythm.dots}"/>'
        if rhythm.notes != rhythm.times:
            text += f'<PrimaryTuplet num="{rhythm.notes}" den="{rhythm.times}"/>'
        return self.rhythms.add(text)

    def voice(self, beats: Iterable[int]) -> int:
        """Return the id of a voice."""
        self.voices.append(f"<Beats>{' '.join(map(str, beats))}</Beats>")
        return len(self.voices) - 1


def _plain(number: float) -> str:
    return f"{number:.0f}" if float(number).is_integer() else repr(float(number))


def _master(measure: Measure, bars: Iterable[int]) -> str:
    mode = "Minor" if measure.mode == "minor" else "Major"
    spelling = "Flats" if measure.fifths < 0 else "Sharps"
    repeat = endings = ""
    if measure.opens or measure.passes:
        start, end = str(measure.opens).lower(), str(measure.passes > 0).lower()
        repeat = f'<Repeat start="{start}" end="{end}" count="{measure.passes}"/>'
    if measure.endings:
        numbers = " ".join(map(str, sorted(measure.endings)))
        endings = f"<AlternateEndings>{numbers}</AlternateEndings>"
    return (
        f"<MasterBar><Key><AccidentalCount>{measure.fifths}</AccidentalCount>"
        f"<Mode>{mode}</Mode><TransposeAs>{spelling}</TransposeAs></Key>"
        f"<Time>{measure.numerator}/{measure.denominator}</Time>{repeat}{endings}"
        f"<Bars>{' '.join(map(str, bars))}</Bars></MasterBar>\n"
    )


class _PartWriter:
    """Writes the bars of one part."""

    def __init__(self, document: _Document, part: Part, number: int) -> None:
        self.document = document
        self.part = part
        self.report = Report(document.complaints, f"track {number + 1}")
        self.octaves = instrument_of(part).octaves
        self.strings = self._strings()
        self.keys = self._own_keys() if part.is_drum else []
        self._held: list[dict[int, int]] = [{} for _ in range(LIMITS.voices)]
        voices = zip(
            *([*m, *[[]] * LIMITS.voices][: LIMITS.voices] for m in part.measures), strict=True
        )
        self._placed = [self._place(number, voice) for number, voice in enumerate(voices)]
        self._dynamics = ["MF"] * LIMITS.voices
        clef = "Neutral" if part.is_drum else "F4" if _is_low(part) else "G2"
        self._head = f"<Clef>{clef}</Clef>"
        if any(len(measure) > LIMITS.voices for measure in part.measures):
            self.report.add("voice", f"voices after the {LIMITS.voices}th, lost")

    def _strings(self) -> tuple[int, ...]:
        if self.part.is_drum:
            return (0,) * DRUM_ROWS
        return self.part.tuning or filler_of(self.part)

    def _own_keys(self) -> list[int]:
        """The drum keys that no sound of the usual kit plays."""
        beats = (beat for measure in self.part.measures for voice in measure for beat in voice)
        keys = {note.fret for beat in beats for note in beat.notes}
        return sorted(key for key in keys if sound_of(key) is None)

    def bar(self, index: int) -> str:
        """Return a bar with its voices."""
        ids = []
        for number in range(LIMITS.voices):
            voices = self._placed[number] if number < len(self._placed) else []
            beats = voices[index] if index < len(voices) else []
            written = [self._beat(number, beat, placed) for beat, placed in beats]
            ids.append(self.document.voice(written) if written else -1)
        return f"{self._head}<Voices>{' '.join(map(str, ids))}</Voices>"

    def _beat(self, voice: int, beat: Beat, placed: Sequence[Placed]) -> int:
        velocities = {each.note.velocity for each in placed}
        if velocities:
            loudest = max(velocities)
            self._dynamics[voice] = min(DYNAMICS, key=lambda name: abs(DYNAMICS[name] - loudest))
        if len(velocities) > 1:
            self.report.note("velocity", "loudness of single notes of a chord, lost")
        elif velocities.difference(DYNAMICS.values()):
            self.report.note("velocity", "loudness between two of eight dynamics, lost")
        document = self.document
        ids = [document.notes.add(note_text(each, self.report)) for each in placed]
        rhythm = f'<Rhythm ref="{document.rhythm(beat.rhythm)}"/>'
        about = f"<Dynamic>{self._dynamics[voice]}</Dynamic>{rhythm}"
        return document.beats.add(beat_text(beat, ids, about, self.report))

    def _place(self, number: int, bars: Iterable[Voice]) -> list[list[tuple[Beat, list[Placed]]]]:
        """Lay the notes of a voice on strings and tie them together."""
        last: dict[int, Placed] = {}
        found = []
        for beats in bars:
            found.append(
                [
                    (beat, self._notes(number, beat, tied_behind(beats, index)))
                    for index, beat in enumerate(beats)
                ]
            )
            for _, notes in found[-1]:
                for note in notes:
                    before = last.get(note.string)
                    if before is not None:
                        before.starts_tie = note.note.is_tied
                        note.ends_hopo = bool(before.note.marks & {"hammer", "pull"})
                last.update((note.string, note) for note in notes)
        return found

    def _notes(self, voice: int, beat: Beat, waiting: set[int]) -> list[Placed]:
        if self.part.tuning and not self.part.is_drum:
            rows = [note.string for note in beat.notes]
        else:
            rows = rows_of(beat, self.strings, self._held[voice], waiting)
        if self.part.is_drum:
            rows = [DRUM_ROWS - 1 if row is None else row for row in rows]
        notes = []
        for note, row in zip(beat.notes, rows, strict=True):
            if row is None or not 0 <= row < len(self.strings):
                self.report.add("dropped", "note on no string, left out")
            elif self.part.is_drum:
                sound = sound_of(note.fret)
                if sound is None:
                    sound, key = len(KIT) + self.keys.index(note.fret), note.fret
                else:
                    key = KIT[sound].key
                notes.append(Placed(note, row, key, key, sound, is_drum=True))
            else:
                pitch = note.fret
                if self.part.tuning:
                    pitch += self.strings[row] + self.part.capo
                fret = pitch - self.strings[row] - self.part.capo
                notes.append(Placed(note, row, fret, pitch, octaves=self.octaves))
        return notes


def _is_low(part: Part) -> bool:
    """Whether most notes of a part lie below middle C, as notated."""
    if part.tuning:
        return part.tuning[-1] < 50
    pitches = [n.fret for m in part.measures for v in m for b in v for n in b.notes]
    return bool(pitches) and sorted(pitches)[len(pitches) // 2] < 57
