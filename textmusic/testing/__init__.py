"""The conformance kit for authors of codecs and formats.

One test is enough to hold a plugin to the contract of its base class::

    from textmusic.testing import check_codec

    def test_laws():
        check_codec(MyCodec())

`check_codec` tries, on random and odd music and on damaged text:

- **scores**: `project` is idempotent and raises nothing but EncodeError; what it gives is encoded
  without a loss, to the same text each time, inside the alphabet, without an issue; decoding gives
  the same score, encoding that the same text; `transpose` moves every pitch;
- **texts**: `parse` is total, quick, and its issues lie inside the text; `decode` and `validate`
  say the same; `canonical` is idempotent; documents keep their places;
- **grammar**: it accepts what the codec writes and nothing that has an error; random walks, cut
  anywhere and finished, decode; there is no dead end;
- **the codec as a value**: options survive JSON and pickling; its entry point has its name; what
  `keeps` promises holds for plain music; golden texts of released versions still decode.

`check_format` does the same for the bytes of a file format. A `LawError` names every broken law
with the smallest example found. A law is not tried on what breaks another that it rests on, so
one defect is reported once.

Give `texts` (and `files`) from real life, `golden` once a version is released (see
`record_golden`), and `seed` and `examples` for a longer search. `scores` is a hypothesis strategy
for tests of your own; `random_score` does without hypothesis.
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
