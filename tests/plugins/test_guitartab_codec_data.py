"""The codec on real files, where a folder of them lies beside the checkout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from textmusic.errors import FormatError
from textmusic.grammar import first_error
from textmusic.registry import formats
from textmusic.score import Score
from textmusic_guitartab import GuitarTabCodec

CODEC = GuitarTabCodec()


def parts(folder: Path, every: int) -> Iterator[Score]:
    files = [p for p in sorted(folder.rglob("*")) if p.suffix in {".gp3", ".gp4", ".gp5", ".mid"}]
    for path in files[::every]:
        try:
            loaded = formats.get(path.suffix[1:])().read(path)
        except FormatError:
            continue
        for score in loaded.scores:
            yield from CODEC.parts(score)


def struck(score: Score) -> list[tuple[int, int | None, int | None]]:
    """Onset in 1/960 quarter, string and fret of every note but grace notes."""
    track = score.tracks[0]
    notes = (note for note in track.notes if not note.grace)
    return [(n.onset * 960 // score.tpq, n.string, track.fret(n)) for n in notes]


def test_guitar_pro_tracks_keep_strings_and_frets_and_come_back(data: Path):
    kept = total = files = 0
    guitar_pro = formats.get("gp5")()
    for part in parts(data / "gp", 40):
        projected = CODEC.project(part)
        text = CODEC.encode(projected)
        assert CODEC.decode(text) == projected
        assert first_error(CODEC.grammar(), text) is None
        if len(part.tracks[0].tuning) in {6, 7}:
            written = guitar_pro.encode(CODEC.decode(text)).data
            assert struck(guitar_pro.decode(written).scores[0]) == struck(projected)
            files += 1
        before = [(n.string, n.pitch) for n in part.tracks[0].notes if "dead" not in n.marks]
        after = [(n.string, n.pitch) for n in projected.tracks[0].notes if "dead" not in n.marks]
        total += len(before)
        kept += (Counter(before) & Counter(after)).total()
    assert files > 0
    assert kept / total > 0.99


@pytest.mark.parametrize("layout", ["events", "columns", "rows"])
def test_midi_files_become_tabs_that_come_back(data: Path, layout: str):
    codec = GuitarTabCodec(layout)
    for part in parts(data / "midi", 300 if layout == "events" else 1200):
        projected = codec.project(part)
        text = codec.encode(projected)
        assert codec.validate(text) == ()
        assert codec.decode(text) == projected
