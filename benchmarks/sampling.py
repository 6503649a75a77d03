"""How fast are texts drawn, against the loops that others write, and what does the grammar cost?

A GRU and an LSTM of 2x256 are trained for ``--minutes`` each on folk tunes in the codec `abc` (or
the runs that lie in ``--runs`` are used). Then all variants below draw in turn, round after round.
The table has the median of characters per second of CPU time over the rounds, and the median of
the ratios to the ``nn.LSTM`` loop in the same round: on a shared machine only the ratios mean
anything. Peers draw with softmax and `torch.multinomial`, without filters and without a grammar:

- ``nn.LSTM``, ``nn.GRU``: the module in a Python loop, one character at a time;
- ``LSTMCell``: cells in a loop;
- ``onnxruntime``: the exported step, where that package and onnx are installed.

Ours draw the same documents in every round, and once before: every way through the grammar is then
known ("warm"). "fresh" makes a new sampler each round and draws documents it has not seen.
"plain" is our path in PyTorch, beside which the compiled one stands.

    python benchmarks/sampling.py --rounds 7 --runs /tmp/runs

Last come the limit for one stream, which is reading all weights once a character, measured with a
dot product as long as the weights, and what fewer bits cost: bits per character of the held-out
documents. Needs the folder of real music beside the checkout, and numba.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from torch import nn

import textmusic
from textmusic.alphabet import BOUNDARY
from textmusic.codec import Codec
from textmusic.corpus import Corpus
from textmusic.lm import CharRNN, SampleConfig, Sampler
from textmusic.lm.kernels.nets import net_of
from textmusic.lm.kernels.stepping import Work, step
from textmusic.runs import train
from textmusic.writing import Model

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "abc" / "nottingham_cleaned"
V, H = 96, 256
PRECISIONS = ("float32", "bfloat16", "int8")
Draw = Callable[[int], int]
"""Draws at least so many characters and returns how many."""


def trained(kind: str, runs: Path, minutes: float) -> Path:
    """The folder of a finished run; trained now where there is none."""
    folder = runs / kind
    if not (folder / "scores.json").exists():
        plan = {"kind": kind, "hidden": H, "layers": 2, "minutes": minutes}
        outcome = train("abc", [DATA], folder, overwrite=True, **plan)
        print(f"{kind}: trained, {outcome.bits_per_char:.3f} bits a character", flush=True)
    return folder


def chosen(logits: torch.Tensor) -> torch.Tensor:
    return torch.multinomial(torch.softmax(logits, -1), 1).view(-1)


def module_loop(kind: str, batch: int) -> Draw:
    embedding, output = nn.Embedding(V, H), nn.Linear(H, V)
    rnn = {"nn.LSTM": nn.LSTM, "nn.GRU": nn.GRU}[kind](H, H, 2)

    def draw(number: int) -> int:
        state, ids = None, torch.zeros(1, batch, dtype=torch.long)
        steps = -(-number // batch)
        for _ in range(steps):
            hidden, state = rnn(embedding(ids), state)
            ids = chosen(output(hidden[0]))[None]
        return steps * batch

    return draw


def cell_loop(batch: int) -> Draw:
    embedding, output = nn.Embedding(V, H), nn.Linear(H, V)
    cells = [nn.LSTMCell(H, H) for _ in range(2)]

    def draw(number: int) -> int:
        states = [(torch.zeros(batch, H), torch.zeros(batch, H)) for _ in cells]
        ids = torch.zeros(batch, dtype=torch.long)
        steps = -(-number // batch)
        for _ in range(steps):
            x = embedding(ids)
            for layer, cell in enumerate(cells):
                states[layer] = cell(x, states[layer])
                x = states[layer][0]
            ids = chosen(output(x))
        return steps * batch

    return draw


class Exported(nn.Module):
    """One step, as it is exported."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.output = nn.Embedding(V, H), nn.Linear(H, V)
        self.rnn = nn.LSTM(H, H, 2)

    def forward(
        self, ids: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        """Read one id a stream."""
        hidden, (h, c) = self.rnn(self.embedding(ids), (h, c))
        return self.output(hidden[0]), h, c


def onnx_loop(batch: int, folder: Path) -> Draw | None:
    try:
        import onnx  # noqa: F401 - torch.onnx needs it
        import onnxruntime
    except ImportError:
        return None
    state = np.zeros((2, batch, H), np.float32)
    path = folder / f"step{batch}.onnx"
    example = (torch.zeros(1, batch, dtype=torch.long), *2 * (torch.from_numpy(state),))
    names = ["ids", "h", "c"]
    torch.onnx.export(Exported(), example, path, input_names=names, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def draw(number: int) -> int:
        ids, h, c = np.zeros((1, batch), np.int64), state, state
        steps = -(-number // batch)
        for _ in range(steps):
            logits, h, c = session.run(None, {"ids": ids, "h": h, "c": c})
            ids = chosen(torch.from_numpy(logits)).numpy()[None]
        return steps * batch

    return draw


def drawn(sampler: Sampler, batch: int, first: int, number: int) -> int:
    """Draw documents until they have so many characters; how many they have."""
    total = 0
    while total < number:
        for sample in sampler.samples(batch, batch=batch, first=first):
            total += sample.drawn
        first += batch
    return total


def ours(
    model: CharRNN,
    codec: Codec,
    batch: int,
    *,
    top_p: float = 1.0,
    under: bool = False,
    fresh: bool = False,
    **how: object,
) -> Draw:
    # Documents that end by themselves leave rows empty: here all are as long as they may be.
    length = 512
    config = SampleConfig(top_p=top_p, min_length=length, max_length=length, seed=1)
    make = lambda: Sampler(model, codec.alphabet, codec.grammar() if under else None, config, **how)  # noqa: E731
    sampler, places = make(), count(0, 10_000)
    return lambda number: drawn(
        make() if fresh else sampler, batch, next(places) if fresh else 0, number
    )


def measured(variants: dict[str, Draw], base: str, rounds: int, seconds: float) -> None:
    """Let all draw in turn, and print the medians."""
    sizes, speeds = {}, {name: [] for name in variants}
    for name, draw in variants.items():
        draw(64)
        start = time.process_time()
        number = draw(256)
        sizes[name] = max(64, int(seconds * number / (time.process_time() - start)))
        draw(sizes[name])
    for _ in range(rounds):
        for name, draw in variants.items():
            start = time.process_time()
            number = draw(sizes[name])
            speeds[name].append(number / (time.process_time() - start))
    for name, own in speeds.items():
        ratios = [mine / other for mine, other in zip(own, speeds[base], strict=True)]
        print(
            f"  {name:46}{statistics.median(own):12,.0f}{statistics.median(ratios):9.1f}",
            flush=True,
        )


def reading(model: CharRNN) -> None:
    """Print how often a second the weights can be read."""
    for precision, size in zip(PRECISIONS, (4, 2, 1), strict=True):
        read = [p.numel() for n, p in model.named_parameters() if p.dim() == 2][2:]
        length = sum(read) * size // 4  # without the embedding and W_ih of the first layer
        values = np.ones(length, np.float32)
        times = []
        for _ in range(200):
            start = time.perf_counter()
            np.dot(values, values)
            times.append(time.perf_counter() - start)
        print(
            f"  reading all weights, {precision:26}{1 / statistics.median(times):12,.0f} a second"
        )


def accuracy(run: Path, model: CharRNN, codec: Codec) -> None:
    """Print bits per character of held-out documents, read by the code that draws."""
    texts = [document.text for document in Corpus.open(run / "corpus", codec).documents("valid")]
    ids = np.full((max(map(len, texts)) + 2, len(texts)), BOUNDARY)
    for stream, text in enumerate(texts):
        ids[1 : 1 + len(text), stream] = codec.alphabet.encode(text)
    real = np.arange(len(ids) - 1)[:, None] <= [len(text) for text in texts]
    for precision in PRECISIONS:
        net, nats = net_of(model, precision), 0.0
        states = [np.repeat(part, len(texts), axis=1) for part in net.zero_state()]
        work = Work.of(net, len(texts))
        for before, after, counts in zip(ids, ids[1:], real, strict=False):
            step(net, before, *states, work)
            logits = torch.from_numpy(work.logits + net.bias_out)[:, : model.config.vocabulary]
            losses = nn.functional.cross_entropy(logits, torch.from_numpy(after), reduction="none")
            nats += losses[torch.from_numpy(counts)].double().sum().item()
        print(f"  {precision:46}{nats / real.sum() / math.log(2):12.5f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast are texts drawn?")
    parser.add_argument("--runs", type=Path, default=Path("benchmark-runs"))
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each measurement")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 64])
    args = parser.parse_args()
    torch.set_num_threads(1)
    gc.set_threshold(200_000)  # as the commands do
    codec = textmusic.get_codec("abc")
    runs = {kind: trained(kind, args.runs, args.minutes) for kind in ("gru", "lstm")}
    models = {kind: Model.load(run).checkpoint.model for kind, run in runs.items()}
    for batch in args.batches:
        variants: dict[str, Draw | None] = {
            "nn.LSTM": module_loop("nn.LSTM", batch),
            "nn.GRU": module_loop("nn.GRU", batch),
            "LSTMCell": cell_loop(batch),
            "onnxruntime": onnx_loop(batch, args.runs),
        }
        for kind, model in models.items():
            make = partial(ours, model, codec, batch)
            for precision in PRECISIONS:
                name = f"{kind} {precision}"
                variants[name] = make(precision=precision)
                variants[f"{name}, top-p"] = make(top_p=0.95, precision=precision)
                variants[f"{name}, top-p, grammar, warm"] = make(
                    top_p=0.95, under=True, precision=precision
                )
            variants[f"{name}, top-p, grammar, fresh"] = make(
                top_p=0.95, under=True, fresh=True, precision=precision
            )
            variants[f"{kind} plain"] = make(compiled=False)
            variants[f"{kind} plain, top-p, grammar, warm"] = make(
                top_p=0.95, under=True, compiled=False
            )
        print(f"streams: {batch}; characters a CPU-second, and times nn.LSTM")
        with torch.no_grad():
            measured({n: v for n, v in variants.items() if v}, "nn.LSTM", args.rounds, args.seconds)
    for kind, model in models.items():
        print(f"{kind}: limit of one stream; held-out bits a character")
        reading(model)
        accuracy(runs[kind], model, codec)


if __name__ == "__main__":
    main()
