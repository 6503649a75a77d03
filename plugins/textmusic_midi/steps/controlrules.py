"""Which character of a metre or a tempo may come next."""

from __future__ import annotations

__all__ = ["metre_chars", "tempo_chars"]

_DENOMINATORS = ("1", "2", "4", "8", "16", "32", "64", "128")


def metre_chars(text: str, steps: int) -> set[str]:
    """Return what may follow the start of a metre; a space where it is whole.

    Args:
        text: what is written so far, at least one digit.
        steps: steps a quarter, of which a bar must hold a whole number.
    """
    number, slash, under = text.partition("/")
    if not slash:
        return {"/"} | {digit for digit in "0123456789" if int(number + digit) <= 255}
    known = [den for den in _DENOMINATORS if 4 * steps * int(number) % int(den) == 0]
    chars = {den[len(under)] for den in known if den.startswith(under) and den != under}
    return chars | ({" "} if under in known else set())


def tempo_chars(text: str) -> set[str]:
    """Return what may follow the start of a tempo; a space where it is whole."""
    if not text:
        return set("123456789")
    return {" "} | (set("0123456789") if len(text) < 4 else set())
