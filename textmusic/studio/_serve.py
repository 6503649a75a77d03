"""A studio as a server on the loopback address."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from textmusic.errors import ConfigError, MissingDependencyError
from textmusic.listening import STATIC, framed, vendored
from textmusic.writing import Model

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["PORT", "Studio", "studio"]

HOST = "127.0.0.1"
PORT = 7464
_SCRIPTS = ("ask", "bars", "wish", "desk", "shelf", "studio")
_PAGE = Path(__file__).parent / "page"


@dataclass(frozen=True)
class Studio:
    """A studio that is ready to be opened.

    Args:
        address: where browsers find it.
        kept: the SQLite file of what is kept.
        application: an ASGI application, for a server of your own.
        socket: bound to the address.
    """

    address: str
    kept: Path
    application: Starlette = field(repr=False)
    socket: socket.socket = field(repr=False)

    def serve(self, ready: Callable[[], object] = lambda: None) -> None:
        """Answer until it is interrupted.

        Args:
            ready: called once, when the address answers.
        """
        import uvicorn

        config = uvicorn.Config(
            self.application, log_level="warning", access_log=False, server_header=False,
            lifespan="off", ws="none", timeout_graceful_shutdown=1,
        )  # fmt: skip
        self.socket.listen()  # from here on browsers may ask; they are answered in a moment
        ready()
        with self.socket:
            uvicorn.Server(config).run(sockets=[self.socket])


def studio(run: str | Path, *, port: int | None = None, data: str | Path | None = None) -> Studio:
    """Prepare a local web application in which music is written together with a model.

    Args:
        run: a run's folder, or a ``.safetensors`` file.
        port: on 127.0.0.1; 0 for any that is free. Default: 7464, or any if that is taken.
        data: the SQLite file of what is kept; default ``studio.sqlite`` beside the model.

    Raises:
        CheckpointError: there is no such model.
        ConfigError: the port is taken, the file of what is kept is something else, or the player's
            files were not fetched when textmusic was installed.
        MissingDependencyError: the extra ``studio`` is not installed.

    Example:
        >>> textmusic.studio.studio("run").serve()  # doctest: +SKIP
    """
    try:
        import starlette
        import uvicorn
    except ImportError as error:
        raise MissingDependencyError("the studio", "starlette", "studio") from error
    del starlette, uvicorn
    from textmusic.studio._app import application
    from textmusic.studio._store import Store

    path = Path(run)
    model = Model.load(path)
    assets = _assets()
    store = Store(Path(data) if data is not None else model.folder / "studio.sqlite")
    title = (path if path.is_dir() else path.parent).resolve().name
    bound = _bound(port)
    address = f"http://{HOST}:{bound.getsockname()[1]}/"
    return Studio(address, store.path, application(model, store, assets, title), bound)


def _assets() -> dict[str, bytes]:
    """The page and its scripts by name: nothing else is ever given out."""
    lying = {path.name: path.read_bytes() for path in (*STATIC.iterdir(), *_PAGE.iterdir())}
    scripts = [f"assets/{name}.js" for name in _SCRIPTS]
    main = lying.pop("main.html").decode()
    page = framed(main, "studio", music="desk", scripts=scripts, styles=["assets/studio.css"])
    return {**dict(vendored()), **lying, "index.html": page}


def _bound(port: int | None) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            bound.bind((HOST, PORT if port is None else port))
        except OSError:
            if port is not None:
                raise
            bound.bind((HOST, 0))
    except OSError as error:
        bound.close()
        raise ConfigError(f"port {port} of {HOST} cannot be used: {error.strerror}") from error
    return bound
