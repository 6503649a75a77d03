"""alphaTex to a tree: bars of commands and beats. What is not understood is stepped over."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from textmusic_guitarpro.alphatex.arguments import FLOATS, PROPERTY_WORDS, count_of, takes_arguments
from textmusic_guitarpro.alphatex.complaints import Complaints
from textmusic_guitarpro.alphatex.lexer import Token, tokens_of

__all__ = ["Argument", "BarNode", "BeatNode", "Command", "NoteNode", "parse"]


_MOST_DECIMALS = 20


@dataclass(frozen=True, slots=True)
class Argument:
    """A value given to a command or property; `number` is None for words and strings."""

    text: str
    number: Fraction | None = None


@dataclass(slots=True)
class Command:
    """A ``\\command`` or a property, its name in lower case."""

    name: str
    offset: int
    length: int
    arguments: list[Argument] = field(default_factory=list)
    properties: list[Command] = field(default_factory=list)

    def number(self, index: int = 0) -> Fraction | None:
        """Return an argument that is a number, or None."""
        return self.arguments[index].number if index < len(self.arguments) else None

    def text(self, index: int = 0) -> str:
        """Return an argument that is a word or a string, or an empty text."""
        return self.arguments[index].text if index < len(self.arguments) else ""


@dataclass(slots=True)
class NoteNode:
    """A note: its value (a fret or key, a pitch, ``x``, ``-``) and its string, 1 the highest."""

    value: Token
    string: int | None
    properties: list[Command]


@dataclass(slots=True)
class BeatNode:
    """A beat, or only a change of duration (`notes` and `is_rest` are both empty)."""

    offset: int
    notes: list[NoteNode] = field(default_factory=list)
    is_rest: bool = False
    changes_duration: bool = False
    duration: int | None = None
    duration_properties: list[Command] = field(default_factory=list)
    properties: list[Command] = field(default_factory=list)
    count: int = 1

    @property
    def is_beat(self) -> bool:
        """Whether there is anything to play or to wait for."""
        return self.is_rest or bool(self.notes)


@dataclass(slots=True)
class BarNode:
    """Commands, then beats; with a bar line or up to the next command."""

    commands: list[Command] = field(default_factory=list)
    beats: list[BeatNode] = field(default_factory=list)
    has_line: bool = False


def parse(text: str, complaints: Complaints) -> list[BarNode]:
    """Return the bars of a text in the order in which they are written; never raises."""
    return _Parser(tokens_of(text, complaints), complaints).bars()


class _Parser:
    def __init__(self, tokens: list[Token], complaints: Complaints) -> None:
        self.tokens = tokens
        self.at = 0
        self.complaints = complaints

    @property
    def kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def complain(self, code: str, message: str, at: int | None = None) -> None:
        """Complain about the token at an index, or about the end of the text."""
        index = self.at if at is None else at
        if index < len(self.tokens):
            token = self.tokens[index]
            self.complaints.add(code, message, token.offset, token.end - token.offset)
        else:
            end = self.tokens[-1].end if self.tokens else 0
            self.complaints.add(code, message, end, 0)

    def bars(self) -> list[BarNode]:
        bars = []
        while self.kind:
            bar = BarNode()
            while self.kind in {"tag", "."}:
                if self.take().kind == "tag":
                    self.at -= 1
                    bar.commands.append(self.command())
            while self.kind not in {"", "|", "tag", "."}:
                self.beat(bar)
            if bar.beats and self.kind == ".":
                message = "a dot behind a beat starts a new bar; a dotted note is written {d}"
                self.complain("dot", message)
            if self.kind == "|":
                self.at += 1
                bar.has_line = True
            bars.append(bar)
        return bars

    def command(self) -> Command:
        token = self.take()
        command = Command(token.text.lower(), token.offset, token.end - token.offset)
        if command.name == "chord" and self.kind == "{":
            command.properties = self.properties()
        if self.kind == "(" and takes_arguments(command.name):
            command.arguments = self.listed()
        else:
            end = self.at + count_of(command.name, self.tokens, self.at)
            while self.at < end:
                command.arguments.append(self.argument(joins=command.name in FLOATS))
        if self.kind == "{":
            command.properties += self.properties()
        return command

    def argument(self, *, joins: bool = True) -> Argument:
        """Take one argument; ``1 . 5`` without spaces is one number where `joins` is true."""
        token = self.take()
        if token.kind != "number":
            return Argument(token.text)
        value = Fraction(token.number)
        if joins and self.at + 1 < len(self.tokens):
            dot, digits = self.tokens[self.at : self.at + 2]
            adjacent = dot.offset == token.end and digits.offset == dot.end
            if dot.kind == "." and digits.kind == "number" and adjacent and digits.text[0] != "-":
                self.at += 2
                part = Fraction(
                    int(digits.text[:_MOST_DECIMALS]), 10 ** len(digits.text[:_MOST_DECIMALS])
                )
                value += -part if token.text.startswith("-") else part
        return Argument(token.text, value)

    def listed(self) -> list[Argument]:
        """Take arguments in parentheses."""
        opened = self.at
        self.at += 1
        found: list[Argument] = []
        while self.kind not in {"", ")", "|", "tag", "{", "}"}:
            if self.kind in {"number", "word", "string"}:
                found.append(self.argument())
            else:
                self.complain("syntax", f"unexpected {self.kind!r} among arguments")
                self.at += 1
        self.close(")", opened)
        return found

    def close(self, sign: str, opened: int) -> None:
        if self.kind == sign:
            self.at += 1
        else:
            self.complain("unclosed", f"this is not closed by {sign!r}", opened)

    def properties(self) -> list[Command]:
        """Take properties in braces."""
        opened = self.at
        self.at += 1
        found = []
        while self.kind not in {"", "}", "|", "tag", "{"}:
            if self.kind == "word":
                found.append(self.property())
            else:
                self.complain("syntax", f"unexpected {self.kind!r} among properties")
                self.at += 1
        self.close("}", opened)
        return found

    def property(self) -> Command:
        token = self.take()
        found = Command(token.text.lower(), token.offset, token.end - token.offset)
        if self.kind == "(":
            found.arguments = self.listed()
            return found
        words = PROPERTY_WORDS.get(found.name, frozenset())
        if self.kind == "word" and words is None:
            found.arguments.append(self.argument())
        while self.kind in {"number", "string", "word"}:
            if self.kind == "word" and self.tokens[self.at].text.lower() not in (words or ()):
                break
            found.arguments.append(self.argument())
        if self.kind == "(":
            found.arguments += self.listed()
        return found

    def beat(self, bar: BarNode) -> None:
        """Take one beat, or step over one token that cannot begin one."""
        beat = BeatNode(self.tokens[self.at].offset)
        if self.kind == ":":
            self.duration_change(beat)
        if self.kind == "word" and self.tokens[self.at].text == "r":
            self.at += 1
            beat.is_rest = True
        elif self.kind == "(":
            self.chord(beat)
        elif self.kind in {"number", "word", "string"}:
            beat.notes.append(self.note())
        elif not beat.changes_duration:
            self.complain("syntax", f"unexpected {self.kind!r}, expected a beat")
            self.at += 1
            return
        if beat.is_beat:
            self.beat_end(beat)
        bar.beats.append(beat)

    def duration_change(self, beat: BeatNode) -> None:
        beat.changes_duration = True
        self.at += 1
        if self.kind != "number":
            self.complain("syntax", "expected a duration behind ':'")
            return
        beat.duration = self.take().number
        if self.kind == "{":
            beat.duration_properties = self.properties()

    def chord(self, beat: BeatNode) -> None:
        opened = self.at
        self.at += 1
        while self.kind in {"number", "word", "string"}:
            beat.notes.append(self.note())
        self.close(")", opened)
        beat.is_rest = not beat.notes

    def note(self) -> NoteNode:
        value = self.take()
        string = None
        if (value.kind == "number" or value.text in {"x", "-"}) and self.kind == ".":
            following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
            if following is not None and following.kind == "number":
                string = following.number
                self.at += 2
        return NoteNode(value, string, self.properties() if self.kind == "{" else [])

    def beat_end(self, beat: BeatNode) -> None:
        """Take duration, multiplier and properties of a beat."""
        following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        if self.kind == "." and following is not None and following.kind == "number":
            self.at += 2
            beat.duration = following.number
        self.multiplier(beat)
        if self.kind == "{":
            beat.properties = self.properties()
        self.multiplier(beat)

    def multiplier(self, beat: BeatNode) -> None:
        if self.kind != "*":
            return
        self.at += 1
        if self.kind == "number":
            beat.count = max(self.take().number, 1)
        else:
            self.complain("syntax", "expected a number behind '*'")
