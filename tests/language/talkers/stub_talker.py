"""An OpenAI-compatible server on this machine that answers what a test wants, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Stub:
    """What the server answers and was asked.

    Attributes:
        answer: body of a request → status and deltas, or status and an error's words.
        bodies: of the requests. headers: of the last one. wait_s: before each delta.
    """

    def __init__(self, answer: Callable[[dict[str, Any]], tuple[int, Any]]) -> None:
        self.answer, self.bodies, self.headers, self.wait_s, self.address = answer, [], {}, 0.0, ""


@contextmanager
def stub_talker(answer: Callable[[dict[str, Any]], tuple[int, Any]]) -> Iterator[Stub]:
    """Run such a server on 127.0.0.1 while the context lasts."""
    stub = Stub(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stub.bodies.append(body)
            stub.headers = {"path": self.path, **self.headers}
            status, deltas = stub.answer(body)
            self.send_response(status)
            if status != 200:
                self.end_headers()
                self.wfile.write(json.dumps({"error": {"message": deltas}}).encode())
                return
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            with suppress(OSError):  # the client may have gone
                for delta in deltas:
                    time.sleep(stub.wait_s)
                    data = json.dumps({"choices": [{"index": 0, "delta": delta}]})
                    self.wfile.write(f"data: {data}\n\n".encode())
                    self.wfile.flush()
                self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stub.address = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
