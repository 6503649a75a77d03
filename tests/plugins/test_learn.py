"""What a codec learns from a document, without reading again what it has just written."""

from __future__ import annotations

import random

import pytest

from textmusic.errors import DecodeError, errors_of
from textmusic.registry import codecs
from textmusic_guitartab import reading
from textmusic_guitartab.reading import read_events

TUNES = (
    "X:1\nM:4/4\nL:1/8\nK:G\n|:GABc d2e2|dcBA G4:|\n",
    "X:2\nM:6/8\nL:1/8\nK:Dmin\nA|d3 (3efg a2|[DF]2 z ^c2d:|1 d6:|2 d4|]\n",
    "X:3\nM:3/4\nL:1/4\nQ:1/4=90\nK:C\nV:1\nc d e|f2 z|\nV:2\nC2 E|F3|\n",
)
PAGE = "\n".join(
    f"{name}|{row}|{row}|{other}|"
    for name, row, other in (
        ("e", "-----0-3---5h7--", "----------------"),
        ("B", "-1--------------", "----x---3~------"),
        ("G", "----------------", "--2-----0--(4)--"),
        ("D", "------2---------", "----------------"),
        ("A", "-3--------------", "--5/7-----------"),
        ("E", "----------------", "3-----------3---"),
    )
)


@pytest.mark.parametrize(
    ("name", "text"), [*(("abc", tune) for tune in TUNES), ("guitartab", PAGE), ("noteevents", "")]
)
def test_what_is_learnt_is_the_canonical_text_and_its_music(name, text):
    codec = codecs.get(name)()
    try:
        canonical = codec.canonical(text)
    except DecodeError:
        with pytest.raises(DecodeError):
            codec.learn(text)
        return
    learnt, parsed = codec.learn(text)
    again = codec.parse(canonical)
    assert learnt == canonical
    assert parsed.score == again.score
    assert errors_of(parsed.issues) == errors_of(again.issues)


def test_what_is_learnt_from_real_files_is_the_canonical_text_and_its_music(data):
    for name, pattern in (("abc", "abc/**/*.abc"), ("guitartab", "tabs/**/*.txt")):
        codec = codecs.get(name)()
        for path in sorted(data.glob(pattern))[5::60]:
            for document in list(codec.documents(path.read_text("latin-1")))[:3]:
                test_what_is_learnt_is_the_canonical_text_and_its_music(name, document.text)


def test_bars_walked_through_once_complain_as_those_walked_through_each_time(monkeypatch):
    codec = codecs.get("guitartab")()
    text = codec.canonical(PAGE) + "%\n%2\n"
    rng = random.Random(3)
    chars = codec.alphabet.chars
    texts = [text]
    for _ in range(150):
        place = rng.randrange(len(text))
        texts.append(text[:place] + rng.choice(chars) + text[place + rng.randrange(2) :])
    once = [read_events(one) for one in texts]
    monkeypatch.setattr(reading, "_after_bar", reading._after_line)
    assert once == [read_events(one) for one in texts]
