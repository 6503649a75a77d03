"""Training speed beside its peers: characters per CPU-second of whole steps.

Every step reads a window of random text, goes forward and backward, clips and takes an Adam step
(min-char-rnn: Adagrad). Peers are written here as their users write them:

- a loop over the characters of a window, one call of the module each (as in char-rnn.pytorch);
- `nn.LSTM` and `nn.GRU` over the whole window, float32, fused Adam;
- min-char-rnn in numpy (its shape only: one stream).

All run in one process in interleaved rounds, measured by the processor time of the process, so
that other programs on the machine disturb little; medians of the rounds, and ratios. `limit` is the
share of the speed of a large matrix product that the products of a step reach, everything counted.

Run: python benchmarks/training.py [--shape 2x256] [--rounds 5]
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from textmusic.lm.config import ModelConfig, TrainConfig
from textmusic.lm.data import Text
from textmusic.lm.learner import Learner

VOCABULARY = 96
SHAPES = {  # layers, hidden, window, batch
    "1x128": (1, 128, 25, 1),
    "short": (2, 128, 64, 32),  # what short trainings take by default
    "2x128": (2, 128, 50, 50),
    "2x256": (2, 256, 128, 64),
    "2x512": (2, 512, 128, 64),
}
GATES = {"gru": 3, "lstm": 4, "rnn": 1}
MODULES = {"gru": nn.GRU, "lstm": nn.LSTM}

Step = Callable[[], object]
Shape = tuple[int, int, int, int]


class Peer(nn.Module):
    """What a user of PyTorch writes."""

    def __init__(self, kind: str, layers: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, hidden)
        self.rnn = MODULES[kind](hidden, hidden, layers)
        self.output = nn.Linear(hidden, VOCABULARY)

    def forward(self, ids, state):  # noqa: D102
        hidden, state = self.rnn(self.embedding(ids), state)
        return self.output(hidden), state


def random_ids(time_: int, batch: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(1, VOCABULARY, (time_ + 1, batch)))


def module_step(kind: str, shape: Shape, threads: int = 1) -> Step:
    layers, hidden, window, batch = shape
    model = Peer(kind, layers, hidden)
    optimizer = torch.optim.Adam(model.parameters(), 2e-3, fused=True)
    ids = random_ids(window, batch)
    kept: list = [None]

    def step() -> None:
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        logits, state = model(ids[:-1], kept[0])
        kept[0] = tuple(s.detach() for s in state) if kind == "lstm" else state.detach()
        loss = functional.cross_entropy(logits.flatten(0, 1), ids[1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()

    return step


def character_step(kind: str, shape: Shape) -> Step:
    layers, hidden, window, batch = shape
    model = Peer(kind, layers, hidden)
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    ids = random_ids(window, batch)

    def step() -> None:
        if torch.get_num_threads() != 1:
            torch.set_num_threads(1)
        state, loss = None, 0
        optimizer.zero_grad()
        for now, then in itertools.pairwise(ids):
            logits, state = model(now.unsqueeze(0), state)
            loss = loss + functional.cross_entropy(logits[0], then)
        (loss / window).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()

    return step


def min_char_rnn_step(shape: Shape) -> Step:
    """One column vector at a time, float64, clipping by value, Adagrad."""
    _, hidden, window, _ = shape
    rng = np.random.default_rng(0)
    w_in, w_state, w_out = (
        rng.standard_normal(size) * 0.01
        for size in ((hidden, VOCABULARY), (hidden, hidden), (VOCABULARY, hidden))
    )
    parameters = [w_in, w_state, w_out, np.zeros((hidden, 1)), np.zeros((VOCABULARY, 1))]
    squares = [np.zeros_like(p) for p in parameters]
    ids = rng.integers(0, VOCABULARY, window + 1)
    first = np.zeros((hidden, 1))

    def step() -> None:
        b_state, b_out = parameters[3:]
        seen, states, shares, loss = [], [first], [], 0.0
        for t in range(window):
            seen.append(np.zeros((VOCABULARY, 1)))
            seen[t][ids[t]] = 1
            states.append(np.tanh(w_in @ seen[t] + w_state @ states[t] + b_state))
            logits = w_out @ states[-1] + b_out
            shares.append(np.exp(logits) / np.sum(np.exp(logits)))
            loss -= np.log(shares[t][ids[t + 1], 0])
        sums = [np.zeros_like(p) for p in parameters]
        later = np.zeros_like(first)
        for t in reversed(range(window)):
            d_out = shares[t].copy()
            d_out[ids[t + 1]] -= 1
            d_state = w_out.T @ d_out + later
            d_sum = (1 - states[t + 1] ** 2) * d_state
            for total, part in zip(
                sums,
                (d_sum @ seen[t].T, d_sum @ states[t].T, d_out @ states[t + 1].T, d_sum, d_out),
                strict=True,
            ):
                total += part
            later = w_state.T @ d_sum
        for parameter, total, square in zip(parameters, sums, squares, strict=True):
            np.clip(total, -5, 5, out=total)
            square += total * total
            parameter -= 0.1 * total / np.sqrt(square + 1e-8)

    return step


def our_step(kind: str, shape: Shape, precision: str, threads: int = 1) -> Step:
    layers, hidden, window, batch = shape
    model = ModelConfig(vocabulary=VOCABULARY, kind=kind, layers=layers, hidden=hidden)
    train = TrainConfig(
        steps=1 << 30, batch=batch, window=window, precision=precision, threads=threads
    )
    ids = np.random.default_rng(0).integers(1, VOCABULARY, 1 << 20).astype(np.uint8)
    ids[::300] = ids[-1] = 0  # documents of the length of a folk tune
    return Learner(model, train, Text(ids, VOCABULARY)).advance


def cases(shape: Shape, threads: int) -> dict[str, Step]:
    batch = shape[3]
    found = {f"loop over characters, {kind}": character_step(kind, shape) for kind in MODULES}
    found |= {f"nn.{kind.upper()}": module_step(kind, shape) for kind in MODULES}
    if batch == 1:
        found["min-char-rnn, numpy"] = min_char_rnn_step(shape)
        return found | {
            f"textmusic {kind} {precision}": our_step(kind, shape, precision)
            for kind in GATES
            for precision in ("float32", "bfloat16")
        }
    for kind in MODULES:
        for precision in ("float32", "bfloat16"):
            found[f"textmusic {kind} {precision}"] = our_step(kind, shape, precision)
    if threads > 1:
        found |= {
            f"nn.{kind.upper()}, {threads} threads": module_step(kind, shape, threads)
            for kind in MODULES
        }
        for kind in MODULES:
            found[f"textmusic {kind} bfloat16, {threads} threads"] = our_step(
                kind, shape, "bfloat16", threads
            )
    return found


def product_step(shape: Shape, dtype: torch.dtype) -> tuple[Step, float]:
    """Return a product of all times at once, and its floating-point operations."""
    _, hidden, window, batch = shape
    left = torch.randn(window * batch, hidden).to(dtype)
    right = torch.randn(hidden, 4 * hidden).to(dtype)
    out = torch.empty(len(left), 4 * hidden, dtype=dtype)

    def step() -> None:
        if torch.get_num_threads() != 1:
            torch.set_num_threads(1)
        torch.mm(left, right, out=out)

    return step, 2.0 * left.numel() * right.shape[1]


def operations(name: str, shape: Shape) -> float:
    """Floating-point operations a character of the products of a step."""
    layers, hidden, _, _ = shape
    kind = next(kind for kind in GATES if kind in name.lower())
    return 6.0 * (GATES[kind] * hidden * hidden * (2 * layers - 1) + hidden * VOCABULARY)


def measure(steps: dict[str, Step], rounds: int, seconds: float) -> dict[str, tuple[float, float]]:
    """Return the median processor and wall seconds of a step."""
    for step in steps.values():
        step()
        step()
    processor: dict[str, list[float]] = {name: [] for name in steps}
    wall: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            count, begun, started = 0, time.perf_counter(), time.process_time()
            while count == 0 or time.process_time() - started < seconds:
                step()
                count += 1
            processor[name].append((time.process_time() - started) / count)
            wall[name].append((time.perf_counter() - begun) / count)
    return {
        name: (statistics.median(processor[name]), statistics.median(wall[name])) for name in steps
    }


def report(name: str, rounds: int, seconds: float, threads: int) -> None:
    shape = SHAPES[name]
    layers, hidden, window, batch = shape
    steps = cases(shape, threads)
    products = {}
    for dtype in (torch.float32, torch.bfloat16):
        step, count = product_step(shape, dtype)
        key = str(dtype).removeprefix("torch.")
        steps[key], products[key] = step, count
    times = measure(steps, rounds, seconds)
    limits = {key: products[key] / times.pop(key)[0] for key in products}
    print(f"\n{layers}x{hidden}, window {window}, batch {batch}; products: ", end="")
    print(", ".join(f"{key} {speed / 1e9:.0f} GFLOP/s" for key, speed in limits.items()))
    print(f"{'':38} chars/CPU-s  loop  LSTM   GRU  limit  chars/s")
    base = [times[key][0] for key in ("loop over characters, lstm", "nn.LSTM", "nn.GRU")]
    for key, (cpu, wall) in times.items():
        ratios = " ".join(f"{other / cpu:5.2f}" for other in base)
        limit = limits["bfloat16" if "bfloat16" in key else "float32"]
        share = (
            ""
            if "numpy" in key
            else f"{operations(key, shape) * window * batch / cpu / limit:5.0%}"
        )
        print(
            f"{key:38} {window * batch / cpu:11,.0f} {ratios} {share:>6} {window * batch / wall:8,.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shape", choices=SHAPES, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.4, help="of each case in a round")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    print(f"torch {torch.__version__}, load {os.getloadavg()[0]:.1f}")
    for name in options.shape or SHAPES:
        report(name, options.rounds, options.seconds, options.threads)


if __name__ == "__main__":
    main()
