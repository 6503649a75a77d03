"""The progress bar of a training: what is done, how fast, how well, how long still."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from textmusic.cautions import Watch

if TYPE_CHECKING:
    from textmusic import corpus
    from textmusic.codec import Codec
    from textmusic.corpus import Corpus
    from textmusic.lm import Step
    from textmusic.runs import Outcome

SECONDS_BETWEEN_LINES = 10.0


class _Remaining(ProgressColumn):
    """The time left, as the training itself reckons it."""

    def render(self, task: Task) -> Text:
        seconds = task.fields.get("eta")
        if seconds is None:
            return TimeRemainingColumn().render(task)
        minutes, rest = divmod(round(seconds), 60)
        return Text(f"{minutes}:{rest:02} left", style="cyan")


def work_bar(console: Console | None = None) -> Progress:
    """A bar for work that takes more than two seconds; nothing where no one watches."""
    console = console or Console(stderr=True)
    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
        _Remaining(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class WorkBar:
    """A bar with one task, shown while its block runs."""

    def __init__(self, doing: str, console: Console | None = None) -> None:
        self._bar = work_bar(console)
        self._task = self._bar.add_task(doing, total=None, detail="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._bar.stop()


class TrainingBar(WorkBar):
    """Shows a training: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        super().__init__("reading", self.console)
        self._last_line = time.monotonic()
        self._valid: float | None = None
        self._warned = False
        self._watch = Watch()

    def progress(self, event: corpus.Progress) -> None:
        """Show how far the building of the corpus has come."""
        self._bar.update(self._task, completed=event.done, total=event.total, detail=event.message)

    def corpus(self, corpus: Corpus) -> None:
        """Say what the model is going to read, and whose it is."""
        for line in corpus.stats["summary"]:
            self.console.print(line)
        if corpus.known:
            self.console.print(f"{corpus.known} of the files were read before and have not changed")
        for source in corpus.sources:
            self.console.print(f"source: {source.name} ({source.terms})")
        self._bar.reset(self._task, description="training", detail="")

    def step(self, step: Step) -> None:
        """Show one step."""
        if step.valid_bits is not None:
            self._valid = step.valid_bits
            self._warn(step)
            self.caution(self._watch.see(step))
        detail = f"{step.loss_bits:.3f} bits/char"
        if self._valid is not None:
            detail += f", held out {self._valid:.3f}"
        detail += f", {step.chars_per_second / 1000:.1f} k chars/s"
        self._bar.update(
            self._task, completed=step.step, total=step.steps, detail=detail, eta=step.eta_seconds
        )
        self._line(step, detail)

    def _line(self, step: Step, detail: str) -> None:
        now = time.monotonic()
        if self.console.is_terminal or now - self._last_line < SECONDS_BETWEEN_LINES:
            return
        self._last_line = now
        left = f"{round(step.eta_seconds)} s left"
        self.console.print(f"step {step.step}/{step.steps}: {detail}, {left}")

    def caution(self, *lines: str | None) -> None:
        """Say what bodes ill."""
        for line in filter(None, lines):
            self.console.print(line, style="yellow")

    def _warn(self, step: Step) -> None:
        """Say it when nothing is being learnt."""
        if self._warned or step.step < step.steps / 3 or self._valid is None:
            return
        if self._valid > step.baseline_bits:
            self._warned = True
            self.caution(
                f"nothing learnt so far: {self._valid:.2f} bits/char on held-out music, "
                f"{step.baseline_bits:.2f} without looking at any context"
            )

    def finish(self, outcome: Outcome, out: Path, codec: Codec) -> None:
        """Say how good the model is and what to do next."""
        if outcome.bits_per_char is not None:
            notes = ""
            if outcome.bits_per_note is not None:
                notes = f", {outcome.bits_per_note:.2f} bits a note"
            self.console.print(
                f"held-out music: {outcome.bits_per_char:.3f} bits a character{notes} "
                f"({outcome.baseline_bits:.2f} bits a character without looking at any context)"
            )
            if outcome.n_gram_bits is not None and outcome.bits_per_char >= outcome.n_gram_bits:
                self.caution(
                    f"counting does as well: an n-gram needs {outcome.n_gram_bits:.3f} bits a "
                    f"character; train longer, or see textmusic evaluate {out}"
                )
        self.console.print(f"model: {out / 'model.safetensors'}")
        suffixes = " ".join(f"--to {name}" for name in codec.renders)
        self.console.print(f"next:  textmusic sample {out} -n 8 {suffixes}")
