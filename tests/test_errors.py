"""Errors: the tree, places, and messages."""

from __future__ import annotations

import inspect
import pickle

import pytest

from textmusic import errors
from textmusic.errors import (
    DecodeError,
    EncodeError,
    Issue,
    MissingDependencyError,
    TextmusicError,
    UnknownPluginError,
    errors_of,
    locate,
)

CLASSES = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, Exception) and cls.__module__ == errors.__name__
]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_stands_in_the_drawn_tree_and_in_all(cls) -> None:
    assert issubclass(cls, TextmusicError)
    assert cls.__name__.endswith("Error")
    assert cls.__name__ in errors.__doc__
    assert cls.__name__ in errors.__all__


def test_errors_are_also_the_builtin_that_a_caller_expects() -> None:
    assert issubclass(DecodeError, ValueError)
    assert issubclass(MissingDependencyError, ImportError)
    assert issubclass(UnknownPluginError, LookupError)


def test_issues_survive_a_process_boundary() -> None:
    error = DecodeError("bad", [Issue("toy.bad", "bad", 3)])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is DecodeError
    assert str(again) == "bad"
    assert again.issues == error.issues


@pytest.mark.parametrize(
    ("offset", "place"),
    [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (6, (3, 3)), (99, (3, 3)), (-1, (1, 1))],
)
def test_offsets_have_a_line_and_a_column(offset, place) -> None:
    assert locate("ab\n\ncd", offset) == place


def test_an_issue_prints_as_a_compiler_would() -> None:
    issue = Issue("guitartab.fret-range", "fret 29 exceeds 24", 5)
    assert issue.render("E|-\n-29", "riff.tab") == (
        "riff.tab:2:2: guitartab.fret-range: fret 29 exceeds 24"
    )
    warning = Issue("gp.bend", "bend dropped", 7, severity="warning")
    assert warning.render(None, "a.gp5") == "a.gp5: warning: gp.bend: bend dropped"


def test_only_errors_count_as_errors() -> None:
    issues = [Issue("a.b", "x", severity=s) for s in ("note", "error", "warning")]  # type: ignore[arg-type]
    assert errors_of(issues) == (issues[1],)


def test_a_missing_dependency_names_the_pip_command() -> None:
    assert str(MissingDependencyError("PDF", "pdfplumber")) == (
        "PDF needs the package 'pdfplumber': pip install 'pdfplumber'"
    )
    error = MissingDependencyError("audio", "fluidsynth", "audio")
    assert "pip install 'textmusic[audio]'" in str(error)
    assert error.package == "fluidsynth"


def test_an_unknown_name_brings_near_ones() -> None:
    error = UnknownPluginError("codec", "abd", ["abc", "guitartab"])
    assert str(error) == "unknown codec 'abd': did you mean 'abc'?"
    assert error.near == ("abc",)
    hinted = UnknownPluginError("codec", "zzz", ["abc"], "; pip install zzz")
    assert str(hinted) == "unknown codec 'zzz': known: abc; pip install zzz"


def test_input_errors_carry_no_issues_by_default() -> None:
    assert EncodeError("x").issues == ()
