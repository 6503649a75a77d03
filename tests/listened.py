"""Music of our own in the texts of several codecs, to listen to."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import textmusic
from textmusic import Key, Meter, Note, Score, Tempo, Track

SCALE = (0, 2, 4, 5, 7, 9, 11, 12)
HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)> & "quoted" \'\u2028'


def tune(seed: int, tracks: int = 1, bars: int = 6, title: str = "") -> Score:
    """Eighths and quarters in C major, one voice a track."""
    rng = random.Random(seed)
    voices = []
    for voice in range(tracks):
        notes, onset, place = [], 0, 3
        while onset < bars * 1920:
            place = min(max(place + rng.choice((-2, -1, 1, 2)), 0), 7)
            length = rng.choice((240, 480)) if onset % 480 == 0 else 240
            notes.append(Note(onset, length, 60 + SCALE[place] - 12 * voice))
            onset += length
        voices.append(Track(notes))
    meta = {"title": title} if title else {}
    return Score(
        voices, 480, (Tempo(0, 100.0),), (Meter(0, 4, 4),), (Key(0, 0, "major"),), meta
    )  # fmt: skip


def texts(folder: Path, name: str, count: int, tracks: int = 1) -> list[Path]:
    """Write texts of a codec as `textmusic sample` names them."""
    codec = textmusic.get_codec(name)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed in range(count):
        path = folder / f"{name}-{seed:02}.{name}.txt"
        path.write_text(codec.encode(codec.project(tune(seed, tracks))), encoding="utf-8")
        paths.append(path)
    return paths


def shown(folder: Path) -> dict[str, Any]:
    """What data.js hands to the page."""
    call = (folder / "data.js").read_text().splitlines()[1]
    value: dict[str, Any] = json.loads(call.removeprefix("textmusic.open(").removesuffix(");"))
    return value


def detail(folder: Path, card: dict[str, Any]) -> dict[str, Any]:
    call = (folder / "samples" / f"{card['id']}.js").read_text().strip()
    head = f'textmusic.deliver("{card["id"]}", '
    value: dict[str, Any] = json.loads(call.removeprefix(head).removesuffix(");"))
    return value
