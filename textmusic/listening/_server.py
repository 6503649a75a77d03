"""The page on the loopback address, for browsers that open nothing from disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

__all__ = ["serving"]

_HOST = "127.0.0.1"


class _Handler(SimpleHTTPRequestHandler):
    """Answers whoever asks for this host by its name, so that no other site can ask in its name."""

    def send_head(self) -> Any:
        host = self.headers.get("Host", "").rpartition(":")[0]
        if host not in {_HOST, "localhost"}:
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
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
    """
    with ThreadingHTTPServer((_HOST, port), partial(_Handler, directory=str(folder))) as server:
        yield server
