"""Tablature pages: reading the tab files people type, and writing a page a guitarist reads.

- `find_documents` finds the pieces in the text of a file, one an instrument.
- `read_page` reads one of them into a Score of one track, with issues at their places.
- `hear_page` gives the same before it becomes a Score.
- `write_page` writes a track of a Score as a page that `read_page` reads back.
"""

from __future__ import annotations

from textmusic_guitartab.page.reading import find_documents, hear_page, read_page
from textmusic_guitartab.page.writing import write_page

__all__ = ["find_documents", "hear_page", "read_page", "write_page"]
