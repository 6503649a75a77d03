"""The formats of MusicNet: label files in beats and in real time, and the archive of all."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from textmusic.codec import Feature
from textmusic.errors import FormatError
from textmusic.format import Format, Loaded, read_text
from textmusic.score import Score
from textmusic_musicnet._labels import Label, looks_like_labels, read_labels

__all__ = ["MusicNetArchive", "MusicNetLabels", "MusicNetSeconds"]

_KEPT = frozenset({Feature.ONSET, Feature.DURATION, Feature.PITCH, Feature.TRACK, Feature.PROGRAM})


class MusicNetLabels(Format):
    """MusicNet's label files, one a recording: note values and bars, one track an instrument.

    Times are beats brought to note values; the tempo follows the recording. The bars are guessed
    from the weight of their first beats, since labels have no metre. `MusicNetSeconds` keeps the
    time of the recording instead.

    Source: Thickstun, Harchaoui, Kakade: Learning Features of Music from Scratch, ICLR 2017.
    """

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "MusicNet labels"
    keeps: ClassVar[frozenset[Feature]] = _KEPT
    reads: ClassVar[bool] = True
    is_text: ClassVar[bool] = True

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Return whether the first line is that of a label file."""
        return looks_like_labels(read_text(data[:4096]))

    def decode(self, data: bytes) -> Loaded:
        """Return the score of a label file, with or without its header line.

        Raises:
            FormatError: it is none, or holds no usable row.
        """
        labels, issues = read_labels(read_text(data))
        return Loaded((self._score(labels),), issues)

    def _score(self, labels: Sequence[Label]) -> Score:
        from textmusic_musicnet._scores import score_in_beats

        return score_in_beats(labels, {})


class MusicNetSeconds(MusicNetLabels):
    """MusicNet's label files in real time: exact to the sample, at 120 quarters a minute.

    Plain `.csv` files are read so with ``--from seconds.csv``.
    """

    name: ClassVar[str] = "seconds.csv"
    title: ClassVar[str] = "MusicNet labels in real time"

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Return False: a label file is read by its beats unless this format is named."""
        return False

    def _score(self, labels: Sequence[Label]) -> Score:
        from textmusic_musicnet._scores import score_in_seconds

        return score_in_seconds(labels, {})


@dataclass(frozen=True)
class MusicNetArchive(Format):
    """MusicNet's archive of all recordings with their labels: one score a recording.

    The audio is passed over, never loaded, and the pickles are read without running anything.

    Args:
        in_seconds: keep the time of the recordings instead of note values.
    """

    in_seconds: bool = False

    name: ClassVar[str] = "npz"
    title: ClassVar[str] = "MusicNet archive"
    keeps: ClassVar[frozenset[Feature]] = _KEPT
    reads: ClassVar[bool] = True

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Return whether the bytes are a zip archive of numpy arrays."""
        return data[:4] == b"PK\x03\x04" and b".npy" in data[:256]

    def decode(self, data: bytes) -> Loaded:
        """Return the scores of an archive.

        Raises:
            FormatError: it is no such archive, or its pickles name what labels do not need.
        """
        return self._load(io.BytesIO(data))

    def read(self, path: str | Path) -> Loaded:
        """Read an archive of any size: only its labels are loaded.

        Raises:
            FormatError: it is missing, or `decode` would refuse it; the message names it.
        """
        try:
            with Path(path).open("rb") as file:
                return self._load(file)
        except OSError as error:
            raise FormatError(f"{path}: cannot be read: {error.strerror or error}") from error
        except FormatError as error:
            raise FormatError(f"{path}: {error}", error.issues) from error

    def _load(self, file: IO[bytes]) -> Loaded:
        from textmusic_musicnet._npz import read_npz
        from textmusic_musicnet._scores import score_in_beats, score_in_seconds

        make: Callable[[Sequence[Label], dict[str, str]], Score]
        make = score_in_seconds if self.in_seconds else score_in_beats
        pieces, issues = read_npz(file)
        scores = (make(labels, {"title": f"MusicNet {name}"}) for name, labels in pieces)
        return Loaded(tuple(scores), issues)
