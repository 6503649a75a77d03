"""Files and folders of music in, clean training documents out, as ids mapped from disk.

`build` reads whatever a codec or an installed format can read, in parallel, and writes a folder::

    corpus.json       codec, alphabet, hash, sources, statistics
    train.bin         ids: 0 document 0 document 0 … (0 is the boundary); one byte each,
    valid.bin         or two, little-endian, when the alphabet has more than 255 characters
    documents.jsonl   one line a document, in the order of the ids
    report.jsonl      what was left out, repaired or changed, with file, line and reason

`Corpus.open` checks such a folder and maps its ids. The content of both ``.bin`` files depends on
the music only: not on the names or the order of the files, nor on the number of workers.
"""

from textmusic.corpus._build import build
from textmusic.corpus._inputs import find_inputs
from textmusic.corpus._records import Entry, Progress, TrainingDocument
from textmusic.corpus._sources import Source, embedded_sources
from textmusic.corpus._store import Corpus

__all__ = [
    "Corpus",
    "Entry",
    "Progress",
    "Source",
    "TrainingDocument",
    "build",
    "embedded_sources",
    "find_inputs",
]
