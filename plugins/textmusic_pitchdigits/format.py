"""The text format `digits.txt`."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textmusic.codec import Feature
from textmusic.errors import EncodeError, FormatError, Issue
from textmusic.format import Format, Loaded, Written, read_text
from textmusic.score import Score
from textmusic_pitchdigits.extended import write_extended
from textmusic_pitchdigits.projecting import melodic_parts, project_extended
from textmusic_pitchdigits.texts import looks_like_pitch_digits, read_scores

__all__ = ["PitchDigitsText"]


class PitchDigitsText(Format):
    """Melodies as degrees 1…7: labelled staves, numbered notation (jianpu), our own text.

    Reading gives a Score a stave, block or piece, and says in notes how the text is written and
    what in it is no music. Writing gives the extended form of the codec `pitchdigits`, a paragraph
    for every track that is mostly one voice.

    Example:
        >>> loaded = PitchDigitsText().decode(b"1 2 3 5+\\n6- 1 1\\n")
        >>> [[note.pitch for note in score.notes()] for score in loaded.scores]
        [[60, 62, 64, 79], [57, 60, 60]]
    """

    name = "digits.txt"
    title = "pitch digits"
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {
            Feature.ONSET,
            Feature.DURATION,
            Feature.PITCH,
            Feature.METER,
            Feature.TEMPO,
            Feature.KEY,
        }
    )
    reads = True
    writes = True
    is_text = True

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether most lines of a text are made of digits as notes."""
        return looks_like_pitch_digits(read_text(data[: 1 << 19]))

    def decode(self, data: bytes) -> Loaded:
        """Return one Score a stave, block or piece; issues count characters of `read_text(data)`.

        Raises:
            FormatError: there is no line of notes.
        """
        scores, issues = read_scores(read_text(data))
        if not scores:
            raise FormatError("no line of pitch digits found", issues)
        return Loaded(tuple(scores), tuple(issues))

    def encode(self, score: Score) -> Written:
        """Return a paragraph for every track that is mostly one voice.

        Raises:
            FormatError: there is no melody.
        """
        parts = melodic_parts(score)
        paragraphs: list[str] = []
        issues: list[Issue] = []
        try:
            for part in parts:
                held, complaints = project_extended(part)
                paragraphs.append(write_extended(held))
                name = part.tracks[0].name[:40]
                issues += [replace(i, message=f"{name}: {i.message}") for i in complaints if name]
                issues += complaints if not name else []
        except EncodeError as error:
            raise FormatError(f"no melody to write: {error}") from error
        if not paragraphs:
            raise FormatError("no track has a melody in it")
        tracks = sum(bool(track.notes) for track in score.tracks)
        if tracks > 1:
            message = f"wrote {len(parts)} of {tracks} tracks, one after the other"
            issues.append(Issue("pitchdigits.tracks", message, 0, 0, "warning"))
        lines = [" ".join(issue.message.split()) for issue in issues]
        told = tuple(replace(i, message=m) for i, m in zip(issues, lines, strict=True))
        return Written("\n".join(paragraphs).encode(), told)
