"""How long a piece is to be."""

import pytest

from textmusic import get_codec
from textmusic.errors import ConfigError, errors_of
from textmusic.limits import Limit

CODEC = get_codec("abc")
BARS = "M:4/4\nL:1/8\nK:C\nC8|D8|E8|F8|]"


def test_a_text_is_cut_at_a_bar_line():
    text, parsed = Limit(CODEC, 2, None).cut(BARS)
    assert text == "M:4/4\nL:1/8\nK:C\nC8|D8|]"
    assert len(parsed.score.bars()) == 2


def test_a_text_is_cut_at_the_last_bar_line_within_a_time():
    assert Limit(CODEC, None, 5.0).cut(BARS)[0] == "M:4/4\nL:1/8\nK:C\nC8|D8|]"


def test_what_is_wrong_in_a_text_stays_in_it():
    broken = BARS.replace("D8", "D8)]")
    text, parsed = Limit(CODEC, 2, None).cut(broken)
    assert errors_of(parsed.issues)
    assert errors_of(CODEC.parse(text).issues)


def test_bars_and_seconds_together_are_refused():
    with pytest.raises(ConfigError, match="contradict"):
        Limit(CODEC, 2, 5.0)


def test_a_length_half_written_is_not_taken_for_a_long_one():
    reached = Limit(get_codec("abc"), 3, None).reached
    assert reached is not None
    assert not reached("M:4/4\nL:1/4\nK:C\nC4|C23")  # 23/32, perhaps
    assert reached("M:4/4\nL:1/4\nK:C\nC4|C4|C4|C4|C")
