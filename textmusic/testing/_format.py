"""`check_format`: all laws of a file format in one call."""

# ruff: noqa: S311 - material for tests, not for secrets
from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from textmusic.format import Format
from textmusic.score import Score
from textmusic.testing._format_laws import (
    DECLARED_LAWS,
    KEEPS_LAWS,
    READING_LAWS,
    RECOGNISING_LAWS,
    ROUND_TRIP_LAWS,
    WRITING_LAWS,
    FileCase,
    FormatCase,
    explain_format_case,
)
from textmusic.testing._material import ODD_SCORES, mixed_scores, mutate_bytes
from textmusic.testing._report import Report

__all__ = ["check_format"]

_LEAST_ACCEPTED = 0.1


def check_format(
    form: Format,
    *,
    scores: Iterable[Score] | None = None,
    files: Sequence[bytes] = (),
    examples: int = 30,
    seed: int = 0,
) -> None:
    """Check every law that `Format` promises, on random and odd music and on damaged bytes.

    Args:
        form: the format.
        scores: the scores to write; default: random ones of many kinds, and odd ones.
        files: contents of real files; a format that only reads needs some.
        examples: how many random scores, and a tenth of the number of damaged files.
        seed: of all randomness; equal seeds check the same.

    Raises:
        LawError: something is broken; see `check_codec`.
    """
    report = Report()
    subject = f"format {getattr(form, 'name', type(form).__name__)!r}"
    report.run(DECLARED_LAWS[:1], [form])
    report.finish(subject, "nothing else was tried")
    report.run(DECLARED_LAWS[1:], [form])
    cases: list[FormatCase] = []
    if form.writes:
        music = [*mixed_scores(examples, seed), *ODD_SCORES] if scores is None else list(scores)
        cases = [FormatCase(form, score) for score in music]
        report.run(WRITING_LAWS, cases, explain_format_case)
        if form.reads:
            report.run(ROUND_TRIP_LAWS, cases, explain_format_case)
            report.run(RECOGNISING_LAWS, cases)
        if "encode-total" not in report.broken:
            _enough(report, cases)
        if form.reads:
            report.run(KEEPS_LAWS, [form])
    damaged = _damaged([*files, *_own_files(cases)], examples, seed) if form.reads else []
    report.run(READING_LAWS, [FileCase(form, data) for data in [*files, *damaged]])
    report.finish(
        subject,
        f"{len(cases)} scores, {len(files) + len(damaged)} files, seed {seed}",
    )


def _own_files(cases: list[FormatCase]) -> list[bytes]:
    found = []
    for case in cases:
        try:
            if case.written:
                found.append(case.written.data)
        except Exception:  # noqa: BLE001, S112 - reported as `encode-total` already
            continue
    return found


def _damaged(files: list[bytes], examples: int, seed: int) -> list[bytes]:
    random = Random(f"{seed}:bytes")
    sources = sorted(set(files), key=len)[: 2 * examples] or [b"\0" * 64]
    damaged = [mutate_bytes(random, random.choice(sources)) for _ in range(10 * examples)]
    noise = [random.randbytes(size) for size in (1, 16, 1000)]
    return [
        b"",
        b"\0" * 1000,
        b"\xff" * 1000,
        "²\ud800é".encode("utf-8", "replace"),
        *noise,
        *damaged,
    ]


def _enough(report: Report, cases: list[FormatCase]) -> None:
    """A format that refuses everything would keep every law."""
    playable = [case for case in cases if any(True for _ in case.score.notes())]
    taken = [case for case in playable if case.written]
    if len(taken) < max(1, _LEAST_ACCEPTED * len(playable)):
        message = f"of {len(playable)} scores with notes, encode took {len(taken)}"
        report.add("accepts", "a format holds at least a tenth of the scores", message)
