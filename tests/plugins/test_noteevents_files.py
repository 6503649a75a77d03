"""Files of event numbers, as the earlier system wrote them."""

from __future__ import annotations

import pytest
from step_scores import study

from textmusic.errors import FormatError
from textmusic.registry import formats
from textmusic.score import Note, Score, Track
from textmusic.testing import check_format
from textmusic_midi import BitsFormat, EventsFormat, RollFormat


def spans(score: Score) -> list[tuple[int, int, int]]:
    return [(n.onset, n.duration, n.pitch) for n in score.notes()]


def test_the_format_keeps_its_laws():
    check_format(EventsFormat(), examples=10, files=[b"39 88 88 40 35 88 88\n"])


def test_notes_that_stand_once_last_until_the_next():
    (score,) = EventsFormat().decode(b"39 35 88 88 88\n40 88 88").scores
    assert score.tpq == 24
    assert spans(score) == [(0, 3, 56), (0, 3, 60), (3, 96, 61)]


def test_notes_that_are_repeated_last_as_long_as_they_stand():
    (score,) = EventsFormat().decode(b"39 88 39 88 39 36 88 36 88 88 39 88 39 88").scores
    assert spans(score) == [(0, 3, 60), (2, 2, 57), (5, 2, 60)]


def test_written_files_repeat_from_high_to_low():
    piece = Score((Track((Note(0, 2, 60), Note(0, 3, 64))),), 24)
    assert EventsFormat().encode(piece).data == b"43 39 88 43 39 88 43 88\n"


def test_what_such_files_cannot_hold_is_named():
    codes = {issue.code for issue in EventsFormat().encode(study()).issues}
    assert codes == {"events.tracks", "events.unison", "events.tempo", "events.metre"}


def test_bad_numbers_are_reported_at_their_place():
    loaded = EventsFormat().decode(b"39 88 x 99 88 40 88")
    assert [(i.code, i.offset) for i in loaded.issues] == [
        ("events.number", 6),
        ("events.number", 8),
    ]


@pytest.mark.parametrize("data", [b"", b"1 2 3", b"words and more words 88"])
def test_other_text_is_refused(data: bytes):
    with pytest.raises(FormatError, match="88"):
        EventsFormat().decode(data)


def test_each_kind_of_plain_text_file_is_recognised_by_content():
    files = {kind: kind().encode(study()).data for kind in (EventsFormat, BitsFormat, RollFormat)}
    for kind, data in files.items():
        assert [other for other in files if other.recognises(data)] == [kind]
        assert formats.reader("txt").decode(data).scores
    others = (b"", b"e|--0--|\n", b"1 2 3 5+\n", b"X:1\nK:C\nCDE|\n", b"88 keys\n", b"0 1 0\n")
    assert not any(kind.recognises(data) for kind in files for data in others)
