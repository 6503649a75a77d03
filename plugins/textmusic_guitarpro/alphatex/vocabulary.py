"""The words of alphaTex: instruments, drum sounds, dynamics, pitches, keys."""

from __future__ import annotations

import re

__all__ = [
    "DRUM_KEYS",
    "DYNAMICS",
    "INSTRUMENTS",
    "PERCUSSION_IDS",
    "default_tuning",
    "drum_name",
    "drum_word",
    "key_name",
    "key_of",
    "pitch_name",
    "pitch_of",
    "program_of",
]

_INSTRUMENTS = """AcousticGrandPiano BrightAcousticPiano ElectricGrandPiano HonkyTonkPiano ElectricPiano1
    ElectricPiano2 Harpsichord Clavinet Celesta Glockenspiel MusicBox Vibraphone Marimba Xylophone
    TubularBells Dulcimer DrawbarOrgan PercussiveOrgan RockOrgan ChurchOrgan ReedOrgan Accordion
    Harmonica TangoAccordion AcousticGuitarNylon AcousticGuitarSteel ElectricGuitarJazz
    ElectricGuitarClean ElectricGuitarMuted OverdrivenGuitar DistortionGuitar GuitarHarmonics
    AcousticBass ElectricBassFinger ElectricBassPick FretlessBass SlapBass1 SlapBass2 SynthBass1
    SynthBass2 Violin Viola Cello Contrabass TremoloStrings PizzicatoStrings OrchestralHarp Timpani
    StringEnsemble1 StringEnsemble2 SynthStrings1 SynthStrings2 ChoirAahs VoiceOohs SynthVoice
    OrchestraHit Trumpet Trombone Tuba MutedTrumpet FrenchHorn BrassSection SynthBrass1 SynthBrass2
    SopranoSax AltoSax TenorSax BaritoneSax Oboe EnglishHorn Bassoon Clarinet Piccolo Flute Recorder
    PanFlute BlownBottle Shakuhachi Whistle Ocarina Lead1Square Lead2Sawtooth Lead3Calliope
    Lead4Chiff Lead5Charang Lead6Voice Lead7Fifths Lead8BassAndLead Pad1NewAge Pad2Warm
    Pad3Polysynth Pad4Choir Pad5Bowed Pad6Metallic Pad7Halo Pad8Sweep Fx1Rain Fx2Soundtrack
    Fx3Crystal Fx4Atmosphere Fx5Brightness Fx6Goblins Fx7Echoes Fx8SciFi Sitar Banjo Shamisen Koto
    Kalimba Bagpipe Fiddle Shanai TinkleBell Agogo SteelDrums Woodblock TaikoDrum MelodicTom
    SynthDrum ReverseCymbal GuitarFretNoise BreathNoise Seashore BirdTweet TelephoneRing Helicopter
    Applause Gunshot"""
INSTRUMENTS = tuple(_INSTRUMENTS.split())
"""General MIDI programs; alphaTab ignores case."""

_PROGRAMS = {name.lower(): number for number, name in enumerate(INSTRUMENTS)}


def program_of(name: str) -> int | None:
    """Return the program of an instrument's name, in any case and spacing, or None."""
    return _PROGRAMS.get(name.lower().replace(" ", ""))


_DRUMS = """Snare (hit)=38, Snare (side stick)=37, Snare (rim shot)=91>38, Hi-Hat (closed)=42,
Hi-Hat (half)=92>46, Hi-Hat (open)=46, Pedal Hi-Hat (hit)=44, Kick (hit)=35, Kick (hit) 2=36,
High Floor Tom (hit)=50, High Tom (hit)=48, Mid Tom (hit)=47, Low Tom (hit)=45,
Very Low Tom (hit)=43, Ride (edge)=93>51, Ride (middle)=51, Ride (bell)=53, Ride (choke)=94>51,
Splash (hit)=55, Splash (choke)=95>55, China (hit)=52, China (choke)=96>52, Crash high (hit)=49,
Crash high (choke)=97>49, Crash medium (hit)=57, Crash medium (choke)=98>57,
Cowbell low (hit)=99>56, Cowbell low (tip)=100>56, Cowbell medium (hit)=56,
Cowbell medium (tip)=101>56, Cowbell high (hit)=102>56, Cowbell high (tip)=103>56,
Woodblock low (hit)=77, Woodblock high (hit)=76, Bongo High (hit)=60, Bongo High (mute)=104>60,
Bongo High (slap)=105>60, Bongo Low (hit)=61, Bongo Low (mute)=106>61, Bongo Low (slap)=107>61,
Timbale low (hit)=66, Timbale high (hit)=65, Agogo low (hit)=68, Agogo high (hit)=67,
Conga low (hit)=64, Conga low (slap)=108>64, Conga low (mute)=109>64, Conga high (hit)=63,
Conga high (slap)=110>63, Conga high (mute)=62, Whistle low (hit)=72, Whistle high (hit)=71,
Guiro (hit)=73, Guiro (scrap-return)=74, Surdo (hit)=86, Surdo (mute)=87, Tambourine (hit)=54,
Tambourine (return)=111>54, Tambourine (roll)=112>54, Tambourine (hand)=113>54, Cuica (open)=79,
Cuica (mute)=78, Vibraslap (hit)=58, Triangle (hit)=81, Triangle (mute)=80, Grancassa (hit)=114>43,
Piatti (hit)=115>49, Piatti (hand)=116>49, Cabasa (hit)=69, Cabasa (return)=117>69,
Castanets (hit)=85, Claves (hit)=75, Left Maraca (hit)=70, Left Maraca (return)=118>70,
Right Maraca (hit)=119>70, Right Maraca (return)=120>70, Shaker (hit)=82, Shaker (return)=122>82,
Bell Tree (hit)=84, Bell Tree (return)=123>84, Jingle Bell (hit)=83, Tinkle Bell (hit)=83,
Golpe (thumb)=124>62, Golpe (finger)=125>62, Hand Clap (hit)=39, Electric Snare (hit)=40,
Snare (side stick) 2=31, Low Floor Tom (hit)=41, Ride (edge) 2=59, Ride (middle) 2=126>59,
Ride (bell) 2=127>59, Ride (choke) 2=29>59, Reverse Cymbal (hit)=30>49, Metronome (hit)=33,
Metronome (bell)=34, Hand (hit)=61, Cymbal (hit)=30>49, Snare (side stick) 3=37, Snare (hit) 2=38,
Agogo tow (hit)=68, Triangle (rnute)=80, Hand (mute)=104>60, Hand (slap)=105>60,
Hand (mute) 2=106>61, Hand (slap) 2=107>61, Piatti (hat)=115>49, Bell Tee (return)=123>84"""
"""Names with Guitar Pro's number and, behind ``>``, the General MIDI key where it is another.

The keys are General MIDI 2's; alphaTab plays sticks, metronome and bells (31, 33, 34, 83, 84) by
sounds of General MIDI 1.
"""


def drum_word(name: str) -> str:
    """Return the short spelling of a drum name, by which it is looked up too."""
    return re.sub(r"[^A-Za-z0-9]", "", name).lower()


DRUM_KEYS: dict[str, int] = {}
"""General MIDI keys by `drum_word`."""
PERCUSSION_IDS: dict[int, int] = {}
"""General MIDI keys by Guitar Pro's numbers."""
_DRUM_NAMES: dict[int, str] = {}

for _entry in _DRUMS.replace("\n", " ").split(", "):
    _name, _, _number = _entry.partition("=")
    _id, _, _key = _number.partition(">")
    DRUM_KEYS[drum_word(_name)] = int(_key or _id)
    PERCUSSION_IDS[int(_id)] = int(_key or _id)
    _DRUM_NAMES.setdefault(
        int(_id), "".join(re.sub(r"[^A-Za-z0-9]", "", word.title()) for word in _name.split())
    )


def drum_name(key: int) -> str | None:
    """Return the word for a drum key: ``KickHit2``; None where there is none.

    Keys that General MIDI lacks (88…127, 29, 30) count as Guitar Pro's numbers.
    """
    return _DRUM_NAMES.get(key)


DYNAMICS = {"ppp": 15, "pp": 31, "p": 47, "mp": 63, "mf": 79, "f": 95, "ff": 111, "fff": 127} | {
    **dict.fromkeys(("pppp", "ppppp", "pppppp", "n"), 15),
    **dict.fromkeys(("ffff", "fffff", "ffffff"), 127),
    **dict.fromkeys(("sf", "sfz", "fz", "sffz", "rf", "rfz", "sfzp", "sfp", "sfpp", "fp"), 111),
    "pf": 95,
}
"""Velocities; the first eight are those that Guitar Pro has."""

_LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ALTERED = {"": 0, "n": 0, "-": 0, "#": 1, "##": 2, "x": 2, "b": -1, "bb": -2}
_PITCH = re.compile(r"([A-Ga-g])(##?|x|bb?|n|-|)([0-9]{1,2})", re.IGNORECASE)
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_MAJOR = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINOR = ("Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#")


def pitch_of(name: str) -> int | None:
    """Return the MIDI number of ``C#4``, or None where the text is no pitch."""
    match = _PITCH.fullmatch(name)
    if match is None:
        return None
    return 12 * int(match[3]) + 12 + _LETTERS[match[1].lower()] + _ALTERED[match[2].lower()]


def pitch_name(pitch: int, *, flats: bool = False) -> str:
    """Return the name of a MIDI number of at least 12."""
    return f"{(_FLATS if flats else _SHARPS)[pitch % 12]}{pitch // 12 - 1}"


def key_name(fifths: int, mode: str) -> str:
    """Return the name of a key signature: ``Eb``, ``C#minor``."""
    return f"{_MINOR[fifths + 7]}minor" if mode == "minor" else _MAJOR[fifths + 7]


def key_of(name: str) -> tuple[int, str] | None:
    """Return the (fifths, mode) of a key's name, or None."""
    text = name.lower()
    mode = "minor" if text.endswith("minor") else "major"
    tonic = text.removesuffix("minor").removesuffix("major").capitalize()
    names = _MINOR if mode == "minor" else _MAJOR
    return (names.index(tonic) - 7, mode) if tonic in names else None


_TUNINGS = (
    ((15, *range(24, 32)), (40, 45, 50, 55, 59, 64)),
    (range(32, 40), (28, 33, 38, 43)),
    ((40, 44, 45, *range(48, 52)), (43, 50, 57, 52)),
    ((41,), (36, 43, 50, 57)),
    ((42,), (24, 31, 38, 45)),
    ((43,), (28, 33, 38, 43)),
    ((105,), (55, 38, 43, 47, 50)),
    ((106,), (45, 52, 57)),
    ((107,), (31, 38, 45, 52)),
    ((110,), (43, 50, 57, 64)),
)


def default_tuning(program: int) -> tuple[int, ...]:
    """Return the tuning that alphaTab gives a fretted staff without one, lowest string first."""
    return next((tuning for programs, tuning in _TUNINGS if program in programs), _TUNINGS[0][1])
