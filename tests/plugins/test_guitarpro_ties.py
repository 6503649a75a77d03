"""Reading Guitar Pro files: ties, repeats and endings."""

from __future__ import annotations

import io
import re

import guitarpro
import pytest
from guitarpro import models as gp
from guitarpro_songs import QUARTER, codes, load, notes, song, spans, strike

from textmusic.score import Key, Meter, Tempo
from textmusic_guitarpro import GuitarPro4


def test_ties_become_one_longer_note_also_over_bars():
    made = song(2)
    strike(made, 5, value=1)
    strike(made, 5, measure=1).type = gp.NoteType.tie
    assert spans(load(made)) == [(0, 5 * QUARTER, 69)]


def tied_image(measures: int, *, stored: int) -> bytes:
    """A file with fret 5, then empty measures, then a tie with a stored fret."""
    made = song(measures)
    made.tracks[0].strings[0].value = 60
    strike(made, 5, value=1)
    strike(made, 99, measure=measures - 1, value=1)
    for measure in made.tracks[0].measures[1 : measures - 1]:
        measure.voices[0].beats = [gp.Beat(measure.voices[0], status=gp.BeatStatus.rest)]
    stream = io.BytesIO()
    guitarpro.write(made, stream, version=(4, 0, 6))
    head, tail = stream.getvalue().rsplit(bytes((1, 99)), 1)
    return head + bytes((2, stored)) + tail


def test_a_tie_goes_on_with_the_fret_at_most_three_measures_before():
    near = GuitarPro4().decode(tied_image(4, stored=0))
    assert [(n.onset, n.pitch) for n in notes(near)] == [(0, 65)]
    far = GuitarPro4().decode(tied_image(5, stored=7))
    assert [(n.onset, n.pitch) for n in notes(far)] == [(0, 65), (16 * QUARTER, 67)]
    assert codes(far) == {"guitarpro.tie"}


def test_a_tie_from_nothing_is_struck_at_its_stored_fret_and_reported():
    made = song()
    strike(made, 0).type = gp.NoteType.tie
    strike(made, 3)
    loaded = load(made)
    assert spans(loaded) == [(0, QUARTER, 64), (QUARTER, QUARTER, 67)]
    assert codes(loaded) == {"guitarpro.tie"}


def test_a_tie_takes_the_fret_of_a_grace_note_before_it():
    made = song()
    strike(made, 5)
    tied = strike(made, 0)
    tied.type, tied.effect.grace = gp.NoteType.tie, gp.GraceEffect(fret=3)
    found = [(note.pitch, "grace:1" in note.marks) for note in notes(load(made))]
    assert found == [(69, False), (67, True), (67, False)]


def test_a_tied_drum_from_nothing_has_no_key_and_is_left_out():
    made = song()
    track = made.tracks[0]
    track.isPercussionTrack = True
    track.channel.channel = track.channel.effectChannel = 9
    strike(made, 36, 6).type = gp.NoteType.tie
    strike(made, 38, 5)
    loaded = load(made)
    assert [n.pitch for n in notes(loaded)] == [38]
    assert codes(loaded) == {"guitarpro.tie"}


def test_repeats_and_endings_are_played_out_with_tempo_metre_and_key():
    made = song(3)
    for index, fret in enumerate((0, 1, 2)):
        strike(made, fret, measure=index, value=1)
    first, second, third = made.measureHeaders
    first.isRepeatOpen = True
    second.repeatAlternative, second.repeatClose = 1, 1
    third.repeatAlternative = 2
    third.timeSignature = gp.TimeSignature(3, gp.Duration(4))
    third.keySignature = gp.KeySignature.EMinor
    change = gp.MixTableChange(tempo=gp.MixTableItem(90), hideTempo=False)
    made.tracks[0].measures[2].voices[0].beats[0].effect.mixTableChange = change
    score = load(made).scores[0]
    assert [n.pitch for n in score.notes()] == [64, 65, 64, 66]
    assert score.tempos == (Tempo(0, 120), Tempo(12 * QUARTER, 90))
    assert score.meters == (Meter(0, 4, 4), Meter(12 * QUARTER, 3, 4))
    assert score.keys == (Key(0, 0), Key(12 * QUARTER, 1, "minor"))


@pytest.mark.parametrize("version", [(3, 0, 0), (4, 0, 6)])
@pytest.mark.parametrize(
    ("signs", "form"),
    [
        ("1( 2[3 2)2 3[4 3)2 4[8", "5 1( 2[1,2,3 2)2 3[4 3)2 4[5,6,7,8"),
        ("1( 2[1 3)2 4[2", "5 1( 2[1 3)2 4[2"),
        ("1[1 1)2 3[2 5[3", "5 1[1 1)2 3[1,2 5[3"),
        ("1( 2[1 3( 4[2", "5 1( 2[1 3( 4[1,2"),
    ],
)
def test_endings_of_old_files_are_those_not_yet_taken(
    version: tuple[int, int, int], signs: str, form: str
):
    """Guitar Pro 3 and 4 store the last pass of an ending alone."""
    made = song(5)
    strike(made, 0)
    for number, sign, last in re.findall(r"(\d)([(\[)])(\d*)", signs):
        header = made.measureHeaders[int(number) - 1]
        if sign == "(":
            header.isRepeatOpen = True
        elif sign == ")":
            header.repeatClose = int(last) - 1
        else:
            header.repeatAlternative = 1 << int(last) - 1
    stream = io.BytesIO()
    guitarpro.write(made, stream, version=version)
    (score,) = GuitarPro4().decode(stream.getvalue()).scores
    assert score.get("form") == form
