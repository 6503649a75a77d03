"""Playing techniques: Guitar Pro's effects to marks of a Note, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from guitarpro import models as gp

from textmusic_guitarpro.curves import (
    Point,
    bend_marks,
    bend_points,
    whammy_mark,
    whammy_points,
)

__all__ = ["apply_marks", "grace_effect", "grace_marks", "marks_of", "unheld_grace", "unheld_marks"]

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
    gp.SemiHarmonic: "harmonic:semi",
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
_TRANSITIONS = {
    gp.GraceEffectTransition.slide: "slide",
    gp.GraceEffectTransition.bend: "bend",
    gp.GraceEffectTransition.hammer: "hammer",
}
_GRACE_TYPES = {mark: kind for kind, mark in _TRANSITIONS.items()} | {
    "pull": gp.GraceEffectTransition.hammer
}
_MOST_QUARTER_TONES = 24
_GP3_MARKS = {"bend", "bend-curve", "dead", "ghost", "hammer", "let-ring", "pop", "pull"} | {
    *("release", "slap", "tap", "whammy")
}
_GP3_VARIANTS = {"slide", "harmonic", "harmonic:artificial"}
_VARIANTS = {*_SLIDE_TYPES, *_HARMONICS.values()}
_MARKS = {*_GP3_MARKS, *_FLAGS, "trill", "tremolo"}
_THIRTY_SECOND = Fraction(1, 8)


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
        marks |= bend_marks(_points(effect.bend))
    if beat.effect.tremoloBar is not None:
        marks |= whammy_mark(_points(beat.effect.tremoloBar))
    if beat.effect.vibrato:
        marks.add("vibrato:wide")
    if effect.harmonic is not None:
        marks.add(_HARMONICS[type(effect.harmonic)])
    if beat.effect.slapEffect in _SLAPS:
        marks.add(_SLAPS[beat.effect.slapEffect])
    if effect.trill is not None and 0 <= open_pitch + effect.trill.fret <= 127:
        marks.add(f"trill:{open_pitch + effect.trill.fret}")
    if effect.tremoloPicking is not None and effect.tremoloPicking.duration.value:
        marks.add(f"tremolo:{effect.tremoloPicking.duration.value}")
    return marks


def _points(bend: gp.BendEffect) -> list[Point]:
    """PyGuitarPro counts quarter tones, and twelfths of the note."""
    return [(p.value / 2, p.position * 100 / gp.BendEffect.maxPosition) for p in bend.points]


def grace_marks(grace: gp.GraceEffect) -> set[str]:
    """Return the marks of a grace note."""
    marks = {"dead"} if grace.isDead else set()
    if grace.transition in _TRANSITIONS:
        marks.add(_TRANSITIONS[grace.transition])
    return marks


def grace_effect(fret: int, velocity: int, marks: Iterable[str]) -> gp.GraceEffect:
    """Return PyGuitarPro's grace note of a fret 0…99."""
    found = {mark.partition(":")[0] for mark in marks}
    kinds = [kind for mark, kind in _GRACE_TYPES.items() if mark in found]
    return gp.GraceEffect(
        fret=fret,
        isDead="dead" in found,
        transition=kinds[0] if kinds else gp.GraceEffectTransition.none,
        velocity=velocity,
    )


def apply_marks(note: gp.Note, marks: Iterable[str], open_pitch: int) -> None:
    """Give a PyGuitarPro note, and its beat, the effects that marks stand for."""
    found = frozenset(marks)
    for mark in sorted(found):
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
    if points := bend_points(found):
        note.effect.bend = _effect(points, _bend_type(found))
    if (points := whammy_points(found)) and note.beat.effect.tremoloBar is None:
        note.beat.effect.tremoloBar = _effect(points, _whammy_type(points))
    if "vibrato:wide" in found:
        note.beat.effect.vibrato = True


def _bend_type(marks: frozenset[str]) -> gp.BendType:
    """The type only names the shape: programs play the points."""
    return gp.BendType.bendRelease if "release" in marks else gp.BendType.bend


def _whammy_type(points: list[Point]) -> gp.BendType:
    return gp.BendType.dip if points[-1][0] == 0 else gp.BendType.dive


def _effect(points: list[Point], kind: gp.BendType) -> gp.BendEffect:
    """Return a curve; its value is the point farthest from 0, a dip's counts downwards."""
    last = gp.BendEffect.maxPosition
    limit = _MOST_QUARTER_TONES
    places = [
        gp.BendPoint(round(place * last / 100), min(max(round(value * 2), -limit), limit))
        for value, place in points
    ]
    farthest = max(places, key=lambda point: abs(point.value)).value
    return gp.BendEffect(kind, farthest * (-25 if kind is gp.BendType.dip else 25), places)


def _harmonic(note: gp.Note, kind: str, open_pitch: int) -> None:
    if kind == "artificial":
        pitch = gp.PitchClass((open_pitch + note.value) % 12)
        note.effect.harmonic = gp.ArtificialHarmonic(pitch, gp.Octave.ottava)
    elif kind == "pinch":
        note.effect.harmonic = gp.PinchHarmonic()
    elif kind == "semi":
        note.effect.harmonic = gp.SemiHarmonic()
    elif kind == "tap":
        note.effect.harmonic = gp.TappedHarmonic(note.value + 12)
    elif not kind:
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


def unheld_marks(marks: Iterable[str], version: int, length: Fraction) -> set[str]:
    """Return the names of the marks that files of a Guitar Pro version (3…5) cannot hold.

    Args:
        marks: of notes.
        version: of the file.
        length: of their beat, in quarters.
    """
    lost = set()
    for mark in marks:
        name = mark.partition(":")[0]
        if name in {"slide", "harmonic"}:
            if mark not in (_GP3_VARIANTS if version == 3 else _VARIANTS):
                lost.add(mark)
        elif version == 3 and mark.startswith("whammy:"):
            if not _is_dip(mark):
                lost.add("whammy")
        elif name not in (_GP3_MARKS if version == 3 else _MARKS):
            lost.add(name)
        elif name == "tremolo" and length <= _THIRTY_SECOND:
            # a grace note may take all the time of such a beat, and alphaTab then never ends
            lost.add("tremolo")
        elif mark == "trill":
            lost.add("trill with no pitch given (a whole tone is written)")
    return lost


def _is_dip(mark: str) -> bool:
    points = whammy_points([mark]) or []
    return [point[1] for point in points] == [0, 50, 100] and points[0][0] == points[2][0] == 0


def unheld_grace(marks: Iterable[str]) -> set[str]:
    """Return the names of the marks of grace notes that a file cannot hold."""
    names = {mark.partition(":")[0] for mark in marks} - {*_GRACE_TYPES, "dead"}
    return {f"{name} of a grace note" for name in names}
