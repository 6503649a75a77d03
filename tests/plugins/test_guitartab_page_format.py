"""The format `.tab`, damage, and real files."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import FormatError
from textmusic.format import read_text
from textmusic.registry import formats
from textmusic.score import Meter, Note, Score, Track
from textmusic_guitartab.format import TabFormat
from textmusic_guitartab.page import find_documents, read_page

GUITAR = (40, 45, 50, 55, 59, 64)
SONG = """Song: Round the mill
Capo: 2
Tuning: Drop D

Intro x2
  PM--|
e|-----------------|-0---2h3p2-------|
B|-----------------|-1---------3/5---| x2
G|-----2---0-------|-0---------------|
D|-0-0---0---------|-2---(2)-<12>-x--|
A|-0-0-------12-10-|-3---7b9r7-------|
D|-0-0-------------|-----------------|
la la la
  Q   E E Q   Q     H      Q   E  E
e|-----------------|-0------3---0--2-|
B|-----------------|-----------------|
G|-----2---0-------|-----------------|
D|-0-----0---------|-----------------|
A|-0---------12----|-----------------|
D|-0---------------|-----------------|
"""


def test_the_registry_knows_tab_and_txt():
    assert formats.get("tab") is TabFormat
    assert formats.get("txt") is TabFormat


def test_a_file_is_read_with_issues_at_places_of_its_text():
    data = b"\xef\xbb\xbf" + SONG.replace("\n", "\r\n").replace("(2)", "%2%").encode()
    loaded = TabFormat().decode(data)
    (issue,) = [i for i in loaded.issues if i.code == "guitartab.character"]
    assert read_text(data)[issue.offset] == "%"
    assert loaded.scores[0].tracks[0].capo == 2


def test_files_are_written_and_read_again(tmp_path):
    guitar = Track([Note(0, 480, 52, 80, 1), Note(480, 480, 64, 80, 5)], "Lead", tuning=GUITAR)
    bass = Track([Note(0, 960, 28, 80, 0)], "Bass", 33, tuning=(28, 33, 38, 43))
    piano = Track([Note(0, 960, 60), Note(0, 960, 64)], "Piano")
    drums = Track([Note(0, 120, 38)], "Kit", is_drum=True)
    score = Score((guitar, bass, piano, drums), 480, (), (Meter(0, 4, 4),), (), {"title": "Trio"})
    issues = TabFormat().write(score, tmp_path / "trio.tab")
    assert [i.message for i in issues if i.code == "guitartab.left-out"] == [
        "track 4 (Kit) is percussion and was left out"
    ]
    loaded = TabFormat().read(tmp_path / "trio.tab")
    assert [s.tracks[0].name for s in loaded.scores] == ["Lead", "Bass", "Piano"]
    assert [s.get("title") for s in loaded.scores] == ["Trio"] * 3
    assert [[n.pitch for n in s.notes()] for s in loaded.scores] == [[52, 64], [28], [60, 64]]
    assert TabFormat().encode(score) == TabFormat().encode(score)


def test_a_chord_sheet_is_refused_with_the_reason():
    with pytest.raises(FormatError, match=r"no tablature staff found; a chord sheet\?"):
        TabFormat().decode(b"Am    C\nla la la\n")


def test_a_score_without_playable_tracks_is_refused():
    with pytest.raises(FormatError, match="no track has notes"):
        TabFormat().encode(Score((Track([Note(0, 120, 38)], is_drum=True),)))


@pytest.mark.parametrize("data", [b"", b"\x00" * 99, b"\xff\xfe\x00", bytes(range(256)) * 9])
def test_what_is_no_text_is_refused(data):
    with pytest.raises(FormatError):
        TabFormat().decode(data)


EDITS = st.lists(
    st.tuples(
        st.integers(0, len(SONG)),
        st.integers(0, 40),
        st.text("0123-|eB xhp/b()<>[]\nQ+r~—%g", max_size=6),
    ),
    max_size=12,
)


@given(EDITS)
@settings(max_examples=150, deadline=None)
def test_damage_never_raises_and_issues_stay_inside(edits):
    text = SONG
    for at, cut, new in edits:
        text = text[:at] + new + text[at + cut // 8 :]
    for document in [*find_documents(text), *find_documents("")]:
        assert 0 <= document.offset <= len(text)
        assert all(0 <= i.offset <= len(document.text) for i in read_page(document.text).issues)
    assert all(0 <= i.offset <= len(text) for i in read_page(text).issues)


def test_real_files_with_staves_are_read_and_chord_sheets_are_not(data):
    folder = data / "tabs" / "ug_sample"
    for kind in ("six", "bass4"):
        for path in sorted((folder / kind).iterdir()):
            assert TabFormat().read(path).scores, path.name
    for path in sorted((folder / "chords_only").iterdir()):
        assert list(find_documents(read_text(path.read_bytes()))) == [], path.name


def test_real_files_may_be_damaged_anywhere(data):
    chance = random.Random(5)
    paths = sorted((data / "tabs" / "ug_sample" / "odd578").iterdir())
    for path in paths:
        text = read_text(path.read_bytes())
        for _ in range(3):
            at = chance.randrange(len(text))
            damaged = text[:at] + text[at + chance.randrange(1, 200) :]
            for document in find_documents(damaged):
                read_page(document.text)
