"""Writing pages that a guitarist reads, and reading them back."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import FormatError
from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic_guitartab.page import find_documents, read_page, write_page

GUITAR = (40, 45, 50, 55, 59, 64)
BASS = (28, 33, 38, 43)
Q = 480
COMMON = (Meter(0, 4, 4),)


def note(onset, duration, string, fret, *marks, tuning=GUITAR):
    return Note(onset, duration, tuning[string] + fret, 80, string, frozenset(marks))


def score(notes, *, meters=COMMON, tempos=(), tuning=GUITAR, capo=0, meta=()):
    return Score((Track(notes, tuning=tuning, capo=capo),), Q, tempos, meters, (), meta)


def again(piece):
    page, issues = write_page(piece)
    return read_page(page).score, issues


def test_a_page_looks_as_guitarists_write_it():
    piece = score(
        [
            note(0, Q, 0, 0),
            note(0, Q, 1, 2),
            note(Q, Q // 2, 3, 2, "hammer"),
            note(3 * Q // 2, Q // 2, 3, 4),
            note(3 * Q, Q, 5, 12, "harmonic"),
            note(4 * Q, 3 * Q, 2, 7, "bend:2", "release"),
        ],
        meta={"title": "Study"},
        tempos=(Tempo(0, 96),),
    )
    page, issues = write_page(piece)
    assert issues == ()
    assert page == (
        "Title: Study\n"
        "Tuning: E2 A2 D3 G3 B3 E4\n"
        "Tempo: 96\n"
        "Time: 4/4\n"
        "Letters: W H Q E S T = whole to 1/32, r rest, + held, . dotted, 3 triplet\n"
        "\n"
        "   Q     E  E  rQ    Q       H.       rQ\n"
        "e|------------------<12>---|-------------|\n"
        "B|-------------------------|-------------|\n"
        "G|-------2h-4--------------|-------------|\n"
        "D|-------------------------|-7b9r--------|\n"
        "A|-2-----------------------|-------------|\n"
        "E|-0-----------------------|-------------|\n"
    )


def test_what_a_page_says_comes_back():
    piece = score(
        [note(0, Q, 0, 3), note(4 * Q, Q, 5, 3), note(7 * Q, Q, 1, 10)],
        meters=(Meter(0, 4, 4), Meter(4 * Q, 3, 4)),
        tempos=(Tempo(0, 120), Tempo(5 * Q, 96.5)),
        capo=2,
        meta={"title": "Two rivers", "composer": "Me", "provenance": "seed 7"},
    )
    piece = replace(piece, tracks=(replace(piece.tracks[0], name="Lead"),))
    back, issues = again(piece)
    assert issues == ()
    assert (back.meta, back.tempos, back.meters) == (piece.meta, piece.tempos, piece.meters)
    track = back.tracks[0]
    assert (track.name, track.capo, track.tuning) == ("Lead", 2, GUITAR)


MARKS = [
    ("hammer",), ("pull",), ("slide:legato",), ("vibrato",), ("ghost",), ("harmonic",),
    ("harmonic:artificial",), ("bend",), ("bend:2",), ("bend:2", "release"), ("tap",),
    ("slide:in-below",), ("slide:in-above",), ("slide:out-up",), ("slide:out-down",),
    ("palm-mute",), ("let-ring",), ("accent",), ("staccato",), ("slap",), ("pop",),
    ("palm-mute", "ghost", "vibrato"), ("trill:71",), ("tap", "pull"), ("ghost", "harmonic"),
]  # fmt: skip


@pytest.mark.parametrize("names", MARKS, ids="+".join)
def test_techniques_come_back(names):
    piece = score([note(0, Q, 5, 5, *names), note(Q, 3 * Q, 4, 5)])
    back, issues = again(piece)
    assert issues == ()
    assert back.tracks[0].notes == piece.tracks[0].notes


def test_slides_and_dead_notes_come_back():
    piece = score(
        [
            note(0, Q, 5, 5, "slide"),
            note(Q, Q, 5, 9, "slide"),
            note(2 * Q, Q, 5, 3),
            note(3 * Q, Q, 5, 3, "slide"),
            note(4 * Q, 4 * Q, 5, 8),
            note(4 * Q, 4 * Q, 4, 0, "dead"),
        ]
    )
    back, issues = again(piece)
    assert issues == ()
    assert back.tracks[0].notes == piece.tracks[0].notes


def test_grace_notes_come_back_before_their_main_note():
    notes = [
        note(Q, 0, 1, 3, "grace:2", "hammer"),
        note(Q, 0, 1, 12, "grace:1"),
        note(Q, Q, 1, 7),
        note(Q, Q, 2, 7),
        note(0, Q, 1, 10),
        note(2 * Q, 2 * Q, 1, 10),
    ]
    back, issues = again(score(notes))
    assert issues == ()
    assert back.tracks[0].notes == score(notes).tracks[0].notes


def test_tuplets_and_odd_lengths_come_back():
    onsets = [Fraction(n, 3) for n in range(6)] + [2 + Fraction(n, 5) for n in range(5)]
    onsets += [3 + Fraction(n, 7) for n in range(7)]
    tpq = 105 * 32
    ends = [*onsets[1:], Fraction(4)]
    notes = [
        note(int(a * tpq), int((b - a) * tpq), 5, i)
        for i, (a, b) in enumerate(zip(onsets, ends, strict=True))
    ]
    piece = Score((Track(notes, tuning=GUITAR),), tpq, (), (Meter(0, 4, 4),))
    page, issues = write_page(piece)
    back = read_page(page).score
    assert issues == ()
    assert [Fraction(n.onset, back.tpq) for n in back.notes()] == onsets
    assert [Fraction(n.end, back.tpq) for n in back.notes()] == ends


def test_a_bar_that_letters_cannot_write_moves_and_is_reported():
    piece = score([note(1, Q - 1, 5, 1), note(Q, 3 * Q, 5, 2)])
    back, issues = again(piece)
    assert [issue.code for issue in issues] == ["guitartab.onset"]
    assert [n.onset for n in back.notes()] == [0, Q]


@pytest.mark.parametrize(
    ("notes", "code"),
    [
        ([note(0, 4 * Q, 0, 0), note(Q, Q, 5, 0)], "guitartab.duration"),
        ([note(0, Q, 5, 0), Note(Q, Q, 60)], "guitartab.unplayable"),
        ([note(0, Q, 5, 0), Note(Q, Q, 60, 80, 5)], "guitartab.unplayable"),
        ([note(0, Q, 5, 5, "bend:0.5")], "guitartab.marks"),
        ([note(0, Q, 5, 5, "dead")], "guitartab.marks"),
        ([], "guitartab.empty"),
    ],
)
def test_what_a_page_cannot_hold_is_reported(notes, code):
    assert code in {issue.code for issue in write_page(score(notes))[1]}


def test_a_track_without_strings_is_refused():
    with pytest.raises(FormatError, match="4 to 9 strings"):
        write_page(Score((Track((Note(0, Q, 60),)),)))


def test_pages_keep_their_width_and_wide_bars_are_cut():
    notes = [note(i * 30, 30, i % 6, 10 + i % 14, "bend:2", "vibrato") for i in range(64)]
    piece = score(notes)
    page, issues = write_page(piece)
    assert issues == ()
    assert max(map(len, page.split("\n"))) <= 80
    back = read_page(page).score
    assert [(n.onset, n.pitch, n.string) for n in back.notes()] == [
        (n.onset, n.pitch, n.string) for n in piece.notes()
    ]
    assert len(back.bars()) == 1


@st.composite
def pieces(draw):
    """Scores with irregular bars, tuplets, chords, rests, any frets and tunings."""
    tuning = draw(
        st.sampled_from([GUITAR, BASS, (35, *GUITAR), (67, 60, 64, 69), (36, *GUITAR[1:])])
    )
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from([15, 30, 60, 80, 96, 120, 160, 240, 320, 360, 480, 720, 960, 1920]),
                st.dictionaries(
                    st.integers(0, len(tuning) - 1), st.integers(0, 24), max_size=len(tuning)
                ),
            ),
            min_size=1,
            max_size=24,
        )
    )
    notes, now = [], 0
    for length, chord in steps:
        notes += [note(now, length, s, fret, tuning=tuning) for s, fret in chord.items()]
        now += length
    meters, at = [Meter(0, *draw(METERS))], 0
    for length in draw(st.lists(st.sampled_from([120, 240, 480, 960, 1440, 1920]), max_size=4)):
        at += length
        meters.append(Meter(at, *draw(METERS)))
    tempos = [Tempo(0, draw(st.integers(30, 300)))] if draw(st.booleans()) else []
    capo = draw(st.integers(0, 5))
    notes = [replace(n, pitch=n.pitch + capo) for n in notes]
    return score(notes, meters=tuple(meters), tempos=tuple(tempos), tuning=tuning, capo=capo)


METERS = st.sampled_from([(4, 4), (3, 4), (6, 8), (7, 8), (5, 4), (2, 2), (1, 8)])


@given(pieces())
@settings(max_examples=150, deadline=None)
def test_strings_frets_onsets_and_bars_come_back(piece):
    page, issues = write_page(piece)
    if not list(piece.notes()):
        assert "guitartab.empty" in {issue.code for issue in issues}
        return
    (document,) = find_documents(page)
    parsed = read_page(document.text)
    back = parsed.score
    if "guitartab.onset" in {issue.code for issue in issues}:
        key = [(n.string, n.pitch) for n in piece.notes()]
        assert sorted(key) == sorted((n.string, n.pitch) for n in back.notes())
        return
    assert {issue.code for issue in parsed.issues} <= {"guitartab.stray-rows"}
    assert _times(back) == _times(piece)
    assert _bars(back) == _bars(piece)
    assert back.tracks[0].tuning == piece.tracks[0].tuning
    assert back.tempos == piece.tempos
    assert max(map(len, page.split("\n"))) <= 80
    assert write_page(replace(back, meta=piece.meta))[0] == page


def _times(piece):
    return [
        (Fraction(n.onset, piece.tpq), Fraction(n.duration, piece.tpq), n.string, n.pitch)
        for n in piece.notes()
    ]


def _bars(piece):
    return [
        (Fraction(b.onset, piece.tpq), Fraction(b.end, piece.tpq), b.numerator, b.denominator)
        for b in piece.bars()
    ]
