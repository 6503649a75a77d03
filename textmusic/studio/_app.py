"""The web application: which address does what."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from textmusic.errors import ConfigError, TextmusicError
from textmusic.listening import DOWNLOADS, script
from textmusic.studio import _shelf, _work
from textmusic.studio._asked import Asked, Filled, Wish
from textmusic.studio._critic import ReadyCritic
from textmusic.studio._guard import Guard
from textmusic.studio._line import Job, Line, LineFullError
from textmusic.studio._store import Kept, Store
from textmusic.writing import Model

__all__ = ["UPLOAD", "application"]

UPLOAD = 5_000_000
"""Bytes of an uploaded file, at most."""
_REQUEST = 1_000_000
_DRAINED = 300_000_000
_TURN = 0.04
_BEAT = 10.0
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


def application(model: Model, store: Store, assets: Mapping[str, bytes], title: str) -> Starlette:
    """Return the application.

    Args:
        model: that writes; one thread has it.
        store: what was kept.
        assets: the page and its scripts, by name.
        title: of the page: the name of the run.
    """
    desk = _Desk(model, store, assets, title)
    routes = [
        Route("/", desk.page),
        Route("/assets/{name:path}", desk.asset),
        Route("/samples/k{number:int}.js", desk.detail),
        Route("/kept/{number:int}/{name}", desk.file),
        Route("/api/studio", desk.about),
        Route("/api/files", desk.upload, methods=["POST"]),
        Route("/api/pieces", desk.piece, methods=["POST"]),
        Route("/api/write", desk.write, methods=["POST"]),
        Route("/api/fill", desk.fill, methods=["POST"]),
        Route("/api/jobs/{name}", desk.watch),
        Route("/api/jobs/{name}", desk.stop, methods=["DELETE"]),
        Route("/api/kept", desk.kept),
        Route("/api/kept", desk.keep, methods=["POST"]),
        Route("/api/kept/{number:int}", desk.change, methods=["POST"]),
        Route("/api/kept/{number:int}", desk.text),
        Route("/api/export", desk.export),
    ]
    handlers: dict[Any, Callable[[Request, Exception], Response]] = {
        TextmusicError: _refused, HTTPException: _refused, LineFullError: _full,
    }  # fmt: skip
    return Starlette(routes=routes, middleware=[Middleware(Guard)], exception_handlers=handlers)


class _Desk:
    """What the addresses do."""

    def __init__(self, model: Model, store: Store, assets: Mapping[str, bytes], title: str) -> None:
        self._model, self._store, self._assets, self._title = model, store, assets, title
        self._critic = ReadyCritic(model)
        self._line = Line()
        self._reading = asyncio.Semaphore(2)  # large files take time and memory

    def page(self, request: Request) -> Response:
        return self._static("index.html")

    def asset(self, request: Request) -> Response:
        return self._static(request.path_params["name"])

    def _static(self, name: str) -> Response:
        if name not in self._assets:
            raise HTTPException(404, "there is nothing here")
        kind = _KINDS[Path(name).suffix]
        return Response(self._assets[name], media_type=kind, headers={"Cache-Control": "no-cache"})

    def about(self, request: Request) -> Response:
        codec = self._model.codec
        return JSONResponse({
            "title": self._title,
            "codec": codec.name,
            "controls": sorted(codec.controls),
            "kinds": list(self._model.arrangement.tags),
            "compares": self._critic.state,
            "fills": codec.grammar() is not None,
            "formats": _shelf.offered(codec),
            "upload": UPLOAD,
        })  # fmt: skip

    async def upload(self, request: Request) -> Response:
        name = request.query_params.get("name", "")[-200:]
        data = await _body(request, UPLOAD)
        async with self._reading:
            return JSONResponse(await run_in_threadpool(_work.opened, self._critic, name, data))

    async def piece(self, request: Request) -> Response:
        asked = await _asked(request)
        title, how = asked.text("title", 200) or "New piece", asked.words("how")
        made = partial(_work.seen, self._critic, asked.text("text"), title, how)
        return JSONResponse(await run_in_threadpool(made))

    async def write(self, request: Request) -> Response:
        wish = Wish.of(await _asked(request), secrets.randbelow(1 << 31))
        return self._submit(lambda job: _work.written(job, self._critic, wish))

    async def fill(self, request: Request) -> Response:
        asked = Filled.of(await _asked(request), secrets.randbelow(1 << 31))
        return self._submit(lambda job: _work.filled(job, self._critic, asked))

    def _submit(self, work: Callable[[Job], dict[str, Any]]) -> Response:
        return JSONResponse({"job": self._line.submit(work).id})

    def _job(self, request: Request) -> Job:
        job = self._line.find(request.path_params["name"])
        if job is None:
            raise HTTPException(404, "nobody asked for this")
        return job

    async def watch(self, request: Request) -> Response:
        job = self._job(request)
        return StreamingResponse(_events(self._line, job), media_type="text/event-stream")

    def stop(self, request: Request) -> Response:
        self._job(request).stop()
        return JSONResponse({})

    def kept(self, request: Request) -> Response:
        return JSONResponse([_shelf.shown(each) for each in self._store.all()])

    async def keep(self, request: Request) -> Response:
        asked = await _asked(request)
        title = " ".join(asked.text("title", 200).split()) or "Untitled"
        text, how = asked.text("text"), asked.words("how")
        return JSONResponse(await run_in_threadpool(self._keep, text, title, how))

    def _keep(self, text: str, title: str, how: dict[str, str]) -> dict[str, Any]:
        if not text:
            raise ConfigError("there is nothing to keep")
        codec = self._model.codec
        piece = _work.seen(self._critic, text, title, how, DOWNLOADS)
        named = {"name": codec.name, "config": codec.config()}
        number = self._store.add(title, named, piece, piece["provenance"])
        return _shelf.shown(self._found(number))

    def _found(self, number: int) -> Kept:
        found = self._store.find(number)
        if found is None:
            raise HTTPException(404, "no such piece was kept")
        return found

    async def change(self, request: Request) -> Response:
        removed = (await _asked(request)).yes("removed")
        number = request.path_params["number"]
        if not await run_in_threadpool(self._store.remove, number, removed=removed):
            raise HTTPException(404, "no such piece was kept")
        return JSONResponse({})

    def text(self, request: Request) -> Response:
        kept = self._found(request.path_params["number"])
        if kept.codec["name"] != self._model.codec.name:
            raise ConfigError(
                f"the piece is text of codec {kept.codec['name']!r}, not of this model"
            )
        return JSONResponse(_work.seen(self._critic, kept.text, kept.title, {"kept": str(kept.id)}))

    def detail(self, request: Request) -> Response:
        kept = self._found(request.path_params["number"])
        data = script("textmusic.deliver", f"k{kept.id}", kept.detail)
        return Response(data, media_type=_KINDS[".js"])

    def file(self, request: Request) -> Response:
        kept = self._found(request.path_params["number"])
        data = _shelf.file_of(kept, request.path_params["name"])
        return Response(data, media_type="application/octet-stream")

    def export(self, request: Request) -> Response:
        to = list(dict.fromkeys(request.query_params.getlist("to")))[:16]
        file = _shelf.bundle(self._store.all(), to)
        named = {"Content-Disposition": 'attachment; filename="textmusic-studio.zip"'}
        return StreamingResponse(_shelf.chunks(file), media_type="application/zip", headers=named)


async def _events(line: Line, job: Job) -> AsyncIterator[str]:
    """Yield what a watcher is told, as server-sent events: the place, the text, the end."""
    place, attempt, told = -1, 0, 0
    beat = time.monotonic()
    with job.watched():
        while True:
            over = job.over or job.given_up  # before the text is looked at, so that none is missed
            ahead = line.ahead(job)
            if ahead != place and not over:
                place = ahead
                yield _event("place", {"ahead": place})
            number, text, given = job.draft
            if number != attempt:
                attempt, told = number, given
                yield _event("text", {"from": 0, "text": text[:given], "given": given})
            if len(text) > told:
                yield _event("text", {"from": told, "text": text[told:]})
                told = len(text)
            if over:
                said = {"done": job.result, "failed": {"error": job.error}}.get(job.state, {})
                yield _event(job.state if said else "stopped", said)
                return
            if time.monotonic() - beat > _BEAT:
                beat = time.monotonic()
                yield ": still here\n\n"
            await asyncio.sleep(_TURN)


def _event(kind: str, data: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"


async def _asked(request: Request) -> Asked:
    return Asked(await _body(request, _REQUEST))


async def _body(request: Request, most: int) -> bytes:
    """Return what was sent. More than `most` bytes are read past, so that the refusal is heard.

    Raises:
        HTTPException: it is too much.
    """
    announced = request.headers.get("content-length", "0")
    large = not announced.isdecimal() or int(announced) > most
    data, count = bytearray(), 0
    async for part in request.stream():
        count += len(part)
        if large or count > most:
            large = True
            data.clear()
            if count > _DRAINED:
                break
        else:
            data += part
    if large:
        raise HTTPException(413, f"that is too large: at most {most // 1_000_000} MB are read")
    return bytes(data)


def _refused(_request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code)
    return JSONResponse({"error": " ".join(str(error).split())[:600]}, 400)


def _full(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "too many requests wait already: try again in a moment"}, 503)
