"""Reading Guitar Pro files: tracks, techniques, texts."""

from __future__ import annotations

import pytest
from guitarpro import models as gp
from guitarpro_songs import codes, load, notes, song, spans, strike

from textmusic_guitarpro._source import repaired_text, storable_text


def test_string_0_is_the_lowest_and_the_capo_raises_the_pitch():
    made = song()
    made.tracks[0].offset = 2
    strike(made, 3, string=6)
    track = load(made).scores[0].tracks[0]
    (note,) = track.notes
    assert track.tuning == (40, 45, 50, 55, 59, 64)
    assert (note.string, note.pitch, track.fret(note), track.capo) == (0, 45, 3, 2)


def test_a_capo_below_the_nut_lowers_the_tuning():
    made = song()
    made.tracks[0].offset = -2
    strike(made, 0)
    track = load(made).scores[0].tracks[0]
    assert (track.tuning[-1], track.capo, track.notes[0].pitch) == (62, 0, 62)


def test_second_voices_are_marked():
    made = song()
    strike(made, 0, 1)
    strike(made, 3, 6, voice=1, value=2)
    loaded = load(made)
    assert spans(loaded) == [(0, 960, 43), (0, 480, 64)]
    assert [n.marks for n in notes(loaded)] == [{"voice:2"}, frozenset()]


def test_hammer_ons_and_pull_offs_are_told_apart_by_the_next_fret():
    made = song()
    for fret in (2, 5, 3):
        strike(made, fret, value=8).effect.hammer = True
    assert [n.marks for n in notes(load(made))] == [{"hammer"}, {"pull"}, {"hammer"}]


def test_techniques_become_marks():
    made = song()
    effect = strike(made, 5, value=8).effect
    points = [gp.BendPoint(0, 0), gp.BendPoint(6, 3), gp.BendPoint(12, 0)]
    effect.bend = gp.BendEffect(gp.BendType.bendRelease, 75, points)
    effect.vibrato = effect.palmMute = effect.letRing = True
    effect.slides = [gp.SlideType.legatoSlideTo, gp.SlideType.intoFromBelow]
    other = strike(made, 7, value=8)
    other.type = gp.NoteType.dead
    other.effect.trill = gp.TrillEffect(9, gp.Duration(16))
    other.effect.tremoloPicking = gp.TremoloPickingEffect(gp.Duration(16))
    other.effect.harmonic = gp.PinchHarmonic()
    other.beat.effect.slapEffect = gp.SlapEffect.popping
    first, second = notes(load(made))
    bend = {"bend:1.5", "bend-curve:0@0,1.5@50,0@100", "release"} | {
        *("vibrato", "palm-mute", "let-ring")
    }
    assert first.marks == bend | {"slide:legato", "slide:in-below"}
    assert second.marks == {"dead", "trill:73", "tremolo:16", "harmonic:pinch", "pop"}


def test_the_whammy_bar_becomes_marks():
    made = song()
    first = strike(made, 5).beat.effect
    points = [gp.BendPoint(0, 0), gp.BendPoint(6, -4), gp.BendPoint(12, 0)]
    first.tremoloBar = gp.BendEffect(gp.BendType.dip, 100, points)
    strike(made, 7).beat.effect.vibrato = True
    assert [n.marks for n in notes(load(made))] == [{"whammy:0@0,-2@50,0@100"}, {"vibrato:wide"}]
    assert notes(load(made, (3, 0, 0)))[0].marks == {"whammy:0@0,-2@50,0@100"}


def test_what_a_score_does_not_hold_is_named():
    made = song()
    made.lyrics.lines[0].lyrics = "la"
    made.measureHeaders[0].marker = gp.Marker("Verse")
    made.measureHeaders[0].tripletFeel = gp.TripletFeel.eighth
    note = strike(made, 5)
    effect = note.beat.effect
    effect.stroke = gp.BeatStroke(gp.BeatStrokeDirection.up, 16)
    effect.pickStroke = gp.BeatStrokeDirection.down
    effect.fadeIn = effect.hasRasgueado = True
    effect.mixTableChange = gp.MixTableChange(
        instrument=gp.MixTableItem(30), volume=gp.MixTableItem(9), wah=gp.WahEffect(50)
    )
    note.beat.text = "slowly"
    note.beat.octave = gp.Octave.ottava
    note.effect.leftHandFinger = gp.Fingering.index
    note.effect.heavyAccentuatedNote = True
    note.effect.grace = gp.GraceEffect(fret=3, isOnBeat=True)
    note.effect.harmonic = gp.TappedHarmonic(9)
    loaded = load(made)
    named = {issue.code.removeprefix("guitarpro.") for issue in loaded.issues}
    assert named == {
        *("lyrics", "marker", "triplet-feel", "stroke", "pick-stroke", "fade", "rasgueado"),
        *("program-change", "mix", "wah", "text", "ottava", "fingering", "accent"),
        *("grace-on-beat", "harmonic"),
    }
    assert {issue.severity for issue in loaded.issues} == {"note"}


def test_grace_notes_have_their_own_fret_and_no_duration():
    made = song()
    transition = gp.GraceEffectTransition.hammer
    strike(made, 5).effect.grace = gp.GraceEffect(fret=3, transition=transition)
    grace, main = notes(load(made))
    assert (grace.onset, grace.duration, grace.pitch) == (0, 0, 67)
    assert grace.marks == {"grace:1", "hammer"}
    assert main.pitch == 69


def test_drum_tracks_hold_keys_instead_of_frets():
    made = song()
    track = made.tracks[0]
    track.isPercussionTrack = True
    track.channel.channel = track.channel.effectChannel = 9
    track.strings = [gp.GuitarString(n, 0) for n in range(1, 7)]
    strike(made, 36, 6)
    read = load(made).scores[0].tracks[0]
    assert (read.is_drum, read.tuning, read.notes[0].pitch, read.notes[0].string) == (
        *(True, (), 36, None),
    )


def test_tuplets_are_exact():
    made = song()
    for _ in range(7):
        note = strike(made, 0, value=8)
        note.beat.duration.tuplet = gp.Tuplet(7, 4)
    loaded = load(made)
    assert loaded.scores[0].tpq == 3360
    assert {duration for _, duration, _ in spans(loaded)} == {3360 * 2 // 7}


def test_jumps_are_reported_not_played():
    made = song()
    strike(made, 0)
    made.measureHeaders[0].direction = gp.DirectionSign("Coda")
    assert "guitarpro.directions" in codes(load(made))


@pytest.mark.parametrize("version", [(3, 0, 0), (4, 0, 6), (5, 0, 0), (5, 1, 0)])
def test_all_versions_are_read_by_content(version: tuple[int, int, int]):
    made = song()
    made.title = "Tune"
    strike(made, 3)
    score = load(made, version).scores[0]
    assert (score.get("title"), [n.pitch for n in score.notes()]) == ("Tune", [67])


@pytest.mark.parametrize("text", ["Perú", "Песня", "総譜", "plain", "naïve – “x”"])
def test_texts_survive_in_the_narrowest_encoding_that_holds_them(text: str):
    assert repaired_text(storable_text(text)) == text


def test_texts_in_cyrillic_code_page_or_utf8_are_recognised():
    assert repaired_text("Любовь моя".encode("cp1251").decode("latin-1")) == "Любовь моя"
    assert repaired_text("Größe 総".encode().decode("latin-1")) == "Größe 総"
    assert repaired_text("Gr\xf6\xdfe") == "Größe"
