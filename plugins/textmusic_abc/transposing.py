"""A tune in another key, on the text: repeats, chord symbols and ornaments stay."""

from __future__ import annotations

import re

from textmusic_abc.pitches import KeySignature, midi, move, signature
from textmusic_abc.tune import Change, Sound, Tone, Tune

__all__ = ["transpose_tune"]

_ROOT = re.compile(r"(?:^|(?<=/))([A-G])([#b]?)")


def transpose_tune(tune: Tune, semitones: int) -> bool:
    """Move a tune in place by semitones; drums stay. False when a pitch would leave MIDI's range.

    Pitches keep their place in the key, so F♯ in D becomes G♯ in E.
    """
    first = tune.key
    tune.key, start = _moved_key(first, semitones)
    for voice in tune.voices:
        fifths = start
        for event in voice.events:
            if isinstance(event, Change) and isinstance(event.value, KeySignature):
                event.value, fifths = _moved_key(event.value, semitones)
                continue
            if isinstance(event, Sound) and not voice.is_drum:  # noqa: SIM102 - reads in steps
                if not _move_sound(event, semitones, fifths):
                    return False
    return True


def _moved_key(key: KeySignature, semitones: int) -> tuple[KeySignature, int]:
    """The new key, and how far it lies along the line of fifths."""
    fifths = (key.fifths + 7 * semitones + 5) % 12 - 5 if semitones % 12 else key.fifths
    return signature(fifths, key.mode), fifths - key.fifths


def _move_sound(sound: Sound, semitones: int, fifths: int) -> bool:
    tones: list[Tone] = []
    for tone in sound.tones:
        pitch = tone.pitch + semitones
        if not 0 <= pitch <= 127:
            return False
        index, alter = move(tone.index, tone.alter, semitones, fifths)
        tones.append(Tone(index, alter, pitch, tone.length, tone.tie))
    sound.tones = tuple(tones)
    for index, alter in sound.graces:
        if not 0 <= midi(index, alter) + semitones <= 127:
            return False
    sound.graces = tuple(move(index, alter, semitones, fifths) for index, alter in sound.graces)
    sound.symbol = _ROOT.sub(lambda match: _moved_root(match, fifths), sound.symbol)
    return True


def _moved_root(match: re.Match[str], fifths: int) -> str:
    """A chord root further along the line of fifths, with at most one accidental."""
    order = "FCGDAEB"
    place = order.index(match[1]) + {"": 0, "#": 7, "b": -7}[match[2]] + fifths
    place = (place + 7) % 12 - 7 if not -7 <= place <= 13 else place
    sharps, slot = divmod(place, 7)
    return order[slot] + ("#" if sharps > 0 else "b" if sharps < 0 else "")
