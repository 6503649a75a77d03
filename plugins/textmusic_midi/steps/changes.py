"""The metres and tempos of a score at the bars of a text of steps, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence

from textmusic.cuts import squared
from textmusic.errors import Issue
from textmusic.score import Bar, Meter, Score, Tempo
from textmusic_midi.steps.columns import LONGEST

__all__ = ["Losses", "bar_changes"]

_MAX_TEMPO = 9999


class Losses:
    """Collects what a projection changes, as warnings of one codec."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Issue] = []

    def add(self, count: int, code: str, message: str) -> None:
        """Note a loss where `count` is not 0."""
        if count:
            text = f"{count} {message}"
            self.found.append(Issue(f"{self.name}.{code}", text, 0, 0, "warning"))


def bar_changes(
    score: Score, steps: int, end: int, losses: Losses
) -> tuple[tuple[Tempo, ...], tuple[Meter, ...]]:
    """Return the tempos and metres that the bars of a text get.

    Args:
        score: as it was read.
        steps: steps a quarter of the text.
        end: of the text, in steps.
        losses: takes what is changed.
    """
    meters = _meters(score, steps, losses)
    bars = Score((), steps, (), _squared(meters, steps, end, losses)).bars(end)
    return _tempos(score, bars, steps, losses), _starts(bars)


def _meters(score: Score, steps: int, losses: Losses) -> list[Meter]:
    """The metres at their steps; a bar that is no whole number of steps is rounded."""
    meters = []
    odd = 0
    for meter in score.meters:
        onset = (2 * meter.onset * steps + score.tpq) // (2 * score.tpq)
        num, den = meter.numerator, meter.denominator
        while 4 * steps * num % den:
            num, den = max((num + 1) // 2, 1), den // 2
        odd += den != meter.denominator
        if onset < LONGEST * steps:
            meters.append(Meter(onset, num, den))
    losses.add(odd, "metre", f"metres rounded: no whole steps at {steps} a quarter")
    return meters


def _squared(meters: Sequence[Meter], steps: int, end: int, losses: Losses) -> tuple[Meter, ...]:
    """The metres of bars that are cut short only where the grammar has it."""

    def is_whole(numerator: int, denominator: int) -> bool:
        return not 4 * steps * numerator % denominator

    given = Score((), steps, meters=tuple(meters)).meters
    if _on_bar_lines(given, steps):
        return given
    found, changed = squared(given, steps, end, is_whole)
    losses.add(changed, "cut", "bars cut short got a metre of their own")
    return tuple(found)


def _on_bar_lines(meters: Sequence[Meter], steps: int) -> bool:
    """Whether no metre cuts a bar short."""
    before = Meter(0, 4, 4)
    for meter in meters:
        if (meter.onset - before.onset) * before.denominator % (4 * steps * before.numerator):
            return False
        before = meter
    return True


def _starts(bars: Sequence[Bar]) -> tuple[Meter, ...]:
    """The metres of bars: where one changes, and after a bar that was cut."""
    meters = []
    last: tuple[int, int] | None = None
    for bar in bars:
        if (bar.numerator, bar.denominator) != last:
            meters.append(Meter(bar.onset, bar.numerator, bar.denominator))
        last = None if bar.is_short else (bar.numerator, bar.denominator)
    return tuple(meters)


def _tempos(score: Score, bars: Sequence[Bar], steps: int, losses: Losses) -> tuple[Tempo, ...]:
    """One tempo a bar: the average over it."""
    if not score.tempos:
        return ()
    changes = {(2 * t.onset * steps + score.tpq) // (2 * score.tpq): t.qpm for t in score.tempos}
    waiting = sorted(changes.items(), reverse=True)
    now, tempos, averaged = 120.0, [Tempo(0, 120.0)], 0
    for bar in bars:
        at, minutes, many = bar.onset, 0.0, False
        while waiting and waiting[-1][0] < bar.end:
            onset, qpm = waiting.pop()
            if onset > at:
                minutes, at, many = minutes + (onset - at) / now, onset, True
            now = qpm
        mean = (bar.end - bar.onset) / (minutes + (bar.end - at) / now) if many else now
        whole = min(max(round(mean), 1), _MAX_TEMPO)
        averaged += many or mean != round(mean)
        if whole != tempos[-1].qpm or not bar.onset:
            tempos.append(Tempo(bar.onset, whole))
    losses.add(averaged, "tempo", "bars got one tempo in whole quarters a minute")
    return tuple(tempos)
