"""The music itself: what is written, filled and read, and what the page shows of it."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Mapping
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from textmusic import api, transforms
from textmusic.codec import Codec
from textmusic.errors import ConfigError, FormatError, InputError
from textmusic.filling import fill
from textmusic.grammar import Grammar
from textmusic.limits import Limit
from textmusic.listening import Piece, card_of
from textmusic.registry import formats
from textmusic.studio._asked import Filled, Wish
from textmusic.studio._critic import ReadyCritic
from textmusic.studio._line import Job

__all__ = ["filled", "opened", "seen", "written"]

_TRIES, _LONGER_TRIES = 8, 4
"""Pieces that are written until one is what was asked for, and until one is as long."""
_LONGEST = 4000


def written(job: Job, critic: ReadyCritic, wish: Wish) -> dict[str, Any]:
    """Write a piece, character by character.

    Raises:
        InputError: it cannot be begun like that, or nothing that was asked for came of it.
    """
    model, codec = critic.model, critic.model.codec
    prime = _prime(codec, wish)
    if wish.bars and prime and len(codec.parse(prime).score.bars()) >= wish.bars:
        raise ConfigError(f"what it begins with has {wish.bars} bars or more: ask for more bars")
    limit = Limit(codec, wish.bars, None)
    longest: tuple[int, str, dict[str, str]] = (0, "", {})
    for attempt in range(_TRIES):
        seed = wish.seed + attempt
        job.begin(prime)
        pieces = model.stream(
            prime=prime, bars=wish.bars, controls=wish.controls, characters=_LONGEST,
            condition=wish.condition, temperature=wish.temperature, seed=seed,
        )  # fmt: skip
        for piece in islice(pieces, 1 if prime else 0, None):
            job.show(piece)
        text, parsed = limit.cut(job.draft[1])
        broken = wish.controls.broken(parsed.score) if wish.controls else ()
        if broken or not any(True for _ in parsed.score.notes()):
            continue
        how = {"temperature": f"{wish.temperature:g}", "seed": str(seed), **wish.said}
        bars = len(parsed.score.bars())
        longest = max(longest, (bars, text, how), key=itemgetter(0))
        if bars >= (wish.bars or 0) or attempt + 1 >= _LONGER_TRIES:
            break
    bars, text, how = longest
    if not bars:
        raise ConfigError(
            f"{_TRIES} pieces were not what was asked for: ask for less, or try again"
        )
    return seen(critic, text, "New piece", how)


def filled(job: Job, critic: ReadyCritic, asked: Filled) -> dict[str, Any]:
    """Write bars of a piece anew; see `textmusic.filling.fill`. All ways that are tried are shown.

    Raises:
        InputError: the piece has no such bars, or nothing fits them.
    """
    model = critic.model
    given = _before(model.codec, asked.text, asked.gaps[0].first)

    def show(text: str) -> None:
        job.begin(text[:given])
        job.show(text[given:])

    ways = fill(
        model, asked.text, asked.gaps, seed=asked.seed, temperature=asked.temperature,
        condition=asked.condition, watch=show,
    )  # fmt: skip
    text = next(ways).text
    show(text)
    spans = " ".join(f"{gap.first}-{gap.last}" for gap in asked.gaps)
    how = {"filled": spans, "temperature": f"{asked.temperature:g}", "seed": str(asked.seed)}
    kind = {"condition": asked.condition} if asked.condition else {}
    return seen(critic, text, "New piece", how | kind)


def opened(critic: ReadyCritic, name: str, data: bytes) -> dict[str, Any]:
    """Read a file of any format as the codec's text.

    Args:
        critic: the model whose codec it is.
        name: what the file is called; only its suffix counts, and only a known one.
        data: its content.

    Raises:
        InputError: it cannot be read, or nothing in it fits the codec.
    """
    model = critic.model
    shown = " ".join(name.split())[-60:] or "the file"
    suffix = _suffix(model.codec, name, shown)
    with tempfile.TemporaryDirectory(prefix="textmusic-") as folder:
        path = Path(folder) / f"upload.{suffix}"
        path.write_bytes(data)
        try:
            text = model.text_of(path)
        except InputError as error:
            said = str(error).removeprefix(f"{path}: ").replace(str(path), shown)
            raise FormatError(f"{shown} cannot be used: {said}") from error
    return seen(critic, text, Path(shown).stem, {"file": shown})


def seen(
    critic: ReadyCritic, text: str, title: str, how: Mapping[str, str], to: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return what the page shows of a text: its card, its detail, and how many bars may be chosen.

    Args:
        critic: the model whose codec it is.
        text: any text.
        title: what it is called.
        how: where it comes from.
        to: formats that it may be downloaded in.
    """
    codec = critic.model.codec
    parsed = codec.parse(text)
    score = api.with_meta(critic.model.signed(parsed.score, 1, dict(how)), title=title)
    card, detail, _ = card_of(Piece(title, "", score, text, parsed.issues, codec, critic), 0, to)
    files = card.downloads if to else ()
    return {
        "text": text,
        "bars": max(0, len(codec.bar_offsets(text)) - 1),
        "how": dict(how),
        "provenance": score.get("provenance"),
        "card": dataclasses.asdict(dataclasses.replace(card, id="draft", downloads=files)),
        "detail": dataclasses.asdict(detail),
    }


def _before(codec: Codec, text: str, bar: int) -> int:
    """How many characters of a piece stand before a bar; 0 where there is no such bar."""
    with contextlib.suppress(InputError):
        places = codec.bar_offsets(codec.canonical(text))
        return places[bar - 1] if bar < len(places) else 0
    return 0


def _suffix(codec: Codec, name: str, shown: str) -> str:
    """The suffix of a file if it is a known one: nothing else of a name reaches the disk."""
    lower = name.lower()
    own = f"{codec.name}.txt"
    if lower.endswith(f".{own}"):
        return own
    suffix = formats.suffix(Path(lower).name)
    if suffix in codec.sources or suffix in formats.plain_suffixes() or suffix in formats:
        return suffix
    known = ", ".join(formats.plain_suffixes())
    raise FormatError(f"{shown} cannot be used: it is none of these: {known}")


def _prime(codec: Codec, wish: Wish) -> str:
    """Return what a piece begins with: bars of another, or a text as someone typed it."""
    asked = wish.controls is not None and codec.controls.issuperset(wish.controls.asked())
    grammar = codec.grammar(wish.controls if asked else None)
    text = wish.prime.replace("\r\n", "\n")
    if wish.source and wish.chosen:
        text = _bars(codec, codec.canonical(wish.source), wish.chosen)
    elif text and not _legal(grammar, text):
        with contextlib.suppress(InputError):
            whole = codec.opening(codec.canonical(text))
            text = whole if _legal(grammar, whole) else text
    return text


def _bars(codec: Codec, text: str, chosen: tuple[int, ...]) -> str:
    """Return chosen bars of a piece as the beginning of another."""
    places = codec.bar_offsets(text)
    first, last = chosen[0], chosen[-1]
    if last >= len(places):
        raise ConfigError(f"the piece has no bar {last}")
    if last - first + 1 != len(chosen):
        raise ConfigError("a piece begins with bars that follow each other: choose such bars")
    if first == 1:
        return text[: places[last]]
    score = codec.parse(text).score
    bars = score.bars()
    if len(bars) != len(places) - 1:
        raise ConfigError("bars are repeated in this piece: choose bars from the first on")
    part = transforms.clip(score, bars[first - 1].onset, bars[last - 1].end)
    return codec.opening(codec.encode(codec.project(part)))


def _legal(grammar: Grammar[Any] | None, text: str) -> bool:
    """Whether a text may begin a piece."""
    if grammar is None:
        return True
    state = grammar.start()
    for char in text:
        if char not in grammar.allowed(state):
            return False
        state = grammar.step(state, char)
    return True
