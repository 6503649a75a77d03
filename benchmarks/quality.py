"""How well music is predicted after a fixed time on one core: held-out bits a character.

The text is that of the folk tunes in ABC which music21 carries, 4.15 million characters, as they
are: tunes are shuffled, a twentieth of the text is held out, characters that come fewer than 20
times are one. Versions of one tune lie on both sides of such a split, as with any that is made
without looking at the music; figures are for comparing recipes on it, and with ``--corpus`` a
corpus is taken as `textmusic.corpus.build` splits it, such as RUN/corpus of any run.

Each recipe trains until the process has used the seconds; compiling, choosing the size as
`textmusic train` does for a training of that many seconds, and measuring at the end, are outside.
The learning rate follows the time used in place of steps. Peers are what people use
`nn.LSTM` with: float32, Adam at 2e-3 throughout, gradients clipped at 5, state carried. A second
is worth more on a faster processor, and less beside busy neighbours: compare within one run, and
look at the characters read.

    python benchmarks/quality.py                                 70 and 240 seconds, beside the peers
    python benchmarks/quality.py --seconds 70 --no-peers hidden=256,batch=32 kind=lstm,peak=4e-3
    python benchmarks/quality.py --corpus run/corpus --seconds 70 default size=small hidden=224
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import math
import os
import random
import re
import time
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from textmusic.arrangement import Arrangement
from textmusic.corpus import Corpus
from textmusic.lm import ModelConfig, TrainConfig, evaluate
from textmusic.lm.data import Text
from textmusic.lm.learner import Learner
from textmusic.lm.parallel import Group
from textmusic.material import Material
from textmusic.plan import Plan
from textmusic.sizes import fitted

SEED = 0
HELD_OUT, RARE = 0.05, 20
PEERS = {  # layers, hidden, window, batch
    "nn.LSTM 2x128, window 50, batch 50": (2, 128, 50, 50),
    "nn.LSTM 2x256, window 128, batch 64": (2, 256, 128, 64),
}
MODEL = ("embedding",)
Ids = NDArray[Any]


@dataclass(frozen=True)
class Sides:
    """What is learnt and what is predicted: boundary, document, boundary … boundary."""

    train: Ids
    valid: Ids
    vocabulary: int


class Clock:
    """What is used of the processor time that a training has, from `start` on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.start()

    def start(self) -> None:
        """Begin to count."""
        self.begun = time.process_time()

    @property
    def spent(self) -> float:
        """Seconds that the process has used."""
        return time.process_time() - self.begun

    @property
    def over(self) -> bool:
        """Whether that is all of them."""
        return self.spent >= self.seconds


@dataclass(frozen=True, kw_only=True)
class Timed(TrainConfig):
    """A training whose rate follows the time used."""

    clock: Clock

    def rate(self, step: int) -> float:
        """Return the learning rate of now, whatever the step."""
        whole = TrainConfig(steps=1 << 20, peak=self.peak, warmup=self.warmup)
        share = min(self.clock.spent / self.clock.seconds, 1.0)
        return whole.rate(round(share * (whole.steps - 1)))


def folk() -> Sides:
    """The folk tunes of music21, each with its newline, shuffled and cut in two."""
    spec = find_spec("music21")
    assert spec is not None
    assert spec.origin is not None
    texts = []
    for path in sorted((Path(spec.origin).parent / "corpus").rglob("*.abc")):
        data = path.read_bytes()
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        texts.append(text.replace("\r\n", "\n").replace("\r", "\n"))
    tunes = [one.strip() for one in re.split(r"\n\s*\n", "\n\n".join(texts)) if one.strip()]
    random.Random(SEED).shuffle(tunes)
    counts = Counter("\n".join(tunes))
    chars = ["", *sorted(c for c, n in counts.items() if n >= RARE)]
    ids = {char: index for index, char in enumerate(chars)}
    rare = ids["?"]
    rows = [[*(ids.get(char, rare) for char in f"{tune}\n"), 0] for tune in tunes]
    ends = np.cumsum([len(row) for row in rows])
    cut = int(np.searchsorted(ends, (1 - HELD_OUT) * ends[-1]))
    train, valid = (
        np.array([0, *itertools.chain.from_iterable(part)], np.uint8)
        for part in (rows[:cut], rows[cut:])
    )
    return Sides(train, valid, len(chars))


def stored(folder: Path) -> Sides:
    corpus = Corpus.open(folder)
    return Sides(corpus.train, corpus.valid, corpus.alphabet.size)


def ours(sides: Sides, settings: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Train as `textmusic train` does, with its defaults but for some settings."""
    settings = dict(settings)
    fields = {field.name for field in dataclasses.fields(Plan)}
    asked = {name: settings.pop(name) for name in fields & settings.keys()}
    material = Material(Arrangement(), sides.vocabulary, sides.train, sides.valid[:0])
    plan, steps = fitted(Plan(codec="", minutes=seconds / 60, **asked), material, Group())
    base, training = plan.configs(sides.vocabulary, steps)
    given = {name: settings.pop(name) for name in MODEL if name in settings}
    model = ModelConfig(**base.to_json() | given)
    clock = Clock(seconds)
    config = Timed(**training.to_json() | settings, clock=clock)
    learner = Learner(model, config, Text(sides.train, sides.vocabulary))
    clock.start()
    while not clock.over:
        learner.advance()
    spent = clock.spent
    return {
        "bits": evaluate(learner.model, sides.valid).bits_per_char,
        "training": learner.mean_nats / math.log(2),
        "characters": learner.done * learner.streams.chars,
        "spent": spent,
        "shape": f"{model.layers}x{model.hidden}",
    }


class Peer(nn.Module):
    """What a user of PyTorch writes."""

    def __init__(self, vocabulary: int, layers: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.rnn = nn.LSTM(hidden, hidden, layers)
        self.output = nn.Linear(hidden, vocabulary)

    def forward(self, ids, state):  # noqa: D102
        hidden, state = self.rnn(self.embedding(ids), state)
        return self.output(hidden), state


def streams(ids: Ids, count: int) -> torch.Tensor:
    """Cut ids into streams side by side, (T, B)."""
    length = (len(ids) - 1) // count
    return torch.from_numpy(ids[: length * count].reshape(count, length).T.astype(np.int64))


def peer(sides: Sides, shape: tuple[int, int, int, int], seconds: float) -> dict[str, float]:
    layers, hidden, window, batch = shape
    torch.manual_seed(SEED)
    model = Peer(sides.vocabulary, layers, hidden)
    optimizer = torch.optim.Adam(model.parameters(), 2e-3, fused=True)
    text = streams(sides.train, batch)
    state, place, read, nats, clock = None, 0, 0, 0.0, Clock(seconds)
    while not clock.over:
        if place + window >= len(text):
            state, place = None, 0
        logits, state = model(text[place : place + window], state)
        state = tuple(part.detach() for part in state)
        wanted = text[place + 1 : place + window + 1].flatten()
        loss = functional.cross_entropy(logits.flatten(0, 1), wanted)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        nats = 0.98 * nats + 0.02 * loss.item() if read else loss.item()
        place, read = place + window, read + window * batch
    spent = clock.spent
    return {
        "bits": predicted(model, streams(sides.valid, 32)),
        "training": nats / math.log(2),
        "characters": read,
        "spent": spent,
    }


def predicted(model: Peer, text: torch.Tensor) -> float:
    """Bits a character of a text, the state carried on as in training."""
    state, total = None, 0.0
    with torch.inference_mode():
        for place in range(0, len(text) - 1, 256):
            wanted = text[place + 1 : place + 257]
            logits, state = model(text[place : place + len(wanted)], state)
            nats = functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="sum")
            total += float(nats)
    return total / math.log(2) / (text.numel() - text.shape[1])


def parsed(recipe: str) -> dict[str, Any]:
    """Read ``hidden=256,peak=8e-3``; ``default`` changes nothing."""
    settings = {}
    for pair in recipe.split(",") if recipe != "default" else ():
        name, _, value = pair.partition("=")
        try:
            settings[name] = json.loads(value)
        except ValueError:
            settings[name] = value
    return settings


def line(name: str, seconds: float, found: dict[str, Any], size: int) -> None:
    read, shape = found["characters"], found.get("shape", "")
    print(
        f"{seconds:5.0f} {name:42} {shape:5} {found['bits']:8.4f} {found['training']:9.4f} "
        f"{read / size:7.2f} {read / found['spent']:12,.0f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("recipes", nargs="*", default=["default"], help="hidden=256,peak=8e-3 …")
    parser.add_argument("--corpus", type=Path, help="a built corpus in place of the folk tunes")
    parser.add_argument("--seconds", type=float, action="append", help="of one core; 70 and 240")
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    sides = stored(options.corpus) if options.corpus else folk()
    size = len(sides.train)
    print(f"{size:,} characters to learn, {len(sides.valid):,} held out, {sides.vocabulary} ids")
    print(f"  CPU-s{'':45} held out  training  epochs  chars/CPU-s")
    for seconds in options.seconds or (70, 240):
        for recipe in options.recipes:
            line(f"textmusic {recipe}", seconds, ours(sides, parsed(recipe), seconds), size)
        for name, shape in {} if options.no_peers else PEERS.items():
            line(name, seconds, peer(sides, shape, seconds), size)


if __name__ == "__main__":
    main()
