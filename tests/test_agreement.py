"""What parts that sound together disagree about."""

from __future__ import annotations

from textmusic.agreement import mismatches
from textmusic.score import Key, Meter, Note, Score, Tempo, Track


def piece(quarters: int, **events: object) -> Score:
    return Score([Track([Note(i * 2, 2, 60) for i in range(quarters)])], 2, **events)


def said(*scores: Score, trim: bool = False) -> list[str]:
    names = [chr(ord("a") + n) for n in range(len(scores))]
    return [f"{i.code}: {i.message}" for i in mismatches(scores, names, trim=trim)]


def test_equal_music_at_another_resolution_agrees() -> None:
    one = piece(8, tempos=[Tempo(0, 90)], meters=[Meter(0, 4, 4)], keys=[Key(0, 1)])
    other = Score([Track([Note(0, 96, 50)])], 12, [Tempo(0, 90)], [Meter(0, 4, 4)], [Key(0, 1)])
    assert said(one, other) == []
    assert said() == []


def test_what_is_not_stated_is_no_difference() -> None:
    assert said(piece(8), piece(8, tempos=[Tempo(0, 90)], keys=[Key(0, 1)])) == []


def test_differences_name_both_sides() -> None:
    one = piece(8, tempos=[Tempo(0, 90), Tempo(4, 60)], keys=[Key(0, 0, "minor")])
    other = piece(8, tempos=[Tempo(0, 90)], keys=[Key(0, -1)])
    tempos, keys = said(one, other)
    assert tempos == (
        "merge.tempos: b has 90 quarters a minute, "
        "kept 90 quarters a minute, 60 quarters a minute after 2 quarters of a"
    )
    assert keys == "merge.keys: b has major with 1 flat, kept minor without sharps or flats of a"


def test_changes_after_the_end_of_the_shorter_are_no_difference() -> None:
    long = piece(12, meters=[Meter(0, 4, 4), Meter(16, 3, 4)])
    assert [line.split(":")[0] for line in said(piece(8, meters=[Meter(0, 4, 4)]), long)] == [
        "merge.length"
    ]


def test_many_changes_are_told_in_short() -> None:
    one = piece(32, tempos=[Tempo(i * 2, 60 + i) for i in range(30)])
    assert said(one, piece(32, tempos=[Tempo(0, 60)]))[0].endswith(
        "after 3 quarters and 26 more of a"
    )


def test_lengths_count_in_bars() -> None:
    bars = [Meter(0, 3, 4)]
    parts = piece(12, meters=bars), piece(8, meters=bars), piece(9, meters=bars)
    assert said(*parts) == [
        "merge.length: b has 3 bars: silent up to 4",
        "merge.length: c has 3 bars: silent up to 4",
    ]
    assert said(*parts, trim=True) == ["merge.length: a has 4 bars: cut to 3"]
    assert said(parts[0], Score()) == ["merge.length: b has 0 bars: silent up to 4"]


def test_as_many_bars_of_unequal_length_count_in_quarters() -> None:
    short = piece(8, meters=[Meter(0, 4, 4), Meter(6, 4, 4)])
    assert said(piece(8, meters=[Meter(0, 4, 4)]), short)[-1] == (
        "merge.length: a has 2 bars: silent up to 3"
    )
    assert said(piece(7, meters=[Meter(0, 4, 4)]), piece(7, meters=short.meters)) == [
        "merge.meters: b has 4/4, 4/4 after 3 quarters, kept 4/4 of a",
        "merge.length: b has 7 quarters: silent up to 8",
    ]
