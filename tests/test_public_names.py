"""The public surface: one table of names, and every module's `__all__`."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import textmusic

SOURCE = Path(textmusic.__file__)
LAYERS = ("alphabet", "bars", "codec", "errors", "format", "grammar", "registry", "score",
          "transforms")  # fmt: skip


def typed_names() -> dict[str, str]:
    """Name -> module, as the imports under ``if TYPE_CHECKING`` of the package say."""
    names = {}
    for node in ast.walk(ast.parse(SOURCE.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textmusic."):
            for alias in node.names:
                assert alias.asname == alias.name, "`import x as x` marks a re-export"
                names[alias.name] = node.module.removeprefix("textmusic.")
    return names


def test_lazy_names_and_typed_names_agree() -> None:
    assert textmusic.__all__ == sorted(textmusic.__all__)
    assert typed_names() == textmusic._HOMES
    assert set(textmusic.__all__) == set(textmusic._HOMES)


@pytest.mark.parametrize("name", textmusic.__all__)
def test_a_public_name_resolves_to_what_its_module_offers(name) -> None:
    home = importlib.import_module(f"textmusic.{textmusic._HOMES[name]}")
    assert getattr(textmusic, name) is getattr(home, name)
    assert name in home.__all__


def test_dir_lists_every_public_name() -> None:
    assert set(textmusic.__all__) <= set(dir(textmusic))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'textmusic' has no attribute 'Scroe'"):
        _ = textmusic.Scroe


@pytest.mark.parametrize("layer", LAYERS)
def test_a_module_offers_exactly_what_it_defines_publicly(layer) -> None:
    module = importlib.import_module(f"textmusic.{layer}")
    assert all(hasattr(module, name) for name in module.__all__)
    defined = {
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
        if isinstance(value, type) or callable(value)
    }
    assert defined - set(module.__all__) <= {"P", "State"}


def test_the_layers_tested_here_are_those_of_the_core() -> None:
    found = {m.name for m in pkgutil.iter_modules([str(SOURCE.parent)]) if not m.ispkg}
    assert set(LAYERS) <= found
