"""Do quartets and chorales survive? MusicXML → abc → MusicXML, and MusicXML → noteevents → MIDI.

For the Bach chorales and the Mozart and Haydn quartets that music21 carries: in how many files
every note comes back (part, onset, duration, pitch), and which notes do not, by reason. Grace
notes, which have no duration, are left out.

    python benchmarks/quartets.py [FOLDER …]      default: bach mozart haydn
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path

import music21
from rich.progress import track

import textmusic
from textmusic import Codec, Score
from textmusic.errors import TextmusicError

CORPUS = Path(music21.__file__).parent / "corpus"
WAYS = {"abc → MusicXML": ("abc", "musicxml"), "noteevents → MIDI": ("noteevents", "mid")}


def sounds(score: Score) -> Counter[object]:
    """Part, onset, duration and pitch of every note but grace notes."""
    parts = [part for part in score.tracks if part.notes]
    return Counter(
        (number, Fraction(n.onset, score.tpq), Fraction(n.duration, score.tpq), n.pitch)
        for number, part in enumerate(parts)
        for n in part.notes
        if n.duration
    )


def reason(score: Score, codec: Codec) -> str:
    """Say where a difference comes from."""
    if sounds(codec.decode(codec.encode(codec.project(score)))) == sounds(score):
        return "exact as text, not in the file: a pitch is struck in a part where it sounds"
    return "times off the grid of the text"


def survive(path: Path) -> dict[str, tuple[int, int, str]]:
    """Return for each way the notes, the notes that come back, and the reason for the rest.

    Empty for a file that is refused.
    """
    try:
        score = textmusic.read(path).scores[0]
    except TextmusicError as error:
        print(error)
        return {}
    before = sounds(score)
    found = {}
    for way, (name, suffix) in WAYS.items():
        codec = textmusic.get_codec(name)
        form = textmusic.formats.get(suffix)()
        text = codec.encode(codec.project(score))
        (again,) = form.decode(form.encode(codec.decode(text)).data).scores
        kept = (before & sounds(again)).total()
        why = "" if before == sounds(again) else reason(score, codec)
        found[way] = (before.total(), kept, why)
    return found


def pieces(folder: str) -> Iterator[Path]:
    """Yield the MusicXML files of a composer."""
    for path in sorted((CORPUS / folder).rglob("*")):
        if path.suffix in {".mxl", ".xml", ".musicxml"}:
            yield path


def main(folders: list[str]) -> None:
    with ProcessPoolExecutor() as pool:
        for folder in folders:
            paths = list(pieces(folder))
            rows = track(pool.map(survive, paths), folder, len(paths), transient=True)
            results = list(zip(paths, rows, strict=True))
            for way in WAYS:
                _report(folder, way, [(path, row[way]) for path, row in results if row])
            refused = sum(not row for _, row in results)
            if refused:
                print(f"{folder}: {refused} files refused")


def _report(folder: str, way: str, rows: list[tuple[Path, tuple[int, int, str]]]) -> None:
    exact = sum(not why for _, (_, _, why) in rows)
    notes = sum(count for _, (count, _, _) in rows)
    kept = sum(back for _, (_, back, _) in rows)
    print(f"{folder}, {way}: {exact} of {len(rows)} files exact, {kept:,} of {notes:,} notes")
    for path, (count, back, why) in rows:
        if why:
            print(f"    {path.relative_to(CORPUS)}: {count - back} of {count} notes: {why}")


if __name__ == "__main__":
    main(sys.argv[1:] or ["bach", "mozart", "haydn"])
