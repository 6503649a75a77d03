"""Why a codec takes a piece or not, in words that make like cases alike: for `acceptance.py`."""

from __future__ import annotations

import re

from textmusic.codec import Codec
from textmusic.errors import InputError, errors_of
from textmusic.score import Score

__all__ = ["of_score", "of_text", "why"]


def refusal(codec: Codec, text: str) -> str | None:
    """Why the grammar refuses a canonical text: the character, and where it stands."""
    grammar = codec.grammar()
    assert grammar is not None
    state = grammar.start()
    for offset, char in enumerate(text):
        if char not in grammar.allowed(state):
            return f"grammar: {_kind(char)} after {_around(text[:offset])} ({_mode(state)})"
        state = grammar.step(state, char)
    return None if grammar.accepting(state) else f"grammar: the end ({_mode(state)})"


def _kind(char: str) -> str:
    for name, chars in (("a digit", "0123456789"), ("a line end", "\n"), ("a space", " ")):
        if char in chars:
            return name
    return repr(char)


def _around(text: str) -> str:
    """The token before a place, with its numbers and letters made alike."""
    word = re.split(r"[ \n]", text)[-1][-6:] or text[-1:]
    return repr(re.sub(r"[a-g]", "c", re.sub(r"[A-G]", "C", re.sub(r"\d+", "#", word))))


def _mode(state: object) -> str:
    for name in ("mode", "phase"):
        if isinstance(value := getattr(state, name, None), str):
            return f"in {value!r}"
    return type(state).__name__


def why(error: InputError) -> str:
    """What stands in the report of a corpus for a document that cannot be used, numbers apart."""
    issue = next(iter((*errors_of(error.issues), *error.issues)), None)
    said = f"{issue.code}: {issue.message}" if issue else f"{type(error).__name__}: {error}"
    return re.sub(r"\d+", "#", re.sub(r"^\S*/\S+: ", "", said))[:110]


def of_text(codec: Codec, text: str) -> str | None:
    try:
        return refusal(codec, codec.canonical(text))
    except InputError as error:
        return why(error)


def of_score(codec: Codec, score: Score) -> str | None:
    try:
        return refusal(codec, codec.encode(codec.project(score)))
    except InputError as error:
        return why(error)
