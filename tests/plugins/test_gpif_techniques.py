"""Techniques, dynamics and ties of GPIF notes and beats."""

from __future__ import annotations

import pytest
from gpif_documents import flag, the_note


@pytest.mark.parametrize(
    ("name", "velocity"), [("PPP", 15), ("P", 47), ("MF", 79), ("FFF", 127), ("??", 95)]
)
def test_dynamics(name: str, velocity: int):
    assert the_note(beat=f"<Dynamic>{name}</Dynamic>").velocity == velocity


@pytest.mark.parametrize(
    ("signs", "marks"),
    [
        ("<LetRing/>", {"let-ring"}),
        ("<AntiAccent>Normal</AntiAccent>", {"ghost"}),
        ("<Vibrato>Slight</Vibrato>", {"vibrato"}),
        ("<Vibrato>Wide</Vibrato>", {"vibrato:wide"}),
        ("<Accent>1</Accent>", {"staccato"}),
        ("<Accent>9</Accent>", {"staccato", "accent"}),
        ("<Accent>4</Accent>", {"accent"}),
        ("<Trill>69</Trill>", {"trill:69"}),
    ],
)
def test_signs_of_notes(signs: str, marks: set[str]):
    assert the_note(signs=signs).marks == marks


@pytest.mark.parametrize(
    ("properties", "marks"),
    [
        (flag("PalmMuted"), {"palm-mute"}),
        (flag("Muted"), {"dead"}),
        (flag("Tapped"), {"tap"}),
        (flag("HopoOrigin") + flag("HopoDestination"), {"hammer"}),
        (flag("Slide", "Flags", 1), {"slide"}),
        (flag("Slide", "Flags", 2), {"slide:legato"}),
        (flag("Slide", "Flags", 36), {"slide:out-down", "slide:in-above"}),
        (flag("Slide", "Flags", 24), {"slide:out-up", "slide:in-below"}),
        (flag("HarmonicType", "HType", "Natural"), {"harmonic"}),
        (flag("HarmonicType", "HType", "Pinch"), {"harmonic:pinch"}),
        (flag("HarmonicType", "HType", "NoHarmonic"), set()),
    ],
)
def test_properties_of_notes(properties: str, marks: set[str]):
    assert the_note(properties).marks == marks


def bend(*values: float) -> str:
    names = ("OriginValue", "OriginOffset", "MiddleValue", "MiddleOffset1", "MiddleOffset2")
    names += ("DestinationValue", "DestinationOffset")
    return flag("Bended") + "".join(
        flag(f"Bend{name}", "Float", value) for name, value in zip(names, values, strict=True)
    )


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ((0, 0, 50, 25, 25, 100, 50), {"bend:2"}),
        ((0, 0, 100, 25, 50, 0, 75), {"bend:2", "release"}),
        ((0, 0, 50, 50, 50, 100, 100), {"bend:2", "bend-curve:0@0,2@100"}),
        ((100, 0, 100, 50, 50, 100, 100), {"bend:2", "bend-curve:2@0"}),
        ((100, 0, 50, 50, 50, 0, 100), {"bend:2", "release", "bend-curve:2@0,0@100"}),
        ((0, 0, 100, 50, 100, 50, 50), {"bend:2", "release", "bend-curve:0@0,2@50,2@100,1@100"}),
        ((0, 0, 0, 50, 50, 0, 100), set()),
    ],
)
def test_bends_with_their_curves(values: tuple[float, ...], marks: set[str]):
    assert the_note(bend(*values)).marks == marks


def test_a_bend_counts_only_where_it_is_switched_on():
    assert the_note(bend(0, 0, 50, 25, 25, 100, 50).replace("Bended", "Other")).marks == set()


DIP = (
    '<Whammy originValue="0" originOffset="0" middleValue="-100" middleOffset1="25"'
    ' middleOffset2="25" destinationValue="0" destinationOffset="50"/>'
)
DIVE = flag("WhammyBarDestinationValue", "Float", -50)


@pytest.mark.parametrize(
    ("beat", "marks"),
    [
        ("<Tremolo>1/4</Tremolo>", {"tremolo:16"}),
        (f"<Properties>{flag('Slapped')}</Properties>", {"slap"}),
        (f"<Properties>{flag('Popped')}</Properties>", {"pop"}),
        (
            DIP,
            {"whammy:0@0,-2@25,0@50"},
        ),
        (
            f"<Properties>{flag('WhammyBar')}{DIVE}</Properties>",
            {"whammy:0@0,-1@100"},
        ),
        (
            f"<Properties>{DIVE}</Properties>",
            set(),
        ),
    ],
)
def test_techniques_of_beats_go_to_their_notes(beat: str, marks: set[str]):
    assert the_note(beat=beat).marks == marks


def test_ties_count_by_their_destination():
    assert the_note(signs='<Tie origin="false" destination="true"/>').is_tied
    assert not the_note(signs='<Tie origin="true" destination="false"/>').is_tied
