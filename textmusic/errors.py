"""The exceptions that textmusic raises, and `Issue`, a complaint with a place.

The tree (every class also inherits the builtin that a caller would expect)::

    TextmusicError
    ├── InputError(ValueError)            a file, text or option cannot be used as given
    │   ├── ScoreError                    values that no Score may hold
    │   ├── EncodeError                   a score outside a codec's domain
    │   ├── DecodeError                   a text that is not well formed; carries `issues`
    │   ├── FormatError                   a file that its format cannot read or write
    │   ├── CorpusError                   no usable training documents
    │   ├── CheckpointError               a checkpoint that is damaged or does not fit
    │   └── ConfigError                   options that contradict each other or are unknown
    ├── PluginError(ImportError)          a plugin that cannot be loaded
    │   └── MissingDependencyError        ... because an optional package is absent
    ├── DuplicatePluginError(ValueError)  one name claimed by two distributions
    └── UnknownPluginError(LookupError)   no plugin of that name
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "CheckpointError",
    "ConfigError",
    "CorpusError",
    "DecodeError",
    "DuplicatePluginError",
    "EncodeError",
    "FormatError",
    "InputError",
    "Issue",
    "MissingDependencyError",
    "PluginError",
    "ScoreError",
    "Severity",
    "TextmusicError",
    "UnknownPluginError",
    "errors_of",
    "locate",
]

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One complaint about a text or file, with its place.

    Args:
        code: dotted and stable, such as ``guitartab.fret-range``; tests and users filter by it.
        message: one line that says what is wrong and, where it helps, what was expected.
        offset: 0-based character offset into the text (byte offset for binary files).
        length: number of characters concerned, at least 0.
        severity: ``error`` (the text is not well formed), ``warning`` (read, but something was
            repaired or lost) or ``note``.
    """

    code: str
    message: str
    offset: int = 0
    length: int = 1
    severity: Severity = "error"

    def render(self, text: str | None = None, name: str = "<text>") -> str:
        """Return the issue as a compiler prints it: ``riff.tab:12:7: code: message``.

        Without the text (a binary file) the place is left out.
        """
        place = name
        if text is not None:
            line, column = locate(text, self.offset)
            place = f"{name}:{line}:{column}"
        label = "" if self.severity == "error" else f"{self.severity}: "
        return f"{place}: {label}{self.code}: {self.message}"


def locate(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based (line, column) of a 0-based character offset.

    Offsets outside the text are taken to its nearest end.
    """
    offset = min(max(offset, 0), len(text))
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def errors_of(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Return the issues whose severity is ``error``."""
    return tuple(issue for issue in issues if issue.severity == "error")


class TextmusicError(Exception):
    """Base class of everything that textmusic raises on purpose."""


class InputError(TextmusicError, ValueError):
    """A file, text or option that cannot be used as given; carries `issues` with places."""

    def __init__(self, message: str, issues: Sequence[Issue] = ()) -> None:
        super().__init__(message)
        self.issues = tuple(issues)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the issues when the error crosses a process boundary."""
        return type(self), (str(self), self.issues)


class ScoreError(InputError):
    """Values that no Score may hold (a negative duration, a pitch of 200)."""


class EncodeError(InputError):
    """A score outside a codec's domain; `Codec.project` brings it inside and says what it lost."""


class DecodeError(InputError):
    """A text that is not well formed; `issues` say what and where."""


class FormatError(InputError):
    """A file that its format cannot read or write."""


class CorpusError(InputError):
    """No usable training documents."""


class CheckpointError(InputError):
    """A checkpoint that is damaged, incomplete or does not fit what it is used for."""


class ConfigError(InputError):
    """Options that are unknown or contradict each other."""


class PluginError(TextmusicError, ImportError):
    """A plugin that is installed but cannot be loaded; names its distribution and version."""


class MissingDependencyError(PluginError):
    """A feature needs a package that is not installed; the message holds the pip command."""

    def __init__(self, feature: str, package: str, extra: str | None = None) -> None:
        what = f"textmusic[{extra}]" if extra else package
        super().__init__(f"{feature} needs the package {package!r}: pip install '{what}'")
        self.package = package


class DuplicatePluginError(TextmusicError, ValueError):
    """One plugin name is claimed by two distributions."""


class UnknownPluginError(TextmusicError, LookupError):
    """No plugin of that name; `near` holds names that look alike."""

    def __init__(self, kind: str, name: str, known: Sequence[str], hint: str = "") -> None:
        self.name = name
        self.near = tuple(difflib.get_close_matches(name, known, n=3, cutoff=0.5))
        if self.near:
            advice = f"did you mean {' or '.join(repr(n) for n in self.near)}?"
        else:
            advice = f"known: {', '.join(known) or 'none'}"
        super().__init__(f"unknown {kind} {name!r}: {advice}{hint}")
