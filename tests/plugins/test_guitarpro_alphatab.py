"""Every Guitar Pro file that we write reads in alphaTab with the same music."""

from __future__ import annotations

import pytest
from guitarpro_scores import GUITAR, scores
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracles import alphatab as oracle
from oracles.alphatab import expected, heard

from textmusic.form import Form, unfold
from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic_guitarpro import GuitarPro3, GuitarPro4, GuitarPro5


def test_without_alphatab_tests_skip_but_fail_on_a_build_server(monkeypatch, tmp_path):
    monkeypatch.setattr(oracle, "HERE", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="npm install"):
        oracle.alphatab_or_skip()
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="npm install"):
        oracle.alphatab_or_skip()


def agree(alphatab, written: list[tuple[bytes, Score]]) -> None:
    for seen, (_, score) in zip(alphatab([data for data, _ in written]), written, strict=True):
        assert heard(seen, score), (seen, expected(score))


@given(st.lists(scores(), min_size=8, max_size=8))
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],  # a shrink would start node hundreds of times
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_generated_scores_are_heard_as_they_are(alphatab, batch: list[Score]):
    agree(alphatab, [(GuitarPro5().encode(score).data, score) for score in batch])


def song() -> Score:
    lead = [
        *(Note(0, 240, 64, 79, 5), Note(240, 960, 67, 79, 5, frozenset({"hammer"}))),
        *(Note(1200, 160, 69, 79, 5, frozenset({"dead"})), Note(1360, 160, 62, 79, 4)),
        Note(1520, 640, 55, 79, 3, frozenset({"bend:2", "palm-mute"})),
        *(Note(2160, 0, 59, 79, 4, frozenset({"grace:1"})), Note(2160, 960, 61, 79, 4)),
        Note(2160, 2880, 45, 79, 1),
    ]
    bass = [Note(i * 480, 480, 28 + i, 79, 0) for i in range(8)]
    drums = [Note(i * 240, 240, key, 79) for i in range(16) for key in (36, 42)]
    return Score(
        (
            Track(tuple(lead), "Lead", 29, tuning=GUITAR, capo=2),
            Track(tuple(bass), "Bass", 33, tuning=(28, 33, 38, 43)),
            Track(tuple(drums), "Drums", is_drum=True),
        ),
        tempos=(Tempo(0, 100), Tempo(1440, 90), Tempo(2400, 80)),
        meters=(Meter(0, 1, 8), Meter(240, 4, 4), Meter(2160, 6, 8)),
    )


def lifted(score: Score) -> Score:
    """The same with the lead's pitches raised by its capo, so that no fret is below 0."""
    lead, *others = score.tracks
    notes = (
        Note(n.onset, n.duration, n.pitch + 2, n.velocity, n.string, n.marks) for n in lead.notes
    )
    raised = Track(tuple(notes), lead.name, lead.program, tuning=lead.tuning, capo=lead.capo)
    return Score((raised, *others), score.tpq, score.tempos, score.meters)


@pytest.mark.parametrize("form", [GuitarPro3(), GuitarPro4(), GuitarPro5()])
def test_a_song_with_everything_is_heard_as_it_is(alphatab, form: GuitarPro5):
    score = lifted(song())
    agree(alphatab, [(form.encode(score).data, score)])


def test_an_ending_where_the_metre_changes_is_heard(alphatab):
    notes = (Note(0, 1920, 64, 79, 5), Note(1920, 1440, 65, 79, 5), Note(3360, 960, 66, 79, 5))
    meters = (Meter(0, 4, 4), Meter(1920, 3, 4), Meter(3360, 2, 4))
    page = Score((Track(notes, tuning=GUITAR),), tempos=(Tempo(0, 100),), meters=meters)
    signs = Form.parse("3 1( 2[1 2)2 3[2")
    assert signs is not None
    score = unfold(page, signs)
    written = GuitarPro5().encode(score)
    assert not written.issues
    agree(alphatab, [(written.data, score)])


def test_a_tempo_behind_tuplets_is_heard_at_its_beat(alphatab):
    septuplets = [Note(i * 96, 96, 64, 79, 5) for i in range(14)]
    notes = (*septuplets, Note(1344, 1344, 65, 79, 5))
    score = Score((Track(notes, tuning=GUITAR),), 672, (Tempo(0, 100), Tempo(1248, 77)))
    agree(alphatab, [(GuitarPro5().encode(score).data, score)])


def test_it_does_not_hang_where_a_grace_note_takes_the_time_of_a_tremolo(alphatab):
    marks = frozenset({"tremolo:32", "slide:legato"})
    notes = (
        *(Note(0, 900, 64, 79, 5), Note(900, 60, 64, 79, 5, marks)),
        *(Note(960, 0, 67, 79, 5, frozenset({"grace:1"})), Note(960, 960, 65, 79, 5)),
    )
    score = Score((Track(notes, tuning=GUITAR),), tempos=(Tempo(0, 100),))
    agree(alphatab, [(GuitarPro5().encode(score).data, score)])


def test_a_long_bar_of_short_notes_is_taken(alphatab):
    notes = tuple(Note(i * 30, 30, 64, 79, 5) for i in range(256))
    score = Score((Track(notes, tuning=GUITAR),), meters=(Meter(0, 4, 1),))
    data = GuitarPro5().encode(score).data
    agree(alphatab, [(data, GuitarPro5().decode(data).scores[0])])


def test_a_sample_of_real_files_is_heard_as_we_hear_it(alphatab, data):
    written = []
    paths = sorted(p for p in (data / "gp").rglob("*.gp[345]") if p.stat().st_size < 50_000)
    for path in paths[3::15]:
        image = GuitarPro5().encode(GuitarPro5().read(path).scores[0]).data
        written.append((image, GuitarPro5().decode(image).scores[0]))
    agree(alphatab, written)
