"""check_codec: a clean codec passes, and every planted defect is named by its law alone."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import pytest
from kit_toys import HEAD, LETTERS, Toy, ToyGrammar

from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Feature, Parsed
from textmusic.controls import Controls
from textmusic.errors import ConfigError, EncodeError, Issue
from textmusic.score import Note, Score, Tempo, Track
from textmusic.testing import (
    LawError,
    _codec,
    _shrink,
    _text_laws,
    check_codec,
    record_golden,
)
from textmusic.testing._codec_laws import SCORE_LAWS
from textmusic.testing._grammar_laws import CONTROL_LAWS, WALK_LAWS
from textmusic.testing._identity_laws import IDENTITY_LAWS
from textmusic.testing._material import hostile_texts
from textmusic.testing._text_laws import MINE_LAWS, TEXT_LAWS

COUNTER = itertools.count()


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Long texts and a long search for small examples would show nothing more here."""
    monkeypatch.setattr(_shrink, "_ATTEMPTS", 20)
    monkeypatch.setattr(_codec, "hostile_texts", partial(hostile_texts, long=1000))


def test_a_clean_codec_keeps_every_law() -> None:
    check_codec(Toy(), texts=["T90|a-b.c", "T90|a\nT120|zz-..", "nonsense 12"])
    check_codec(Toy(lowest=40), examples=10, seed=7)


@dataclass(frozen=True)
class ProjectRaises(Toy):
    def project(self, score: Score) -> Score:
        return super().project(score) if score.tracks[0] else score


@dataclass(frozen=True)
class PartsRaise(Toy):
    def parts(self, score: Score) -> tuple[Score, ...]:
        return (score.tracks[0],)  # type: ignore[return-value]


@dataclass(frozen=True)
class ProjectDrifts(Toy):
    def project(self, score: Score) -> Score:
        held = super().project(score)
        qpm = held.tempos[0].qpm
        return replace(held, tempos=(Tempo(0, max(qpm - 1, 10)),))

    def encode(self, score: Score) -> str:
        return Toy(self.lowest).encode(score)


@dataclass(frozen=True)
class EncodeRaises(Toy):
    def write(self, score: Score) -> str:
        if score.end == 4:
            raise EncodeError("four eighths are too hard")
        return super().write(score)


@dataclass(frozen=True)
class Fickle(Toy):
    def write(self, score: Score) -> str:
        return super().write(score) + "." * (next(COUNTER) % 2)

    def parse(self, text: str) -> Parsed:
        return super().parse(text.rstrip("."))

    def canonical(self, text: str) -> str:
        return text

    def grammar(self, controls: Controls | None = None) -> None:
        return None


@dataclass(frozen=True)
class EncodeQuantises(Toy):
    def encode(self, score: Score) -> str:
        return self.write(self.project(score))


@dataclass(frozen=True)
class AlphabetLacks(Toy):
    @property
    def alphabet(self) -> Alphabet:
        return Alphabet(f"T0123456789|.-{LETTERS.replace('d', '')}")


@dataclass(frozen=True)
class Complains(Toy):
    def parse(self, text: str) -> Parsed:
        parsed = super().parse(text)
        if "e" not in text:
            return parsed
        return Parsed(parsed.score, (*parsed.issues, Issue("toy.e", "an e", 0, 1, "warning")))


@dataclass(frozen=True)
class DecodesShort(Toy):
    def parse(self, text: str) -> Parsed:
        parsed = super().parse(text)
        notes = tuple(replace(n, duration=1) for n in parsed.score.notes())
        return Parsed(replace(parsed.score, tracks=(Track(notes),)), parsed.issues)


@dataclass(frozen=True)
class TempoTurnsFloat(Toy):
    """90 and 90.0 are equal tempos, but not equal texts."""

    def parse(self, text: str) -> Parsed:
        parsed = super().parse(text)
        return Parsed(
            replace(parsed.score, tempos=(Tempo(0, float(parsed.score.tempos[0].qpm)),)),
            parsed.issues,
        )


@dataclass(frozen=True)
class CanonicalCuts(Toy):
    def canonical(self, text: str) -> str:
        return super().canonical(text).rstrip("-.")


@dataclass(frozen=True)
class SplitsDocuments(Toy):
    def documents(self, text: str) -> Iterator[Document]:
        half = text.find("..") + 1
        yield Document(text[:half] or text)
        if half:
            yield Document(text[half:], half)


@dataclass(frozen=True)
class TransposesTwice(Toy):
    def transpose(self, text: str, semitones: int) -> str | None:
        return super().transpose(text, 2 * semitones)


class StopsAtHolds(ToyGrammar):
    def allowed(self, state: str) -> frozenset[str]:
        return super().allowed(state) - {"-"}


@dataclass(frozen=True)
class GrammarRefuses(Toy):
    def grammar(self, controls: Controls | None = None) -> ToyGrammar:
        return StopsAtHolds()


@dataclass(frozen=True)
class ParseRaises(Toy):
    def parse(self, text: str) -> Parsed:
        digits = [c for c in text if c.isdigit()]
        int("".join(digits[:1]) or "0")  # superscript two is a digit, but no int
        return super().parse(text)


@dataclass(frozen=True)
class PointsOutside(Toy):
    def parse(self, text: str) -> Parsed:
        parsed = super().parse(text)
        return Parsed(parsed.score, tuple(replace(i, offset=i.offset + 9) for i in parsed.issues))


@dataclass(frozen=True)
class ForgivingDecode(Toy):
    def decode(self, text: str) -> Score:
        return self.parse(text).score


@dataclass(frozen=True)
class CanonicalRaises(Toy):
    def canonical(self, text: str) -> str:
        return super().canonical(text) if text else text[0]


@dataclass(frozen=True)
class CanonicalDrifts(Toy):
    def canonical(self, text: str) -> str:
        for char in text:
            if char not in self.alphabet:
                return text.replace(char, "", 1)
        return text


@dataclass(frozen=True)
class MisplacesDocuments(Toy):
    def documents(self, text: str) -> Iterator[Document]:
        yield from (Document(d.text, 0) for d in super().documents(text))


@dataclass(frozen=True)
class Dawdles(Toy):
    def parse(self, text: str) -> Parsed:
        time.sleep(0.12 if len(text) > 900 else 0)
        return super().parse(text)


class HoldsNothing(ToyGrammar):
    def allowed(self, state: str) -> frozenset[str]:
        return super().allowed(state) | ({"-"} if state == "." else frozenset())


@dataclass(frozen=True)
class GrammarDisagrees(Toy):
    def grammar(self, controls: Controls | None = None) -> ToyGrammar:
        return HoldsNothing()


class DeadEnd(ToyGrammar):
    def allowed(self, state: str) -> frozenset[str]:
        return frozenset() if state == "dead" else super().allowed(state)

    def step(self, state: str, char: str) -> str:
        return "dead" if state == "T123" and char == "9" else super().step(state, char)


class TakesAnything(ToyGrammar):
    def step(self, state: str, char: str) -> str:
        return super().step(state, char) if char in self.allowed(state) else state


@dataclass(frozen=True)
class GrammarMissteps(Toy):
    def grammar(self, controls: Controls | None = None) -> ToyGrammar:
        return TakesAnything()


class EndsOnARest(ToyGrammar):
    def finish(self, state: str) -> str:
        return "." if state == "." else super().finish(state)


@dataclass(frozen=True)
class GrammarEndsBadly(Toy):
    def grammar(self, controls: Controls | None = None) -> ToyGrammar:
        return EndsOnARest()


@dataclass(frozen=True)
class Careless(Toy):
    """A grammar of its own where something is asked for, which ends a text with its ending."""

    asked: ClassVar[type[ToyGrammar]] = ToyGrammar

    def grammar(self, controls: Controls | None = None) -> ToyGrammar:
        return self.asked() if controls else ToyGrammar()


class CarelessSteps(Careless):
    asked = TakesAnything


class CarelessEndings(Careless):
    asked = EndsOnARest


@dataclass(frozen=True)
class BarsFall(Toy):
    def bar_offsets(self, text: str) -> tuple[int, ...]:
        return super().bar_offsets(text)[::-1]


@dataclass(frozen=True)
class WalksFail(Toy):
    """Only long free texts use every letter, so nothing but a walk meets this error."""

    def parse(self, text: str) -> Parsed:
        parsed = super().parse(text)
        if not set(LETTERS[14:]) <= set(text) or not HEAD.match(text):
            return parsed
        return Parsed(parsed.score, (*parsed.issues, Issue("toy.rich", "too many letters")))


@dataclass(frozen=True)
class ForgetsOption(Toy):
    def config(self) -> dict[str, object]:
        return {}


@dataclass(frozen=True)
class WontPickle(Toy):
    def __reduce__(self) -> tuple[object, ...]:
        return Toy, (41,)


@dataclass(frozen=True)
class Boasts(Toy):
    keeps: ClassVar[frozenset[Feature]] = frozenset({Feature.PITCH, Feature.VELOCITY})


@dataclass(frozen=True)
class RefusesAll(Toy):
    def project(self, score: Score) -> Score:
        raise EncodeError("not today")


class NotADataclass(Toy):
    __dataclass_params__ = None


@dataclass(frozen=True)
class CanonicalKeepsForeign(Toy):
    def canonical(self, text: str) -> str:
        return text


DEFECTS = {
    "project": ProjectRaises(),
    "parts": PartsRaise(),
    "project-idempotent": ProjectDrifts(),
    "encode": EncodeRaises(),
    "deterministic": Fickle(),
    "encode-exact": EncodeQuantises(),
    "alphabet": AlphabetLacks(),
    "validate": Complains(),
    "decode": DecodesShort(),
    "re-encode": TempoTurnsFloat(),
    "canonical": CanonicalCuts(),
    "one-document": SplitsDocuments(),
    "transpose": TransposesTwice(),
    "grammar-accepts": GrammarRefuses(),
    "parse-total": ParseRaises(),
    "issue-places": PointsOutside(),
    "derived": ForgivingDecode(),
    "canonical-total": CanonicalRaises(),
    "canonical-idempotent": CanonicalDrifts(),
    "documents": MisplacesDocuments(),
    "bounded": Dawdles(),
    "grammar-agrees": GrammarDisagrees(),
    "grammar-steps": GrammarMissteps(),
    "grammar-finish": GrammarEndsBadly(),
    "grammar-walks": WalksFail(),
    "control-steps": CarelessSteps(),
    "control-finish": CarelessEndings(),
    "control-kept": Careless(),
    "bars": BarsFall(),
    "declares": NotADataclass(),
    "config": ForgetsOption(lowest=50),
    "pickles": WontPickle(lowest=50),
    "keeps": Boasts(),
    "accepts": RefusesAll(),
    "learnable": CanonicalKeepsForeign(),
}
TEXTS = {"learnable": ["T90|a-é"], "documents": ["T90|a\n\nT90|b"]}


@pytest.mark.parametrize("law", DEFECTS)
def test_a_planted_defect_is_named_by_its_law_alone(law, monkeypatch) -> None:
    if law == "bounded":
        monkeypatch.setattr(_text_laws, "SECONDS", 0.1)
        monkeypatch.setattr(_shrink, "_SECONDS", 0.1)
    with pytest.raises(LawError) as caught:
        check_codec(DEFECTS[law], texts=TEXTS.get(law, ()), examples=10)
    assert [failure.law for failure in caught.value.failures] == [law], str(caught.value)


def test_every_law_has_a_planted_defect() -> None:
    tables = (SCORE_LAWS, TEXT_LAWS, MINE_LAWS, WALK_LAWS, CONTROL_LAWS, IDENTITY_LAWS)
    laws = {law.name for table in tables for law in table}
    shown_below = {"name", "golden"}
    assert laws | {"accepts", "golden"} == set(DEFECTS) | shown_below
    assert len(laws) == sum(map(len, tables))


def test_a_codec_that_declares_nothing_is_told_so_first() -> None:
    class Bare(Codec):
        alphabet = Alphabet("a")

        def encode(self, score: Score) -> str:
            return "a"

        def parse(self, text: str) -> Parsed:
            return Parsed(Score())

    with pytest.raises(LawError, match=r"codec 'Bare' breaks 1 law .*\n- declares: .*\n.*'name'"):
        check_codec(Bare(), examples=4)


@dataclass(frozen=True)
class NoGrammar(Toy):
    def grammar(self, controls: Controls | None = None) -> ToyGrammar:
        raise KeyError("table")


def test_a_grammar_that_cannot_be_made_is_a_broken_law() -> None:
    with pytest.raises(LawError, match=r"grammar-accepts: .*\n.*KeyError: 'table'") as caught:
        check_codec(NoGrammar(), examples=4)
    assert len(caught.value.failures) == 1


def test_the_message_shows_the_smallest_example(monkeypatch) -> None:
    monkeypatch.setattr(_shrink, "_ATTEMPTS", 400)
    monkeypatch.setattr(_shrink, "_SECONDS", 60.0)
    with pytest.raises(LawError) as caught:
        check_codec(DecodesShort(), examples=16)
    (failure,) = caught.value.failures
    assert "decode(text) differs in duration: " in failure.message
    assert failure.message.count("Note(") == 3
    assert "codec 'toy' breaks 1 law" in str(caught.value)
    assert "decode: for p = project(score) and t = encode(p): decode(t) == p" in str(caught.value)


@dataclass(frozen=True)
class Worse(PointsOutside):
    def config(self) -> dict[str, object]:
        return {}

    def documents(self, text: str) -> Iterator[Document]:
        yield Document(text[1:])


def test_several_defects_are_all_named() -> None:
    with pytest.raises(LawError) as caught:
        check_codec(Worse(lowest=50), examples=8)
    laws = {failure.law for failure in caught.value.failures}
    assert laws == {"issue-places", "config", "one-document", "documents"}


def test_equal_seeds_check_the_same() -> None:
    messages = []
    for _ in range(2):
        with pytest.raises(LawError) as caught:
            check_codec(Complains(), examples=8, seed=5)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_own_scores_replace_the_random_ones() -> None:
    check_codec(ProjectRaises(), scores=[Score((Track((Note(0, 480, 60),)),))], examples=4)
    with pytest.raises(LawError, match="of 0 scores with notes"):
        check_codec(Toy(), scores=[], examples=4)


def test_an_entry_point_of_another_name_is_reported(tmp_path, monkeypatch) -> None:
    info = tmp_path / "kit_dist-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kit-dist\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[textmusic.codecs]\nother = kit_toys:Toy\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(LawError) as caught:
        check_codec(Toy(), examples=4)
    assert [failure.law for failure in caught.value.failures] == ["name"]


def test_golden_texts_hold_a_codec_to_what_it_released(tmp_path) -> None:
    scores = [Score((Track((Note(0, 480, pitch),)),)) for pitch in (60, 64)]
    with pytest.raises(LawError, match="none of version 1"):
        check_codec(Toy(), examples=4, golden=tmp_path)
    path = record_golden(Toy(), scores, tmp_path)
    check_codec(Toy(), examples=4, golden=tmp_path)
    with pytest.raises(ConfigError, match="bump format_version"):
        record_golden(Toy(), scores, tmp_path)

    entries = json.loads(path.read_text())
    assert [entry["text"] for entry in entries] == ["T120|f-", "T120|j-"]
    entries[1]["text"] = "T120|k-"
    path.write_text(json.dumps(entries))
    with pytest.raises(LawError) as caught:
        check_codec(Toy(), examples=4, golden=tmp_path)
    assert [failure.law for failure in caught.value.failures] == ["golden"]
    assert "decodes to other music" in str(caught.value)


def test_a_changed_text_needs_a_new_version(tmp_path) -> None:
    @dataclass(frozen=True)
    class Changed(Toy):
        def write(self, score: Score) -> str:
            return super().write(score).replace("T", "T0", 1)

        def parse(self, text: str) -> Parsed:
            return super().parse(text.replace("T0", "T", 1))

    score = Score((Track((Note(0, 480, 60),)),))
    record_golden(Toy(), [score], tmp_path)
    with pytest.raises(LawError, match="bump format_version"):
        check_codec(Changed(), scores=[score], examples=4, golden=tmp_path)
