"""The scores and texts that the laws are tried on."""

# ruff: noqa: S311 - material for tests, not for secrets
from __future__ import annotations

from collections.abc import Iterator
from random import Random

from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic.testing._music import TUNINGS, Repertoire, random_score

__all__ = ["ODD_SCORES", "hostile_texts", "mixed_scores", "mutate", "mutate_bytes"]

_REPERTOIRES = (
    Repertoire((1, 1), kinds=("melodic",), chords=False, tuplets=False, marks=False, graces=False),
    Repertoire((1, 1), kinds=("fretted",), tunings=TUNINGS[:1]),
    Repertoire((1, 1), kinds=("drums",), tuplets=False),
    Repertoire(),
    Repertoire((2, 4), kinds=("melodic",), ties=False),
    Repertoire(kinds=("melodic", "fretted"), pitches=(0, 127), loose=True),
    Repertoire((1, 1), kinds=("melodic",)),
    Repertoire((1, 2), kinds=("fretted",)),
)


def _guitar(*notes: Note, tuning: tuple[int, ...] = TUNINGS[0], capo: int = 0) -> Track:
    return Track(notes, program=24, tuning=tuning, capo=capo)


_SOME = Note(0, 480, 60)
_ODD_NAME = "Für 'Elise' |: \"x\" :|\n%1 @\\ [V:2] \N{MUSICAL SYMBOL G CLEF}"

ODD_SCORES: tuple[Score, ...] = (
    Score(),
    Score((Track(), Track(is_drum=True))),
    Score((Track((_SOME,)), Track())),
    Score((Track((Note(0, 480, 0), Note(480, 480, 127))),)),
    Score((Track((Note(0, 1, 60, 1), Note(1, 1, 61, 127))),)),
    Score((Track((Note(1920 * 12 + 7, 480, 60),)),)),
    Score((Track((Note(0, 480 * 40, 60), Note(480, 240, 64))),)),
    Score((Track((Note(0, 480, 60), Note(0, 480, 60), Note(0, 960, 60, 100))),)),
    Score((Track((Note(0, 1, 60), Note(1, 3, 62))),), tpq=1),
    Score((Track((Note(0, 5, 60), Note(7, 2, 62))),), tpq=7),
    Score((Track((_SOME,)),), tempos=(Tempo(0, 1.5), Tempo(100, 999.25), Tempo(101, 33.333))),
    Score((Track((_SOME,)),), tempos=(Tempo(240, 90),), keys=(Key(240, 3, "minor"),)),
    Score((Track((_SOME,)),), meters=(Meter(0, 17, 16), Meter(300, 1, 1), Meter(301, 3, 4))),
    Score((Track((_SOME,)),), keys=(Key(0, -7, "locrian"), Key(480, 7, "lydian"))),
    Score((Track((_SOME,), name=_ODD_NAME),), meta=(("title", _ODD_NAME), ("odd key", ""))),
    Score((_guitar(Note(0, 480, 37, string=0), Note(480, 480, 99, string=5)),)),
    Score((_guitar(Note(0, 480, 40, string=0), Note(0, 480, 45, string=0)),)),
    Score((_guitar(Note(0, 480, 60), Note(0, 480, 64, string=5)),)),
    Score((_guitar(Note(0, 480, 52, string=0), capo=12),)),
    Score((_guitar(Note(0, 480, 40, string=0), tuning=(40,)),)),
    Score((_guitar(*(Note(0, 480, 30 + 5 * s, string=s) for s in range(9)),
                   tuning=tuple(range(30, 75, 5))),)),
    Score((Track((Note(0, 480, 60, marks=frozenset({"no such mark", "bend:1.5"})),)),)),
    Score((Track((Note(480, 0, 62, marks=frozenset({"grace:1"})),)),)),
    Score(tuple(Track((Note(0, 480, 40 + 2 * i),), program=i) for i in range(20))),
)  # fmt: skip


def mixed_scores(count: int, seed: int) -> Iterator[Score]:
    """Yield `count` random scores, each kind of repertoire in turn."""
    for index in range(count):
        repertoire = _REPERTOIRES[index % len(_REPERTOIRES)]
        yield random_score(Random(f"{seed}:{index}"), repertoire)


def mutate(random: Random, text: str, chars: str) -> str:
    """Return a text with one to four random edits, mostly of characters from `chars`."""
    for _ in range(random.choice((1, 1, 2, 4))):
        at = random.randint(0, len(text))
        span = random.choice((1, 1, 1, 2, 8))
        char = random.choice(chars if random.random() < 0.9 else "\n\t é²٣🎵\x00{}%\"'")
        edits = (
            text[:at] + text[at + span :],
            text[:at] + char + text[at:],
            text[:at] + char + text[at + 1 :],
            text[:at] + text[at : at + span] + text[at:],
            text[:at],
            text[at:],
            text[:at] + text[at + span : at + 2 * span] + text[at : at + span] + text[at + 2 * span :],
            _swapped_lines(random, text),
        )  # fmt: skip
        text = random.choice(edits)
    return text


def _swapped_lines(random: Random, text: str) -> str:
    lines = text.split("\n")
    one, two = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return "\n".join(lines)


def hostile_texts(chars: str, samples: tuple[str, ...], long: int = 12_000) -> tuple[str, ...]:
    """Return texts that careless parsers fall over, from empty to `long` characters."""
    short = (
        *("", " ", "\n", "\n\n\n", "\0", "\ufeff", "\ud800", "²³٣௧", "🎵", "\r\n", "-1", "1e9"),
        *("9" * 5000, "0", "%", "/", "1/0", "\t\x0b\x0c\x1c\x85\u2028"),
    )
    symbols = [char for char in chars if not char.isalnum()][:24]
    repeated = [char * (long // 4) for char in symbols]
    repeated += [(chars * (long // len(chars) + 1))[:long]]
    repeated += [(sample * (long // len(sample) + 1))[:long] for sample in samples[:2] if sample]
    return (*short, *repeated, "\n".join(chars * 20))


def mutate_bytes(random: Random, data: bytes) -> bytes:
    """Return bytes cut short, or with some of them changed, removed or doubled."""
    if random.random() < 0.3 or not data:
        return data[: random.randint(0, len(data))]
    for _ in range(random.choice((1, 1, 2, 8))):
        at = random.randrange(len(data) + 1)
        span = random.choice((1, 1, 4, 64))
        noise = bytes(random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256))) for _ in "  ")
        data = random.choice(
            (
                data[:at] + noise[:1] + data[at + 1 :],
                data[:at] + noise + data[at + 2 :],
                data[:at] + data[at + span :],
                data[:at] + data[at : at + span] + data[at:],
            )
        )
    return data
