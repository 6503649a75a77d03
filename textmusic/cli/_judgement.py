"""A judgement as tables."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from textmusic.evaluate.prediction import Prediction
    from textmusic.judging import Judged, Judgement

__all__ = ["show"]

_LISTED = 10
_HOW = {
    "grammar": "with the grammar",
    "free": "free, without a grammar",
    "given": "as they are",
}


def show(found: Judgement, *, documents: bool) -> None:
    """Print a judgement to standard output."""
    console = Console(width=None if Console().is_terminal else 120, highlight=False)
    if found.prediction:
        _predicted(console, found.prediction, found.kinds, documents=documents)
    if found.samples:
        _judged(console, found.samples)


def _predicted(
    console: Console, found: Prediction, kinds: tuple[str, ...], *, documents: bool
) -> None:
    notes, bars = (sum(getattr(one, n) for one in found.documents) for n in ("notes", "bars"))
    console.print(f"music to predict: {len(found.documents)} documents, {notes} notes, {bars} bars")
    table = _table("", "bits a character", "bits a note", "bits a bar", "top-1")
    for row in found.predictors:
        name = f"{row.name}, order {found.order}" if row.name == "n-gram" else row.name
        values = (row.bits_per_char, row.bits_per_note, row.bits_per_bar)
        share = _share(row.accuracy)
        table.add_row(name, *map(_number, values), share, style="bold" if name == "model" else "")
    console.print(table)
    if kinds:
        console.print(_told(found, kinds), markup=False, soft_wrap=True)
    if found.left_out:
        console.print(f"{len(found.left_out)} left out:")
        for line in found.left_out[:_LISTED]:
            console.print(f"  {line}", markup=False, soft_wrap=True)
    if found.verdict:
        console.print(found.verdict, style="" if "beats the" in found.verdict else "yellow")
    if documents:
        _documents(console, found)


def _told(found: Prediction, kinds: tuple[str, ...]) -> str:
    if not found.told:
        known = ", ".join(kinds[:_LISTED]) + (", …" if len(kinds) > _LISTED else "")
        return f"the model was told the kind of none: no document is named one of {known}"
    all_ = found.told == len(found.documents)
    number = "all these" if all_ else f"{found.told} of these {len(found.documents)}"
    return f"the model was told the kind of {number} documents, the baselines were not"


def _documents(console: Console, found: Prediction) -> None:
    """One line a document, never wrapped: its name is the last of it."""
    console.print("\n  bits   bits a character (n-gram)   bits a note   document")
    for one in found.documents:
        counted = None if one.n_gram_bits is None else one.n_gram_bits / one.chars
        beside = f"({counted:.3f})" if counted is not None else ""
        by_note = _number(one.bits / one.notes if one.notes else None)
        console.print(
            f"{one.bits:6.0f} {one.bits / one.chars:18.3f} {beside:>8} {by_note:>13}   {one.name}",
            soft_wrap=True,
            markup=False,
        )


def _judged(console: Console, found: Judged) -> None:
    table = _table("samples", "number", "no issue", "no error", "bits a character")
    for one in found.validity:
        shares = f"{one.clean:.1%}", f"{one.sound:.1%}"
        table.add_row(_HOW[one.how], str(one.samples), *shares, _number(one.bits_per_char))
    console.print("", table)
    if found.mask_bits is not None:
        console.print(f"the grammar costs {found.mask_bits:.4f} bits a character of likelihood")
    _statistics(console, found)
    _overlaps(console, found)


def _statistics(console: Console, found: Judged) -> None:
    from textmusic.evaluate.statistics import FIGURES

    table = _table("mean of a piece", *found.statistics)
    for name, meaning in FIGURES.items():
        values = [one.figures.get(name) for one in found.statistics.values()]
        if any(value is not None for value in values):
            table.add_row(meaning, *map(_number, values))
    console.print("", table)
    if not found.distances:
        return
    kinds = list(next(iter(found.distances.values())))
    table = _table("distance from the training set", *kinds)
    for name, each in found.distances.items():
        cells = ("" if d is None else f"{d.divergence:.4f} ({d.area:.0%})" for d in each.values())
        table.add_row(name, *cells)
    console.print("", table)
    console.print("Jensen-Shannon divergence in bits (and the area that the histograms share)")


def _overlaps(console: Console, found: Judged) -> None:
    if not found.overlaps:
        return
    normal = found.yardstick
    table = _table(
        "longest run of notes shared with the training set", "median", "95 %", "99 %", "windows"
    )
    share = statistics.fmean(one.share for _, one in found.overlaps)
    runs = _percentiles([one.notes for _, one in found.overlaps])
    table.add_row("samples", *runs, f"{share:.1%}")
    if normal:
        values = (normal.median, normal.percentile_95, normal.percentile_99)
        cells = (*(f"{value:.0f}" for value in values), f"{normal.share:.1%}")
        table.add_row(f"held out ({normal.pieces} pieces)", *cells)
    console.print("", table)
    if normal:
        others = "99 % of held-out music" if normal.enough else "any held-out piece"
        console.print(
            f"{found.copying} of {len(found.overlaps)} samples share more than {others} does "
            f"({normal.percentile_99:.0f} notes)",
            style="yellow" if found.copying > max(1, len(found.overlaps) / 50) else "",
        )
        if not normal.enough:
            console.print(
                f"{normal.pieces} held-out pieces are too few to tell what 99 % share: 1 new piece "
                f"in {normal.pieces + 1} is expected to share more, without copying"
            )
    for name, one in sorted(found.overlaps, key=lambda pair: -pair[1].notes)[:_LISTED]:
        if one.notes:
            console.print(
                f"{name}, bar {one.at}: {one.notes} notes of {one.source}, bar {one.bar}; "
                f"{one.share:.0%} of its windows of {one.window} notes",
                markup=False,
                soft_wrap=True,
            )


def _percentiles(values: list[int]) -> tuple[str, str, str]:
    cuts = statistics.quantiles(values, n=100, method="inclusive") if len(values) > 1 else None
    picked = [cuts[at - 1] for at in (50, 95, 99)] if cuts else [float(values[0])] * 3
    return f"{picked[0]:.0f}", f"{picked[1]:.0f}", f"{picked[2]:.0f}"


def _table(first: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, overflow="fold")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
