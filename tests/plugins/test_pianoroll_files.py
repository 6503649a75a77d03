"""Files of bits, as the SchumaNN system wrote them, and the view of one line a step."""

from __future__ import annotations

import pytest
from step_scores import study

from textmusic.errors import FormatError
from textmusic.score import Note, Score, Track
from textmusic.testing import check_format
from textmusic_midi import BitsFormat, RollFormat

KEYS = 79


def bits(*steps: dict[int, str], keys: int = KEYS) -> str:
    """The pairs of all keys from MIDI 24 on, step by step; silence where nothing is said."""
    return "".join(step.get(24 + key, "00") for step in steps for key in range(keys))


def spans(score: Score) -> list[tuple[int, int, int]]:
    return [(n.onset, n.duration, n.pitch) for n in score.notes()]


@pytest.mark.parametrize("form", [BitsFormat(), RollFormat()])
def test_the_formats_keep_their_laws(form: BitsFormat | RollFormat):
    check_format(form, examples=8)


def test_a_file_of_two_pieces_is_read():
    one = bits({60: "11"}, {60: "10"}, {60: "11", 102: "11"}, {})
    two = bits({24: "11"}, {24: "10"})
    loaded = BitsFormat().decode(f"4 24 102 2\nfirst|one.mid|4|{one}\nsecond|2|{two}\n".encode())
    assert [score.get("title") for score in loaded.scores] == ["first|one.mid", "second"]
    assert [score.tpq for score in loaded.scores] == [4, 4]
    assert spans(loaded.scores[0]) == [(0, 2, 60), (2, 1, 60), (2, 1, 102)]
    assert spans(loaded.scores[1]) == [(0, 2, 24)]
    assert loaded.issues == ()


def test_a_highest_pitch_that_is_one_too_large_is_understood():
    data = f"16 24 102 1\nx|2|{bits({101: '11'}, {101: '10'}, keys=78)}\n".encode()
    loaded = BitsFormat().decode(data)
    assert spans(loaded.scores[0]) == [(0, 2, 101)]
    assert loaded.issues == ()


def test_a_written_file_says_its_grid():
    piece = Score((Track((Note(0, 80, 60), Note(80, 80, 62))),), 240, meta=(("title", "A|B"),))
    head, line, _ = BitsFormat().encode(piece).data.decode().split("\n")
    assert head == "12 24 102 1"
    name, steps, cells = line.split("|")
    assert (name, steps, len(cells)) == ("A/B", "8", 8 * 2 * KEYS)
    assert spans(BitsFormat().decode(f"{head}\n{line}".encode()).scores[0]) == [
        (0, 4, 60),
        (4, 4, 62),
    ]


def test_pitches_outside_widen_the_file():
    high = Score((Track((Note(0, 480, 104),)),))
    assert BitsFormat().encode(high).data.startswith(b"4 21 108 1\n")
    assert RollFormat().encode(high).data.split(b"\n")[0] == b"0" * 83 + b"1" + b"0" * 4


def test_damaged_pieces_are_read_as_far_as_they_go():
    loaded = BitsFormat().decode(f"4 24 102 2\nx|9|{bits({60: '11'})}\njunk\n".encode())
    assert spans(loaded.scores[0]) == [(0, 1, 60)]
    assert [issue.code for issue in loaded.issues] == ["bits.bits", "bits.piece"]


@pytest.mark.parametrize("data", [b"", b"4 24\nx|1|00", b"4 24 102 1\n", b"0 24 102 1\nx|1|00\n"])
def test_no_file_of_bits(data: bytes):
    with pytest.raises(FormatError):
        BitsFormat().decode(data)


def test_lines_of_noughts_and_ones_are_sixteenths():
    line = "0" * 36 + "1" + "0" * 42
    rest = "0" * 79
    (score,) = RollFormat().decode(f"{line}\n{line}\n{rest}\n{line}\n".encode()).scores
    assert score.tpq == 4
    assert spans(score) == [(0, 2, 60), (3, 1, 60)]


def test_lines_of_pairs_tell_struck_from_held():
    text = "\n".join(bits(step) for step in ({60: "11"}, {60: "10"}, {60: "11"}))
    (score,) = RollFormat().decode(text.encode()).scores
    assert spans(score) == [(0, 2, 60), (2, 1, 60)]


def test_lines_of_other_widths_and_other_text_are_reported():
    loaded = RollFormat().decode(b"# a roll\n0010\n001\n")
    assert spans(loaded.scores[0]) == [(0, 2, 26)]
    assert [issue.code for issue in loaded.issues] == ["roll.line", "roll.width", "roll.width"]
    with pytest.raises(FormatError, match="79"):
        RollFormat().decode(b"words\n")


def test_what_the_view_cannot_hold_is_named():
    codes = {issue.code for issue in RollFormat().encode(study()).issues}
    assert codes == {"roll.grid", "roll.tracks", "roll.unison", "roll.tempo", "roll.metre"}
