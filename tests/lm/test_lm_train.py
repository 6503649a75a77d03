"""Training: what is learnt, what a step says, what is refused."""

import errno
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from lm_toys import ALPHABET, toy_entropy, toy_ids

from textmusic.errors import CheckpointError, ConfigError, CorpusError, FormatError
from textmusic.lm import Checkpoint, ModelConfig, TrainConfig, evaluate, fit, steps_for

MODEL = ModelConfig(vocabulary=6, layers=1, hidden=8)
TRAIN = TrainConfig(steps=6, batch=4, window=10, valid_every=2)
HEADER = {"alphabet": ALPHABET.chars, "codec": {"name": "toy"}}
IDS, VALID = toy_ids(60, 0), toy_ids(20, 1)


def bits_of(folder):
    return (folder / "model.safetensors").read_bytes()


def run(folder, *, model=MODEL, train=TRAIN, ids=IDS, valid=VALID, header=HEADER, **options):
    return list(fit(model, train, ids, valid, folder, header, **options))


def test_a_toy_language_is_learnt_to_near_its_entropy(toy_run):
    last = toy_run[1][-1]
    assert last.valid_bits == pytest.approx(toy_entropy(), rel=0.04)
    assert last.valid_bits < 0.6 * last.baseline_bits


def test_a_step_says_how_far_the_run_is(toy_run):
    steps = toy_run[1]
    assert [step.step for step in steps] == list(range(1, 251))
    assert [s.step for s in steps if s.valid_bits is not None] == list(range(25, 251, 25))
    last = steps[-1]
    assert (last.steps, last.eta_seconds, last.saved) == (250, 0, True)
    assert last.chars_per_second > 0
    assert steps[100].eta_seconds > 0
    assert last.epoch == pytest.approx(250 * 16 * 24 / (len(toy_ids(800, 0)) - 1))


@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn"])
def test_every_kind_trains_with_dropout_and_is_repeatable(tmp_path, kind):
    model = replace(MODEL, kind=kind, layers=2, dropout=0.2)
    torch.manual_seed(1)
    run(tmp_path / "a", model=model)
    torch.manual_seed(2)
    run(tmp_path / "b", model=model)
    assert bits_of(tmp_path / "a") == bits_of(tmp_path / "b")
    assert evaluate(Checkpoint.load(tmp_path / "a/model.safetensors").model, VALID).bits > 0


@pytest.mark.parametrize("kind", ["gru", "lstm"])
@pytest.mark.parametrize("stop", [1, 3, 6])
def test_a_run_stopped_and_resumed_ends_with_the_same_bits(tmp_path, kind, stop):
    model = replace(MODEL, kind=kind, layers=2, dropout=0.2)
    run(tmp_path / "whole", model=model)
    for step in fit(model, TRAIN, IDS, VALID, tmp_path / "cut", HEADER):
        if step.step == stop:
            break
    del step
    steps = run(tmp_path / "cut", model=model, resume=True)
    assert steps[0].step == min(stop + 1, 6)
    assert bits_of(tmp_path / "whole") == bits_of(tmp_path / "cut")


def test_a_finished_run_taken_up_again_gives_its_last_step(tmp_path):
    last = run(tmp_path)[-1]
    (again,) = run(tmp_path, resume=True)
    assert (again.step, again.valid_bits, again.saved) == (6, last.valid_bits, True)
    assert (again.chars_per_second, again.eta_seconds) == (0, 0)


def test_two_threads_are_repeatable_and_torch_keeps_its_own_number(tmp_path):
    before = torch.get_num_threads()
    two = replace(TRAIN, threads=2, steps=2)
    run(tmp_path / "a", train=two)
    run(tmp_path / "b", train=two)
    assert torch.get_num_threads() == before
    assert bits_of(tmp_path / "a") == bits_of(tmp_path / "b")


def test_the_best_weights_are_kept(tmp_path):
    train = TrainConfig(steps=40, batch=4, window=10, peak=1.0, warmup=0.0, valid_every=5)
    valid = toy_ids(20, 5)[::-1].copy()
    steps = run(tmp_path, train=train, valid=valid)
    checkpoint = Checkpoint.load(tmp_path / "model.safetensors")
    measured = [s.valid_bits for s in steps if s.valid_bits is not None]
    assert checkpoint.meta["scores"]["valid_bits"] == measured[-1] == min(measured)
    assert evaluate(checkpoint.model, valid).bits_per_char == measured[-1]
    assert checkpoint.meta["scores"]["best_step"] < 40


def test_without_validation_the_last_weights_are_kept(tmp_path):
    steps = run(tmp_path, valid=None)
    assert steps[-1].valid_bits is None
    saved = Checkpoint.load(tmp_path / "model.safetensors").model.state_dict()
    for name, value in steps[-1].model.state_dict().items():
        assert torch.equal(saved[name], value)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"ids": toy_ids(60, 9)}, "another corpus"),
        ({"valid": toy_ids(20, 9)}, "another corpus"),
        ({"header": {**HEADER, "codec": {"name": "other"}}}, "another codec"),
        ({"header": {**HEADER, "alphabet": "abcde"}}, "another alphabet"),
        ({"model": replace(MODEL, hidden=9)}, "another model"),
        ({"train": replace(TRAIN, threads=2)}, "another training"),
        ({"header": {**HEADER, "sources": ["x"]}}, "another sources"),
    ],
)
def test_a_run_is_resumed_as_it_was_started_or_not_at_all(tmp_path, change, word):
    run(tmp_path)
    with pytest.raises(CheckpointError, match=word) as caught:
        run(tmp_path, resume=True, **change)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "error", "word"),
    [
        ({"header": {}}, ConfigError, "alphabet must hold 5"),
        ({"header": {**HEADER, "model": 1}}, ConfigError, "may not hold model"),
        ({"ids": IDS[:2]}, CorpusError, "nothing to learn"),
        ({"ids": IDS + 5}, CorpusError, "start and end"),
        ({"train": replace(TRAIN, device="cuda:99")}, ConfigError, "use cpu"),
        ({"train": replace(TRAIN, steps=30, peak=3e38, warmup=0.0)}, ConfigError, "diverged"),
    ],
)
def test_hopeless_input_is_refused_in_one_line(tmp_path, change, error, word):
    with pytest.raises(error, match=word) as caught:
        run(tmp_path, **change)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FormatError, match="cannot be written"):
        run(tmp_path / "file")


def test_a_full_disk_leaves_the_last_state(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    steps = fit(MODEL, TRAIN, IDS, VALID, tmp_path, HEADER, save_seconds=0.0)
    next(steps)
    before = (tmp_path / "state.safetensors").read_bytes()
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FormatError, match="No space left"):
        next(steps)
    monkeypatch.undo()
    assert (tmp_path / "state.safetensors").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.safetensors", "state.safetensors"]


def test_what_a_killed_write_left_is_swept(tmp_path):
    (tmp_path / ".state.safetensors.abc.part").write_bytes(b"half")
    run(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.safetensors", "state.safetensors"]


def test_budgets_become_steps():
    assert steps_for(MODEL, TRAIN, IDS, epochs=2) == -(-2 * (len(IDS) - 1) // 40)
    assert steps_for(MODEL, TRAIN, IDS, VALID, minutes=0.01) >= 1
    for budgets in ({}, {"minutes": 1, "epochs": 1}, {"epochs": 0}, {"minutes": float("inf")}):
        with pytest.raises(ConfigError, match="one of them"):
            steps_for(MODEL, TRAIN, IDS, **budgets)


def test_measuring_the_speed_does_not_change_the_bits(tmp_path):
    run(tmp_path / "a")
    steps_for(MODEL, TRAIN, IDS, VALID, minutes=0.001)
    run(tmp_path / "b")
    assert bits_of(tmp_path / "a") == bits_of(tmp_path / "b")


BIG = """
import re, sys
from pathlib import Path
import numpy as np
from textmusic.lm import ModelConfig, TrainConfig, fit
ids = np.memmap(sys.argv[1], np.uint8, "r")
model = ModelConfig(vocabulary=50, layers=1, hidden=16)
for step in fit(model, TrainConfig(steps=20, batch=64, window=64), ids, None, sys.argv[2],
                {"alphabet": "".join(map(chr, range(200, 249)))}):
    pass
print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def test_a_corpus_of_500_megabytes_is_not_held_in_memory(tmp_path):
    path = tmp_path / "ids.bin"
    with path.open("wb") as file:
        file.write(b"\0\1\2\3")
        file.truncate(500 << 20)
    command = [sys.executable, "-c", BIG, str(path), str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1000 << 10  # its own peak: that of getrusage counts its parent too


def test_ids_may_be_a_memory_map(tmp_path):
    IDS.tofile(tmp_path / "ids.bin")
    run(tmp_path / "a", ids=np.memmap(tmp_path / "ids.bin", np.uint16, "r"))
    run(tmp_path / "b")
    assert bits_of(tmp_path / "a") == bits_of(tmp_path / "b")
