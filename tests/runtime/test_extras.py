"""Work that needs a package of an extra says which extra in one sentence, where it is not installed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import torch
from made_up_head import made_up_export

from facegpt.data.images import read_image
from facegpt.runtime.extras import EXTRAS, install_line, needed
from facegpt.types import FaceGPTError


def read_heic(folder: Path) -> None:
    (folder / "a.heic").write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
    read_image(folder / "a.heic")


def write_usd(folder: Path) -> None:
    from facegpt.export.usd import write_usdz

    write_usdz(folder / "a.usdz", made_up_export())


def trace_paths(folder: Path) -> None:
    from facegpt_lab.synthesis.studio.mitsuba_scene import load_mitsuba

    load_mitsuba()


def write_network(folder: Path) -> None:
    from facegpt_lab.train.landmarks.export import export_onnx

    export_onnx(torch.nn.Identity(), folder / "a.onnx", torch.ones(3).numpy())


@pytest.mark.parametrize(
    ("module", "work", "extra"),
    [
        ("pillow_heif", read_heic, "heic"),
        ("pxr", write_usd, "usd"),
        ("mitsuba", trace_paths, "mitsuba"),
        ("onnx", write_network, "train"),
    ],
)
def test_a_missing_extra_is_named_in_one_sentence(tmp_path, monkeypatch, module, work, extra):
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    with pytest.raises(FaceGPTError) as caught:
        work(tmp_path)
    text = str(caught.value)
    assert f"run: {install_line(extra)}" in text and "\n" not in text


def test_a_checkout_installs_from_itself_and_a_wheel_by_the_packages_names(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").touch()
    assert install_line("usd", tmp_path / "src" / "facegpt") == f'pip install -e "{tmp_path}[usd]"'
    monkeypatch.chdir(tmp_path)
    assert install_line("usd", tmp_path / "src" / "facegpt") == 'pip install -e ".[usd]"'
    wheel = tmp_path / "venv" / "lib" / "facegpt"
    assert re.fullmatch(r'pip install "usd-core[^";]*"', install_line("usd", wheel))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="needs tomllib")
def test_the_extras_are_those_of_the_package():
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    for extra, package in EXTRAS.values():
        names = [re.split(r"[<>=;\[ ]", told)[0] for told in project["optional-dependencies"][extra]]
        assert package in names


@pytest.mark.skipif(sys.version_info < (3, 11), reason="needs tomllib")
def test_every_extra_that_is_named_anywhere_is_one_of_the_package():
    import tomllib

    root = Path(__file__).parents[2]
    extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    texts = [root / "README.md", *(root / "docs").rglob("*.md"), *(root / "src").rglob("*.py")]
    texts += [*(root / "src").rglob("*.js"), *(root / "tests").rglob("*.py"), *(root / "src").rglob("*.csv")]
    named = {}
    for path in texts:
        for found in re.findall(r"""(?:facegpt|["' ]\.)\[([a-z][a-z, ]*)\]""", path.read_text("utf-8")):
            named |= {extra.strip(): str(path.relative_to(root)) for extra in found.split(",")}
    assert len(named) >= 6 and {extra: path for extra, path in named.items() if extra not in extras} == {}


def test_a_module_that_is_there_is_given(monkeypatch):
    monkeypatch.setitem(EXTRAS, "json", ("nothing", "json"))
    assert needed("json", "this").dumps(1) == "1"
