"""What two scores have in common, feature by feature, and plain scores that show a feature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from textmusic.codec import Feature
from textmusic.score import Key, Meter, Note, Score, Tempo, Track

__all__ = ["difference", "lost_feature", "plain_scores"]

Accept = Callable[[Score], Score | None]

_NOTE_VALUES: dict[Feature, Callable[[Note, int], Any]] = {
    Feature.ONSET: lambda note, tpq: Fraction(note.onset, tpq),
    Feature.DURATION: lambda note, tpq: Fraction(note.duration, tpq),
    Feature.PITCH: lambda note, _: note.pitch,
    Feature.VELOCITY: lambda note, _: note.velocity,
    Feature.STRING: lambda note, _: note.string,
    Feature.TECHNIQUE: lambda note, _: tuple(sorted(note.marks)),
}


def difference(expected: Score, got: Score, features: Iterable[Feature]) -> str | None:
    """Return one line on the first feature in which two scores differ, or None.

    Times count in quarters, so that ticks per quarter do not matter. Notes are compared with
    all note features at once; without `Feature.TRACK` those of all tracks together. A note that
    has no string may get one: tablature has to put it somewhere.
    """
    kept = frozenset(features)
    together: list[Feature] = [f for f in _NOTE_VALUES if f in kept and f is not Feature.STRING]
    for count in range(1, len(together) + 1):
        line = _note_difference(expected, got, together[:count], split=False)
        if line:
            return line
    if Feature.STRING in kept:
        line = _string_difference(expected, got, together)
        if line:
            return line
    if Feature.TRACK in kept:
        line = _note_difference(expected, got, together, split=True)
        if line:
            return line
    for feature, view in _SCORE_VIEWS.items():
        if feature in kept and (one := view(expected)) != (two := view(got)):
            return f"{feature}: expected {one}, got {two}"
    return None


def _rows(score: Score, features: list[Feature]) -> list[Counter[tuple[Any, ...]]]:
    """The notes of every track that has some, each as a bag of rows."""
    tracks = [
        Counter(tuple(_NOTE_VALUES[f](note, score.tpq) for f in features) for note in track.notes)
        for track in score.tracks
    ]
    return [track for track in tracks if track]


def _note_difference(
    expected: Score, got: Score, features: list[Feature], *, split: bool
) -> str | None:
    one, two = _rows(expected, features), _rows(got, features)
    if split:
        if sorted(map(_sortable, one)) == sorted(map(_sortable, two)):
            return None
        return f"track: expected {len(one)} tracks of these notes, got {len(two)} or other shares"
    all_one, all_two = sum(one, Counter()), sum(two, Counter())
    if all_one == all_two:
        return None
    missing, extra = list((all_one - all_two).elements()), list((all_two - all_one).elements())
    names = ", ".join(features)
    return (
        f"{features[-1]}: {len(missing)} notes missing and {len(extra)} too many"
        f" ({names}): {_row(missing)} became {_row(extra)}"
    )


def _string_difference(expected: Score, got: Score, features: list[Feature]) -> str | None:
    rows = [*features, Feature.STRING]
    one, two = sum(_rows(expected, rows), Counter()), sum(_rows(got, rows), Counter())
    lost = [row for row in (one - two).elements() if row[-1] is not None]
    if not lost:
        return None
    names = ", ".join(rows)
    return f"string: {len(lost)} notes are not where they were ({names}): {_row(lost)}"


def _sortable(rows: Counter[tuple[Any, ...]]) -> list[str]:
    return sorted(map(repr, rows.elements()))


def _row(rows: list[tuple[Any, ...]]) -> str:
    if not rows:
        return "nothing"
    first = min(rows, key=repr)
    return f"({', '.join(str(value) for value in first)})"


def _meters(score: Score) -> list[tuple[str, str]]:
    """The bars as runs: the metre and where in quarters each run of equal bars starts."""
    runs: list[tuple[str, str]] = []
    last: tuple[int, int, int] | None = None
    for bar in score.bars():
        now = (bar.end - bar.onset, bar.numerator, bar.denominator)
        if now != last:
            place = str(Fraction(bar.onset, score.tpq))
            runs.append((f"{bar.numerator}/{bar.denominator}", place))
        last = now
    return runs


def _tempos(score: Score) -> list[tuple[float, str]]:
    known = score.tempos and score.tempos[0].onset == 0
    tempos = score.tempos if known else (Tempo(0, 120), *score.tempos)
    # four digits, for a MIDI file counts whole microseconds a quarter
    return [
        (float(f"{tempo.qpm:.4g}"), str(Fraction(tempo.onset, score.tpq)))
        for tempo in tempos
        if tempo.onset < max(score.end, 1)
    ]


def _keys(score: Score) -> list[tuple[int, str, str]]:
    known = score.keys and score.keys[0].onset == 0
    keys = score.keys if known else (Key(0, 0), *score.keys)
    return [
        (key.fifths, key.mode, str(Fraction(key.onset, score.tpq)))
        for key in keys
        if key.onset < max(score.end, 1)
    ]


def _programs(score: Score) -> list[int]:
    return sorted(t.program for t in score.tracks if t.notes and not t.is_drum)


def _drums(score: Score) -> list[int]:
    return sorted(len(t.notes) for t in score.tracks if t.notes and t.is_drum)


_SCORE_VIEWS: dict[Feature, Callable[[Score], Any]] = {
    Feature.METER: _meters,
    Feature.TEMPO: _tempos,
    Feature.KEY: _keys,
    Feature.PROGRAM: _programs,
    Feature.DRUM: _drums,
    Feature.META: lambda score: score.get("title"),
}

_QUARTER = 480


def _scale(lowest: int) -> Track:
    """Quarter notes up a chromatic scale, with an octave's range."""
    return Track(tuple(Note(i * _QUARTER, _QUARTER, lowest + i % 12) for i in range(16)))


_FLAVOURS: dict[str, Track] = {
    "melody": _scale(60),
    "viola": _scale(48),
    "bass": _scale(36),
    "guitar": Track(
        tuple(Note(i * _QUARTER, _QUARTER, 55 + i % 5, string=3) for i in range(16)),
        program=24,
        tuning=(40, 45, 50, 55, 59, 64),
    ),
    "drums": Track(
        tuple(Note(i * _QUARTER, _QUARTER, (36, 42, 38, 42)[i % 4]) for i in range(16)),
        is_drum=True,
    ),
}
_PLAIN_MARKS = ("staccato", "accent", "hammer", "palm-mute", "let-ring", "vibrato", "slide")


def plain_scores(feature: Feature) -> Iterator[Score]:
    """Yield the plainest scores that show a feature: scales, guitar, drums; quarter notes."""
    for flavour, track in _FLAVOURS.items():
        if feature is Feature.STRING and flavour != "guitar":
            continue
        if feature is Feature.DRUM and flavour != "drums":
            continue
        yield from _showing(feature, Score((track,)))


def _showing(feature: Feature, score: Score) -> Iterator[Score]:
    (track,) = score.tracks
    notes = track.notes
    if feature is Feature.VELOCITY:
        loud = [replace(n, velocity=(112, 48)[i % 2]) for i, n in enumerate(notes)]
        yield replace(score, tracks=(replace(track, notes=tuple(loud)),))
    elif feature is Feature.METER:
        yield replace(score, meters=(Meter(0, 2, 4),))
        yield replace(score, meters=(Meter(0, 4, 4),))
    elif feature is Feature.TEMPO:
        yield replace(score, tempos=(Tempo(0, 96),))
    elif feature is Feature.KEY:
        yield replace(score, keys=(Key(0, 2, "major"),))
    elif feature is Feature.TRACK:
        yield replace(score, tracks=(track, replace(track, notes=notes[:8])))
    elif feature is Feature.PROGRAM:
        yield from (replace(score, tracks=(replace(track, program=p),)) for p in (40, 25))
    elif feature is Feature.TECHNIQUE:
        for mark in _PLAIN_MARKS:
            marked = (replace(notes[0], marks=frozenset({mark})), *notes[1:])
            yield replace(score, tracks=(replace(track, notes=marked),))
    elif feature is Feature.META:
        yield replace(score, meta=(("title", "Plain Study"),))
    else:
        yield score


def lost_feature(feature: Feature, through: Accept) -> str | None:
    """Return how a feature gets lost on the plainest scores, or None if one of them keeps it.

    Args:
        feature: what should survive.
        through: what a score becomes, or None where it is refused.
    """
    problem = "every plain score was refused"
    for score in plain_scores(feature):
        after = through(score)
        if after is None:
            continue
        if feature is Feature.VELOCITY:
            line = _louder(after)
        else:
            line = difference(score, after, {feature})
        if line is None:
            return None
        problem = line
    return f"{feature}: of plain quarter notes {problem.removeprefix(f'{feature}: ')}"


def _louder(score: Score) -> str | None:
    """Codecs may keep few levels: loud must stay louder than soft."""
    velocities = [note.velocity for note in score.notes()]
    if velocities and all(a > b for a, b in zip(velocities[::2], velocities[1::2], strict=False)):
        return None
    return f"expected loud and soft notes in turn, got {velocities[:4]}"
