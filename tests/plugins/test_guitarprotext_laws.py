"""The laws of `guitarpro`: on odd pieces, on damaged text, and on real files."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import EncodeError
from textmusic.format import Format
from textmusic.registry import formats
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic.testing import check_codec
from textmusic_guitarpro import GuitarProCodec

GOLDEN = Path(__file__).parent.parent / "golden"
CODEC = GuitarProCodec()
OWN = [
    """@3/4 K2 T90
: E2 A2 D3 G3 B3 E4 c2
: E1 A1 D2 G2
:x
|(
1 {E0q }e3+4[0@0,2@50]i ri B2q
2 E0H
3 Bcq Ncq D60ci .
|[1 )2
1 ~H ; B3` B1H
|!q K-3m T80@i [2
1 E~A3q
""",
    "@4/4 T120\n:8\nC4E4G4h C4~F4A4h\n%\nM7/8 C4[1/9] r[61/18]\n",
]
MARKS = [
    *("dead", "hammer", "slide:legato", "bend", "bend:2", "bend:0.25", "bend-curve:0@0,1@50"),
    *("release", "whammy:-1@0", "vibrato", "vibrato:wide", "palm-mute", "let-ring", "ghost", "pop"),
    *("harmonic:semi", "tremolo:64", "trill", "trill:61", "odd", "voice:2", "voice:3", "voice:9"),
    *("grace:1", "grace:3"),
]


def test_the_codec_keeps_its_laws_on_its_own_texts():
    check_codec(CODEC, texts=OWN, examples=12, golden=GOLDEN)


@st.composite
def tracks(draw: st.DrawFn, tpq: int) -> Track:
    """Any instrument, dense and overlapping, with voices, grace notes and techniques."""
    kind = draw(st.sampled_from(["strings", "drums", "keys"]))
    tuning = tuple(draw(st.lists(st.integers(-5, 90), min_size=1, max_size=14)))
    notes = []
    for _ in range(draw(st.integers(0, 10))):
        marks = draw(st.sets(st.sampled_from(MARKS), max_size=4))
        grace = any(mark.startswith("grace") for mark in marks)
        string = draw(st.one_of(st.none(), st.integers(0, len(tuning) - 1)))
        notes.append(
            Note(
                draw(st.integers(0, 9 * tpq)),
                0 if grace else draw(st.integers(1, 5 * tpq)),
                draw(st.sampled_from([0, 36, 38, 60, 61, 127])),
                draw(st.integers(1, 127)),
                string if kind == "strings" else None,
                frozenset(marks),
            )
        )
    return Track(
        tuple(notes),
        program=draw(st.integers(0, 127)),
        is_drum=kind == "drums",
        tuning=tuning if kind == "strings" else (),
        capo=draw(st.integers(0, 60)) if kind == "strings" else 0,
    )


@st.composite
def pieces(draw: st.DrawFn) -> Score:
    """Several tracks under changing metres, keys and tempos, perhaps with repeats."""
    tpq = draw(st.sampled_from([1, 12, 96, 480, 997, 1680, 720_720]))
    onsets = st.integers(0, 40 * tpq)
    meters = draw(st.lists(st.tuples(onsets, st.integers(1, 13), st.sampled_from([1, 2, 4]))))
    return Score(
        tuple(draw(st.lists(tracks(tpq), min_size=1, max_size=3))),
        tpq,
        tuple(
            Tempo(*t) for t in draw(st.lists(st.tuples(onsets, st.floats(0.1, 999)), max_size=3))
        ),
        tuple(Meter(*m) for m in meters[:4]),
        tuple(Key(*k) for k in draw(st.lists(st.tuples(onsets, st.integers(-7, 7)), max_size=3))),
        {"form": draw(st.sampled_from(["", "1 1( 1)2", "2 1( 1)2", "3 1( 2[1 2)2 3[2"]))},
    )


@given(pieces())
@settings(max_examples=80, deadline=None)
def test_any_piece_is_projected_and_comes_back(score: Score):
    try:
        held = CODEC.project(score)
    except EncodeError:
        return
    assert CODEC.project(held) == held
    text = CODEC.encode(held)
    assert CODEC.validate(text) == ()
    assert CODEC.decode(text) == held
    assert CODEC.canonical(text) == text


@given(st.text(alphabet="@:|x14/ MTK!([)%=~rE0BDC-.hq`{&}\n;"))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read(text: str):
    parsed = CODEC.parse(text)
    assert all(0 <= issue.offset <= len(text) for issue in parsed.issues)


def test_damaged_texts_are_read():
    chance = random.Random(1)
    chars = CODEC.alphabet.chars
    for round_ in range(1500):
        text = list(OWN[round_ % len(OWN)])
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(text))
            text[place : place + chance.randint(0, 3)] = chance.choices(
                chars, k=chance.randint(0, 3)
            )
        damaged = "".join(text)
        issues = CODEC.parse(damaged).issues
        assert all(0 <= issue.offset <= len(damaged) for issue in issues)


@pytest.mark.parametrize(
    "text",
    [
        "@4/4\n: E2\n( )99 " + "E0" + "*" * 40_000 + "w\n",
        "@4/4\n: E2\n" + "( " * 20_000 + "E0w\n",
        "@4/4\n:\n" + "(\n" * 3 + "C4s " * 20_000 + "\n" + "%\n" * 20_000,
        "@4/4\n:\n( )99 " + "C4k . . " * 3_000 + "\n" + "( )99 %\n" * 3_000,
        "@4/4\n" + ": E2 A2\n" * 5_000 + "|\n1 E0w\n",
    ],
)
def test_hostile_texts_end_soon(text: str):
    score = CODEC.parse(text).score
    assert sum(1 for _ in score.notes()) <= 200_000


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "guitarpro.header", ""),
        ("@4/5\n: E2\nE0w\n", "guitarpro.header", "@4/5"),
        ("@4/4\nE0w\n", "guitarpro.part", "\nE0w"),
        ("@4/4\n:x E2\nE0w\n", "guitarpro.part", ":x"),
        ("@4/4\n: E2\nA0w\n", "guitarpro.range", "A0w"),
        ("@4/4\n: E2\nE0E3w\n", "guitarpro.twice", "E3w"),
        ("@4/4\n: E2\nE[99]w\n", "guitarpro.range", "E[99]"),
        ("@4/4\n: E2\nE0 E0h\n", "guitarpro.length", " E0h"),
        ("@4/4\n: E2\nE0h E0q\n", "guitarpro.bar-length", "E0h"),
        ("@4/4\n: E2\n%\n", "guitarpro.reference", "%"),
        ("@4/4\n: E2\n. E0w\n", "guitarpro.event", "."),
        ("@4/4\n: E2\nE0w E3`\n", "guitarpro.grace", "\n"),
        ("@4/4\n: E2\n!w E0w\n", "guitarpro.word", "!w"),
        ("@4/4\n:\n:x\n|\n1 C4w\n1 C4w\n", "guitarpro.label", "1 C4w\n"),
        ("@4/4\n:\n:x\n|\n1 C4w\n2 =1\n", "guitarpro.reference", "=1"),
    ],
)
def test_what_is_wrong_is_named_at_its_place(text: str, code: str, place: str):
    issue = next(issue for issue in CODEC.validate(text) if issue.severity == "error")
    assert issue.code == code
    assert text[issue.offset :].startswith(place)


def _formats() -> dict[str, Format]:
    return {name: formats.get(name)() for name in ("gp3", "gp4", "gp5")}


def test_real_files_come_back(data: Path):
    readers = _formats()
    paths = [p for p in sorted((data / "gp").rglob("*")) if p.suffix.lower()[1:] in readers]
    pieces_kept = 0
    for path in paths[::15]:
        score = readers[path.suffix.lower()[1:]].read(path).scores[0]
        if not any(True for _ in score.notes()):
            continue
        held = CODEC.project(score)
        assert CODEC.decode(CODEC.encode(held)) == held
        lost = sum(1 for _ in score.notes()) - sum(1 for _ in held.notes())
        assert lost <= 4
        pieces_kept += 1
    assert pieces_kept > 8
