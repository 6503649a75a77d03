"""What all parts share in one bar: the words before its notes.

::

    words  = [ metre " " ] [ short " " ] { key " " } { tempo " " } [ "( " ] [ ending " " ] [ close " " ]
    metre  = "M" num "/" den            where it changes; den up to 64
    short  = "!" length { length }      the bar is cut short of its metre and lasts this long
    key    = "K" fifths [ mode ] [ at ] fifths -7…7; mode m minor, d p x l o for dorian, phrygian,
                                        mixolydian, lydian, locrian; nothing for major
    tempo  = "T" quarters a minute [ at ]            up to three decimals
    at     = "@" length { length }                   so far behind the bar line
    "("    a repeat opens;   close = ")" passes      it closes behind this bar, played so often
    ending = "[" pass { "," pass }                   an ending begins
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from textmusic.errors import ScoreError
from textmusic.form import Measure
from textmusic.score import Key, Tempo
from textmusic_guitarpro.text.times import LENGTH, bar_units, length_words, sum_of

__all__ = ["DENOMINATORS", "WORD", "Signature", "key_word", "read_word", "tempo_word"]

DENOMINATORS = (1, 2, 4, 8, 16, 32, 64)
_MODES = {
    "major": "",
    "minor": "m",
    "dorian": "d",
    "phrygian": "p",
    "mixolydian": "x",
    "lydian": "l",
    "locrian": "o",
}
_MODE_NAMES = {letter: mode for mode, letter in _MODES.items()}
_AT = rf"(?:@(?:{LENGTH}){{1,64}})?"
WORD = re.compile(
    rf"(?P<meter>M\d{{1,3}}/\d{{1,2}})|(?P<short>!(?:{LENGTH}){{1,64}})"
    rf"|(?P<key>K-?[0-7][mdpxlo]?{_AT})|(?P<tempo>T\d{{1,5}}(?:\.\d{{1,3}})?{_AT})"
    r"|(?P<opens>\()|(?P<ending>\[\d{1,2}(?:,\d{1,2}){0,15})|(?P<close>\)\d{1,2})"
)


@dataclass(slots=True)
class Signature:
    """The words of one bar; times in units, those of keys and tempos from the bar line."""

    meter: tuple[int, int]
    length: int
    keys: list[Key] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=list)
    form: Measure = field(default_factory=Measure)

    @property
    def full(self) -> int:
        """The length that the metre gives."""
        return bar_units(*self.meter)

    def words(self, *, changes: bool) -> Iterator[str]:
        """Yield the words; `changes` says whether the metre must be written."""
        if changes:
            yield "M{}/{}".format(*self.meter)
        if self.length < self.full:
            yield "!" + "".join(length_words(0, self.length))
        yield from (key_word(key) + _at(key.onset) for key in self.keys)
        yield from (tempo_word(tempo) + _at(tempo.onset) for tempo in self.tempos)
        if self.form.opens:
            yield "("
        if self.form.endings:
            yield "[" + ",".join(map(str, sorted(self.form.endings)))
        if self.form.passes:
            yield f"){self.form.passes}"


def _at(onset: int) -> str:
    return "@" + "".join(length_words(0, onset)) if onset else ""


def key_word(key: Key) -> str:
    """Return the word of a key, without its place."""
    return f"K{key.fifths}{_MODES[key.mode]}"


def tempo_word(tempo: Tempo) -> str:
    """Return the word of a tempo, without its place."""
    return "T" + f"{tempo.qpm:.3f}".rstrip("0").rstrip(".")


def read_word(match: re.Match[str], bar: Signature) -> str | None:
    """Put a word that `WORD` matched into a signature; return what is wrong with it, if anything.

    The metre sets the length to a full bar; a word behind the end of the bar is refused.
    """
    kind, (body, _, at) = match.lastgroup, match[0][1:].partition("@")
    onset = sum_of(at)
    if kind == "meter":
        meter = (int(body.split("/")[0]), int(body.split("/")[1]))
        if not 1 <= meter[0] <= 255 or meter[1] not in DENOMINATORS:
            return f"no metre {body}"
        bar.meter, bar.length = meter, bar_units(*meter)
    elif kind == "short":
        length = sum_of(body)
        if not 0 < length < bar.full:
            return "a short bar is shorter than its metre"
        bar.length = length
    elif at and not 0 < onset < bar.length:
        return "a place outside the bar"
    else:
        return _read_sign(kind or "", body, onset, bar)
    return None


def _read_sign(kind: str, body: str, onset: int, bar: Signature) -> str | None:
    try:
        if kind == "key":
            mode = body[-1] if body[-1].isalpha() else ""
            fifths = int(body.removesuffix(mode))
            bar.keys.append(Key(onset, fifths, _MODE_NAMES[mode]))
        elif kind == "tempo":
            bar.tempos.append(Tempo(onset, float(body)))
        else:
            bar.form = _with_sign(bar.form, kind, body)
    except ScoreError as error:
        return str(error)
    return None


def _with_sign(form: Measure, kind: str, body: str) -> Measure:
    endings: Sequence[int] | frozenset[int] = form.endings
    if kind == "ending":
        endings = [int(number) for number in body.split(",")]
    passes = int(body) if kind == "close" else form.passes
    return Measure(form.opens or kind == "opens", passes, frozenset(endings))
