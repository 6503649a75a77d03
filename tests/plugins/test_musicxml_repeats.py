"""Repeats, endings and jumps of MusicXML, played out."""

from __future__ import annotations

from test_musicxml_read import attributes, document, note, read

REPEAT = '<barline location="{}">{}<repeat direction="{}"{}/></barline>'


def ending(number: str, kind: str) -> str:
    return f'<ending number="{number}" type="{kind}"/>'


def played(*bars: str) -> str:
    """The steps of bars of one whole note each, as they sound."""
    measures = [attributes() + bars[0], *bars[1:]]
    return "".join("CxDxEFxGxAxB"[n.pitch % 12] for n in read(document(*measures)).notes())


def test_repeats_with_endings_and_counts_are_played_out():
    forward, back = REPEAT.format("left", "", "forward", ""), REPEAT
    assert played(note("C", 48), forward + note("D", 48) + back.format("right", "", "backward", ""),
                  note("E", 48)) == "CDDE"  # fmt: skip
    assert played(note("C", 48) + back.format("right", "", "backward", ' times="3"')) == "CCC"
    first = f'<barline location="left">{ending("1", "start")}</barline>'
    second = f'<barline location="left">{ending("2", "start")}</barline>'
    assert (
        played(
            note("C", 48),
            first + note("D", 48),
            note("E", 48) + back.format("right", ending("1", "stop"), "backward", ""),
            second + note("F", 48),
            note("G", 48) + f'<barline location="right">{ending("2", "stop")}</barline>',
            note("A", 48),
        )
        == "CDECFGA"
    )


def test_three_passes_of_endings_one_two_and_three():
    back = REPEAT.format("right", ending("1, 2", "stop"), "backward", "")
    text = played(
        note("C", 48),
        f'<barline location="left">{ending("1, 2", "start")}</barline>' + note("D", 48) + back,
        f'<barline location="left">{ending("3", "start")}</barline>' + note("E", 48),
    )
    assert text == "CDCDCE"


def test_two_repeats_one_after_the_other_without_a_forward_sign():
    back = REPEAT.format("right", "", "backward", "")
    assert played(note("C", 48) + back, note("D", 48) + back, note("E", 48)) == "CCDDE"


def test_da_capo_al_fine_and_dal_segno_al_coda():
    sound = "<sound {}/>"
    assert (
        played(
            note("C", 48) + REPEAT.format("right", "", "backward", ""),
            note("D", 48) + sound.format('fine="yes"'),
            note("E", 48) + sound.format('dacapo="yes"'),
        )
        == "CCDECD"
    )
    assert (
        played(
            note("C", 48),
            sound.format('segno="s"') + note("D", 48) + sound.format('tocoda="c"'),
            note("E", 48) + sound.format('dalsegno="s"'),
            sound.format('coda="c"') + note("F", 48),
        )
        == "CDEDF"
    )


def test_the_form_of_repeats_is_kept():
    back = REPEAT.format("right", "", "backward", "")
    score = read(document(attributes() + note("C", 48) + back, note("D", 48)))
    assert score.get("form") == "2 1)2"
