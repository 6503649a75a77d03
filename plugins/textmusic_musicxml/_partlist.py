"""What a part says of its instrument: part list, clef and strings."""

from __future__ import annotations

from collections.abc import Iterator

from textmusic.score import Track
from textmusic_musicxml._text import escaped
from textmusic_musicxml._values import spelling

__all__ = ["MOST_STRINGS", "clef", "declaration", "strings_of", "tuning"]

MOST_STRINGS = 16
_GUITARS = range(24, 32)
_BASSES = range(32, 40)


def strings_of(track: Track) -> int:
    """Return how many strings the staff of a track has, 0 for none or too many."""
    return len(track.tuning) if len(track.tuning) <= MOST_STRINGS else 0


def drum_keys(track: Track) -> list[int]:
    """Return the keys that a drum track uses."""
    return sorted({note.pitch for note in track.notes}) if track.is_drum else []


def declaration(track: Track, part: str) -> Iterator[str]:
    """Yield the entry of a track in the part list; `part` is its id."""
    keys = drum_keys(track)
    yield f'<score-part id="{part}"><part-name>{escaped(track.name)}</part-name>\n'
    ids = [f"{part}-I{key + 1}" for key in keys] or [f"{part}-I1"]
    for index, name in enumerate(ids):
        label = f"Drum key {keys[index]}" if keys else escaped(track.name)
        yield (
            f'<score-instrument id="{name}"><instrument-name>{label}'
            "</instrument-name></score-instrument>\n"
        )
    channel = 10 if track.is_drum else _channel(int(part[1:]) - 1)
    for index, name in enumerate(ids):
        key = keys[index] + 1 if keys else 0
        unpitched = f"<midi-unpitched>{key}</midi-unpitched>" if key else ""
        yield (
            f'<midi-instrument id="{name}"><midi-channel>{channel}</midi-channel>'
            f"<midi-program>{track.program + 1}</midi-program>{unpitched}"
            "</midi-instrument>\n"
        )
    yield "</score-part>\n"


def _channel(index: int) -> int:
    return (index % 15) + 1 + (index % 15 >= 9)


def clef(track: Track) -> str:
    """Return the clef that suits a track."""
    if track.is_drum:
        sign, line, octave = "percussion", 2, 0
    elif strings_of(track) and track.notes and all(n.string is not None for n in track.notes):
        sign, line, octave = "TAB", 5, 0
    else:
        sign, line = "G", 2
        pitches = [note.pitch for note in track.notes]
        if pitches and sum(pitches) / len(pitches) < 57:
            sign, line = "F", 4
        octave = -1 if track.program in (_GUITARS if sign == "G" else _BASSES) else 0
    change = f"<clef-octave-change>{octave}</clef-octave-change>" if octave else ""
    return f"<clef><sign>{sign}</sign><line>{line}</line>{change}</clef>"


def tuning(track: Track) -> str:
    """Return the strings of a staff, empty where it has none."""
    count = strings_of(track)
    if not count:
        return ""
    rows = [f"<staff-details><staff-lines>{count}</staff-lines>"]
    for line, pitch in enumerate(track.tuning, 1):
        step, alter, octave = spelling(pitch, 0)
        change = f"<tuning-alter>{alter}</tuning-alter>" if alter else ""
        rows.append(
            f'<staff-tuning line="{line}"><tuning-step>{step}</tuning-step>{change}'
            f"<tuning-octave>{octave}</tuning-octave></staff-tuning>"
        )
    capo = f"<capo>{track.capo}</capo>" if track.capo else ""
    return "".join([*rows, capo, "</staff-details>"])
