"""Real Guitar Pro 6, 7 and 8 files of the folder beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
from hang import no_hang

from textmusic.errors import FormatError
from textmusic.transforms import reduce_ticks
from textmusic_guitarpro.gpif import read_gp, write_gp
from textmusic_guitarpro.gpif.container import gpif_of
from textmusic_guitarpro.gpif.format import GuitarPro7


@pytest.fixture(scope="module")
def files(data) -> list[Path]:
    return [path for path in sorted((data / "gp").rglob("*")) if path.suffix in {".gp", ".gpx"}]


def test_all_are_read_with_their_notes_in_time(files):
    notes = 0
    for path in files:
        with no_hang():
            (score,) = GuitarPro7().read(path).scores
        notes += sum(len(track.notes) for track in score.tracks)
    assert len(files) == 288
    assert notes > 60_000


def test_their_pages_come_back_as_they_are(files):
    for path in files[::3]:
        song, _ = read_gp(path.read_bytes())
        written = write_gp(song)
        again, _ = read_gp(written.data)
        assert again == song, path
        assert not written.issues, path


def test_their_music_comes_back_unless_that_is_said(files):
    for path in files[1::6]:
        (score,) = GuitarPro7().read(path).scores
        written = GuitarPro7().encode(score)
        (again,) = GuitarPro7().decode(written.data).scores
        if not written.issues and score.end:
            before, after = reduce_ticks(score), reduce_ticks(again)
            assert (before.tracks, before.tempos) == (after.tracks, after.tempos), path


@pytest.mark.parametrize("suffix", [".gp", ".gpx"])
def test_one_cut_anywhere_is_refused_or_complete(files, suffix: str):
    path = next(path for path in files if path.suffix == suffix)
    data = path.read_bytes()
    whole = gpif_of(data)
    for step in range(50):
        try:
            assert gpif_of(data[: len(data) * step // 50]) == whole
        except FormatError as error:
            assert "\n" not in str(error)  # noqa: PT017 - both outcomes are right
