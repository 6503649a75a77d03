"""Sphinx configuration: no network, warnings are errors (`make docs`)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import textmusic

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

os.environ.setdefault("OMP_NUM_THREADS", "1")

project = "textmusic"
author = "the textmusic authors"
copyright = "2026, the textmusic authors"
release = version = textmusic.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "gallery_music",
    "links",
    "names",
]
exclude_patterns = [
    "_build",
    "gallery/**/*.ipynb",
    "gallery/**/*.py",
    "gallery/listening",
    "sg_execution_times.rst",
]
html_theme = "pydata_sphinx_theme"
html_static_path = ["static"]
html_css_files = ["textmusic.css"]
html_js_files = ["listening.js"]
html_title = "textmusic"
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": {  # the gallery has the whole width
        f"{part}/**": ["page-toc"] for part in ("guide", "reference", "decisions")
    },
}
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [
    (r"py:class", r"(?!textmusic\.).*"),  # types of others
    (r"py:class", r"textmusic\.(.*\._.*|\w+\.(State|P))"),  # private ones, type variables
    (r"py:obj", r"[a-z_]+|_?[A-Z]+|.*[ :].*"),  # arguments, constants, commands
    (r"py:obj", r"(dataclasses|numpy|Yardstick)\..*"),  # others; a part of what `judge` returns
]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
sphinx_gallery_conf = {
    "examples_dirs": ["../examples/gallery"],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("matplotlib", "gallery_music.scrape"),
    "reset_modules": ("matplotlib", "gallery_music.forget"),
    "download_all_examples": False,
    "abort_on_example_error": True,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "remove_config_comments": True,
}
