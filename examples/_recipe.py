"""What the recipes share: their options, two ways side by side, and the table of them."""

from __future__ import annotations

import argparse
import dataclasses
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import textmusic
from textmusic.corpus import embedded_sources
from textmusic.errors import TextmusicError, errors_of
from textmusic.format import write_atomic

MUSIC21 = embedded_sources()[0][0].parent
"""The corpus that music21 carries."""


def quartets() -> list[Path]:
    """Return the 44 movements of string quartets in it."""
    composers = ("beethoven", "haydn", "mozart", "schumann_robert")
    found = (path for one in composers for path in MUSIC21.glob(f"{one}/*/*.mxl"))
    return sorted(path for path in found if path.parent.name != "k545")  # a piano sonata


@dataclass(frozen=True)
class Recipe:
    """What a recipe was asked for.

    Args:
        out: where all that it makes lies.
        data: a folder of one's own music, or None.
        minutes: of training, for each of the two ways.
        quick: a few steps on a few pieces, to see that it works.
        samples: pieces that each way writes.
        steps: of training, for each of the two ways, if quick.
    """

    out: Path
    data: Path | None
    minutes: float
    quick: bool
    samples: int
    steps: int = 20

    @classmethod
    def asked(cls, name: str, about: str) -> Recipe:
        parser = argparse.ArgumentParser(description=about)
        parser.add_argument("--data", type=Path, help="a folder of your own music")
        parser.add_argument("--out", type=Path, default=Path("recipes") / name)
        parser.add_argument("--minutes", type=float, default=2, help="of training, each way")
        parser.add_argument("--samples", type=int, default=8, help="pieces, each way")
        parser.add_argument("--quick", action="store_true", help="seconds; the music is poor")
        parser.add_argument("--steps", type=int, default=20, help="of training, with --quick")
        said = parser.parse_args()
        few = min(said.samples, 2) if said.quick else said.samples
        recipe = cls(said.out, said.data, said.minutes, said.quick, few, said.steps)
        recipe.out.mkdir(parents=True, exist_ok=True)
        return recipe

    def train(
        self, name: str, codec: str, paths: Sequence[Path], *, share: float = 1, **plan: object
    ) -> Path:
        """Train for as long as the other way, or for a share of it; returns the run."""
        budget = {"minutes": self.minutes * share}
        if self.quick:
            budget = {"steps": self.steps}
            plan |= {"size": "tiny", "window": 32, "transpose": 0}
        run = self.out / name
        done = textmusic.train(codec, paths, run, overwrite=True, **budget, **plan)
        print(
            f"{name}: {done.steps} steps, {done.bits_per_char or 0:.2f} bits a character of what it "
            f"held out; {done.baseline_bits:.2f} without looking at any context"
        )
        return run

    def bars(self, wanted: int) -> int:
        """How long a piece to write."""
        return min(wanted, 4) if self.quick else wanted

    def files(self, default: Iterable[Path]) -> tuple[list[Path], list[Path]]:
        """The music to learn from and, every eighth file, the music to predict."""
        if self.data:
            default = (path for path in self.data.rglob("*") if path.is_file())
        found = sorted(default)
        if len(found) < 3:
            raise SystemExit(f"{self.data}: {len(found)} files; 3 are the least")
        few = found[:5] if self.quick else found
        return [p for n, p in enumerate(few) if n % 8 != 2], few[2::8]

    def write(self, score: textmusic.Score, name: str, suffixes: Sequence[str]) -> None:
        """Write music in some formats; what cannot be written here is said."""
        for suffix in suffixes:
            path = self.out / f"{name}.{suffix}"
            try:
                textmusic.write(score, path)
                print(f"wrote {path}")
            except TextmusicError as error:
                print(f"not written: {error}")


@dataclass(frozen=True)
class Way:
    """How one way did.

    Args:
        name: the way.
        valid: for each sample whether nothing is wrong with its text.
        reached: seconds of each up to the first error.
        shared: notes in a row of each that also stand in the training set.
        source: of the longest of them.
        bits, notes: of the music to predict.
        yardstick: notes in a row that pieces held out of the training share with it, median.
        verdict: whether the model has learnt.
        more: further columns.
    """

    name: str
    valid: list[bool]
    reached: list[float]
    shared: list[int]
    source: str
    bits: float
    notes: float
    yardstick: float | None
    verdict: str
    more: dict[str, str] = dataclasses.field(default_factory=dict)

    def cells(self) -> dict[str, str]:
        share, count = sum(self.valid), len(self.valid)
        return {
            "": self.name,
            "valid samples": f"{share} of {count}",
            "bits a note": f"{self.bits / self.notes:.2f}" if self.notes else "–",
            "sound music, seconds": f"{median(self.reached):.1f}",
            "notes in a row of the training set": f"{median(self.shared):g}, most {max(self.shared)}",
            **self.more,
        }


def measured(
    name: str,
    run: Path,
    samples: Sequence[textmusic.Sample],
    held: Sequence[Path],
    more: dict[str, str] | None = None,
) -> Way:
    """Judge what a way wrote, and predict music that neither way has seen."""
    codec, texts = samples[0].codec, run / "samples"
    shutil.rmtree(texts, ignore_errors=True)
    for number, sample in enumerate(samples, 1):
        write_atomic(texts / f"{number:03}.{codec.name}.txt", sample.text)
    found = textmusic.judge(run, held, samples=texts)
    judged, model = found.samples, found.prediction.predictors[0]
    longest = max((shared for _, shared in judged.overlaps), key=lambda one: one.notes)
    return Way(
        name,
        [not sample.issues for sample in samples],
        [sound_seconds(sample) for sample in samples],
        [shared.notes for _, shared in judged.overlaps],
        longest.source.removeprefix(f"{MUSIC21}/"),
        model.bits,
        model.bits / model.bits_per_note if model.bits_per_note else 0,
        judged.yardstick.median if judged.yardstick else None,
        found.prediction.verdict,
        more or {},
    )


def together(name: str, ways: Sequence[Way]) -> Way:
    """Several models whose samples sound together: right only where all are."""
    return Way(
        name,
        [all(flags) for flags in zip(*(way.valid for way in ways), strict=True)],
        [min(times) for times in zip(*(way.reached for way in ways), strict=True)],
        [max(runs) for runs in zip(*(way.shared for way in ways), strict=True)],
        max(ways, key=lambda way: max(way.shared)).source,
        sum(way.bits for way in ways),
        sum(way.notes for way in ways),
        None,
        "; ".join(dict.fromkeys(way.verdict for way in ways)),
    )


def sound_seconds(sample: textmusic.Sample) -> float:
    """How long the music of a sample lasts up to the first error in its text."""
    errors = errors_of(sample.issues)
    if not errors:
        return sample.score.seconds(sample.score.end)
    score = sample.codec.parse(sample.text[: min(issue.offset for issue in errors)]).score
    return score.seconds(score.end)


def side_by_side(recipe: Recipe, ways: Sequence[Way], began: float) -> None:
    """Print the ways as a table, and keep it."""
    rows = [way.cells() for way in ways]
    heads = list(dict.fromkeys(head for row in rows for head in row))
    lines = [heads, ["---"] * len(heads), *([row.get(h, "") for h in heads] for row in rows)]
    table = "".join("| " + " | ".join(line) + " |\n" for line in lines)
    table += "".join(f"\n{way.name}: {way.verdict}" for way in ways if way.verdict)
    table += "".join(
        f"\n{way.name}: the longest run is from {way.source}" for way in ways if way.source
    )
    table += "".join(
        f"\n{way.name}: pieces that were held out share {way.yardstick:g} notes in a row (median)"
        for way in ways
        if way.yardstick is not None
    )
    table += f"\n{perf_counter() - began:.0f} seconds in all\n"
    write_atomic(recipe.out / "table.md", table)
    print(table)
