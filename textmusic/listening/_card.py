"""What the page shows of a piece: a card, light enough to lie there by the hundred, and a detail."""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

from textmusic import api
from textmusic.errors import FormatError, Issue, locate
from textmusic.evaluate import Overlap
from textmusic.instruments import PROGRAMS
from textmusic.listening._critic import Usual
from textmusic.listening._pieces import Piece
from textmusic.registry import formats
from textmusic.score import Key, Score, Track

__all__ = ["AUDIO", "DOWNLOADS", "Card", "Detail", "Download", "card_of"]

Drawing = Literal["tablature", "score", "abc", ""]
"""Guitar Pro and MusicXML files, both drawn by alphaTab, and ABC, drawn by abcjs; or nothing."""
DOWNLOADS = ("mid", "gp", "musicxml", "abc", "tab")
AUDIO = {"ogg": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav"}
"""Formats of sound that browsers play, and what they call them."""
_TONICS = {
    "major": "C", "minor": "A", "dorian": "D", "phrygian": "E", "lydian": "F",
    "mixolydian": "G", "locrian": "B",
}  # fmt: skip
_CIRCLE = "FCGDAEB"


@dataclass(frozen=True, slots=True)
class Download:
    """A file of a piece.

    Args:
        suffix: of the format: ``.mid``.
        title: what people call the format.
        href: where it lies, from the page.
        size: bytes.
        lost: what the format could not hold.
        audio: the MIME type of sound; empty for other files.
    """

    suffix: str
    title: str
    href: str
    size: int
    lost: tuple[str, ...] = ()
    audio: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """All that can be seen of a piece, sorted and searched for, without opening it.

    Args:
        id: unique on the page; letters and digits.
        title: what it is called.
        source: the run or the file that it comes from.
        codec: name of the codec of its text, or empty.
        key, meter: of its beginning, such as ``E minor`` and ``6/8``; empty where it says none.
        tempo: quarter notes a minute at its beginning.
        bars, notes: how many.
        seconds: how long it sounds.
        instruments: names, without repetition.
        characters: of its text; None where there is none.
        bits_per_char, bits_per_note: minus the log-likelihood under the model; None without one.
        errors, warnings: how many issues.
        overlap: what it shares with the training set; None without one.
        usual: what held-out music shares; None where nothing was held out.
        drawing: how its score is drawn; empty where there is nothing to draw.
        downloads: its files.
    """

    id: str
    title: str
    source: str
    codec: str
    key: str
    meter: str
    tempo: float
    bars: int
    notes: int
    seconds: float
    instruments: tuple[str, ...]
    characters: int | None
    bits_per_char: float | None
    bits_per_note: float | None
    errors: int
    warnings: int
    overlap: Overlap | None
    usual: Usual | None
    drawing: Drawing
    downloads: tuple[Download, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """What is looked at of one piece: loaded when it is drawn, played or opened.

    Args:
        text: what was written.
        issues: with line and column.
        bits: information of each character of the text; empty without a model.
        score: what is drawn: a Guitar Pro or MusicXML file in Base64, or ABC.
        midi: a MIDI file in Base64; empty where nothing sounds.
    """

    text: str | None
    issues: tuple[dict[str, Any], ...]
    bits: tuple[float, ...]
    score: str
    midi: str


def card_of(
    piece: Piece, number: int, to: tuple[str, ...] = DOWNLOADS
) -> tuple[Card, Detail, dict[str, bytes]]:
    """Return the card of a piece, its detail, and its files by their place from the page."""
    notes = sum(1 for _ in piece.score.notes())
    files = _Files(piece, number, to if notes else ())
    bits = piece.critic.bits(piece.text) if piece.critic and piece.codec and piece.text else []
    shared = piece.critic.sharing(piece.score) if piece.critic and notes else None
    kind, drawn = _drawing(piece, files)
    score = piece.score
    card = Card(
        id=f"s{number:04}",
        title=piece.title,
        source=piece.source,
        codec=piece.codec.name if piece.codec else "",
        key=_key_name(score.keys[0]) if score.keys else "",
        meter=f"{score.meters[0].numerator}/{score.meters[0].denominator}" if score.meters else "",
        tempo=score.tempos[0].qpm if score.tempos else 120.0,
        bars=len(score.bars()),
        notes=notes,
        seconds=score.seconds(score.end),
        instruments=tuple(dict.fromkeys(_instrument(t) for t in score.tracks if t.notes)),
        characters=len(piece.text) if piece.text is not None else None,
        bits_per_char=sum(bits) / len(bits) if bits else None,
        bits_per_note=sum(bits) / notes if bits and notes else None,
        errors=sum(issue.severity == "error" for issue in piece.issues),
        warnings=sum(issue.severity == "warning" for issue in piece.issues),
        overlap=shared[0] if shared else None,
        usual=shared[1] if shared else None,
        drawing=kind,
        downloads=tuple(files.downloads),
    )
    midi = files.encoded("mid") if notes else b""
    detail = Detail(
        text=piece.text,
        issues=tuple(_issue(issue, piece.text) for issue in piece.issues),
        bits=tuple(round(each, 2) for each in bits),
        score=drawn,
        midi=base64.b64encode(midi).decode(),
    )
    return card, detail, files.content


class _Files:
    """The files of a piece, each written once."""

    def __init__(self, piece: Piece, number: int, to: tuple[str, ...]) -> None:
        self._score = piece.score
        self._made: dict[str, tuple[bytes, tuple[Issue, ...]]] = {}
        self.content: dict[str, bytes] = {}
        self.downloads: list[Download] = []
        stem = f"music/{number:04}-{_slug(piece.title)}"
        for suffix in to:
            data = self.encoded(suffix)
            if data:
                lost = (i.message for i in self._made[suffix][1] if i.severity != "note")
                self._add(suffix, formats.get(suffix).title, f"{stem}.{suffix}", data, tuple(lost))
        if piece.text is not None and piece.codec:
            self._add(
                "txt",
                f"{piece.codec.name} text",
                f"{stem}.{piece.codec.name}.txt",
                piece.text.encode(),
                (),
            )

    def encoded(self, suffix: str) -> bytes:
        """The bytes of a format; empty where it is not installed or cannot hold the piece."""
        if suffix not in formats:
            return b""
        if suffix not in self._made:
            try:
                written = api.format_of("", suffix).encode(self._score)
                self._made[suffix] = written.data, written.issues
            except FormatError:
                self._made[suffix] = b"", ()
        return self._made[suffix][0]

    def _add(self, suffix: str, title: str, href: str, data: bytes, lost: tuple[str, ...]) -> None:
        self.content[href] = data
        audio = AUDIO.get(suffix, "")
        self.downloads.append(Download(f".{suffix}", title, href, len(data), lost, audio))


def _drawing(piece: Piece, files: _Files) -> tuple[Drawing, str]:
    """How a piece is drawn, and from what.

    ABC as it was written, with its repeats and chord symbols; music with strings or drums as
    Guitar Pro has it, other music as MusicXML.
    """
    written = piece.codec is not None and "abc" in piece.codec.sources and not piece.translated
    if written and piece.text and _abcjs_knows(piece.score):
        return "abc", piece.text
    kinds: list[tuple[Drawing, str]] = [("score", "mxl"), ("tablature", "gp")]
    if any(track.tuning or track.is_drum for track in piece.score.tracks):
        kinds.reverse()
    if any(True for _ in piece.score.notes()):
        for kind, suffix in kinds:
            if data := files.encoded(suffix):
                return kind, base64.b64encode(data).decode()
    return "", ""


def _abcjs_knows(score: Score) -> bool:
    """Whether abcjs has signs for all notes and rests: from a 128th to two whole notes."""
    whole = 4 * score.tpq
    notes = [note.duration for note in score.notes() if note.duration]
    bars = [bar.end - bar.onset for bar in score.bars()]
    return bool(notes) and max(*notes, *bars) <= 2 * whole and 128 * min(notes) >= whole


def _key_name(key: Key) -> str:
    """The name of a key: its tonic and its mode."""
    place = _CIRCLE.index(_TONICS[key.mode]) + key.fifths
    accidentals = place // 7
    sign = "♯" * accidentals if accidentals > 0 else "♭" * -accidentals
    return f"{_CIRCLE[place % 7]}{sign} {key.mode}"


def _instrument(track: Track) -> str:
    return "Drums" if track.is_drum else PROGRAMS[track.program]


def _issue(issue: Issue, text: str | None) -> dict[str, Any]:
    line, column = locate(text, issue.offset) if text is not None else (0, 0)
    return {
        "code": issue.code, "message": issue.message, "severity": issue.severity,
        "offset": issue.offset, "length": issue.length, "line": line, "column": column,
    }  # fmt: skip


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "piece"
