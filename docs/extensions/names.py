"""References by the names that people use: ``textmusic.Score``, ``Score``, ``Codec.project``.

Sphinx knows an object by the module that documents it. Here any name that Python finds, from
``textmusic``, leads there too, so that a reference to what does not exist can fail the build.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode


def _found(name: str) -> tuple[Any, str] | None:
    """What a dotted name means to Python, and its last part within it."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            value: Any = import_module(".".join(parts[:cut]))
            owner: Any = value
            for part in parts[cut:]:
                owner, value = value, getattr(value, part)
        except (ImportError, AttributeError):
            continue
        return (value, "") if hasattr(value, "__qualname__") else (owner, parts[-1])
    return None


def _names(target: str, near: str) -> list[str]:
    """Where an object may be documented: its module, and the packages that show it."""
    for name in (target, f"{near}.{target}", f"textmusic.{target}"):
        if name.startswith("textmusic") and (found := _found(name)):
            value, rest = found
            module = getattr(value, "__module__", None) or value.__name__
            path = [*filter(None, (getattr(value, "__qualname__", ""), rest))]
            homes = [module[:at] for at in range(len(module), 0, -1) if (module + ".")[at] == "."]
            return [".".join((home, *path)) for home in homes]
    return []


def _resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: Element
) -> Element | None:
    if node.get("refdomain") != "py":
        return None
    known = env.domains.python_domain.objects
    target, near = node["reftarget"], node.get("py:module") or "textmusic"
    # a field or a constant that has no place of its own stands with its class or module
    for name in (*_names(target, near), *_names(target.rpartition(".")[0], near)):
        if name in known:
            place = known[name]
            return make_refnode(
                app.builder, node["refdoc"], place.docname, place.node_id, contnode, name
            )
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("missing-reference", _resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
