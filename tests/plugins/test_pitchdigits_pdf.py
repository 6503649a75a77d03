"""Ground truth in PDF, made here in three layouts, must come back digit by digit."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from random import Random

import pytest
from reportlab.pdfgen import canvas

from textmusic.errors import FormatError
from textmusic.testing import check_format
from textmusic_pitchdigits import PitchDigitsPdf

WIDTH, HEIGHT = 595, 842


def staves(count: int, seed: int = 0) -> list[list[tuple[int, str]]]:
    """Random staves of 3 to 20 notes between 5- and 5+: pitches with their labels."""
    random = Random(seed)
    steps = (0, 2, 4, 5, 7, 9, 11)
    notes = [(60 + 12 * o + steps[d], f"{d + 1}{'+' * (o > 0)}{'-' * (o < 0)}")
             for o in (-1, 0, 1) for d in range(7)][4:19]  # fmt: skip
    return [random.choices(notes, k=random.randint(3, 20)) for _ in range(count)]


def label(stave: list[tuple[int, str]], separator: str) -> str:
    return separator.join(text for _, text in stave)


def truth(all_staves: list[list[tuple[int, str]]]) -> list[list[int]]:
    return [[pitch for pitch, _ in stave] for stave in all_staves]


def read(data: bytes) -> list[list[int]]:
    return [[n.pitch for n in score.notes()] for score in PitchDigitsPdf().decode(data).scores]


def one_column(all_staves, separator: str = " ", rows: int = 12) -> bytes:
    """A running header, a caption above each line of digits, the page number below."""
    out = io.BytesIO()
    page = canvas.Canvas(out, (WIDTH, HEIGHT), invariant=True)
    for start in range(0, len(all_staves), rows):
        number = start // rows + 1
        page.setFont("Helvetica", 10)
        page.drawString(60, 810, f"Ground truth of stave images, part {number}")
        for row, stave in enumerate(all_staves[start : start + rows]):
            page.drawString(
                60, 770 - 60 * row, f"Fig. {start + row + 1} a stave of {len(stave)} notes"
            )
            page.drawString(80, 750 - 60 * row, label(stave, separator))
        page.drawCentredString(WIDTH / 2, 30, str(number))
        page.showPage()
    page.save()
    return out.getvalue()


def two_columns(all_staves, rows: int = 20) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out, (WIDTH, HEIGHT), invariant=True)
    for start in range(0, len(all_staves), 2 * rows):
        page.setFont("Courier", 7.5)
        page.drawCentredString(WIDTH / 2, 810, "Labels of the training set, in two columns of text")
        for place, stave in enumerate(all_staves[start : start + 2 * rows]):
            column, row = divmod(place, rows)
            page.drawString(40 + 270 * column, 770 - 35 * row, label(stave, " "))
        page.drawRightString(WIDTH - 40, 30, f"- {start // (2 * rows) + 1} -")
        page.showPage()
    page.save()
    return out.getvalue()


def rotated(all_staves, *, by_page: bool, angle: int = 90) -> bytes:
    """Turned by the page's /Rotate, or by drawing turned text."""
    out = io.BytesIO()
    page = canvas.Canvas(out, (WIDTH, HEIGHT), invariant=True)
    page.setFont("Helvetica", 11)
    if by_page:
        page.setPageRotation(angle)
    else:
        page.translate(WIDTH / 2, HEIGHT / 2)
        page.rotate(angle)
        page.translate(-HEIGHT / 2 + 20, -WIDTH / 2)
    for row, stave in enumerate(all_staves):
        page.drawString(60, 540 - 40 * row, label(stave, " "))
    page.showPage()
    page.save()
    return out.getvalue()


@pytest.mark.parametrize("separator", [" ", ", ", ""])
def test_one_column_with_captions_headers_and_page_numbers(separator: str) -> None:
    known = staves(60)
    data = one_column(known, separator)
    assert read(data) == truth(known)
    codes = [issue.code for issue in PitchDigitsPdf().decode(data).issues]
    assert codes.count("pitchdigits.page-number") == 5
    assert codes.count("pitchdigits.header") + codes.count("pitchdigits.caption") == 65


def test_what_is_dropped_is_named_with_its_page() -> None:
    messages = [issue.message for issue in PitchDigitsPdf().decode(one_column(staves(30))).issues]
    assert any(m.startswith("page 2: left out 'Ground truth") for m in messages)
    assert any(m.startswith("page 3: ") and "'3'" in m for m in messages)
    assert any("separator space, octave marks + - after the digit" in m for m in messages)


def test_page_numbers_of_three_digits_are_told_from_staves_without_separator() -> None:
    known = [[note for note in stave if len(note[1]) == 1] for stave in staves(400, 3)]
    known = [stave for stave in known if len(stave) >= 3]
    assert read(one_column(known, "", rows=2)) == truth(known)


def test_two_columns_are_read_one_after_the_other() -> None:
    known = staves(100, 1)
    assert read(two_columns(known)) == truth(known)


@pytest.mark.parametrize("by_page", [True, False])
@pytest.mark.parametrize("angle", [90, 180, 270])
def test_rotated_pages(angle: int, by_page: bool) -> None:  # noqa: FBT001
    known = staves(8, 2)
    assert read(rotated(known, by_page=by_page, angle=angle)) == truth(known)


def test_a_whole_book_is_read() -> None:
    known = staves(600, 4)
    assert read(one_column(known)) == truth(known)


def drawing() -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out, (WIDTH, HEIGHT), invariant=True)
    for line in range(5):
        page.line(50, 700 + 10 * line, 500, 700 + 10 * line)
    page.showPage()
    page.save()
    return out.getvalue()


def test_a_document_without_text_layer_says_so() -> None:
    with pytest.raises(FormatError, match="no text layer"):
        PitchDigitsPdf().decode(drawing())


def test_prose_is_no_music() -> None:
    out = io.BytesIO()
    page = canvas.Canvas(out, (WIDTH, HEIGHT), invariant=True)
    for line in range(20):
        page.drawString(60, 780 - 20 * line, "In 1712 the town had 53 houses, a mill and a church.")
    page.save()
    with pytest.raises(FormatError, match="no line of pitch digits"):
        PitchDigitsPdf().decode(out.getvalue())


def test_damage_gives_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    data = one_column(staves(12))
    random = Random(5)
    messages = []
    for cut in (0, 10, 100, len(data) // 2, len(data) - 30):
        for sample in (data[:cut], data[:cut] + random.randbytes(50) + data[cut + 50 :]):
            try:
                PitchDigitsPdf().decode(sample)
            except FormatError as error:
                messages.append(str(error))
    assert len(messages) >= 4
    assert not [message for message in messages if "\n" in message]
    assert capfd.readouterr().err == ""


def test_a_stream_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textmusic_pitchdigits.pdf._MOST_UNPACKED", 1 << 20)
    bomb = zlib.compress(bytes(2 << 20), 9)
    data = b"%PDF-1.4\n1 0 obj\n<</Filter/FlateDecode>>\nstream\n" + bomb + b"\nendstream\nendobj\n"
    with pytest.raises(FormatError, match="unpacks to more than"):
        PitchDigitsPdf().decode(data)


def test_the_format_keeps_the_laws() -> None:
    check_format(PitchDigitsPdf(), files=[one_column(staves(6)), rotated(staves(3), by_page=True)],
                 examples=10)  # fmt: skip


def test_engraved_scores_are_refused_with_a_reason(data: Path) -> None:
    for path in sorted((data / "stave" / "pdf").glob("alphatab*/*.pdf")):
        with pytest.raises(FormatError, match=r"engraved score|music glyphs"):
            PitchDigitsPdf().read(path)
