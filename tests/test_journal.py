"""What a training notes: its course, what it wrote, where it was taken up, TensorBoard's files."""

from __future__ import annotations

import json
import sys

import pytest

from textmusic.alphabet import Alphabet
from textmusic.errors import MissingDependencyError
from textmusic.journal import Journal, TensorBoard, check_tensorboard
from textmusic.lm import CharRNN, ModelConfig, Step

ALPHABET = Alphabet("abc\n")


def step(number: int, valid: float | None = None, steps: int = 20) -> Step:
    model = CharRNN(ModelConfig(vocabulary=ALPHABET.size, hidden=8, layers=1))
    return Step(
        number, steps, 2.0, valid, valid, 3.0, 0.01, 0.5, 100.0, 1.0, saved=False, model=model
    )


def notes(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_validations_are_noted_with_a_sample(tmp_path):
    with Journal(tmp_path, ALPHABET) as journal:
        for number in (1, 2, 3):
            journal.add(step(number, 2.5 if number == 2 else None))
    (entry,) = notes(tmp_path)
    assert (entry["step"], entry["valid_bits"], entry["lr"]) == (2, 2.5, 0.01)
    assert set(entry["sample"]) <= set("abc\n")


def test_a_run_taken_up_says_where(tmp_path):
    for first in (1, 5):
        with Journal(tmp_path, ALPHABET) as journal:
            journal.add(step(first))
            journal.add(step(first + 1))
    assert notes(tmp_path) == [{"step": 4, "resumed": True}]


def test_tensorboard_reads_the_event_files(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = TensorBoard(tmp_path, ALPHABET)
    board.add(step(3))
    board.add(step(10))
    board.add(step(12, 2.25))
    board.close()
    found = EventAccumulator(str(tmp_path / "tensorboard"))
    found.Reload()
    held_out = found.Scalars("bits a character/held out")
    assert [(one.step, one.value) for one in held_out] == [(12, 2.25)]
    assert [one.step for one in found.Scalars("bits a character/training")] == [10, 12]
    assert found.Tags()["tensors"]


def test_without_tensorboard_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard.writer", raising=False)
    with pytest.raises(MissingDependencyError, match=r"pip install 'textmusic\[tensorboard\]'"):
        check_tensorboard()
