"""What the studio writes: begun, shown, judged, filled, and of the kind that was asked for."""

from __future__ import annotations

import pytest
from asking import events, piece
from music import tab_text

import textmusic
from textmusic.writing import Model

CODEC = textmusic.get_codec("guitartab")


def test_music_is_watched_while_it_is_written(client) -> None:
    told = events(client, "/api/write", {"bars": 6, "seed": 3})
    text = ""
    for kind, said in told:
        if kind == "text":
            text = text[: said["from"]] + said["text"]
    kind, written = told[-1]
    assert kind == "done"
    assert text.startswith(written["text"][:20])
    assert CODEC.validate(written["text"]) == ()
    assert written["card"]["bars"] == written["bars"] == 6
    assert written["detail"]["midi"]
    assert written["card"]["downloads"] == []


def test_the_same_seed_writes_the_same(client) -> None:
    first, again = (piece(client, bars=4, seed=7, temperature=0.8)["text"] for _ in range(2))
    assert first == again != piece(client, bars=4, seed=8, temperature=0.8)["text"]


def test_a_piece_begins_with_text_as_people_type_it(client) -> None:
    opening = "@3/4 E2 A2 D3 G3 B3 E4 t100\nE0q A2q D2q\n"
    written = piece(client, prime=opening.replace("\n", "\r\n"), bars=5)
    assert written["text"].startswith(opening)


def test_text_that_cannot_begin_a_piece_is_refused_with_its_place(client) -> None:
    kind, said = events(client, "/api/write", {"prime": "once upon a time"})[-1]
    assert kind == "failed"
    assert "character" in said["error"]


def test_a_piece_begins_with_bars_of_another(client) -> None:
    source = tab_text(5, 8)
    places = CODEC.bar_offsets(source)
    written = piece(client, source=source, chosen=[1, 2], bars=6)
    assert written["text"].startswith(source[: places[2]])
    notes = [n.pitch for n in CODEC.decode(source).notes()]
    bars = CODEC.decode(source).bars()
    third = [n.pitch for n in CODEC.decode(source).notes() if n.onset >= bars[2].onset]
    later = piece(client, source=source, chosen=[3, 4], bars=6)
    heard = [n.pitch for n in CODEC.decode(later["text"]).notes()]
    inside = sum(bars[2].onset <= n.onset < bars[4].onset for n in CODEC.decode(source).notes())
    assert heard[:inside] == third[:inside] != notes[:inside]


def test_bars_are_written_anew_and_the_others_stay(client) -> None:
    source = tab_text(5, 8)
    filled = piece(client, "/api/fill", text=source, bars=[3, 4], seed=2)["text"]
    old, new = (CODEC.bar_offsets(text) for text in (source, filled))
    assert filled[: new[2]] == source[: old[2]]
    assert len(new) == len(old)
    notes = [
        [(n.onset, n.pitch) for n in CODEC.decode(text).notes() if n.onset >= bars[4].onset]
        for text in (source, filled)
        for bars in [CODEC.decode(text).bars()]
    ]
    assert notes[0] == notes[1]


def test_bars_are_shown_while_they_are_written_anew(client) -> None:
    source = tab_text(5, 8)
    told = events(client, "/api/fill", {"text": source, "bars": [3, 4], "seed": 2})
    begun = [said for kind, said in told if kind == "text" and "given" in said]
    left = source[: CODEC.bar_offsets(source)[2]]
    assert begun
    assert all(said["text"] == left and said["given"] == len(left) for said in begun)
    text = ""
    for kind, said in told:
        if kind == "text":
            text = text[: said["from"]] + said["text"]
    assert text == told[-1][1]["text"]


def test_a_piece_is_judged_as_on_the_listening_page(client) -> None:
    written = piece(client, bars=6, seed=3)
    card = written["card"]
    assert card["bits_per_char"] > 0
    assert card["bits_per_note"] > 0
    assert card["overlap"]["source"].startswith("tune")
    assert card["usual"]["most"] <= card["usual"]["limit"]
    assert len(written["detail"]["bits"]) == card["characters"]
    kept = client.post("/api/kept", json={"text": tab_text(3), "title": "A copy"}).json()
    assert kept["overlap"]["source"] == "tune03.tab"
    assert kept["overlap"]["notes"] > kept["usual"]["limit"]


def test_a_model_that_knows_kinds_is_asked_for_one(kinds_client) -> None:
    assert kinds_client.get("/api/studio").json()["kinds"] == ["Airs", "Jigs"]
    written = piece(kinds_client, condition="Jigs", bars=4, seed=1)
    assert written["how"]["condition"] == "Jigs"
    assert "condition=Jigs" in written["provenance"]
    source = tab_text(5, 8)
    filled = piece(kinds_client, "/api/fill", text=source, bars=[3], condition="Airs", seed=2)
    assert filled["how"]["condition"] == "Airs"


def test_a_piece_that_ends_too_early_is_written_again(client, monkeypatch) -> None:
    pieces = {7: tab_text(1, 3), 8: tab_text(1, 4), 9: tab_text(1, 6)}
    monkeypatch.setattr(Model, "stream", lambda _, *, seed, **__: iter(pieces.get(seed, "")))
    assert piece(client, bars=6, seed=7)["text"] == pieces[9]
    monkeypatch.setitem(pieces, 9, "")
    assert piece(client, bars=6, seed=7)["text"] == pieces[8]


def test_the_metre_that_was_asked_for_is_kept(client) -> None:
    written = piece(client, meter="3/4", bars=4)
    assert {(b.numerator, b.denominator) for b in CODEC.decode(written["text"]).bars()} == {(3, 4)}
    assert written["how"]["meter"] == "3/4"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"key": "D"}, "cannot be asked for key"),
        ({"condition": "Jigs"}, "trained without --condition"),
        ({"source": tab_text(1, 8), "chosen": [99]}, "no bar 99"),
        ({"source": tab_text(1, 8), "chosen": [1, 3]}, "follow each other"),
        ({"source": tab_text(1, 8), "chosen": [1, 2, 3, 4], "bars": 3}, "more bars"),
    ],
)
def test_what_cannot_be_written_fails_in_one_line(client, asked, said) -> None:
    kind, told = events(client, "/api/write", asked)[-1]
    assert kind == "failed"
    assert said in told["error"]
    assert "\n" not in told["error"]
