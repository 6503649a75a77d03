"""Are real pieces forbidden? What the grammars accept of the music that others read.

For each corpus of the folder of real music: the documents that an independent reader takes without
complaint, and which share of those the grammar of the codec accepts, after `canonical` where the
codec reads the text itself and after `project` and `encode` where a format reads the file. The
rest is listed by reason: the first character that the grammar forbids, and where, or why there is
no text at all. The aim is 97 % of each corpus, and 90 % of the tab documents.

- ``abc``: tunes in which abc2midi finds no error and no bar of wrong length; how many have no
  error, whatever their bars, stands in brackets, with the share accepted of those. The tunes of
  folkwiki, which lie in a dialect of tokens, are spelled as ABC first. folk-rnn's own tunes, of
  which two thirds have unbalanced repeats, are left out.
- ``gp``: Guitar Pro files that alphaTab reads; `guitarpro` takes each whole, `guitartab` its parts.
- ``midi``: files that symusic reads and finds notes in. symusic is needed for this benchmark
  alone: ``pip install symusic``. Without it the MIDI files are left out, and that is said.
- ``tabs``: there is no other reader of tablature as people type it. The documents are those that
  the codec finds in the files that hold three lines of dashes one below the other; such a file in
  which it finds none counts as one refused.
- ``stave``: there is none of numbered notation either; all documents of the jianpu texts count.

    python benchmarks/acceptance.py
    python benchmarks/acceptance.py --kinds abc gp --every 20 --examples 3
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from readers import abc2midi, alphatab_reads
from refusals import of_score, of_text, why

import textmusic
from textmusic.codec import Codec
from textmusic.errors import InputError
from textmusic.format import read_text

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
TARGETS = {"abc": 97, "gp": 97, "midi": 97, "tabs": 90, "stave": 97}
CODECS = {
    "abc": ("abc",),
    "gp": ("guitarpro", "guitartab"),
    "midi": ("noteevents", "pianoroll"),
    "tabs": ("guitartab",),
    "stave": ("pitchdigits",),
}
SUFFIXES = {
    "abc": {".abc"},
    "gp": {".gp", ".gp3", ".gp4", ".gp5", ".gpx"},
    "midi": {".mid", ".midi"},
    "tabs": {".txt", ".tab"},
    "stave": {".txt"},
}
SKIPPED = {"folkrnn_generated", "folkrnn_oneills_jigs", "pdf", "primus_tf_end_to_end"}
STAVE = re.compile(r"(?:^[^\n]{0,12}-{3}[^\n]*\n){3}", re.MULTILINE)
FIELD = re.compile(r"^\[([A-Z]:.*)\]$", re.MULTILINE)
SOUNDLESS = re.compile(r"[^A-Ga-g]*")
PIECE = 25


@dataclass
class Row:
    """What became of the documents of one corpus and codec."""

    corpus: str
    codec: str
    documents: int = 0
    taken: int = 0
    accepted: int = 0
    looser: int = 0
    looser_accepted: int = 0
    reasons: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: Row) -> None:
        """Take in what another worker found."""
        for name in ("documents", "taken", "accepted", "looser", "looser_accepted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for reason, places in other.reasons.items():
            self.reasons[reason] += places

    def judge(self, place: str, reason: str | None) -> None:
        """Count a document that the other reader takes."""
        self.taken += 1
        self.accepted += reason is None
        if reason:
            self.reasons[reason].append(place)


def abc(corpus: str, paths: Sequence[Path], every: int) -> list[Row]:
    row, codec = Row(corpus, "abc"), textmusic.get_codec("abc")
    with tempfile.TemporaryDirectory() as folder:
        for place, text in islice(tunes(codec, paths), 0, None, every):
            row.documents += 1
            errors, bars = abc2midi(text, Path(folder))
            if errors:
                continue
            reason = of_text(codec, text)
            row.looser += 1
            row.looser_accepted += reason is None
            if not bars:
                row.judge(place, reason)
    return [row]


def tunes(codec: Codec, paths: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Place and text of each tune that has notes."""
    for path in paths:
        text = read_text(path.read_bytes())
        if path.suffix == ".txt":
            text = as_abc(text)
        for document in codec.documents(text):
            music = re.sub(r"^(?:[A-Za-z]:|%).*$", "", document.text, flags=re.MULTILINE)
            if not SOUNDLESS.fullmatch(music):
                number = re.search(r"^X: *(\d+)", document.text, re.MULTILINE)
                yield f"{path.name}:{number[1] if number else document.offset}", document.text


def as_abc(text: str) -> str:
    """Tunes of folk-rnn's tokens, which have spaces between, as a book of ABC."""
    book = []
    for number, piece in enumerate(filter(str.strip, text.split("\n\n")), 1):
        fields, _, music = FIELD.sub(r"\1", piece.strip()).rpartition("\n")
        book.append(f"X:{number}\nT:tune\n{fields}\n{music.replace(' ', '')}\n")
    return "\n".join(book)


def gp(corpus: str, paths: Sequence[Path], every: int) -> list[Row]:
    rows = [Row(corpus, "guitarpro"), Row(corpus, "guitartab")]
    paths = paths[::every]
    for path, seen in zip(paths, alphatab_reads([p.read_bytes() for p in paths]), strict=True):
        if isinstance(seen, str) and not seen.startswith("AssertionError"):
            for row in rows:
                row.documents += 1
            continue
        read_scores(rows, path)
    return rows


def midi(corpus: str, paths: Sequence[Path], every: int) -> list[Row]:
    import symusic

    rows = [Row(corpus, "noteevents"), Row(corpus, "pianoroll")]
    for path in paths[::every]:
        try:
            notes = sum(len(track.notes) for track in symusic.Score(str(path)).tracks)
        except (RuntimeError, ValueError):
            notes = 0
        if notes:
            read_scores(rows, path)
        else:
            for row in rows:
                row.documents += 1
    return rows


def read_scores(rows: Iterable[Row], path: Path) -> None:
    """Judge the scores of a file, each part that a codec takes for itself."""
    try:
        scores = textmusic.read(path).scores
    except InputError as error:
        for row in rows:
            row.documents += 1
            row.judge(path.name, f"not read: {why(error)}")
        return
    for row in rows:
        codec = textmusic.get_codec(row.codec)
        for score in scores:
            for number, part in enumerate(codec.parts(score), 1):
                if any(part.notes()):
                    row.documents += 1
                    row.judge(f"{path.name}:{number}", of_score(codec, part))


def tabs(corpus: str, paths: Sequence[Path], every: int) -> list[Row]:
    row, codec = Row(corpus, "guitartab"), textmusic.get_codec("guitartab")
    for path in paths[::every]:
        text = read_text(path.read_bytes())
        if STAVE.search(text):
            _documents(row, codec, path, text)
        else:
            row.documents += 1
    return [row]


def stave(corpus: str, paths: Sequence[Path], every: int) -> list[Row]:
    row, codec = Row(corpus, "pitchdigits"), textmusic.get_codec("pitchdigits")
    for path in paths[::every]:
        _documents(row, codec, path, read_text(path.read_bytes()))
    return [row]


def _documents(row: Row, codec: Codec, path: Path, text: str) -> None:
    found = list(codec.documents(text))
    row.documents += max(len(found), 1)
    for document in found:
        row.judge(f"{path.name}:{document.offset}", of_text(codec, document.text))
    if not found:
        row.judge(path.name, "no document found")


KINDS: dict[str, Callable[[str, Sequence[Path], int], list[Row]]] = {
    "abc": abc,
    "gp": gp,
    "midi": midi,
    "tabs": tabs,
    "stave": stave,
}


def judge(task: tuple[str, str, Sequence[Path], int]) -> list[Row]:
    kind, *rest = task
    return KINDS[kind](*rest)


def tasks(
    data: Path, kinds: Sequence[str], every: int
) -> Iterator[tuple[str, str, list[Path], int]]:
    """Some files of a corpus at a time."""
    for kind in kinds:
        for folder in sorted(p for p in (data / kind).iterdir() if p.is_dir()):
            wanted = SUFFIXES[kind] | ({".txt"} if folder.name == "folkrnn_folkwiki" else set())
            paths = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in wanted]
            paths = [p for p in paths if "_w_titles" not in p.name]
            if folder.name not in SKIPPED:
                for start in range(0, len(paths), PIECE):
                    yield kind, f"{kind}/{folder.name}", paths[start : start + PIECE], every


def report(rows: Sequence[Row], examples: int) -> None:
    print(
        f"\n{'corpus':26}{'codec':12}{'documents':>10}{'taken':>8}{'accepted':>10}{'share':>9}  aim"
    )
    for row in rows:
        aim = TARGETS[row.corpus.split("/")[0]]
        share = 100 * row.accepted / row.taken if row.taken else 100.0
        mark = "" if share >= aim else "  below"
        if row.looser:
            part = 100 * row.looser_accepted / row.looser
            mark += f"  ({row.looser} without error: {part:.1f} %)"
        print(
            f"{row.corpus:26}{row.codec:12}{row.documents:10}{row.taken:8}{row.accepted:10}"
            f"{share:8.1f}%  {aim}%{mark}"
        )
    for row in rows:
        for reason, places in sorted(row.reasons.items(), key=lambda item: -len(item[1])):
            some = ", ".join(places[:examples])
            print(f"{row.corpus} {row.codec}: {len(places)} {reason}{': ' if some else ''}{some}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--every", type=int, default=1, help="one tune or file in so many")
    parser.add_argument("--examples", type=int, default=2, help="places to name for each reason")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the rows here")
    asked = parser.parse_args()
    if "midi" in asked.kinds and importlib.util.find_spec("symusic") is None:
        asked.kinds.remove("midi")
        print("symusic is not installed (pip install symusic): the MIDI files are left out")
    rows: dict[tuple[str, str], Row] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.workers, context) as pool:
        for found in pool.map(judge, tasks(asked.data, asked.kinds, asked.every)):
            for row in found:
                rows.setdefault((row.corpus, row.codec), Row(row.corpus, row.codec)).add(row)
    report(list(rows.values()), asked.examples)
    if asked.json:
        asked.json.write_text(json.dumps([vars(row) for row in rows.values()], indent=1))


if __name__ == "__main__":
    main()
