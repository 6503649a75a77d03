"""Pictures of scores: every note is drawn, where and as it should be, and pages are bounded."""

from __future__ import annotations

import io
import re
import sys
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
from PIL import Image

from textmusic import api
from textmusic.errors import FormatError, MissingDependencyError
from textmusic.fretboard import GUITAR
from textmusic.registry import formats
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_engraving import _paper, _readable
from textmusic_engraving._accidentals import add_accidentals
from textmusic_engraving._beams import add_beams
from textmusic_engraving._readable import hands, readable

SVG = "{http://www.w3.org/2000/svg}"


def melody(pitches=(60, 62, 64, 65, 67, 69, 71, 72), length=240, **track) -> Score:
    notes = (Note(i * length, length, pitch) for i, pitch in enumerate(pitches))
    return Score((Track(tuple(notes), **track),), 480, (Tempo(0, 90),), (Meter(0, 4, 4),))


def drawn(score: Score) -> ET.Element:
    return ET.fromstring(formats.get("svg")().encode(score).data)


def kinds(picture: ET.Element) -> list[str]:
    return [part.get("class", "").split(" ")[0] for part in picture.iter()]


def texts(picture: ET.Element) -> list[str]:
    return ["".join(part.itertext()).strip() for part in picture.iter(f"{SVG}text")]


def test_every_note_is_drawn_with_beams_and_accidentals():
    picture = drawn(melody((60, 61, 61, 60, 67, 69, 71, 72)))
    found = kinds(picture)
    assert found.count("note") == 8
    assert found.count("beam") == 2
    signs = [part for part in picture.iter() if part.get("class") == "accid"]
    assert len([sign for sign in signs if len(sign)]) == 2  # C sharp, and natural again
    assert any("♩" in text or "90" in text for text in texts(picture))


def document(score: Score) -> ET.Element:
    return ET.fromstring(formats.get("musicxml")().encode(score).data)


def test_accidentals_last_until_the_bar_line_and_follow_the_key():
    score = Score(
        (Track(tuple(Note(480 * i, 480, p) for i, p in enumerate((66, 66, 65, 66, 65, 66)))),),
        480,
        keys=(Key(0, 1),),
    )
    root = document(score)
    add_accidentals(root)
    found = [note.findtext("accidental") for note in root.iter("note") if note.find("pitch")]
    assert found == [None, None, "natural", "sharp", "natural", "sharp"]


@pytest.mark.parametrize(
    ("meter", "lengths", "groups"),
    [
        ((4, 4), [240] * 8, [4, 4]),
        ((3, 4), [240] * 6, [2, 2, 2]),
        ((6, 8), [240] * 6, [3, 3]),
        ((4, 4), [120] * 4 + [240, 240] + [480] * 2, [4, 2]),
        ((2, 4), [240, 480, 240], []),
    ],
)
def test_beams_join_the_beats(meter, lengths, groups):
    notes, now = [], 0
    for length in lengths:
        notes.append(Note(now, length, 60))
        now += length
    root = document(Score((Track(tuple(notes)),), 480, meters=(Meter(0, *meter),)))
    add_beams(root)
    found: list[int] = []
    for note in root.iter("note"):
        state = note.findtext("beam[@number='1']")
        if state == "begin":
            found.append(1)
        elif state:
            found[-1] += 1
    assert found == groups


def test_a_keyboard_has_two_staves_and_a_flute_one():
    assert [len(t.notes) for t in hands(melody((40, 45, 60, 80)).tracks[0])] == [2, 2]
    assert len(hands(melody((40, 45, 60, 80), program=73).tracks[0])) == 1
    assert kinds(drawn(melody((40, 45, 60, 80)))).count("staff") == 2


def test_what_was_played_by_hand_goes_to_sixteenths():
    notes = tuple(Note(i * 240 + i % 7, 200 + i, 60 + i % 5) for i in range(32))
    score, issues = readable(Score((Track(notes, program=73),)))
    assert [issue.code for issue in issues] == ["engraving.times"]
    assert all(note.onset % 120 == 0 for note in score.notes())
    ends = [note.end for note in score.notes()][:-1]
    assert ends == [note.onset for note in score.notes()][1:]
    exact = melody()
    assert readable(exact) == (exact, ())


def test_silent_tracks_are_left_out():
    score = melody()
    more = Score((*score.tracks, Track(name="Silence")), 480)
    assert kinds(drawn(more)).count("staff") == 1


def test_a_long_piece_is_drawn_as_far_as_a_picture_goes(monkeypatch):
    score = melody((60,) * 80, 480)
    monkeypatch.setattr(_readable, "MOST_BARS", 5)
    written = formats.get("svg")().encode(score)
    assert [issue.code for issue in written.issues] == ["engraving.long"]
    assert kinds(ET.fromstring(written.data)).count("measure") == 5
    monkeypatch.setattr(_readable, "MOST_NOTES", 8)
    assert len(readable(score)[0].bars()) == 2
    far = Score((Track((Note(0, 480, 60), Note(10**9, 480, 60))),))
    assert len(list(readable(far)[0].notes())) == 1


def test_a_png_shows_the_whole_piece_and_a_pdf_its_pages(tmp_path):
    score = melody((60, 64, 67, 72) * 100, 480)
    api.write(score, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width == 1500
        assert picture.height > 1500
        ink = sum(picture.convert("L").histogram()[:128])
        assert ink > 0.01 * picture.width * picture.height
    api.write(score, tmp_path / "a.pdf")
    pages = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    assert len(pages) > 1
    assert pages[0].get_size() == pytest.approx((595.28, 841.89), abs=0.1)
    words = pages[0].get_textpage().get_text_range()
    assert "= 90" in words
    pages.close()


def test_a_picture_in_pixels_has_a_limit(monkeypatch):
    monkeypatch.setattr(_paper, "_MOST_PIXELS", 100)
    with pytest.raises(FormatError, match=r"write \.pdf or \.svg"):
        formats.get("png")().encode(melody())


@pytest.mark.parametrize(
    ("module", "suffix"), [("verovio", "svg"), ("svg2pdf_py", "png"), ("svg2pdf_py", "pdf")]
)
def test_a_missing_package_is_named(module, suffix, monkeypatch, tmp_path):
    _paper._fonts.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'textmusic\[score\]'"):
        api.write(melody(), tmp_path / f"a.{suffix}")
    assert not list(tmp_path.iterdir())


def test_pdf_is_read_by_one_format_and_written_by_another(tmp_path):
    assert formats.writer("pdf").title == "PDF of a score"
    assert formats.reader("pdf").title == "PDF of pitch digits"
    api.write(melody(), tmp_path / "a.pdf")
    with pytest.raises(FormatError):
        api.read(tmp_path / "a.pdf")
    assert not {"png", "svg", "wav", "ogg", "flac"} & set(formats.plain_suffixes())


def test_odd_names_are_drawn():
    guitar = Track((Note(0, 480, 64, string=5),), "<&> \x01 吉他", tuning=GUITAR)
    score = Score((guitar,), meta={"title": "A & <B>\n", "composer": "$x$"})
    picture = drawn(score)
    assert "A & <B>" in texts(picture)
    data = formats.get("png")().encode(score).data
    assert Image.open(io.BytesIO(data)).width == 1500
    assert not re.search("[\x00-\x08]", ET.tostring(picture, encoding="unicode"))


def test_real_pieces_are_drawn(data, tmp_path):
    from music21 import corpus

    paths = [data / "abc/ceolrince/CRE_clean.abc", data / "midi/partitura/mozart_k265_var1.mid"]
    paths += [next((data / "gp" / "tuxguitar").glob("*.gp5"), data / "gp/slundi/bend.gp5")]
    paths += [corpus.getWork("bwv101.7")]
    for path in paths:
        score = api.read(path).scores[0]
        picture = drawn(score)
        shown = kinds(picture).count("note") + len([t for t in texts(picture) if t.isdigit()])
        assert shown >= sum(1 for note in readable(score)[0].notes()) * 0.3
