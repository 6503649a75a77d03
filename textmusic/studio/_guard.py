"""Who is answered, and with which headers: this computer's browsers, and no other site's pages."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard"]

_NAMES = frozenset({"127.0.0.1", "localhost"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; font-src data:; "
        "img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# alphaTab and abcjs set styles in the pictures that they draw, so those are allowed; scripts are not


class Guard:
    """Refuses what another site may have sent, and gives every answer its headers.

    A name of another site that leads to this address (DNS rebinding) shows in ``Host``; a request
    that its page sends here, in ``Origin`` or ``Sec-Fetch-Site``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if why := _stranger(scope["method"], scope["path"], Headers(scope=scope)):
            answer = JSONResponse({"error": why}, 403)
            await answer(scope, receive, guarded)
        else:
            await self.app(scope, receive, guarded)


def _stranger(method: str, path: str, headers: Headers) -> str:
    """Why a request is not answered; empty where it is."""
    host = headers.get("host", "")
    if len(headers.getlist("host")) != 1 or host.partition(":")[0] not in _NAMES:
        return "the studio answers at 127.0.0.1 only"
    linked = path == "/" and method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and not linked:
        return "the studio answers its own page only"
    origin = headers.get("origin")
    if origin != f"http://{host}" and (origin is not None or method not in {"GET", "HEAD"}):
        return "the studio answers its own page only"
    return ""
