"""One part of numbered notation, word by word; see `notation` for what is read and dropped."""

from __future__ import annotations

import re
from fractions import Fraction

from textmusic.errors import Issue, Severity
from textmusic.score import Meter, Tempo
from textmusic_pitchdigits.pitches import KEY, key_of, pitch_of, tonic_of
from textmusic_pitchdigits.playing import QUARTER, Event
from textmusic_pitchdigits.repeats import Tape
from textmusic_pitchdigits.words import Sound, drawn, spelled

__all__ = ["HEADER", "LYRICS", "MOST_ISSUES", "PartReader"]

_TOKEN = re.compile(r'[\^_]?"[^"\n]*"|:\|+\]?|\|+[:\]]?|(?:(?!:\|)[^\s|])+')
HEADER = re.compile(r"\s*([A-Za-z]{2,})\s*=\s*(.*)")
_METER = re.compile(r"([1-9]\d{0,2})/(1|2|4|8|16|32|64)(?:,(\d{1,2})(\.?))?")
_TEMPO = re.compile(r"(?:([1-9]\d?)(\.*)|♩|q)=([1-9]\d{0,2})")
_GRACE = re.compile(r"g?\[[^\[\]\s]*\]g?")
_IGNORED = re.compile(
    r"[()]|->|\[\(|\)\]|-\.|KeepOctave|OnePage|NoBarNums|NoIndent|RaggedLast|SeparateTimesig|angka"
    r"|Indonesian|WithStaff|PartMidi|ChordsRoman|RepeatAccidentals|NormalAccidentals|:?Harm:?|gliss?"
    r"|(?:slide|arp)(?:Up|Down)|arp|souyin|harmonic|up|down|bend|tilde|staccato"
)
LYRICS = ("L:", "H:")
MOST_ISSUES = 200


class PartReader:
    """Turns the words of one part into events on a tape, repeats played out."""

    def __init__(self, text: str, offset: int, issues: list[Issue], *, spelled: bool) -> None:
        self.text = text
        self.offset = offset
        self.issues = issues
        self.spelled = spelled
        self.tape = Tape()
        self.meta: dict[str, str] = {}
        self.tonic = tonic_of(None)
        self.bar = 4 * QUARTER
        self.octaves = "after"
        self.base = 0
        self.keep = False
        self.beams = 0
        self.tuplet = Fraction(1)
        self.at = 0

    def read(self) -> None:
        """Read all lines."""
        escaped = False
        start = 0
        for line in self.text.split("\n"):
            bare = line.strip()
            self.at = start
            if escaped or bare.startswith(("LP:", "LPH:")):
                escaped = not bare.startswith(":LP")
                if not escaped:
                    self._say("lilypond", "left out a block of LilyPond", "note")
            elif bare.startswith(LYRICS):
                self._say("lyrics", "left out a line of lyrics", "note", len(line))
            elif header := HEADER.fullmatch(bare):
                self.meta[header[1].lower()] = header[2].strip()
            elif not bare.startswith("%"):
                self._line(line, start)
            start += len(line) + 1
        if self.tape.is_open:
            self.at = len(self.text)
            self._say("repeat", "a repeat is never closed", "warning")

    def _say(self, name: str, message: str, severity: Severity, length: int = 0) -> None:
        if len(self.issues) < MOST_ISSUES:
            place = self.offset + self.at
            self.issues.append(Issue(f"pitchdigits.{name}", message, place, length, severity))

    def understands(self, line: str) -> bool:
        """Whether every word of a line means something."""
        return all(self._word(match[0]) for match in _TOKEN.finditer(line))

    def _line(self, line: str, start: int) -> None:
        unknown = []
        read = 0
        for match in _TOKEN.finditer(line):
            if match[0].startswith("%"):
                break
            self.at = start + match.start()
            if self._word(match[0]):
                read += 1
            else:
                unknown.append(match)
        self.at = start
        if unknown and not read:
            self._say(
                "text", f"left out what is no music: {line.strip()[:40]!r}", "note", len(line)
            )
            return
        for match in unknown:
            self.at = start + match.start()
            word = match[0]
            self._say("word", f"left out {word[:40]!r}, which is no note", "warning", len(word))

    def _word(self, word: str) -> bool:
        """Read a word; False for one that means nothing here."""
        if (
            _IGNORED.fullmatch(word)
            or word[0] in '\\"^'
            or word.startswith(("Fr=", "letter", "slide="))
        ):
            return True
        if self.tape.sign(word):
            return True
        if _GRACE.fullmatch(word):
            self._say("grace", f"left out grace notes {word[:20]}", "note", len(word))
            return True
        return self._directive(word) or self._note(word)

    def _directive(self, word: str) -> bool:
        if word == "KeepLength":
            self.keep = True
        elif word in {"OctavesBefore", "OctavesAfter"}:
            self.octaves = word[7:].lower()
        elif word == "]":
            self.tuplet = Fraction(1)
        elif match := re.fullmatch(r"([1-9]\d?)\[", word):
            self.tuplet = _tuplet(int(match[1]))
        elif match := re.fullmatch(r"R\*([1-9]\d{0,3})", word):
            self.tape.add(Event("note", self.bar * int(match[1])))
        elif match := KEY.fullmatch(re.sub(r"=([#b])([A-G])$", r"=\2\1", word)):
            key = key_of(match, 0)
            self.tonic = tonic_of(key)
            self.tape.add(Event("change", change=key))
        elif match := _METER.fullmatch(word):
            self._meter(match)
        elif match := _TEMPO.fullmatch(word):
            self._tempo(match)
        else:
            return False
        return True

    def _meter(self, match: re.Match[str]) -> None:
        numerator, denominator = int(match[1]), int(match[2])
        while numerator > 255 and numerator % 2 == 0 and denominator > 1:
            numerator, denominator = numerator // 2, denominator // 2
        if numerator > 255:
            self._say("metre", f"left out a metre of {match[0]}", "warning", len(match[0]))
            return
        self.bar = 4 * QUARTER * numerator // denominator
        upbeat = 0
        if match[3] and int(match[3]):
            upbeat = 4 * QUARTER // int(match[3]) * (3 if match[4] else 2) // 2
        meter = Meter(0, numerator, denominator)
        self.tape.add(Event("change", upbeat if upbeat < self.bar else 0, change=meter))

    def _tempo(self, match: re.Match[str]) -> None:
        beat = Fraction(4, int(match[1] or 4)) * (2 - Fraction(1, 2 ** min(len(match[2] or ""), 3)))
        self.tape.add(Event("change", change=Tempo(0, float(int(match[3]) * beat))))

    def _note(self, word: str) -> bool:
        bare = word.strip("()~<>")
        if bare:
            sounds = (spelled(bare, self.octaves),) if self.spelled else drawn(bare)
            if sounds is None or None in sounds:
                return False
        else:
            sounds = ()
        self.base += word.count(">") - word.count("<")
        for sound in sounds:
            if sound:
                self._sound(sound)
        if "~" in word:
            self.tape.add(Event("tie"))
        return True

    def _sound(self, sound: Sound) -> None:
        beams = sound.beams
        if beams is None:
            beams = self.beams if self.keep else 0
        self.beams = beams
        length = Fraction(QUARTER, 2 ** min(beams, 6)) * (2 - Fraction(1, 2 ** min(sound.dots, 4)))
        ticks = round(length * self.tuplet) + QUARTER * sound.quarters
        if sound.hold:
            self.tape.add(Event("hold", ticks))
            return
        if sound.drum:
            self._say("drum", "left out a drum beat", "note")
        pitches = tuple(
            pitch_of(figure.accidental, figure.degree, figure.octave + self.base, self.tonic)
            for figure in sound.figures
        )
        if any(not 0 <= pitch <= 127 for pitch in pitches):
            self._say("pitch-range", "left out a pitch outside 0…127", "warning")
            pitches = tuple(pitch for pitch in pitches if 0 <= pitch <= 127)
        self.tape.add(Event("note", ticks, pitches))


def _tuplet(count: int) -> Fraction:
    """How `count` notes are squeezed: 3 in the time of 2, 5 of 4, 6 of 4, 2 of 3, 4 of 6."""
    power = 1
    while 2 * power <= count:
        power *= 2
    return Fraction(3, 2) if power == count else Fraction(power, count)
