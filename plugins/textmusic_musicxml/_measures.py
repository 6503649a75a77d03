"""The measures of one MusicXML part, element by element."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from textmusic_musicxml._lengths import exact_length, quarters
from textmusic_musicxml._marks import marks_of
from textmusic_musicxml._page import Bar, Part, Sound
from textmusic_musicxml._signs import (
    direction_jumps,
    direction_tempo,
    direction_velocity,
    ending_passes,
    key_of,
    pitch_of,
    sound_jumps,
    time_of,
)
from textmusic_musicxml._tree import Element, number, text_of

__all__ = ["read_measures"]

_DRUM_PLACES = {"F4": 36, "D4": 44, "A4": 43, "C5": 38, "D5": 47, "E5": 50, "F5": 51, "G5": 42}
_SNARE = 38
_PLAIN_VELOCITY = 80


def read_measures(part: Part, measures: Iterable[Element], lost: dict[str, int]) -> None:
    """Fill a part's bars, tunings and transposition from its measure elements.

    Args:
        part: with its instrument set.
        measures: in written order.
        lost: counts by kind what could not be read.
    """
    reader = _Reader(part, lost)
    for measure in measures:
        part.bars.append(reader.measure(measure))


class _Reader:
    """What carries on from measure to measure, and the place within the present one."""

    def __init__(self, part: Part, lost: dict[str, int]) -> None:
        self.part, self.lost = part, lost
        self.divisions = Fraction(1)
        self.shift: dict[int, int] = {}
        self.velocity: dict[int, int] = {}
        self.staves: dict[str, int] = {}
        self.full = Fraction(4)
        self.is_first = True
        self.tags = {
            "note": self.note,
            "backup": self.backup,
            "forward": self.forward,
            "attributes": self.attributes,
            "direction": self.direction,
            "sound": self.sound,
            "barline": self.barline,
        }

    def measure(self, measure: Element) -> Bar:
        self.bar = Bar()
        self.now = self.last = Fraction(0)
        self.exact: dict[Fraction, Fraction] = {}
        self.graces = 0
        for element in measure:
            handle = self.tags.get(element.tag)
            if handle:
                handle(element)
        self.is_first = False
        return self.bar

    def backup(self, element: Element) -> None:
        self.now = max(self.now - quarters(text_of(element, "duration"), self.divisions), _ZERO)

    def forward(self, element: Element) -> None:
        self._move(quarters(text_of(element, "duration"), self.divisions))

    def _move(self, length: Fraction) -> None:
        self.now += length
        self.bar.extent = max(self.bar.extent, self.exact.get(self.now, self.now))

    def attributes(self, element: Element) -> None:
        divisions = number(text_of(element, "divisions"))
        if divisions is not None and 0 < divisions <= 10_000_000:
            self.divisions = Fraction(divisions).limit_denominator(1000)
        if (time := element.find("time")) is not None:
            self.bar.time = time_of(time) or self.bar.time
            if self.bar.time is None:
                self.lost["time"] += 1
            else:
                self.full = Fraction(4 * self.bar.time[0], self.bar.time[1])
        for transpose in element.iterfind("transpose"):
            steps = number(text_of(transpose, "chromatic")) or 0
            octaves = number(text_of(transpose, "octave-change")) or 0
            self.shift[_staff(transpose.get("number"))] = round(steps + 12 * octaves)
            if self.is_first:
                self.part.shift = round(steps)
        if (key := element.find("key")) is not None:
            found = key_of(key, self.shift.get(0, self.shift.get(1, 0)))
            if found:
                self.bar.keys.append((self.exact.get(self.now, self.now), *found))
            self.lost["key"] += found is None
        for clef in element.iterfind("clef"):
            if text_of(clef, "sign") == "TAB":
                self.part.tab_staves.add(_staff(clef.get("number"), 1))
        for details in element.iterfind("staff-details"):
            self._strings(details)

    def _strings(self, details: Element) -> None:
        staff = _staff(details.get("number"), 1)
        lines = number(text_of(details, "staff-lines"))
        if lines and 1 <= lines <= 16:
            self.part.lines[staff] = int(lines)
        tuning = self.part.tunings.setdefault(staff, {})
        for line in details.iterfind("staff-tuning"):
            pitch = pitch_of(line, "tuning-")
            place = _staff(line.get("line"))
            if pitch is not None and 1 <= place <= 16:
                tuning.setdefault(place, round(pitch))
        capo = number(text_of(details, "capo"))
        if capo and 0 < capo <= 99:
            self.part.capos.setdefault(staff, int(capo))

    def direction(self, element: Element) -> None:
        offset = number(text_of(element, "offset")) or 0
        place = self.now + Fraction(offset).limit_denominator(10_000) / self.divisions
        place = self.exact.get(place, place)
        tempo = direction_tempo(element)
        if tempo is not None:
            self.bar.tempos.append((max(place, _ZERO), tempo))
        velocity = direction_velocity(element)
        if velocity is not None:
            self._loudness(_staff(text_of(element, "staff")), velocity)
        self.bar.jumps |= direction_jumps(element)

    def sound(self, element: Element) -> None:
        tempo = number(element.get("tempo"))
        if tempo and 0 < tempo < 10_000:
            self.bar.tempos.append((self.exact.get(self.now, self.now), tempo))
        self.bar.jumps |= sound_jumps(element)

    def _loudness(self, staff: int, velocity: int) -> None:
        if not staff:
            self.velocity.clear()
        self.velocity[staff] = velocity

    def barline(self, element: Element) -> None:
        repeat = element.find("repeat")
        if repeat is not None:
            if repeat.get("direction") == "forward":
                self.bar.opens = True
            else:
                times = number(repeat.get("times"))
                self.bar.passes = int(times) if times and 1 <= times <= 99 else 2
        ending = element.find("ending")
        if ending is not None:
            if ending.get("type") == "start":
                self.bar.endings = ending_passes(ending)
            else:
                self.bar.ending_stops = True
        for sign in ("segno", "coda"):
            if element.find(sign) is not None:
                self.bar.jumps.setdefault(sign, "barline")

    def note(self, element: Element) -> None:
        is_grace = element.find("grace") is not None
        length = _ZERO
        if not is_grace:
            length = quarters(text_of(element, "duration"), self.divisions)
            rest = element.find("rest")
            if rest is not None and rest.get("measure") == "yes" and not self.now:
                length = min(length, self.full) or self.full
        raw = self.last if element.find("chord") is not None else self.now
        start = self.exact.get(raw, raw)
        exact = exact_length(element, length, self.divisions) if length else length
        if raw + length not in self.exact and start + exact != raw + length:
            self.exact[raw + length] = start + exact
        end = self.exact.get(raw + length, raw + length)
        voice = text_of(element, "voice") or "1"
        staff = _staff(text_of(element, "staff"), self.staves.get(voice, 1))
        self.staves.setdefault(voice, staff)
        if element.find("cue") is None and element.find("rest") is None:
            self._sound(element, start, end - start, is_grace=is_grace, place=(staff, voice))
        self.bar.voices.add((staff, voice))
        if element.find("chord") is None and not is_grace:
            self.last = self.now
            self._move(length)
        elif element.find("chord") is None:
            self.last = self.now

    def _sound(
        self,
        element: Element,
        start: Fraction,
        length: Fraction,
        *,
        is_grace: bool,
        place: tuple[int, str],
    ) -> None:
        staff, voice = place
        if is_grace and element.find("chord") is None:
            self.graces += 1
        pitch = self._key(element, staff)
        if pitch is None or (not is_grace and length <= 0):
            self.lost["note"] += 1
            return
        self.bar.sounding = max(self.bar.sounding, start + length)
        ties = {e.get("type") for e in element.iterfind("tie")} or {
            e.get("type") for e in element.iterfind("notations/tied")
        }
        technical = "notations/technical/"
        fret = number(text_of(element, f"{technical}fret"))
        string = number(text_of(element, f"{technical}string"))
        self.bar.sounds.append(
            Sound(
                start,
                length,
                pitch,
                voice,
                staff,
                self._velocity(element, staff),
                self.graces if is_grace else 0,
                "start" in ties,
                "stop" in ties,
                int(string) if string and 1 <= string <= 16 else 0,
                int(fret) if fret is not None and 0 <= fret <= 99 else None,
                frozenset(marks_of(element)),
            )
        )

    def _key(self, element: Element, staff: int) -> int | None:
        """Return the sounding MIDI number of a note, or None where it cannot be told."""
        pitch = element.find("pitch")
        if pitch is not None:
            written = pitch_of(pitch)
            if written is None:
                return None
            self.lost["microtone"] += written != round(written)
            key = round(written) + self.shift.get(staff, self.shift.get(0, 0))
            return key if 0 <= key <= 127 else None
        unpitched = element.find("unpitched")
        if unpitched is None:
            return None
        self.part.is_drum = True
        instrument = element.find("instrument")
        known = self.part.keys.get(instrument.get("id", "")) if instrument is not None else None
        if known is not None:
            return known
        place = f"{text_of(unpitched, 'display-step')}{text_of(unpitched, 'display-octave')}"
        if len(self.part.keys) == 1:
            return next(iter(self.part.keys.values()))
        self.lost["drum"] += 1
        return _DRUM_PLACES.get(place, _SNARE)

    def _velocity(self, element: Element, staff: int) -> int:
        marked = direction_velocity(element, "notations/dynamics")
        if marked is not None:
            self._loudness(staff, marked)
        percent = number(element.get("dynamics"))
        if percent is not None and percent > 0:
            return min(max(round(percent * 0.9), 1), 127)
        return self.velocity.get(staff, self.velocity.get(0, _PLAIN_VELOCITY))


_ZERO = Fraction(0)


def _staff(text: str | None, default: int = 0) -> int:
    value = number(text)
    return int(value) if value is not None and 1 <= value <= 64 else default
