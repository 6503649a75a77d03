"""Small music of our own for tests that need files."""

from __future__ import annotations

import random
from pathlib import Path

from textmusic import get_codec

SCALE = ("E0", "E3", "A0", "A2", "D0", "D2", "G0", "G2", "B0", "B3", "e0", "e3")


def tab_text(seed: int, bars: int = 12) -> str:
    """A canonical tune in the event text of `guitartab`: quarters and eighths on a pentatonic scale."""
    rng = random.Random(seed)
    lines = ["@4/4 E2 A2 D3 G3 B3 E4 t100"]
    place = rng.randrange(len(SCALE))
    for _ in range(bars):
        events, left = [], 8
        while left:
            place = min(max(place + rng.choice((-2, -1, 1, 2)), 0), len(SCALE) - 1)
            length = rng.choice((1, 2)) if left > 1 else 1
            events.append(SCALE[place] + "iq"[length - 1])
            left -= length
        lines.append(" ".join(events))
    return get_codec("guitartab").canonical("\n".join(lines) + "\n")


def tab_folder(folder: Path, count: int = 30) -> Path:
    """A folder of files with one tune each."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(count):
        (folder / f"tune{seed:02}.tab").write_text(tab_text(seed))
    return folder
