"""What a check found: laws, failures, and the error that lists them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

__all__ = ["Failure", "Law", "LawError", "Report", "Watch", "call"]

Example = TypeVar("Example")


@dataclass(frozen=True, slots=True)
class Failure:
    """One law that does not hold.

    Args:
        law: its name, stable, such as ``decode``.
        says: what the law demands.
        message: what happened instead, with the smallest example that was found.
        count: how many examples broke it.
    """

    law: str
    says: str
    message: str
    count: int = 1

    def __str__(self) -> str:
        more = f"\n    (and {self.count - 1} more examples)" if self.count > 1 else ""
        body = self.message.replace("\n", "\n    ")
        return f"{self.law}: {self.says}\n    {body}{more}"


class LawError(AssertionError):
    """A codec or format breaks laws of its contract; `failures` holds one entry a law."""

    def __init__(self, subject: str, failures: Sequence[Failure], summary: str) -> None:
        listed = "\n".join(f"- {failure}" for failure in failures)
        laws = "law" if len(failures) == 1 else "laws"
        super().__init__(f"{subject} breaks {len(failures)} {laws} ({summary}):\n{listed}")
        self.failures = tuple(failures)


@dataclass(frozen=True)
class Law(Generic[Example]):
    """One law: `broken` returns what is wrong with an example, or None.

    An exception that escapes from `broken` breaks the law too. A law is skipped for an example
    that broke one of those it `needs`, so that one defect is reported once.
    """

    name: str
    says: str
    broken: Callable[[Example], str | None]
    needs: tuple[str, ...] = ()

    def verdict(self, example: Example) -> str | None:
        """Return what is wrong with the example, exceptions included."""
        try:
            return self.broken(example)
        except Exception as error:  # noqa: BLE001 - the code under test may raise anything
            return f"raised {_one_line(error)}"


Watch = Callable[[str, int, int], None]
"""Told while a law is tried: its name, how many examples are done, how many there are."""
Verdict = Callable[[Example], str | None]
Explain = Callable[[Example, Verdict[Example], str], str]


class Report:
    """Collects failures while laws are run over examples, and tells `watch` how far it is."""

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch
        self.failures: list[Failure] = []
        self._skipped: set[str] = set()

    @property
    def broken(self) -> set[str]:
        """The names of the laws broken so far."""
        return {failure.law for failure in self.failures}

    def add(self, law: str, says: str, message: str, count: int = 1) -> None:
        """Record a failure, one a law."""
        if law not in self.broken:
            self.failures.append(Failure(law, says, message, count))

    def run(
        self,
        laws: Iterable[Law[Example]],
        examples: Sequence[Example],
        explain: Explain[Example] | None = None,
    ) -> None:
        """Check every law on every example.

        Args:
            laws: in the order of their needs.
            examples: what to check them on.
            explain: given the first broken example, the law's verdict and its message, returns
                the message of a smaller example; default: the first message.
        """
        unmet = self.broken | self._skipped
        tried: dict[str, Law[Example]] = {}
        bad: set[tuple[str, int]] = set()
        for law in laws:
            if unmet.intersection(law.needs):
                unmet.add(law.name)
                self._skipped.add(law.name)
                continue
            tried[law.name] = law
            messages: dict[int, str] = {}
            for index, example in enumerate(examples):
                if self._watch:
                    self._watch(law.name, index, len(examples))
                if any((need, index) in bad for need in law.needs):
                    bad.add((law.name, index))
                elif (message := law.verdict(example)) is not None:
                    bad.add((law.name, index))
                    messages[index] = message
            if messages:
                first, message = next(iter(messages.items()))
                if explain:
                    message = explain(examples[first], _alone(law, tried), message)
                self.add(law.name, law.says, message, len(messages))

    def finish(self, subject: str, summary: str) -> None:
        """Raise LawError when something was recorded."""
        if self.failures:
            raise LawError(subject, self.failures, summary)


def _alone(law: Law[Example], laws: Mapping[str, Law[Example]]) -> Callable[[Example], str | None]:
    """The law's verdict on examples that keep what it needs, for the search of smaller ones."""

    def verdict(example: Example) -> str | None:
        needs = [laws[need] for need in law.needs if need in laws]
        return law.verdict(example) if all(_holds(n, laws, example) for n in needs) else None

    return verdict


def _holds(law: Law[Example], laws: Mapping[str, Law[Example]], example: Example) -> bool:
    needs = [laws[need] for need in law.needs if need in laws]
    return all(_holds(n, laws, example) for n in needs) and law.verdict(example) is None


def call(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """Return what a function returns, and the seconds that it took."""
    start = time.perf_counter()
    value = function(*arguments)
    return value, time.perf_counter() - start


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    if len(text) > 200:
        text = f"{text[:199]}…"
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = ""
    if trace:
        place = f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
    return f"{type(error).__name__}: {text}{place}"
