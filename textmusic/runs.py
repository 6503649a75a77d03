"""A run: a folder with a plan, a corpus, a training and its model, and music written with it.

``plan.json`` (what was asked for), ``corpus/`` (see `textmusic.corpus`), perhaps ``arranged/``
(see `textmusic.arrangement`) and ``overlap/`` (see `textmusic.originals`), ``state.safetensors``
(what a killed training resumes from), ``model.safetensors``, ``log.jsonl`` (see
`textmusic.journal`), ``scores.json``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from textmusic.errors import ConfigError, CorpusError, TextmusicError
from textmusic.format import write_atomic
from textmusic.material import Material, check_kinds, music_of
from textmusic.plan import Plan
from textmusic.registry import codecs
from textmusic.sizes import fitted

if TYPE_CHECKING:
    from textmusic.corpus import Corpus, Progress
    from textmusic.lm import ModelConfig, Step, TrainConfig
    from textmusic.lm.parallel import Group

__all__ = ["Outcome", "Training", "train"]

_FOLDERS = ("corpus", "arranged", "overlap", "tensorboard")
_FILES = ("plan.json", "model.safetensors", "state.safetensors", "log.jsonl", "scores.json")


@dataclass(frozen=True)
class Outcome:
    """How a training ended, measured on the held-out documents.

    Args:
        bits_per_char: information of a character under the model.
        bits_per_note: of a note struck: the currency that compares codecs.
        baseline_bits: bits a character of a model that knows only how frequent characters are.
        steps: steps trained.
        n_gram_bits: bits a character of an n-gram, which has counted what follows on what; None
            where nothing is held out.
    """

    bits_per_char: float | None
    bits_per_note: float | None
    baseline_bits: float
    steps: int
    n_gram_bits: float | None = None


class Training:
    """A run in the making: `start` or `resume`, then `prepare`, `steps`, `finish`.

    Args:
        plan: what to train.
        folder: where the run lies; several processes must all see it.
        group: the processes that train together, of `textmusic.lm.parallel.joined`. Each calls the
            same methods; the first builds, measures and writes. None for one process.
    """

    def __init__(self, plan: Plan, folder: Path, group: Group | None = None) -> None:
        from textmusic.lm.parallel import Group

        self.plan = plan
        self.folder = folder
        self.group = group or Group()
        self.group.share(plan.configs(2, 1)[1].batch)
        self.codec = codecs.get(plan.codec).from_config(plan.codec_options)
        self.corpus: Corpus | None = None
        self._material: Material | None = None
        self._last: Step | None = None

    @classmethod
    def start(
        cls,
        plan: Plan,
        folder: str | Path,
        *,
        overwrite: bool = False,
        group: Group | None = None,
    ) -> Self:
        """Begin a new run.

        Raises:
            ConfigError: the folder holds a run already and `overwrite` is not set.
            CorpusError: the plan tells kinds apart, and the files are all of one.
            FormatError: the folder cannot be written.
            UnknownPluginError: no such codec.
        """
        training = cls(plan, Path(folder), group)
        training.group.lead(lambda: training._clear(overwrite=overwrite))
        return training

    def _clear(self, *, overwrite: bool) -> None:
        """Make the folder one of a run that has a plan and nothing else."""
        folder = self.folder
        taken = (folder / "corpus").exists() or (folder / "state.safetensors").exists()
        if taken and not overwrite:
            raise ConfigError(
                f"{folder}: already holds a run; --resume continues it, --overwrite replaces it"
            )
        check_kinds(self.plan, self.codec, folder)
        if taken:
            for name in _FOLDERS:
                shutil.rmtree(folder / name, ignore_errors=True)
            for name in _FILES:
                (folder / name).unlink(missing_ok=True)
        self.plan.save(folder)

    @classmethod
    def resume(cls, folder: str | Path, *, group: Group | None = None) -> Self:
        """Continue a run that was interrupted; one that is finished stays as it is.

        Raises:
            CheckpointError: the folder holds no run.
        """
        from textmusic.lm.parallel import Group

        group, folder = group or Group(), Path(folder)
        stored = group.lead(lambda: dataclasses.asdict(Plan.load(folder)))
        return cls(Plan(**stored), folder, group)

    def prepare(
        self, progress: Callable[[Progress], None] | None = None, *, cache: bool = True
    ) -> Corpus:
        """Build the corpus, or open the one that an interrupted run has built.

        Args:
            progress: called now and then.
            cache: read only files that were not read before; see `textmusic.corpus.build`.

        Raises:
            CorpusError: no usable documents; says what was looked for.
        """
        from textmusic.corpus import Corpus

        place = self.folder / "corpus"
        self.group.lead(lambda: self._build(place, progress, cache=cache))
        if self.corpus is None:
            self.group.see(place / "corpus.json")
            self.corpus = Corpus.open(place)
        return self.corpus

    def _build(
        self, place: Path, progress: Callable[[Progress], None] | None, *, cache: bool
    ) -> None:
        from textmusic.corpus import build

        if (place / "corpus.json").exists():
            return
        paths, sources = music_of(self.plan)
        reach = self.plan.transpose
        try:
            self.corpus = build(
                paths,
                self.codec,
                place,
                transpose=range(-reach, reach + 1),
                terms=sources,
                part=self.plan.part,
                cache=cache,
                progress=progress,
            )
        except TextmusicError:
            self._abandon()
            raise

    def _abandon(self) -> None:
        """Leave nothing of a run that never began."""
        for name in _FOLDERS:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "plan.json").unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # something else lies there, or it never came to be
            self.folder.rmdir()

    def steps(self) -> Iterator[Step]:
        """Train; yields after every step, and can be left at any moment.

        Raises:
            CheckpointError: the state belongs to another corpus or codec, or is damaged.
            CorpusError: the corpus is too small to train on.
        """
        from textmusic.journal import Journal
        from textmusic.lm import fit

        group, corpus = self.group, self.corpus or self.prepare()
        place = self.folder / "arranged"
        try:
            material = self._material = Material.of(corpus, self.codec, self.plan, place, group)
        except CorpusError:
            if group.first and not (self.folder / "state.safetensors").exists():
                self._abandon()
            raise
        model, training = self._configs(material)
        header = material.header(corpus, self.codec)
        with contextlib.ExitStack() as stack:
            journal: Journal | None = None
            if group.first:
                journal = stack.enter_context(Journal(self.folder, self.codec.alphabet))
            for step in fit(
                model, training, material.train, material.valid, self.folder, header,
                resume=True, group=group,
            ):  # fmt: skip
                self._last = step
                if journal:
                    journal.add(step)
                yield step

    def finish(self) -> Outcome:
        """Measure the model on all held-out documents and store the scores."""
        return Outcome(**self.group.lead(lambda: dataclasses.asdict(self._measured())))

    def _measured(self) -> Outcome:
        from textmusic.evaluate.prediction import n_gram_bits_per_char
        from textmusic.lm import Checkpoint, character_bits

        corpus, last, material = self.corpus, self._last, self._material
        if corpus is None or last is None or material is None:
            raise ConfigError("finish comes after the last of steps()")
        outcome = Outcome(None, None, last.baseline_bits, last.steps)
        if len(corpus.valid) > 1:
            model = Checkpoint.load(self.folder / "model.safetensors").model
            told = material.valid[1:] >= corpus.alphabet.size  # kinds are given, not predicted
            bits = character_bits(model, material.valid)[~told]
            notes = sum(document.notes for document in corpus.documents("valid"))
            outcome = dataclasses.replace(
                outcome,
                bits_per_char=float(bits.mean(dtype="float64")),
                bits_per_note=float(bits.sum(dtype="float64")) / notes if notes else None,
                n_gram_bits=n_gram_bits_per_char(corpus.train, corpus.valid, corpus.alphabet.size),
            )
        scores = json.dumps(dataclasses.asdict(outcome), indent=2)
        write_atomic(self.folder / "scores.json", scores + "\n")
        return outcome

    def _configs(self, material: Material) -> tuple[ModelConfig, TrainConfig]:
        """The configs, with the budget turned into steps once and for all."""
        from textmusic.lm import ModelConfig, TrainConfig, stored_configs

        stored = self.group.lead(
            lambda: [one.to_json() for one in stored_configs(self.folder) or ()]
        )
        if stored:
            return ModelConfig.from_json(stored[0]), TrainConfig.from_json(stored[1])
        self.plan, steps = fitted(self.plan, material, self.group)
        return self.plan.configs(material.vocabulary, steps)


def train(
    codec: str,
    paths: Sequence[str | Path] = (),
    out: str | Path = "run",
    *,
    overwrite: bool = False,
    cache: bool = True,
    on_step: Callable[[Step], None] | None = None,
    **plan: Any,
) -> Outcome:
    """Train a model in one call; under torchrun, on all its processes.

    Args:
        codec: name of the codec.
        paths: files and folders of music; none means the embedded corpus.
        out: folder of the run.
        overwrite: replace a run that stands there.
        cache: read only files that were not read before; see `textmusic.corpus.build`.
        on_step: called after every step, by the first process.
        plan: further fields of `Plan`: ``minutes=2``, ``hidden=128``…

    Returns:
        How well the model predicts the held-out documents; `load` gives the model itself.

    Raises:
        InputError: see `Training`.
    """
    from textmusic.lm.parallel import joined

    try:
        whole = Plan(codec=codec, paths=tuple(map(str, paths)), **plan)
    except TypeError as error:
        raise ConfigError(str(error).removeprefix("Plan.__init__() ")) from error
    with joined() as group:
        training = Training.start(whole, out, overwrite=overwrite, group=group)
        training.prepare(cache=cache)
        for step in training.steps():
            if on_step and group.first:
                on_step(step)
        return training.finish()
