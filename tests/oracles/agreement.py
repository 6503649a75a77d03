"""How often alphaTab and our own reader agree about Guitar Pro files that we rewrite.

Usage: python tests/oracles/agreement.py FOLDER
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from alphatab import heard, read_with_alphatab

from textmusic.errors import FormatError
from textmusic.score import Score
from textmusic.transforms import reduce_ticks
from textmusic_guitarpro import GuitarPro5

BATCH = 30


def main(folder: str) -> None:
    """Print the shares, and each file that differs."""
    paths = sorted(p for p in Path(folder).rglob("*") if p.suffix in {".gp3", ".gp4", ".gp5"})
    found: Counter[str] = Counter()
    for start in range(0, len(paths), BATCH):
        written, again = [], []
        for path in paths[start : start + BATCH]:
            try:
                score = GuitarPro5().read(path).scores[0]
            except FormatError as error:
                print(error)
                continue
            if not score.tracks:
                continue
            found["files"] += 1
            data = GuitarPro5().encode(score).data
            (back,) = GuitarPro5().decode(data).scores
            before, after = _music(score), _music(back)
            differ = [name for name in before if before[name] != after[name]]
            found["read back equal"] += not differ
            if differ:
                print(f"{path}: read back with other {', '.join(differ)}")
            written.append((path, data))
            again.append(back)
        for (path, _), back, seen in zip(
            written, again, read_with_alphatab([data for _, data in written]), strict=True
        ):
            agrees = heard(seen, back)
            found["alphaTab agrees"] += agrees
            if not agrees:
                print(f"{path}: alphaTab sees something else")
    for name, count in found.items():
        print(f"{name}: {count} ({count / max(found['files'], 1):.1%})")


def _music(score: Score) -> dict[str, object]:
    score = reduce_ticks(score)
    places = [[(n.onset, n.string, n.pitch) for n in track.notes] for track in score.tracks]
    whole = {name: getattr(score, name) for name in ("tracks", "tempos", "keys")}
    return {"places": places, "bars": score.bars(), **whole}


if __name__ == "__main__":
    main(*sys.argv[1:])
