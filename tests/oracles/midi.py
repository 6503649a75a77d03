"""What mido reads from a MIDI file."""

from __future__ import annotations

import io
from collections import defaultdict

import mido

__all__ = ["mido_notes"]


def mido_notes(data: bytes) -> list[tuple[int, int, int, bool]]:
    """Return (onset, end, pitch, is drum) of all notes, sorted; the first on gets the first off."""
    found = []
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks:
        now, sounding = 0, defaultdict(list)
        for message in track:
            now += message.time
            if message.type not in {"note_on", "note_off"}:
                continue
            queue = sounding[message.channel, message.note]
            if message.type == "note_on" and message.velocity:
                queue.append(now)
            elif queue:
                found.append((queue.pop(0), now, message.note, message.channel == 9))
    return sorted(found)
