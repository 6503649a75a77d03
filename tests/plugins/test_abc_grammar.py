"""The grammar of tunes: bars, ties, tuplets and repeats in musical time; no dead ends."""

import subprocess
from random import Random

import pytest

from textmusic import DecodeError
from textmusic.format import read_text
from textmusic.grammar import first_error
from textmusic_abc import AbcCodec

CODEC = AbcCodec()
GRAMMAR = CODEC.grammar()
HEAD = "M:4/4\nL:1/4\nK:C\n"
POLICIES = ["", "/8", "(3:z", "->(", '{["^', "|:1", "Z[KMV", "<>-", "3/8(", "[V", "&-", "P|", "\n"]


def walked(random, length, liked=""):
    """A text that the grammar allows; it prefers the characters in `liked`."""
    state, text = GRAMMAR.start(), ""
    while len(text) < length:
        allowed = sorted(GRAMMAR.allowed(state))
        if not allowed:
            assert GRAMMAR.accepting(state), text
            break
        wanted = [char for char in allowed if char in liked]
        char = random.choice(wanted if wanted and random.random() < 0.8 else allowed)
        state = GRAMMAR.step(state, char)
        text += char
    return text, state


def finished(random, length, liked=""):
    text, state = walked(random, length, liked)
    ending = GRAMMAR.finish(state)
    assert len(ending) < 600
    return text + ending


def refused(body, head=HEAD):
    """What the grammar refuses, from its first character on; None for nothing."""
    offset = first_error(GRAMMAR, head + body)
    return None if offset is None else (head + body)[offset:]


@pytest.mark.parametrize(
    "body",
    [
        "C D E F|G4|]",
        "C|D E F G|A B c|]",
        "|:C|D E F G|A4|A B c:|",
        "|:C|D E F G|A4|A2 B::c|d e f g|d4|a b c':|",
        "C|D4|E4|F4|G3||C|D4|]",
        "|:C|D E F G|1A B c:|2A B c||C|D E F G|A B c|]",
        "|:C4|1,2D4:|3E4|]",
        "C2||D2|]",
        "|:C D||E4|F4|E F:|",
        "C D|[M:3/4]C D E|[M:4/4]C4|]",
        "C-C [C-E]2|[CE]4-|[CE]4|]",
        "^C-C =C2|_B4-|_B4|]",
        "(3CDE (3:2:2C2D|(5:4:1C (5:4:1D (5:4:1E (5:4:1F (5:4:1G|]",
        "C>D E<F|]",
        '"Am7/C"C {ag}TD .E uF|]',
        "C4&E4|C4-&E4-|C4&E4|]",
        "C4&E4|C3&E3|]",
        '|:"C"C7/8|D4|E4|C25/8:|C7/8|D4|]',
        '|:"C"C/4|D4|E4|C15/4:|',
        "|:C|D4|E4|1A B c:|2,3d3|]",
        "[V:1]C4|[V:2]E4|\n[V:1]C2|][V:2]E2|]",
        "C2[Q:1/4=90] D2|[K:G]F4|]",
        "|:C4-|1C4:|2D4|]",
        "|:C4-|1C-C D2:|2D2|]",
        "|:C4-|1C D-D2-|D4:|2D|]",
        "|:C4-|1C4:|2D4|E|]",
        "^A,,,,,2-^A,,,,,2|=A,,,,,4-|=A,,,,,4|]",
        "|:C4|1,3D4:|2,4E4|]",
        "{cdefgabc'}C4|]",
    ],
)
def test_ordinary_music_is_accepted(body):
    assert refused(body) is None
    assert CODEC.validate(HEAD + body) == ()


@pytest.mark.parametrize(
    ("body", "rest"),
    [
        ("C D E F G|]", " G|]"),
        ("C4|C D E|C4|]", "C4|]"),
        ("C4|C D||E F|]", "|E F|]"),
        ("C|D4|E4|F4|G3||C|]", "]"),
        ("|:C|D4|E3:|", ":|"),
        ("|:C4|D4|E4|F4|G4|A4|B4|c3||C:|", "||C:|"),
        ('"C"C4|D/4|]', "|]"),
        ("C4|C8|]", "|]"),
        ("C4:|", ":|"),
        ("|:C4|]", "]"),
        ("|:C|D E F G|A B c d:|", ":|"),
        ("C4-|D4|]", "D4|]"),
        ("^C4-|C4|]", "C4|]"),
        ("C4-|]", "]"),
        ("(3CD|]", "|]"),
        ("C>|", "|"),
        ("C>D2 E|]", "2 E|]"),
        ("[GC]4|]", "C]4|]"),
        ("T[CE]4|]", "[CE]4|]"),
        (".C2-C2|]", "-C2|]"),
        ("C4&E2|]", "|]"),
        ("[V:1]C4|[V:2]E2|]", "|]"),
        ("[V:1]C4|[V:2]E4|]", "]"),
        ('"H"C4|]', 'H"C4|]'),
        ("=C,,,,,,4|]", ",4|]"),
        ("C4|[M:3/4]C4|]", "|]"),
        ('"C"C4|[M:9/16]C9/4|]', "6]C9/4|]"),
        ("|:C4-|1D4:|2C4|]", "D4:|2C4|]"),
        ("|:C4|1.C4:|2C4|]", ".C4:|2C4|]"),
        ("{cdefgabc'd'}C4|]", "d'}C4|]"),
        ("[^^CD]4|]", "D]4|]"),
        ("[CE]2->[CE]2|]", ">[CE]2|]"),
        ("[CDEFGABcdefgabc'd'e']4|]", "e']4|]"),
        ("u[CDEFGABcd]4|]", "d]4|]"),
        ("[=G^G]4|]", "G]4|]"),
        ("~C3>C3|]", ">C3|]"),
        ('|:"C"C4|[M:5/8]C5/2:|', "8]C5/2:|"),
        ("C4&[K:D]D4|]", "K:D]D4|]"),
        ('C4&"D"D4|]', '"D"D4|]'),
        ("TC4-&D4|C4|]", "&D4|C4|]"),
        ("C4&E4|TC4-|C4|]", "-|C4|]"),
        ("|:C|C D E[1F|C4&E4|C3:|2C3|]", "&E4|C3:|2C3|]"),
        ("|:C|D4|E4|1A B c:|2,3d4|]", "]"),
        ('|:"C"C7/8|D4|E4|C25/8:|', ""),
        ("^A,,,,,2-A,,,,,2|]", "A,,,,,2|]"),
        ("^A2A,,,,,2|]", ",2|]"),
        ("A,,,,,4|]", ",4|]"),
        ("|:C4&E4|1,3D4:|2,4E4|]", ",3D4:|2,4E4|]"),
        ("|:C4|1,3D4&E4:|2,4E4|]", "&E4:|2,4E4|]"),
        ("|:C4|D3-[1D:|2D|]", "1D:|2D|]"),
        ("|:C4-|1C4-|C4:|2D4|]", "-|C4:|2D4|]"),
        ("|:C4-|1C4:|2D2|]", "]"),
        ("|:C4-|1C-C2 D:|2D2|]", "]"),
    ],
)
def test_what_is_no_music_is_refused_where_it_goes_wrong(body, rest):
    assert refused(body) == rest


def test_no_tie_goes_into_another_part():
    head = "M:4/4\nL:1/4\nP:ABA\nK:C\n"
    assert refused("[P:A]C4-|[P:B]C4|]", head) == "P:B]C4|]"
    assert refused("[P:A]|:C4-|1C4:|2C4||[P:B]C4|]", head) == "1C4:|2C4||[P:B]C4|]"


def test_a_tied_chord_is_finished_with_the_tones_that_it_needs():
    state = GRAMMAR.start()
    for char in HEAD + "[^c'-e'-b'-]2 ":
        state = GRAMMAR.step(state, char)
    assert GRAMMAR.finish(state) == "[c'e'b']2|]"


def test_a_tune_whose_accompaniment_goes_on_at_its_last_ending_is_finished():
    state = GRAMMAR.start()
    for char in HEAD + '|:"C"C7/8|D4|1,3E25/8:|2,4':
        state = GRAMMAR.step(state, char)
    assert GRAMMAR.finish(state) == "z25/8||z7/8||z4|]"


def test_a_later_voice_is_finished_with_the_metres_of_the_first():
    state = GRAMMAR.start()
    for char in HEAD + "[V:1]C4|[V:2]D4|\n[V:1][M:3/4][M:2/4]C2|[V:2]":
        state = GRAMMAR.step(state, char)
    assert GRAMMAR.finish(state).startswith("[M:3/4][M:2/4]z2|")


def test_an_ending_that_never_comes_is_an_error_and_not_a_hang(monkeypatch):
    monkeypatch.setattr("textmusic_abc.grammar.next_char", lambda state, allowed: "z")
    state = GRAMMAR.start()
    for char in "M:none\nL:1/4\nK:C\nC":
        state = GRAMMAR.step(state, char)
    with pytest.raises(RuntimeError, match="no end"):
        GRAMMAR.finish(state)


def test_parts_have_their_labels_once():
    head = "M:4/4\nL:1/4\nP:ABA\nK:C\n"
    assert refused("[P:A]C4|[P:B]D4|]", head) is None
    assert refused("[P:A]|:C4:|[P:B]|:D4:|", head) is None
    assert refused("C4|[P:A]C4|", head) is not None
    assert refused("[P:A]C4|]", head) == "]"


@pytest.mark.parametrize("liked", POLICIES)
def test_walks_end_and_have_no_issue(liked):
    random = Random(f"walk {liked}")
    for _ in range(12):
        text = finished(random, random.choice([5, 40, 120, 240]), liked)
        assert CODEC.validate(text) == (), text
        assert CODEC.canonical(CODEC.canonical(text)) == CODEC.canonical(text)


def test_walks_can_be_ended_anywhere():
    random = Random("cuts")
    for _ in range(10):
        text, _ = walked(random, 200)
        state = GRAMMAR.start()
        for char in text:
            state = GRAMMAR.step(state, char)
            hash(state)
            for end in GRAMMAR.finish(state)[:1]:
                assert end in GRAMMAR.allowed(state)


def complaints(text, folder):
    """What abc2midi calls errors, or warns of."""
    (folder / "tune.abc").write_text(text)
    command = ["abc2midi", "tune.abc", "-o", "tune.mid"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    lines = done.stdout.decode("latin-1").splitlines()
    return [line for line in lines if line.startswith(("Error", "Warning"))]


def test_another_reader_takes_the_walks(tmp_path):
    random = Random("reader")
    for number in range(30):
        text = finished(random, 150, POLICIES[number % len(POLICIES)])
        errors = [e for e in complaints(f"X:1\nT:w\n{text}\n", tmp_path) if e.startswith("E")]
        assert not errors, text


@pytest.mark.parametrize("folder", ["rjl20", "muspy", "jw35/abc"])
def test_tunes_that_another_reader_takes_are_accepted(folder, data, tmp_path):
    quiet, refused = 0, []
    for path in sorted((data / "abc" / folder).glob("*.abc")):
        for document in CODEC.documents(read_text(path.read_bytes())):
            if "X:" in document.text and not complaints(f"{document.text}\n", tmp_path):
                try:
                    text = CODEC.canonical(document.text)
                except DecodeError:  # a header alone
                    continue
                quiet += 1
                refused += [path.name] if first_error(GRAMMAR, text) is not None else []
    assert quiet >= 4
    assert len(refused) <= 0.03 * quiet, refused


@pytest.mark.parametrize(
    ("name", "step"), [("nottingham_cleaned/jigs.abc", 8), ("ceolrince/CRE_clean.abc", 25)]
)
def test_real_tunes_are_accepted(name, step, data):
    texts = []
    for document in list(CODEC.documents(read_text((data / "abc" / name).read_bytes())))[::step]:
        try:
            texts.append(CODEC.canonical(document.text))
        except DecodeError:
            continue
    accepted = [text for text in texts if first_error(GRAMMAR, text) is None]
    assert len(accepted) >= 0.9 * len(texts)


def test_a_short_bar_in_the_middle_names_its_length():
    text = "M:4/4\nL:1/4\nK:C\nC4|D||E4|]"
    canonical = CODEC.canonical(text)
    assert canonical == "M:4/4\nL:1/4\nK:C\nC4|[M:1/4]D||[M:4/4]E4|]"
    assert CODEC.canonical(canonical) == canonical
    assert CODEC.decode(canonical) == CODEC.decode(text)


def test_a_bar_that_is_too_long_gets_its_own_metre():
    canonical = CODEC.canonical("M:2/4\nL:1/4\nK:C\nC D|E F G|A B|]")
    assert canonical == "M:2/4\nL:1/4\nK:C\nC D|[M:3/4]E F G|[M:2/4]A B|]"
