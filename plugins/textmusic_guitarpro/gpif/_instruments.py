"""Tracks as GPIF spells them, and the small binary files that lay them out."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textmusic_guitarpro.gpif._drums import KIT
from textmusic_guitarpro.gpif._notation import cleaned
from textmusic_guitarpro.song import Part

__all__ = ["Instrument", "instrument_of", "layout_files", "track_text"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """What Guitar Pro calls an instrument, with the place of its sound."""

    name: str
    kind: str
    path: str
    icon: int
    octaves: int = 0


_NYLON = Instrument("Nylon Guitar", "nylonGuitar", "Stringed/Acoustic Guitars/Nylon Guitar", 2, 1)
_STEEL = Instrument("Steel Guitar", "steelGuitar", "Stringed/Acoustic Guitars/Steel Guitar", 1, 1)
_CLEAN = "Stringed/Electric Guitars/Clean Guitar"
_ELECTRIC = Instrument("Electric Guitar", "electricGuitar", _CLEAN, 4, 1)
_UPRIGHT = Instrument("Acoustic Bass", "acousticBass", "Stringed/Basses/Acoustic Bass", 5, 1)
_BASS = Instrument("Electric Bass", "electricBass", "Stringed/Basses/Clean Bass", 5, 1)
_DRUMS = Instrument("Drums", "drumKit", "Drums/Drums/Drumkit", 18)
_PIANO = Instrument("Acoustic Piano", "acousticPiano", "Orchestra/Keyboard/Acoustic Piano", 10)
_VIOLIN = Instrument("Violin", "violin", "Orchestra/Strings/Violin", 11)
_VOICE = Instrument("Voice", "voice", "Orchestra/Other/Singer", 16)
_SAXOPHONE = Instrument("Saxophone", "saxophone", "Orchestra/Winds/Saxophone", 14)
_FLUTE = Instrument("Flute", "flute", "Orchestra/Winds/Flute", 15)
_FRETTED = ((24, _NYLON), (25, _STEEL), (31, _ELECTRIC), (32, _UPRIGHT), (39, _BASS))
_OTHERS = ((39, _PIANO), (51, _VIOLIN), (54, _VOICE), (55, _PIANO), (71, _SAXOPHONE), (79, _FLUTE))
_COLOURS = ("235 152 125", "114 177 222", "147 195 120", "222 184 98", "165 140 205", "90 185 175")
_PORTS = 16
_DRUM_CHANNEL = 9
_STANDARD, _TABLATURE = 1, 2


def instrument_of(part: Part) -> Instrument:
    """Return the instrument that a part is written as; its General MIDI program is kept apart."""
    if part.is_drum:
        return _DRUMS
    table, default = (_FRETTED, _STEEL) if part.tuning else (_OTHERS, _PIANO)
    if part.tuning and part.program < 24:
        return default
    return next((found for last, found in table if part.program <= last), default)


def track_text(part: Part, number: int, strings: Sequence[int], keys: Iterable[int]) -> str:
    """Return a track.

    Args:
        part: what it holds.
        number: its id, counted from 0.
        strings: MIDI numbers of the strings that its notes lie on.
        keys: drum keys for which the kit gets sounds of their own.
    """
    instrument = instrument_of(part)
    empty = "<Line><Text></Text><Offset>0</Offset></Line>" * 5
    return f"""<Track id="{number}">
<Name>{cleaned(part.name)}</Name>
<ShortName>{cleaned(part.name[:10])}</ShortName>
<Color>{_COLOURS[number % len(_COLOURS)]}</Color>
<SystemsDefautLayout>3</SystemsDefautLayout>
<SystemsLayout></SystemsLayout>
<PalmMute>0</PalmMute>
<PlayingStyle>{"StringedPick" if part.tuning else "Default"}</PlayingStyle>
<IconId>{instrument.icon}</IconId>
<InstrumentSet>
<Name>{instrument.name}</Name>
<Type>{instrument.kind}</Type>
<LineCount>5</LineCount>
<Elements>
{_kit(keys) if part.is_drum else _PITCHED}</Elements>
</InstrumentSet>
<Transpose><Chromatic>0</Chromatic><Octave>{-instrument.octaves}</Octave></Transpose>
<ForcedSound>-1</ForcedSound>
{_sounds(instrument, part.program)}{_connection(part, number)}<PlaybackState>Default</PlaybackState>
<AudioEngineState>MIDI</AudioEngineState>
<Lyrics dispatched="true">{empty}</Lyrics>
<Staves><Staff>
{_staff(part, strings)}</Staff></Staves>
<Automations><Automation>
<Type>Sound</Type>
<Linear>false</Linear>
<Bar>0</Bar>
<Position>0</Position>
<Visible>true</Visible>
<Value>{instrument.path};{instrument.name};User</Value>
</Automation></Automations>
</Track>
"""


def _sounds(instrument: Instrument, program: int) -> str:
    return f"""<Sounds><Sound>
<Name>{instrument.name}</Name>
<Label>{instrument.name}</Label>
<Path>{instrument.path}</Path>
<Role>User</Role>
<MIDI><LSB>0</LSB><MSB>0</MSB><Program>{program}</Program></MIDI>
</Sound></Sounds>
"""


def _connection(part: Part, number: int) -> str:
    channels = (_DRUM_CHANNEL, _DRUM_CHANNEL, 0) if part.is_drum else _channels(number)
    return f"""<MidiConnection>
<Port>{channels[2]}</Port>
<PrimaryChannel>{channels[0]}</PrimaryChannel>
<SecondaryChannel>{channels[1]}</SecondaryChannel>
<ForeOneChannelPerString>false</ForeOneChannelPerString>
</MidiConnection>
"""


def _channels(number: int) -> tuple[int, int, int]:
    """Two MIDI channels and a port: seven pairs a port, drums on their own."""
    pairs = [channel for channel in range(16) if channel != _DRUM_CHANNEL][:14]
    port, pair = divmod(number, 7)
    return pairs[2 * pair], pairs[2 * pair + 1], port % _PORTS


def _staff(part: Part, strings: Sequence[int]) -> str:
    kind = "Undefined" if part.is_drum else "Bass" if len(strings) < 6 else "Guitar"
    pitches = " ".join(map(str, strings))
    items = "".join(
        f'<Property name="{name}"><Items/></Property>\n'
        for name in ("ChordCollection", "ChordWorkingSet", "DiagramCollection", "DiagramWorkingSet")
    )
    return f"""<Properties>
<Property name="CapoFret"><Fret>{part.capo}</Fret></Property>
<Property name="FretCount"><Number>24</Number></Property>
<Property name="PartialCapoFret"><Fret>0</Fret></Property>
<Property name="PartialCapoStringFlags"><Bitset>{"0" * len(strings)}</Bitset></Property>
<Property name="Tuning"><Pitches>{pitches}</Pitches><Flat></Flat><Instrument>{kind}</Instrument>\
<Label></Label><LabelVisible>true</LabelVisible></Property>
{items}<Property name="TuningFlat"><Enable/></Property>
<Name></Name>
</Properties>
"""


def _kit(extra: Iterable[int]) -> str:
    """Return the drum sounds of a track, and after them plain ones for further keys."""
    groups: dict[tuple[str, str], list[str]] = {}
    for sound in KIT:
        name = f"{sound.element} ({sound.name})"
        text = _sound(name, sound.line, sound.head, str(sound.key), sound.output)
        groups.setdefault((sound.element, sound.kind), []).append(text)
    for key in extra:
        name = f"Key {key}"
        groups[name, "unpitched"] = [_sound(name, 3, KIT[0].head, str(key), key)]
    return "".join(_element(*group, sounds) for group, sounds in groups.items())


def _element(name: str, kind: str, sounds: Iterable[str]) -> str:
    return (
        f"<Element><Name>{name}</Name><Type>{kind}</Type><SoundbankName></SoundbankName>"
        f"<Articulations>\n{''.join(sounds)}</Articulations></Element>\n"
    )


def _sound(name: str, line: int, head: str, key: str, output: int) -> str:
    return (
        f"<Articulation><Name>{name}</Name><StaffLine>{line}</StaffLine>"
        f"<Noteheads>{head}</Noteheads><TechniquePlacement>outside</TechniquePlacement>"
        f"<TechniqueSymbol></TechniqueSymbol><InputMidiNumbers>{key}</InputMidiNumbers>"
        f"<OutputRSESound></OutputRSESound><OutputMidiNumber>{output}</OutputMidiNumber>"
        "</Articulation>\n"
    )


_PITCHED = _element("Pitched", "pitched", [_sound("", 0, KIT[0].head, "", 0)])


def layout_files(parts: Sequence[Part]) -> tuple[bytes, bytes]:
    """Return PartConfiguration and LayoutConfiguration: a view of all parts, and one of each."""
    kinds = [_STANDARD | (_TABLATURE if part.tuning else 0) for part in parts]
    views = [kinds, *([kind] for kind in kinds)]
    shown = b"".join(struct.pack(f">bi{len(v)}b", 0, len(v), *v) for v in views)
    configuration = struct.pack(">i", len(views)) + shown + struct.pack(">i", min(1, len(kinds)))
    visible = b"\xff" * sum(map(len, views))
    return configuration, struct.pack(">ibb", 4, 1, 0) + visible + struct.pack(">i", 0)
