"""The studio as a program: where it answers, what it refuses, and what outlives it."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from music import tab_text

from textmusic.cli import main
from textmusic.errors import CheckpointError, ConfigError
from textmusic.studio import studio

pytestmark = pytest.mark.usefixtures("client")


def ask(address: str, method: str, place: str, body: bytes | None = None) -> tuple[int, object]:
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    connection.request(method, place, body, {"Origin": address.rstrip("/")})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said


def test_what_was_kept_outlives_a_killed_studio(started) -> None:
    body = json.dumps({"text": tab_text(3, 4), "title": "Kept"}).encode()
    with started() as first:
        status, card = ask(first.address, "POST", "/api/kept", body)
        assert status == 200
        first.process.kill()
        first.process.wait()
    with started() as second:
        assert card in ask(second.address, "GET", "/api/kept")[1]


def test_an_interrupt_ends_it_in_peace(started) -> None:
    with started() as made:
        assert ask(made.address, "GET", "/api/kept")[0] == 200  # it serves, and heeds signals
        made.process.send_signal(signal.SIGINT)
        assert made.process.wait(30) == 0
        assert "Traceback" not in made.process.stderr.read()


def test_two_hundred_megabytes_are_refused_and_the_studio_goes_on(started) -> None:
    with started() as made:
        status, said = ask(made.address, "POST", "/api/files?name=a.mid", bytes(200_000_000))
        assert (status, said) == (413, {"error": "that is too large: at most 5 MB are read"})
        assert ask(made.address, "GET", "/api/kept")[0] == 200


def test_only_the_loopback_address_is_bound(run: Path, tmp_path: Path) -> None:
    made = studio(run, port=0, data=tmp_path / "kept.sqlite")
    with made.socket:
        host, port = made.socket.getsockname()
        assert (made.address, host) == (f"http://127.0.0.1:{port}/", "127.0.0.1")
        made.socket.listen()
        with pytest.raises(ConfigError, match=f"port {port}"):
            studio(run, port=port, data=tmp_path / "kept.sqlite")


def test_a_taken_default_port_is_not_insisted_on(run: Path, tmp_path: Path, monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr("textmusic.studio._serve.PORT", taken.getsockname()[1])
        made = studio(run, data=tmp_path / "kept.sqlite")
        made.socket.close()
    assert str(taken) not in made.address


def test_a_missing_extra_is_one_line(run: Path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(SystemExit) as ended:
        main(["studio", str(run)])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "pip install 'textmusic[studio]'" in said
    assert said.count("\n") == 1


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        studio(tmp_path)
