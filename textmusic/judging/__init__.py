"""How good a trained model is: what it predicts, what it writes, and whether it copies.

`judge` does all of it for a run; `textmusic evaluate` prints what it returns.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textmusic.corpus import Progress
from textmusic.errors import ConfigError
from textmusic.evaluate.prediction import Prediction
from textmusic.judging._picture import draw_picture
from textmusic.judging._prediction import predict, predict_files
from textmusic.judging._samples import Drawn, Judged, draw, judge_samples, read_samples
from textmusic.originals import training_set
from textmusic.pictures import check_picture
from textmusic.writing import Model

__all__ = ["Judged", "Judgement", "check_picture", "draw_picture", "judge"]


@dataclass(frozen=True)
class Judgement:
    """All that was found out about a model.

    Args:
        model: path of the model's file or run.
        digest: SHA-256 of the model's file.
        codec: name of its codec.
        prediction: of held-out documents; None where there are none and samples were asked for.
        samples: what it writes; None where that was not asked for.
        kinds: of pieces that the model has learnt to tell apart.
    """

    model: str
    digest: str
    codec: str
    prediction: Prediction | None
    samples: Judged | None
    kinds: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return JSON values; infinities and what is not a number become None."""
        value: dict[str, Any] = _plain(dataclasses.asdict(self))
        if self.prediction:
            value["prediction"]["verdict"] = self.prediction.verdict
        return value


def judge(
    run: str | Path,
    files: Sequence[str | Path] = (),
    *,
    samples: int | str | Path = 0,
    progress: Callable[[Progress], None] = lambda _: None,
    **options: Any,
) -> Judgement:
    """Judge a model.

    Args:
        run: folder of a run, or a ``.safetensors`` file; one that lies in its run has a training
            set to be compared with.
        files: music to predict; by default what the run held out.
        samples: how many to draw, each with the grammar and as many without; or a folder of
            samples.
        progress: called now and then.
        options: of `textmusic.Model.sample` but ``free``: ``temperature``, ``seed``,
            ``characters``…

    Raises:
        CheckpointError: there is no such model.
        CorpusError: the files hold nothing to predict.
        ConfigError: nothing was held out and there is nothing else to judge.
    """
    model = Model.load(run)
    corpus = training_set(model.folder, model.codec, model.checkpoint.meta)
    prediction = None
    if files:
        prediction = predict_files(model, corpus, [Path(file) for file in files], progress)
    elif corpus is not None and len(corpus.valid) > 2:
        prediction = predict(model, corpus, corpus, "valid", progress)
    elif not samples:
        raise ConfigError(
            f"{run}: no held-out documents lie beside this model: name music files to judge it by"
        )
    judged = None
    if samples:
        drawn: list[Drawn]
        if isinstance(samples, int):
            drawn = draw(model, samples, options, progress)
        else:
            drawn = [read_samples(model.codec, Path(samples))]
        judged = judge_samples(model, corpus, model.folder / "overlap", drawn, progress)
    kinds = model.arrangement.tags
    return Judgement(str(run), model.digest, model.codec.name, prediction, judged, kinds)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
