"""How long the index of a large training set takes to build, and a sample to audit.

The training tunes of a run are repeated with a few of their notes changed until their text would
fill so many megabytes; the index of that is built, saved, opened, and asked about the held-out
tunes.

    python benchmarks/overlap_size.py RUN --megabytes 100
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

import textmusic
from textmusic.corpus import Corpus
from textmusic.evaluate import OverlapIndex
from textmusic.evaluate._suffixes import Suffixes

CHANGED = 0.03
QUERIES = 400


def grown(index: OverlapIndex, times: int) -> OverlapIndex:
    """The index of a training set repeated with a few notes changed, and how long it took."""
    tokens, size = index.suffixes.sequence, len(index.bars)
    random, own = np.random.default_rng(0), np.flatnonzero(tokens)
    sequence = np.tile(tokens, times)
    for copy in range(1, times):
        changed = own[random.random(len(own)) < CHANGED]
        sequence[copy * size + changed] = tokens[random.choice(own, len(changed))]
    before = time.process_time()
    suffixes = Suffixes.build(sequence)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{len(sequence) / 1e6:.1f} million tokens sorted in {time.process_time() - before:.1f} s "
        f"of one core; {memory:.2f} GB of memory at most"
    )
    return OverlapIndex(
        suffixes,
        np.tile(index.bars, times),
        tuple(f"{name} {copy}" for copy in range(times) for name in index.names),
        np.concatenate([index.starts + copy * size for copy in range(times)]),
        index.any_tempo,
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("run", type=Path)
    arguments.add_argument("--megabytes", type=float, default=100)
    asked = arguments.parse_args()
    codec = textmusic.load(asked.run).codec
    corpus = Corpus.open(asked.run / "corpus", codec)
    found = [d for d in corpus.documents("train") if not d.transposed]
    size = sum(len(d.text.encode()) for d in found)
    before = time.process_time()
    index = OverlapIndex.build((d.file, codec.parse(d.text).score) for d in found)
    print(
        f"{size / 1e6:.1f} MB of text, {len(index.bars)} tokens: read and indexed in "
        f"{time.process_time() - before:.1f} s of one core"
    )
    with tempfile.TemporaryDirectory() as folder:
        grown(index, max(1, round(asked.megabytes * 1e6 / size))).save(folder)
        index = OverlapIndex.open(folder)
        held = [codec.parse(d.text).score for d in corpus.documents("valid")][:QUERIES]
        times = np.empty((2, len(held)))
        for at, score in enumerate(held):
            before = time.perf_counter(), time.process_time()
            index.audit(score)
            times[:, at] = time.perf_counter() - before[0], time.process_time() - before[1]
    for name, each in zip(("clock", "one core"), 1000 * times, strict=True):
        low, high = np.percentile(each, (50, 95))
        print(f"{len(held)} tunes audited: {low:.1f} ms (median), {high:.1f} ms (95 %) by {name}")


if __name__ == "__main__":
    main()
