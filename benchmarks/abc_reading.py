"""How often our reading of ABC agrees with other readers, where those agree with each other.

    python benchmarks/abc_reading.py [FOLDER] [--limit N] [--list N]

Needs abc2midi (package abcmidi) on the path, mido, and abcjs (``npm i`` in benchmarks/oracles).
FOLDER holds the cleaned Nottingham tunes; the default lies in the folder of real music beside
the checkout. O'Neill's and Ryan's collections come with music21. A tune counts where abc2midi
and abcjs give the same sequence of sounding onsets and pitches; ornaments, grace notes and
quoted texts are taken out of the text first, for all readers alike, and R: too (abc2midi swings hornpipes).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import mido

from textmusic.format import read_text
from textmusic_abc import AbcCodec

HERE = Path(__file__).parent
NOTTINGHAM = HERE.parent.parent / "shared" / "data" / "abc" / "nottingham_cleaned"
MUSIC21 = ("oneills1850", "ryansMammoth")
ORNAMENTS = re.compile(
    r'\{[^}\n]*\}|"[^"\n]*"|![a-zA-Z0-9.()]+!|\+[a-z]+\+|[~HLMOPSTuv]+(?=[\^_=.]*[A-Ga-gz\[(])|\.(?=[\^_=]*[A-Ga-g])'
)
FIELD = re.compile(r"[A-Za-z]:")
TOLERANCE = 0.03  # quarters; abc2midi starts notes one tick late

Notes = list[tuple[float, int]]
Clusters = list[tuple[float, tuple[int, ...]]]


def corpora(nottingham: Path) -> Iterator[tuple[str, list[Path]]]:
    yield "nottingham", sorted(nottingham.glob("*.abc"))
    spec = importlib.util.find_spec("music21")
    assert spec is not None
    assert spec.origin is not None
    for name in MUSIC21:
        yield name, sorted((Path(spec.origin).parent / "corpus" / name).glob("*.abc"))


def tunes(paths: list[Path]) -> Iterator[tuple[str, str]]:
    codec = AbcCodec()
    for path in paths:
        for document in codec.documents(read_text(path.read_bytes())):
            number = re.search(r"^X: *(\d+)", document.text, re.MULTILINE)
            yield f"{path.name}:{number[1] if number else '?'}", plain(document.text)


def plain(text: str) -> str:
    """The tune without ornaments, texts, lyrics and comments."""
    lines = []
    for line in text.splitlines():
        if line.startswith(("w:", "W:", "R:", "%")):
            continue
        lines.append(line if FIELD.match(line) else ORNAMENTS.sub("", line))
    return "\n".join(lines) + "\n"


def ours(text: str) -> Notes:
    score = AbcCodec().parse(text).score
    return [(note.onset / score.tpq, note.pitch) for note in score.notes() if note.duration]


def abc2midi(text: str, folder: Path) -> Notes | None:
    (folder / "t.abc").write_text(text)
    target = folder / "t.mid"
    target.unlink(missing_ok=True)
    command = ["abc2midi", "t.abc", "-o", "t.mid"]
    subprocess.run(command, cwd=folder, capture_output=True, timeout=20, check=False)
    if not target.exists():
        return None
    file = mido.MidiFile(target)
    found = []
    for track in file.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                found.append((now / file.ticks_per_beat, message.note))
    return found


def abcjs(texts: list[str]) -> list[Notes | None]:
    command = ["node", str(HERE / "oracles" / "abcjs_notes.mjs")]
    done = subprocess.run(
        command, input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    return [
        notes and [(onset, pitch) for onset, pitch in notes] for notes in json.loads(done.stdout)
    ]


def clusters(notes: Notes) -> Clusters:
    """Notes that start together, in order of time."""
    groups: list[tuple[float, list[int]]] = []
    for onset, pitch in sorted(notes):
        if not groups or onset - groups[-1][0] > TOLERANCE:
            groups.append((onset, []))
        groups[-1][1].append(pitch)
    return [(onset, tuple(sorted(pitches))) for onset, pitches in groups]


def first_difference(one: Clusters, two: Clusters) -> str | None:
    for number, (a, b) in enumerate(zip(one, two, strict=False)):
        if a[1] != b[1] or abs(a[0] - b[0]) > TOLERANCE:
            return f"event {number}: {a[0]:.3f} {a[1]} for {b[0]:.3f} {b[1]}"
    return None if len(one) == len(two) else f"{len(one)} events for {len(two)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=NOTTINGHAM)
    parser.add_argument("--limit", type=int, help="tunes a collection")
    parser.add_argument("--list", type=int, default=1000, help="differences to print")
    options = parser.parse_args()
    total = agreed = 0
    rest = []
    for name, paths in corpora(options.folder):
        named = list(tunes(paths))[: options.limit]
        others = abcjs([text for _, text in named])
        judged = same = alone = 0
        with tempfile.TemporaryDirectory() as folder:
            for (tune, text), other in zip(named, others, strict=True):
                midi = abc2midi(text, Path(folder))
                if not midi or not other or first_difference(clusters(midi), clusters(other)):
                    alone += 1
                    continue
                judged += 1
                difference = first_difference(clusters(ours(text)), clusters(midi))
                same += difference is None
                if difference:
                    rest.append(f"{name}/{tune}: {difference}")
        print(
            f"{name}: {same} of {judged} ({100 * same / max(judged, 1):.2f} %); {alone} of {len(named)} tunes on which abc2midi and abcjs disagree"
        )
        total, agreed = total + judged, agreed + same
    print(f"all: {agreed} of {total} ({100 * agreed / max(total, 1):.2f} %)")
    print("\n".join(rest[: options.list]))


if __name__ == "__main__":
    main()
