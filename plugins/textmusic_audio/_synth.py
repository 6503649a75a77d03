"""A score played by FluidSynth, note by note, faster than it sounds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textmusic.errors import Issue, MissingDependencyError, PluginError
from textmusic.score import Score, Track
from textmusic_audio._notes import Played, played

__all__ = ["MOST_SECONDS", "RATE", "TAIL", "sound_of"]

RATE = 44_100
TAIL = 1.0
"""Seconds of echo behind the last note."""
MOST_SECONDS = 1200
_CHANNELS = 128
_GAIN = 0.3
_PEAK = 0.9 * 32767
_DRUM_BANK = 128
_OCTAVE = 12
"""Semitones that a bend may reach."""
_BEND_RANGE = ((101, 0), (100, 0), (6, _OCTAVE), (38, 0))
"""Controllers that set it: MIDI 1.0, registered parameter 0."""
_STEPS = 12
"""Of a bend."""
_FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/usr/local/share/sounds/sf2",
    "/opt/homebrew/share/sounds/sf2",
)
_NAMES = ("FluidR3_GM", "default-GM", "default", "TimGM6mb", "MuseScore_General", "GeneralUser")
_ADVICE = "install them: on Debian and Ubuntu 'apt-get install fluidsynth timgm6mb-soundfont'"

_Sound = np.ndarray[tuple[int, int], np.dtype[np.int16]]
"""Samples of two channels."""


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    """What happens at a sample: an end before a start."""

    at: int
    rank: int
    channel: int
    key: int = 0
    value: int = 0


_OFF, _WHEEL, _ON = range(3)


def sound_of(score: Score) -> tuple[_Sound, tuple[Issue, ...]]:
    """Return the samples of a score, and what of it does not sound.

    Raises:
        MissingDependencyError: pyfluidsynth is not installed.
        PluginError: the library FluidSynth or a SoundFont is missing.
    """
    notes = [played(track, score) for track in score.tracks]
    end = max((note.end for row in notes for note in row), default=0.0)
    issues: tuple[Issue, ...] = ()
    if end > MOST_SECONDS:
        message = f"the sound ends after {MOST_SECONDS // 60} minutes of {end / 60:.6g}"
        issues = (Issue("audio.long", message, severity="warning"),)
    length = round((min(end, MOST_SECONDS) + TAIL) * RATE)
    events = sorted(event for i, row in enumerate(notes) for event in _events(2 * i, row))
    synth = _synth(score.tracks)
    try:
        sound = np.zeros((length, 2), dtype=np.int16)
        now = 0
        for event in events:
            if event.at >= length:
                break
            if event.at > now:
                sound[now : event.at] = _samples(synth, event.at - now)
                now = event.at
            _send(synth, event)
        sound[now:] = _samples(synth, length - now)
    finally:
        synth.delete()
    return _at_peak(sound), issues


def _events(channel: int, notes: Sequence[Played]) -> Iterator[_Event]:
    """Yield what a track's notes need; bent ones have the channel next to it."""
    channel %= _CHANNELS
    for note in notes:
        if note.start > MOST_SECONDS:
            continue
        to = channel + 1 if note.bend else channel
        start, end = (round(min(time, 2 * MOST_SECONDS) * RATE) for time in (note.start, note.end))
        yield _Event(start, _ON, to, note.pitch, note.velocity)
        yield _Event(end, _OFF, to, note.pitch)
        if note.bend:
            for step in range(_STEPS + 1):
                for share, amount in note.wheel(step / _STEPS):
                    at = round((note.start + share * (note.end - note.start)) * RATE)
                    yield _Event(at, _WHEEL, to, 0, round(amount * 8191 / _OCTAVE))


def _send(synth: Any, event: _Event) -> None:
    if event.rank == _ON:
        synth.noteon(event.channel, event.key, event.value)
    elif event.rank == _OFF:
        synth.noteoff(event.channel, event.key)
    else:
        synth.pitch_bend(event.channel, max(-8192, min(8191, event.value)))


def _samples(synth: Any, count: int) -> _Sound:
    return np.asarray(synth.get_samples(count), dtype=np.int16).reshape(-1, 2)


def _at_peak(sound: _Sound) -> _Sound:
    """Make the loudest sample 90 % of what there is room for."""
    peak = int(np.abs(sound.astype(np.int32)).max(initial=0))
    if not peak:
        return sound
    for start in range(0, len(sound), RATE):
        part = sound[start : start + RATE]
        part[:] = np.round(part * (_PEAK / peak)).astype(np.int16)
    return sound


def _synth(tracks: Sequence[Track]) -> Any:
    """Return a synthesizer whose channels have the instruments of the tracks."""
    try:
        import fluidsynth
    except ModuleNotFoundError as error:
        raise MissingDependencyError("sound", "pyfluidsynth", "audio") from error
    except ImportError as error:
        raise PluginError(f"sound needs FluidSynth and a SoundFont; {_ADVICE}") from error
    path = _soundfont()
    synth = fluidsynth.Synth(gain=_GAIN, samplerate=float(RATE), channels=_CHANNELS)
    font = synth.sfload(path)
    if font < 0:
        synth.delete()
        raise PluginError(f"{path}: FluidSynth cannot read it as a SoundFont")
    for index, track in enumerate(tracks[: _CHANNELS // 2]):
        for channel in (2 * index, 2 * index + 1):
            bank, program = (_DRUM_BANK, 0) if track.is_drum else (0, track.program)
            synth.program_select(channel, font, bank, program)
            for control, value in _BEND_RANGE:
                synth.cc(channel, control, value)
    return synth


def _soundfont() -> str:
    """Return the path of a SoundFont.

    Raises:
        PluginError: there is none.
    """
    if wanted := os.environ.get("TEXTMUSIC_SOUNDFONT"):
        if not Path(wanted).is_file():
            raise PluginError(f"TEXTMUSIC_SOUNDFONT names {wanted}, which is no file")
        return wanted
    for name in _NAMES:
        for folder in _FOLDERS:
            for suffix in (".sf2", ".sf3"):
                path = Path(folder, name + suffix)
                if path.is_file():
                    return str(path)
    raise PluginError(
        "no SoundFont found: set TEXTMUSIC_SOUNDFONT to the path of one (.sf2), or "
        "on Debian and Ubuntu 'apt-get install timgm6mb-soundfont'"
    )
