"""What real Guitar Pro tracks keep on the way to tab text and back to Guitar Pro.

For every six- and seven-string track of a folder: how many keep every string, fret and onset from
`project` through the text to a `.gp5` file, and how many strings and frets `project` itself keeps
(dead notes have no fret in the text and are left out of that share).

    python benchmarks/guitartab_roundtrip.py [FOLDER]      default ../shared/data/gp
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import textmusic
from textmusic import Score
from textmusic.errors import FormatError

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "gp"


def struck(score: Score) -> list[tuple[int, int | None, int | None]]:
    """Onset in 1/960 quarter, string and fret of every note but grace notes."""
    track = score.tracks[0]
    notes = (note for note in track.notes if not note.grace)
    return [(n.onset * 960 // score.tpq, n.string, track.fret(n)) for n in notes]


def frets(score: Score) -> Counter[tuple[int | None, int]]:
    return Counter((n.string, n.pitch) for n in score.notes() if "dead" not in n.marks)


def tracks(folder: Path, codec: textmusic.Codec) -> Iterator[Score]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in {".gp3", ".gp4", ".gp5"}:
            try:
                scores = textmusic.read(path).scores
            except FormatError as error:
                print(error)
                continue
            parts = (part for score in scores for part in codec.parts(score))
            yield from (part for part in parts if len(part.tracks[0].tuning) in {6, 7})


def main(folder: Path) -> None:
    codec, guitar_pro = textmusic.get_codec("guitartab"), textmusic.formats.get("gp5")()
    count: Counter[str] = Counter()
    for part in tracks(folder, codec):
        held = codec.project(part)
        back = guitar_pro.decode(guitar_pro.encode(codec.decode(codec.encode(held))).data)
        before = frets(part)
        count["tracks"] += 1
        count["kept whole"] += struck(back.scores[0]) == struck(held)
        count["notes"] += before.total()
        count["notes kept"] += (before & frets(held)).total()
    print(f"{count['kept whole']} of {count['tracks']} tracks keep every string, fret and onset")
    share = count["notes kept"] / max(1, count["notes"])
    print(
        f"project keeps {count['notes kept']} of {count['notes']} strings and frets ({share:.2%})"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
