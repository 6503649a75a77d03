"""The laws of any text: parse, canonical, documents, and the agreement with the grammar."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import get_args

from textmusic.codec import Codec, Parsed
from textmusic.errors import DecodeError, Issue, Severity, errors_of
from textmusic.grammar import first_error
from textmusic.testing._report import Law, call
from textmusic.testing._shrink import quote, smaller_text

__all__ = ["MINE_LAWS", "TEXT_LAWS", "TextCase", "explain_text", "misplaced"]

SECONDS = 10.0
"""What one call on one of the kit's texts (at most about 12,000 characters) may take."""
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+")


class TextCase:
    """One text on its way through a codec; every stage is computed once, when asked for."""

    def __init__(self, codec: Codec, text: str) -> None:
        self.codec = codec
        self.text = text

    @cached_property
    def timed(self) -> tuple[Parsed, float]:
        """What parse returns, and its seconds."""
        return call(self.codec.parse, self.text)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The issues that parse reports."""
        return self.timed[0].issues

    @cached_property
    def canonical(self) -> tuple[str | None, float]:
        """The canonical text, None where it is refused, and the seconds that took."""
        return call(self._canonical)

    def _canonical(self) -> str | None:
        try:
            return self.codec.canonical(self.text)
        except DecodeError:
            return None


def explain_text(case: TextCase, verdict: Callable[[TextCase], str | None], message: str) -> str:
    """Say what is wrong with a shorter text that breaks the same law."""

    def still(text: str) -> bool:
        return verdict(TextCase(case.codec, text)) is not None

    small = TextCase(case.codec, smaller_text(case.text, still))
    return f"{verdict(small) or message}\ntext: {quote(small.text)}"


def _parse(case: TextCase) -> str | None:
    parsed, _ = case.timed
    return None if isinstance(parsed, Parsed) else f"parse returned {parsed!r}"


def _bounded(case: TextCase) -> str | None:
    for name, seconds in (("parse", case.timed[1]), ("canonical", case.canonical[1])):
        if seconds > SECONDS:
            return f"{name} took {seconds:.0f} s for {len(case.text)} characters"
    return None


def misplaced(issue: Issue, size: int) -> str | None:
    """Return what is wrong with the form or the place of an issue on a text of `size`."""
    if not 0 <= issue.offset <= size:
        return f"issue {issue.code} has offset {issue.offset} in a text of {size}"
    if issue.length < 0 or issue.offset + issue.length > size + 1:
        return f"issue {issue.code} at {issue.offset} has length {issue.length}, text of {size}"
    if not _CODE.fullmatch(issue.code):
        return f"the code {issue.code!r} is not of the form 'name.what-is-wrong'"
    if issue.severity not in get_args(Severity):
        return f"issue {issue.code} has severity {issue.severity!r}"
    if not issue.message or "\n" in issue.message:
        return f"the message of {issue.code} is not one line: {issue.message!r}"
    return None


def _places(case: TextCase) -> str | None:
    size = len(case.text)
    return next((line for i in case.issues if (line := misplaced(i, size))), None)


def _derived(case: TextCase) -> str | None:
    errors = errors_of(case.issues)
    if case.codec.validate(case.text) != case.issues:
        return "validate(text) is not parse(text).issues"
    try:
        score = case.codec.decode(case.text)
    except DecodeError as error:
        if not errors:
            return f"decode raised {error} though parse reports no error"
        return None
    if errors:
        return f"decode took the text though parse reports {errors[0].render(case.text)}"
    return None if score == case.timed[0].score else "decode(text) is not parse(text).score"


def _canonical_total(case: TextCase) -> str | None:
    canonical, _ = case.canonical
    ok = canonical is None or isinstance(canonical, str)
    return None if ok else f"canonical returned {canonical!r}"


def _canonical_idempotent(case: TextCase) -> str | None:
    canonical, _ = case.canonical
    if canonical is None:
        return None
    again = case.codec.canonical(canonical)
    return None if again == canonical else f"{quote(canonical)} becomes {quote(again)}"


def _documents(case: TextCase) -> str | None:
    last = 0
    for document in case.codec.documents(case.text):
        start, size = document.offset, len(document.text)
        there = case.text[max(start, 0) : start + size]
        same = len(there) == size and all(
            char in {source, " "} for char, source in zip(document.text, there, strict=True)
        )
        if start < 0 or not same:
            return f"document {quote(document.text, 60)} at {start}, where {quote(there, 60)} is"
        if start < last:
            return f"a document at {start} follows one at {last}"
        last = start
    return None


def _bars(case: TextCase) -> str | None:
    places = [0, *case.codec.bar_offsets(case.text), len(case.text)]
    if any(a > b for a, b in pairwise(places)) or any(a == b for a, b in pairwise(places[1:-1])):
        return f"bar_offsets gives {tuple(places[1:-1])} for a text of {len(case.text)} characters"
    return None


def _grammar_agrees(case: TextCase) -> str | None:
    grammar = case.codec.grammar()
    if grammar is None:
        return None
    offset = first_error(grammar, case.text)
    errors = errors_of(case.issues)
    if offset is None and errors:
        return f"the grammar accepts it, but: {errors[0].render(case.text)}"
    if offset is not None and not case.issues and case.canonical[0] == case.text:
        return f"validate finds nothing and it is canonical, but the grammar stops at {offset}"
    return None


def _mine_learnable(case: TextCase) -> str | None:
    canonical, _ = case.canonical
    if canonical is None:
        return None
    foreign = sorted(set(canonical) - set(case.codec.alphabet.chars))
    if foreign:
        return f"canonical(text) holds {foreign!r}"
    errors = errors_of(case.codec.validate(canonical))
    if errors and not errors_of(case.issues):
        return f"canonical(text) has errors, the text has none: {errors[0].render(canonical)}"
    return None


TEXT_LAWS: tuple[Law[TextCase], ...] = (
    Law("parse-total", "parse never raises, whatever the text", _parse),
    Law(
        "issue-places",
        "issues lie inside the text (0 <= offset <= len), with a dotted code and a one-line message",
        _places,
        ("parse-total",),
    ),
    Law("derived", "decode and validate say what parse says", _derived, ("parse-total",)),
    Law("canonical-total", "canonical raises nothing but DecodeError", _canonical_total),
    Law(
        "canonical-idempotent",
        "canonical(canonical(text)) == canonical(text)",
        _canonical_idempotent,
        ("canonical-total", "canonical"),
    ),
    Law(
        "documents",
        "documents are the text at their offsets (or blanks, where it is not theirs), in order",
        _documents,
    ),
    Law(
        "bars",
        "bar_offsets never raises, and gives rising places inside the text",
        _bars,
    ),
    Law(
        "bounded",
        f"parse and canonical take less than {SECONDS:.0f} s on short texts",
        _bounded,
        ("parse-total", "canonical-total"),
    ),
    Law(
        "grammar-agrees",
        "what the grammar accepts has no error; what it refuses has an issue or is not canonical",
        _grammar_agrees,
        ("parse-total", "canonical-total", "validate", "grammar-accepts"),
    ),
)
"""Laws of every text, mutated and hostile ones too."""

MINE_LAWS: tuple[Law[TextCase], ...] = (
    Law(
        "learnable",
        "canonical gives characters of the alphabet, and no new errors",
        _mine_learnable,
        ("canonical-total", "parse-total"),
    ),
)
"""Laws of the texts that the author gives: real ones, as people write them."""
