"""Whether a score keeps the bounds of the texts: what the grammar refuses is not written."""

from __future__ import annotations

from textmusic.errors import EncodeError
from textmusic.score import Score, Track
from textmusic_guitarpro.text.bounds import (
    CAPOS,
    MAX_DRUM,
    MAX_FRET,
    METERS,
    OPEN_STRINGS,
    fitting_tempo,
)
from textmusic_guitarpro.text.signs import clean_marks

__all__ = ["check"]


def check(score: Score) -> None:
    """Raise EncodeError where a score has what no text may have, see `bounds`."""
    for meter in score.meters:
        if (meter.numerator, meter.denominator) not in METERS:
            raise EncodeError(f"no text has a metre of {meter.numerator}/{meter.denominator}")
    for tempo in score.tempos:
        if tempo.qpm != fitting_tempo(tempo.qpm):
            raise EncodeError(f"no text has a tempo of {tempo.qpm:g}: project first")
    for track in score.tracks:
        _check_neck(track)
        _check_marks(track)
    if not any(note.duration for note in score.notes()):
        raise EncodeError("the score has no notes")


def _check_neck(track: Track) -> None:
    tuning, capo = track.tuning, track.capo
    if track.is_drum and any(note.pitch > MAX_DRUM for note in track.notes):
        raise EncodeError(f"a drum has a key above {MAX_DRUM}: project first")
    if not tuning:
        return
    if not all(pitch in OPEN_STRINGS for pitch in tuning) or (capo and capo not in CAPOS):
        raise EncodeError(f"no text has open strings {tuning} with a capo at {capo}: project first")
    frets = {track.fret(note) for note in track.notes}
    if not all(fret is not None and 0 <= fret <= MAX_FRET for fret in frets):
        raise EncodeError(f"a note has no fret from 0 to {MAX_FRET}: project first")


def _check_marks(track: Track) -> None:
    for marks, pitch in {(note.marks, note.pitch) for note in track.notes if note.marks}:
        lost: set[str] = set()
        kept = frozenset(clean_marks(marks, pitch, lost))
        if lost or any(mark[:6] not in {"voice:", "grace:"} for mark in marks - kept):
            raise EncodeError(f"no text has the marks {sorted(marks)}: project first")
