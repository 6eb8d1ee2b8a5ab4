"""What every request passes first: who asks, how often, how much, and what the browser may do with the answer."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections import OrderedDict, deque
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from facegpt.serve.links import PLACE, is_signed
from facegpt.serve.problems import ProblemError
from facegpt.serve.settings import ServeSettings, is_loopback

log = logging.getLogger("facegpt.serve")
COOKIE = "facegpt_token"
#: What a page of this server may do: nothing from outside, no inline scripts, in nobody's frame.
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' blob:; "
    "worker-src 'self' blob:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    **{"content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"},
    **{"cross-origin-opener-policy": "same-origin", "x-frame-options": "DENY"},
    "permissions-policy": "camera=(self), microphone=(self), geolocation=()",
}
#: Addresses that are asked without a token, by those who watch over the server.
OPEN = ("/api/health", "/api/ready")
#: Clients whose requests are counted, at most.
_MOST_CLIENTS = 10_000


class Guard:
    """ASGI middleware. Refuses what is not to be answered, and sets the headers of what is."""

    def __init__(self, app: Any, settings: ServeSettings, metrics: Any) -> None:
        self.app, self.settings, self.metrics = app, settings, metrics
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request or connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        begun = time.monotonic()
        answer = _Answer(send, self._headers(scope, headers))
        try:
            self._check(scope, headers)
            if scope["type"] == "http":
                receive = _Body(receive, self._most_bytes(scope), headers, self.settings.limits.silence_s, answer)
            if not await self._given_cookie(scope, answer):
                await self.app(scope, receive, answer)
        except ProblemError as problem:
            if answer.status:
                raise
            await refuse(scope, answer, problem)
        finally:
            if scope["type"] == "http":
                self._noted(scope, answer.status or 500, time.monotonic() - begun)

    def _noted(self, scope: dict[str, Any], status: int, seconds: float) -> None:
        """Count and log a request: its route, not its address, and nothing of who asked for what."""
        route = getattr(scope.get("route"), "path", None) or ("/page" if scope["path"].startswith("/page") else "other")
        method = scope["method"] if scope["method"] in ("GET", "POST", "DELETE", "OPTIONS", "HEAD") else "other"
        self.metrics.requests[method, route, status] += 1
        log.info("%s %s %d %.0f ms", method, route, status, 1000 * seconds)

    def _check(self, scope: dict[str, Any], headers: dict[str, str]) -> None:
        """Raise ProblemError for who may not ask, or asks too often."""
        if self.settings.token is None:
            self._check_host(headers)
        self._check_origin(scope, headers)
        path = scope["path"]
        if path in OPEN:
            return
        known = self.settings.token is None or self._knows_token(scope, headers)
        if not known or not path.startswith("/page/"):  # a page has many files; wrong tokens count everywhere
            self._check_rate((scope.get("client") or ("", 0))[0])
        if not known:
            told = {"WWW-Authenticate": "Bearer"}
            text = "this server needs its token: Authorization: Bearer TOKEN, or open it as /?token=TOKEN"
            raise ProblemError(401, "unauthorized", text, told)

    def _check_host(self, headers: dict[str, str]) -> None:
        """Refuse names that lead here by a trick (DNS rebinding)."""
        try:
            host = urlsplit("//" + headers.get("host", "")).hostname or ""
        except ValueError:
            host = ""
        if not is_loopback(host) and host != self.settings.host:
            raise ProblemError(403, "host", "this server answers on this machine only, as localhost or 127.0.0.1")

    def _check_origin(self, scope: dict[str, Any], headers: dict[str, str]) -> None:
        """Refuse what pages of other places ask."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "")
        if origin is not None:
            own = {f"{scheme}://{headers.get('host', '')}" for scheme in ("http", "https")}
            if origin not in own and origin not in self.settings.origins:
                raise ProblemError(403, "origin", "pages of other places may not ask this server; see --allow-origin")
        elif site == "cross-site" and scope["path"].startswith(("/api", "/v1", "/metrics")):
            raise ProblemError(403, "origin", "pages of other places may not ask this server; see --allow-origin")

    def _knows_token(self, scope: dict[str, Any], headers: dict[str, str]) -> bool:
        """Whether the token, or the key of an answer's link, comes with a request: compared in constant time."""
        given = [headers.get("authorization", "").removeprefix("Bearer ").strip()]
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            cookie = None
        given += [cookie.value] if cookie is not None else []
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["path"] == "/" or scope["type"] == "websocket":
            given += asked.get("token", [])
        if scope["type"] == "http" and is_signed(self.settings.token or "", scope["path"], asked.get("key", [])):
            return True
        wanted = (self.settings.token or "").encode()
        return any([hmac.compare_digest(one.encode("utf-8", "replace"), wanted) for one in given if one])

    async def _given_cookie(self, scope: dict[str, Any], send: Any) -> bool:
        """Turn /?token=… into a cookie, so that the token stands in no address; whether this was one."""
        if scope["type"] != "http" or scope["path"] != "/" or b"token=" not in scope["query_string"]:
            return False
        headers = [(b"location", b"/"), (b"content-length", b"0"), (b"cache-control", b"no-store")]
        if self.settings.token is not None:
            cookie = f"{COOKIE}={self.settings.token}; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000"
            headers.append((b"set-cookie", cookie.encode()))
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return True

    def _check_rate(self, client: str) -> None:
        """Refuse who asks more often than is allowed."""
        limits, now = self.settings.limits, time.monotonic()
        times = self._asked.setdefault(client, deque())
        self._asked.move_to_end(client)
        if len(self._asked) > _MOST_CLIENTS:
            self._asked.popitem(last=False)
        while times and times[0] < now - limits.window_s:
            times.popleft()
        if len(times) >= limits.requests:
            wait = max(1, round(times[0] + limits.window_s - now + 0.5))
            raise ProblemError(
                429, "rate", f"too many requests; try again in {wait} seconds", {"Retry-After": str(wait)}
            )
        times.append(now)

    def _most_bytes(self, scope: dict[str, Any]) -> int:
        """The largest body of an address; some more for what stands around a file."""
        limits, path = self.settings.limits, scope["path"]
        if path in ("/api/clips", "/api/clips/animate", "/api/avatars"):
            return limits.clip_bytes + limits.json_bytes
        if path in ("/api/heads/photo", "/api/photos/analyze"):
            return limits.photo_bytes + limits.json_bytes
        if path in ("/api/heads/person", "/api/photos/compare", "/api/photos/edit"):
            return limits.photos_bytes + limits.json_bytes
        return limits.chat_bytes if path.startswith("/v1/") else limits.json_bytes

    def _headers(self, scope: dict[str, Any], headers: dict[str, str]) -> dict[str, str]:
        """What every answer says."""
        told = dict(HEADERS)
        if scope["path"].startswith(PLACE):  # chat clients on other pages show the pictures of answers
            told["cross-origin-resource-policy"] = "cross-origin"
        elif headers.get("origin") not in self.settings.origins:
            told["cross-origin-resource-policy"] = "same-origin"
        if scope["path"].startswith(("/api", "/v1")):
            told["cache-control"] = "no-store"
        return told


class _Answer:
    """Sends an answer with the headers of all; one to a body that was refused half-way is that refusal."""

    def __init__(self, send: Any, headers: dict[str, str]) -> None:
        self._send, self._headers, self._over = send, headers, False
        self.status, self.refusal = 0, None  # type: tuple[int, ProblemError | None]

    async def __call__(self, message: dict[str, Any]) -> None:
        """Send one message."""
        if self._over:
            return
        if message["type"] == "http.response.start" and not self.status:
            refusal, self.refusal = self.refusal, None
            if refusal is not None:  # whatever the application makes of a body that broke off
                await refuse({"type": "http"}, self, refusal)
                self._over = True
                return
            self.status = message["status"]
            own = {name.lower() for name, _ in message["headers"]}
            extra = [(n.encode(), v.encode()) for n, v in self._headers.items() if n.encode() not in own]
            message = {**message, "headers": [*message["headers"], *extra]}
        await self._send(message)


class _Body:
    """The body of a request, counted as it comes; who falls silent in the middle is not waited for."""

    def __init__(self, receive: Any, most: int, headers: dict[str, str], silence_s: float, answer: _Answer) -> None:
        self._receive, self._most, self._silence_s, self._answer = receive, most, silence_s, answer
        self._seen, self._whole = 0, False
        told = headers.get("content-length", "")
        if told.isdigit() and int(told) > most:
            raise _too_large(most)

    async def __call__(self) -> dict[str, Any]:
        """The next piece."""
        if self._whole:
            message: dict[str, Any] = await self._receive()
            return message
        try:
            message = await asyncio.wait_for(self._receive(), self._silence_s)
        except asyncio.TimeoutError:
            text = "nothing more came of this request; send it again"
            self._answer.refusal = ProblemError(408, "slow", text)
            raise self._answer.refusal from None
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._seen > self._most:
                self._answer.refusal = _too_large(self._most)
                raise self._answer.refusal
        else:
            self._whole = True
        return message


def _too_large(most: int) -> ProblemError:
    told = f"{most / 1e6:.0f} MB" if most >= 1e6 else f"{most / 1e3:.0f} kB"
    return ProblemError(413, "too_large", f"this is larger than {told}, the most that is taken here")


async def refuse(scope: dict[str, Any], send: Any, problem: ProblemError) -> None:
    """Answer with a problem."""
    from starlette.responses import JSONResponse

    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": problem.message[:120]})
        return
    response = JSONResponse(problem.body, problem.status, problem.headers)
    body = [(n, v) for n, v in response.raw_headers]
    await send({"type": "http.response.start", "status": problem.status, "headers": body})
    await send({"type": "http.response.body", "body": response.body})
