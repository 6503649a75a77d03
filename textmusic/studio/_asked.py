"""What a page asks for, read from JSON: every value is checked, and bounded."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from textmusic.controls import Controls, parse_controls
from textmusic.errors import ConfigError
from textmusic.filling import Gap

__all__ = ["Asked", "Filled", "Wish", "gaps_of"]

LONGEST_TEXT = 100_000
_BARS = 512
_SEEDS = 1 << 31


class Asked:
    """The members of a JSON object, by type.

    Args:
        data: of the request.

    Raises:
        ConfigError: it is no JSON object; or, by the methods, a member is of another type.
    """

    def __init__(self, data: bytes) -> None:
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise ConfigError("the request is no JSON object")
        self._value: dict[str, Any] = value

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """Return a text; empty where there is none."""
        value = self._value.get(name) or ""
        if not isinstance(value, str):
            raise ConfigError(f"{name} is a text")
        if len(value) > longest:
            raise ConfigError(f"{name} has {len(value):,} characters; at most {longest:,} are read")
        return value.encode("utf-8", "replace").decode()

    def number(self, name: str, low: float, high: float) -> float | None:
        """Return a number in a range; None where there is none."""
        value = self._value.get(name)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high
        ):
            raise ConfigError(f"{name} is a number from {low:g} to {high:g}")
        return float(value)

    def whole(self, name: str, low: int, high: int) -> int | None:
        """Return a whole number in a range; None where there is none."""
        value = self.number(name, low, high)
        if value is not None and value != int(value):
            raise ConfigError(f"{name} is a whole number")
        return None if value is None else int(value)

    def numbers(self, name: str) -> list[int]:
        """Return numbers of bars, sorted, each once."""
        value = self._value.get(name) or []
        good = isinstance(value, list) and len(value) <= _BARS
        if not good or not all(type(each) is int and each > 0 for each in value):
            raise ConfigError(f"{name} are numbers of bars, at most {_BARS}")
        return sorted(set(value))

    def yes(self, name: str) -> bool:
        """Return whether something is true."""
        return self._value.get(name) is True

    def words(self, name: str) -> dict[str, str]:
        """Return a short mapping of words to words."""
        value = self._value.get(name) or {}
        if not isinstance(value, dict) or len(value) > 16:
            raise ConfigError(f"{name} is an object of a few words")
        return {str(key)[:40]: str(word)[:80] for key, word in value.items()}


@dataclass(frozen=True)
class Wish:
    """A piece that is asked for.

    Args:
        prime: text that it begins with, as a person typed it.
        source: a piece that it begins with bars of.
        chosen: which bars, from 1.
        bars: how many in all; None leaves it to the model.
        temperature: above 1 bolder, below 1 safer.
        seed: at least 0.
        condition: what kind of piece; None for any.
        said: metre, key and so on, as a person typed them.
        controls: the same, read.
    """

    prime: str
    source: str
    chosen: tuple[int, ...]
    bars: int | None
    temperature: float
    seed: int
    condition: str | None
    said: dict[str, str]
    controls: Controls | None = field(repr=False)

    @classmethod
    def of(cls, asked: Asked, seed: int) -> Wish:
        """Read a wish; ConfigError where it cannot be."""
        names = ("meter", "key", "tempo", "pitches", "tuning", "instrument")
        named = {name: word for name in names if (word := asked.text(name, 80).strip())}
        kind = _kind(asked)
        return cls(
            prime=asked.text("prime"),
            source=asked.text("source"),
            chosen=tuple(asked.numbers("chosen")),
            bars=asked.whole("bars", 1, _BARS),
            temperature=_temperature(asked),
            seed=_seed(asked, seed),
            condition=kind,
            said=named | ({"condition": kind} if kind else {}),
            controls=_controls(named) if named else None,
        )


@dataclass(frozen=True)
class Filled:
    """Bars of a piece that are to be written anew."""

    text: str
    gaps: tuple[Gap, ...]
    temperature: float
    seed: int
    condition: str | None

    @classmethod
    def of(cls, asked: Asked, seed: int) -> Filled:
        """Read what is asked for; ConfigError where it cannot be."""
        bars = asked.numbers("bars")
        if not bars:
            raise ConfigError("choose the bars that are to be written anew")
        manner = (_temperature(asked), _seed(asked, seed), _kind(asked))
        return cls(asked.text("text"), gaps_of(bars), *manner)


def gaps_of(bars: list[int]) -> tuple[Gap, ...]:
    """Return sorted numbers of bars as gaps: bars in a row are one."""
    gaps: list[Gap] = []
    for bar in bars:
        if gaps and gaps[-1].last == bar - 1:
            gaps[-1] = Gap(gaps[-1].first, bar)
        else:
            gaps.append(Gap(bar, bar))
    return tuple(gaps)


def _temperature(asked: Asked) -> float:
    value = asked.number("temperature", 0, 10)
    return 1.0 if value is None else value


def _seed(asked: Asked, seed: int) -> int:
    value = asked.whole("seed", 0, _SEEDS)
    return seed if value is None else value


def _kind(asked: Asked) -> str | None:
    return asked.text("condition", 200) or None


def _controls(said: dict[str, str]) -> Controls:
    words: dict[str, Any] = dict(said)
    if "tempo" in words:
        try:
            words["tempo"] = float(words["tempo"])
        except ValueError as error:
            raise ConfigError(f"tempo is a number, not {words['tempo']!r}") from error
    return parse_controls(**words)
