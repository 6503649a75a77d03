"""The page on the loopback address, for browsers that open nothing from disk."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from textmusic.errors import ConfigError
from textmusic.listening._card import AUDIO

__all__ = ["serving"]

_HOST = "127.0.0.1"
_RANGE = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})")


class _Handler(SimpleHTTPRequestHandler):
    """Answers whoever asks for this host by its name, so that no other site can ask in its name."""

    extensions_map = {  # noqa: RUF012 - as in the base
        **SimpleHTTPRequestHandler.extensions_map,
        **{f".{suffix}": kind for suffix, kind in AUDIO.items()},
    }

    def send_head(self) -> Any:
        host = self.headers.get("Host", "").rpartition(":")[0]
        if host not in {_HOST, "localhost"}:
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        return self._part(path, asked) if asked and path.is_file() else super().send_head()

    def _part(self, path: Path, asked: re.Match[str]) -> io.BytesIO | None:
        """Send the head of a part of a file, and return the part: players of sound seek like that.

        Source: RFC 9110, section 14.
        """
        size = path.stat().st_size
        first = int(asked["first"]) if asked["first"] else max(0, size - int(asked["last"] or 0))
        last = min(int(asked["last"]), size - 1) if asked["first"] and asked["last"] else size - 1
        if not first <= last:
            self.send_error(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            return None
        with path.open("rb") as file:
            file.seek(first)
            part = file.read(last - first + 1)
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        return io.BytesIO(part)

    def list_directory(self, path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base
        """Say nothing."""


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[ThreadingHTTPServer]:
    """Yield a server of a folder on 127.0.0.1, ready for ``serve_forever``.

    Args:
        folder: what it shows.
        port: 0 for any that is free.

    Raises:
        ConfigError: the port is taken.
    """
    try:
        server = ThreadingHTTPServer((_HOST, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise ConfigError(f"port {port} of {_HOST} cannot be used: {error.strerror}") from error
    with server:
        yield server
