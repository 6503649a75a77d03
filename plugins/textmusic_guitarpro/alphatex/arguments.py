"""Which arguments follow a command or a property when nobody wrote parentheses around them.

alphaTab 1.8 wants parentheses, but most of what people have written has none: ``\\ts 3 4``,
``\\tuning E4 B3 G3 D3 A2 E2``, ``{tu 3 2}``. A slot says which kinds of token it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textmusic_guitarpro.alphatex.lexer import Token
from textmusic_guitarpro.alphatex.vocabulary import pitch_of

__all__ = ["FLOATS", "PROPERTY_WORDS", "TAGS", "Slot", "count_of", "takes_arguments"]


class Slot(NamedTuple):
    """One argument or a list of them.

    Args:
        kinds: of tokens: ``number``, ``string``, ``word``.
        many: as many as come.
        words: if set, the only words that are taken.
        keeps_pitches: a word that is a pitch is music, not an argument.
    """

    kinds: frozenset[str]
    many: bool = False
    words: frozenset[str] | None = None
    keeps_pitches: bool = False

    def takes(self, token: Token, after: Token | None) -> bool:
        """Whether the slot takes a token; `after` is the one that follows it."""
        if token.kind not in self.kinds:
            return False
        if token.kind == "word":
            if self.words is not None:
                return token.text.lower() in self.words
            return not (self.keeps_pitches and (token.text in "rx-" or pitch_of(token.text)))
        if token.kind == "number" and self.many and after is not None:
            return not (after.kind == "." and after.offset == token.end)
        return True


def _slot(kinds: str, *, many: bool = False, words: str = "", keeps: bool = False) -> Slot:
    names = {"n": "number", "s": "string", "w": "word"}
    allowed = frozenset(words.split()) if words else None
    return Slot(frozenset(names[kind] for kind in kinds), many, allowed, keeps)


_NONE: tuple[Slot, ...] = ()
_NUMBER = (_slot("n"),)
_NUMBERS = (_slot("n", many=True),)
_NAME = (_slot("sw"),)
_TEXT = (_slot("sw"), _slot("s"), _slot("sw", words="left center right"))
_FLAGS = """staff voice ro ac ft db showdynamics hidedynamics usesystemsignseparator multibarrest
    extendbarlines hideemptystaves hideemptystavesinfirstsystem showsinglestaffbrackets"""
_NAMED = """ks jump simile barlineleft barlineright accidentals voicemode barnumberdisplay ottava
    instructions notices bracketextendmode singletracktracknamepolicy multitracktracknamepolicy
    firstsystemtracknamemode othersystemstracknamemode firstsystemtracknameorientation
    othersystemstracknameorientation defaultbarnumberdisplay"""
_TITLES = "title subtitle artist album words music copyright tab"
_COUNTED = "capo rc ae transpose displaytranspose bank scale width spd sph spu defaultsystemslayout"

TAGS: dict[str, tuple[tuple[Slot, ...], ...]] = {
    **dict.fromkeys(_FLAGS.split(), (_NONE,)),
    **dict.fromkeys(_NAMED.split(), (_NAME,)),
    **dict.fromkeys(_COUNTED.split(), (_NUMBER,)),
    **dict.fromkeys(_TITLES.split(), (_TEXT,)),
    **dict.fromkeys(("wordsandmusic", "copyright2"), (_TEXT,)),
    **dict.fromkeys(("clef", "tf", "instrument"), (_NUMBER, _NAME)),
    "systemslayout": (_NUMBERS,),
    "beaming": (_NUMBERS,),
    "chorddiagramsinscore": ((_slot("w", words="true false"),),),
    "tuning": ((_slot("sw", words="piano none voice"),), (_slot("sw", many=True),)),
    "chord": ((_slot("sw"), _slot("nsw", many=True, words="x")),),
    "lyrics": ((_slot("n"), _slot("s")), (_slot("s"),)),
    "articulation": ((_slot("sw", words="defaults"),), (_slot("sw"), _slot("n"))),
    "track": ((_slot("s"), _slot("s")),),
    "ts": ((_slot("sw", words="common"),), (_slot("n"), _slot("n"))),
    "tempo": ((_slot("n"), _slot("s")),),
    "section": ((_slot("sw"), _slot("sw", keeps=True)),),
    "sync": ((_slot("n"), _slot("n"), _slot("n"), _slot("n")),),
}
"""For each command the ways in which its bare arguments may come; the first that fits counts."""

FLOATS = frozenset(("tempo", "scale", "width", "spd", "sph", "spu", "sync"))
"""Commands whose bare numbers may have decimals; behind others a dot is no part of the number."""

_WORDED = "txt ch instrument slur acc dy ot rasg fermata beam color label"
_BEND = """custom bend release bendrelease hold prebend prebendbend prebendrelease dive dip predive
    predivedive default gradual fast"""
PROPERTY_WORDS: dict[str, frozenset[str] | None] = {
    **dict.fromkeys(_WORDED.split()),
    **dict.fromkeys(("b", "be", "tb", "tbe"), frozenset(_BEND.split())),
    **dict.fromkeys(("showdiagram", "showfingering", "showname"), frozenset(("true", "false"))),
    "gr": frozenset(("onbeat", "beforebeat", "bendgrace", "ob", "bb", "b")),
    "tempo": frozenset(["hide"]),
    "tp": frozenset(("default", "buzzroll")),
    "barre": frozenset(("full", "half")),
}
"""Which words are arguments of a property: these, or (None) whichever comes first."""


def takes_arguments(tag: str) -> bool:
    """Whether a command has arguments; behind one that has none, a parenthesis opens a chord."""
    return TAGS.get(tag) != (_NONE,)


def count_of(tag: str, tokens: Sequence[Token], start: int) -> int:
    """Return how many tokens from `start` on are bare arguments of a command."""
    counts = (_count(slots, tokens, start) for slots in TAGS.get(tag, ((_slot("s", many=True),),)))
    return next((count for count in counts if count), 0)


def _count(slots: Sequence[Slot], tokens: Sequence[Token], start: int) -> int:
    at = start
    for slot in slots:
        while at < len(tokens):
            after = tokens[at + 1] if at + 1 < len(tokens) else None
            if not slot.takes(tokens[at], after):
                break
            at += 1
            if not slot.many:
                break
    return at - start
