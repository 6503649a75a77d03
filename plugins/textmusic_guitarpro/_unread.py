"""What Guitar Pro 3-5 files hold and a Score does not: named, never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator

from guitarpro import models as gp

from textmusic_guitarpro.compose import Complaints

__all__ = ["name_unread"]

_OCTAVE = 12


def name_unread(song: gp.Song, complaints: Complaints) -> None:
    """Add a note for each kind of thing that is left out."""
    for header in song.measureHeaders:
        for code, message in _of_header(header):
            complaints.note(code, message, f"measure {header.number}")
    if any(line.lyrics for line in song.lyrics.lines):
        complaints.note("lyrics", "lyrics, left out")
    for track in song.tracks:
        for measure in track.measures:
            for voice in measure.voices:
                for beat in voice.beats:
                    for code, message in _of_beat(beat):
                        complaints.note(code, message, f"track {track.number}")


def _of_header(header: gp.MeasureHeader) -> Iterator[tuple[str, str]]:
    if header.direction is not None or header.fromDirection is not None:
        yield "directions", "jump or target (coda, segno…) not played out"
    if header.tripletFeel is not gp.TripletFeel.none:
        yield "triplet-feel", "measure in triplet feel, read as written"
    if header.marker is not None:
        yield "marker", "name of a section, left out"


def _of_beat(beat: gp.Beat) -> Iterator[tuple[str, str]]:
    effect = beat.effect
    if effect.mixTableChange is not None:
        yield from _of_table(effect.mixTableChange)
    if beat.text:
        yield "text", "text at a beat, left out"
    if effect.chord is not None:
        yield "chord-name", "chord name or diagram, left out"
    if effect.stroke is not None and effect.stroke.direction is not gp.BeatStrokeDirection.none:
        yield "stroke", "brush stroke, left out"
    if effect.pickStroke is not gp.BeatStrokeDirection.none:
        yield "pick-stroke", "direction of the pick, left out"
    if effect.hasRasgueado:
        yield "rasgueado", "rasgueado, left out"
    if effect.fadeIn:
        yield "fade", "fade-in, left out"
    if beat.octave is not gp.Octave.none:
        yield "ottava", "octave sign, left out: what sounds is the same"
    if effect.tremoloBar is not None and not beat.notes:
        yield "whammy", "whammy bar on a rest, left out"
    for note in beat.notes:
        yield from _of_note(note.effect, note.value)


def _of_table(table: gp.MixTableChange) -> Iterator[tuple[str, str]]:
    if table.instrument is not None:
        yield "program-change", "change of instrument, left out"
    items = (table.volume, table.balance, table.chorus, table.reverb, table.phaser, table.tremolo)
    if any(item is not None for item in items):
        yield "mix", "change of volume, balance or effects, left out"
    if table.wah is not None and not table.wah.isNone():
        yield "wah", "wah pedal, left out"


def _of_note(effect: gp.NoteEffect, fret: int) -> Iterator[tuple[str, str]]:
    if effect.leftHandFinger.value > -1 or effect.rightHandFinger.value > -1:
        yield "fingering", "fingering, left out"
    if effect.heavyAccentuatedNote:
        yield "accent", "heavy accent, read as an accent"
    if effect.grace is not None and effect.grace.isOnBeat:
        yield "grace-on-beat", "grace note on the beat, read as one before it"
    harmonic = effect.harmonic
    if isinstance(harmonic, gp.TappedHarmonic) and harmonic.fret not in {None, fret + _OCTAVE}:
        yield "harmonic", "fret of a tapped harmonic, read as the octave"
    if isinstance(harmonic, gp.ArtificialHarmonic) and harmonic.octave not in {
        *(None, gp.Octave.none, gp.Octave.ottava)
    }:
        yield "harmonic", "pitch of an artificial harmonic, read as the octave"
