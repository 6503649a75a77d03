"""Headers of Guitar Pro songs and tracks: texts, tempo, channels, strings."""

from __future__ import annotations

from guitarpro import models as gp

from textmusic.errors import FormatError, Issue
from textmusic_guitarpro._source import storable_text
from textmusic_guitarpro.song import Part, Song

__all__ = ["DRUM_STRINGS", "META", "new_track", "song_of"]

META = {
    "title": "title",
    "subtitle": "subtitle",
    "artist": "artist",
    "album": "album",
    "words": "words",
    "composer": "music",
    "copyright": "copyright",
    "transcriber": "tab",
    "instructions": "instructions",
}
"""Names of a Score's meta entries, and of PyGuitarPro's fields for them."""

_LINE = 255
_EMPTY = " "
"""PyGuitarPro leaves out lines without any character."""
_MOST_TRACKS = 255
_DRUM_CHANNELS = (9, 25, 41, 57)
_CHANNELS = [channel for channel in range(64) if channel not in _DRUM_CHANNELS]
_PAIRS = list(zip(_CHANNELS[::2], _CHANNELS[1::2], strict=True))
DRUM_STRINGS = 6


def song_of(page: Song, issues: list[Issue]) -> gp.Song:
    """Return a song without tracks and measures.

    Meta entries that have no field of their own become lines ``key: value`` of the notice.
    """
    if len(page.parts) > _MOST_TRACKS:
        raise FormatError(f"{len(page.parts)} tracks; a Guitar Pro file holds {_MOST_TRACKS}")
    song = gp.Song(tracks=[], measureHeaders=[])
    song.title = ""
    cut = False
    for key, value in page.meta.items():
        if key in META and not getattr(song, META[key]):
            text = storable_text(value, _LINE)
            cut |= len(text) == _LINE
            setattr(song, META[key], text)
        else:
            song.notice += _lines(value if key == "comment" else f"{key}: {value}")
    if cut:
        message = f"texts longer than {_LINE} bytes are cut"
        issues.append(Issue("guitarpro.text", message, severity="note"))
    first = [change.qpm for change in page.measures[0].tempos if change.offset == 0]
    song.tempo = max(round(first[0]), 1) if first else 120
    return song


def _lines(text: str) -> list[str]:
    """Cut a text into lines of the notice; a full line is continued by the next one."""
    lines = []
    for line in text.split("\n"):
        stored = storable_text(line, len(line) * 4)
        lines += [stored[i : i + _LINE] for i in range(0, len(stored), _LINE)] or [_EMPTY]
    return lines


def new_track(song: gp.Song, track: Part, number: int, issues: list[Issue]) -> gp.Track:
    """Return a track without measures.

    Args:
        song: the song, with the tracks before this one.
        track: what it will hold; it has strings, or is a drum track.
        number: counted from 1.
        issues: told when tracks must share a channel.
    """
    tuning = (0,) * DRUM_STRINGS if track.is_drum else track.tuning
    strings = [gp.GuitarString(i, value) for i, value in enumerate(reversed(tuning), 1)]
    channel = _channel(song, track, issues)
    return gp.Track(
        song,
        number=number,
        name=storable_text(track.name or f"Track {number}", 40),
        offset=0 if track.is_drum else track.capo,
        isPercussionTrack=track.is_drum,
        strings=strings,
        measures=[],
        port=channel.channel // 16 + 1,
        channel=channel,
    )


def _channel(song: gp.Song, track: Part, issues: list[Issue]) -> gp.MidiChannel:
    """Return the next free channels, or (when all are used) those of the same program."""
    used = {
        t.channel.channel: t.channel for t in song.tracks if t.isPercussionTrack == track.is_drum
    }
    if track.is_drum:
        same = [channel for channel in used.values() if channel.instrument == track.program]
        if same:
            return same[0]
    pairs = [(channel, channel) for channel in _DRUM_CHANNELS] if track.is_drum else _PAIRS
    for first, second in pairs:
        if first not in used:
            return gp.MidiChannel(first, second, instrument=track.program)
    for channel in used.values():
        if channel.instrument == track.program:
            return channel
    if not any(issue.code == "guitarpro.channels" for issue in issues):
        message = f"more programs than the {len(pairs)} channels: some tracks change theirs"
        issues.append(Issue("guitarpro.channels", message, severity="warning"))
    return used[pairs[0][0]]
