"""alphaTab reads our Guitar Pro 7 files as we write them, and real ones as we read them."""

from __future__ import annotations

import pytest
from gpif_documents import own_song
from guitarpro_scores import scores
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracles.pages import differences, mark_differences, pages_with_alphatab

from textmusic.score import Score
from textmusic_guitarpro.engrave import engrave
from textmusic_guitarpro.gpif import read_gp, write_gp
from textmusic_guitarpro.gpif.write import LIMITS
from textmusic_guitarpro.song import Song


@pytest.fixture(autouse=True)
def _with_alphatab(alphatab) -> None:
    """All tests here need alphaTab."""


def agree(songs: list[Song]) -> None:
    pages = pages_with_alphatab([write_gp(song).data for song in songs])
    for song, page in zip(songs, pages, strict=True):
        assert not isinstance(page, str), page
        assert differences(song, page) == []


def test_a_song_of_every_kind_is_read_as_written():
    agree([own_song()])


def test_techniques_are_read_as_written():
    song = own_song()
    (page,) = pages_with_alphatab([write_gp(song).data])
    assert not mark_differences(song, page)  # type: ignore[arg-type]


@given(st.lists(scores(), min_size=6, max_size=6))
@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],  # a shrink would start node hundreds of times
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_generated_scores_are_read_as_written(batch: list[Score]):
    agree([engrave(score, LIMITS)[0] for score in batch])


def test_real_files_are_the_same_page(data):
    paths = sorted((data / "gp" / "slundi").glob("*.gp"))[::4]
    paths += sorted((data / "gp" / "slundi").glob("*.gpx"))[::4]
    files = [path.read_bytes() for path in paths]
    songs = [read_gp(content)[0] for content in files]
    same = 0
    for song, page in zip(songs, pages_with_alphatab(files), strict=True):
        assert not isinstance(page, str)
        same += not differences(song, page)
    assert same >= 0.98 * len(paths)
    agree(songs)
