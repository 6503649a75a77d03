"""ABC text to a `Tune`: lines, fields and voices. Total: any text gives a tune and its issues."""

from __future__ import annotations

import re

from textmusic_abc import fields, pitches
from textmusic_abc.line import VoiceReader
from textmusic_abc.tune import Change, Tune, Voice

__all__ = ["META_FIELDS", "read_tune"]

_FIELD = re.compile(r"([A-Za-z+]):(?!\|)(.*)", re.DOTALL)
_NOTE_FIELD = re.compile(r"[A-Ga-gz]:[:|]")
_COMMENT = re.compile(r"(?<!\\)%.*")
_MIDI = re.compile(r"(?:%%|I:)\s*MIDI[ =]+(program|channel)\s+(\d+)(?:\s+(\d+))?", re.IGNORECASE)
META_FIELDS = {
    "T": "title",
    "C": "composer",
    "O": "origin",
    "R": "rhythm",
    "S": "source",
    "N": "comment",
}
_MAX_VOICES = 64


def read_tune(text: str) -> Tune:
    """Return the tune in a text; of several tunes the first one that has music.

    Fields before ``X:`` count too, so defaults of a tune book can be put in front. What is
    wrong is said in `Tune.issues`, with offsets into the text.
    """
    return _TuneReader().read(text)


class _TuneReader:
    def __init__(self) -> None:
        self.tune = Tune()
        self.unit: int | None = None
        self.key_seen = False
        self.voices: dict[str, VoiceReader] = {}
        self.current: VoiceReader | None = None
        self.userdefs: dict[str, str] = {}
        self.key_shift = 0
        self.program, self.is_drum = 0, False
        self.waiting_tempo: tuple[str, int] | None = None

    def read(self, text: str) -> Tune:
        offset = 0
        for line in text.split("\n"):
            ends = not line.strip() or line.startswith("X:")
            if ends and self._has_music():
                break
            if line.strip():
                self._line(line, offset)
            offset += len(line) + 1
        tune = self.tune
        if not self.key_seen:
            tune.complain("no-key", "there is no K: field; C major is assumed", 0, 0)
        self._settle()
        for reader in self.voices.values():
            reader.finish()
            tune.voices.append(reader.voice)
        if not self._has_music():
            tune.complain("no-music", "there are no notes", len(text), 0)
        tune.issues.sort(key=lambda issue: issue.offset)
        return tune

    def _has_music(self) -> bool:
        return any(reader.sounds for reader in self.voices.values())

    def _settle(self) -> None:
        """Fix what the header leaves to the rest: the unit, and a tempo that counts in units."""
        tune = self.tune
        if not tune.unit:
            tune.unit = self.unit or fields.default_unit(tune.meter)
        if self.waiting_tempo is not None:
            self._tempo(*self.waiting_tempo)

    def _line(self, line: str, offset: int) -> None:
        if line[0] == "%" or line.lstrip()[0] == "%":
            self._directive(line)
            return
        if "%" in line:
            line = _COMMENT.sub("", line)
        if line[1:2] == ":" and not _NOTE_FIELD.match(line):
            match = _FIELD.match(line)
            if match:
                self.field(match[1], match[2], offset, len(line.rstrip()))
                return
        if self.key_seen or line.lstrip()[:1] in "[|" or self._has_music():
            self._music(line, offset)
        elif line.strip():
            self.tune.complain(
                "header", "text that is no field stands before K:", offset, len(line), "warning"
            )

    def _directive(self, line: str) -> None:
        if line.startswith("%provenance: "):
            self.tune.meta["provenance"] = line[13:].strip()
        match = _MIDI.match(line.strip())
        if match is None:
            return
        number = min(int((match[3] or match[2])[:4]), 127)
        if match[1].lower() == "program":
            if self.current is None:
                self.program = number
            else:
                self.current.voice.program = number
        elif self.current is None:
            self.is_drum = number == 10
        else:
            self.current.voice.is_drum = number == 10

    def _music(self, line: str, offset: int) -> None:
        if self.current is None:
            # a line that opens with a field may still be header: folk-rnn writes [M:6/8] so
            while match := re.match(r"\s*\[([A-Za-z]):([^\]\n]*)\]", line):
                self.field(match[1], match[2], offset, match.end())
                offset += match.end()
                line = line[match.end() :]
            if not line.strip():
                return
        reader = self.current or self._voice("")
        if not reader.unit:
            self._begin(reader)
        reader.read_line(line, offset, self)

    def _voice(self, ident: str, offset: int = 0) -> VoiceReader:
        """Make the voice of that id the current one; music without one goes to the first."""
        if not ident and self.voices:
            ident = next(iter(self.voices))
        reader = self.voices.get(ident)
        if reader is None and len(self.voices) >= _MAX_VOICES:
            self.tune.complain("voices", f"more than {_MAX_VOICES} voices", offset)
            reader = next(reversed(self.voices.values()))
        if reader is None:
            voice = Voice(ident, program=self.program, is_drum=self.is_drum)
            reader = VoiceReader(self.tune, voice, self.userdefs)
            self.voices[ident] = reader
            if self.key_seen:
                self._begin(reader)
        self.current = reader
        return reader

    def _begin(self, reader: VoiceReader) -> None:
        """Give a voice what the header says."""
        self._settle()
        reader.begin(self.tune.unit, self.tune.meter, self.tune.key, self.key_shift)

    def field(self, name: str, value: str, offset: int, length: int) -> None:
        """Take an information field, on a line of its own or inline."""
        handler = getattr(self, f"_field_{name}", None) if name != "+" else None
        if handler is not None:
            handler(value, offset, length)
        elif name in META_FIELDS and not self.key_seen and value.strip():
            old = self.tune.meta.get(META_FIELDS[name])
            if old is None:
                self.tune.meta[META_FIELDS[name]] = _mended(value.strip()[:500])

    def _field_M(self, value: str, offset: int, length: int) -> None:  # noqa: N802
        meter = fields.read_meter(value)
        if meter is None:
            self.tune.complain("meter", f"no metre: {value.strip()[:40]!r}", offset, length)
        elif self._has_music():
            self._change(Change(offset, meter))
        else:
            self.tune.meter = meter
            for reader in self.voices.values():
                reader.meter = meter

    def _field_L(self, value: str, offset: int, length: int) -> None:  # noqa: N802
        unit = fields.read_unit(value)
        if unit is None:
            self.tune.complain("unit", f"no note length: {value.strip()[:40]!r}", offset, length)
        elif self.key_seen and self.current is not None:
            self.current.unit = unit
        else:
            self.unit = self.tune.unit = unit

    def _field_Q(self, value: str, offset: int, length: int) -> None:  # noqa: N802
        if self.key_seen:
            self._tempo(value, offset)
        else:
            self.waiting_tempo = value, offset

    def _tempo(self, value: str, offset: int) -> None:
        self.waiting_tempo = None
        unit = self.current.unit if self.current else self.tune.unit
        tempo = fields.read_tempo(value, unit or fields.default_unit(self.tune.meter))
        if tempo is None:
            if re.search(r"\d", value):
                message = f"no tempo: {value.strip()[:40]!r}"
                self.tune.complain("tempo", message, offset, 1, "warning")
        elif self._has_music():
            self._change(Change(offset, tempo))
        else:
            self.tune.tempo = tempo

    def _field_K(self, value: str, offset: int, length: int) -> None:  # noqa: N802
        key = pitches.read_key(value)
        shift = fields.read_voice(value).transpose
        if key is None and not re.match(r"\s*($|clef|treble|bass|alto|tenor|middle|\w+=)", value):
            self.tune.complain("key", f"no key: {value.strip()[:40]!r}", offset, length)
        if not self.key_seen:
            self.key_seen = True
            self.tune.key = key or self.tune.key
            self.key_shift = shift or 0
            self.current = None
            for reader in self.voices.values():
                self._begin(reader)
            return
        if shift is not None and self.current is not None:
            self.current.shift = shift
        if key is not None and not self._has_music():
            self.tune.key = key
            for reader in self.voices.values():
                reader.key = key
        elif key is not None:
            (self.current or self._voice("")).set_key(key, offset)

    def _field_V(self, value: str, offset: int, length: int) -> None:  # noqa: N802
        voice = fields.read_voice(value)
        if voice.ident == "*":
            return
        if not voice.ident:
            self.tune.complain("voice", "a V: field without a name", offset, length)
        reader = self._voice(voice.ident, offset)
        if voice.name is not None:
            reader.voice.name = voice.name[:100]
        if voice.transpose is not None:
            reader.shift = voice.transpose

    def _field_P(self, value: str, offset: int, length: int) -> None:  # noqa: N802
        if not self.key_seen:
            self.tune.parts = fields.read_parts(value)
            return
        name = value.strip()[:1]
        if name.isupper() or (name and name in self.tune.parts):  # not "P:fine" and the like
            (self.current or self._voice("")).voice.events.append(Change(offset, name))

    def _field_U(self, value: str, offset: int, length: int) -> None:  # noqa: N802
        match = re.match(r"\s*([~H-Wh-w])\s*=\s*[!+]?([\w.()<>^-]+)[!+]?", value)
        if match:
            self.userdefs[match[1]] = match[2]

    def _field_I(self, value: str, offset: int, length: int) -> None:  # noqa: N802
        self._directive(f"I:{value}")

    def _change(self, change: Change) -> None:
        (self.current or self._voice("")).add_change(change)


def _mended(text: str) -> str:
    """Text whose UTF-8 was taken for Latin-1, and written as UTF-8 again, once or more."""
    for _ in range(8):
        if "\u00c2" not in text and "\u00c3" not in text:
            break
        try:
            text = text.encode("latin-1").decode("utf-8")
        except UnicodeError:
            break
    return text
