"""Articulations and techniques: MusicXML notations to marks, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textmusic_musicxml._text import escaped
from textmusic_musicxml._tree import Element, number, text_of

__all__ = ["leading_marks", "marks_of", "notations_of", "unheld_marks"]

_ARTICULATIONS = {
    "accent": "accent",
    "strong-accent": "accent",
    "staccato": "staccato",
    "staccatissimo": "staccato",
}
_HARMONICS = {"natural": "harmonic", "artificial": "harmonic:artificial"}
_TEXTS = frozenset(
    {
        *("dead", "ghost", "hammer", "pull", "slide", "bend", "release", "bend-curve", "whammy"),
        *("vibrato", "trill", "palm-mute", "let-ring", "harmonic", "tap", "slap", "pop"),
        *("accent", "staccato", "tremolo"),
    }
)
"""Heads of marks that `other-technical` may hold as text."""


def marks_of(note: Element) -> Iterator[str]:
    """Yield the marks of a note element (ties, strings and graces are not marks of this kind)."""
    head = note.find("notehead")
    if head is not None:
        if head.text == "x" and note.find("unpitched") is None:
            yield "dead"
        if head.get("parentheses") == "yes":
            yield "ghost"
    if text_of(note, "play/mute") == "palm":
        yield "palm-mute"
    for notations in note.iterfind("notations"):
        for group in notations:
            if group.tag == "articulations":
                yield from (_ARTICULATIONS[e.tag] for e in group if e.tag in _ARTICULATIONS)
            elif group.tag == "technical":
                for element in group:
                    yield from _technical(element)
            elif group.tag == "ornaments":
                is_fretted = note.find("notations/technical/string") is not None
                yield from _ornaments(group, is_fretted=is_fretted)
            elif group.tag in {"slide", "glissando"} and group.get("type") == "start":
                yield "slide"
            elif group.tag == "tied" and group.get("type") == "let-ring":
                yield "let-ring"


def _technical(element: Element) -> Iterator[str]:
    tag = element.tag
    if tag in {"hammer-on", "pull-off"}:
        if element.get("type") == "start":
            yield tag.partition("-")[0]
    elif tag == "tap":
        yield "tap"
    elif tag == "harmonic":
        kind = next((e.tag for e in element if e.tag in _HARMONICS), "natural")
        yield _HARMONICS[kind]
    elif tag == "bend":
        amount = number(text_of(element, "bend-alter"))
        yield f"bend:{amount:g}" if amount and amount > 0 else "bend"
        if element.find("release") is not None:
            yield "release"
    elif tag == "other-technical":
        text = text_of(element)
        if text.partition(":")[0] in _TEXTS and len(text) < 200:
            yield text


def _ornaments(group: Element, *, is_fretted: bool) -> Iterator[str]:
    """Yield trills and tremolos; a wavy line alone is a vibrato on strings with frets only."""
    trill = group.find("trill-mark") is not None
    wave = any(e.get("type") == "start" for e in group.iterfind("wavy-line"))
    if trill or (wave and not is_fretted):
        yield "trill"
    elif wave:
        yield "vibrato"
    for element in group:
        if element.tag == "tremolo" and element.get("type", "single") == "single":
            beams = number(element.text)
            if beams and 1 <= beams <= 6:
                yield f"tremolo:{4 << int(beams)}"


def notations_of(marks: Iterable[str], ends: Iterable[str] = ()) -> dict[str, str]:
    """Return the XML inside each group of notations that says the marks.

    ``notations`` stands for what lies in no group, ``play`` for the element behind them; ``dead``
    and ``ghost`` are for the notehead. What MusicXML has no sign of its own for stands in
    `other-technical`, as text.

    Args:
        marks: of the note.
        ends: the marks of an earlier note that lead to this one (``hammer``, ``pull``, ``slide``).
    """
    groups: dict[str, str] = {}

    def add(group: str, xml: str) -> None:
        groups[group] = groups.get(group, "") + xml

    left = set(marks)
    for mark in sorted(set(ends)):
        if mark in _LEADING:
            add(*_leading(mark, "stop"))
    for mark in sorted(left):
        if mark in _LEADING:
            add(*_leading(mark, "start"))
        elif mark in _SIGNS:
            add(*_SIGNS[mark])
        elif mark in _TREMOLOS:
            add("ornaments", f'<tremolo type="single">{_TREMOLOS[mark]}</tremolo>')
        elif _is_plain_bend(mark):
            release = "<release/>" if "release" in left else ""
            add("technical", f"<bend><bend-alter>{mark[5:]}</bend-alter>{release}</bend>")
        elif mark == "release" and any(map(_is_plain_bend, left)):
            continue
        elif mark in {"dead", "ghost"}:
            add(mark, mark)
        elif mark.partition(":")[0] in _TEXTS:
            add("technical", f"<other-technical>{escaped(mark)}</other-technical>")
    return groups


def _leading(mark: str, kind: str) -> tuple[str, str]:
    """Return the group and the XML of a sign that leads from one note to another."""
    if mark == "slide":
        return "notations", f'<slide type="{kind}"/>'
    tag = "hammer-on" if mark == "hammer" else "pull-off"
    letter = mark[0].upper() if kind == "start" else ""
    return "technical", f'<{tag} type="{kind}">{letter}</{tag}>'


def _is_plain_bend(mark: str) -> bool:
    amount = number(mark[5:]) if mark.startswith("bend:") else None
    return amount is not None and 0 < amount < 100 and f"bend:{amount:g}" == mark


_LEADING = frozenset({"hammer", "pull", "slide"})
_SIGNS = {
    "accent": ("articulations", "<accent/>"),
    "staccato": ("articulations", "<staccato/>"),
    "trill": ("ornaments", "<trill-mark/>"),
    "tap": ("technical", "<tap/>"),
    "harmonic": ("technical", "<harmonic><natural/></harmonic>"),
    "harmonic:artificial": ("technical", "<harmonic><artificial/></harmonic>"),
    "let-ring": ("notations", '<tied type="let-ring"/>'),
    "palm-mute": ("play", "<play><mute>palm</mute></play>"),
}
_TREMOLOS = {f"tremolo:{4 << beams}": beams for beams in range(1, 7)}


def leading_marks(marks: Iterable[str]) -> frozenset[str]:
    """Return the marks that lead to the next note of the string."""
    return _LEADING.intersection(marks)


def unheld_marks(marks: Iterable[str]) -> set[str]:
    """Return the heads of the marks that `notations_of` leaves out."""
    lost = set()
    for mark in marks:
        head = mark.partition(":")[0]
        if head in {"voice", "grace"}:
            continue
        if head not in _TEXTS or len(mark) >= 200 or mark != " ".join(mark.split()):
            lost.add(head)
    return lost
