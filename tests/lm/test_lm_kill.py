"""A run killed at any moment, and resumed, ends as one never killed."""

import hashlib
import random
import subprocess
import sys
import time

from lm_toys import ALPHABET, toy_ids

from textmusic.lm import ModelConfig, TrainConfig, fit, stored_configs

MODEL = ModelConfig(vocabulary=ALPHABET.size, layers=2, hidden=16, dropout=0.1)
TRAIN = TrainConfig(steps=150, batch=4, window=16, valid_every=10)
HEADER = {"alphabet": ALPHABET.chars}

CHILD = """
import sys
from test_lm_kill import train
for step in train(sys.argv[1], resume=True):
    print(step.step, flush=True)
"""


def train(folder, *, resume):
    ids, valid = toy_ids(60, 0), toy_ids(20, 1)
    return fit(MODEL, TRAIN, ids, valid, folder, HEADER, resume=resume, save_seconds=0.0)


def start(folder):
    code = f"import sys; sys.path.insert(0, {str(__file__.rpartition('/')[0])!r})\n{CHILD}"
    command = [sys.executable, "-c", code, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_three_kills_at_random_moments_do_not_change_the_bits(tmp_path):
    for _ in train(tmp_path / "whole", resume=False):
        pass
    luck = random.Random(time.time_ns())
    reached = 0
    for _ in range(3):
        with start(tmp_path / "killed") as child:
            goal = reached + luck.randint(1, 40)
            while reached < goal:
                reached = int(child.stdout.readline())
            time.sleep(luck.random() * 0.02)
            child.kill()
        assert child.returncode == -9
        assert stored_configs(tmp_path / "killed") == (MODEL, TRAIN)
    for step in train(tmp_path / "killed", resume=True):
        assert step.step > reached - 1
    digests = {
        hashlib.sha256((tmp_path / run / "model.safetensors").read_bytes()).hexdigest()
        for run in ("whole", "killed")
    }
    assert len(digests) == 1
