"""Two processes, as torchrun starts them, train what one process trains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lm_toys import ALPHABET, toy_ids
from music import tab_folder

from textmusic.errors import ConfigError
from textmusic.lm import Checkpoint, ModelConfig, TrainConfig, fit
from textmusic.lm.checkpoint import load_tensors, read_header
from textmusic.lm.data import Window
from textmusic.lm.kernels.trainer import CompiledTrainer
from textmusic.lm.model import CharRNN
from textmusic.lm.parallel import Group, attempt, joined
from textmusic.lm.plain import PlainTrainer
from textmusic.lm.state import STATE_FORMAT

HERE = str(Path(__file__).parent)
MODEL = ModelConfig(vocabulary=ALPHABET.size, layers=2, hidden=16, dropout=0.1)
TRAIN = TrainConfig(steps=20, batch=5, window=16, valid_every=4)
COMMAND = [
    "train",
    "tunes",
    "--codec",
    "guitartab",
    "-o",
    "run",
    "--steps",
    "4",
    "--hidden",
    "8",
    "--batch",
    "4",
]
HEADER = {"alphabet": ALPHABET.chars}
IDS, VALID = toy_ids(60, 0), toy_ids(20, 1)

WORKER = """
import json, os, signal, sys
from pathlib import Path
here = Path(sys.argv[1])
sys.path[:0] = [str(here), str(here.parent)]
from test_parallel import COMMAND, IDS, MODEL, TRAIN, VALID, left_after, losses
from textmusic.cli import main
from textmusic.lm import steps_for
from textmusic.lm.parallel import joined
folder = Path(sys.argv[2])
try:
    main(COMMAND)
except SystemExit as end:
    assert not end.code
with joined() as group:
    def note(name, value):
        (folder / f"{name}.{group.rank}").write_text(json.dumps(value))
    note("whole", losses(folder / "whole", group=group))
    left_after(9, folder / "two", group=group)
    note("one", losses(folder / "one", group=group, resume=True))
    note("steps", steps_for(MODEL, TRAIN, IDS, VALID, minutes=0.002, group=group))

    def end(number):
        def on_step(step):
            if step.step == 5 and group.rank == 1:
                os.kill(os.getpid(), number)
        return on_step
    try:
        losses(folder / "interrupted", group=group, on_step=end(signal.SIGINT))
    except KeyboardInterrupt:
        note("interrupted", True)
    try:
        losses(folder / "killed", group=group, on_step=end(signal.SIGKILL), save_seconds=0.0)
    except Exception as error:
        note("killed", str(error))
        raise
"""


def losses(folder, *, on_step=None, train=TRAIN, **options):
    """Train; returns the mean loss and the validation of every step."""
    seen = []
    for step in fit(MODEL, train, IDS, VALID, folder, HEADER, **options):
        seen.append((step.loss_bits, step.valid_bits))
        if on_step:
            on_step(step)
    return seen


def left_after(steps, folder, group=None):
    for step in fit(MODEL, TRAIN, IDS, VALID, folder, HEADER, save_seconds=0.0, group=group):
        if step.step == steps:
            break


def torchrun(*args, cwd):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command.append("--local-addr=127.0.0.1")  # the name of a machine need not lead anywhere
    command += ["--nproc-per-node", "2", *map(str, args)]
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    if Path("/sys/class/net/lo").exists():
        env["GLOO_SOCKET_IFNAME"] = "lo"
    return subprocess.run(
        command, check=False, cwd=cwd, env=env, capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """What two processes left behind, beside what one makes of the same."""
    folder = tmp_path_factory.mktemp("parallel")
    left_after(7, folder / "one")
    tab_folder(folder / "tunes", 30)
    (folder / "worker.py").write_text(WORKER)
    done = torchrun(folder / "worker.py", HERE, folder, cwd=folder)
    assert done.returncode, "the last of its trainings is killed"
    (folder / "said").write_text(done.stderr)
    (folder / "alone.0").write_text(json.dumps(losses(folder / "alone")))
    return folder


def noted(runs, name, rank=0):
    return json.loads((runs / f"{name}.{rank}").read_text())


def weights(folder):
    model = Checkpoint.load(folder / "model.safetensors").model
    return torch.cat([value.flatten() for value in model.state_dict().values()]).numpy()


def progress(folder):
    return read_header(folder / "state.safetensors", STATE_FORMAT)[0]["progress"]


def test_two_processes_learn_what_one_learns(runs):
    ours, alone = noted(runs, "whole"), noted(runs, "alone")
    assert len(ours) == TRAIN.steps
    for (loss, valid), (expected, measured) in zip(ours, alone, strict=True):
        assert loss == pytest.approx(expected, abs=1e-4)
        assert valid == (measured and pytest.approx(measured, abs=1e-4))
    np.testing.assert_allclose(weights(runs / "whole"), weights(runs / "alone"), atol=1e-4)


def test_the_first_process_alone_measures_and_all_see_the_same_loss(runs):
    first, other = noted(runs, "whole"), noted(runs, "whole", 1)
    assert [loss for loss, _ in first] == [loss for loss, _ in other]
    assert {valid for _, valid in other} == {None}


def test_the_state_of_two_processes_is_that_of_one(runs):
    ours, alone = (load_tensors(runs / n / "state.safetensors") for n in ("whole", "alone"))
    assert {n: t.shape for n, t in ours.items()} == {n: t.shape for n, t in alone.items()}
    for name, value in alone.items():
        np.testing.assert_allclose(ours[name], value, atol=1e-4, err_msg=name)


def test_one_process_goes_on_where_two_were_left(runs):
    assert progress(runs / "two")["step"] == 9
    rest = losses(runs / "two", resume=True)
    assert len(rest) == TRAIN.steps - 9
    np.testing.assert_allclose(weights(runs / "two"), weights(runs / "alone"), atol=1e-4)


def test_two_processes_go_on_where_one_was_left(runs):
    assert len(noted(runs, "one")) == TRAIN.steps - 7
    np.testing.assert_allclose(weights(runs / "one"), weights(runs / "alone"), atol=1e-4)


def test_minutes_become_the_same_steps_on_all_processes(runs):
    assert noted(runs, "steps") == noted(runs, "steps", 1) > 0


def test_when_one_is_interrupted_all_save_and_stop_after_the_step(runs):
    assert noted(runs, "interrupted")
    assert noted(runs, "interrupted", 1)
    assert progress(runs / "interrupted")["step"] == 6


def test_a_killed_process_ends_all_and_what_was_saved_goes_on(runs):
    assert "--resume" in noted(runs, "killed")
    assert "\n" not in noted(runs, "killed")
    assert not (runs / "killed.1").exists()
    assert progress(runs / "killed")["step"] == 5
    losses(runs / "killed", resume=True)
    np.testing.assert_allclose(weights(runs / "killed"), weights(runs / "alone"), atol=1e-4)


def test_the_command_line_trains_on_both_and_speaks_once(runs):
    said = (runs / "said").read_text()
    assert said.count("model: run") == said.count("30 files") == 1
    assert json.loads((runs / "run" / "scores.json").read_text())["steps"] == 4
    assert len((runs / "run" / "log.jsonl").read_text().splitlines()) == 4


def test_a_module_runs_the_command_line():
    command = [sys.executable, "-m", "textmusic", "--version"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.startswith("textmusic")


class Two(Group):
    """The second of two processes, as far as sharing goes."""

    rank, size = 1, 2


def test_fewer_streams_than_processes_is_one_clear_line(tmp_path):
    assert Two().share(5) == slice(2, 5)
    with pytest.raises(ConfigError, match="1 streams cannot be shared by 2 processes") as caught:
        losses(tmp_path, group=Two(), train=replace(TRAIN, batch=1))
    assert "\n" not in str(caught.value)


def test_without_torchrun_a_process_is_alone():
    with joined() as group:
        assert (group.rank, group.size, group.first) == (0, 1, True)
    assert attempt() == 0


class Summed(Group):
    """One of two processes; keeps what it would send."""

    size = 2

    def __init__(self, rank):
        super().__init__()
        self.rank = rank

    def sum(self, buffer, nats):
        self.sent, self.nats = buffer.clone(), nats
        return nats


@pytest.mark.parametrize("plain", [False, True])
def test_the_parts_of_two_processes_sum_to_the_gradient_of_one(plain):
    rng, config = np.random.default_rng(0), replace(MODEL, dropout=0.0)
    ids = rng.integers(0, config.vocabulary, (TRAIN.window + 1, 5))

    def run(group, share):
        model = CharRNN(config)
        window, state = Window(ids[:-1, share], ids[1:, share]), model.zero_state(5)
        state = tuple(part[:, share] for part in state)
        if plain:
            PlainTrainer(model, TRAIN, 5, group).step(window, state, 0)
        else:
            CompiledTrainer(model, TRAIN, 5, torch.float32, group).step(window, state, 0)
        return group

    parts = [run(Summed(rank), Summed(rank).share(5)) for rank in (0, 1)]
    model = CharRNN(config)
    logits, _ = model(torch.from_numpy(ids[:-1]), model.zero_state(5))
    targets = torch.from_numpy(ids[1:]).flatten()
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets)
    loss.backward()
    whole = torch.cat([value.grad.flatten() for value in model.parameters()])
    sent = (parts[0].sent + parts[1].sent)[: len(whole)]
    np.testing.assert_allclose(sent, whole, atol=1e-6)
    assert parts[0].nats + parts[1].nats == pytest.approx(float(loss.detach()), rel=1e-5)
