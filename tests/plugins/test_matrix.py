"""From every readable format to every writable one, with a piece that has a bit of everything."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from gpif_documents import packed, sectors
from test_musicnet_archive import archive
from test_musicnet_archive import piece as archived
from test_musicnet_labels import HEADER, SCALE, rows
from test_musicxml_others import CAPELLA, KERN, MEI, NOTEWORTHY
from test_pitchdigits_pdf import one_column, staves

from textmusic import api
from textmusic.errors import FormatError
from textmusic.fretboard import GUITAR
from textmusic.registry import formats
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic.testing._features import difference

THIRD = 8
"""A third of a quarter, in ticks."""


def piece() -> Score:
    """Chords, a triplet, a tie over a bar line, two tempi, two metres, strings."""
    places = [
        (0, 24, 40, 0), (0, 24, 47, 1), (0, 24, 52, 2),  # a chord
        (24, THIRD, 55, 3), (24 + THIRD, THIRD, 57, 3), (24 + 2 * THIRD, THIRD, 59, 4),
        (48, 24, 64, 5),
        (72, 48, 60, 4),  # tied into the second bar
        (120, 24, 57, 3), (144, 24, 55, 3),
        (168, 48, 52, 2), (216, 24, 50, 2),
    ]  # fmt: skip
    notes = tuple(Note(at, long, pitch, string=string) for at, long, pitch, string in places)
    return Score(
        (Track(notes, "Guitar", 25, tuning=GUITAR),),
        24,
        (Tempo(0, 96), Tempo(96, 120)),
        (Meter(0, 4, 4), Meter(96, 3, 4)),
        (Key(0, 1),),
        (("title", "A bit of everything"),),
    )


def zipped(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, text)
    return packed.getvalue()


def gpx() -> bytes:
    """The document of a Guitar Pro 7 file in the container of Guitar Pro 6."""
    with zipfile.ZipFile(io.BytesIO(formats.get("gp")().encode(piece()).data)) as file:
        return packed(sectors({"score.gpif": file.read("Content/score.gpif")}))


READ_ONLY: dict[str, Callable[[], bytes]] = {
    "capx": lambda: zipped("score.xml", CAPELLA),
    "csv": (HEADER + rows(*SCALE)).encode,
    "gpx": gpx,
    "krn": lambda: KERN.replace(":|!", "").encode(),
    "mei": MEI.encode,
    "npz": lambda: archive({"1": archived(rows(*SCALE))}),
    "nwctxt": NOTEWORTHY.encode,
    "pdf": lambda: one_column(staves(3)),
    "seconds.csv": (HEADER + rows(*SCALE)).encode,
}
SOURCES = [name for name in formats.names() if formats.get(name).reads]
TARGETS = [name for name in SOURCES if formats.get(name).writes]
"""Pictures and sound are written only; test_engraving.py and test_audio.py have them."""


def test_the_matrix_has_every_format() -> None:
    assert set(READ_ONLY) == set(SOURCES) - set(TARGETS)
    assert {"abc", "atex", "gp", "gp5", "mid", "musicxml", "mxl", "tab"} <= set(TARGETS)


@pytest.mark.parametrize("source", SOURCES)
def test_a_piece_goes_from_a_format_to_every_other(source: str, tmp_path: Path) -> None:
    written = source in TARGETS
    data = formats.get(source)().encode(piece()).data if written else READ_ONLY[source]()
    path = tmp_path / f"piece.{source}"
    path.write_bytes(data)
    (before, *_) = api.read(path).scores
    assert any(True for _ in before.notes())
    for target in TARGETS:
        ((out, issues), *_) = api.convert(path, tmp_path / f"out.{target}")
        try:
            scores = api.read(out).scores
        except FormatError as error:
            raise AssertionError(f"{source} to {target}: {error}") from error
        kept = formats.get(target).keeps
        line = difference(before, scores[0], kept) if len(scores) == 1 else None
        assert line is None or issues, f"{source} to {target}: {line}"
        assert any(True for _ in scores[0].notes()), f"{source} to {target}"


@pytest.mark.parametrize("name", ["abc", "atex", "gp", "gp5", "mid", "musicxml", "mxl", "tab"])
def test_what_a_format_keeps_of_the_piece_is_kept(name: str, tmp_path: Path) -> None:
    """Nothing in the piece is out of the ordinary, so these lose nothing that they promise."""
    path = tmp_path / f"piece.{name}"
    api.write(piece(), path)
    (after,) = api.read(path).scores
    assert difference(piece(), after, formats.get(name).keeps) is None
