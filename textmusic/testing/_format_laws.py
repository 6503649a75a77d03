"""The laws of a file format: what it declares, writes and reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from textmusic import transforms
from textmusic.codec import Feature
from textmusic.errors import FormatError
from textmusic.format import Format, Loaded, Written, read_text
from textmusic.registry import formats
from textmusic.score import Score
from textmusic.testing._features import difference, lost_feature
from textmusic.testing._identity_laws import entry_names
from textmusic.testing._report import Law, call
from textmusic.testing._shrink import brief, smaller_score
from textmusic.testing._text_laws import SECONDS, misplaced

__all__ = [
    "DECLARED_LAWS",
    "KEEPS_LAWS",
    "READING_LAWS",
    "RECOGNISING_LAWS",
    "ROUND_TRIP_LAWS",
    "WRITING_LAWS",
    "FileCase",
    "FormatCase",
    "explain_format_case",
]


class FormatCase:
    """One score on its way into a file and back; every stage is computed once."""

    def __init__(self, form: Format, score: Score) -> None:
        self.form = form
        self.score = score

    @cached_property
    def written(self) -> Written | None:
        """The file, or None where the format refuses the score."""
        try:
            return self.form.encode(self.score)
        except FormatError:
            return None

    @cached_property
    def loaded(self) -> Loaded | None:
        """What the file holds when read again."""
        return self.form.decode(self.written.data) if self.written else None

    @property
    def again(self) -> Score:
        """What was read again, of a case that keeps ``reads-own``."""
        assert self.loaded is not None
        return transforms.merge(self.loaded.scores)


class FileCase:
    """The content of one file, decoded once."""

    def __init__(self, form: Format, data: bytes) -> None:
        self.form = form
        self.data = data

    @cached_property
    def timed(self) -> tuple[Loaded | None, float]:
        """What decode returns (None when it refuses the bytes), and its seconds."""
        return call(self._decoded)

    def _decoded(self) -> Loaded | None:
        try:
            return self.form.decode(self.data)
        except FormatError:
            return None


def explain_format_case(
    case: FormatCase, verdict: Callable[[FormatCase], str | None], message: str
) -> str:
    def still(score: Score) -> bool:
        return verdict(FormatCase(case.form, score)) is not None

    small = FormatCase(case.form, smaller_score(case.score, still))
    return f"{verdict(small) or message}\nscore: {brief(small.score)}"


def _declares(form: Format) -> str | None:
    if not form.name or form.name.startswith(".") or form.name != form.name.lower():
        return f"name is {form.name!r}, not a suffix in small letters without its dot"
    if not form.title:
        return "title is empty"
    if not (form.reads or form.writes):
        return "it neither reads nor writes"
    if not all(isinstance(feature, Feature) for feature in form.keeps):
        return f"keeps is {form.keeps!r}"
    for can, function, value in (
        (form.reads, form.decode, b""),
        (form.writes, form.encode, Score()),
    ):
        if not can and not _refuses(function, value):
            return f"{function.__name__} works though the class says that it does not"
    return None


def _refuses(function: Callable[..., object], value: object) -> bool:
    try:
        function(value)
    except FormatError:
        return True
    return False


def _name(form: Format) -> str | None:
    names = entry_names(type(form), formats.group)
    return None if form.name in names or not names else f"it is registered as {sorted(names)}"


def _encode(case: FormatCase) -> str | None:
    written = case.written
    ok = written is None or (isinstance(written, Written) and isinstance(written.data, bytes))
    return None if ok else f"encode returned {written!r}"


def _written_issues(case: FormatCase) -> str | None:
    issues = case.written.issues if case.written else ()
    errors = [issue for issue in issues if issue.severity == "error"]
    if errors:
        return f"an issue of encode is an error: {errors[0].code}: {errors[0].message}"
    size = len(case.written.data) if case.written else 0
    return next((line for issue in issues if (line := misplaced(issue, size))), None)


def _deterministic(case: FormatCase) -> str | None:
    again = case.form.encode(case.score) if case.written else None
    return None if again == case.written else "a second call of encode gave other bytes or issues"


def _reads_own(case: FormatCase) -> str | None:
    if case.loaded is None:
        return None
    count = len(case.loaded.scores)
    may_split = Feature.TRACK not in case.form.keeps
    ok = count == 1 or (count > 1 and may_split)
    return None if ok else f"the written file reads as {count} scores"


def _says_loss(case: FormatCase) -> str | None:
    if case.written is None or case.written.issues:
        return None
    line = difference(case.score, case.again, case.form.keeps)
    return line and f"no issue of encode, yet {line}"


def _stable(case: FormatCase) -> str | None:
    if case.written is None:
        return None
    twice = FormatCase(case.form, case.again)
    if twice.written is None or not twice.loaded or not twice.loaded.scores:
        return "what was read cannot be written again"
    line = difference(case.again, twice.again, case.form.keeps)
    return line and f"written and read a second time: {line}"


def _recognises_own(case: FormatCase) -> str | None:
    """Only a format with a compound suffix is ever asked."""
    written = case.written
    if written is None or "." not in case.form.name or not case.loaded or not case.loaded.scores:
        return None
    ok = case.form.recognises(written.data)
    return None if ok else f"recognises says no to {written.data[:60]!r}"


def _keeps(form: Format) -> str | None:
    def through(score: Score) -> Score | None:
        case = FormatCase(form, score)
        return case.again if case.written else None

    lost = (lost_feature(feature, through) for feature in sorted(form.keeps))
    return next((line for line in lost if line), None)


def _recognises(case: FileCase) -> str | None:
    answer = case.form.recognises(case.data)
    return None if isinstance(answer, bool) else f"recognises returned {answer!r}"


def _decode(case: FileCase) -> str | None:
    loaded, _ = case.timed
    ok = loaded is None or isinstance(loaded, Loaded)
    return None if ok else f"decode returned {loaded!r}"


def _places(case: FileCase) -> str | None:
    loaded, _ = case.timed
    size = len(read_text(case.data)) if case.form.is_text else len(case.data)
    return (
        next((line for i in loaded.issues if (line := misplaced(i, size))), None)
        if loaded
        else None
    )


def _bounded(case: FileCase) -> str | None:
    seconds = case.timed[1]
    if seconds <= SECONDS:
        return None
    return f"decode took {seconds:.0f} s for {len(case.data)} bytes"


DECLARED_LAWS: tuple[Law[Format], ...] = (
    Law("declares", "name, title, keeps, reads and writes are set and true", _declares),
    Law("name", "its name is one of its entry points", _name, ("declares",)),
)
WRITING_LAWS: tuple[Law[FormatCase], ...] = (
    Law("encode-total", "encode raises nothing but FormatError", _encode),
    Law(
        "encode-issues",
        "issues of encode are warnings or notes",
        _written_issues,
        ("encode-total",),
    ),
    Law("deterministic", "the same score gives the same bytes", _deterministic, ("encode-total",)),
)
ROUND_TRIP_LAWS: tuple[Law[FormatCase], ...] = (
    Law(
        "reads-own",
        "decode reads what encode wrote, as one score (or one a track, without `TRACK`)",
        _reads_own,
        ("encode-total",),
    ),
    Law(
        "says-loss",
        "what `keeps` names survives, or encode has an issue that says otherwise",
        _says_loss,
        ("reads-own",),
    ),
    Law(
        "stable",
        "what was written and read is written and read again without a change",
        _stable,
        ("reads-own", "says-loss"),
    ),
)
RECOGNISING_LAWS: tuple[Law[FormatCase], ...] = (
    Law(
        "recognises-own",
        "a format with a compound suffix recognises what it writes",
        _recognises_own,
        ("reads-own",),
    ),
)
KEEPS_LAWS: tuple[Law[Format], ...] = (
    Law(
        "keeps",
        "plain music passes through a file with every feature that `keeps` names",
        _keeps,
        ("declares", "accepts", "encode-total", "reads-own", "says-loss"),
    ),
)
READING_LAWS: tuple[Law[FileCase], ...] = (
    Law("recognises", "recognises says yes or no, and never raises", _recognises),
    Law("decode-total", "decode raises nothing but FormatError, whatever the bytes", _decode),
    Law(
        "issue-places",
        "issues lie inside the file, with a code and a line",
        _places,
        ("decode-total",),
    ),
    Law("bounded", f"decode takes less than {SECONDS:.0f} s", _bounded, ("decode-total",)),
)
