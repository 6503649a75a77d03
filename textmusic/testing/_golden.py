"""Golden texts: what every released format version of a codec wrote must decode for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from textmusic.codec import Codec
from textmusic.errors import ConfigError, errors_of
from textmusic.format import write_atomic
from textmusic.score import Score
from textmusic.testing._shrink import brief, quote
from textmusic.transforms import reduce_ticks

__all__ = ["Golden", "golden_problem", "read_golden", "record_golden", "score_digest"]


@dataclass(frozen=True, slots=True)
class Golden:
    """One text that a released version wrote, and the digest of the score that it stands for."""

    version: int
    config: dict[str, Any]
    text: str
    digest: str


def score_digest(score: Score) -> str:
    """Return a SHA-256 of the music, the same at any number of ticks per quarter."""
    return hashlib.sha256(brief(reduce_ticks(score), 1 << 30).encode()).hexdigest()


def record_golden(codec: Codec, scores: Iterable[Score], folder: str | Path) -> Path:
    """Write the texts of some scores as golden texts of the codec's present format version.

    Do it once for every released version, with scores that show all that the text can say, and
    commit the file.

    Returns:
        The file, ``NAME-VERSION.json`` in `folder`.

    Raises:
        ConfigError: the file exists: what was released does not change.
    """
    path = Path(folder) / f"{codec.name}-{codec.format_version}.json"
    if path.exists():
        raise ConfigError(f"{path}: golden texts of a released version stay; bump format_version")
    entries = []
    for score in scores:
        text = codec.encode(codec.project(score))
        digest = score_digest(codec.decode(text))
        entries.append(asdict(Golden(codec.format_version, codec.config(), text, digest)))
    write_atomic(path, json.dumps(entries, indent=1, ensure_ascii=False) + "\n")
    return path


def read_golden(name: str, folder: str | Path) -> tuple[Golden, ...]:
    """Return the golden texts of all versions of the codec of that name, oldest first.

    Raises:
        ConfigError: a file does not hold what `record_golden` writes.
    """
    found = []
    for path in sorted(Path(folder).glob(f"{name}-*.json")):
        try:
            found += [Golden(**entry) for entry in json.loads(path.read_text("utf-8"))]
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{path}: not a file of golden texts: {error}") from error
    return tuple(sorted(found, key=lambda golden: golden.version))


def golden_problem(codec: Codec, folder: str | Path) -> str | None:
    """Return the first golden text that the codec does not hold to, or None."""
    texts = read_golden(codec.name, folder)
    if not any(golden.version == codec.format_version for golden in texts):
        return f"none of version {codec.format_version} in {folder}: call record_golden"
    for golden in texts:
        old = codec.from_config(golden.config)
        errors = errors_of(old.validate(golden.text))
        where = f"version {golden.version}, text {quote(golden.text)}"
        if errors:
            return f"{where}: {errors[0].render(golden.text)}"
        score = old.decode(golden.text)
        if score_digest(score) != golden.digest:
            return f"{where}: decodes to other music: {brief(score)}"
        if golden.version == codec.format_version and old.encode(score) != golden.text:
            return f"{where}: is now written {quote(old.encode(score))}; bump format_version"
    return None
