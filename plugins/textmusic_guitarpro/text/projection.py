"""The loss, by name: any Score -> the nearest one that the text can hold, and what it cost.

1. At most 61 parts. Names, velocities and texts are left out (`GuitarProCodec.keeps` says so).
2. Metres and tempos of `bounds`, the bars of longer ones divided; bar lines, tempos and keys on a
   grid; tempos to halves. A bar that is cut short gets a metre of its own, but for an upbeat and at
   repeats.
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

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from textmusic import form as forms
from textmusic import transforms
from textmusic.clock import Clock
from textmusic.errors import EncodeError, Issue, ScoreError
from textmusic.form import MOST_MEASURES, Measure
from textmusic.lengths import BEAT
from textmusic.score import Bar, Key, Meter, Score, Tempo
from textmusic_guitarpro.text.bounds import METERS, TEMPOS, fitting_tempo
from textmusic_guitarpro.text.fitting import Fitter, warning
from textmusic_guitarpro.text.meters import clean_meters, written_time
from textmusic_guitarpro.text.reading import read
from textmusic_guitarpro.text.repeats import is_regular
from textmusic_guitarpro.text.times import TICK, UNITS, bar_units, grids_at
from textmusic_guitarpro.text.writing import LABELS, write

__all__ = ["project"]


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
            played = forms.unfold(_plain(page, issues, form.measures), form)
            played = transforms.reduce_ticks(played, BEAT)
            if read(write(played)).score == played:
                return played, issues
        except (ScoreError, EncodeError):
            pass
    issues = []
    if score.get("form") and (folded or " " in score.get("form")):
        issues.append(warning("form", "the repeats do not fit the music: written out"))
    return transforms.reduce_ticks(_plain(score, issues), BEAT), issues


def _plain(score: Score, issues: list[Issue], measures: Sequence[Measure] = ()) -> Score:
    """Return the score at UNITS a quarter, without regard to repeats.

    Args:
        score: what is written down as it stands.
        issues: to add to.
        measures: the signs of the bars to keep, also silent ones; none for those that sound.
    """
    tracks = score.tracks[: len(LABELS)]
    if len(tracks) < len(score.tracks):
        issues.append(warning("parts", f"kept {len(tracks)} of {len(score.tracks)} parts"))
    count = len(measures)
    meters = clean_meters(score, measures, issues)
    clock = Clock([replace(m, onset=m.onset // TICK) for m in meters], score.tpq, None)
    fitted = tuple(Fitter(clock, score.tpq, issues).fitted(track) for track in tracks)
    played = Score(fitted, UNITS, (), tuple(meters))
    sounds_until = max((note.end for note in played.notes() if not note.grace), default=0)
    if not sounds_until:
        raise EncodeError("the score has no notes")
    bars = played.bars(sounds_until)
    if not count:
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
    bars = played.bars(end)
    tempos = (Tempo(_placed(t.onset, score.tpq, bars), fitting_tempo(t.qpm)) for t in score.tempos)
    keys = (Key(_placed(k.onset, score.tpq, bars), k.fifths, k.mode) for k in score.keys)
    behind = sum(note.onset >= end for note in played.notes())
    if behind:
        issues.append(warning("grace", f"left out {behind} grace notes with no note behind them"))
    if any(t.qpm != fitting_tempo(t.qpm) for t in score.tempos):
        low, high = TEMPOS
        message = f"tempos rounded to halves, and to {low}…{high} quarters a minute"
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


def _placed(onset: int, tpq: int, bars: Sequence[Bar]) -> int:
    """The unit of a change of tempo or key, on a grid of its quarter."""
    units = written_time(onset, tpq)
    bar = bars[max(0, bisect_right(bars, units, key=lambda bar: bar.onset) - 1)]
    inside = units - bar.onset
    if grids_at(inside):
        return units
    step = UNITS // 16
    return bar.onset + min((inside + step // 2) // step * step, bar.end - bar.onset)


def _odd_meters(score: Score) -> bool:
    return any((meter.numerator, meter.denominator) not in METERS for meter in score.meters)
