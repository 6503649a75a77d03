"""Hostile Guitar Pro 6 and 7 files end in a score or in one line, in bounded time."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from gpif_documents import document, gp, own_song
from hang import no_hang
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import FormatError
from textmusic_guitarpro.gpif import write_gp
from textmusic_guitarpro.gpif.container import gpif_of
from textmusic_guitarpro.gpif.format import GuitarPro7


def outcome(xml: str | bytes) -> str:
    """What is wrong with a document; "" for nothing. It must end in time."""
    try:
        with no_hang():
            GuitarPro7().decode(gp(xml))
    except FormatError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both outcomes are right
        return str(error)
    return ""


def many(name: str, count: int) -> str:
    return f"<{name}>{'0 ' * count}</{name}>"


def test_shared_beats_and_notes_are_counted_where_they_stand():
    masters = "<MasterBar><Time>4/4</Time><Bars>0</Bars></MasterBar>"
    voice = f'<Voice id="0">{many("Beats", 20_000)}</Voice>'
    bars = '<Bar id="0"><Voices>0 0 0 0</Voices></Bar>'
    assert "more than 200000 beats" in outcome(
        document(masters=masters * 900, voices=voice, bars=bars)
    )
    beat = f'<Beat id="0"><Rhythm ref="0"/>{many("Notes", 120)}</Beat>'
    assert "200000 notes" in outcome(document(voices=voice, beats=beat))


def test_chains_of_simile_marks_end():
    masters = (
        "<MasterBar><Bars>0</Bars></MasterBar>" + "<MasterBar><Bars>1</Bars></MasterBar>" * 999
    )
    bars = (
        '<Bar id="0"><Voices>0 -1 -1 -1</Voices></Bar>'
        '<Bar id="1"><SimileMark>Simple</SimileMark><Voices>-1 -1 -1 -1</Voices></Bar>'
    )
    assert outcome(document(masters=masters, bars=bars)) == ""


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "nan", "inf", "1e300", "3.5", "", "\u0663"])
@pytest.mark.parametrize(
    "place",
    [
        *("String>{}<", "Fret>{}<", 'num="{}"', 'den="{}"', 'count="{}"', "Bars>{}<", "Voices>{}<"),
        *("Beats>{}<", "Notes>{}<", "Tracks>{}<", "Pitches>{}<", "AccidentalCount>{}<"),
        *("AlternateEndings>{}<", "Position>{}<", "Program>{}<", 'ref="{}"', "Float>{}<"),
    ],
)
def test_numbers_beyond_all_measure_end_in_a_score_or_one_line(place: str, number: str):
    before, after = place.split("{}")
    root = XML.decode()
    start = root.index(before) + len(before)
    outcome(root[:start] + number + root[root.index(after, start) :])


XML = gpif_of(write_gp(own_song()).data)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_documents_with_parts_exchanged_are_read_or_refused(data: st.DataObject):
    root = ET.fromstring(XML)
    parents = [each for each in root.iter() if len(each)]
    for _ in range(data.draw(st.integers(1, 5))):
        parent = parents[data.draw(st.integers(0, len(parents) - 1))]
        if not len(parent):
            continue
        child = parent[data.draw(st.integers(0, len(parent) - 1))]
        action = data.draw(st.sampled_from(["drop", "move", "text", "attribute"]))
        if action == "drop":
            parent.remove(child)
        elif action == "move":
            other = parents[data.draw(st.integers(0, len(parents) - 1))]
            if child not in list(other.iter()) and other not in list(child.iter()):
                other.append(child)
        elif action == "text":
            child.text = data.draw(st.sampled_from(["-1", "0", "x", "", "4/0", "0/4", "99999"]))
        else:
            child.set(data.draw(st.sampled_from(["id", "name", "ref", "count"])), "0")
    outcome(ET.tostring(root))
