"""Do the MIDI file and the ABC of one tune decode to the same melody? The Nottingham tunes.

Each ABC tune is read by the format `abc`, each MIDI file goes through `noteevents` (project,
encode, decode), and the melodies are compared note by note: pitch and length, in order.

The MIDI files beside the ABC were made long ago by another program, with habits of its own. So each
pair that differs is sorted into

    ties         a tie written ``D3 -D2`` sounds twice in the MIDI file
    accidentals  an accidental does not last until the bar line in the MIDI file
    order        the same bars, with repeats or the parts of ``P:`` played another number of times
    other        none of these

With ``--abc2midi`` the MIDI files are made anew from the same ABC with that program, which must be
installed: an independent reader of the very same text.

    python benchmarks/nottingham_pairs.py
    python benchmarks/nottingham_pairs.py --abc2midi --list other
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from textmusic.format import read_text
from textmusic.registry import formats
from textmusic.score import Score, Track
from textmusic_midi import MidiFormat, NoteEventsCodec

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
SHINGLE = 6

Melody = list[tuple[int, Fraction]]


def melody(track: Track, tpq: int) -> Melody:
    """Return pitch and length in quarters of the notes, without grace notes."""
    return [(n.pitch, Fraction(n.duration, tpq)) for n in track.notes if n.duration]


def matches(one: Melody, two: Melody, slack: int = 0) -> bool:
    """Whether two melodies are one, where a note may stand as several of its pitch in a row.

    Args:
        one: a melody.
        two: another one.
        slack: semitones by which the notes may differ.
    """
    left, right = list(reversed(one)), list(reversed(two))
    while left and right:
        (pitch, length), (other, extent) = left.pop(), right.pop()
        if abs(pitch - other) > slack:
            return False
        rest, pile, key = length - extent, right, other
        if rest < 0:
            rest, pile, key = -rest, left, pitch
        while rest > 0:
            if not pile or pile[-1][0] != key or pile[-1][1] > rest:
                return False
            rest -= pile.pop()[1]
    return not left and not right


def shingles(notes: Melody) -> set[tuple[int, ...]]:
    """Return all runs of pitches of a melody, repeated pitches once."""
    pitches = [pitch for pitch, _ in groupby(p for p, _ in notes)]
    return {tuple(pitches[at : at + SHINGLE]) for at in range(len(pitches) - SHINGLE + 1)}


def verdict(abc: Melody, midi: Melody) -> str:
    """Return how two melodies compare: ``same``, or the kind of difference."""
    if abc == midi:
        return "same"
    if matches(abc, midi):
        return "ties"
    if matches(abc, midi, slack=1):
        return "accidentals"
    one, two = shingles(abc), shingles(midi)
    shared = len(one & two)
    if shared >= 0.85 * min(len(one), len(two)):
        return "order"
    return "other"


def through_events(path: Path, codec: NoteEventsCodec) -> Score:
    """Return the music of a MIDI file after a trip through the text."""
    (score,) = MidiFormat().read(path).scores
    return codec.decode(codec.encode(codec.project(score)))


def unadorned(text: str) -> str:
    """Return tunes that abc2midi plays as written.

    It would swing what R: calls a hornpipe, play rolls and grace notes out, and strike the upper
    tones of chords a little late.
    """
    text = re.sub(r"(?m)^R:.*\n", "", text)
    text = re.sub(r"(?m)^(X:.*\n)", r"\1%%MIDI chordattack 0\n", text)
    return re.sub(r"\{[^}\n]*\}|!trill!|~(?=[\^_=]?[A-Ga-g])", "", text)


def midi_files(book: Path, text: str, *, anew: bool, folder: Path) -> dict[int, Path]:
    """Return the MIDI files of a tune book by the number of the tune."""
    if anew:
        (folder / "tunes.abc").write_text(unadorned(text))
        command = ["abc2midi", "tunes.abc"]
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        stem = "tunes"
    else:
        folder, stem = DATA / "midi" / "nottingham", book.stem
    pattern = re.compile(re.escape(stem) + r"([0-9]+)\.mid")
    return {int(m[1]): p for p in folder.glob("*.mid") if (m := pattern.fullmatch(p.name))}


def pairs(books: Path, *, anew: bool, every: int = 1) -> Iterator[tuple[str, Melody, list[Melody]]]:
    """Yield the name of each tune, its melody from ABC, and the tracks of its MIDI file.

    Args:
        books: folder of tune books.
        anew: whether abc2midi makes the MIDI files from these texts.
        every: take every so many-th tune of a book.
    """
    codec = NoteEventsCodec()
    for book in sorted(books.glob("*.abc")):
        tunes = re.split(r"(?m)^(?=X:)", read_text(book.read_bytes()))[1::every]
        numbers = [int(re.match(r"X:\s*(\d+)", tune)[1]) for tune in tunes]
        with tempfile.TemporaryDirectory() as folder:
            chosen = Path(folder) / book.name
            chosen.write_text("".join(tunes))
            scores = formats.get("abc")().read(chosen).scores
            files = midi_files(book, "".join(tunes), anew=anew, folder=Path(folder))
            for number, score in zip(numbers, scores, strict=True):
                if number in files:
                    played = through_events(files[number], codec)
                    tracks = [melody(track, played.tpq) for track in played.tracks]
                    yield f"{book.stem} {number}", melody(score.tracks[0], score.tpq), tracks


def nearest(abc: Melody, tracks: Sequence[Melody]) -> Melody:
    """Return the track that is the melody: the one with most in common."""
    here = shingles(abc)
    return max(tracks, key=lambda track: len(here & shingles(track)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--books", type=Path, default=DATA / "abc" / "nottingham_original")
    parser.add_argument("--abc2midi", action="store_true", help="make the MIDI files anew")
    parser.add_argument("--list", metavar="KIND", help="name the tunes of a kind")
    options = parser.parse_args()
    kinds: dict[str, list[str]] = defaultdict(list)
    for name, abc, tracks in pairs(options.books, anew=options.abc2midi):
        kinds[verdict(abc, nearest(abc, tracks))].append(name)
    total = sum(map(len, kinds.values()))
    for kind in ("same", "ties", "accidentals", "order", "other"):
        print(f"{kind:12} {len(kinds[kind]):4} {100 * len(kinds[kind]) / total:5.1f} %")
        if options.list == kind:
            print("   " + ", ".join(kinds[kind]))


if __name__ == "__main__":
    main()
