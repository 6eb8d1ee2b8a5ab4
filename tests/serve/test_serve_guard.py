"""What the server refuses: other hosts, pages and tokens, floods, bombs, damaged forms, paths."""

from __future__ import annotations

import asyncio
import io
import json
import re
import socket
import struct
import time
import zlib

import httpx
import pytest
from serving import PATIENCE_S

from facegpt.serve.app import create_app
from facegpt.serve.run import with_token
from facegpt.serve.settings import Limits, ServeSettings, is_loopback

TOKEN = "correct-horse"


def ask(app, method: str, path: str, headers: dict | None = None, base: str = "http://127.0.0.1:8000", **more):
    """Ask an application that has no worker: what is refused needs none."""

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, headers=headers, **more)

    return asyncio.run(run())


@pytest.fixture
def application(tmp_path):
    """Makes applications without a worker."""
    made = []

    def make(**told):
        made.append(create_app(ServeSettings(folder=tmp_path, **told)))
        return made[-1]

    yield make
    for app in made:
        app.state.engine.store.close()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "[::1", ""])
def test_another_name_for_this_machine_is_refused(application, host):
    assert ask(application(), "GET", "/api/health", {"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_its_own_names_are_not(application, host):
    assert ask(application(), "GET", "/api/health", {"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost"])
def test_pages_of_other_places_may_not_ask(application, origin):
    app = application()
    for method, path in (("GET", "/api/heads"), ("POST", "/api/heads/words"), ("OPTIONS", "/api/heads/words")):
        answer = ask(app, method, path, {"origin": origin})
        assert answer.status_code == 403 and answer.json()["error"]["code"] == "origin"
        assert "access-control-allow-origin" not in answer.headers
    assert ask(app, "GET", "/api/heads", {"sec-fetch-site": "cross-site"}).status_code == 403
    assert ask(app, "GET", "/api/heads", {"origin": "http://127.0.0.1:8000"}).status_code == 200


def test_pages_that_were_allowed_may(application):
    app = application(origins=("https://studio.example",))
    asked = {"origin": "https://studio.example", "access-control-request-method": "POST"}
    answer = ask(app, "OPTIONS", "/api/heads/words", asked)
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "https://studio.example"
    told = ask(app, "GET", "/api/heads", {"origin": "https://studio.example"})
    assert told.headers["access-control-allow-origin"] == "https://studio.example"
    assert ask(app, "GET", "/api/heads", {"origin": "https://evil.example"}).status_code == 403


def test_without_the_token_nothing_is_told(application):
    app = application(host="0.0.0.0", token=TOKEN)
    wrong = [{"authorization": f"Bearer {text}"} for text in ("wrong", TOKEN + "x", TOKEN[:-1], "")]
    for headers in ({}, *wrong, {"cookie": "facegpt_token=wrong"}):
        for path in ("/", "/api/heads", "/api/openapi.json", "/metrics", "/v1/models", "/page/index.html"):
            answer = ask(app, "GET", path, headers, base="http://box.lan")
            assert answer.status_code == 401 and TOKEN not in answer.text
    assert ask(app, "GET", "/api/health", base="http://box.lan").status_code == 200


def test_with_the_token_it_is(application):
    app = application(host="0.0.0.0", token=TOKEN)
    assert ask(app, "GET", "/api/heads", {"authorization": f"Bearer {TOKEN}"}, "http://box.lan").status_code == 200
    first = ask(app, "GET", f"/?token={TOKEN}", base="http://box.lan")
    assert first.status_code == 303 and first.headers["location"] == "/"
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert ask(app, "GET", "/api/heads", {"cookie": cookie.split(";")[0]}, "http://box.lan").status_code == 200
    assert ask(app, "GET", f"/api/heads?token={TOKEN}", base="http://box.lan").status_code == 401  # not in addresses


def test_other_addresses_get_a_token_of_their_own_that_stays(tmp_path):
    own, made = with_token(ServeSettings(folder=tmp_path, host="0.0.0.0"))
    assert made and len(own.token) >= 32
    assert with_token(ServeSettings(folder=tmp_path, host="0.0.0.0")) == (own, False)
    assert (tmp_path / "token").stat().st_mode & 0o077 == 0
    assert with_token(ServeSettings(folder=tmp_path))[0].token is None
    assert all(is_loopback(host) for host in ("127.0.0.1", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "10.0.0.1", "localhost.evil.example"))


def test_who_asks_too_often_waits(application):
    app = application(limits=Limits(requests=5))
    answers = [ask(app, "GET", "/api/heads") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 11
    assert ask(app, "GET", "/api/health").status_code == 200


def test_who_guesses_tokens_waits_too(application):
    app = application(token=TOKEN, limits=Limits(requests=5))
    tried = [ask(app, "GET", "/", params={"token": str(k)}).status_code for k in range(7)]
    assert tried == [401] * 5 + [429] * 2


def test_every_answer_tells_the_browser_what_it_may_do(application):
    app = application()
    for path in ("/", "/api/heads", "/api/nowhere", "/api/docs"):
        headers = ask(app, "GET", path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'" and headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("key", ["..%2f..%2fetc%2fpasswd", "../../facegpt.sqlite", "%00", "a" * 23, "a" * 21 + "."])
def test_no_path_of_a_client_gets_near_the_disk(application, key):
    app = application()
    for path in (f"/api/heads/{key}", f"/api/heads/{key}/files/glb", f"/api/clips/{key}/files/x", f"/api/jobs/{key}"):
        assert ask(app, "GET", path).status_code in (404, 422)
    for path in (f"/page/{key}", f"/page/..%2f..%2f{key}", "/page/%2e%2e/app.py", "/page/../app.py"):
        answer = ask(app, "GET", path)
        assert answer.status_code == 404 and "import" not in answer.text


def test_files_of_heads_and_clips_are_named_by_the_server(server):
    key = server.head()["id"]
    for name in ("../params.json", "..%2fparams.json", "%2e%2e%2fhead.json", "glb%00", "passwd"):
        assert server.client.get(f"/api/heads/{key}/files/{name}").status_code in (404, 422)


@pytest.mark.parametrize(
    ("path", "most"), [("/api/heads/photo", "41 MB"), ("/v1/chat/completions", "60 MB"), ("/api/heads/words", "1 MB")]
)
def test_a_body_that_says_it_is_too_large_is_not_read(server, path, most):
    with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1]))) as line:
        line.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000000\r\n\r\n".encode())
        line.settimeout(10)
        answer = b""
        while piece := line.recv(4000):  # until the server hangs up
            answer += piece
    assert answer.startswith(b"HTTP/1.1 413") and most in answer.decode()


def test_200_mb_that_come_piece_by_piece_are_cut_off(server):
    sent = 0

    def pieces():
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
        for _ in range(200):
            sent += 1
            yield bytes(1_000_000)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    try:
        answer = server.client.post("/api/heads/photo", content=pieces(), headers=headers)
        assert answer.status_code == 413
    except (httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
        pass  # the server hung up while we still sent
    assert sent < 150
    assert server.client.get("/api/health").status_code == 200
    assert list((server.settings.folder / "spool").iterdir()) == []


def bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels in less than a megabyte."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(3751) * 30_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_decompression_bomb_is_refused_by_its_header(server):
    data = bomb()
    assert len(data) < 1_000_000
    begun = time.monotonic()
    job = server.job(server.client.post("/api/heads/photo", files={"photo": ("bomb.png", data)}))
    assert job["state"] == "failed" and "million" in job["error"]["message"]
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("data", [b"no picture", b"\xff\xd8\xff\xe0" + bytes(50), b"<svg onload=alert(1)>", b"%PDF"])
def test_what_is_no_photo_is_said_to_be_none(server, data):
    job = server.job(server.client.post("/api/heads/photo", files={"photo": ("a.jpg", data, "image/jpeg")}))
    assert job["state"] == "failed" and job["error"]["code"] == "refused"
    assert str(server.settings.folder) not in json.dumps(job)


FORM, PART = "multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="%s"'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b""),
        (FORM, b"garbage"),
        (FORM, PART % b"photo" + b'; filename="a"\r\n\r\nabc'),
        (FORM, b"--x\r\nNonsense\r\n\r\nabc\r\n--x--\r\n"),
        (FORM, PART % b"other" + b"\r\n\r\nabc\r\n--x--\r\n"),
        (FORM, b"--x\r\n" + b"A" * 100_000 + b": b\r\n\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data", b"--x"),
        ("text/plain", b"abc"),
        ("application/json", b"{}"),
    ],
)
def test_a_damaged_form_is_a_fault_of_the_client(server, kind, body):
    answer = server.client.post("/api/heads/photo", content=body, headers={"content-type": kind})
    assert 400 <= answer.status_code < 500 and answer.json()["error"]["message"]
    assert list((server.settings.folder / "spool").iterdir()) == []


def test_who_falls_silent_in_the_middle_is_not_waited_for(application):
    app = application(limits=Limits(silence_s=0.2))

    async def silent():
        yield b"--x\r\n"
        await asyncio.sleep(5)

    begun = time.monotonic()
    answer = ask(app, "POST", "/api/heads/words", {"content-type": "application/json"}, content=silent())
    assert answer.status_code == 408 and time.monotonic() - begun < 4


def test_markup_in_words_stays_words(server):
    words = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
    head = server.head(words)
    server.client.post(f"/api/heads/{head['id']}/save", json={"name": words})
    answer = server.client.get(f"/api/heads/{head['id']}")
    assert answer.headers["content-type"] == "application/json" and answer.json()["text"] == words
    assert answer.headers["x-content-type-options"] == "nosniff"
    name = server.client.get(f"/api/heads/{head['id']}/files/params").headers["content-disposition"]
    assert "<" not in name and '"' not in name.removeprefix('attachment; filename="').removesuffix('"')


def test_the_camera_is_for_pages_of_this_server(server):
    client = pytest.importorskip("websockets.sync.client")
    address = server.url.replace("http", "ws") + "/api/live"
    with pytest.raises(Exception, match="403"):
        client.connect(address, origin="https://evil.example")
    with client.connect(address, origin=server.url) as line:
        assert "dense landmark" in json.loads(line.recv(PATIENCE_S))["error"]["message"]  # the stand-in has none


def test_a_form_on_a_full_disk_is_said(server, monkeypatch, photo):
    from facegpt.serve.uploads import _Reader

    def full(self, data, start, end):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_Reader, "_take", full)
    answer = server.client.post("/api/heads/photo", files={"photo": ("a.png", io.BytesIO(photo))})
    assert answer.status_code == 507 and "room" in answer.json()["error"]["message"]
    assert server.client.get("/api/health").status_code == 200


def test_no_request_waits_for_a_thread():
    """FastAPI calls plain functions in a thread of a pool, which costs more than most of them do."""
    from inspect import iscoroutinefunction

    from facegpt.serve.routes import about, avatars, clips, completions, heads, jobs, live

    routes = [route for room in (about, avatars, clips, completions, heads, jobs, live) for route in room.router.routes]
    assert len(routes) > 20
    for route in routes:
        called = [one.call for one in (route.dependant, *route.dependant.dependencies)]
        assert all(iscoroutinefunction(one) for one in called), route.path


def test_every_address_is_described_with_all_that_it_takes(server):
    """The page for people holds what the description for machines does, and loads nothing from elsewhere."""
    page = server.client.get("/api/docs").text
    assert "<script" not in page and not re.findall(r"(?:src|href)=[\"']?https?:", page)
    schema = server.client.get("/api/openapi.json").json()
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            start = page.index(f"<code>{method.upper()} {path}</code>")
            section = page[start : page.index("</details>", start)]
            names = [one["name"] for one in told.get("parameters", ())]
            assert "curl " in section and [name for name in names if f"<code>{name}</code>" not in section] == []


def test_the_examples_of_bodies_are_taken_as_they_stand(server):
    head = server.head("a man")
    schema = server.client.get("/api/openapi.json").json()
    tried = 0
    for path, methods in schema["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        name = content["schema"]["$ref"].rpartition("/")[2]
        (example,) = schema["components"]["schemas"][name]["examples"]
        if path.startswith("/api/clips"):
            continue  # there is no clip
        answer = server.client.post(path.replace("{key}", head["id"]), json=example, timeout=120)
        assert answer.status_code in (200, 202), (path, answer.text)
        tried += 1
        if answer.status_code == 202:
            server.job(answer)
    assert tried >= 7
