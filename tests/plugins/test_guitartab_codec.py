"""The codec `guitartab`: its event text, what it keeps and what it says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from textmusic.errors import ConfigError, DecodeError, EncodeError
from textmusic.fretboard import GUITAR
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_guitartab import GuitarTabCodec

CODEC = GuitarTabCodec()
HEADER = "@4/4 E2 A2 D3 G3 B3 E4"
RIFF = """\
@4/4 E2 A2 D3 G3 B3 E4 c2 t96
E0B0q rq G0i B0i D2G0q
~i eci . Bcs Bas G9j B8j e7j E3A2D0G0B0e3q
%2
M3/4 {E0q . }E3q
%
M4/4 e5+4q e3*q B5` B7h
M1/4 G2/q
"""


def on(onset: int, duration: int, pitch: int, string: int | None = None, *marks: str) -> Note:
    return Note(onset, duration, pitch, string=string, marks=frozenset(marks))


def guitar(*notes: Note, **fields) -> Score:
    return Score((Track(notes, tuning=GUITAR, **fields),), 480)


def text_of(score: Score) -> str:
    return CODEC.encode(CODEC.project(score))


def bars_of(score: Score) -> list[str]:
    return text_of(score).split("\n")[1:-1]


def test_a_text_with_everything_reads_and_writes_back():
    parsed = CODEC.parse(RIFF)
    assert parsed.issues == ()
    score = parsed.score
    assert CODEC.project(score) == score
    # a tempo, a capo, a bar of its own length at the end
    assert score.tempos == (Tempo(0, 96),)
    assert score.tracks[0].capo == 2
    assert [bar.end - bar.onset for bar in score.bars()[-2:]] == [4 * 1680, 1680]
    again = CODEC.encode(score)
    assert CODEC.decode(again) == score
    assert CODEC.canonical(again) == again == CODEC.encode(CODEC.decode(again))


def test_the_example_of_the_documentation_has_these_notes():
    text = f"{HEADER}\nE0B0q rq G0i B0i D2G0q\n~i eci rq rh\n"
    notes = CODEC.decode(text).tracks[0].notes
    quarter = 1680
    assert [(n.onset / quarter, n.duration / quarter, n.pitch, n.string) for n in notes] == [
        (0, 1, 40, 0), (0, 1, 59, 4), (2, 0.5, 55, 3), (2.5, 0.5, 59, 4),
        (3, 1.5, 52, 2), (3, 1.5, 55, 3), (4.5, 0.5, 76, 5),
    ]  # fmt: skip


def test_equal_bars_are_written_as_references():
    bar = [(0, 60), (480, 62), (960, 64), (1440, 65)]
    other = [(0, 67), (960, 65), (1440, 65)]
    notes = []
    for index, pattern in enumerate([bar, bar, other, bar, other, bar, bar]):
        onsets = [onset for onset, _ in pattern] + [1920]
        for (onset, pitch), end in zip(pattern, onsets[1:], strict=True):
            notes.append(on(1920 * index + onset, end - onset, pitch))
    bars = bars_of(Score((Track(tuple(notes)),), 480))
    assert [bar for bar in bars if bar.startswith("%")] == ["%", "%2", "%2", "%2", "%"]


def test_a_repeated_event_is_a_dot_within_its_bar_only():
    score = guitar(*(on(480 * i, 480, 64, 5) for i in range(6)))
    assert bars_of(score) == ["e0q . . .", "e0q . rh"]


def test_metre_changes_upbeats_and_cut_bars_survive():
    notes = [on(240 * i, 240, 60 + i % 5) for i in range(30)]
    score = Score(
        (Track(tuple(notes)),),
        480,
        meters=(Meter(0, 4, 4), Meter(240, 4, 4), Meter(2160, 3, 4), Meter(2160 + 1440, 6, 8)),
    )
    projected = CODEC.project(score)
    bars = bars_of(score)
    assert bars[0].endswith("!")
    assert bars[2].startswith("M3/4 ")
    assert bars[3].startswith("M6/8 ")
    assert [(b.numerator, b.denominator) for b in CODEC.decode(text_of(score)).bars()] == [
        (b.numerator, b.denominator) for b in score.bars()
    ]
    assert CODEC.decode(CODEC.encode(projected)) == projected


def test_two_cut_bars_that_make_a_full_one_become_one():
    # an upbeat of an eighth, one bar, one bar less an eighth, and again from the upbeat
    notes = [on(240 * i, 240, 60 + i % 5) for i in range(17)]
    meters = (Meter(0, 2, 4), Meter(240, 2, 4), Meter(1920, 2, 4), Meter(2160, 2, 4))
    bars = bars_of(Score((Track(tuple(notes)),), 480, meters=meters))
    assert [bar.endswith("!") for bar in bars] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("parts", "lengths"),
    [
        (8, "z"), (16, "k"), (3, "j"), (6, "t"), (12, "u"), (24, "d"), (5, "p"), (7, "v"),
    ],
)  # fmt: skip
def test_fine_and_odd_divisions_are_exact(parts: int, lengths: str):
    tpq = 1680
    notes = [on(i * tpq // parts, tpq // parts, 60 + i % 3) for i in range(parts)]
    score = Score((Track(tuple(notes)),), tpq)
    projected = CODEC.project(score)
    assert [n.onset for n in projected.tracks[0].notes] == [n.onset for n in notes]
    assert [n.duration for n in projected.tracks[0].notes] == [n.duration for n in notes]
    assert f"{lengths} " in CODEC.encode(projected)
    assert CODEC.decode(CODEC.encode(projected)) == projected


def test_grids_may_change_from_beat_to_beat():
    onsets = [0, 240, 480, 640, 800, 960, 1056, 1152, 1248, 1344, 1440]
    ends = [*onsets[1:], 1920]
    notes = [on(a, b - a, 60) for a, b in zip(onsets, ends, strict=True)]
    projected = CODEC.project(Score((Track(tuple(notes)),), 480))
    assert [n.onset * 480 / 1680 for n in projected.tracks[0].notes] == onsets


def test_played_times_go_to_the_simplest_grid_near_them():
    onsets = [3, 236, 485, 728, 955, 1211, 1438, 1683]
    notes = [on(onset, 200, 60 + i) for i, onset in enumerate(onsets)]
    score = Score((Track(tuple(notes)),), 480)
    assert bars_of(score)[0].count("i") == 8
    assert "r" not in bars_of(score)[0]
    codes = [issue.code for issue in CODEC.explain(score)]
    assert "guitartab.grid" in codes


def test_every_technique_has_a_character_and_comes_back():
    marks = (
        *("hammer", "pull", "slide", "slide:legato", "slide:in-below", "slide:in-above"),
        *("slide:out-down", "slide:out-up", "bend", "bend:0.5", "bend:2", "bend:4.5", "release"),
        *("vibrato", "palm-mute", "let-ring", "harmonic", "harmonic:artificial", "dead"),
        *("harmonic:pinch", "harmonic:tap", "ghost", "tap", "slap", "pop", "accent"),
        *("staccato", "trill", "tremolo:16"),
    )
    notes = [on(480 * i, 480, 64, 5, mark) for i, mark in enumerate(marks)]
    decoded = CODEC.decode(text_of(guitar(*notes)))
    assert [note.marks for note in decoded.tracks[0].notes] == [note.marks for note in notes]


def test_palm_muting_and_ringing_are_switches_within_the_bar():
    muted = [on(240 * i, 240, 40, 0, "palm-mute") for i in range(8)]
    mixed = [
        on(1920 + 240 * i, 240, 40, 0, *(("palm-mute",) if i < 4 else ("let-ring",) * (i < 6)))
        for i in range(8)
    ]
    assert bars_of(guitar(*muted, *mixed)) == [
        "{E0i . . . . . . .",
        "{E0i . . . &. . }. .",
    ]


def test_notes_struck_together_end_together_and_ring_until_the_next():
    score = guitar(on(0, 1920, 40, 0), on(0, 240, 64, 5), on(480, 240, 62, 4), on(960, 960, 60, 4))
    assert bars_of(score) == ["E0e0q B3i ri B1h"]


def test_tempo_changes_other_tracks_and_unknown_marks_are_named():
    score = Score(
        (
            Track((on(0, 480, 64, 5, "wobble"),), tuning=GUITAR, name="lead"),
            Track((on(0, 480, 40),), is_drum=True),
        ),
        480,
        tempos=(Tempo(0, 120.4), Tempo(480, 90)),
        keys=(Key(0, 2),),
    )
    assert text_of(score) == f"{HEADER} t120\ne0q rH\n"
    codes = {issue.code for issue in CODEC.explain(score)}
    assert codes == {"guitartab.tracks", "guitartab.tempo", "guitartab.marks"}


def test_a_tune_moves_onto_the_neck_by_octaves_and_says_so():
    tune = Score((Track(tuple(on(480 * i, 480, p) for i, p in enumerate((74, 78, 81, 83)))),), 480)
    projected = CODEC.project(tune)
    assert [n.pitch for n in projected.tracks[0].notes] == [62, 66, 69, 71]
    assert "guitartab.octave" in {issue.code for issue in CODEC.explain(tune)}


def test_a_bass_part_gets_four_strings():
    bass = Score((Track((on(0, 480, 28), on(480, 480, 33)), program=33),), 480)
    assert text_of(bass).startswith("@4/4 E1 A1 D2 G2\nE0q A0q")


def test_drums_alone_cannot_be_projected_and_have_no_part():
    drums = Score((Track((on(0, 480, 40),), is_drum=True),), 480)
    assert CODEC.parts(drums) == ()
    with pytest.raises(EncodeError, match="no track"):
        CODEC.project(drums)


def test_encode_refuses_what_it_would_change():
    projected = CODEC.project(guitar(on(0, 480, 64, 5)))
    (track,) = projected.tracks
    for wrong in (
        replace(projected, meta=(("title", "x"),)),
        replace(projected, tracks=()),
        replace(projected, tracks=(replace(track, program=30),)),
        replace(projected, tracks=(replace(track, notes=(on(1, 3, 64, 5),)),)),
        replace(projected, tracks=(replace(track, notes=(on(0, 1680, 64, 5, "wobble"),)),)),
        replace(projected, tracks=(replace(track, notes=(on(0, 1680, 99, 5),)),)),
        replace(projected, tempos=(Tempo(0, 120.5),)),
        guitar(on(0, 480, 64, 5)),
    ):
        with pytest.raises(EncodeError):
            CODEC.encode(wrong)


def test_parts_are_tracks_without_their_long_silences():
    lead = Track(
        tuple(on(1920 * bar, 1920, 64, 5) for bar in (4, 5, 10)), tuning=GUITAR, name="lead"
    )
    drums = Track((on(0, 480, 40),), is_drum=True)
    score = Score((drums, lead), 480, tempos=(Tempo(0, 100), Tempo(1920, 140)))
    (part,) = CODEC.parts(score)
    assert text_of(part) == f"{HEADER} t140\ne0w\n%\nrw\n%\n%4\n"


def test_parts_keep_cut_bars_where_silence_is_taken_out():
    lead = Track((on(1920 * 5, 240, 64), on(1920 * 5 + 240, 1920, 62)))
    meters = (Meter(0, 4, 4), Meter(1920 * 5 + 240, 4, 4))
    (part,) = CODEC.parts(Score((lead,), 480, meters=meters))
    assert bars_of(part)[0].endswith("!")
    assert len(bars_of(part)) == 2


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ("e0q e0q e0q\n", "guitartab.bar-short", (2, 12)),
        ("e0w e0q\n", "guitartab.event", (2, 4)),
        ("e0q e0w\n", "guitartab.bar-overfull", (2, 7)),
        ("e0B0q rH\n", "guitartab.string-order", (2, 3)),
        ("ezq rH\n", "guitartab.fret-range", (2, 2)),
        ("%\n", "guitartab.bar", (2, 1)),
        ("e0w\n%2\n", "guitartab.reference", (3, 2)),
        ("e0w\nM3/7 e0H\n", "guitartab.meter", (3, 4)),
        ("rq . rh\n", "guitartab.event", (2, 4)),
        ("e0w", "guitartab.event", (2, 4)),
        ("", "guitartab.bar", (2, 1)),
    ],
)
def test_issues_name_the_place(body: str, code: str, place: tuple[int, int]):
    text = f"{HEADER}\n{body}"
    issue = CODEC.validate(text)[0]
    assert issue.code == code
    line, column = place
    assert issue.render(text, "x.tab").startswith(f"x.tab:{line}:{column}: {code}: ")
    with pytest.raises(DecodeError):
        CODEC.decode(text)


def test_a_bad_line_spoils_one_bar_only():
    text = f"{HEADER}\ne0q e1q oops\ne3w\n%\nxx\n%2\n"
    parsed = CODEC.parse(text)
    assert [issue.offset for issue in parsed.issues] == [text.index("oops"), text.index("xx")]
    notes = [(n.onset // 1680, n.pitch) for n in parsed.score.tracks[0].notes]
    assert notes == [(0, 64), (1, 65), (4, 67), (8, 67), (16, 67)]


def test_canonical_needs_notes():
    for text in ("", "@", f"{HEADER}\nrw\n", "no tablature here", "@4/4 E2\n"):
        with pytest.raises(DecodeError):
            CODEC.canonical(text)


def test_documents_of_its_own_kind_are_split_at_their_headers():
    texts = [f"{HEADER}\ne0w\n", f"{HEADER}\ne1w\n%\n"]
    found = list(CODEC.documents("".join(texts)))
    assert [document.text for document in found] == texts
    assert found[1].offset == len(texts[0])


def test_transposition_moves_frets_and_refuses_what_leaves_the_neck():
    text = f"{HEADER}\nE3A5q e0q rh\n"
    assert CODEC.transpose(text, 2) == f"{HEADER}\nE5A7q e2q rh\n"
    lower = CODEC.transpose(text, -2)
    assert lower is not None
    assert [n.pitch for n in CODEC.decode(lower).tracks[0].notes] == [41, 48, 62]
    assert CODEC.transpose(text, -10) is None
    assert CODEC.transpose(f"{HEADER}\nExw\n", 1) is None
    assert CODEC.transpose("nonsense", 1) is None


def test_options_survive_json_and_unknown_ones_are_refused():
    for layout in ("events", "columns", "rows"):
        codec = GuitarTabCodec(layout)
        assert GuitarTabCodec.from_config(json.loads(json.dumps(codec.config()))) == codec
    with pytest.raises(ConfigError, match="it has events, columns, rows"):
        GuitarTabCodec("circles")


def test_a_neck_that_no_text_has_is_named():
    three = Score((Track([on(0, 480, 57, 0)], tuning=(55, 60, 64)),), 480)
    issue = CODEC.explain(three)[0]
    assert issue.code == "guitartab.tuning"
    assert "3 strings G3 C4 E4" in issue.message
    assert CODEC.project(three).tracks[0].tuning == GUITAR
