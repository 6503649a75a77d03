"""Small GPIF documents and containers for tests of the Guitar Pro 6, 7 and 8 formats."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from textmusic_guitarpro.gpif import read_gp
from textmusic_guitarpro.gpif.container import zipped
from textmusic_guitarpro.song import Beat, Measure, Part, Rhythm, Song, Struck, TempoChange

__all__ = [
    "DRUMS",
    "GUITAR",
    "PIANO6",
    "bits",
    "document",
    "flag",
    "gp",
    "own_song",
    "packed",
    "sectors",
    "song_of",
    "the_note",
    "track",
]

SECTOR = 4096


def document(
    *,
    tracks: str = "",
    masters: str = "<MasterBar><Time>4/4</Time><Bars>0</Bars></MasterBar>",
    bars: str = '<Bar id="0"><Voices>0 -1 -1 -1</Voices></Bar>',
    voices: str = '<Voice id="0"><Beats>0</Beats></Voice>',
    beats: str = '<Beat id="0"><Dynamic>MF</Dynamic><Rhythm ref="0"/><Notes>0</Notes></Beat>',
    notes: str = '<Note id="0"><Properties><Property name="String"><String>5</String></Property>'
    '<Property name="Fret"><Fret>3</Fret></Property></Properties></Note>',
    rhythms: str = '<Rhythm id="0"><NoteValue>Whole</NoteValue></Rhythm>',
    order: str = "0",
    master: str = "",
    score: str = "",
) -> str:
    """One bar with one whole note on the highest string, unless told otherwise."""
    return (
        f"<GPIF><Score>{score}</Score><MasterTrack><Tracks>{order}</Tracks>{master}</MasterTrack>"
        f"<Tracks>{tracks or GUITAR}</Tracks><MasterBars>{masters}</MasterBars>"
        f"<Bars>{bars}</Bars><Voices>{voices}</Voices><Beats>{beats}</Beats>"
        f"<Notes>{notes}</Notes><Rhythms>{rhythms}</Rhythms></GPIF>"
    )


def track(properties: str, inner: str = "") -> str:
    """A track of Guitar Pro 7 with one staff."""
    return (
        f'<Track id="0"><Name>Lead</Name>{inner}<Staves><Staff><Properties>{properties}'
        "</Properties></Staff></Staves></Track>"
    )


GUITAR = track('<Property name="Tuning"><Pitches>40 45 50 55 59 64</Pitches></Property>')
DRUMS = track("", "<InstrumentSet><Type>drumKit</Type></InstrumentSet>")
PIANO6 = (
    '<Track id="0"><Name>Keys</Name><Instrument ref="a-piano-gs"/>'
    '<GeneralMidi table="Instrument"><Program>4</Program></GeneralMidi></Track>'
)


def gp(xml: str | bytes) -> bytes:
    """A zip that holds a document."""
    return zipped({"Content/score.gpif": xml if isinstance(xml, bytes) else xml.encode()})


def sectors(files: Mapping[str, bytes]) -> bytes:
    """A `BCFS` container: free map, root, then each file's entry and its content."""
    entries, blocks = [], []
    place = 3
    for name, content in files.items():
        parts = [content[i : i + SECTOR] for i in range(0, len(content), SECTOR)]
        numbers = range(place + 1, place + 1 + len(parts))
        entries.append(place)
        blocks += [_entry(2, name, len(content), numbers), *(_filled(part) for part in parts)]
        place += 1 + len(parts)
    listed = b"".join(number.to_bytes(4, "little") for number in entries)
    root = _entry(1, "/", len(listed), [2])
    return b"BCFS" + b"".join([bytes(SECTOR), root, _filled(listed), *blocks])


def _entry(kind: int, name: str, size: int, numbers: object) -> bytes:
    head = kind.to_bytes(4, "little") + name.encode()
    head = head.ljust(0x8C, b"\0") + size.to_bytes(4, "little")
    listed = b"".join(number.to_bytes(4, "little") for number in numbers)  # type: ignore[attr-defined]
    return _filled(head.ljust(0x94, b"\0") + listed)


def _filled(content: bytes) -> bytes:
    return content.ljust(SECTOR, b"\0")


def bits(text: str, length: int) -> bytes:
    """A `BCFZ` file of a stream of bits that announces a length."""
    text = text.replace(" ", "")
    text += "0" * (-len(text) % 8)
    return b"BCFZ" + length.to_bytes(4, "little") + int(text or "0", 2).to_bytes(len(text) // 8)


def packed(data: bytes) -> bytes:
    """A `BCFZ` file: literals of three bytes, and runs of one byte copied with overlap."""
    tokens, place = [], 0
    while place < len(data):
        run = 0
        while (
            place and run < 511 and data[place + run : place + run + 1] == data[place - 1 : place]
        ):
            run += 1
        if run > 6:
            tokens.append("1" + f"{9:04b}" + f"{1:09b}"[::-1] + f"{run:09b}"[::-1])
            place += run
            continue
        part = data[place : place + 3]
        tokens.append("0" + f"{len(part):02b}"[::-1] + "".join(f"{byte:08b}" for byte in part))
        place += len(part)
    return bits("".join(tokens), len(data))


STRINGS = (40, 45, 50, 55, 59, 64)


def _struck(fret: int, string: int, *marks: str) -> Struck:
    return Struck(fret, string, velocity=79, marks=set(marks))


def _lead() -> list[list[list[Beat]]]:
    """Three measures: techniques that lead to a next note on the string, a grace run, a tie."""
    first = [
        Beat(Rhythm(8), [_struck(5, 4, "hammer", "accent")]),
        Beat(Rhythm(8), [_struck(7, 4, "slide")]),
        Beat(Rhythm(8), [_struck(9, 4, "slide:legato", "vibrato")]),
        Beat(Rhythm(8), [_struck(7, 4, "palm-mute"), _struck(0, 1, "let-ring")]),
        Beat(Rhythm(4), [_struck(7, 3, "bend:2", "bend-curve:0@0,2@50,1@100", "release")]),
        Beat(Rhythm(4, 0), [_struck(12, 5, "harmonic"), _struck(12, 4, "ghost")]),
    ]
    second = [
        Beat(Rhythm(32), [_struck(2, 2)], is_grace=True),
        Beat(Rhythm(32), [_struck(3, 2)], is_grace=True),
        *(Beat(Rhythm(8, 0, 3, 2), [_struck(fret, 2, "staccato")]) for fret in (5, 3, 2)),
        Beat(Rhythm(4), [_struck(2, 2, "dead", "tremolo:16"), _struck(2, 3, "tremolo:16")]),
        Beat(Rhythm(2), [_struck(4, 1, "trill:51", "whammy:0@0,-2@50,0@100")]),
    ]
    third = [Beat(Rhythm(2), [Struck(4, 1, is_tied=True)]), Beat(Rhythm(2))]
    return [[first], [second, [], [Beat(Rhythm(1), [_struck(0, 0)])]], [third]]


def _drums() -> list[list[list[Beat]]]:
    keys = [*range(35, 60), 76, 77, 81, 27]
    return [
        [[Beat(Rhythm(16), [Struck(key, velocity=79), Struck(36, velocity=79)]) for key in group]]
        for group in (keys[:12], keys[12:], keys[:3])
    ]


def own_song() -> Song:
    """A song with every kind of part and most techniques."""
    measures = [
        Measure(fifths=2, opens=True, tempos=[TempoChange(Fraction(0), 96.0)]),
        Measure(passes=3, endings=frozenset({1, 2}), tempos=[TempoChange(Fraction(3, 2), 120.0)]),
        Measure(6, 8, -3, "minor", endings=frozenset({3})),
    ]
    chord = Beat(Rhythm(1), [Struck(pitch, velocity=79) for pitch in (40, 52, 64, 67, 71, 76, 79)])
    parts = [
        Part("Lead & Co", 29, tuning=STRINGS, capo=2, measures=_lead()),
        Part("Bass", 33, tuning=(28, 33, 38, 43), measures=[[], [[Beat(Rhythm(2))]], []]),
        Part("Piano", 0, measures=[[[chord]], [], [[chord]]]),
        Part("Drums", is_drum=True, measures=_drums()),
    ]
    return Song(measures, parts, {"title": 'A "title" \u6b4c'})


def song_of(**parts: str) -> Song:
    """The page of a document."""
    return read_gp(gp(document(**parts)))[0]


def the_note(properties: str = "", signs: str = "", beat: str = "", tracks: str = "") -> Struck:
    """The one note of a document."""
    notes = (
        f'<Note id="0">{signs}<Properties>{flag("String", "String", 5)}{flag("Fret", "Fret", 3)}'
        f"{properties}</Properties></Note>"
    )
    beats = f'<Beat id="0"><Rhythm ref="0"/><Notes>0</Notes>{beat}</Beat>'
    return song_of(notes=notes, beats=beats, tracks=tracks).parts[0].measures[0][0][0].notes[0]


def flag(name: str, child: str = "Enable", value: object = "") -> str:
    """A property."""
    return f'<Property name="{name}"><{child}>{value}</{child}></Property>'
