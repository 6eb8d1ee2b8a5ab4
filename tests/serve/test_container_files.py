"""What the container images are made of, as far as that can be checked without building one."""

from __future__ import annotations

import json
import re
import shlex
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


@pytest.fixture(scope="module")
def project() -> dict:
    if sys.version_info < (3, 11):
        pytest.skip("tomllib comes with Python 3.11")
    import tomllib

    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_all_that_is_copied_is_there_and_let_into_the_build():
    rules = (ROOT / ".dockerignore").read_text("utf-8").split()
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[0] == "*"
    for line in instructions("COPY"):
        sources = [part for part in line.split()[:-1] if not part.startswith("--")]
        if "--from=build" not in line:
            assert all((ROOT / source).exists() and source in let_in for source in sources), line


def test_the_build_has_all_that_the_wheel_is_made_of(project):
    copied = {part for line in instructions("COPY") for part in line.split()[:-1]}
    assert {project["readme"], *project["license-files"], "pyproject.toml", "src"} <= copied


def test_torch_and_extras_are_those_of_the_project(project):
    (torch,) = (need for need in project["dependencies"] if need.startswith("torch"))
    (first,) = (line for line in instructions("RUN") if "--index-url" in line)
    assert f'"{torch}"' in first, "another torch would be replaced by the next line, with all of CUDA"
    (wheel,) = (line for line in instructions("RUN") if "/src[" in line)
    extras = re.search(r"/src\[(.*)\]", wheel).group(1).split(",")
    assert set(extras) <= set(project["optional-dependencies"])


def test_the_image_starts_a_server_that_its_health_check_finds(monkeypatch, server):
    from urllib.parse import urlsplit

    (start,) = instructions("ENTRYPOINT")
    words = json.loads(start)
    port = words[words.index("--port") + 1]
    assert port in instructions("EXPOSE") and words[:2] == ["facegpt", "serve"]
    (check,) = re.findall(r"HEALTHCHECK .*? CMD (.*)", DOCKERFILE)
    python, flag, code = shlex.split(check)
    assert (python, flag) == ("python", "-c") and f":{port}/" in code
    exec(code.replace(f"127.0.0.1:{port}", urlsplit(server.url).netloc), {})  # it raises where nobody answers
    with pytest.raises(OSError):
        exec(code.replace(f":{port}/", ":9/"), {})


def test_nobody_is_root_and_secrets_stay_out_of_the_build():
    assert instructions("USER") == ["facegpt"] and DOCKERFILE.index("USER") < DOCKERFILE.index("ENTRYPOINT")
    rules = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert not any(fnmatch(".git/config", rule[1:]) for rule in rules if rule.startswith("!"))
