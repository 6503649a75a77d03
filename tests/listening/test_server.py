"""The page on the loopback address."""

from __future__ import annotations

import urllib.error
import urllib.request
from threading import Thread

import pytest
from listened import texts

from textmusic.errors import ConfigError
from textmusic.listening import listen, serving

pytestmark = pytest.mark.usefixtures("vendor")


def test_the_server_answers_on_the_loopback_address_by_its_own_name_only(tmp_path) -> None:
    page = listen(texts(tmp_path / "in", "abc", 1), tmp_path / "page")
    with serving(page.parent) as server:
        assert server.server_address[0] == "127.0.0.1"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        home = f"http://127.0.0.1:{server.server_port}/"

        def part(asked: str) -> tuple[int, str, bytes]:
            request = urllib.request.Request(home + "data.js", headers={"Range": asked})
            try:
                with urllib.request.urlopen(request) as answer:
                    return answer.status, answer.headers["Content-Range"] or "", answer.read()
            except urllib.error.HTTPError as error:
                error.close()
                return error.code, "", b""

        def status(path: str, host: str | None = None) -> int:
            request = urllib.request.Request(home + path, headers={"Host": host} if host else {})
            try:
                with urllib.request.urlopen(request) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                error.close()
                return error.code

        found = [status(""), status("data.js"), status("music/"), status("../novel.txt")]
        strange = status("", "evil.example:80")
        asked = ["bytes=3-9", "bytes=-4", "bytes=999999-", "bytes=5-3", "bytes=-", "lines=1-2"]
        parts = [part(each) for each in asked]
        with pytest.raises(ConfigError, match=r"port \d+ of 127\.0\.0\.1 cannot be used"):
            serving(page.parent, server.server_port).__enter__()
        server.shutdown()
        thread.join()
    assert found == [200, 200, 404, 404]
    whole = (page.parent / "data.js").read_bytes()
    size = len(whole)
    assert parts == [
        (206, f"bytes 3-9/{size}", whole[3:10]), (206, f"bytes {size - 4}-{size - 1}/{size}", whole[-4:]),
        (416, "", b""), (416, "", b""), (416, "", b""), (200, "", whole),
    ]  # fmt: skip
    assert strange == 403
