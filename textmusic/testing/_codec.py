"""`check_codec`: all laws of a codec in one call."""

# ruff: noqa: S311 - material for tests, not for secrets
from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from textmusic.codec import Codec
from textmusic.score import Score
from textmusic.testing._codec_laws import SCORE_LAWS, Case, explain_case
from textmusic.testing._grammar_laws import CONTROL_LAWS, WALK_LAWS, Walk, controlled_walks
from textmusic.testing._identity_laws import IDENTITY_LAWS, golden_law
from textmusic.testing._material import ODD_SCORES, hostile_texts, mixed_scores, mutate
from textmusic.testing._report import Report, Watch
from textmusic.testing._text_laws import MINE_LAWS, TEXT_LAWS, TextCase, explain_text

__all__ = ["check_codec"]

_LEAST_ACCEPTED = 0.1


def check_codec(
    codec: Codec,
    *,
    scores: Iterable[Score] | None = None,
    texts: Sequence[str] = (),
    examples: int = 50,
    mutations: int | None = None,
    seed: int = 0,
    golden: str | Path | None = None,
    watch: Watch | None = None,
) -> None:
    """Check every law that `Codec` promises, on random and odd music and on damaged text.

    Args:
        codec: with the options to check; call it once for each interesting set of options.
        scores: the scores to check on; default: random ones of many kinds, and odd ones.
        texts: real texts of the codec's own kind, as people write them.
        examples: how many random scores; also half as many walks under the grammar.
        mutations: how many damaged texts; default: four times `examples`.
        seed: of all randomness; equal seeds check the same.
        golden: folder with the files of `record_golden`.
        watch: told while a law is tried: its name, how many examples are done, how many there
            are. For a progress bar.

    Raises:
        LawError: something is broken. Its message names each law, what was expected, and the
            smallest example found; `failures` holds the same one by one.
    """
    report = Report(watch)
    music = [*mixed_scores(examples, seed), *ODD_SCORES] if scores is None else list(scores)
    cases = [Case(codec, score) for score in music]
    subject = f"codec {getattr(codec, 'name', type(codec).__name__)!r}"
    report.run(IDENTITY_LAWS[:1], [codec])
    report.finish(subject, "nothing else was tried")
    report.run(SCORE_LAWS, cases, explain_case)
    if "project" not in report.broken:
        _enough(report, cases)
    report.run(IDENTITY_LAWS[1:], [codec])
    if golden is not None:
        report.run([golden_law(golden)], [codec])
    own = _own_texts(cases)
    count = 4 * examples if mutations is None else mutations
    tried = _damaged(codec, [*own, *texts], examples, count, seed)
    mine = [TextCase(codec, text) for text in texts]
    report.run(TEXT_LAWS, [*mine, *(TextCase(codec, text) for text in tried)], explain_text)
    report.run(MINE_LAWS, mine, explain_text)
    walks: list[Walk] = []
    if "grammar-accepts" not in report.broken and codec.grammar() is not None:
        walks = [Walk(codec, f"{seed}:{index}") for index in range(max(examples // 2, 1))]
        walks += [Walk(codec, str(seed), along=text) for text in own[:10]]
        for law in WALK_LAWS:
            report.run([law], walks)
        asked = controlled_walks(codec, seed)
        for law in CONTROL_LAWS:
            report.run([law], asked)
    report.finish(
        subject,
        f"{len(cases)} scores, {len(mine) + len(tried)} texts, {len(walks)} walks, seed {seed}",
    )


def _enough(report: Report, cases: list[Case]) -> None:
    """A codec that refuses everything would keep every law."""
    playable = [case for case in cases if any(True for _ in case.score.notes())]
    taken = [case for case in playable if case.has_notes]
    if len(taken) < max(1, _LEAST_ACCEPTED * len(playable)):
        report.add(
            "accepts",
            "a codec holds something of at least a tenth of the scores",
            f"of {len(playable)} scores with notes, project left notes in {len(taken)}",
        )


def _own_texts(cases: list[Case]) -> list[str]:
    """What the codec writes itself; a codec that fails to is reported by the laws of scores."""
    texts = []
    for case in cases:
        try:
            if case.held is not None and isinstance(case.text, str):
                texts.append(case.text)
        except Exception:  # noqa: BLE001, S112 - reported as `project` or `encode` already
            continue
    return texts


def _damaged(codec: Codec, texts: list[str], examples: int, count: int, seed: int) -> list[str]:
    """Texts cut, edited and spliced at random, hostile ones, and the codec's own."""
    random = Random(f"{seed}:texts")
    chars = codec.alphabet.chars
    sources = sorted(set(texts), key=len) or [chars]
    middle = tuple(sources[len(sources) // 2 :][:2])
    damaged = [mutate(random, random.choice(sources), chars) for _ in range(count)]
    joined = "\n\n".join(middle)
    return [*sources[:examples], joined, *damaged, *hostile_texts(chars, middle)]
