"""A reader of pickles that runs nothing: opcodes build plain values and inert records.

Only the classes that MusicNet's labels are made of may be named; any other name, and any opcode
that they do not need, is refused. Nothing is imported or called. Long strings (the audio) are
passed over without being loaded.

Source: the opcode descriptions of Python's `pickletools`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from textmusic.errors import FormatError

__all__ = ["Name", "Record", "Skipped", "Source", "read_pickle"]

_LONGEST_STRING = 1 << 16
_MOST_OPCODES = 5_000_000
_MODULES = {
    "intervaltree": {"Interval", "IntervalTree"},
    "intervaltree.interval": {"Interval"},
    "intervaltree.intervaltree": {"IntervalTree"},
    "intervaltree.node": {"Node"},
    "sortedcontainers": {"SortedDict"},
    "sortedcontainers.sorteddict": {"SortedDict"},
    "numpy": {"ndarray", "dtype"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy.core.numeric": {"_frombuffer"},
    "numpy._core.numeric": {"_frombuffer"},
    "copy_reg": {"_reconstructor"},
    "copyreg": {"_reconstructor"},
    "_codecs": {"encode"},
    "__builtin__": {"object", "set", "frozenset", "tuple", "list", "dict"},
    "builtins": {"object", "set", "frozenset", "tuple", "list", "dict"},
}
"""The only names that a pickle may mention. They are never looked up."""


class Source(Protocol):
    """Where the bytes come from."""

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes, or fewer at the end."""
        ...

    def skip(self, size: int) -> None:
        """Pass over `size` bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Name:
    """A class or function that the pickle names."""

    name: str


@dataclass(slots=True, eq=False)
class Record:
    """What the pickle says to make by calling a name, with what it says to set on it."""

    name: str
    args: tuple[Any, ...]
    state: Any = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A string of so many bytes that was not loaded."""

    size: int


class _Mark:
    """The place on the stack where a group of values begins."""


_MARK = _Mark()


def read_pickle(source: Source) -> tuple[Any, list[Record]]:
    """Return the value of a pickle, and all records in the order in which they were made.

    Raises:
        FormatError: it is damaged, too long, or names what labels do not need.
    """
    machine = _Machine(source)
    try:
        return machine.run(), machine.records
    except (IndexError, KeyError, TypeError, ValueError, struct.error, OverflowError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"the pickled labels are damaged: {type(error).__name__}") from error


class _Machine:
    """The stack machine of pickles."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.records: list[Record] = []

    def run(self) -> Any:
        for _ in range(_MOST_OPCODES):
            code = self.bytes(1)
            if code == b".":
                return self.stack.pop()
            action = _OPCODES.get(code)
            if action is None:
                raise FormatError(f"the pickled labels use the opcode {code!r}: refused")
            action(self)
        raise FormatError("the pickled labels are too long")

    def bytes(self, size: int) -> bytes:
        data = self.source.read(size)
        if len(data) != size:
            raise FormatError("the pickled labels are cut off")
        return data

    def number(self, layout: str) -> Any:
        return struct.unpack(layout, self.bytes(struct.calcsize(layout)))[0]

    def line(self) -> str:
        found = bytearray()
        while (byte := self.bytes(1)) != b"\n":
            found += byte
            if len(found) > 256:
                raise FormatError("the pickled labels hold a line too long")
        return found.decode("ascii")

    def string(self, layout: str, encoding: str | None) -> None:
        size = self.number(layout)
        if size < 0:
            raise FormatError("the pickled labels are damaged: a negative length")
        if size > _LONGEST_STRING:
            self.source.skip(size)
            self.stack.append(Skipped(size))
            return
        data = self.bytes(size)
        self.stack.append(data.decode(encoding, "replace") if encoding else data)

    def group(self) -> list[Any]:
        """Take the values above the topmost mark."""
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise FormatError("the pickled labels are damaged: no mark")
        values = self.stack[place + 1 :]
        del self.stack[place:]
        return values

    def name(self, module: str, name: str) -> None:
        if name not in _MODULES.get(module, ()):
            shown = f"{module}.{name}"[:80]
            raise FormatError(f"the pickle names {shown!r}, which labels do not need: refused")
        self.stack.append(Name(name))

    def make(self) -> None:
        """REDUCE and NEWOBJ: note what would be called."""
        args, maker = self.stack.pop(), self.stack.pop()
        if not (isinstance(maker, Name) and isinstance(args, tuple)):
            raise FormatError("the pickle calls what is no allowed name: refused")
        record = Record(maker.name, args)
        self.records.append(record)
        self.stack.append(record)

    def build(self) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], Record):
            self.stack[-1].state = state

    def append(self, values: list[Any]) -> None:
        if isinstance(self.stack[-1], list):
            self.stack[-1].extend(values)

    def put(self, key: int) -> None:
        self.memo[key] = self.stack[-1]

    def tuple(self, size: int) -> None:
        values = self.stack[len(self.stack) - size :]
        if len(values) != size or _MARK in values:
            raise FormatError("the pickled labels are damaged: a short tuple")
        del self.stack[len(self.stack) - size :]
        self.stack.append(tuple(values))

    def items(self, values: list[Any]) -> None:
        """Dictionaries hold nothing that is needed: their items are dropped."""

    def named_by_stack(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.name(str(module), str(name))


def _long(machine: _Machine, layout: str) -> None:
    size = machine.number(layout)
    if not 0 <= size <= 64:
        raise FormatError("the pickled labels hold a number too long")
    machine.stack.append(int.from_bytes(machine.bytes(size), "little", signed=True))


def _int_line(machine: _Machine) -> None:
    text = machine.line().rstrip("L")
    machine.stack.append({"00": False, "01": True}.get(text, int(text)))


_OPCODES: dict[bytes, Callable[[_Machine], Any]] = {
    b"\x80": lambda m: m.bytes(1),  # PROTO
    b"\x95": lambda m: m.bytes(8),  # FRAME
    b"(": lambda m: m.stack.append(_MARK),
    b"0": lambda m: m.stack.pop(),
    b"2": lambda m: m.stack.append(m.stack[-1]),
    b"N": lambda m: m.stack.append(None),
    b"\x88": lambda m: m.stack.append(True),
    b"\x89": lambda m: m.stack.append(False),
    b"I": _int_line,
    b"L": _int_line,
    b"F": lambda m: m.stack.append(float(m.line())),
    b"J": lambda m: m.stack.append(m.number("<i")),
    b"K": lambda m: m.stack.append(m.number("<B")),
    b"M": lambda m: m.stack.append(m.number("<H")),
    b"\x8a": lambda m: _long(m, "<B"),
    b"\x8b": lambda m: _long(m, "<i"),
    b"G": lambda m: m.stack.append(m.number(">d")),
    b"U": lambda m: m.string("<B", "latin-1"),
    b"T": lambda m: m.string("<i", "latin-1"),
    b"C": lambda m: m.string("<B", None),
    b"B": lambda m: m.string("<I", None),
    b"\x8e": lambda m: m.string("<Q", None),
    b"\x96": lambda m: m.string("<Q", None),
    b"X": lambda m: m.string("<I", "utf-8"),
    b"\x8c": lambda m: m.string("<B", "utf-8"),
    b"\x8d": lambda m: m.string("<Q", "utf-8"),
    b")": lambda m: m.stack.append(()),
    b"t": lambda m: m.stack.append(tuple(m.group())),
    b"\x85": lambda m: m.tuple(1),
    b"\x86": lambda m: m.tuple(2),
    b"\x87": lambda m: m.tuple(3),
    b"]": lambda m: m.stack.append([]),
    b"l": lambda m: m.stack.append(m.group()),
    b"a": lambda m: m.append([m.stack.pop()]),
    b"e": lambda m: m.append(m.group()),
    b"}": lambda m: m.stack.append({}),
    b"d": lambda m: m.stack.append(dict.fromkeys(range(len(m.group()) // 2))),
    b"s": lambda m: m.items([m.stack.pop(), m.stack.pop()]),
    b"u": lambda m: m.items(m.group()),
    b"\x8f": lambda m: m.stack.append([]),  # EMPTY_SET
    b"\x90": lambda m: m.append(m.group()),  # ADDITEMS
    b"\x91": lambda m: m.stack.append(m.group()),  # FROZENSET
    b"c": lambda m: m.name(m.line(), m.line()),
    b"\x93": lambda m: m.named_by_stack(),
    b"R": lambda m: m.make(),
    b"\x81": lambda m: m.make(),
    b"b": lambda m: m.build(),
    b"p": lambda m: m.put(int(m.line())),
    b"q": lambda m: m.put(m.number("<B")),
    b"r": lambda m: m.put(m.number("<I")),
    b"\x94": lambda m: m.put(len(m.memo)),
    b"g": lambda m: m.stack.append(m.memo[int(m.line())]),
    b"h": lambda m: m.stack.append(m.memo[m.number("<B")]),
    b"j": lambda m: m.stack.append(m.memo[m.number("<I")]),
}
