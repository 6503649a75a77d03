"""Where the music of a corpus comes from, and the collections that are always at hand."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from textmusic.errors import MissingDependencyError

__all__ = ["Source", "embedded_sources"]


@dataclass(frozen=True, slots=True)
class Source:
    """A body of music in a corpus.

    Args:
        name: what people call it.
        origin: where it comes from: a URL, a path or a sentence.
        terms: under which terms it may be used, as far as they are known.
        documents: how many documents of the corpus come from it.
    """

    name: str
    origin: str
    terms: str = "not stated"
    documents: int = 0


_CARRIED = (
    "as carried by music21 (corpus/{}), whose licence says of its corpus: out of copyright in the "
    "United States or licensed for use, distributed with the encoders' permission; the encodings "
    "name their transcribers and state no terms of their own"
)
_EMBEDDED = (
    (
        "oneills1850",
        "O'Neill's Music of Ireland",
        (
            "Francis O'Neill, O'Neill's Music of Ireland: Eighteen Hundred and Fifty Melodies, Chicago "
            "1903; ABC by Norbert Paap, Bob Safranek, Trish O'Neil, Henrik Norbeck, John Chambers, "
            "Dan G. Petersen, Michael Hogan, Stephen Foy, John Walsh and others named in the files"
        ),
        "the 1903 book is in the public domain; ",
    ),
    (
        "ryansMammoth",
        "Ryan's Mammoth Collection",
        (
            "William Bradbury Ryan, Ryan's Mammoth Collection: 1050 Reels and Jigs, Boston 1883; ABC "
            "by Ray Davies, John Chambers, Bob Puckette, John Walsh and others named in the files"
        ),
        "the 1883 book is in the public domain; ",
    ),
    (
        "airdsAirs",
        "Aird's Airs",
        (
            "James Aird, A Selection of Scotch, English, Irish and Foreign Airs, six volumes, Glasgow "
            "from 1778 (often dated 1782) on; ABC by Jack Campin, www.campin.me.uk"
        ),
        "the books (18th century) are in the public domain; ",
    ),
)


def embedded_sources() -> tuple[tuple[Path, ...], tuple[Source, ...]]:
    """Return the folders of public-domain tune books that music21 carries, and what they are.

    music21 is found, not imported.

    Raises:
        MissingDependencyError: music21 is not installed, or without its corpus.
    """
    spec = importlib.util.find_spec("music21")
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        root = Path(place) / "corpus"
        if all((root / folder).is_dir() for folder, *_ in _EMBEDDED):
            return (
                tuple(root / folder for folder, *_ in _EMBEDDED),
                tuple(
                    Source(name, origin, book + _CARRIED.format(folder))
                    for folder, name, origin, book in _EMBEDDED
                ),
            )
    raise MissingDependencyError("the embedded corpus", "music21")
