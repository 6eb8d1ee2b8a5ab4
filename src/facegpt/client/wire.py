"""Requests to a server: JSON, forms with files, jobs and their events."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from facegpt.types import FaceGPTError

#: Pieces that files are sent and received in, bytes.
_PIECE = 1 << 18
Answer = TypeVar("Answer")
Progress = Callable[[str, "float | None"], None]


class ServerError(FaceGPTError):
    """What the server refused or failed at.

    Attributes:
        status: of HTTP; of a job that failed 0. code: for programs, as "queue_full".
    """

    def __init__(self, message: str, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Wire:
    """A way to one server.

    Attributes:
        url: of the server. token: if it wants one.
        timeout_s: how long it may say nothing; longer than what it gives its own work on a head, so that it is the
            server that says when that took too long. patience_s: how long a full queue is waited for.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    timeout_s: float = 330.0
    patience_s: float = 60.0

    def json(self, method: str, path: str, body: Any = None) -> Any:
        """Ask and give the answer's JSON."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        with self.ask(method, path, data, headers) as answer:
            return json.loads(answer.read())

    def bytes(self, path: str) -> tuple[bytes, dict[str, str]]:
        """A file in memory, and the answer's headers in small letters."""
        with self.ask("GET", path) as answer:
            return answer.read(), {name.lower(): value for name, value in answer.getheaders()}

    def fetch(self, path: str, target: Path) -> Path:
        """Write a file, whole or not at all."""
        partial = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
        try:
            with self.ask("GET", path) as answer, partial.open("wb") as file:
                while piece := answer.read(_PIECE):
                    file.write(piece)
            partial.replace(target)
        except OSError as error:
            raise FaceGPTError(f"cannot write '{target}' ({error.strerror or error}); choose another place") from error
        finally:
            partial.unlink(missing_ok=True)
        return target

    def job(
        self,
        path: str,
        body: Any = None,
        files: list[tuple[str, str, bytes | Path]] | None = None,
        on_progress: Progress | None = None,
    ) -> Any:
        """Let the server do a job and give its result; what interrupts the wait stops the job.

        Args:
            path: where it is asked for.
            body: JSON, or the fields of a form where there are files.
            files: of the form: name of the field, name of the file, bytes or a path.
            on_progress: told the stage, and how much of it is done (0..1 or None).

        Raises:
            ServerError: if it is refused or fails.
        """
        told = self._patiently(lambda: self._submit(path, body, files))
        try:
            for name, data in self._events(f"/api/jobs/{told['id']}/events"):
                if name == "progress" and on_progress is not None and data["stage"]:
                    on_progress(data["stage"], data["progress"])
                if name in ("done", "failed", "cancelled"):
                    told = data
        except BaseException:
            self.json("DELETE", f"/api/jobs/{told['id']}")
            raise
        if told["state"] != "done":
            error = told.get("error") or {"message": "the job was stopped", "code": "cancelled"}
            raise ServerError(error["message"], code=error["code"])
        return told["result"]

    def form(
        self, path: str, fields: dict[str, str], files: list[tuple[str, str, bytes | Path]]
    ) -> tuple[bytes, dict[str, str]]:
        """Send a form that is answered at once: the answer, and its headers in small letters."""
        return self._patiently(lambda: self._send_form(path, fields, files))

    def _submit(self, path: str, body: Any, files: list[tuple[str, str, bytes | Path]] | None) -> Any:
        if files is None:
            return self.json("POST", path, body)
        return json.loads(self._send_form(path, body or {}, files)[0])

    def _send_form(
        self, path: str, fields: dict[str, str], files: list[tuple[str, str, bytes | Path]]
    ) -> tuple[bytes, dict[str, str]]:
        boundary = secrets.token_hex(16)
        pieces, size = _form(boundary, fields, files)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(size)}
        with self.ask("POST", path, pieces, headers) as answer:
            return answer.read(), {name.lower(): value for name, value in answer.getheaders()}

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask again for a while when the queue is full."""
        end = time.monotonic() + self.patience_s
        while True:
            try:
                return ask()
            except ServerError as error:
                if error.status != 429 or time.monotonic() > end:
                    raise
            time.sleep(1.0)

    def events(self, method: str, path: str, body: Any) -> Iterator[tuple[str, Any]]:
        """Server-sent events of a request: name ("" where there is none) and JSON."""
        data = None if body is None else json.dumps(body).encode()
        with self.ask(method, path, data, {"Content-Type": "application/json"}) as answer:
            name = ""
            while line := answer.readline():
                text = line.decode().rstrip("\r\n")
                if text.startswith("event: "):
                    name = text[7:]
                elif text.startswith("data: ") and text != "data: [DONE]":
                    yield name, json.loads(text[6:])
                    name = ""

    def _events(self, path: str) -> Iterator[tuple[str, Any]]:
        return self.events("GET", path, None)

    @contextmanager
    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request; the context closes its connection. Raises ServerError if it is refused."""
        parts = urlsplit(self.url)
        told = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        host, port = parts.hostname or "localhost", parts.port
        if parts.scheme == "https":
            line: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=self.timeout_s, context=ssl.create_default_context()
            )
        else:
            line = http.client.HTTPConnection(host, port, timeout=self.timeout_s)
        try:
            line.request(method, quote(parts.path.rstrip("/") + path, safe="/?&=%+"), body, {**told, **(headers or {})})
            answer = line.getresponse()
            if answer.status >= 300:
                raise _refused(answer.status, answer.read())
            yield answer
        except TimeoutError as error:
            raise ServerError(f"the server at {self.url} said nothing for {self.timeout_s:g} s; ask again") from error
        except (OSError, http.client.HTTPException) as error:
            raise ServerError(
                f"the server at {self.url} does not answer ({error}); is `facegpt serve` running?"
            ) from error
        finally:
            line.close()


def _refused(status: int, data: bytes) -> ServerError:
    """A refusal as an error."""
    try:
        error = json.loads(data)["error"]
        return ServerError(str(error["message"]), status, str(error["code"]))
    except (ValueError, KeyError, TypeError):
        return ServerError(f"the server answered with the status {status}", status)


def _form(
    boundary: str, fields: dict[str, str], files: list[tuple[str, str, bytes | Path]]
) -> tuple[Iterator[bytes], int]:
    """The pieces of a form and its size; files are read as they are sent."""
    parts: list[bytes | Path] = []
    for name, value in fields.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, called, content in files:
        safe = called.replace('"', "_").replace("\r", "_").replace("\n", "_")
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{safe}"\r\n\r\n'
        parts += [head.encode(), content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    size = sum(part.stat().st_size if isinstance(part, Path) else len(part) for part in parts)
    return _pieces(parts), size


def _pieces(parts: list[bytes | Path]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        with part.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
