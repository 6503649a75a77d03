"""alphaTex as we write it: alphaTab reads the same without a complaint, and so do we."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from guitarpro_scores import scores as exact_scores
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracles.alphatex import page, page_seen, read_alphatex, signs, signs_seen

from textmusic.errors import FormatError
from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic.testing import random_score
from textmusic.testing._features import difference
from textmusic.testing._material import ODD_SCORES
from textmusic_guitarpro.alphatex import AlphaTex
from textmusic_guitarpro.alphatex.read import read_song
from textmusic_guitarpro.alphatex.write import write_song
from textmusic_guitarpro.engrave import engrave
from textmusic_guitarpro.limits import Limits
from textmusic_guitarpro.song import Beat, Measure, Part, Rhythm, Song, Struck, TempoChange

GUITAR = (40, 45, 50, 55, 59, 64)
LIMITS = Limits(unstringed=True, shortest=256)
MARKS = [
    *("hammer", "slide", "slide:legato", "slide:in-below", "slide:in-above", "slide:out-down"),
    *("slide:out-up", "harmonic", "harmonic:artificial", "harmonic:pinch", "harmonic:tap"),
    *("harmonic:semi", "harmonic:feedback", "vibrato", "vibrato:wide", "palm-mute", "let-ring"),
    *("staccato", "accent", "ghost", "dead", "tap", "slap", "pop", "tremolo:8", "tremolo:16"),
    *("tremolo:32", "tremolo:64", "trill:67", "bend:2", "bend:0.5", "whammy:0@0,-2@50,0@100"),
]


def beat(value: int, *notes: Struck, dots: int = 0, tuplet: tuple[int, int] = (1, 1)) -> Beat:
    return Beat(Rhythm(value, dots, *tuplet), list(notes))


def struck(fret: int, string: int | None = None, *marks: str, tied: bool = False) -> Struck:
    return Struck(fret, string, is_tied=tied, velocity=95, marks=set(marks))


def song() -> Song:
    """A page with everything that alphaTex holds."""
    measures = [
        Measure(1, 4, 2, "major", is_pickup=True, tempos=[TempoChange(Fraction(0), 120.5)]),
        Measure(4, 4, 2, "major", opens=True, tempos=[TempoChange(Fraction(4, 3), 90.0)]),
        Measure(4, 4, -3, "minor", passes=3, endings=frozenset({1, 2})),
        Measure(12, 8, -3, "minor", endings=frozenset({3})),
        Measure(12, 8, -3, "minor"),
    ]
    grace = Beat(Rhythm(32), [struck(2, 3)], is_grace=True)
    guitar = [
        [[beat(4, struck(3, 3))]],
        [
            [beat(8, struck(0, 5), struck(1, 4), dots=1), beat(16), grace, beat(4, struck(3, 3))],
            [beat(2, struck(3, 0)), beat(2, struck(3, 0, tied=True))],
        ],
        [[beat(8, struck(n, 2), tuplet=(3, 2)) for n in range(3)] + [beat(0), beat(-1)], []],
        [[beat(16, struck(5, 1), tuplet=(7, 8)), beat(4, struck(-1, 0), dots=2)]],
        [],
    ]
    techniques = [[[beat(4, struck(5, 3, mark)) for mark in MARKS]], *([] for _ in range(4))]
    piano = [
        [[beat(4, struck(60), struck(64), struck(67))]],
        [[beat(1, struck(60, None, "dead"), struck(64, None, tied=True)), beat(1, struck(11))]],
        *([] for _ in range(3)),
    ]
    drums = [[[beat(4, struck(36), struck(42)), beat(4, struck(83, None, "ghost"))]]]
    drums += [[] for _ in range(4)]
    parts = [
        Part("Lead", 27, tuning=GUITAR, capo=2, measures=guitar),
        Part("", 33, tuning=(4, 9, 14, 19), measures=techniques[:1] + [[] for _ in range(4)]),
        Part('"Grand" \\ piano', 0, measures=piano),
        Part("Kit", 5, is_drum=True, measures=drums),
    ]
    meta = {"title": 'A "T"', "composer": "M", "comment": "one\ntwo", "provenance": "here"}
    return Song(measures, parts, meta)


def normal(found: Song) -> Song:
    """Leave out empty voices at the end, which say nothing, and sort notes."""
    for part in found.parts:
        for voices in part.measures:
            while voices and not voices[-1]:
                voices.pop()
    return found


def test_a_page_comes_back_as_it_was():
    text, issues = write_song(song())
    again, found = read_song(text)
    assert (issues, found) == ((), ())
    expected = normal(song())
    expected.parts[0].measures[-1] = [[beat(1), beat(2)]]  # else the last bar is cut off
    assert normal(again) == expected


def test_a_text_is_for_people():
    score = Score(
        (
            Track((Note(0, 480, 64, 95, 5), Note(480, 240, 45, 95, 1)), "Lead", 25, tuning=GUITAR),
            Track((Note(0, 480, 36, 79), Note(0, 480, 42, 79)), "Kit", is_drum=True),
        ),
        480,
        (Tempo(0, 90),),
        meta={"title": "Riff", "origin": "ours"},
    )
    assert AlphaTex().encode(score).data.decode().splitlines() == [
        '\\title ("Riff")',
        '\\notices ("origin: ours")',
        "",
        '\\track ("Lead") { instrument AcousticGuitarSteel }',
        "\\staff {score tabs}",
        "\\tuning (E4 B3 G3 D3 A2 E2)",
        "\\ts (4 4) \\tempo (90) \\clef (G2) 0.1.4 0.5.8 r.2 r.8 |",
        "",
        '\\track ("Kit") { instrument percussion }',
        "\\staff {score}",
        "\\articulation (defaults)",
        "\\clef (N) (HiHatClosed KickHit2).4{dy mf} r.2{d} |",
    ]


def agrees(seen: dict, written: Song) -> None:
    """Check that alphaTab sees a page as it was meant, without a single diagnostic."""
    assert seen["diagnostics"] == []
    assert page(written) == page_seen(seen)
    told, mine = signs_seen(seen), signs(written)
    if not any(offset == 0 for offset, _ in mine[0][-1]):  # alphaTab always has a first tempo
        told[0][-1] = {change for change in told[0][-1] if change[0]}
    assert told == mine


def test_alphatab_reads_the_page(alphatab):
    text, _ = write_song(song())
    (seen,) = read_alphatex([text])
    again, _ = read_song(text)
    agrees(seen, again)
    assert seen["texts"]["title"] == 'A "T"'
    assert seen["texts"]["notices"] == "one\ntwo\nprovenance: here"
    techniques = page(again, signs=True)[1]["beats"]
    shown = page_seen(seen, signs=True)[1]["beats"]
    assert techniques == shown
    bends = [each["notes"][0]["bend"] for each in seen["staves"][1]["beats"]]
    assert [bend for bend in bends if bend] == [[[0, 0], [60, 4]], [[0, 0], [60, 1]]]
    assert seen["staves"][1]["beats"][-1]["whammy"] == [[0, 0], [30, -4], [60, 0]]


def test_alphatab_reads_random_and_odd_scores(alphatab):
    found = [*ODD_SCORES, *(random_score(Random(seed)) for seed in range(60))]
    written = [AlphaTex().encode(score).data.decode() for score in found]
    for score, text, seen in zip(found, written, read_alphatex(written), strict=True):
        laid, _ = engrave(score, LIMITS)
        again, issues = read_song(text)
        assert issues == ()
        agrees(seen, again)
        if not any(part.is_drum for part in laid.parts):
            agrees(seen, laid)


@given(st.lists(exact_scores(), min_size=8, max_size=8))
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],  # a shrink would start node hundreds of times
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_alphatab_reads_generated_scores(alphatab, batch: list[Score]):
    written = [AlphaTex().encode(score).data.decode() for score in batch]
    for score, seen in zip(batch, read_alphatex(written), strict=True):
        agrees(seen, engrave(score, LIMITS)[0])


@given(exact_scores())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_scores_come_back_as_they_were(score: Score):
    written = AlphaTex().encode(score)
    loaded = AlphaTex().decode(written.data)
    assert difference(score, loaded.scores[0], AlphaTex.keeps) is None
    assert loaded.issues == ()


def through(score: Score) -> tuple[Score, list[str]]:
    written = AlphaTex().encode(score)
    (again,) = AlphaTex().decode(written.data).scores
    return again, [issue.code for issue in written.issues]


def test_repeats_come_back_folded():
    text = r"\ro 3.3.1 | \ae 1 \rc 2 5.3 | \ae 2 7.3 | 8.3"
    (score,) = AlphaTex().decode(text.encode()).scores
    assert [note.pitch - 55 for note in score.notes()] == [3, 5, 3, 7, 8]
    again, codes = through(score)
    assert (again, codes) == (score, [])
    assert "\\rc (2)" in AlphaTex().encode(score).data.decode()


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ({"no such mark"}, ["alphatex.techniques"]),
        ({"trill"}, ["alphatex.techniques"]),
        ({"bend"}, ["alphatex.techniques"]),
        ({"pull"}, ["alphatex.techniques"]),
        ({"bend-curve:0@0,1@30", "bend:1", "whammy:0@0,-1.5@33"}, []),
    ],
)
def test_what_is_lost_of_techniques_is_told(marks: set[str], told: list[str]):
    note = Note(0, 480, 45, 95, 1, frozenset(marks))
    again, codes = through(Score((Track((note,), tuning=GUITAR),)))
    assert codes == told
    if not told:
        assert next(again.notes()).marks == marks


def test_what_a_whole_chord_gets_is_told():
    notes = (Note(0, 480, 64, 95, 5, frozenset({"tap"})), Note(0, 480, 59, 95, 4))
    again, codes = through(Score((Track(notes, tuning=GUITAR),)))
    assert codes == ["alphatex.techniques"]
    assert [set(note.marks) for note in again.notes()] == [{"tap"}, {"tap"}]


def test_drum_keys_without_a_name_are_left_out_and_named():
    written = AlphaTex().encode(Score((Track((Note(0, 480, 20), Note(0, 480, 36)), is_drum=True),)))
    assert [issue.code for issue in written.issues][:1] == ["alphatex.drum"]
    assert "20" in written.issues[0].message


def test_drum_keys_of_guitar_pro_become_those_of_general_midi():
    notes = tuple(Note(480 * at, 480, key) for at, key in enumerate((93, 30, 127)))
    again, codes = through(Score((Track(notes, is_drum=True),)))
    assert ([note.pitch for note in again.notes()], codes) == ([51, 49, 59], ["alphatex.drum"])


def test_every_drum_key_with_a_name_comes_back():
    keys = [31, *range(33, 88)]
    notes = tuple(Note(480 * at, 480, key, 95) for at, key in enumerate(keys))
    again, codes = through(Score((Track(notes, is_drum=True),)))
    assert ([note.pitch for note in again.notes()], codes) == (keys, [])


@pytest.mark.parametrize("tuning", [(0, 5, 10), (40,), (100, 110, 120), tuple(range(30, 75, 5))])
def test_any_tuning_comes_back(tuning: tuple[int, ...]):
    notes = tuple(Note(0, 480, pitch + 3, 95, string) for string, pitch in enumerate(tuning))
    again, codes = through(Score((Track(notes, "T", 3, tuning=tuning, capo=1),)))
    assert (again.tracks[0].tuning, again.tracks[0].capo, codes) == (tuning, 1, [])


def test_a_bar_beyond_the_time_signatures_is_refused_or_fitted():
    page_of_one = Song([Measure(33, 4)], [Part(measures=[[[beat(1)]]])])
    with pytest.raises(FormatError, match="33/4"):
        write_song(page_of_one)
    again, _ = through(Score((Track((Note(0, 480, 60),)),), meters=(Meter(0, 33, 4),)))
    assert again.tracks[0].notes[0].pitch == 60


def test_nothing_is_lost_of_a_score_without_tracks():
    again, codes = through(Score(meta={"title": "Silence"}))
    assert (again.get("title"), codes) == ("Silence", [])
