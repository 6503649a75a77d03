"""Are samples always music? Drawn under the grammar, from an untrained model, and free.

For each codec a model is trained for ``--minutes`` on real music (or the run that lies in
``--runs`` is used), and four sets of samples are drawn: under the grammar at temperature 1.0 and
1.5, under the grammar from weights that were never trained, and without the grammar at 1.0. Of
each set the table says what share, where a sample that parses with an error has none of this,

- is *clean*: `Codec.parse` has no issue at all;
- has *exact bars*: every bar has a metre that the text states, and every
  bar is as long as that metre, but for those that may be shorter by the rules of the text. In
  `abc` these are an upbeat, the last bar, and a bar that a section mark divides, whose parts sum
  to whole bars in the order of playing. In the other codecs they are those that the text itself
  marks as cut short: ``<n`` in `noteevents` and `pianoroll`, ``!`` in `guitartab`, `guitarpro`
  and `pitchdigits`; a bar so marked must be short in the Score, and no other. The share of bars
  that are short is in the table too;
- is *rendered*: every format of `Codec.renders` takes it without an error;
- is *accepted* by a reader that shares no code with us:
  `abc`: abc2midi without an error line, for the sample and for the .abc file written of it (how
  many it warns of for the length of a bar is printed beside it);
  `guitartab`, `guitarpro`: alphaTab through .gp5, which must see the bars, strings, frets, lengths
  and tempos that we see in the file; sample and file are compared but for notes that .gp5 cannot
  hold, which the writer must name, such as those of nine strings (*not held by .gp5*; what else
  may differ stands in `gp5_losses`);
  `noteevents`, `pianoroll`, `pitchdigits`: mido, which must read the same notes from the .mid; and
  for one `pitchdigits` sample in ``--music21`` music21 through MusicXML, the same bars and notes
  (it takes a fifth of a second each).

The held-out documents of the run are judged in the same way, as a check of the checks: what is
wrong there is a bug of ours or of the reader, or lies in the music.

Free samples that the limit cuts are judged up to their last whole line (`abc`: bar), so that the
limit is not held against them; those under the grammar have the grammar's ending.

    python benchmarks/validity.py                                 all codecs, 1,000 samples a set
    python benchmarks/validity.py --codec abc --samples 100 --failures /tmp/failed

Needs abc2midi, node with alphaTab (``npm install`` in tests/oracles), mido and the folder of real
music beside the checkout. Samples are named by index; index and ``--seed`` give the sample again,
with the same weights.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from exact_bars import inexact
from readers import abc2midi, alphatab_hears, mido_hears, music21_hears

import textmusic
from textmusic.codec import Codec
from textmusic.corpus import Corpus
from textmusic.errors import InputError, errors_of
from textmusic.lm import CharRNN, SampleConfig, Sampler
from textmusic.runs import train
from textmusic.score import Score
from textmusic.writing import Model

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
MUSIC = {
    "abc": "abc/nottingham_cleaned",
    "guitartab": "gp",
    "guitarpro": "gp",
    "noteevents": "midi/nottingham",
    "pianoroll": "midi/nottingham",
    "pitchdigits": "abc/nottingham_cleaned",
}
SETS = ("1.0", "1.5", "untrained", "free", "held out")
COLUMNS = ("clean", "exact bars", "rendered", "accepted")
PIECE = 250


@dataclass(frozen=True)
class Job:
    """Some samples of a set, to be drawn and checked by a worker."""

    codec: str
    run: Path
    kind: str
    first: int
    count: int
    characters: int
    seed: int
    music21: int
    failures: Path | None


@dataclass
class Row:
    """What became of a set of samples."""

    codec: str
    kind: str
    samples: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, other: Row) -> None:
        """Take in what another worker found."""
        self.samples += other.samples
        self.passed += other.passed
        self.counts += other.counts
        self.seconds += other.seconds
        for reason, indices in other.reasons.items():
            self.reasons[reason] += indices

    def line(self) -> str:
        """Return the row of the table."""
        shares = "".join(f"{100 * self.passed[c] / max(self.samples, 1):12.1f}" for c in COLUMNS)
        short = 100 * self.counts["short"] / max(self.counts["bars"], 1)
        chars = self.counts["chars"] / max(self.samples, 1)
        return f"{self.codec:12}{self.kind:11}{self.samples:8}{shares}{short:12.1f}{chars:10.0f}"


def run_of(codec: str, runs: Path, minutes: float) -> Path:
    """The folder of a finished run; trained now where there is none."""
    folder = runs / codec
    if not (folder / "scores.json").exists():
        print(f"training {codec} for {minutes:g} minutes", flush=True)
        outcome = train(codec, [DATA / MUSIC[codec]], folder, minutes=minutes, overwrite=True)
        print(f"{codec}: {outcome.bits_per_char:.3f} bits a character, {outcome.steps} steps")
    return folder


def draw(job: Job, codec: Codec) -> Iterator[tuple[int, str]]:
    """Index and text of each sample of a job."""
    if job.kind == "held out":
        documents = Corpus.open(job.run / "corpus", codec).documents("valid")
        for index, document in islice(enumerate(documents), job.first, job.first + job.count):
            yield index, document.text
        return
    model = Model.load(job.run).checkpoint.model
    if job.kind == "untrained":
        model = CharRNN(model.config).eval()
    temperature = float(job.kind) if job.kind[0].isdigit() else 1.0
    config = SampleConfig(temperature=temperature, max_length=job.characters, seed=job.seed)
    grammar = None if job.kind == "free" else codec.grammar()
    sampler = Sampler(model, codec.alphabet, grammar, config)
    for sample in sampler.samples(job.count, first=job.first):
        text = sample.text
        if job.kind == "free" and sample.ended == "length":
            cut = text.rfind("|") if job.codec == "abc" else text.rfind("\n") + 1
            text = text[:cut] + "|]" if job.codec == "abc" else text[:cut]
        yield sample.index, text


def check(job: Job) -> Row:
    """Draw the samples of a job and judge them; runs in a worker."""
    codec = textmusic.get_codec(job.codec)
    start = time.perf_counter()
    drawn = list(draw(job, codec))
    row = Row(job.codec, job.kind, len(drawn))
    parsed = [codec.parse(text) for _, text in drawn]
    triples = [(*one, found.score) for one, found in zip(drawn, parsed, strict=True)]
    refused = accepted(job, triples, row)
    for (index, text), found, reader in zip(drawn, parsed, refused, strict=True):
        issue = next(iter(found.issues), None)
        broken = "does not parse" if errors_of(found.issues) else None
        wrong = {
            "clean": issue and f"{issue.code}: {re.sub('[0-9]+', '#', issue.message)}",
            "exact bars": broken or inexact(job.codec, text, found.score),
            "rendered": broken or unrendered(codec, found.score),
            "accepted": broken or reader,
        }
        for column, reason in wrong.items():
            row.passed[column] += not reason
            if reason:
                row.reasons[f"{column}: {reason}"].append(index)
        if any(wrong.values()) and job.failures and job.kind != "free":
            name = f"{job.codec}-{job.kind}-{index}.txt"
            (job.failures / name).write_text(f"{text}\n\n# {wrong}\n", "utf-8")
        bars = found.score.bars()
        row.counts += Counter(
            chars=len(text),
            bars=len(bars),
            short=sum(bar.is_short for bar in bars),
            silent=not any(found.score.notes()),
        )
    row.seconds = time.perf_counter() - start
    return row


def unrendered(codec: Codec, score: Score) -> str | None:
    for name in codec.renders:
        try:
            issues = textmusic.formats.get(name)().encode(score).issues
        except (InputError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            return f".{name}: {type(error).__name__}: {re.sub('[0-9]+', '#', str(error))[:120]}"
        if errors_of(issues):
            return f".{name}: {errors_of(issues)[0].code}"
    return None


def accepted(job: Job, samples: Sequence[tuple[int, str, Score]], row: Row) -> list[str | None]:
    """Why the independent reader refuses each sample, or None."""
    scores = [score for *_, score in samples]
    if job.codec in {"guitartab", "guitarpro"}:
        reasons, lossy = alphatab_hears(scores)
        row.counts["not held by .gp5"] += lossy
        return reasons
    if job.codec == "abc":
        with tempfile.TemporaryDirectory() as folder:
            return [_abc(text, score, Path(folder), row) for _, text, score in samples]
    found = [mido_hears(score) for score in scores]
    if job.codec == "pitchdigits":
        for place, (index, _, score) in enumerate(samples):
            if index % job.music21 == 0:
                row.counts["by music21"] += 1
                found[place] = found[place] or music21_hears(score)
    return found


def _abc(text: str, score: Score, folder: Path, row: Row) -> str | None:
    errors, warnings = abc2midi(text, folder)
    row.counts["bar warnings"] += bool(warnings)
    if errors:
        return re.sub(r"line-char [0-9-]+", "", errors[0])[:120]
    try:
        data = textmusic.formats.get("abc")().encode(score).data.decode()
    except InputError as error:
        return f"no .abc: {str(error)[:120]}"
    errors, _ = abc2midi(data, folder)
    return f"the file: {re.sub(r'line-char [0-9-]+', '', errors[0])[:120]}" if errors else None


def report(rows: Sequence[Row]) -> None:
    heads = "".join(f"{name + ' %':>12}" for name in (*COLUMNS, "short bars"))
    print(f"\n{'codec':12}{'set':11}{'samples':>8}{heads}{'chars':>10}")
    for row in rows:
        print(row.line())
    for row in rows:
        for name in ("silent", "bar warnings", "not held by .gp5", "by music21"):
            if row.counts[name]:
                print(f"{row.codec} {row.kind}: {name}: {row.counts[name]} samples")
        if row.kind == "free":
            continue  # what the grammar is there for
        for reason, indices in sorted(row.reasons.items(), key=lambda item: -len(item[1])):
            places = " ".join(map(str, sorted(indices)[:12]))
            print(f"{row.codec} {row.kind}: {len(indices)} times {reason}: samples {places}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--codec", nargs="+", choices=sorted(MUSIC), default=list(MUSIC))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--samples", type=int, default=1000, help="of each set")
    parser.add_argument("--characters", type=int, default=600, help="longest sample")
    parser.add_argument("--minutes", type=float, default=2.0, help="of training a codec")
    parser.add_argument("--runs", type=Path, help="folder of runs, one a codec; kept")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--music21", type=int, default=10, help="one pitchdigits sample in so many")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--failures", type=Path, help="write the samples that fail here")
    parser.add_argument("--json", type=Path, help="write the rows here")
    asked = parser.parse_args()
    if asked.failures:
        asked.failures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        runs = asked.runs or Path(folder)
        jobs = []
        for codec in asked.codec:
            run = run_of(codec, runs, asked.minutes)
            common = (asked.characters, asked.seed, asked.music21, asked.failures)
            for kind in asked.sets:
                for first in range(0, asked.samples, PIECE):
                    count = min(PIECE, asked.samples - first)
                    jobs.append(Job(codec, run, kind, first, count, *common))
        rows: dict[tuple[str, str], Row] = {}
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(asked.workers, context) as pool:
            for found in pool.map(check, jobs):
                rows.setdefault((found.codec, found.kind), Row(found.codec, found.kind)).add(found)
                print(f"{found.codec} {found.kind}: {found.seconds:.0f} s", flush=True)
    report(list(rows.values()))
    if asked.json:
        asked.json.write_text(json.dumps([vars(row) for row in rows.values()], indent=1))


if __name__ == "__main__":
    main()
