"""Which of several samples is the best: what ``textmusic sample --best-of`` keeps.

A ranking is a function that gives a sample a number; the highest is kept::

    likelihood("character")            what the model finds likeliest
    unlike(index)                      what shares the shortest run with the training set
    like_histogram(name, wanted)       nearest to a distribution, such as that of intervals
    near_figure(name, goal)            nearest to a figure, such as 2 notes at once
    by_function("critic.py:score")     what a Python function of yours gives

`parse_ranking` makes them from what is typed at the command line.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any, Literal, Protocol

from textmusic.errors import ConfigError, Issue
from textmusic.evaluate import OverlapIndex
from textmusic.evaluate.statistics import FIGURES, HISTOGRAMS, Histogram, distance, statistics
from textmusic.score import Score

__all__ = [
    "NAMES",
    "Originals",
    "Piece",
    "Ranking",
    "by_function",
    "like_histogram",
    "likelihood",
    "near_figure",
    "parse_ranking",
    "unlike",
]

_LIKELIHOODS: dict[str, Literal["character", "note"]] = {
    "likelihood": "character",
    "likelihood a note": "note",
}
_OVERLAP = "overlap"
NAMES = (*_LIKELIHOODS, _OVERLAP, *HISTOGRAMS, *FIGURES)
"""What `parse_ranking` knows by name."""


class Piece(Protocol):
    """What is ranked, such as a `textmusic.Sample`."""

    @property
    def text(self) -> str:
        """The codec text."""

    @property
    def score(self) -> Score:
        """The music in it."""

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is wrong with the text."""

    @property
    def bits(self) -> float:
        """Information of what was drawn under the model."""

    @property
    def drawn(self) -> int:
        """Characters that were drawn: without a priming text, and an ending of the grammar's."""


class Ranking(Protocol):
    """A function that says how good a piece is: the higher, the better; -∞ is the worst."""

    def __call__(self, piece: Piece, /) -> float:
        """Return how good a piece is."""


@dataclass(frozen=True)
class Originals:
    """The training set, as far as rankings look at it; each is called only by those that do.

    Args:
        index: returns the index of what the training set holds.
        pieces: returns its music, or enough of it to say what it is like.
    """

    index: Callable[[], OverlapIndex]
    pieces: Callable[[], Iterable[Score]]


def likelihood(of: Literal["character", "note"] = "character") -> Ranking:
    """Rank by what the model finds likely: by the fewest bits of information, on average.

    The likeliest music is also the plainest: a model holds repetition likely.

    Args:
        of: bits a character that was drawn, or bits a note of the piece.
    """

    def rank(piece: Piece) -> float:
        count = piece.drawn if of == "character" else _struck(piece.score)
        return -piece.bits / count if count else -math.inf

    return rank


def unlike(index: OverlapIndex) -> Ranking:
    """Rank by the shortest run of notes shared with the training set, in any key.

    Of equals, what shares the smaller share of its windows comes first. Silence is the worst.

    Args:
        index: of the training set.
    """

    def rank(piece: Piece) -> float:
        if not _struck(piece.score):
            return -math.inf
        found = index.audit(piece.score)
        return -(found.notes + found.share / 2)

    return rank


def like_histogram(name: str, wanted: Histogram) -> Ranking:
    """Rank by the nearness of a distribution: the least Jensen-Shannon divergence.

    Args:
        name: one of `textmusic.evaluate.statistics.HISTOGRAMS`.
        wanted: counts by value, such as the training set's.

    Raises:
        ConfigError: there is no such distribution.
    """
    if name not in HISTOGRAMS:
        raise ConfigError(f"no distribution {name!r}; known: {', '.join(HISTOGRAMS)}")

    def rank(piece: Piece) -> float:
        found = distance(statistics([piece.score]).histograms[name], wanted)
        return -math.inf if found is None else -found.divergence

    return rank


def near_figure(name: str, goal: float) -> Ranking:
    """Rank by the nearness of a figure to a goal; a piece that has no such figure is the worst.

    Args:
        name: one of `textmusic.evaluate.statistics.FIGURES`.
        goal: in the unit of the figure.

    Raises:
        ConfigError: there is no such figure.
    """
    if name not in FIGURES:
        raise ConfigError(f"no figure {name!r} to set a goal for; known: {', '.join(FIGURES)}")

    def rank(piece: Piece) -> float:
        value = statistics([piece.score]).figures.get(name)
        return -math.inf if value is None else -abs(value - goal)

    return rank


def by_function(place: str) -> Ranking:
    """Rank by a Python function that takes a `Score` and returns a number, the higher the better.

    Args:
        place: ``package.module:function`` or ``file.py:function``.

    Raises:
        ConfigError: there is no such function. The ranking raises it too, when the function
            raises an exception or returns no number.
    """
    source, _, name = place.rpartition(":")
    function = getattr(_module(source, place), name, None)
    if function is None:
        raise ConfigError(f"{place}: {source} has no function {name!r}")
    if not callable(function):
        raise ConfigError(f"{place}: {name} is no function but {type(function).__name__}")

    def rank(piece: Piece) -> float:
        try:
            value: Any = function(piece.score)
        except Exception as error:
            raise ConfigError(f"{place} raised {_told(error)}") from error
        if not isinstance(value, Real) or math.isnan(value):
            raise ConfigError(f"{place} returned {value!r:.60}, which is no number")
        return float(value)

    return rank


def parse_ranking(text: str, originals: Originals) -> Ranking:
    """Return the ranking that a name stands for; hyphens stand for spaces.

    ``likelihood`` and ``likelihood-a-note``
        what the model finds likeliest.
    ``overlap``
        what shares the shortest run of notes with the training set.
    ``pitch-class``, ``interval``, ``duration``, ``onset``
        where these lie most as in the training set.
    ``notes-a-bar``, ``polyphony``, ``range``, ``bars-repeated``… (`FIGURES` has them all)
        nearest to the median of the training set; ``polyphony=2.5`` nearest to 2.5.
    ``package.module:function``, ``file.py:function``
        the highest value of a function of a `Score`.

    Args:
        text: as above.
        originals: the training set, asked only if the ranking needs it.

    Raises:
        ConfigError: there is no such ranking, or the training set lacks what it compares with.
    """
    if ":" in text:
        return by_function(text)
    typed, equals, goal = text.partition("=")
    name = _name(typed)
    if equals:
        return near_figure(name, _number(text, goal))
    if name in _LIKELIHOODS:
        return likelihood(_LIKELIHOODS[name])
    if name == _OVERLAP:
        return unlike(originals.index())
    if name in HISTOGRAMS:
        return like_histogram(name, statistics(originals.pieces()).histograms[name])
    each = (statistics([score]).figures.get(name) for score in originals.pieces())
    values = [value for value in each if value is not None]
    if not values:
        raise ConfigError(f"{text}: nothing in the training set has this figure to compare with")
    return near_figure(name, median(values))


def _name(typed: str) -> str:
    plain = {_plain(name): name for name in NAMES}
    if name := plain.get(_plain(typed)):
        return name
    near = difflib.get_close_matches(_plain(typed), plain, n=3, cutoff=0.5)
    shown = [name.replace(" ", "-") for name in near or plain]
    advice = f"did you mean {' or '.join(shown)}?" if near else f"known: {', '.join(shown)}"
    raise ConfigError(f"unknown ranking {typed!r}: {advice} (or a function: file.py:function)")


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", " ").replace("_", " ")


def _number(text: str, goal: str) -> float:
    try:
        value = float(goal)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ConfigError(f"{text}: {goal!r} is no number to come near to")
    return value


def _module(source: str, place: str) -> ModuleType:
    """Import a module by name, or a file."""
    path = Path(source)
    is_file = path.suffix == ".py"
    if is_file and not path.is_file():
        raise ConfigError(f"{place}: there is no file {source}")
    try:
        return _run(path) if is_file else importlib.import_module(source)
    except Exception as error:
        raise ConfigError(f"{place}: cannot import {source or 'it'}: {_told(error)}") from error


def _run(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"_ranking_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up while it is run
    spec.loader.exec_module(module)
    return module


def _told(error: Exception) -> str:
    """An exception in one line."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _struck(score: Score) -> int:
    """How many notes a piece has; grace notes, which take no time, are left out."""
    return sum(1 for note in score.notes() if note.duration)
