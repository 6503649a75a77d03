"""Find the staves in a text: lines that are rows of a staff, and which rows belong together.

A row is an optional label (``e|``, ``|B|``, ``G )``, ``F#:``, ``SOL``), then fillers, frets and
bar lines, then perhaps a remark (``x2``). Consecutive rows make a block; a block of 4 to 9 rows is
a staff, larger ones are cut where the labels start again or the rows change their shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_new = tuple.__new__  # a third of the time of a call of a named tuple

__all__ = ["MAX_ROWS", "MIN_ROWS", "Block", "Row", "Staff", "blocks", "plain"]

MIN_ROWS, MAX_ROWS = 4, 9
_NUMBERED = {order for n in range(4, 10) for order in ("123456789"[:n], "123456789"[:n][::-1])}
"""Labels of rows that number the strings."""

_LOOKALIKES = tuple(
    zip(
        "‐‑‒–—―−─━│┃∣｜¦•●∙×✕∼～˜♭♯＃\u00a0\u2002\u2003\u2005\u2009",
        "-" * 9 + "|" * 5 + ":::" + "xx" + "~~~" + "b##" + " " * 5,
        strict=True,
    )
)
_CLEAN = re.compile(
    r"\|?(?:([A-Ga-g][#b]?)(?=[ |:)-]) ?)?(\|\|?|:|\))?([-|0-9hpbrx/\\~()]*[-|]) *$"
)
_LABEL = re.compile(
    r"\|? {0,3}(?:GTR {1,4})?"
    r"((?:SOL|DO|RE|MI|FA|LA|SI|[A-Ha-h][#b]?)?(?:[0-9](?=[|:]))?)(?=[^A-Za-z]|[lI][-\d|]|$)"
    r"[.,]? {0,8}((?:-(?=[\[|:]))?[|:)(\]\[}{>lI!]*) *"
)
_FRET = re.compile(r"[0-9xX]")
_FRETS = b"-0123456789|"
_SIGNS = _FRETS + b"()<>[]~/\\xhpb"
_LETTERS = re.compile(r"[A-WYZa-wyz]{2}|\(?[xX]\d")
_REMARK = re.compile(r"[-|] {1,60}(?=[(\[]? {0,3}(?:[xX] ?\d|\d+ ?[xX]\b|[A-Za-z]{3}))")
_WORD = re.compile(r"[A-WYZa-wyz]{3}")
_SAID = re.compile(
    r"\(?x\d{1,3}\)|\([^()|]{0,60}[A-Za-z][^()|]{0,60}[A-WYZa-wyz]{2}[^()|]{0,60}\)"
    r"|[A-Za-z][a-z'-]{0,20}[A-WYZa-wyz]{2}[A-Za-z .,']{0,60}",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[(\[:]?(?:[xX]\d+|\d+[xX])[)\]]?\Z")


class Row(NamedTuple):
    """One row: `offset` of its line in the text, `start` column of its body in that line.

    `indent` counts the columns of markup before the row (``[tab]``), `tail` is what follows.
    """

    line: int
    offset: int
    indent: int
    start: int
    label: str
    body: str
    tail: str


@dataclass(slots=True)
class Staff:
    """The rows of one staff, top row first."""

    rows: Sequence[Row]

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of every row, empty where there is none."""
        return tuple([row.label for row in self.rows])

    @property
    def sounds(self) -> bool:
        """Whether there is a fret in it."""
        return _sounding(self.rows)


@dataclass(slots=True)
class Block:
    """Consecutive rows: the staves in it; none when their number makes no sense."""

    rows: Sequence[Row]
    staves: tuple[Staff, ...]


def plain(text: str) -> str:
    """Return the text in which look-alikes of dashes and bars are ASCII; lengths stay."""
    if not text.isascii():
        for char, usual in _LOOKALIKES:
            if char in text:
                text = text.replace(char, usual)
    if "\t" in text:
        text = text.replace("\t", " ")
    return text.replace("[/tab]", "      ") if "[/tab]" in text else text


def blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of rows among the lines of a `plain` text."""
    rows = _rows(lines)
    found = [Block(run, _cut(run)) for run in _runs(rows, lines, spaced=False)]
    if rows and not any(block.staves for block in found):
        found = [Block(run, _cut(run)) for run in _runs(rows, lines, spaced=True)]
    yield from found


def _rows(lines: Sequence[str]) -> list[Row]:
    rows, offset = [], 0
    for number, line in enumerate(lines):
        if "-" in line and ("--" in line or line.count("-") > 1):
            clean = _CLEAN.match(line)
            label, body = clean.group(1, 3) if clean else ("", "")
            if clean and body.count("-") > 1 and "(x" not in body:
                row = number, offset, 0, clean.start(3), label or "", body, ""
                rows.append(_new(Row, row))
            else:
                messy = _messy_row(line, number, offset)
                if messy:
                    rows.append(messy)
        elif "==" in line or "__" in line or ".." in line:
            messy = _messy_row(line, number, offset)
            if messy:
                rows.append(messy)
        offset += len(line) + 1
    return rows


def _messy_row(line: str, number: int, offset: int) -> Row | None:
    indent = 5 if line.startswith("[tab]") else 0
    first = line[indent:]
    match = _LABEL.match(line, len(line) - len(first.lstrip(" ")))
    if not match:
        return None
    start, label, bar = match.end(), match[1], match[2]
    end = _body_end(line, start)
    body, tail = line[start:end], line[end:].strip()
    if "&" in body:
        body = body.replace("&lt;", "<").replace("&gt;", ">")
    if not label and "|" not in bar + body and (_WORD.search(body) or len(tail) > 8):
        return None
    body = body.replace("=", "-").replace(" ", "-")
    if label:
        body = body.replace("_", "-")
        if body.count(".") > body.count("-"):
            body = body.replace(".", "-")
    if _WORD.search(body) or "(x" in body or "(X" in body:
        body, tail = _without_words(body, tail)
    signs = body.encode("utf-8", "replace")
    known = len(signs) - len(signs.translate(None, _SIGNS if label and bar else _FRETS))
    if body.count("-") < 2 or known < 0.6 * len(body):
        return None
    if not body[0].isdigit() and body[0] not in "-|(<[x/\\o:h" and not (label and bar):
        return None
    return Row(number, offset, indent, start, label, body, tail)


def _without_words(body: str, tail: str) -> tuple[str, str]:
    """Blank remarks inside a row, such as ``(let ring)``; they go to its tail."""
    said: list[str] = []

    def blank(match: re.Match[str]) -> str:
        if not _LETTERS.search(match[0]):
            return match[0]
        said.append(match[0])
        return "-" * len(match[0])

    blanked = _SAID.sub(blank, body)
    if sum(map(len, said)) > len(body) // 2 and "|" not in body:
        return body, tail
    return blanked, " ".join([tail, *said])


def _body_end(line: str, start: int) -> int:
    """Where the row ends and a remark begins."""
    remark = _REMARK.search(line, start)
    limit = remark.start() + 1 if remark else len(line)
    closed = line.find("|      ", start)
    if closed > 0 and "-" not in line[closed:]:
        limit = closed + 1  # what follows at a distance is drawn beside the staff
    end = max([line.rfind(char, start, limit) for char in "-|=_."]) + 1
    end = max(end, start)
    stuck = line[end:limit].rstrip(" ")
    # a row without a closing bar line may end in a fret
    if stuck and line[end - 1] != "|" and " " not in stuck and len(stuck) < 6:
        return end if _TAIL.match(stuck) else end + len(stuck)
    return end


def _runs(rows: Sequence[Row], lines: Sequence[str], *, spaced: bool) -> Iterator[list[Row]]:
    """Rows on consecutive lines; `spaced` allows one blank line between any two."""
    run: list[Row] = []
    for row in rows:
        if run:
            gap = row.line - run[-1].line
            near = gap == 1 or (spaced and gap == 2 and not lines[row.line - 1].strip())
            if not near:
                yield run
                run = []
        run.append(row)
    if run:
        yield run


def _cut(run: Sequence[Row]) -> tuple[Staff, ...]:
    """Cut a block into staves; rows of dashes around the labelled ones are ornaments."""
    labelled = any(row.label for row in run)
    while len(run) > MIN_ROWS and _ornament(run[0], run[1:3], labelled=labelled):
        run = run[1:]
    while len(run) > MIN_ROWS and _ornament(run[-1], run[-3:-1], labelled=labelled):
        run = run[:-1]
    heads = "".join(row.body[:1] for row in run)
    if heads in _NUMBERED and all(row.body[1:2] == "|" for row in run):
        run = [row._replace(start=row.start + 2, body=row.body[2:]) for row in run]
    count = len(run)
    if count < MIN_ROWS or not (_sounding(run) or all(r.label and "|" in r.body for r in run)):
        return ()
    size = _period(run)
    if size:
        return tuple(Staff(run[i : i + size]) for i in range(0, count, size))
    if count <= MAX_ROWS:
        return (Staff(run),)
    staves = []
    for part in _by_shape(run):
        if MIN_ROWS <= len(part) <= MAX_ROWS:
            staves.append(Staff(part))
        else:
            size = next((n for n in (6, 4, 7, 5, 8, 9) if len(part) % n == 0), 0)
            if size:
                staves += [Staff(part[i : i + size]) for i in range(0, len(part), size)]
    return tuple(staves)


def _ornament(row: Row, beside: Sequence[Row], *, labelled: bool) -> bool:
    """Whether an outer row is none: a line of dashes, or a scrap beside rows of one length."""
    if row.label:
        return False
    if labelled and not row.body.strip("-"):
        return True
    size = len(beside[0].body)
    return 2 * len(row.body) < size and all(len(other.body) == size for other in beside)


def _sounding(rows: Sequence[Row]) -> bool:
    return any(map(_FRET.search, [row.body for row in rows]))


def _period(run: Sequence[Row]) -> int:
    """The number of rows after which the labels start again; 0 when they do not."""
    labels = [row.label for row in run]
    if len(labels) <= MIN_ROWS or not all(labels):
        return 0
    for size in (6, 4, 7, 5, 8, 9):
        if len(labels) > size and len(labels) % size == 0:
            parts = {tuple(labels[i : i + size]) for i in range(0, len(labels), size)}
            if len(parts) == 1:
                return size
    return 0


def _by_shape(run: Sequence[Row]) -> Iterator[list[Row]]:
    """Cut where the length of the rows changes, or an unlabelled row meets a labelled one."""
    part: list[Row] = []
    for row in run:
        if part:
            before = part[-1]
            other = abs(len(row.body) - len(before.body)) > 2 or bool(row.label) != bool(
                before.label
            )
            if other and len(part) >= MIN_ROWS:
                yield part
                part = []
        part.append(row)
    if part:
        yield part
