"""The drum sounds of Guitar Pro 6, 7 and 8, and the General MIDI keys that they play.

Source: the kits in 17 real files, and for Guitar Pro 6 one song that is held in both versions.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KIT", "Sound", "gp6_key", "kit_key", "sound_of"]


@dataclass(frozen=True, slots=True)
class Sound:
    """A way to strike a drum.

    Args:
        element, kind: the instrument's name and Guitar Pro's word for its kind.
        name: what is done to it.
        key: Guitar Pro's own number, which the fret of a note repeats.
        output: the General MIDI key that sounds.
        line: where it stands on the staff, counted from the top.
        head: the shape of its note head.
    """

    element: str
    kind: str
    name: str
    key: int
    output: int
    line: int
    head: str


_TABLE = """
Snare|snare|hit 38 38 3,side stick 37 37 3 x,rim shot 91 38 3 d
Charley|hiHat|closed 42 42 -1 x,half 92 46 -1 s,open 46 46 -1 o,pedal 44 44 9 x
Acoustic Kick Drum|kickDrum|hit 35 35 8
Kick Drum|kickDrum|hit 36 36 7
Tom Very High|tom|hit 50 50 1
Tom High|tom|hit 48 48 2
Tom Medium|tom|hit 47 47 4
Tom Low|tom|hit 45 45 5
Tom Very Low|tom|hit 43 43 6
Ride|ride|edge 93 51 0 x,middle 51 51 0 x,bell 53 53 0 d,choke 94 51 0 x
Splash|splash|hit 55 55 -2 x,choke 95 55 -2 x
China|china|hit 52 52 -3 h,choke 96 52 -3 h
Crash High|crash|hit 49 49 -2 h,choke 97 49 -2 h
Crash Medium|crash|hit 57 57 -1 h,choke 98 57 -1 h
Cowbell Low|cowbell|hit 99 56 1 t,tip 100 56 1 x
Cowbell Medium|cowbell|hit 56 56 0 t,tip 101 56 0 x
Cowbell High|cowbell|hit 102 56 -1 t,tip 103 56 -1 x
Woodblock Low|woodblock|hit 77 77 -9 t
Woodblock High|woodblock|hit 76 76 -10 t
Bongo High|bongo|hit 60 60 -4,mute 104 60 -5,slap 105 60 -6 x
Bongo Low|bongo|hit 61 61 -7,mute 106 61 -8,slap 107 61 -16 x
Timbale Low|timbale|hit 66 66 10
Timbale High|timbale|hit 65 65 9
Agogo Low|agogo|hit 68 68 12
Agogo High|agogo|hit 67 67 11
Conga Low|conga|hit 64 64 17,slap 108 64 16 x,mute 109 64 15
Conga High|conga|hit 63 63 14,slap 110 63 13 x,mute 62 62 19
Whistle Low|whistle|hit 72 72 -11
Whistle High|whistle|hit 71 71 -17
Guiro|guiro|hit 73 73 38,scrap-return 74 74 37
Surdo|surdo|hit 86 86 36,mute 87 87 35 x
Tambourine|tambourine|hit 54 54 3 t,return 111 54 2 t,roll 112 54 1 t,hand 113 54 -7 x
Cuica|cuica|open 79 79 30,mute 78 78 29 x
Vibraslap|vibraslap|hit 58 58 28
Triangle|triangle|hit 81 81 27,mute 80 80 26 x
Grancassa|grancassa|hit 114 43 25
Piatti|piatti|hit 115 49 18,hand 116 49 24 x
Cabasa|cabasa|hit 69 69 23,return 117 69 22
Castanets|castanets|hit 85 85 21
Claves|claves|hit 75 75 20
Left Maraca|maraca|hit 70 70 -12,return 118 70 -13
Right Maraca|maraca|hit 119 70 -14,return 120 70 -15
Shaker|shaker|hit 82 54 -23,return 122 54 -24
Bell Tree|bellTree|hit 84 53 -18,return 123 53 -19
Jingle Bell|jingleBell|hit 83 53 -20
Tinkle Bell|jingleBell|hit 83 53 -20
Golpe|unpitched|thumb 124 62 -21 n,finger 125 62 -22 n
Hand Clap|handClap|hit 39 39 3
Electric Snare|snare|hit 40 40 3
Sticks|snare|side stick 31 40 3 x
Very Low Floor Tom|tom|hit 41 41 5
Ride Cymbal 2|ride|edge 59 59 2 x,middle 126 59 2 x,bell 127 59 2 d,choke 29 59 2 x
Reverse Cymbal|crash|hit 30 49 -3 x
Metronome|snare|side stick 33 37 3 x,hit 34 38 3
"""
_HEADS = {
    "": "noteheadBlack noteheadHalf noteheadWhole",
    "x": "noteheadXBlack noteheadXBlack noteheadXBlack",
    "d": "noteheadDiamondWhite noteheadDiamondWhite noteheadDiamondWhite",
    "s": "noteheadCircleSlash noteheadCircleSlash noteheadCircleSlash",
    "o": "noteheadCircleX noteheadCircleX noteheadCircleX",
    "h": "noteheadHeavyX noteheadHeavyX noteheadHeavyX",
    "t": "noteheadTriangleUpBlack noteheadTriangleUpBlack noteheadTriangleUpBlack",
    "n": "noteheadNull noteheadNull noteheadNull",
}


def _sound(element: str, kind: str, text: str) -> Sound:
    words = text.split()
    head = words.pop() if words[-1] in _HEADS else ""
    name = " ".join(words[:-3])
    key, output, line = map(int, words[-3:])
    return Sound(element, kind, name, key, output, line, _HEADS[head])


KIT = tuple(
    _sound(element, kind, text)
    for element, kind, sounds in (row.split("|") for row in _TABLE.split("\n") if row)
    for text in sounds.split(",")
)
"""The kit of Guitar Pro 7 and 8; notes name a sound by its place in this list."""

_OUTPUTS = {sound.key: sound.output for sound in reversed(KIT)}
_GP6 = (
    *((36,), (38, 91, 37), (99, 100), (56, 101), (102, 103), (43,), (45,), (47,), (48,), (50,)),
    *((42, 92, 46), (44,), (57, 98), (49, 97), (55, 95), (51, 93, 53), (52, 96)),
)
"""Guitar Pro's own numbers by GP6's element and variation."""


def kit_key(number: int) -> int | None:
    """The General MIDI key of Guitar Pro's own number of a drum sound."""
    return _OUTPUTS.get(number, number if 27 <= number <= 87 else None)


def gp6_key(element: int, variation: int) -> int | None:
    """The General MIDI key of a drum note of Guitar Pro 6."""
    if not 0 <= element < len(_GP6):
        return None
    keys = _GP6[element]
    return _OUTPUTS[keys[variation] if 0 <= variation < len(keys) else keys[0]]


def sound_of(key: int) -> int | None:
    """The place in the kit of the plainest sound that plays a General MIDI key."""
    return _PLACES.get(key)


_PLACES: dict[int, int] = {}
for _place, _each in enumerate(KIT):
    if _each.key == _each.output:
        _PLACES.setdefault(_each.output, _place)
for _place, _each in enumerate(KIT):
    _PLACES.setdefault(_each.output, _place)
