"""What a model learns from: a corpus, or what is arranged of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from textmusic import __version__
from textmusic.codec import Codec
from textmusic.plan import Plan
from textmusic.registry import codecs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from textmusic.arrangement import Arrangement
    from textmusic.corpus import Corpus, Source
    from textmusic.lm.parallel import Group

__all__ = ["Material", "check_kinds", "music_of"]


def music_of(plan: Plan) -> tuple[Sequence[Path], Sequence[Source]]:
    """Return where the music of a plan lies, and what it is, where that is known."""
    from textmusic.corpus import embedded_sources

    return ([Path(path) for path in plan.paths], ()) if plan.paths else embedded_sources()


def check_kinds(plan: Plan, codec: Codec, folder: Path) -> None:
    """Refuse a plan that tells kinds apart where its files are all of one.

    Args:
        plan: what is to be trained.
        codec: its codec.
        folder: of the run; files in it are passed over.

    Raises:
        CorpusError: there is one kind only, or nothing to read.
    """
    from textmusic.arrangement import kinds_of
    from textmusic.corpus import find_inputs

    if plan.condition:
        paths, as_scores = music_of(plan)[0], plan.part is not None
        kinds_of(find_inputs(paths, codec, folder, as_scores=as_scores).files, plan.condition)


@dataclass(frozen=True)
class Material:
    """What a model learns from.

    Args:
        arrangement: what the model is told besides the music.
        vocabulary: number of ids.
        train, valid: ids.
    """

    arrangement: Arrangement
    vocabulary: int
    train: NDArray[np.integer[Any]]
    valid: NDArray[np.integer[Any]]

    @classmethod
    def of(cls, corpus: Corpus, codec: Codec, plan: Plan, folder: Path, group: Group) -> Self:
        """Return what a plan makes of a corpus.

        Args:
            corpus: the music.
            codec: its codec.
            plan: whether it asks for kinds or gaps.
            folder: where the arrangement is written, if there is one.
            group: the processes that train; the first of them writes.

        Raises:
            CorpusError: nothing can be arranged as the plan asks.
        """
        from textmusic.arrangement import Arrangement, arrange

        found, train, valid = Arrangement(), corpus.train, corpus.valid
        if plan.condition or plan.gaps:

            def made() -> tuple[Arrangement, Any, Any]:  # afterwards it takes what lies there
                return arrange(corpus, codec, folder, condition=plan.condition, gaps=plan.gaps)

            group.lead(lambda: len(made()[1]))
            group.see(folder / "arrangement.json")
            found, train, valid = made()
        return cls(found, found.alphabet(corpus.alphabet).size, train, valid)

    def header(self, corpus: Corpus, codec: Codec) -> dict[str, Any]:
        """Return what a checkpoint says of itself, apart from what the training adds."""
        origin, arranged = codecs.origin(codec.name), self.arrangement
        return {
            "textmusic": __version__,
            "alphabet": arranged.alphabet(corpus.alphabet).chars,
            **({"arrangement": arranged.to_json()} if arranged.tags or arranged.gaps else {}),
            "codec": {
                "name": codec.name,
                "format_version": codec.format_version,
                "config": codec.config(),
                "distribution": origin.distribution,
                "version": origin.version,
            },
            "corpus": {"hash": corpus.hash, "stats": corpus.stats},
            "sources": [dataclasses.asdict(source) for source in corpus.sources],
        }
