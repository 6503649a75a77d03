"""A `Tune` to regular ABC: one spelling for every length, mark, key and bar line.

    tune  = "M:" metre LF "L:" unit LF ["Q:" tempo LF] ["P:" order LF] "K:" key LF
            {"V:" number LF ["%%MIDI program " number LF] ["%%MIDI channel 10" LF]} body
    body  = ["|:"] bar mark {bar mark}                              one voice, all in one line
          | {"[V:1]" bar mark "[V:2]" bar mark … LF}                several, a line a bar
    mark  = "|" | "||" | "|:" | ":|" | "::" | ("|" | "[" | ":|") passes | "|]"
    bar   = {"[M:…]" | "[K:…]" | "[Q:…]" | "[P:…]" | "&" | sound}   a space before each beat
    sound = ['"' chord symbol '"'] [tuplet] ["{" graces "}"] [ornament] pitches [length] ["-"] [">"]

A repeat always says where it starts. An accidental stands wherever it would not be understood
by readers for whom accidentals hold in one octave and by those for whom they hold in all.
"""

from __future__ import annotations

import re
from collections import Counter

from textmusic.errors import EncodeError
from textmusic_abc.fields import WHOLE, MeterValue
from textmusic_abc.metres import Line, spell_meters
from textmusic_abc.rows import Row, has_labels, length_text, write_rows
from textmusic_abc.tune import Sound, Tune, Voice

__all__ = ["write_page", "write_tune"]

_LABEL = re.compile(r"(?:\[[KQ]:[^\]]{1,20}\])*\[P:\w\]")
_UNITS = (WHOLE // 8, WHOLE // 16, WHOLE // 4, WHOLE // 32)


def write_tune(tune: Tune) -> str:
    """Return the canonical text of a tune.

    Raises:
        EncodeError: a length has no spelling, or the voices do not line up bar by bar.
    """
    meter, body = _body(tune, bars_a_line=0)
    return _header(tune, meter) + body


def write_page(tune: Tune) -> str:
    """Return the same for people: named voices, four bars a line, every voice on its line.

    Raises:
        EncodeError: as `write_tune`.
    """
    meter, body = _body(tune, bars_a_line=4)
    return _header(tune, meter, names=True) + body


def _body(tune: Tune, bars_a_line: int) -> tuple[MeterValue, str]:
    """Return the metre that the header has to give, and the music."""
    unit = _best_unit(tune)
    voices = [write_rows(tune, voice, unit) for voice in tune.voices if _has_notes(voice)]
    if not voices:
        raise EncodeError("there are no notes")
    shapes = [_lines(rows) for _, rows in voices]
    if any(shape != shapes[0] for shape in shapes):
        raise EncodeError("the voices do not line up bar by bar")
    count = len(shapes[0])
    openings = [voices[0][0]] + [""] * (count - 1)
    meter, fields, marks = spell_meters(shapes[0], repeats=voices[0][0] == "|:")
    if len(voices) == 1:
        _put_labels_first(voices[0][1], openings, marks)
        for row, mark in zip(voices[0][1][1:], marks, strict=False):
            if mark[-1].isdigit():
                row.text = row.text.removeprefix(".")  # "|1." is a list of passes to readers
    step = bars_a_line or (count if len(voices) == 1 else 1)
    lines = []
    for first in range(0, count, step):
        pieces = []
        for number, (_, rows) in enumerate(voices, 1):
            places = range(first, min(first + step, count))
            music = "".join(openings[i] + fields[i] + rows[i].text + marks[i] for i in places)
            label = f"[V:{number}]" if len(voices) > 1 else ""
            pieces.append(label + music)
        lines.append(("\n" if bars_a_line else "").join(pieces))
    return meter, "\n".join(lines)


def _put_labels_first(rows: list[Row], openings: list[str], marks: list[str]) -> None:
    """Put the start of a repeat after the label of its part, so that it is played with it."""
    for place, row in enumerate(rows):
        label = _LABEL.match(row.text)
        before = marks[place - 1] if place else openings[0]
        if label is None or before not in {"|:", "::"}:
            continue
        if place:
            marks[place - 1] = "||" if before == "|:" else ":|"
        openings[place] = f"{label[0]}|:"
        row.text = row.text[label.end() :]


def _lines(rows: list[Row]) -> list[Line]:
    marks = [_mark(rows, place) for place in range(len(rows))]
    return [(r.ticks, m, r.meter, r.changed) for r, m in zip(rows, marks, strict=True)]


def _has_notes(voice: Voice) -> bool:
    return any(type(event) is Sound and event.tones for event in voice.events)


def _header(tune: Tune, meter: MeterValue, *, names: bool = False) -> str:
    """Return the fields before the music, with the names of voices if they are wanted."""
    lines = [f"M:{meter.text}", f"L:1/{WHOLE // _best_unit(tune)}"]
    if tune.tempo:
        lines.append(f"Q:{tune.tempo.text}")
    if tune.parts and has_labels(tune):
        lines.append(f"P:{tune.parts}")
    lines.append(f"K:{tune.key.text}")
    voices = [voice for voice in tune.voices if _has_notes(voice)]
    names = names and any(voice.name for voice in voices)
    if names or any(voice.program or voice.is_drum for voice in voices):
        for number, voice in enumerate(voices, 1):
            if names or len(voices) > 1:
                lines.append(
                    f"V:{number}" + (f' name="{voice.name}"' if names and voice.name else "")
                )
            if voice.program:
                lines.append(f"%%MIDI program {voice.program}")
            if voice.is_drum:
                lines.append("%%MIDI channel 10")
    return "\n".join(lines) + "\n"


def _best_unit(tune: Tune) -> int:
    """Return the unit length: the tune's own if it is usual, else the one that spells shortest."""
    if tune.unit in _UNITS:
        return tune.unit
    lengths = Counter(
        event.length for voice in tune.voices for event in voice.events if type(event) is Sound
    )

    def cost(unit: int) -> int:
        return sum(count * len(length_text(ticks, unit)) for ticks, count in lengths.items())

    return min(_UNITS, key=cost)


def _ends_before(rows: list[Row], place: int, number: int) -> bool:
    """Whether the last ending before a bar is the one for the pass before."""
    passes = next((row.mark.passes for row in reversed(rows[:place]) if row.mark.passes), ())
    return bool(passes) and passes[-1] == number - 1


def _mark(rows: list[Row], place: int) -> str:
    """The text of the mark after a bar; at the end there is no way on."""
    bar = rows[place].mark
    if place == len(rows) - 1:
        return f"{':' * (bar.times - 1)}|" if bar.times else "|]"
    if bar.times and bar.starts:
        return "::" if bar.times == 2 else f"{':' * (bar.times - 1)}|:"
    if bar.passes and not bar.times and _ends_before(rows, place, bar.passes[0]):
        bar.times = 2  # an ending is left where the next begins, whether or not it says so
    head = f"{':' * (bar.times - 1)}|" if bar.times else "|"
    if bar.passes:
        return f"{head}{':[' if bar.starts else ''}{','.join(map(str, bar.passes))}"
    if bar.starts:
        return "|:"
    return "||" if bar.double and not bar.times else head
