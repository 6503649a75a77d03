"""What the Codec base class derives from encode and parse."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

import pytest

from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Parsed
from textmusic.errors import ConfigError, DecodeError, EncodeError, Issue
from textmusic.score import Note, Score, Track


@dataclass(frozen=True)
class Letters(Codec):
    """One note a letter, ``a`` at pitch `lowest`; ``?`` is an error, ``!`` a warning."""

    name: ClassVar[str] = "letters"
    lowest: int = 60
    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.lowest > 100:
            raise ValueError("lowest is too high")

    @property
    def alphabet(self) -> Alphabet:
        return Alphabet("abcdefgh")

    def encode(self, score: Score) -> str:
        pitches = [note.pitch - self.lowest for note in score.notes()]
        if any(not 0 <= pitch < 8 for pitch in pitches):
            raise EncodeError("out of range")
        return "".join(self.alphabet.chars[pitch] for pitch in pitches)

    def parse(self, text: str) -> Parsed:
        notes, issues = [], []
        for offset, char in enumerate(text):
            if char in self.alphabet:
                notes.append(Note(offset, 1, self.lowest + ord(char) - ord("a")))
            else:
                severity = "warning" if char == "!" else "error"
                issues.append(Issue("letters.char", f"{char!r}", offset, 1, severity))
        return Parsed(Score((Track(tuple(notes)),), tpq=1), tuple(issues))


@dataclass(frozen=True)
class Folding(Letters):
    """Brings every pitch into its octave."""

    def project(self, score: Score) -> Score:
        notes = [Note(n.onset, 1, self.lowest + n.pitch % 8) for n in score.notes()]
        return Score((Track(tuple(notes)),), tpq=1)


def test_decode_and_validate_say_what_parse_says() -> None:
    codec = Letters()
    assert [note.pitch for note in codec.decode("ab").notes()] == [60, 61]
    assert codec.validate("a?") == codec.parse("a?").issues
    assert codec.decode("a!").tracks[0].notes[0].pitch == 60


def test_decode_raises_with_all_issues() -> None:
    with pytest.raises(DecodeError, match=r"letters\.char: '\?' \(and 1 more\)") as caught:
        Letters().decode("!?a?")
    assert [issue.offset for issue in caught.value.issues] == [0, 1, 3]


def test_transposing_goes_through_the_score() -> None:
    assert Letters().transpose("abc", 2) == "cde"
    assert Letters().transpose("abc", 0) == "abc"
    assert Letters().transpose("?", 1) is None
    assert Letters().transpose("h", 1) is None


def test_transposing_gives_up_where_project_would_move_a_pitch_back() -> None:
    assert Folding(lowest=56).transpose("a", 3) == "d"
    assert Folding(lowest=56).transpose("h", 3) is None


def test_options_survive_json() -> None:
    codec = Letters(62, ("x", "y"))
    config = json.loads(json.dumps(codec.config()))
    assert config == {"lowest": 62, "marks": ["x", "y"]}
    assert Letters.from_config(config) == codec
    assert hash(Letters.from_config(config)) == hash(codec)
    assert Letters.from_config({}) == Letters()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"lowset": 1}, "codec 'letters' has no option 'lowset'; it has lowest, marks"),
        ({"lowest": 101}, "codec 'letters': lowest is too high"),
        ({"lowest": "x"}, "codec 'letters': "),
    ],
)
def test_options_that_do_not_fit_are_config_errors(config, said) -> None:
    with pytest.raises(ConfigError, match=said):
        Letters.from_config(config)


def test_defaults_leave_scores_and_texts_as_they_are() -> None:
    codec, score = Letters(), Score((Track((Note(0, 1, 60),)),))
    assert codec.project(score) is score
    assert codec.parts(score) == (score,)
    assert codec.canonical("?") == "?"
    assert list(codec.documents("ab")) == [Document("ab", 0)]
    assert codec.grammar() is None


def test_a_codec_without_encode_and_parse_cannot_be_made() -> None:
    class Half(Codec):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Half()
