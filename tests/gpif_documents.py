"""Small GPIF documents and containers for tests of the Guitar Pro 6, 7 and 8 formats."""

from __future__ import annotations

from collections.abc import Mapping

from textmusic_guitarpro.gpif.container import zipped

__all__ = ["DRUMS", "GUITAR", "PIANO6", "bits", "document", "gp", "packed", "sectors", "track"]

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
