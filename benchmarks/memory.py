"""How much memory does training on a large corpus take, and do thousands of samples?

A corpus is built from real tablature and then grown to ``--mb`` megabytes of ids: its documents
again and again in another order, each without one of its bars. A process of its own opens it,
trains ``--steps`` steps, measures the model and draws ``--samples`` pieces. Each line has what that
process holds then: all that is resident; of that, what is its own (not pages of mapped files, which
the system takes back when it needs them); and the most that was ever resident.

Run: python benchmarks/memory.py [--data ../shared/data/tabs] [--mb 500] [--steps 50]
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from textmusic.codec import Codec
from textmusic.corpus import Corpus, build
from textmusic.corpus._store import content_hash
from textmusic.plan import Plan
from textmusic.registry import codecs

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "tabs"
CODEC = "guitartab"
FILES = 400
AT_MOST = 1500
"""Megabytes resident."""


def held() -> tuple[float, float, float]:
    """Megabytes of this process: resident, of that its own, and the most ever resident."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except FileNotFoundError:  # not Linux
        return float("nan"), float("nan"), most / (1024 if sys.platform == "darwin" else 1)
    lines = dict(line.split(":", 1) for line in status.splitlines())
    now, own = (int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))
    return now, own, most


def say(what: str) -> None:
    now, own, most = held()
    print(f"{what:40} {now:8.0f} MiB resident {own:8.0f} its own {most:8.0f} at most", flush=True)


def varied(corpus: Corpus, codec: Codec, size: int) -> Iterator[bytes]:
    """Yield the ids of documents, each with the boundary behind it, until there are enough."""
    documents = list(corpus.documents("train"))
    rng = random.Random(0)
    made = 0
    while made < size:
        text = rng.choice(documents).text
        places = codec.bar_offsets(text)
        if len(places) > 3:
            index = rng.randrange(1, len(places) - 1)
            text = text[: places[index]] + text[places[index + 1] :]
        ids = corpus.alphabet.encode(text).astype(corpus.train.dtype).tobytes() + b"\0"
        made += len(ids)
        yield ids


def grow(folder: Path, codec: Codec, size: int) -> None:
    """Make the training set of a corpus larger; its ids are one byte each."""
    corpus = Corpus.open(folder)
    assert corpus.train.dtype.itemsize == 1
    with (folder / "train.new").open("wb") as file:
        file.write(b"\0")
        for ids in varied(corpus, codec, size):
            file.write(ids)
        length = file.tell()
    (folder / "train.new").replace(folder / "train.bin")
    path = folder / "corpus.json"
    meta = json.loads(path.read_text("utf-8"))
    meta["ids"]["train"] = length
    meta["hash"] = content_hash(meta["codec"], folder)
    path.write_text(json.dumps(meta), "utf-8")
    print(f"{length / 1e6:.0f} MB of training ids")


def train(folder: Path, samples: int) -> None:
    """Train on the corpus of a run, and sample; say what that takes."""
    import textmusic
    from textmusic.runs import Training

    say("libraries imported")
    training = Training.resume(folder)
    training.prepare()
    say("corpus opened and checked")
    for number, _ in enumerate(training.steps(), 1):
        if number == 1:
            say("first step")
    say("all steps")
    training.finish()
    say("model measured")
    most = held()[2]
    if samples:
        pieces = textmusic.load(folder).sample(samples, characters=300)
        say("model loaded")
        for number, _ in enumerate(pieces, 1):
            if number in {1, 100} or number % 1000 == 0:
                say(f"{number} samples")
    print(f"training: {most:.0f} MiB at most, {'met' if most < AT_MOST else 'MISSED'}: {AT_MOST}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--mb", type=float, default=500)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        train(options.run, options.samples)
        return
    codec = codecs.get(CODEC)()
    paths = sorted(p for p in options.data.rglob("*") if p.is_file())
    chosen = list(itertools.islice(paths, 0, None, max(1, len(paths) // FILES)))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "run")
        Plan(codec=CODEC, paths=tuple(map(str, chosen)), steps=options.steps, size="small").save(
            folder
        )
        build(chosen, codec, folder / "corpus", cache=False)
        grow(folder / "corpus", codec, int(options.mb * 1e6))
        command = [sys.executable, __file__, "--run", str(folder)]
        command += ["--samples", str(options.samples)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
