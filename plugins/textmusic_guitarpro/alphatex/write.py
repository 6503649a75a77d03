"""A `Song` to alphaTex 1.8, as alphaTab reads it without a complaint: one bar a line.

Every beat says its note value, arguments stand in parentheses, and what counts for the whole piece
(time, tempo, repeats) stands in the first track.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest

from textmusic.errors import FormatError, Issue
from textmusic_guitarpro.alphatex.marks import beat_properties, note_properties, of_beat, unheld
from textmusic_guitarpro.alphatex.read import META
from textmusic_guitarpro.alphatex.vocabulary import (
    DYNAMICS,
    INSTRUMENTS,
    PERCUSSION_IDS,
    drum_name,
    key_name,
    pitch_name,
)
from textmusic_guitarpro.song import Beat, Measure, Part, Rhythm, Song, Struck

__all__ = ["write_song"]

_VALUES = {0: -2, -1: -4}
_TUPLETS = {(3, 2): "3", (5, 4): "5", (6, 4): "6", (7, 4): "7", (9, 8): "9"}
_DYNAMICS = list(DYNAMICS.items())[:8]
_FIRST_DYNAMIC = "f"
_LOWEST = 12
"""The lowest pitch that has a name: C0."""
_LARGEST_NUMERATOR = 32
_BASS_CLEF_BELOW = 57
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": ""}
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f\u2028\u2029]')


def write_song(song: Song) -> tuple[str, tuple[Issue, ...]]:
    """Return the text of a piece, and what alphaTex cannot hold (codes ``alphatex.*``).

    Raises:
        FormatError: a time signature is beyond what alphaTex has.
    """
    writer = _Writer(song)
    lines = [*_head(song.meta)]
    for number, part in enumerate(song.parts):
        lines += [*([""] if lines else []), *writer.part(part, leads=number == 0)]
    return "\n".join(lines) + "\n", tuple(writer.issues())


def _head(meta: dict[str, str]) -> Iterator[str]:
    """Yield the texts; those without a command of their own are lines of the notices."""
    notices = [meta["comment"]] if meta.get("comment") else []
    commands = {key: name for name, key in META.items()}
    for name, key in META.items():
        if meta.get(key):
            yield f"\\{name} ({_quoted(meta[key])})"
    for key, value in meta.items():
        if key not in commands and key != "comment":
            notices.append(f"{key}: {value}")
    if notices:
        yield f"\\notices ({_quoted(chr(10).join(notices))})"


def _quoted(text: str) -> str:
    def escape(match: re.Match[str]) -> str:
        return _ESCAPES.get(match[0], f"\\u{ord(match[0]):04x}")

    return f'"{_ESCAPED.sub(escape, text)}"'


class _Writer:
    def __init__(self, song: Song) -> None:
        self.song = song
        self.lost: set[str] = set()
        self.drums: set[int] = set()
        self.renamed: set[int] = set()
        self.is_spread = False
        self.dynamic = _FIRST_DYNAMIC

    def issues(self) -> Iterator[Issue]:
        if self.lost:
            message = f"techniques are lost: {', '.join(sorted(self.lost))}"
            yield Issue("alphatex.techniques", message, severity="note")
        if self.is_spread:
            message = "what one note of a chord has of tap, slap, pop, tremolo, whammy, all get"
            yield Issue("alphatex.techniques", message, severity="note")
        for keys, what in (
            (self.drums, "that alphaTex has no name for are left out"),
            (self.renamed, "that General MIDI lacks are written as Guitar Pro's sounds"),
        ):
            if keys:
                message = f"drum keys {what}: {', '.join(map(str, sorted(keys)))}"
                yield Issue("alphatex.drum", message, severity="warning")

    def part(self, part: Part, *, leads: bool) -> Iterator[str]:
        """Yield the lines of a part; the first one also says what counts for all."""
        transpose = _transposed(part)
        yield from _part_head(part, transpose)
        self.dynamic = _FIRST_DYNAMIC
        count = max((len(voices) for voices in part.measures), default=1) or 1
        for number in range(count):
            if count > 1:
                yield "\\voice"
            bars = zip_longest(self.song.measures, part.measures, fillvalue=())
            for index, (measure, voices) in enumerate(bars):
                assert isinstance(measure, Measure)
                commands = []
                if number == 0:
                    commands = list(self._commands(index, measure, part, leads=leads))
                beats = voices[number] if number < len(voices) else []
                if leads and number == 0 and index == len(self.song.measures) - 1:
                    beats = beats or self._closing(index, measure)
                flats = measure.fifths < 0
                music = [self._beat(beat, part, transpose, flats=flats) for beat in beats]
                yield " ".join([*commands, *music, "|"])

    def _commands(self, index: int, measure: Measure, part: Part, *, leads: bool) -> Iterator[str]:
        """Yield what is to be said before the first voice of a bar."""
        before = self.song.measures[index - 1] if index else None
        if leads:
            yield from _shared(measure, before)
        if index == 0:
            yield f"\\clef ({_clef(part)})"
        key = (measure.fifths, measure.mode)
        is_shown = not part.is_drum or all(each.is_drum for each in self.song.parts)
        if is_shown and key != ((before.fifths, before.mode) if before else (0, "major")):
            yield f"\\ks ({key_name(*key)})"

    def _closing(self, index: int, measure: Measure) -> list[Beat]:
        """Return rests for a last bar that nobody plays in, which alphaTab would cut off."""
        for part in self.song.parts:
            if index < len(part.measures) and any(part.measures[index]):
                return []
        return list(_rests(measure.length))

    def _beat(self, beat: Beat, part: Part, transpose: int, *, flats: bool) -> str:
        texts: list[str] = []
        marks: set[str] = set()
        loudest = 0
        for note in beat.notes:
            text = self._note(note, part, transpose, flats=flats)
            if text is not None:
                if texts and of_beat(note.marks) != of_beat(marks):
                    self.is_spread = True
                texts.append(text)
                marks |= note.marks
                loudest = max(loudest, note.velocity)
        self.lost |= unheld(marks)
        value = _VALUES.get(beat.rhythm.value, beat.rhythm.value)
        properties = list(_rhythm_properties(beat))
        if texts and (dynamic := _dynamic(loudest)) != self.dynamic:
            self.dynamic = dynamic
            properties.append(f"dy {dynamic}")
        properties += beat_properties(marks)
        head = "r" if not texts else texts[0] if len(texts) == 1 else f"({' '.join(texts)})"
        return f"{head}.{value}{_braced(properties)}"

    def _note(self, note: Struck, part: Part, transpose: int, *, flats: bool) -> str | None:
        open_pitch = 0
        marks = set(note.marks)
        if part.is_drum:
            name = drum_name(note.fret)
            if name is None:
                self.drums.add(note.fret)
                return None
            if PERCUSSION_IDS[note.fret] != note.fret:
                self.renamed.add(note.fret)
        elif note.string is None or not part.tuning:
            name = pitch_name(note.fret + transpose, flats=flats)
        else:
            open_pitch = part.tuning[note.string] + transpose + part.capo
            is_plain = "dead" in marks and not note.fret
            marks -= {"dead"} if is_plain else set()
            name = f"{'x' if is_plain else note.fret}.{len(part.tuning) - note.string}"
        properties = note_properties(marks, note.fret, open_pitch)
        if note.is_tied:
            properties.insert(0, "t")
        return name + _braced(properties)


def _braced(properties: Sequence[str]) -> str:
    return "{" + " ".join(properties) + "}" if properties else ""


def _transposed(part: Part) -> int:
    """Return by how many semitones all is written higher, so that the lowest pitch has a name."""
    lowest: Iterable[int] = part.tuning
    if part.is_drum:
        lowest = ()
    elif not part.tuning:
        lowest = (n.fret for voices in part.measures for v in voices for b in v for n in b.notes)
    missing = _LOWEST - min(lowest, default=_LOWEST)
    return max(-(-missing // 12) * 12, 0)


def _part_head(part: Part, transpose: int) -> Iterator[str]:
    program = INSTRUMENTS[part.program]
    if part.is_drum:
        program = (
            f"instrument {part.program} instrument percussion" if part.program else "percussion"
        )
    instrument = program if " " in program else f"instrument {program}"
    yield f"\\track ({_quoted(part.name)}) {{ {instrument} }}"
    if part.is_drum:
        yield "\\staff {score}"
        yield "\\articulation (defaults)"
    elif part.tuning:
        yield "\\staff {score tabs}"
        names = (pitch_name(pitch + transpose) for pitch in reversed(part.tuning))
        yield f"\\tuning ({' '.join(names)})"
    else:
        yield "\\staff {score}"
        yield "\\tuning (piano)"
    if transpose:
        yield f"\\transpose ({-transpose})"
    if part.capo:
        yield f"\\capo ({part.capo})"


def _clef(part: Part) -> str:
    if part.is_drum:
        return "N"
    if part.tuning:
        return "F4" if max(part.tuning) < _BASS_CLEF_BELOW else "G2"
    pitches = [n.fret for voices in part.measures for v in voices for b in v for n in b.notes]
    is_low = bool(pitches) and sum(pitches) < _BASS_CLEF_BELOW * len(pitches)
    return "F4" if is_low else "G2"


def _shared(measure: Measure, before: Measure | None) -> Iterator[str]:
    """Yield what a bar says about time, tempo and repeats."""
    signature = (measure.numerator, measure.denominator)
    if before is None or signature != (before.numerator, before.denominator):
        if not 1 <= measure.numerator <= _LARGEST_NUMERATOR:
            raise FormatError("a bar of {}/{} is beyond alphaTex".format(*signature))
        yield "\\ts ({} {})".format(*signature)
    if measure.is_pickup:
        yield "\\ac"
    for change in measure.tempos:
        share = change.offset / measure.length
        place = f' "" {float(share):.9g}' if share else ""
        qpm = f"{Decimal(repr(change.qpm)):f}".removesuffix(".0")
        yield f"\\tempo ({qpm}{place})"
    if measure.opens:
        yield "\\ro"
    if measure.passes:
        yield f"\\rc ({measure.passes})"
    if measure.endings:
        yield f"\\ae ({' '.join(map(str, sorted(measure.endings)))})"


def _rhythm_properties(beat: Beat) -> Iterator[str]:
    rhythm = beat.rhythm
    if rhythm.dots:
        yield "d" * rhythm.dots
    if (rhythm.notes, rhythm.times) != (1, 1):
        tuplet = (rhythm.notes, rhythm.times)
        yield f"tu {_TUPLETS.get(tuplet) or '({} {})'.format(*tuplet)}"
    if beat.is_grace:
        yield "gr bb"


def _dynamic(velocity: int) -> str:
    return min(_DYNAMICS, key=lambda item: abs(item[1] - velocity))[0]


def _rests(length: Fraction) -> Iterator[Beat]:
    """Yield rests of a length in quarters."""
    value = 1
    while length > 0 and value <= 256:
        while Rhythm(value).length <= length:
            yield Beat(Rhythm(value))
            length -= Rhythm(value).length
        value *= 2
