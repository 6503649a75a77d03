"""Kern, MEI, Capella and NoteWorthy text to Scores, parsed by music21."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from textmusic.errors import FormatError, Issue
from textmusic.format import Loaded, read_text
from textmusic_musicxml._archive import member
from textmusic_musicxml._instruments import program_named
from textmusic_musicxml._page import Bar, Part, Sound
from textmusic_musicxml._reader import score_of
from textmusic_musicxml._tree import parse_xml

__all__ = ["read_capella", "read_kern", "read_mei", "read_noteworthy"]

_MARKS = {
    "Accent": "accent",
    "StrongAccent": "accent",
    "Staccato": "staccato",
    "Staccatissimo": "staccato",
    "Trill": "trill",
}
_PLAIN_VELOCITY = 80


def read_kern(data: bytes) -> Loaded:
    """Return the music of a Humdrum file with `**kern` spines.

    Raises:
        FormatError: it has none, or music21 cannot read it.
    """
    text = read_text(data)
    if "**kern" not in text:
        raise FormatError("the Humdrum file has no **kern spine")
    return _loaded("kern", lambda m: _converted(m.converter.subConverters.ConverterHumdrum(), text))


def read_mei(data: bytes) -> Loaded:
    """Return the music of an MEI document.

    Raises:
        FormatError: it is none, declares entities, or music21 cannot read it.
    """
    root = parse_xml(data)
    if root.tag != "mei":
        raise FormatError(f"not MEI: the root element is <{root.tag[:40]}>")
    text = read_text(data)
    return _loaded("MEI", lambda m: _converted(m.converter.subConverters.ConverterMEI(), text))


def read_noteworthy(data: bytes) -> Loaded:
    """Return the music of a NoteWorthy Composer clip text.

    Raises:
        FormatError: it is none, or music21 cannot read it.
    """
    text = read_text(data)
    if not text.lstrip().startswith("!NoteWorthyComposer"):
        raise FormatError("not a NoteWorthy Composer text: no !NoteWorthyComposer line")

    def parse(m: Any) -> Any:
        return _converted(m.converter.subConverters.ConverterNoteworthy(), text)

    return _loaded("NoteWorthy text", parse)


def read_capella(data: bytes) -> Loaded:
    """Return the music of a Capella file (`.capx`).

    Raises:
        FormatError: it is none, or music21 cannot read it.
    """
    document = member(data, "score.xml")
    parse_xml(document)
    text = read_text(document)

    def parse(_: Any) -> Any:
        from music21.capella import fromCapellaXML

        capella: Any = fromCapellaXML
        importer = capella.CapellaImporter()
        importer.parseXMLText(text)
        system = importer.systemScoreFromScore(importer.mainDom)
        return importer.partScoreFromSystemScore(system)

    return _loaded("Capella", parse)


def _converted(converter: Any, text: str) -> Any:
    converter.parseData(text)
    return converter.stream


def _loaded(kind: str, parse: Callable[[Any], Any]) -> Loaded:
    """Let music21 parse, and take over what it found."""
    import music21
    import music21.converter

    lost: Counter[str] = Counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stream = parse(music21)
            parts = [_part(part, lost) for part in list(stream.parts) or [stream]]
            meta = _meta(stream)
    except FormatError:
        raise
    except Exception as error:  # music21 lets any exception through
        line = str(error).strip().split("\n", 1)[0][:200]
        raise FormatError(
            f"music21 cannot read this {kind} file: {type(error).__name__}: {line}"
        ) from error
    if not any(bar.sounds for part in parts for bar in part.bars):
        raise FormatError(f"the {kind} file holds no notes that music21 finds")
    score = score_of(parts, meta, lost)
    issues = []
    if lost["unheld"]:
        message = f"{lost['unheld']} notes without a pitch or length are left out"
        issues.append(Issue("musicxml.note", message, severity="warning"))
    return Loaded((score,), tuple(issues))


def _meta(stream: Any) -> dict[str, str]:
    metadata = stream.metadata
    if metadata is None:
        return {}
    meta = {"title": metadata.bestTitle, "composer": metadata.composer}
    return {key: " ".join(str(value).strip('"').split()) for key, value in meta.items() if value}


def _part(stream: Any, lost: Counter[str]) -> Part:
    instrument = stream.getInstrument(returnDefault=True)
    name = str(stream.partName or instrument.partName or "").strip('"')
    part = Part(name)
    part.program = instrument.midiProgram
    if part.program is None:
        part.program = program_named(f"{name} {instrument.instrumentName or ''}")
    transposition = instrument.transposition
    if transposition is not None and stream.atSoundingPitch is not True:
        part.shift = round(transposition.semitones)
    measures = list(stream.getElementsByClass("Measure"))
    if not measures:
        measures = list(stream.makeMeasures().getElementsByClass("Measure"))
    for measure in measures:
        part.bars.append(_bar(measure, part, lost))
    _brackets(stream, measures, part.bars)
    return part


def _bar(measure: Any, part: Part, lost: Counter[str]) -> Bar:
    bar = Bar()
    _signs(measure, part, bar)
    for number, voice in enumerate([measure, *measure.voices]):
        label = str(max(number, 1))
        offset = Fraction(voice.offset) if number else Fraction(0)
        for element in voice.notesAndRests:
            start = offset + Fraction(element.offset)
            length = Fraction(element.duration.quarterLength)
            bar.extent = max(bar.extent, start + length)
            bar.voices.add((1, label))
            if not element.isRest and "Harmony" not in element.classes:
                for sound in _sounds(element, (start, length, label), part, lost):
                    bar.sounds.append(sound)
                    bar.sounding = max(bar.sounding, start + length)
    _number_graces(bar)
    return bar


def _signs(measure: Any, part: Part, bar: Bar) -> None:
    """Take over time, keys, tempos and repeats of a measure."""
    time = measure.timeSignature
    if time is not None and time.denominator in {1, 2, 4, 8, 16, 32, 64, 128}:
        bar.time = (time.numerator, time.denominator) if 1 <= time.numerator <= 255 else None
    for key in measure.getElementsByClass("KeySignature"):
        if -7 <= key.sharps <= 7:
            mode = getattr(key, "mode", None)
            mode = mode if mode in {"major", "minor"} else "major"
            fifths = (key.sharps + 7 * part.shift + 5) % 12 - 5 if part.shift % 12 else key.sharps
            bar.keys.append((Fraction(key.offset), fifths, mode))
    for mark in measure.recurse().getElementsByClass("MetronomeMark"):
        qpm = mark.getQuarterBPM()
        if qpm and 0 < qpm < 10_000:
            bar.tempos.append((Fraction(mark.getOffsetInHierarchy(measure)), float(qpm)))
    for line in (measure.leftBarline, measure.rightBarline):
        if line is not None and "Repeat" in line.classes:
            if line.direction == "start":
                bar.opens = True
            else:
                bar.passes = min(max(int(line.times or 2), 2), 99)


def _sounds(
    element: Any, place: tuple[Fraction, Fraction, str], part: Part, lost: Counter[str]
) -> Iterator[Sound]:
    """Yield the notes of a music21 note or chord; `place` is its start, length and voice."""
    start, length, voice = place
    is_grace = bool(element.duration.isGrace)
    marks = {type(mark).__name__ for mark in (*element.articulations, *element.expressions)}
    for note in element.notes if element.isChord else [element]:
        tie = note.tie or element.tie
        kind = tie.type if tie is not None else ""
        pitch = round(note.pitch.ps) + part.shift if note.isNote else -1
        if not 0 <= pitch <= 127 or (length <= 0 and not is_grace):
            lost["unheld"] += 1
            continue
        velocity = note.volume.velocity or element.volume.velocity or _PLAIN_VELOCITY
        yield Sound(
            start,
            length,
            pitch,
            voice,
            1,
            min(max(round(velocity), 1), 127),
            grace=id(element) if is_grace else 0,
            starts=kind in {"start", "continue"},
            stops=kind in {"stop", "continue"},
            marks=frozenset(_MARKS[mark] for mark in marks if mark in _MARKS),
        )


def _number_graces(bar: Bar) -> None:
    """Count the grace groups of a bar from 1, in their order."""
    groups = list(dict.fromkeys(sound.grace for sound in bar.sounds if sound.grace))
    for sound in bar.sounds:
        if sound.grace:
            sound.grace = groups.index(sound.grace) + 1


def _brackets(stream: Any, measures: list[Any], bars: list[Bar]) -> None:
    """Set the endings of the measures under repeat brackets."""
    places = {id(measure): index for index, measure in enumerate(measures)}
    for bracket in stream.recurse().getElementsByClass("RepeatBracket"):
        inside = sorted(places[id(m)] for m in bracket.getSpannedElements() if id(m) in places)
        numbers = frozenset(n for n in bracket.numberRange if 1 <= n <= 16)
        if inside and numbers:
            bars[inside[0]].endings = numbers
            bars[inside[-1]].ending_stops = True
