"""The laws of scores: project, encode, decode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cached_property

from textmusic import transforms
from textmusic.codec import Codec, Feature
from textmusic.errors import EncodeError, InputError, ScoreError
from textmusic.grammar import first_error
from textmusic.score import Score
from textmusic.testing._features import difference
from textmusic.testing._report import Law
from textmusic.testing._shrink import brief, quote, smaller_score

__all__ = ["SCORE_LAWS", "Case", "explain_case"]


_EVERY = frozenset(Feature)


class Case:
    """One score on its way through a codec; every stage is computed once, when first asked for."""

    def __init__(self, codec: Codec, score: Score) -> None:
        self.codec = codec
        self.score = score

    @cached_property
    def held(self) -> Score | None:
        """``project(score)``, or None where the codec can hold nothing of the score."""
        try:
            return self.codec.project(self.score)
        except (EncodeError, ScoreError):
            return None

    @property
    def projected(self) -> Score:
        """``project(score)`` of a score that is not refused."""
        assert self.held is not None
        return self.held

    @cached_property
    def text(self) -> str:
        """The text of the projected score."""
        return self.codec.encode(self.projected)

    @cached_property
    def decoded(self) -> Score:
        """The score that the text gives back."""
        return self.codec.parse(self.text).score

    @property
    def has_notes(self) -> bool:
        """Whether the codec holds something of the score."""
        return self.held is not None and any(True for _ in self.held.notes())


def explain_case(case: Case, verdict: Callable[[Case], str | None], message: str) -> str:
    """Say what is wrong with a smaller score that breaks the same law."""

    def still(score: Score) -> bool:
        return verdict(Case(case.codec, score)) is not None

    small = Case(case.codec, smaller_score(case.score, still))
    lines = [verdict(small) or message, f"score: {brief(small.score)}"]
    try:
        lines.append(f"text: {quote(small.text)}")
    except Exception:  # noqa: BLE001 - the defect under report may sit right here
        lines.append("text: none")
    return "\n".join(lines)


def _project(case: Case) -> str | None:
    held = case.held
    return None if held is None or isinstance(held, Score) else f"project returned {held!r}"


def _idempotent(case: Case) -> str | None:
    again = case.codec.project(case.projected)
    return _unequal("project(project(score))", case.projected, again)


def _unequal(what: str, expected: Score, got: Score) -> str | None:
    if expected == got:
        return None
    line = difference(expected, got, _EVERY) or "the values differ beyond the music"
    return f"{what} differs in {line}\nexpected: {brief(expected)}\ngot: {brief(got)}"


def _encode(case: Case) -> str | None:
    text = case.text
    return None if isinstance(text, str) else f"encode returned {text!r}"


def _deterministic(case: Case) -> str | None:
    texts = {case.text, *(case.codec.encode(case.projected) for _ in range(2))}
    return None if len(texts) == 1 else f"three calls gave {len(texts)} texts"


def _exact(case: Case) -> str | None:
    try:
        text = case.codec.encode(case.score)
    except EncodeError:
        return None
    line = difference(case.score, case.codec.parse(text).score, case.codec.keeps)
    return line and f"encode took a score that it changes in {line}"


def _alphabet(case: Case) -> str | None:
    foreign = sorted(set(case.text) - set(case.codec.alphabet.chars))
    return f"not in the alphabet: {foreign!r}" if foreign else None


def _validate(case: Case) -> str | None:
    issues = case.codec.validate(case.text)
    return f"got {issues[0].render(case.text)}" if issues else None


def _decode(case: Case) -> str | None:
    return _unequal("decode(text)", case.projected, case.codec.decode(case.text))


def _again(case: Case) -> str | None:
    again = case.codec.encode(case.codec.decode(case.text))
    return None if again == case.text else f"encode(decode(text)) is {quote(again)}"


def _canonical(case: Case) -> str | None:
    canonical = case.codec.canonical(case.text)
    return None if canonical == case.text else f"canonical(text) is {quote(canonical)}"


def _one_document(case: Case) -> str | None:
    documents = [document.text for document in case.codec.documents(case.text)]
    if len(documents) == 1 and case.codec.canonical(documents[0]) == case.text:
        return None
    return f"documents(text) gives {len(documents)}: {quote(repr(documents))}"


def _parts(case: Case) -> str | None:
    parts = case.codec.parts(case.score)
    if isinstance(parts, tuple) and all(isinstance(part, Score) for part in parts):
        return None
    return f"parts returned {parts!r}"


def _transpose(case: Case) -> str | None:
    codec, text = case.codec, case.text
    same = codec.transpose(text, 0)
    if same not in {text, None}:
        return f"transpose(text, 0) is {quote(str(same))}"
    for semitones in (2, -3):
        moved = codec.transpose(text, semitones)
        if moved is None:
            continue
        try:
            expected = transforms.transpose(case.projected, semitones)
        except InputError:
            return f"transpose(text, {semitones}) moves a pitch out of 0…127: {quote(moved)}"
        wanted, got = (_sounding(s) for s in (expected, codec.decode(moved)))
        if wanted != got:
            return (
                f"transpose(text, {semitones}) is {quote(moved)}: expected"
                f" {brief(tuple((wanted - got).elements()), 80)},"
                f" got {brief(tuple((got - wanted).elements()), 80)} (pitch, drum)"
            )
    return None


def _sounding(score: Score) -> Counter[tuple[int, bool]]:
    return Counter((note.pitch, t.is_drum) for t in score.tracks for note in t.notes)


def _grammar_accepts(case: Case) -> str | None:
    grammar = case.codec.grammar()
    if grammar is None:
        return None
    offset = first_error(grammar, case.text)
    if offset is None:
        return None
    seen = case.text[:offset]
    return f"the grammar stops at offset {offset}, after {quote(seen[-60:])}"


def _unless_refused(broken: Callable[[Case], str | None]) -> Callable[[Case], str | None]:
    return lambda case: None if case.held is None else broken(case)


_P = "for p = project(score) and t = encode(p): "
_TABLE: tuple[tuple[str, str, Callable[[Case], str | None], tuple[str, ...]], ...] = (
    ("project-idempotent", f"{_P}project(p) == p", _idempotent, ("project",)),
    ("encode", f"{_P}encode never raises", _encode, ("project",)),
    ("deterministic", f"{_P}encode(p) is the same each time", _deterministic, ("encode",)),
    ("alphabet", f"{_P}set(t) lies inside the alphabet", _alphabet, ("encode", "declares")),
    ("validate", f"{_P}validate(t) == ()", _validate, ("encode", "alphabet")),
    ("decode", f"{_P}decode(t) == p", _decode, ("validate", "project-idempotent")),
    (
        "encode-exact",
        "encode(score) raises EncodeError or changes nothing that `keeps` names",
        _exact,
        ("decode",),
    ),
    ("re-encode", f"{_P}encode(decode(t)) == t", _again, ("decode", "deterministic")),
    ("canonical", f"{_P}canonical(t) == t", _canonical, ("validate",)),
    ("one-document", f"{_P}documents(t) gives t alone", _one_document, ("canonical",)),
    (
        "transpose",
        f"{_P}transpose(t, n) is None or moves every pitch by n; transpose(t, 0) == t or None",
        _transpose,
        ("re-encode",),
    ),
    ("grammar-accepts", f"{_P}the grammar accepts t", _grammar_accepts, ("alphabet", "validate")),
)
SCORE_LAWS: tuple[Law[Case], ...] = (
    Law("project", "project raises nothing but EncodeError or ScoreError", _project),
    Law("parts", "parts gives a tuple of scores and never raises", _parts),
    *(Law(name, says, _unless_refused(broken), needs) for name, says, broken, needs in _TABLE),
)
