"""What is struck when: the notes of a part gathered, as pages give them and `projection` takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, groupby
from operator import attrgetter, sub
from typing import NamedTuple

import numpy as np

from textmusic.errors import EncodeError
from textmusic.score import Columns, Score, Track

__all__ = [
    "Groups",
    "Music",
    "Struck",
    "grace_of",
    "groups_of",
    "music_of",
    "playable",
    "score_with",
]

Struck = tuple[tuple[int, int, int | None, frozenset[str]], ...]
"""Pitch, velocity, string and marks of notes that start together, in the order of a `Track`."""
_FIELDS = attrgetter("pitch", "velocity", "string", "marks")
_DURATION = attrgetter("duration")


class Groups(NamedTuple):
    """For each group of notes that start together the onset, the end of the longest, the notes."""

    onsets: Sequence[int] = ()
    ends: Sequence[int] = ()
    struck: Sequence[Struck] = ()


class Music(NamedTuple):
    """A score whose notes do not count, one of its tracks, and what that plays."""

    score: Score
    track: Track
    groups: Groups


def grace_of(marks: frozenset[str]) -> int:
    """Return K for the K-th grace note before its main note, 0 for an ordinary note."""
    return next((int(mark[6:]) for mark in marks if mark.startswith("grace:")), 0)


def playable(track: Track) -> bool:
    """Whether a track has notes for a fretted instrument."""
    return not track.is_drum and any(not note.grace for note in track.notes)


def music_of(score: Score) -> Music:
    """Return the first part of a score that a fretted instrument can play.

    Raises:
        EncodeError: there is none.
    """
    track = next(filter(playable, score.tracks), None)
    if track is None:
        raise EncodeError("no track with notes for a fretted instrument")
    return Music(score, track, groups_of(track))


def groups_of(track: Track) -> Groups:
    """Return the groups of a track."""
    onsets: list[int] = []
    ends: list[int] = []
    struck: list[Struck] = []
    for onset, members in groupby(track.notes, key=attrgetter("onset")):
        notes = list(members)
        onsets.append(onset)
        ends.append(onset + max(map(_DURATION, notes)))
        struck.append(tuple(map(_FIELDS, notes)))
    return Groups(onsets, ends, struck)


def score_with(music: Music) -> Score:
    """Return the score, its track with the notes that are struck, which are made on first use."""
    onsets, ends, struck = music.groups
    if not onsets and not music.score.tracks:
        return music.score
    notes = list(chain.from_iterable(struck))
    pitches, velocities, strings, marks = zip(*notes, strict=True) if notes else ((),) * 4
    sizes = list(map(len, struck))
    durations = np.array(list(map(sub, ends, onsets)), np.int64).repeat(sizes)
    durations[[place for place, own in enumerate(marks) if own and grace_of(own)]] = 0
    columns = (
        np.array(onsets, np.int64).repeat(sizes),
        durations,
        np.array(pitches, np.int64),
        np.array(velocities, np.int64),
    )
    track = music.track
    played = Track.of(
        Columns(*(column.data.toreadonly() for column in columns)),
        name=track.name,
        program=track.program,
        tuning=track.tuning,
        capo=track.capo,
        played=(strings, marks),
    )
    return replace(music.score, tracks=(played,))
