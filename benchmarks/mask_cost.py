"""What the grammar costs while sampling: time a character, and bits a character.

For each codec the model of `validity.py` (the run in ``--runs``, or one trained for ``--minutes``)
draws samples at temperature 1 with the mask on and off, the same seeds, in rounds that take turns.
Printed are, for 64 samples side by side and for one at a time as `Sampler.stream` gives it:

- microseconds of processor time a character, the median of the rounds, with the mask off and on,
  and their ratio; *first* is the first round with the mask on, which fills the grammar's tables;
- *bits lost*: bits a character that the mask takes from the likelihood, the divergence of the
  constrained model from the free one (`textmusic.judging`), on samples drawn with the mask;
- *new ways*: share of the characters drawn in that round that go a way through the grammar which none
  has gone before, so that Python has to ask it (where it has parts, ways through any of them);
- *through*: share of the characters of free samples before the first that the grammar forbids.

    python benchmarks/mask_cost.py --runs RUNS
    python benchmarks/mask_cost.py --codec abc --rounds 3
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from validity import MUSIC, run_of

from textmusic.alphabet import Alphabet
from textmusic.grammar import Grammar, Joint, Local, Part, first_error
from textmusic.judging._mask import mask_bits
from textmusic.lm import CharRNN, SampleConfig, Sampler
from textmusic.writing import Model

HEADS = ("off", "on", "first", "ratio", "new ways")
Draw = Callable[[Sampler, int], list[str]]


class Counting:
    """A grammar that counts the ways it is asked for; a sampler asks once for each."""

    def __init__(self, grammar: Grammar[Any]) -> None:
        self.ways = 0
        self._grammar = grammar
        self.start, self.allowed = grammar.start, grammar.allowed
        self.accepting, self.finish = grammar.accepting, grammar.finish
        if isinstance(grammar, Joint):
            self.parts = [_CountingPart(self, part) for part in grammar.parts]
            self.split, self.joined = grammar.split, grammar.joined
        if isinstance(grammar, Local):
            self.local, self.leaves = grammar.local, grammar.leaves
        # a sampler asks a grammar that has it with `through`
        if hasattr(grammar, "through"):
            self._through, self.through = grammar.through, self._counted

    def step(self, state: Any, char: str) -> Any:
        """Return the state after a character."""
        self.ways += 1
        return self._grammar.step(state, char)

    def _counted(self, state: Any, text: str) -> Any:
        self.ways += 1
        return self._through(state, text)


class _CountingPart:
    """A part of a grammar whose ways are counted with those of the whole."""

    def __init__(self, whole: Counting, part: Part[Any]) -> None:
        self.allowed, self.accepting, self.alike = part.allowed, part.accepting, part.alike
        self._whole, self._after = whole, part.after

    def after(self, state: Any, char: str) -> Any:
        """Return the state after a character."""
        self._whole.ways += 1
        return self._after(state, char)


def batch(sampler: Sampler, turn: int) -> list[str]:
    """64 samples of a round."""
    return [sample.text for sample in sampler.samples(64, first=64 * turn)]


def stream(sampler: Sampler, turn: int) -> list[str]:
    """Three samples of a round, one after the other."""
    return ["".join(sampler.stream(index=3 * turn + number)) for number in range(3)]


def samplers(
    model: CharRNN, alphabet: Alphabet, grammar: Grammar[Any], asked: argparse.Namespace
) -> dict[str, Sampler]:
    config = SampleConfig(max_length=asked.characters, seed=asked.seed)
    return {
        "off": Sampler(model, alphabet, None, config),
        "on": Sampler(model, alphabet, grammar, config),
    }


def rounds(pair: dict[str, Sampler], grammar: Counting, draw: Draw, count: int) -> dict[str, float]:
    """Microseconds a character by sampler, the median of the rounds after the first."""
    new = 0.0
    taken: dict[str, list[float]] = {name: [] for name in pair}
    for turn in range(count + 1):
        for name in sorted(pair, reverse=turn % 2 == 1):
            start = time.process_time()
            texts = draw(pair[name], turn)
            seconds = time.process_time() - start
            chars = max(1, sum(map(len, texts)))
            taken[name].append(1e6 * seconds / chars)
            if name == "on" and not turn:
                new = grammar.ways / chars
    found = {name: median(times[1:]) for name, times in taken.items()}
    return {**found, "first": taken["on"][0], "ratio": found["on"] / found["off"], "new ways": new}


def got_through(grammar: Grammar[Any], texts: list[str]) -> float:
    """Share of the characters before the first that is forbidden."""
    reached = 0
    for text in texts:
        offset = first_error(grammar, text)
        reached += len(text) if offset is None else offset
    return reached / max(1, sum(map(len, texts)))


def measure(codec: str, asked: argparse.Namespace, runs: Path) -> dict[str, Any]:
    model = Model.load(run_of(codec, runs, asked.minutes))
    grammar = model.codec.grammar()
    assert grammar is not None
    counting = Counting(grammar)
    network, alphabet = model.checkpoint.model, model.codec.alphabet
    pair = samplers(network, alphabet, counting, asked)
    found: dict[str, Any] = {"batch": rounds(pair, counting, batch, asked.rounds)}
    counting = Counting(grammar)
    single = samplers(network, alphabet, counting, asked)
    found["stream"] = rounds(single, counting, stream, asked.rounds)
    drawn = {name: batch(sampler, 0) for name, sampler in pair.items()}
    found["bits"] = mask_bits(network, alphabet, grammar, drawn["on"])
    found["through"] = got_through(grammar, drawn["off"])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--codec", nargs="+", choices=sorted(MUSIC), default=list(MUSIC))
    parser.add_argument("--rounds", type=int, default=5, help="after the first")
    parser.add_argument("--characters", type=int, default=600, help="longest sample")
    parser.add_argument("--minutes", type=float, default=2.0, help="of training a codec")
    parser.add_argument("--runs", type=Path, help="folder of runs, one a codec; kept")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the rows here")
    asked = parser.parse_args()
    gc.set_threshold(200_000)  # as the commands do
    rows: dict[str, dict[str, Any]] = {}
    heads = "".join(f"{f'{kind} {name}':>13}" for kind in ("batch", "stream") for name in HEADS)
    with tempfile.TemporaryDirectory() as folder:
        lines = []
        for codec in asked.codec:
            row = rows[codec] = measure(codec, asked, asked.runs or Path(folder))
            times = "".join(f"{row[kind][n]:13.2f}" for kind in ("batch", "stream") for n in HEADS)
            lines.append(f"{codec:12}{times}{row['bits']:10.4f}{100 * row['through']:10.1f}")
            print(lines[-1], flush=True)
    print(f"\n{'µs a char':12}{heads}{'bits lost':>10}{'through %':>10}")
    print("\n".join(lines))
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
