"""What the studio answers: music, refusals, and only to its own page."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import keep
from music import tab_text

import textmusic
from textmusic.format import write_atomic

CODEC = textmusic.get_codec("guitartab")
HOSTILE = "<img src=x onerror=alert(1)>/../../etc"


def test_the_page_and_all_that_it_refers_to_are_there(client) -> None:
    import re

    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    places = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert len(places) > 12
    for place in places:
        assert place == "data:," or client.get(f"/{place}").status_code == 200, place


@pytest.mark.parametrize(
    "place", ["/assets/../pyproject.toml", "/assets/%2e%2e/__init__.py", "/assets//etc/passwd",
              "/nothing", "/kept/1/..%2f..%2fmodel.safetensors", "/samples/k999.js"],
)  # fmt: skip
def test_nothing_else_is_given_out(client, place) -> None:
    answer = client.get(place)
    assert answer.status_code == 404
    assert "error" in answer.json()


@pytest.mark.parametrize("place", ["/", "/nothing", "/api/kept", "/assets/kit.js"])
def test_every_answer_says_what_its_page_may_do(client, place) -> None:
    headers = client.get(place).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:7464"},
        {"Host": ""},
        {"Host": "192.168.0.7:7464"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_strangers_are_not_answered(client, headers) -> None:
    for answer in (
        client.get("/api/kept", headers=headers),
        client.post("/api/write", json={}, headers=headers),
    ):
        assert answer.status_code == 403
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_link_of_another_site_opens_the_page_and_nothing_else(client) -> None:
    linked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/", headers=linked).status_code == 200
    assert client.get("/api/export", headers=linked).status_code == 403


def test_what_changes_something_must_say_which_page_asks(client) -> None:
    del client.headers["origin"]
    try:
        assert client.get("/api/kept").status_code == 200
        assert client.post("/api/write", json={}).status_code == 403
        assert client.delete("/api/jobs/x").status_code == 403
    finally:
        client.headers["origin"] = str(client.base_url)


@pytest.mark.parametrize(
    ("place", "body", "said"),
    [
        ("/api/write", b"[]", "no JSON object"),
        ("/api/write", b"\xff\x00", "no JSON object"),
        ("/api/write", b"[" * 100_000, "no JSON object"),
        ("/api/write", b'{"bars": 0}', "bars is a number from 1"),
        ("/api/write", b'{"bars": 2.5}', "whole number"),
        ("/api/write", b'{"temperature": "hot"}', "temperature is a number"),
        ("/api/write", b'{"temperature": NaN}', "temperature is a number"),
        ("/api/write", b'{"meter": "x"}', "6/8"),
        ("/api/write", b'{"tempo": "fast"}', "tempo is a number"),
        ("/api/write", b'{"prime": 5}', "prime is a text"),
        ("/api/write", b'{"chosen": [true]}', "numbers of bars"),
        ("/api/fill", b'{"text": "x"}', "choose the bars"),
        ("/api/kept", b"{}", "nothing to keep"),
    ],
)
def test_requests_that_mean_nothing_are_refused(client, place, body, said) -> None:
    answer = client.post(place, content=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_half_a_character_is_read_as_text(client) -> None:
    answer = client.post("/api/pieces", content=b'{"text": "\\ud800"}')
    assert answer.status_code == 200


def test_files_of_any_format_are_read(client, tmp_path: Path) -> None:
    score = CODEC.decode(tab_text(2, 4))
    textmusic.write(score, tmp_path / "riff.gp5")
    sent = (tmp_path / "riff.gp5").read_bytes()
    read = client.post("/api/files?name=../../My%20Riff.GP5", content=sent).json()
    assert read["card"]["title"] == "My Riff"
    assert read["bars"] == 4
    assert [n.pitch for n in CODEC.decode(read["text"]).notes()] == [n.pitch for n in score.notes()]
    own = client.post("/api/files?name=a.guitartab.txt", content=tab_text(2, 4).encode()).json()
    assert own["text"] == tab_text(2, 4)


@pytest.mark.parametrize(
    "name", ["a.gp5", "a.mid", "a.musicxml", "a.gpx", "a.gp", "a.bin", "", "a"]
)
def test_random_bytes_are_refused_in_one_clear_line(client, name) -> None:
    answer = client.post(f"/api/files?name={name}", content=random.Random(1).randbytes(5000))
    assert answer.status_code == 400
    said = answer.json()["error"]
    assert said.startswith(f"{name} cannot be used: " if name else "the file cannot be used: ")
    assert "\n" not in said
    assert "/tmp" not in said


@pytest.mark.parametrize("counted", [False, True])
def test_large_files_are_refused(client, counted) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(60):
            yield bytes(100_000)

    content = parts() if counted else bytes(6_000_000)
    answer = client.post("/api/files?name=a.mid", content=content)
    assert answer.status_code == 413
    assert "at most 5 MB" in answer.json()["error"]


def test_what_is_kept_is_listed_seen_and_taken_away(client) -> None:
    card = keep(client, HOSTILE)
    number = card["id"][1:]
    assert card["title"] == HOSTILE
    listed = {each["id"]: each for each in client.get("/api/kept").json()}
    assert listed[card["id"]] == card
    seen = client.get(f"/samples/{card['id']}.js")
    assert seen.headers["content-type"].startswith("text/javascript")
    assert seen.text.startswith(f'textmusic.deliver("{card["id"]}", {{')
    assert "<" not in seen.text
    assert client.get(f"/api/kept/{number}").json()["text"] == tab_text(1, 4)
    for removed in (True, False):
        client.post(f"/api/kept/{number}", json={"removed": removed})
        ids = [each["id"] for each in client.get("/api/kept").json()]
        assert (card["id"] in ids) is not removed
    assert client.post("/api/kept/99999", json={}).status_code == 404


def test_the_files_of_a_kept_piece_hold_its_music(client, tmp_path: Path) -> None:
    card = keep(client, HOSTILE, seed=4)
    expected = [n.pitch for n in CODEC.decode(tab_text(4, 4)).notes()]
    for file in card["downloads"]:
        answer = client.get(f"/{file['href']}")
        assert len(answer.content) == file["size"]
        if file["suffix"] in {".mid", ".gp"}:
            path = tmp_path / f"a{file['suffix']}"
            write_atomic(path, answer.content)
            assert [n.pitch for n in textmusic.read(path).scores[0].notes()] == expected


def test_all_that_was_kept_is_one_zip(client, tmp_path: Path, alphatab) -> None:
    first, second = keep(client, HOSTILE), keep(client, "Zweites Stück", seed=2)
    answer = client.get("/api/export?to=gp5&to=mid")
    assert "attachment" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        stems = [f"{int(card['id'][1:]):04}-" for card in (first, second)]
        assert all(sum(name.startswith(stem) for name in names) == 3 for stem in stems)
        assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.") for name in names)
        assert f"{stems[1]}zweites-stuck.gp5" in names
        (seen,) = alphatab([archive.read(f"{stems[1]}zweites-stuck.gp5")])
    assert len(seen.tracks[0].sounds) == sum(1 for _ in CODEC.decode(tab_text(2, 4)).notes())


def test_formats_that_are_not_written_are_not_exported(client) -> None:
    keep(client)
    assert client.get("/api/export?to=gpx").status_code == 400
    assert "unknown format" in client.get("/api/export?to=nonsense").json()["error"]


def test_a_piece_that_nobody_asked_for_is_not_watched(client) -> None:
    assert client.get("/api/jobs/whatever").status_code == 404
