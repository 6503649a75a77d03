"""The loss, by name: any Score -> the nearest one that pitch digits can hold, and what it cost.

1. One track: the first that has a melody; no drums, names, programs, velocities or marks.
2. One voice: of notes struck together the highest; a note ends where the next begins, and a note
   below one that goes on sounding is left out.
3. Extended: times that are no whole 1/48 quarters go to the nearest sixteenth or triplet grid of
   their beat; key and tempo change at bar lines; tempo in whole quarters a minute; a bar cut
   short where music has none gets a metre of its own (see `textmusic.cuts`).
4. Plain: every note a quarter, silences of a quarter or more a single rest; no key, metre, tempo.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from textmusic.cuts import squared
from textmusic.errors import EncodeError, Issue
from textmusic.score import Bar, Key, Meter, Note, Score, Tempo, Track
from textmusic_pitchdigits.asking import FASTEST, SLOWEST, is_metre
from textmusic_pitchdigits.lengths import BEAT
from textmusic_pitchdigits.reading import MAX_NOTES

__all__ = ["holds", "melodic_parts", "melody", "project_extended", "project_plain"]

_LAST_TICK = 10_000 * 4 * BEAT
"""Notes later than 10,000 whole notes come from damaged files: left out."""
_MELODIC = 2 / 3
_GRIDS = (12, 16, 8, 6, 4, 3)
_NEAR = 2
_SIXTEENTH = BEAT // 4


def holds(score: Score) -> bool:
    """Whether the metres and tempos of a score are among those of the extended form."""
    return (
        score.end < 1 << 30
        and all(is_metre(meter.numerator, meter.denominator) for meter in score.meters)
        and all(SLOWEST <= tempo.qpm <= FASTEST for tempo in score.tempos)
    )


def melodic_parts(score: Score) -> tuple[Score, ...]:
    """Return a score for each track that is mostly one voice; the nearest to it where none is."""
    shares = {
        index: len(melody(track)) / len(track.notes)
        for index, track in enumerate(score.tracks)
        if track.notes and not track.is_drum
    }
    best = max(shares.values(), default=0.0)
    chosen = [i for i, share in shares.items() if share >= min(best, _MELODIC) and share]
    if best < _MELODIC:
        chosen = chosen[:1]
    return tuple(replace(score, tracks=(score.tracks[index],)) for index in chosen)


def melody(track: Track) -> list[Note]:
    """Return the highest voice of a track, each note ending by the onset of the next."""
    tops: dict[int, Note] = {}
    for note in track.notes:
        if note.grace or not note.duration:
            continue
        rival = tops.get(note.onset)
        if rival is None or (note.pitch, note.duration) >= (rival.pitch, rival.duration):
            tops[note.onset] = note
    voice: list[Note] = []
    for note in tops.values():
        if voice:
            last = voice[-1]
            if note.pitch < last.pitch and 2 * (last.end - note.onset) > note.duration:
                continue
            if last.end > note.onset:
                voice[-1] = replace(last, duration=note.onset - last.onset)
        voice.append(note)
    return voice


def _voice(score: Score, issues: list[Issue]) -> list[Note]:
    parts = melodic_parts(score)
    if not parts:
        raise EncodeError("no track with a melody in it")
    track = parts[0].tracks[0]
    if len(score.tracks) > 1:
        issues.append(_warning("tracks", f"kept 1 of {len(score.tracks)} tracks"))
    voice = melody(track)
    lengths = {(note.onset, note.duration) for note in track.notes}
    cut = sum((note.onset, note.duration) not in lengths for note in voice)
    if cut:
        issues.append(_warning("overlap", f"cut {cut} notes where the next one begins"))
    if len(voice) < len(track.notes):
        lost = len(track.notes) - len(voice)
        issues.append(_warning("voices", f"left out {lost} of {len(track.notes)} notes: one voice"))
    if any(note.marks for note in voice):
        issues.append(_warning("marks", "left out articulations and techniques"))
    return voice


def _warning(name: str, message: str) -> Issue:
    return Issue(f"pitchdigits.{name}", message, 0, 0, "warning")


def project_plain(score: Score) -> tuple[Score, list[Issue]]:
    """Return the pitches of the melody as quarters, and warnings that say what was lost.

    Raises:
        EncodeError: there is no melody.
    """
    issues: list[Issue] = []
    notes: list[Note] = []
    at, last = 0, None
    for note in _voice(score, issues)[:MAX_NOTES]:
        if last is not None and note.onset - last.end >= score.tpq:
            at += 1
        notes.append(Note(at, 1, note.pitch))
        at, last = at + 1, note
    issues.append(_warning("rhythm", "left out lengths, metre, key and tempo"))
    return Score((Track(tuple(notes)),), 1), issues


def project_extended(score: Score) -> tuple[Score, list[Issue]]:
    """Return the melody on the grid of the extended form, and warnings that say what was lost.

    Raises:
        EncodeError: there is no melody in the first 10,000 whole notes.
    """
    issues: list[Issue] = []
    voice = _voice(score, issues)
    fitted = tuple(_timed(voice, score.tpq))
    _compare(voice, fitted, score.tpq, issues)
    if not fitted:
        raise EncodeError("no notes within the first 10,000 whole notes")
    end = fitted[-1].end
    held = Score((Track(fitted),), BEAT, meters=tuple(_meters(score, end)))
    meters, changed = squared(held.meters, BEAT, end, is_metre)
    if changed:
        issues.append(_warning("cut", f"{changed} bars cut short got a metre of their own"))
    held = replace(held, meters=tuple(meters))
    bars = held.bars()
    tempos = [
        replace(tempo, qpm=float(min(max(round(tempo.qpm), SLOWEST), FASTEST)))
        for tempo in score.tempos
    ]
    held = replace(
        held,
        tempos=tuple(_at_bars(tempos, bars, score.tpq)),
        keys=tuple(_at_bars(score.keys, bars, score.tpq)),
    )
    issues += [
        _warning(name, f"{name} were rounded, moved to bar lines or left out")
        for name in ("meters", "tempos", "keys")
        if _moved(getattr(score, name), getattr(held, name), score.tpq, end)
    ]
    return held, issues


def _moved(
    before: Sequence[Meter | Tempo | Key], after: Sequence[object], tpq: int, end: int
) -> bool:
    """Whether changes that are heard, of the metre, tempo or key, are no longer the same."""
    heard = [change for change in before if change.onset * BEAT < end * tpq]
    return any(
        change.onset * BEAT % tpq or replace(change, onset=change.onset * BEAT // tpq) not in after
        for change in heard
    )


def _compare(voice: Sequence[Note], fitted: Sequence[Note], tpq: int, issues: list[Issue]) -> None:
    """Report how many notes changed in time or length."""
    times = {(note.onset * tpq, note.duration * tpq) for note in fitted}
    moved = sum((note.onset * BEAT, note.duration * BEAT) not in times for note in voice)
    if moved:
        issues.append(
            _warning("grid", f"{moved} of {len(voice)} notes were moved or cut to a grid")
        )


_Change = TypeVar("_Change", Key, Tempo)


def _at_bars(changes: Iterable[_Change], bars: Sequence[Bar], tpq: int) -> Iterator[_Change]:
    """The changes at the start of their bars; of several in one bar the last."""
    starts = [bar.onset for bar in bars]
    for change in changes:
        tick = change.onset * BEAT // tpq
        if tick < bars[-1].end:
            yield replace(change, onset=starts[bisect_right(starts, tick) - 1])


def _meters(score: Score, end: int) -> Iterator[Meter]:
    """The metres of the bars that are heard, in ticks; odd ones become the next that music has."""
    yield Meter(0, 4, 4)
    for meter in score.meters:
        onset = _nearest(meter.onset * BEAT, score.tpq, _SIXTEENTH)
        if onset >= end:
            break
        numerator, denominator = meter.numerator, meter.denominator
        if denominator > 64:
            numerator, denominator = (numerator + 1) // 2, 64
        while not is_metre(numerator, denominator):
            numerator = (numerator + 1) // 2
        yield Meter(onset, numerator, denominator)


def _nearest(time: int, tpq: int, step: int) -> int:
    """The tick of a time in 1/`tpq` ticks: exact where it is one, else on a grid of `step`."""
    tick, rest = divmod(time, tpq)
    if not rest:
        return tick
    return (2 * time + step * tpq) // (2 * step * tpq) * step


def _timed(voice: list[Note], tpq: int) -> Iterator[Note]:
    """Yield the notes at their ticks; of two that meet on one, the higher."""
    ticks = _onsets([note.onset * BEAT for note in voice], tpq)
    placed: dict[int, Note] = {}
    for note in voice[:MAX_NOTES]:
        tick = ticks[note.onset * BEAT]
        if tick > _LAST_TICK:
            break
        if tick not in placed or placed[tick].pitch <= note.pitch:
            placed[tick] = note
    onsets = sorted(placed)  # a time off the grid may have moved past one on it
    for tick, following in zip(onsets, [*onsets[1:], None], strict=True):
        note = placed[tick]
        stop = _nearest(note.end * BEAT, tpq, _SIXTEENTH)
        if stop <= tick:
            stop = tick + _SIXTEENTH
        if following is not None:
            played = note.end * BEAT % tpq != 0
            near = played and following - stop < _SIXTEENTH
            stop = following if near else min(stop, following)
        yield Note(tick, stop - tick, note.pitch)


def _onsets(times: list[int], tpq: int) -> dict[int, int]:
    """Ticks of onsets, given in 1/`tpq` ticks; the inexact ones of a beat share a grid."""
    ticks: dict[int, int] = {}
    beats: dict[int, list[int]] = {}
    for time in times:
        tick, rest = divmod(time, tpq)
        if rest:
            beats.setdefault(time // (tpq * BEAT), []).append(time)
        else:
            ticks[time] = tick
    for members in beats.values():
        step = _grid(members, tpq)
        ticks.update((time, _nearest(time, tpq, step)) for time in members)
    return ticks


def _grid(times: list[int], tpq: int) -> int:
    """The coarsest grid that is near to every time; else the one that is nearest on the whole."""
    errors: dict[int, int] = {}
    for step in _GRIDS:
        errors[step] = max(abs(_nearest(time, tpq, step) * tpq - time) for time in times)
        if errors[step] <= _NEAR * tpq:
            return step
    return min(_GRIDS[:2], key=lambda step: errors[step])
