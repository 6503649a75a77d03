"""Reading Guitar Pro files: techniques, ties, repeats, texts, damage."""

from __future__ import annotations

import contextlib
import io
import re
import time

import guitarpro
import pytest
from guitarpro import models as gp
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import FormatError
from textmusic.form import Form, unfold
from textmusic.format import Format, Loaded
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_guitarpro import (
    GuitarPro3,
    GuitarPro4,
    GuitarPro5,
    GuitarPro6,
    GuitarPro7,
    _source,
)
from textmusic_guitarpro._source import repaired_text, storable_text

QUARTER = 480


def song(measures: int = 1) -> gp.Song:
    made = gp.Song()
    while len(made.measureHeaders) < measures:
        made.newMeasure()
    for measure in made.tracks[0].measures:
        measure.voices[1].beats = [gp.Beat(measure.voices[1])]
    return made


def strike(
    made: gp.Song, fret: int, string: int = 1, *, measure: int = 0, voice: int = 0, value: int = 4
) -> gp.Note:
    place = made.tracks[0].measures[measure].voices[voice]
    beat = gp.Beat(place, duration=gp.Duration(value), status=gp.BeatStatus.normal)
    note = gp.Note(beat, fret, string=string, type=gp.NoteType.normal)
    beat.notes.append(note)
    if voice and place.beats and place.beats[0].status is gp.BeatStatus.empty:
        place.beats.clear()
    place.beats.append(beat)
    return note


def load(made: gp.Song, version: tuple[int, int, int] = (5, 1, 0)) -> Loaded:
    stream = io.BytesIO()
    guitarpro.write(made, stream, version=version)
    return GuitarPro5().decode(stream.getvalue())


def notes(loaded: Loaded) -> tuple[Note, ...]:
    return loaded.scores[0].tracks[0].notes


def spans(loaded: Loaded) -> list[tuple[int, int, int]]:
    return [(n.onset, n.duration, n.pitch) for n in notes(loaded)]


def codes(loaded: Loaded) -> set[str]:
    return {issue.code for issue in loaded.issues}


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


def test_second_voices_are_marked():
    made = song()
    strike(made, 0, 1)
    strike(made, 3, 6, voice=1, value=2)
    loaded = load(made)
    assert spans(loaded) == [(0, 960, 43), (0, 480, 64)]
    assert [n.marks for n in notes(loaded)] == [{"voice:2"}, frozenset()]


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


@pytest.mark.parametrize("form", [GuitarPro3(), GuitarPro4(), GuitarPro5()])
def test_damage_is_one_line(form: GuitarPro5):
    track = Track((Note(0, 480, 64, string=5),), tuning=(40, 45, 50, 55, 59, 64))
    whole = form.encode(Score((track,))).data
    for cut in range(0, len(whole) - 1, 97):
        with pytest.raises(FormatError) as caught:
            form.decode(whole[:cut])
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"BCFZ....", "Guitar Pro 6|container|damaged|unpack"),
        (b"PK\x03\x04....", "zip"),
        (b"MThd", "not a Guitar Pro file"),
        (b"\x18FICHIER GUITAR PRO v9.99", "version"),
    ],
)
def test_other_files_are_named(data: bytes, says: str):
    with pytest.raises(FormatError, match=says):
        GuitarPro5().decode(data.ljust(40, b"\0") if data else data)


@pytest.mark.parametrize("reader", [GuitarPro3(), GuitarPro6(), GuitarPro7()])
def test_files_are_known_by_their_first_bytes(reader: Format):
    score = Score((Track((Note(0, 480, 64, 95, 5),), tuning=(40, 45, 50, 55, 59, 64)),))
    for writer in (GuitarPro5(), GuitarPro7()):
        (again,) = reader.decode(writer.encode(score).data).scores
        assert again.tracks[0].notes == score.tracks[0].notes


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_mutated_files_raise_nothing_but_format_errors(data: st.DataObject):
    marks = frozenset({"bend:2", "slide", "trill:66", "harmonic:tap", "whammy:-1@0"})
    page = (
        *(Note(0, 480, 64, 80, 5, marks), Note(480, 160, 52, 80, 2)),
        *(Note(480, 0, 53, 80, 2, frozenset({"grace:1"})), Note(1920, 480, 64, 80, 5)),
    )
    form = Form.parse("2 1[1 1)2 2[2")
    assert form is not None
    score = unfold(Score((Track(page, tuning=(40, 45, 50, 55, 59, 64)),)), form)
    image = bytearray(GuitarPro5().encode(score).data)
    for _ in range(data.draw(st.integers(1, 6))):
        image[data.draw(st.integers(31, len(image) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        GuitarPro5().decode(bytes(image))


def test_a_measure_of_very_many_beats_is_refused_in_bounded_time(monkeypatch):
    monkeypatch.setattr(_source, "_MOST_BEATS", 5_000)
    made = song()
    strike(made, 0)
    stream = io.BytesIO()
    guitarpro.write(made, stream, version=(3, 0, 0))
    data = stream.getvalue()
    beat = bytes((0, 0, 0x40, 0x20, 1, 0))
    start = data.rindex((1).to_bytes(4, "little") + bytes((0, 0, 0x40)))
    hostile = data[:start] + (60_000).to_bytes(4, "little") + beat * 60_000
    begin = time.monotonic()
    with pytest.raises(FormatError, match="beats"):
        GuitarPro3().decode(hostile)
    assert time.monotonic() - begin < 5


def test_every_real_file_is_read(data):
    for path in sorted((data / "gp").rglob("*.gp[345]"))[::30]:
        GuitarPro5().read(path)


@pytest.mark.parametrize("suffix", ["gp3", "gp4", "gp5", "gpx", "gp"])
def test_the_largest_real_files_are_read_and_written_in_time(data, suffix: str):
    paths = sorted((data / "gp").rglob(f"*.{suffix}"), key=lambda p: p.stat().st_size)
    begin = time.process_time()
    score = GuitarPro5().read(paths[-1]).scores[0]
    GuitarPro5().encode(score)
    assert time.process_time() - begin < 10


def test_files_that_are_no_guitar_pro_are_refused(data):
    for path in sorted((data / "gp").rglob("*.tg"))[:5]:
        with pytest.raises(FormatError):
            GuitarPro5().read(path)
