"""Round-trip certificates: what each codec and each format keeps of real music.

A row is a codec or a format on the music of one source: every file is read, written as the
codec's text (after `project`) or as a file of the format, read back, and compared with what was
read at first. A column that the codec or format does not promise (`keeps`) holds a dash; `exact`
counts the pieces in which everything else is the same. The reasons for the rest follow, with how
many pieces they touch. Of a text file of a codec's own kind, the raw text is compared with the
canonical one.

    python benchmarks/roundtrip.py [--data FOLDER] [--sample N] [--only NAME …] [--markdown FILE]

`--sample N` takes every k-th file so that N a row remain (default 200; 0 takes all).
"""

from __future__ import annotations

import argparse
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path

from rich.progress import track

import textmusic
from textmusic import Codec, Feature, Format, Score
from textmusic.errors import TextmusicError
from textmusic.format import read_bytes, read_text
from textmusic.transforms import merge, reduce_ticks

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
SECONDS = 120
COLUMNS = {
    "notes": Feature.DURATION,
    "onsets": Feature.ONSET,
    "tempo": Feature.TEMPO,
    "metre": Feature.METER,
    "key": Feature.KEY,
    "techniques": Feature.TECHNIQUE,
}
FOLDERS = {
    "abc": ("abc", {"abc"}),
    "tab": ("tabs", {"txt", "tab"}),
    "gp": ("gp", {"gp3", "gp4", "gp5", "gpx", "gp"}),
    "midi": ("midi", {"mid", "midi"}),
    "musicnet": ("musicnet/labels", {"csv"}),
    "stave": ("stave", {"txt"}),
}
CORPUS = ("bach", "mozart", "haydn", "beethoven")
"""Folders of the music21 corpus: chorales and quartets."""
SOURCES = {
    "abc": ("abc", "corpus", "midi"),
    "guitartab": ("tab", "gp"),
    "guitarpro": ("gp",),
    "pitchdigits": ("stave", "abc"),
    "pianoroll": ("midi",),
    "noteevents": ("midi", "corpus"),
    "tab": ("tab", "gp"),
    "mid": ("midi", "corpus"),
    "musicxml": ("corpus", "midi"),
    "mxl": ("corpus",),
    "gp3": ("gp",),
    "gp4": ("gp",),
    "gp5": ("gp", "midi"),
    "gp": ("gp", "midi"),
    "atex": ("gp",),
}
DEFAULT = ("midi",)
Trip = Callable[[Score], tuple[Score, Score, tuple[str, ...]]]


@dataclass
class Row:
    """A certificate being filled in."""

    name: str
    source: str
    keeps: frozenset[Feature]
    files: int = 0
    refused: int = 0
    pieces: int = 0
    exact: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: Row) -> None:
        """Add the counts of another row."""
        for name in ("files", "refused", "pieces", "exact"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("kept", "total", "reasons"):
            getattr(self, name).update(getattr(other, name))

    def cells(self) -> list[str]:
        """The cells of the table."""
        head = [f"`{self.name}`", self.source, *map(str, (self.files, self.refused, self.pieces))]
        return [*head, _share(self.exact, self.pieces)] + [
            _share(self.kept[name], self.total[name] if feature in self.keeps else 0)
            for name, feature in COLUMNS.items()
        ]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}" if whole else "–"


def compare(row: Row, before: Score, after: Score) -> bool:
    """Count what is kept; returns whether everything is."""
    bags = [_bags(score) for score in (before, after)]
    whole = True
    for name, one, two in zip(("notes", "onsets", "techniques"), *bags, strict=True):
        row.total[name] += one.total()
        row.kept[name] += (one & two).total()
        whole &= one == two or COLUMNS[name] not in row.keeps
    for name, one, two in zip(("tempo", "metre", "key"), *map(_maps, (before, after)), strict=True):
        row.total[name] += 1
        row.kept[name] += one == two
        whole &= one == two or COLUMNS[name] not in row.keeps
    return whole


def _bags(score: Score) -> tuple[Counter[object], Counter[object], Counter[object]]:
    tpq = score.tpq
    parts = [part for part in score.tracks if part.notes]
    notes: Counter[object] = Counter(
        (number, Fraction(n.onset, tpq), Fraction(n.duration, tpq), n.pitch)
        for number, part in enumerate(parts)
        for n in part.notes
    )
    onsets: Counter[object] = Counter((Fraction(n.onset, tpq), n.pitch) for n in score.notes())
    marks: Counter[object] = Counter(
        (Fraction(n.onset, tpq), n.pitch, mark)
        for n in score.notes()
        for mark in n.marks
        if not mark.startswith("voice:")
    )
    return notes, onsets, marks


def _maps(score: Score) -> tuple[object, object, object]:
    """Tempo, bar lines and key as long as music sounds."""
    tpq, end = score.tpq, score.end
    tempos = {Fraction(t.onset, tpq): round(t.qpm, 2) for t in score.tempos if t.onset < end}
    keys = {Fraction(k.onset, tpq): (k.fifths, k.mode) for k in score.keys if k.onset < end}
    bars = [(Fraction(b.onset, tpq), b.numerator, b.denominator) for b in score.bars()]
    return (
        _changes({Fraction(0): 120.0} | tempos),
        bars,
        _changes({Fraction(0): (0, "major")} | keys),
    )


def _changes(found: dict[Fraction, object]) -> list[tuple[Fraction, object]]:
    kept: list[tuple[Fraction, object]] = []
    for time, value in sorted(found.items()):
        if not kept or kept[-1][1] != value:
            kept.append((time, value))
    return kept


def through_codec(codec: Codec, score: Score) -> Iterator[tuple[Score, Score, tuple[str, ...]]]:
    """The parts of a score, and each after its trip through the codec's text."""
    for part in codec.parts(score):
        held = codec.project(part)
        after = codec.decode(codec.encode(held))
        reasons = () if after == held else ("text does not decode to what was projected",)
        yield part, after, reasons


def through_format(kind: Format, score: Score) -> Iterator[tuple[Score, Score, tuple[str, ...]]]:
    """A score, and the same after its trip through a file (tablature: a piece a track)."""
    written = kind.encode(score)
    scores = kind.decode(written.data).scores
    yield score, merge(scores), tuple(issue.code for issue in written.issues)


def own_text(codec: Codec, path: Path) -> Iterator[tuple[Score, Score, tuple[str, ...]]]:
    """The pieces of a text file of the codec's own kind, as read and after `canonical`."""
    for document in codec.documents(read_text(read_bytes(path, Format.max_bytes))):
        try:
            text = codec.canonical(document.text)
        except TextmusicError:
            continue
        yield codec.parse(document.text).score, codec.decode(text), ()


def certify(name: str, source: str, path: Path, *, is_codec: bool) -> Row:
    """Return the row of one file."""
    row = Row(name, source, _keeps(name, is_codec=is_codec), files=1)
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(SECONDS)
    try:
        if is_codec:
            codec = textmusic.get_codec(name)
            if path.suffix[1:].lower() in codec.sources and FOLDERS.get(source, ("", ()))[0]:
                trips = own_text(codec, path)
            else:
                trips = (t for s in textmusic.read(path).scores for t in through_codec(codec, s))
        else:
            kind = textmusic.formats.get(name)()
            trips = (t for s in textmusic.read(path).scores for t in through_format(kind, s))
        for before, after, reasons in trips:
            if any(True for _ in before.notes()):
                _count(row, reduce_ticks(before), reduce_ticks(after), reasons)
    except TextmusicError as error:
        row.refused = 1
        row.reasons[f"refused: {' '.join(str(error).split()).removeprefix(f'{path}: ')[:60]}"] += 1
    except TimeoutError:
        row.refused = 1
        row.reasons[f"over {SECONDS} s"] += 1
    except Exception as error:  # noqa: BLE001 - a certificate that hides a crash would be none
        row.refused = 1
        row.reasons[f"CRASH {path.name}: {type(error).__name__}: {error}"[:120]] += 1
    finally:
        signal.alarm(0)
    return row


def _late(*_: object) -> None:
    raise TimeoutError


def _count(row: Row, before: Score, after: Score, reasons: Sequence[str]) -> None:
    row.pieces += 1
    earlier = row.kept.copy(), row.total.copy()
    if compare(row, before, after):
        row.exact += 1
        return
    row.reasons.update(set(reasons))
    for name, feature in COLUMNS.items():
        if feature not in row.keeps:
            continue
        if row.kept[name] - earlier[0][name] != row.total[name] - earlier[1][name]:
            row.reasons[f"{name} differ"] += 1


def _keeps(name: str, *, is_codec: bool) -> frozenset[Feature]:
    return (textmusic.get_codec(name) if is_codec else textmusic.formats.get(name)()).keeps


def files_of(source: str, data: Path, sample: int) -> list[Path]:
    """Return the files of a source, thinned out."""
    if source == "corpus":
        import music21

        home = Path(music21.__file__).parent / "corpus"
        paths = [
            path
            for folder in CORPUS
            for path in sorted((home / folder).rglob("*"))
            if path.suffix in {".xml", ".mxl", ".krn", ".musicxml"}
        ]
    else:
        folder, suffixes = FOLDERS[source]
        found = sorted((data / folder).rglob("*"))
        paths = [path for path in found if path.suffix[1:].lower() in suffixes and path.is_file()]
    step = max(1, len(paths) // sample) if sample else 1
    return paths[::step]


def rows_of(data: Path, sample: int, only: Sequence[str]) -> Iterator[Row]:
    """Yield the certificates of codecs, then of formats."""
    formats = sorted({textmusic.formats.get(name).name for name in textmusic.formats.names()})
    both = [
        n for n in formats if textmusic.formats.get(n).reads and textmusic.formats.get(n).writes
    ]
    with ProcessPoolExecutor() as pool:
        for names, is_codec in ((textmusic.codecs.names(), True), (both, False)):
            for name in names:
                if only and name not in only:
                    continue
                for source in SOURCES.get(name, DEFAULT):
                    paths = files_of(source, data, sample)
                    work = partial(certify, name, source, is_codec=is_codec)
                    title = name if is_codec else f".{name}"
                    row = Row(title, source, _keeps(name, is_codec=is_codec))
                    found = pool.map(work, paths, chunksize=2)
                    for one in track(found, f"{name} ← {source}", len(paths), transient=True):
                        row.add(one)
                    yield row


def table(rows: Sequence[Row]) -> str:
    """Return the certificates as a Markdown table, and the reasons below."""
    head = [
        "codec or format",
        "music",
        "files",
        "refused",
        "pieces",
        "exact %",
        *(f"{c} %" for c in COLUMNS),
    ]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
    lines.append("")
    for row in rows:
        if row.reasons:
            said = ", ".join(f"{reason} ({n})" for reason, n in row.reasons.most_common(6))
            lines.append(f"- `{row.name}` of {row.source}: {said}")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--only", nargs="*", default=())
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    rows = list(rows_of(options.data, options.sample, options.only))
    text = table(rows)
    print(text)
    if options.markdown:
        options.markdown.write_text(text)


if __name__ == "__main__":
    main()
