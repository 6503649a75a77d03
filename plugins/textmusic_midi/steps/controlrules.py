"""Which character of a metre, a tempo or a program may come next."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["metre_chars", "part_chars", "program_chars", "tempo_chars"]

_DENOMINATORS = ("1", "2", "4", "8", "16", "32", "64", "128")
_SLOWEST, _FASTEST = 4, 9999


def metre_chars(text: str, steps: int, only: str | None = None, but: str = "") -> set[str]:
    """Return what may follow the start of a metre; a space where it is whole.

    Args:
        text: what is written so far.
        steps: steps a quarter, of which a bar must hold a whole number.
        only: the one metre that may be written.
        but: the one metre that may not.
    """
    if only:
        return _next(text, only)
    number, slash, under = text.partition("/")
    if not text:
        return set("123456789")
    if not slash:
        return {"/"} | {digit for digit in "0123456789" if int(number + digit) <= 255}
    known = [
        den
        for den in _DENOMINATORS
        if 4 * steps * int(number) % int(den) == 0 and f"{number}/{den}" != but
    ]
    chars = {den[len(under)] for den in known if den.startswith(under) and den != under}
    return chars | ({" "} if under in known else set())


def tempo_chars(text: str, only: str | None = None) -> set[str]:
    """Return what may follow the start of a tempo of 4…9999, what MIDI holds; a space where whole."""
    if only:
        return _next(text, only)
    if not text:
        return set("123456789")
    more = set("0123456789") if int(text + "0") <= _FASTEST else set()
    return more | ({" "} if int(text) >= _SLOWEST else set())


def program_chars(text: str, only: str | None = None) -> set[str]:
    """Return what may follow the start of a program, 0…127; a space where it is whole."""
    if only:
        return _next(text, only)
    if not text:
        return set("0123456789")
    return {" "} | {digit for digit in "0123456789" if text != "0" and int(text + digit) <= 127}


def part_chars(text: str, before: Sequence[bool], most: int, only: str | None = None) -> set[str]:
    """Return what may follow the start of a part in a first line, which a space or a line end closes.

    Args:
        text: what is written of the part: a program, or ``*`` for percussion.
        before: the parts before it.
        most: parts that a line may have; with 1 there is no percussion.
        only: the one program that may be written; the first part has it.
    """
    if text == "*":
        chars = {" "}
    else:
        chars = program_chars(text, only)
        chars |= {"*"} if not text and most > 1 and (only is None or before) else set()
    if " " not in chars:
        return chars
    return (chars - {" "}) | {"\n"} | ({" "} if len(before) + 1 < most else set())


def _next(text: str, whole: str) -> set[str]:
    return {" "} if text == whole else {whole[len(text)]}
