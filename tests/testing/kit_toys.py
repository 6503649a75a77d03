"""A codec and a format that keep every law; the planted defects break them one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Feature, Parsed
from textmusic.controls import Controls
from textmusic.errors import DecodeError, EncodeError, FormatError, Issue
from textmusic.format import Format, Loaded, Written
from textmusic.grammar import Grammar, Opened
from textmusic.score import Note, Score, Tempo, Track
from textmusic.transforms import quantize, resample

LETTERS = "abcdefghijklmnopqrstuvwxyz"
HEAD = re.compile(r"T([1-9][0-9]{1,2})\|", re.ASCII)


@dataclass(frozen=True)
class Toy(Codec):
    """One voice in eighths: ``T90|a--c.d``: a letter strikes, ``-`` holds, ``.`` rests."""

    name: ClassVar[str] = "toy"
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {Feature.ONSET, Feature.DURATION, Feature.PITCH, Feature.TEMPO}
    )
    controls: ClassVar[frozenset[str]] = frozenset({"tempo"})
    lowest: int = 55

    def __post_init__(self) -> None:
        if not 0 <= self.lowest <= 102:
            raise ValueError(f"lowest is {self.lowest}")

    @property
    def alphabet(self) -> Alphabet:
        return Alphabet(f"T0123456789|.-{LETTERS}")

    def project(self, score: Score) -> Score:
        melodic = [t for t in score.tracks if t.notes and not t.is_drum]
        if not melodic:
            raise EncodeError("no melody")
        fine = quantize(resample(replace(score, tracks=tuple(melodic[:1])), 960), 2)
        top: dict[int, Note] = {}
        for note in resample(fine, 2).tracks[0].notes:
            if note.duration:
                top[note.onset] = note
        if not top:
            raise EncodeError("no melody")
        onsets = sorted(top)
        notes = []
        for onset, following in zip(onsets, [*onsets[1:], None], strict=True):
            note = top[onset]
            end = note.end if following is None else min(note.end, following)
            pitch = self.lowest + (note.pitch - self.lowest) % 24
            notes.append(Note(onset, end - onset, pitch))
        qpm = score.tempos[0].qpm if score.tempos else 120
        return Score((Track(tuple(notes)),), 2, (Tempo(0, min(max(round(qpm), 10), 999)),))

    def encode(self, score: Score) -> str:
        if self.project(score) != score:
            raise EncodeError("not in the domain; see project")
        return self.write(score)

    def write(self, score: Score) -> str:
        steps = ["."] * score.end
        for note in score.notes():
            steps[note.onset : note.end] = "-" * note.duration
            steps[note.onset] = LETTERS[note.pitch - self.lowest]
        return f"T{score.tempos[0].qpm}|{''.join(steps)}"

    def parse(self, text: str) -> Parsed:
        issues = []
        head = HEAD.match(text)
        if not head:
            issues.append(Issue("toy.head", "no tempo at the start", 0))
        struck: list[list[int]] = []
        start = head.end() if head else 0
        for step, char in enumerate(text[start:]):
            if char in LETTERS:
                struck.append([step, 1, self.lowest + LETTERS.index(char)])
            elif char == "-" and struck and sum(struck[-1][:2]) == step:
                struck[-1][1] += 1
            elif char != ".":
                issues.append(Issue("toy.step", "not a step", start + step))
        notes = [Note(*values) for values in struck]
        if notes and text.endswith("."):
            issues.append(Issue("toy.rest", "rests at the end", len(text) - 1))
        if not notes:
            issues.append(Issue("toy.empty", "no notes", len(text), 0))
        qpm = int(head.group(1)) if head else 120
        return Parsed(Score((Track(tuple(notes)),), 2, (Tempo(0, qpm),)), tuple(issues))

    def canonical(self, text: str) -> str:
        chars = frozenset(self.alphabet.chars)
        kept = "".join(c for c in text if c in chars).rstrip(".")
        if not kept:
            raise DecodeError("nothing left")
        return kept

    def documents(self, text: str) -> Iterator[Document]:
        for match in re.finditer(r"[^\n]+", text):
            yield Document(match.group(), match.start())

    def bar_offsets(self, text: str) -> tuple[int, ...]:
        return tuple(range(text.find("|") + 1, len(text) + 1, 8))

    def grammar(self, controls: Controls | None = None) -> Grammar[Any]:
        if controls and controls.tempo:
            return Opened(ToyGrammar(), f"T{round(controls.tempo)}|")
        return ToyGrammar()


@dataclass(frozen=True)
class ToyGrammar:
    """States: how far the head is, then what came last."""

    def start(self) -> str:
        return ""

    def allowed(self, state: str) -> frozenset[str]:
        head = {
            "": "T",
            "T": "123456789",
            "T1": "0123456789",
            "T12": "0123456789|",
            "T123": "|",
            ".": f"{LETTERS}.",
            "a": f"{LETTERS}.-",
        }
        return frozenset(head[state])

    def step(self, state: str, char: str) -> str:
        if char not in self.allowed(state):
            raise ValueError(f"{char!r} cannot follow")
        if char in {"|", "."}:
            return "."
        if char in LETTERS or char == "-":
            return "a"
        return "T123"[: len(state) + 1]

    def accepting(self, state: str) -> bool:
        return state == "a"

    def finish(self, state: str) -> str:
        return {"": "T90|a", "T": "90|a", "T1": "0|a", "T12": "|a", "T123": "|a"}.get(
            state, "" if state == "a" else "a"
        )


class JsonFormat(Format):
    """Scores as JSON; holds no marks and no names."""

    name = "toyjson"
    title = "Toy JSON"
    keeps = frozenset(Feature) - {Feature.TECHNIQUE, Feature.META}
    reads = True
    writes = True
    is_text = True

    def encode(self, score: Score) -> Written:
        issues = []
        if any(note.marks for note in score.notes()):
            issues.append(
                Issue("toyjson.marks", "marks and grace notes are not held", 0, 0, "warning")
            )
        plain = [
            replace(t, notes=tuple(replace(n, marks=frozenset()) for n in t.notes if n.duration))
            for t in score.tracks
        ]
        fields = asdict(replace(score, tracks=tuple(plain), meta=()))
        return Written(json.dumps(fields, default=list).encode(), tuple(issues))

    def decode(self, data: bytes) -> Loaded:
        from textmusic.score import Key, Meter

        try:
            fields = json.loads(data)
            tracks = []
            for track in fields["tracks"]:
                notes = tuple(Note(**{**n, "marks": frozenset()}) for n in track["notes"])
                tracks.append(Track(**{**track, "notes": notes}))
            return Loaded(
                (
                    Score(
                        tuple(tracks),
                        fields["tpq"],
                        tuple(Tempo(**t) for t in fields["tempos"]),
                        tuple(Meter(**m) for m in fields["meters"]),
                        tuple(Key(**k) for k in fields["keys"]),
                    ),
                )
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise FormatError(f"not a toy file: {error}") from error
