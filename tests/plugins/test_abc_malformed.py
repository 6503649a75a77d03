"""Broken ABC: every complaint has a place, nothing raises, nothing takes long."""

import pytest
from hang import no_hang
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic import FormatError, InputError
from textmusic_abc import AbcCodec, AbcFormat

CODEC = AbcCodec()
HEADER = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"
VOICES = HEADER + "[V:1]C4-&^c2d2-|[V:2]z4&G,4-&E,4|\n[V:1]C4&d2-[^ce]2|][V:2][Q:1/4=90]z4&{A}G,4|]"
TUNE = HEADER + '"C"C>D (3EFG|{a}~A2 [CEG]-[CEG]:|2 V [K:D]^F/2_G=A\'|[V:2]Z2|'


def issues(text):
    return [
        (i.code, text[i.offset : i.offset + i.length], i.severity) for i in CODEC.validate(text)
    ]


@pytest.mark.parametrize(
    ("body", "code", "where", "severity"),
    [
        ("CDE|FGAB|]", "abc.bar-length", None, None),
        ("C4|CDE|FGAB|]", "abc.bar-length", "C", "warning"),
        ("C4|CDEFG|]", "abc.bar-length", "C", "warning"),
        ("CDoEF|]", "abc.unknown", "o", "error"),
        ("CD{EF|]", "abc.unknown", "{", "error"),
        ('CD"EF|]', "abc.unknown", '"', "error"),
        ("(3CD|E2F2|]", "abc.tuplet", "(", "error"),
        ("(1CDEF|]", "abc.tuplet", "(", "error"),
        ("CDE>|F4|]", "abc.broken", "E", "error"),
        (">CDEF|]", "abc.broken", ">", "error"),
        ("C/0DEF|]", "abc.length", "C/0", "error"),
        ("[CQ]DEF|]", "abc.chord", "[CQ]", "error"),
        ("C,,,,,,DEF|]", "abc.range", "C,,,,,,", "error"),
        ("^/C4|]", "abc.microtone", "^/", "warning"),
        ("-C4|]", "abc.tie", "-", "warning"),
        ("[K:Q]C4|]", "abc.key", "[K:Q]", "error"),
        ("C4|[M:x]D4|]", "abc.meter", "[M:x]", "error"),
        ("C4|[L:1/0]D4|]", "abc.unit", "[L:1/0]", "error"),
        ("Z0|C4|]", "abc.bar-rest", "Z0", "error"),
        ("[V:1]C4|[V:2]C4|D4|]", "abc.voices", "", "warning"),
    ],
)
def test_complaints_have_a_place(body, code, where, severity):
    found = issues(HEADER + body)
    if severity is None:
        assert found == []  # an upbeat is no mistake
        return
    assert (code, where, severity) in found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "abc.no-music"),
        ("just some words\n", "abc.no-key"),
        ("X:1\nT:t\n", "abc.no-key"),
        ("X:1\nK:C\n", "abc.no-music"),
        ("X:1\nCDEF|\nK:C\nC", "abc.header"),
        ("X:1\nQ:fast 3\nK:C\nC", "abc.tempo"),
    ],
)
def test_headers_and_emptiness(text, code):
    assert code in {issue.code for issue in CODEC.validate(text)}


def test_what_is_readable_is_still_read():
    parsed = CODEC.parse(HEADER + "CDoE>|(3FG|A[B\n]c")
    assert [n.pitch for n in parsed.score.notes()] == [60, 62, 64, 65, 67, 69, 71, 72]
    assert parsed.issues


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_text_never_raises(data):
    text = list(data.draw(st.sampled_from((TUNE, VOICES))))
    chars = st.sampled_from(CODEC.alphabet.chars + "é\t\r\0")
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 3))] = data.draw(st.text(chars, max_size=3))
        text = text or ["C"]
    joined = "".join(text)
    for issue in CODEC.parse(joined).issues:
        assert 0 <= issue.offset <= issue.offset + issue.length <= len(joined) + 1
    try:
        canonical = CODEC.canonical(joined)
    except InputError:
        return
    assert CODEC.canonical(canonical) == canonical
    assert not set(canonical) - set(CODEC.alphabet.chars)


@pytest.mark.parametrize(
    "body",
    [
        "(" * 50_000,
        "[" * 50_000,
        "[C" * 20_000,
        "{" * 50_000,
        '"' * 50_001,
        "|:" * 50_000 + "C",
        "C:|" * 20_000,
        "|1C" * 20_000,
        "C-|" * 20_000,
        "Z9999|" * 2_000,
        "C&" * 20_000,
        "C>" * 50_000,
        "(9:8:9C" * 20_000,
        "!a" * 50_000,
        "[V:1]C[V:2]C" * 5_000,
        "".join(f"[V:{i}]C" for i in range(2_000)),
        "[M:3/8]C[M:4/4]C" * 3_000,
        "C:" * 50_000,
        "^" * 50_000 + "C",
        "C" + "'" * 50_000,
        "C" + "9" * 50_000,
        "C" + "/" * 50_000,
    ],
)
def test_hostile_texts_come_to_an_end(body):
    with no_hang():
        CODEC.parse(HEADER + body)


def test_a_tempo_that_no_score_holds_is_said():
    (issue,) = CODEC.parse("X:1\nM:4/4\nL:1/8\nQ:99/1=9999\nK:C\nCDEF GABc|]\n").issues
    assert "Q:" in issue.message or "tempo" in issue.message


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"\x00" * 100, b"hello", b"X:1\nT:x\nK:C\n"])
def test_files_without_music_are_refused(data):
    with pytest.raises(FormatError):
        AbcFormat().decode(data)
