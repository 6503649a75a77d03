"""A model as an ONNX graph, run by onnxruntime beside our own steps."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from textmusic.errors import FormatError, MissingDependencyError
from textmusic.lm import CharRNN, ModelConfig
from textmusic.lm.onnx import export
from textmusic.lm.stepper import Stepper


@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn"])
@pytest.mark.parametrize(("layers", "embedding"), [(1, None), (3, 7)])
def test_each_step_is_ours(kind: Any, layers: int, embedding: int | None, tmp_path: Path) -> None:
    config = ModelConfig(
        vocabulary=11, kind=kind, layers=layers, hidden=24, embedding=embedding, dropout=0.2
    )
    model = CharRNN(config, seed=3)
    export(model, tmp_path / "m.onnx", {"alphabet": "abc♯"})
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    stepper, state = Stepper(model), model.zero_state(5)
    names = [one.name for one in session.get_inputs()[1:]]
    assert names == ["hidden", "cell"][: len(state)]
    theirs = [part.numpy() for part in state]
    for ids in np.random.default_rng(1).integers(0, 11, (50, 5)):
        with torch.no_grad():
            logits, state = stepper.step(torch.from_numpy(ids), state)
        found, *theirs = session.run(None, {"ids": ids, **dict(zip(names, theirs, strict=True))})
        np.testing.assert_allclose(found, logits.numpy(), rtol=1e-4, atol=1e-5)
    for one, other in zip(theirs, state, strict=True):
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-4, atol=1e-5)
    stored = session.get_modelmeta().custom_metadata_map["textmusic"]
    assert json.loads(stored) == {"alphabet": "abc♯"}


def test_what_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = CharRNN(ModelConfig(vocabulary=4, hidden=8))
    (tmp_path / "file").touch()
    with pytest.raises(FormatError, match="cannot be written"):
        export(model, tmp_path / "file" / "m.onnx")
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "onnx":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependencyError, match=r"textmusic\[onnx\]"):
        export(model, tmp_path / "m.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
