"""The conformance kit for authors of codecs and formats.

One test is enough to hold a plugin to the contract of its base class::

    from textmusic.testing import check_codec

    def test_laws():
        check_codec(MyCodec())

A `LawError` names every broken law with the smallest example found. `scores` gives hypothesis
strategies for tests of your own; `record_golden` freezes the texts of a release.
"""

from textmusic.testing._codec import check_codec
from textmusic.testing._format import check_format
from textmusic.testing._golden import record_golden, score_digest
from textmusic.testing._music import Repertoire, random_score
from textmusic.testing._report import Failure, LawError
from textmusic.testing._strategies import scores

__all__ = [
    "Failure",
    "LawError",
    "Repertoire",
    "check_codec",
    "check_format",
    "random_score",
    "record_golden",
    "score_digest",
    "scores",
]
