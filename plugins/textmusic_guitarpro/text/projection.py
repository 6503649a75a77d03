"""The loss, by name: any Score -> the nearest one that the text can hold, and what it cost.

1. At most 61 parts. Names, velocities and texts are left out (`GuitarProCodec.keeps` says so).
2. Metres and tempos of `bounds`, the bars of longer ones divided; bar lines, tempos and keys on a
   grid; tempos to 1/1000.
3. Written times (what note values and tuplets of 3 to 13 give) stay as they are. Played ones go to
   the simplest grid of each beat that holds them (`textmusic.clock`).
4. A part with strings has one for every note, at a fret of `bounds`; parts of over 12 strings lose
   theirs.
5. Two notes of one voice do not sound at one place (string, or pitch) at once: the earlier ends.
   Without strings up to four may be struck at one place together.
6. Voices over 4 join the fourth; marks without a character, or of sizes that no
   music has, are left out.
7. Repeats stay where they are regular (`repeats`) and the page, so changed, still folds; else
   they are written out.
"""

from __future__ import annotations

from dataclasses import replace

from textmusic import form as forms
from textmusic import transforms
from textmusic.clock import Clock
from textmusic.errors import EncodeError, Issue, ScoreError
from textmusic.form import MOST_MEASURES
from textmusic.lengths import BEAT
from textmusic.score import Key, Meter, Score, Tempo
from textmusic_guitarpro.text.bounds import METERS, TEMPOS, fitting_meter
from textmusic_guitarpro.text.fitting import Fitter, denominator, warning
from textmusic_guitarpro.text.reading import read
from textmusic_guitarpro.text.repeats import is_regular
from textmusic_guitarpro.text.times import TICK, UNITS, bar_units
from textmusic_guitarpro.text.writing import LABELS, write

__all__ = ["project"]

_GRID = UNITS // 48


def project(score: Score) -> tuple[Score, list[Issue]]:
    """Return the projected score and warnings that say what was changed.

    Raises:
        EncodeError: there is no note.
    """
    folded = forms.fold(score)
    if folded and is_regular(folded[1]) and not _odd_meters(folded[0]):
        issues: list[Issue] = []
        page, form = folded
        try:
            played = forms.unfold(_plain(page, issues, len(form.measures)), form)
            played = transforms.reduce_ticks(played, BEAT)
            if read(write(played)).score == played:
                return played, issues
        except (ScoreError, EncodeError):
            pass
    issues = []
    if score.get("form") and (folded or " " in score.get("form")):
        issues.append(warning("form", "the repeats do not fit the music: written out"))
    return transforms.reduce_ticks(_plain(score, issues), BEAT), issues


def _plain(score: Score, issues: list[Issue], count: int | None = None) -> Score:
    """Return the score at UNITS a quarter, without regard to repeats.

    Args:
        score: what is written down as it stands.
        issues: to add to.
        count: the number of bars to keep, also silent ones; None for those that sound.
    """
    tracks = score.tracks[: len(LABELS)]
    if len(tracks) < len(score.tracks):
        issues.append(warning("parts", f"kept {len(tracks)} of {len(score.tracks)} parts"))
    meters = _meters(score, issues)
    clock = Clock([replace(m, onset=m.onset // TICK) for m in meters], score.tpq, None)
    fitted = tuple(Fitter(clock, score.tpq, issues).fitted(track) for track in tracks)
    played = Score(fitted, UNITS, (), tuple(meters))
    sounds_until = max((note.end for note in played.notes() if not note.grace), default=0)
    if not sounds_until:
        raise EncodeError("the score has no notes")
    bars = played.bars(sounds_until)
    if count is None:
        end = bars[-1].end
    else:
        longest = max(bar_units(m.numerator, m.denominator) for m in meters)
        end = played.bars(played.end + 1 + count * longest)[:count][-1].end
    if len(bars) > (count or MOST_MEASURES):
        raise EncodeError(f"{len(bars)} bars, more than {count or MOST_MEASURES}")
    return _framed(played, score, end, issues)


def _framed(played: Score, score: Score, end: int, issues: list[Issue]) -> Score:
    """Give the projected tracks their metres, tempos and keys before `end`; no notes behind."""
    meters = [m for m in played.meters if m.onset < end]
    if played.bars(end) and played.bars(end)[-1].end < end:
        raise EncodeError("bars do not fit")
    last = played.bars(end)[-1]
    if last.is_short:
        meters.append(Meter(last.end, last.numerator, last.denominator))
    tempos = (Tempo(_at(t.onset, score.tpq), _qpm(t.qpm)) for t in score.tempos)
    keys = (Key(_at(k.onset, score.tpq), k.fifths, k.mode) for k in score.keys)
    behind = sum(note.onset >= end for note in played.notes())
    if behind:
        issues.append(warning("grace", f"left out {behind} grace notes with no note behind them"))
    if any(t.qpm != _qpm(t.qpm) for t in score.tempos):
        low, high = TEMPOS
        message = f"tempos rounded to 1/1000, and to {low}…{high} quarters a minute"
        issues.append(warning("tempo", message))
    tracks = played.tracks
    if behind:
        tracks = tuple(replace(t, notes=tuple(n for n in t.notes if n.onset < end)) for t in tracks)
    return replace(
        played,
        tracks=tracks,
        meters=tuple(meters),
        tempos=tuple(t for t in tempos if t.onset < end),
        keys=tuple(k for k in keys if k.onset < end),
    )


def _qpm(qpm: float) -> float:
    slowest, fastest = TEMPOS
    return min(max(round(qpm, 3), float(slowest)), float(fastest))


def _at(onset: int, tpq: int) -> int:
    """The unit of a change of tempo or key: exact where that is a written time, else on a grid."""
    units, rest = divmod(onset * UNITS, tpq)
    if not rest and denominator(units):
        return units
    return (2 * onset * UNITS + tpq * _GRID) // (2 * tpq * _GRID) * _GRID


def _odd_meters(score: Score) -> bool:
    return any((meter.numerator, meter.denominator) not in METERS for meter in score.meters)


def _meters(score: Score, issues: list[Issue]) -> list[Meter]:
    """Return the metres in units, each one writable, with bar lines on ticks."""
    meters: list[Meter] = []
    changed = 0
    for meter in (Meter(0, 4, 4), *score.meters):
        fitting = fitting_meter(meter.numerator, meter.denominator)
        onset = _at(meter.onset, score.tpq) // TICK * TICK
        odd = fitting != (meter.numerator, meter.denominator)
        changed += odd or onset * score.tpq != meter.onset * UNITS
        meters.append(Meter(onset, *fitting))
    if changed:
        issues.append(
            warning("meter", f"{changed} metres or bar lines moved to what can be written")
        )
    return list(Score(tpq=UNITS, meters=tuple(meters)).meters)
