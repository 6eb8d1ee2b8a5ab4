"""Send broken requests to a server: `python -m lab.fuzz.bodies STORE -n 5000 [--model served_stand_in:model]`.

Request k of a seed is the same each time, so `--first K -n 1` sends a finding again. A finding is a status of 500 or
more, an answer that does not come, an error without a sentence, or a job that ends by an error of the server's own.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from facegpt.assets import asset_path
from facegpt.serve.problems import STATUS
from facegpt.serve.settings import MODEL, Limits
from lab.fuzz.mutation import mutated
from lab.fuzz.served import Server

#: Longest time for an answer and for a job, seconds.
LONGEST_S = 60.0
#: Codes of a job's error that are the server's fault.
OWN_FAULTS = frozenset(code for code, status in STATUS.items() if status == 500)
#: Of the server that is tried: any number of requests.
UNLIMITED = Limits(requests=10**9)
#: Values in the place of those that a request has: edges of numbers, other types, long and strange texts.
ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        2**63,
        1e308,
        float("nan"),
        float("inf"),
        "",
        "0",
        " ",
        "a\x00b",
        "\ud800",
        "😀" * 50,
        "x" * 100_000,
    ),
    *(
        [],
        {},
        [[]],
        {"a": None},
        [None] * 1000,
        {str(k): k for k in range(500)},
        "../../etc/passwd",
        "http://127.0.0.1:1/",
    ),
)
_EDGE = "a5b8c0"


@dataclass(frozen=True)
class Asked:
    """A request: its address, the kind of its body, and the body."""

    path: str
    kind: str
    body: bytes


def valid_requests(head: str) -> tuple[Asked, ...]:
    """A request of each kind that the server takes. head: the id of one that it has."""
    face = {"role": "user", "content": [{"type": "face", "face": {"id": head}}, {"type": "text", "text": "wider nose"}]}
    chat = {"model": "facegpt", "messages": [face], "temperature": 0.5, "max_tokens": 20, "stream": False}
    told: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/api/heads/words", {"text": "an old man", "seed": 1, "count": 1, "ready": False}),
        (f"/api/heads/{head}/edit", {"text": "make the nose wider", "ready": False}),
        (f"/api/heads/{head}/change", {"expression": {"jawOpen": 0.5}, "gaze": {"x_deg": 5.0, "y_deg": 0.0}}),
        (f"/api/heads/{head}/without", {"parts": ["old"], "of": head}),
        (f"/api/heads/{head}/describe", {"question": "how old is he?", "others": [head]}),
        (f"/api/heads/{head}/save", {"name": "a man"}),
        ("/v1/chat/completions", chat),
    )
    forms = (
        ("/api/heads/photo", {"quality": b"fast", "hair": b"none"}, ("photo",)),
        ("/api/heads/person", {"quality": b"fast"}, ("photos", "photos")),
        ("/api/photos/analyze", {}, ("photo",)),
    )
    json_requests = (Asked(path, "application/json", json.dumps(body).encode()) for path, body in told)
    kind = f"multipart/form-data; boundary={_EDGE}"
    return (*json_requests, *(Asked(path, kind, _form(fields, files)) for path, fields, files in forms))


def _form(fields: dict[str, bytes], files: tuple[str, ...]) -> bytes:
    """The body of a form with a small picture for each of `files`."""
    written = io.BytesIO()
    with Image.open(asset_path("astronaut.png")) as image:
        image.convert("RGB").resize((64, 64)).save(written, "JPEG")
    line = f"--{_EDGE}\r\nContent-Disposition: form-data; name=".encode()
    parts = [line + f'"{name}"\r\n\r\n'.encode() + value for name, value in fields.items()]
    about = b'; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    parts += [line + f'"{name}"'.encode() + about + written.getvalue() for name in files]
    return b"\r\n".join(parts) + f"\r\n--{_EDGE}--\r\n".encode()


def _odd(told: Any, rng: np.random.Generator) -> Any:
    """JSON with one of its values replaced by one that nobody expects."""
    if isinstance(told, (dict, list)) and told and rng.random() < 0.8:
        names = list(told) if isinstance(told, dict) else list(range(len(told)))
        name = names[int(rng.integers(len(names)))]
        changed = dict(told) if isinstance(told, dict) else list(told)
        changed[name] = _odd(told[name], rng)
        return changed
    return ODD[int(rng.integers(len(ODD)))]


def broken_request(every: tuple[Asked, ...], number: int, seed: int) -> Asked:
    """Request `number`: a damaged body, now and then under another kind or at another address."""
    rng = np.random.default_rng([seed, number])
    asked, other = every[number % len(every)], every[int(rng.integers(len(every)))]
    kind = other.kind if rng.random() < 0.05 else asked.kind
    path = other.path if rng.random() < 0.05 else asked.path
    if asked.kind == "application/json" and rng.random() < 0.6:
        return Asked(path, kind, json.dumps(_odd(json.loads(asked.body), rng)).encode())
    return Asked(path, kind, mutated(asked.body, rng, other.body))


def outcome(server: Server, asked: Asked) -> tuple[int, str]:
    """Send a request and follow its job: the status (0: none came), and what is wrong with what came."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LONGEST_S)
    try:
        link.request("POST", asked.path, asked.body, {"Content-Type": asked.kind})
        answer = link.getresponse()
        status, data = answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, f"no answer: {error!r}"
    finally:
        link.close()
    return status, _fault(server, status, data)


def _fault(server: Server, status: int, data: bytes) -> str:
    """What is wrong with an answer or with the job that it names."""
    if status >= 500:
        return f"status {status}: {data[:300]!r}"
    if status == 200 and data.startswith(b"data: "):  # written piece by piece
        return "" if data.rstrip().endswith(b"[DONE]") else f"a stream without an end: {data[-200:]!r}"
    try:
        told = json.loads(data)
    except ValueError:
        return f"status {status} without JSON: {data[:200]!r}"
    if status >= 400:
        sentence = told.get("error", {}).get("message") if isinstance(told, dict) else None
        return "" if sentence else f"status {status} without a sentence: {data[:200]!r}"
    return _job_fault(server, told["id"]) if status == 202 else ""


def _job_fault(server: Server, job: str) -> str:
    """What was wrong with a job's end; jobs are waited for one by one."""
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        told = json.loads(server.ask(f"/api/jobs/{job}"))
        if told["state"] in ("done", "cancelled"):
            return ""
        if told["state"] == "failed":
            error = told["error"]
            return f"a job failed: {error}" if error["code"] in OWN_FAULTS or not error["message"] else ""
        time.sleep(0.02)
    return "a job without an end"


def main() -> None:
    """Read the command line and try."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("store", type=Path, help="a new folder for the server's store")
    parser.add_argument("-n", "--tries", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--port", type=int, default=8766)
    parser.add_argument("--model", default=MODEL, help="what gives the model, module:function")
    told = parser.parse_args()
    server, bad, statuses = Server(told.store, told.port, told.model, limits=UNLIMITED), 0, Counter[int]()
    server.start()
    try:
        head = server.ended(server.begin("a man"))["result"]["heads"][0]["id"]
        every = valid_requests(head)
        for number in range(told.first, told.first + told.tries):
            asked = broken_request(every, number, told.seed)
            status, fault = outcome(server, asked)
            statuses[status] += 1
            if fault:
                bad += 1
                print(f"{number}: {asked.path}: {fault}", flush=True)
    finally:
        server.kill()
    print(f"{told.tries} requests, {bad} findings; statuses: {dict(sorted(statuses.items()))}")


if __name__ == "__main__":
    main()
