"""Playing techniques: Guitar Pro's effects to marks of a Note, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from guitarpro import models as gp

__all__ = ["apply_marks", "marks_of", "unheld_marks"]

_SLIDES = {
    gp.SlideType.shiftSlideTo: "slide",
    gp.SlideType.legatoSlideTo: "slide:legato",
    gp.SlideType.outDownwards: "slide:out-down",
    gp.SlideType.outUpwards: "slide:out-up",
    gp.SlideType.intoFromBelow: "slide:in-below",
    gp.SlideType.intoFromAbove: "slide:in-above",
}
_SLIDE_TYPES = {mark: kind for kind, mark in _SLIDES.items()}
_HARMONICS = {
    gp.NaturalHarmonic: "harmonic",
    gp.ArtificialHarmonic: "harmonic:artificial",
    gp.TappedHarmonic: "harmonic:tap",
    gp.PinchHarmonic: "harmonic:pinch",
    gp.SemiHarmonic: "harmonic:pinch",
}
_SLAPS = {
    gp.SlapEffect.tapping: "tap",
    gp.SlapEffect.slapping: "slap",
    gp.SlapEffect.popping: "pop",
}
_SLAP_TYPES = {mark: kind for kind, mark in _SLAPS.items()}
_FLAGS = {
    "ghost": "ghostNote",
    "palm-mute": "palmMute",
    "let-ring": "letRing",
    "staccato": "staccato",
    "accent": "accentuatedNote",
    "vibrato": "vibrato",
    "hammer": "hammer",
    "pull": "hammer",
}
_READ_FLAGS = {name: mark for mark, name in _FLAGS.items() if mark != "pull"} | {
    "heavyAccentuatedNote": "accent"
}
_WHOLE_TONE = 4
"""PyGuitarPro's bend values count quarter tones."""
_GP3_MARKS = {"bend", "dead", "ghost", "grace", "hammer", "let-ring", "pop", "pull"} | {
    *("release", "slap", "tap")
}


def marks_of(note: gp.Note, open_pitch: int) -> set[str]:
    """Return the marks of a note; a hammer-on or pull-off is ``hammer`` whichever it is.

    Args:
        note: as PyGuitarPro read it.
        open_pitch: MIDI number of its open string, capo included.
    """
    effect, beat = note.effect, note.beat
    marks = {mark for name, mark in _READ_FLAGS.items() if getattr(effect, name)}
    marks |= {_SLIDES[slide] for slide in effect.slides if slide in _SLIDES}
    if note.type is gp.NoteType.dead:
        marks.add("dead")
    if effect.bend is not None:
        marks |= _bend_marks(effect.bend)
    if beat.effect.vibrato:
        marks.add("vibrato")
    if effect.harmonic is not None:
        marks.add(_HARMONICS[type(effect.harmonic)])
    if beat.effect.slapEffect in _SLAPS:
        marks.add(_SLAPS[beat.effect.slapEffect])
    if effect.trill is not None and 0 <= open_pitch + effect.trill.fret <= 127:
        marks.add(f"trill:{open_pitch + effect.trill.fret}")
    if effect.tremoloPicking is not None and effect.tremoloPicking.duration.value:
        marks.add(f"tremolo:{effect.tremoloPicking.duration.value}")
    return marks


def _bend_marks(bend: gp.BendEffect) -> set[str]:
    highest = max((point.value for point in bend.points), default=0)
    if highest <= 0:
        return set()
    marks = {f"bend:{highest / 2:g}"}
    peak = max(i for i, point in enumerate(bend.points) if point.value == highest)
    if any(point.value < highest for point in bend.points[peak:]):
        marks.add("release")
    return marks


def apply_marks(note: gp.Note, marks: Iterable[str], open_pitch: int) -> None:
    """Give a PyGuitarPro note, and its beat, the effects that marks stand for."""
    found = frozenset(marks)
    for mark in found:
        name, _, value = mark.partition(":")
        if mark in _FLAGS:
            setattr(note.effect, _FLAGS[mark], True)
        elif mark in _SLAP_TYPES:
            note.beat.effect.slapEffect = _SLAP_TYPES[mark]
        elif name in _EFFECTS:
            _EFFECTS[name](note, value, open_pitch)
    slides = sorted((_SLIDE_TYPES[m] for m in found if m in _SLIDE_TYPES), key=lambda s: -s.value)
    note.effect.slides = slides
    if "dead" in found:
        note.type = gp.NoteType.dead
    if "release" in found and note.effect.bend is not None:
        _let_go(note.effect.bend)


def _bend(note: gp.Note, value: str, _: int) -> None:
    semitones = _number(value, _WHOLE_TONE / 2)
    height = min(max(round(2 * semitones), 1), gp.BendEffect.maxValue)
    points = [gp.BendPoint(0, 0), gp.BendPoint(6, height), gp.BendPoint(12, height)]
    note.effect.bend = gp.BendEffect(gp.BendType.bend, height * 25, points)


def _let_go(bend: gp.BendEffect) -> None:
    height = bend.points[-1].value
    places = ((0, 0), (3, height), (6, height), (9, 0), (12, 0))
    bend.type = gp.BendType.bendRelease
    bend.points = [gp.BendPoint(position, value) for position, value in places]


def _harmonic(note: gp.Note, kind: str, open_pitch: int) -> None:
    if kind == "artificial":
        pitch = gp.PitchClass((open_pitch + note.value) % 12)
        note.effect.harmonic = gp.ArtificialHarmonic(pitch, gp.Octave.ottava)
    elif kind == "pinch":
        note.effect.harmonic = gp.PinchHarmonic()
    elif kind == "tap":
        note.effect.harmonic = gp.TappedHarmonic(min(note.value + 12, 99))
    else:
        note.effect.harmonic = gp.NaturalHarmonic()


def _trill(note: gp.Note, value: str, open_pitch: int) -> None:
    fret = round(_number(value, open_pitch + note.value + 2)) - open_pitch
    duration = gp.Duration(gp.Duration.thirtySecond)
    note.effect.trill = gp.TrillEffect(min(max(fret, 0), 99), duration)


def _tremolo(note: gp.Note, value: str, _: int) -> None:
    speed = _number(value, 32)
    kind = min((8, 16, 32), key=lambda known: abs(known - speed))
    note.effect.tremoloPicking = gp.TremoloPickingEffect(gp.Duration(kind))


_EFFECTS: dict[str, Callable[[gp.Note, str, int], None]] = {
    "bend": _bend,
    "harmonic": _harmonic,
    "trill": _trill,
    "tremolo": _tremolo,
}


def _number(text: str, default: float) -> float:
    """Return the number of a mark such as ``bend:1.5``; marks are free text."""
    try:
        number = float(text)
    except ValueError:
        return default
    return number if -1000 < number < 1000 else default


def unheld_marks(marks: Iterable[str], version: int) -> set[str]:
    """Return the names of the marks that files of a Guitar Pro version (3…5) cannot hold."""
    known = {*_FLAGS, *_SLIDE_TYPES, *_SLAP_TYPES, *_EFFECTS, "dead", "release", "grace"}
    lost = set()
    for mark in marks:
        name = mark.partition(":")[0]
        if not ({mark, name} & known) or (version == 3 and not _in_gp3(mark, name)):
            lost.add(mark if name in {"slide", "harmonic"} else name)
        elif mark == "trill":
            lost.add("trill with no pitch given (a whole tone is written)")
    return lost


def _in_gp3(mark: str, name: str) -> bool:
    if name in {"slide", "harmonic"}:
        return mark in {"slide", "harmonic", "harmonic:artificial"}
    return name in _GP3_MARKS
