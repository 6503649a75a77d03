"""Writing MusicXML: the way back is exact, music21 and alphaTab read the same."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import FormatError
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic.testing import scores
from textmusic.transforms import reduce_ticks
from textmusic_musicxml import CompressedMusicXmlFormat, MusicXmlFormat

FORMAT = MusicXmlFormat()
GUITAR = (40, 45, 50, 55, 59, 64)


def back(score: Score) -> Score:
    (again,) = FORMAT.decode(FORMAT.encode(score).data).scores
    return again


def codes(score: Score) -> set[str]:
    return {issue.code for issue in FORMAT.encode(score).issues}


def whole() -> Score:
    """Everything at once: upbeat, two metres, two tempi, a tuplet, ties, chords, drums, strings."""
    lead = [
        *(Note(0, 240, 66, 90, 5), Note(240, 960, 69, 30, 5, frozenset({"hammer", "vibrato"}))),
        *(
            Note(1200, 160, 71, string=5),
            Note(1360, 160, 63, string=4),
            Note(1520, 160, 64, string=4),
        ),
        Note(1680, 400, 57, string=3, marks=frozenset({"bend:1.5", "release", "palm-mute"})),
        *(Note(2160, 0, 61, string=4, marks=frozenset({"grace:2"})),),
        *(Note(2160, 0, 62, string=4, marks=frozenset({"grace:1", "slide:in-below"})),),
        *(Note(2160, 1920, 63, string=4), Note(2160, 1920, 58, string=3)),
        *(Note(2400, 480, 47, string=1, marks=frozenset({"voice:2", "tap", "dead"})),),
    ]
    drums = [Note(i * 240, 240, key) for i in range(16) for key in (36, 42)]
    flute = [Note(i * 96, 96, 60 + i % 12) for i in range(40)]
    return Score(
        (
            Track(tuple(lead), "Lead <1> & 'x'", 29, tuning=GUITAR, capo=2),
            Track(tuple(drums), "Kit", is_drum=True),
            Track(tuple(flute), "Flute", 73),
            Track((), "Silence", 40),
        ),
        tempos=(Tempo(0, 100), Tempo(1440, 90.125), Tempo(2400, 80)),
        meters=(Meter(0, 1, 8), Meter(240, 4, 4), Meter(2160, 6, 8)),
        keys=(Key(0, -2, "minor"), Key(2500, 3)),
        meta=(("composer", "Ours"), ("comment", "a < b"), ("title", "All of it")),
    )


def test_everything_a_score_holds_comes_back():
    assert codes(whole()) == set()
    assert reduce_ticks(back(whole())) == reduce_ticks(whole())


def test_the_archive_holds_the_same_and_is_the_same_each_time():
    archive = CompressedMusicXmlFormat()
    (again,) = archive.decode(archive.encode(whole()).data).scores
    assert reduce_ticks(again) == reduce_ticks(whole())
    assert archive.encode(whole()) == archive.encode(whole())


@given(scores())
@settings(max_examples=40, deadline=None)
def test_pitch_onset_and_length_of_every_note_come_back(score: Score):
    def bag(one: Score) -> list[Counter[tuple[Fraction, Fraction, int, int]]]:
        return [
            Counter(
                (Fraction(n.onset, one.tpq), Fraction(n.duration, one.tpq), n.pitch, n.velocity)
                for n in track.notes
            )
            for track in one.tracks
        ]

    again = back(score)
    assert bag(again)[: len(score.tracks)] == bag(score)
    assert reduce_ticks(back(again)) == reduce_ticks(again)


def test_overlapping_notes_get_voices_of_their_own_and_are_named():
    score = Score((Track((Note(0, 960, 60), Note(480, 960, 64), Note(960, 480, 67))),))
    assert codes(score) == {"musicxml.voices"}
    assert [sorted(n.marks) for n in back(score).notes()] == [[], ["voice:2"], []]


def test_repeats_are_written_as_repeats_and_read_as_played():
    notes = tuple(Note(480 * i, 480, p) for i, p in enumerate((60, 62, 64, 60, 62, 65, 67)))
    score = Score((Track(notes),), meters=(Meter(0, 1, 4),), meta=(("form", "5 1( 3[1 3)2 4[2"),))
    data = FORMAT.encode(score).data
    assert data.count(b"<measure ") == 5
    assert b'<repeat direction="backward"/>' in data
    assert reduce_ticks(back(score)) == reduce_ticks(score)


def test_a_form_that_does_not_fit_the_music_is_written_out():
    score = Score((Track((Note(0, 480, 60),)),), meta=(("form", "5 1( 3)2"),))
    assert b"<repeat" not in FORMAT.encode(score).data


def test_a_note_held_over_a_repeat_sign_is_written_out():
    notes = (Note(0, 480, 60), Note(480, 960, 62), Note(960, 480, 60), Note(1440, 960, 62))
    score = Score((Track(notes),), meters=(Meter(0, 2, 4),), meta=(("form", "2 1)2"),))
    assert b"<repeat" not in FORMAT.encode(score).data
    assert [n.end for n in reduce_ticks(back(score)).notes()] == [1, 3, 3, 5]


def test_what_it_cannot_hold_is_named():
    odd = Note(0, 480, 60, marks=frozenset({"no such mark"}))
    strings = Track((), tuning=tuple(range(30, 50)))
    graces = Track((Note(0, 0, 60, marks=frozenset({"grace:3"})), Note(0, 480, 60)))
    score = Score((Track((odd,), "two\nlines"), strings, graces))
    assert codes(score) == {
        *("musicxml.techniques", "musicxml.strings", "musicxml.grace", "musicxml.text")
    }


def test_a_score_of_too_many_bars_is_refused():
    with pytest.raises(FormatError, match="bars"):
        FORMAT.encode(Score((Track((Note(480 * 4 * 30_000, 480, 60),)),)))


def test_a_far_tempo_does_not_make_bars_without_end():
    score = Score((Track((Note(0, 480, 60),)),), tempos=(Tempo(10**12, 90),))
    assert FORMAT.encode(score).data.count(b"<measure ") == 1


def test_a_silent_bar_cut_short_is_a_rest_of_its_length():
    notes = Track((Note(0, 4, 60), Note(5, 4, 60)))
    score = Score((notes,), 1, meters=(Meter(0, 4, 4), Meter(4, 4, 4), Meter(5, 4, 4)))
    data = MusicXmlFormat().encode(score).data.decode()
    assert 'measure="yes"' not in data
    assert back(score).bars() == score.bars()


def music21_sounds(data: bytes) -> list[Counter[tuple[Fraction, Fraction, int]]]:
    from music21 import converter, note

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = converter.parseData(data.decode(), format="musicxml")
        return [
            Counter(
                (
                    Fraction(each.offset).limit_denominator(10_000),
                    Fraction(each.duration.quarterLength).limit_denominator(10_000),
                    one.pitch.midi,
                )
                for each in part.stripTies().flatten().notes
                if not each.duration.isGrace
                for one in (each.notes if each.isChord else [each])
                if isinstance(one, note.Note)
            )
            for part in parsed.parts
        ]


def joined(sounds: Counter[tuple[Fraction, Fraction, int]]) -> list[list[Fraction | int]]:
    """Stretches of one pitch: music21 does not join every tie over a bar line."""
    rows: list[list[Fraction | int]] = []
    for onset, length, pitch in sorted(sounds.elements()):
        if rows and rows[-1][1:] == [onset, pitch]:
            rows[-1][1] = onset + length
        else:
            rows.append([onset, onset + length, pitch])
    return rows


def melodic(score: Score) -> Score:
    """Without what music21 cannot compare: drums, grace notes, overlaps."""
    tracks = []
    for track in score.tracks:
        notes = sorted((n for n in track.notes if n.duration), key=lambda n: n.onset)
        kept = [a for a, b in pairwise(notes) if a.end <= b.onset] + notes[-1:]
        tracks.append(replace(track, notes=tuple(replace(n, marks=frozenset()) for n in kept)))
    return replace(score, tracks=tuple(tracks), meters=())


@given(st.lists(scores(), min_size=1, max_size=2))
@settings(max_examples=6, deadline=None)
def test_music21_reads_the_notes_we_write(written: list[Score]):
    for score in written:
        plain = melodic(score)
        plain = replace(plain, tracks=tuple(t for t in plain.tracks if not t.is_drum and t.notes))
        if not plain.tracks or plain.end > 40 * plain.tpq:
            continue
        expected = [
            Counter((Fraction(n.onset, plain.tpq), Fraction(n.duration, plain.tpq), n.pitch)
                    for n in track.notes)
            for track in plain.tracks
        ]  # fmt: skip
        seen = music21_sounds(FORMAT.encode(plain).data)
        assert list(map(joined, seen)) == list(map(joined, expected))


def test_alphatab_reads_frets_and_onsets_as_written(alphatab):
    notes = tuple(Note(i * 240, 240, GUITAR[i % 6] + i % 5, string=i % 6) for i in range(24))
    chord = tuple(Note(5760, 960, GUITAR[s] + 2, string=s) for s in range(6))
    triplet = tuple(Note(6720 + 160 * i, 160, 64 + i, string=5) for i in range(6))
    score = Score(
        (Track((*notes, *chord, *triplet), "Guitar", 25, tuning=GUITAR),), tempos=(Tempo(0, 96),)
    )
    (seen,) = alphatab([FORMAT.encode(score).data])
    assert not isinstance(seen, str), seen
    track = seen.tracks[0]
    assert track.tuning == GUITAR
    assert [sound[:4] for sound in track.sounds] == [
        (Fraction(n.onset, 480), n.string, n.pitch - GUITAR[n.string or 0], Fraction(n.duration, 480))
        for n in score.notes()
    ]  # fmt: skip
    assert seen.tempos[0] == (0, 96)
