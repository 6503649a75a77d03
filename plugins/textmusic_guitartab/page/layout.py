"""Which staves of a text belong to one instrument, and how that is tuned."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from textmusic_guitartab.page import pitches
from textmusic_guitartab.page.prose import Header, read_header
from textmusic_guitartab.page.staves import Block, Staff, blocks, plain

_MOST = 12  # instruments in one text; labels of more are noise
__all__ = ["Instrument", "Layout", "layout"]


@dataclass(slots=True)
class Instrument:
    """Staves of one tuning (lowest string first); `turned` ones have that string on top."""

    tuning: tuple[int, ...]
    staves: list[Staff]
    turned: list[bool]


@dataclass(slots=True)
class Layout:
    """What a text holds: its lines (look-alikes replaced), words, instruments, stray rows."""

    lines: list[str]
    header: Header
    instruments: list[Instrument]
    strays: list[Block]


@lru_cache(maxsize=4)
def layout(text: str) -> Layout:
    """Find the staves of a text. The result is shared: read it only."""
    lines = plain(text).split("\n")
    found = list(blocks(lines))
    strays = [block for block in found if not block.staves]
    staves = [staff for block in found for staff in block.staves]
    head = "\n".join(lines[: staves[0].rows[0].line]) if staves else ""
    rows = {row.line for block in found for row in block.rows}
    words = "\n".join(line for number, line in enumerate(lines) if number not in rows)
    header = read_header(head, words if staves else "")
    return Layout(lines, header, _instruments(staves, header, head), strays)


def _instruments(staves: list[Staff], header: Header, head: str) -> list[Instrument]:
    """Group staves by tuning; what is a slip of the pen or a part of a staff joins the usual."""
    hint = head.lower()
    sizes = Counter(len(staff.rows) for staff in staves)
    usual_size = max(sizes, key=lambda n: sizes[n], default=6)
    known: dict[tuple[str, ...], tuple[tuple[int, ...], bool]] = {}
    tuned: list[tuple[Staff, tuple[int, ...], bool]] = []
    for staff in staves:
        if len(staff.rows) == usual_size + 1 and sizes[usual_size] > 1:
            staff = _without_ornament(staff)
        labels = staff.labels
        if labels not in known:
            known[labels] = _tuning(labels, header, head, hint)
        tuned.append((staff, *known[labels]))
    counts = Counter(tuning for _, tuning, _ in tuned)
    usual = max(counts, key=lambda t: counts[t], default=())
    groups: dict[tuple[int, ...], Instrument] = {}
    for staff, tuning, turned in tuned:
        key = tuning
        if tuning != usual and _same_instrument(tuning, usual, counts):
            key = usual
            staff = padded(staff, len(usual), _window(tuning, usual))
        group = groups.setdefault(key, Instrument(key, [], []))
        group.staves.append(staff)
        group.turned.append(turned)
    sounding = [g for g in groups.values() if any(staff.sounds for staff in g.staves)]
    if len(sounding) > _MOST:
        least = sorted((len(g.staves) for g in sounding), reverse=True)[_MOST - 1]
        sounding = [g for g in sounding if len(g.staves) >= least][:_MOST]
    return sounding


def _without_ornament(staff: Staff) -> Staff:
    """Drop an outer row that is none: a line of dashes, or a label written twice."""
    rows = staff.rows
    if not any(c.isdigit() for c in rows[0].body):
        return Staff(rows[1:])
    return Staff(rows[:-1]) if not any(c.isdigit() for c in rows[-1].body) else staff


def _same_instrument(
    tuning: tuple[int, ...], usual: tuple[int, ...], counts: Counter[tuple[int, ...]]
) -> bool:
    if counts[usual] < 2:
        return False
    if len(tuning) < len(usual):
        return tuning != pitches.STANDARD[4] and _window(tuning, usual) >= 0
    wrong = sum(a != b for a, b in zip(tuning, usual, strict=False))
    doubled = len(set(tuning)) < len(set(usual))
    return len(tuning) == len(usual) and (counts[tuning] == 1 or (wrong == 1 and doubled))


def _window(tuning: tuple[int, ...], usual: tuple[int, ...]) -> int:
    """The string of the usual tuning at which a part of it begins, -1 where it is no part."""
    for start in range(len(usual) - len(tuning) + 1):
        if usual[start : start + len(tuning)] == tuning:
            return start
    return -1


def padded(staff: Staff, count: int, start: int) -> Staff:
    """Complete a staff to `count` rows; its lowest row is string `start`."""
    rows = list(staff.rows)
    missing = count - len(rows)
    if missing <= 0:
        return staff
    empty = rows[0]._replace(label="", body=re.sub(r"[^|]", "-", rows[0].body), tail="")
    return Staff([empty] * (missing - start) + rows + [empty] * start)


def _tuning(
    labels: tuple[str, ...], header: Header, head: str, hint: str
) -> tuple[tuple[int, ...], bool]:
    count = len(labels)
    exact = pitches.names(header.tuning)
    if len(exact) == count:
        return exact, False
    classes = [c for c in map(pitches.label_class, reversed(labels)) if c is not None]
    usual = pitches.STANDARD[count]
    if len(classes) == count:
        tuning, turned = pitches.fit(classes, hint)
        if tuning != usual:
            return tuning, turned
    else:
        turned = False
    return pitches.named_tuning(head, count) or usual, turned
