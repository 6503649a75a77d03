"""``textmusic export``: another program writes the same text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from music import tab_folder

import textmusic
from textmusic.cli import main


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main([str(arg) for arg in args])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_a_program_with_the_graph_alone_writes_what_the_model_writes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tunes, run, graph = tab_folder(tmp_path / "tunes"), tmp_path / "run", tmp_path / "tunes.onnx"
    textmusic.train("guitartab", [tunes], run, steps=30, hidden=32, batch=8, window=64)
    code, out, _ = call(capsys, "export", run, "-o", graph)
    assert (code, out) == (0, f"wrote {graph}\n")

    session = onnxruntime.InferenceSession(graph)
    header = json.loads(session.get_modelmeta().custom_metadata_map["textmusic"])
    shape = header["model"]["layers"], 1, header["model"]["hidden"]
    text, read, hidden = "", 0, np.zeros(shape, np.float32)
    while len(text) < 120:
        logits, hidden = session.run(None, {"ids": [read], "hidden": hidden})
        read = int(logits[0, 1:].argmax()) + 1
        text += header["alphabet"][read - 1]
    options = {"temperature": 0.0, "min_length": 120, "characters": 120, "free": True}
    (sample,) = textmusic.load(run).sample(1, **options)
    assert sample.text == text


def test_what_cannot_be_exported_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for args in ((tmp_path / "none",), (tmp_path, "-o", "model.pt")):
        code, _, err = call(capsys, "export", *args)
        assert code
        assert err.count("\n") == 1
