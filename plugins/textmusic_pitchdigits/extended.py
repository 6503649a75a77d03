"""The extended form: numbered notation with lengths, one bar a line.

::

    1=G 3/4 q=96
    5_5_
    1'1_7_6,-
    %

::

    text      = directive { directive | bar }
    directive = [ key " " ] metre [ " " tempo ] LF           the first line
              | one to three of key, metre and tempo LF      a change, at the bar line
    key       = ( "1" … "7" ) "=" letter [ "#" | "b" ]       see `pitches`
    metre     = number "/" number
    tempo     = "q=" quarters a minute
    bar       = ( "%" [ "2" | "4" | "8" ] | { event } ) LF    % is the bar 1, 2, 4, 8 before
    event     = ( note | "0" | "~" ) length                   see `lengths`
    note      = [ "#" | "b" ] ( "1" … "7" ) { "'" | "," }

``0`` is a rest and ``~`` goes on with what sounds. The lengths of a bar sum to its metre; a bar
that is shorter ends in ``!``. An accidental holds for its own note only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from textmusic.bars import fold
from textmusic.score import Bar, Score
from textmusic_pitchdigits.lengths import suffixes
from textmusic_pitchdigits.pitches import key_text, spell, tonic_of

__all__ = ["CHARS", "bar_offsets", "write_extended"]

_BAR = re.compile(r"^[^\n /A-Gq]*\n", re.MULTILINE)
CHARS = "\n 0123456789#b',~-_=.t%!/qABCDEFG"


def write_extended(score: Score) -> str:
    """Return the text of a projected score of `BEAT` ticks a quarter."""
    bars = score.bars(max(score.end, 1))
    lines = fold(list(_bodies(score, bars)))
    changes = _changes(score)
    metre = (0, 0)
    text: list[str] = []
    for bar, line in zip(bars, lines, strict=True):
        words = changes.get(bar.onset, {})
        if (bar.numerator, bar.denominator) != metre:
            metre = (bar.numerator, bar.denominator)
            words = {**words, "metre": f"{bar.numerator}/{bar.denominator}"}
        directive = [words[name] for name in ("key", "metre", "tempo") if name in words]
        text += [" ".join(directive)] * bool(directive) + [line]
    return "\n".join([*text, ""])


def _changes(score: Score) -> dict[int, dict[str, str]]:
    """Key and tempo words by tick."""
    changes: dict[int, dict[str, str]] = {}
    for key in score.keys:
        changes.setdefault(key.onset, {})["key"] = key_text(key)
    for tempo in score.tempos:
        changes.setdefault(tempo.onset, {})["tempo"] = f"q={tempo.qpm:.0f}"
    return changes


def _bodies(score: Score, bars: tuple[Bar, ...]) -> Iterator[str]:
    """Yield the events of every bar."""
    notes = iter(score.tracks[0].notes if score.tracks else ())
    note = next(notes, None)
    keys = {key.onset: tonic_of(key) for key in score.keys}
    tonic = keys.get(0, tonic_of(None))
    for bar in bars:
        tonic = keys.get(bar.onset, tonic)
        at = bar.onset
        body: list[str] = []
        while at < bar.end:
            if note is None or note.onset >= bar.end:
                body += _event("0", bar.end - at)
                break
            if note.onset > at:
                body += _event("0", note.onset - at)
            at = max(note.onset, at)
            accidental, degree, octave = spell(note.pitch, tonic)
            marks = "'" * octave if octave > 0 else "," * -octave
            head = f"{accidental}{degree}{marks}" if note.onset == at else "~"
            body += _event(head, min(note.end, bar.end) - at)
            at = min(note.end, bar.end)
            if note.end <= bar.end:
                note = next(notes, None)
        yield "".join(body) + "!" * bar.is_short


def _event(head: str, ticks: int) -> list[str]:
    """What begins with `head` and lasts `ticks`; only a note that goes on needs ``~``."""
    first, *others = suffixes(ticks)
    return [head + first, *((head if head == "0" else "~") + suffix for suffix in others)]


def bar_offsets(text: str) -> tuple[int, ...]:
    """Return where bars end, changes before a bar being part of it; the first begins at line 2."""
    first = text.find("\n") + 1
    ends = tuple(found.end() for found in _BAR.finditer(text, first)) if first else ()
    return (first, *ends) if ends else ()
