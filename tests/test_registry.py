"""Head models, renderers, detectors and encoders of other packages: found, listed, used; broken ones stop nobody."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from example_plug_in import install
from stand_in import picture

import facegpt
from facegpt import Face, FaceGPTError
from facegpt.cli.main import main
from facegpt.runtime import registry

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
BOX = (100, 60, 180, 150)  # x0 y0 x1 y1 of a face, px


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(install(tmp_path / "site"))


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A package whose parts are all broken, each in its own way."""
    entries = """\
[facegpt.render]
no-module = no_such_module_anywhere:Renderer
no-such-class = facegpt_broken:Nobody
a-number = facegpt_broken:NUMBER
refuses = facegpt_broken:Refuses
half = facegpt_broken:Half
numba-cpu = facegpt_broken:Half

[facegpt.detect]
explodes = facegpt_explodes:Detector
"""
    source = """\
NUMBER = 3
class Half:
    name = "half"
class Refuses:
    def __init__(self):
        raise RuntimeError("no licence\\nwas found")
"""
    site = install(tmp_path / "broken", source, entries, "facegpt-broken")
    (site / "facegpt_explodes.py").write_text("raise ValueError('boom')", "utf-8")
    monkeypatch.syspath_prepend(site)


def listed(kind: str) -> dict[tuple[str, str], str]:
    """(name, package) → status."""
    return {(part.name, part.package): part.status() for part in registry.parts(kind, hidden=True)}


# What is there


def test_the_parts_known_in_code_are_the_entry_points_of_the_package():
    tomllib = pytest.importorskip("tomllib")
    declared = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["entry-points"]
    known = {
        f"facegpt.{kind}": {name: target for name, (target, _) in entry.built_in.items()}
        for kind, entry in registry.KINDS.items()
    }
    assert {group: points for group, points in declared.items() if group in known} == known


def test_a_checkout_that_is_not_installed_has_the_same_parts(monkeypatch):
    before = {kind: registry.names(kind) for kind in registry.KINDS}
    monkeypatch.setattr(registry, "entry_points", lambda group: ())
    assert {kind: registry.names(kind) for kind in registry.KINDS} == before
    assert registry.load("render", "reference").name == "reference"


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_own_part_can_be_imported_and_the_default_comes_first(kind):
    assert all(callable(part.factory()) for part in registry.parts(kind) if part.is_built_in)
    assert registry.names(kind)[0] == registry.KINDS[kind].default == registry.find(kind, "default").name


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("morphable", "there is no head model 'nobody'; there are: default, makehuman-head"),
        ("render", "there is no renderer 'nobody'; there are: default, numba-cpu, numba-cuda, reference"),
        ("detect", "there is no detector 'nobody'; there are: default, mediapipe"),
        ("encode", "there is no encoder 'nobody'; there are: default, dense-landmarks"),
    ],
)
def test_an_unknown_name_is_refused_with_the_names_there_are(kind, says):
    with pytest.raises(FaceGPTError, match=says):
        registry.load(kind, "nobody")


def test_load_refuses_unknown_parts_at_once():
    for argument in ("renderer", "detector", "encoder"):
        with pytest.raises(FaceGPTError, match=f"there is no {argument} 'nobody'; there are: default"):
            facegpt.load(**{argument: "nobody"})


# A package that brings parts of all kinds


def test_parts_of_another_package_are_found_and_listed(plug_in, capsys):
    assert "example-head" in registry.names("morphable") and registry.names("render")[0] == "numba-cpu"
    assert main(["models", "list", "--json"]) == 0
    rows = {(row["kind"], row["name"]): row for row in json.loads(capsys.readouterr().out)}
    for kind, name in (
        *(("morphable", "example-head"), ("render", "all-green")),
        *(("detect", "red-boxes"), ("encode", "all-unsure")),
    ):
        row = rows[kind, name]
        assert (row["package"], row["status"], row["default"]) == ("facegpt-example", "ok", False)
    assert rows["render", "numba-cpu"]["default"] and rows["file", "head"]["status"] == "ok"
    assert main(["models", "list"]) == 0
    sections = [text.splitlines() for text in capsys.readouterr().out.split("\n\n")]
    assert [lines[0] for lines in sections] == ["model files", "head models", "renderers", "detectors", "encoders"]
    assert [line.split()[0] for line in sections[2][3:]] == ["numba-cpu", "all-green", "numba-cuda", "reference"]


def test_a_head_a_detector_and_a_renderer_from_outside_reconstruct_a_photo(plug_in, tmp_path):
    model = facegpt.load("example-head", renderer="all-green", detector="red-boxes")
    (face,) = model.reconstruct(picture(BOX), quality="fast")
    assert face.params.model_id == "example-head/1"
    np.testing.assert_allclose(face.box[[0, 2]], [BOX[0], BOX[2]], atol=1.5)  # px: as wide as the red box
    np.testing.assert_allclose(face.params.identity, 0, atol=0.5)  # SDs: the detector shows the mean head
    for drawn in (face.render(64), face.neutral().render(64), model.mean_face().render(64)):
        solid = drawn[drawn[..., 3] == 255].astype(int)
        assert len(solid) > 500 and (solid[:, 1] > solid[:, 0] + 20).mean() > 0.9
    face.save(tmp_path / "out")
    again = Face.load(tmp_path / "out")
    np.testing.assert_array_equal(again.vertices(), face.vertices())
    assert again.model.model_id == "example-head/1"


def test_what_is_not_named_is_the_default(plug_in):
    model = facegpt.load("example-head", detector="red-boxes")
    plain, green = (facegpt.load("example-head", renderer=name).mean_face() for name in (None, "all-green"))
    assert model.detector.name == "red-boxes" and model.landmarker is None  # no head but the default has one
    assert (plain.render(64)[..., 0] > green.render(64)[..., 0]).any()


def test_an_encoder_from_outside_looks_for_the_default_head(plug_in):
    import facegpt_example

    model = facegpt.load(detector="red-boxes", encoder="all-unsure")
    assert isinstance(model.landmarker, facegpt_example.UnsureEncoder)


def test_options_reach_those_parts_that_have_arguments_for_them(plug_in):
    assert registry.load("detect", "red-boxes", device="cuda:1", threads=3).device == "cuda:1"
    assert registry.load("render", "all-green", device="cuda:1").name == "all-green"
    assert registry.load("render", "numba-cpu", device="cpu", threads=3).threads == 3


# Broken packages


def test_each_broken_part_is_told_in_a_sentence_that_names_its_package(broken):
    for kind, name, says in (
        ("render", "no-module", r"'facegpt-broken' cannot be loaded \(ModuleNotFoundError: .*no_such_module_anywhere"),
        ("render", "no-such-class", "cannot be loaded .*Nobody"),
        ("render", "a-number", "cannot be loaded: 'facegpt_broken:NUMBER' is no class or function"),
        ("render", "refuses", r"cannot be made \(RuntimeError: no licence was found\); mend or uninstall"),
        ("render", "half", r"does not keep its contract \(facegpt.render.base:Renderer\): it lacks render$"),
        ("detect", "explodes", r"the detector 'explodes' .* cannot be loaded \(ValueError: boom\)"),
    ):
        with pytest.raises(FaceGPTError, match=says) as caught:
            registry.load(kind, name)
        assert "\n" not in str(caught.value) and "facegpt-broken" in str(caught.value)


def test_broken_parts_stop_nobody_else(broken, plug_in, capsys):
    assert listed("detect") == {
        ("mediapipe", "facegpt"): "ok",
        ("red-boxes", "facegpt-example"): "ok",
        ("explodes", "facegpt-broken"): registry.find("detect", "explodes").status(),
    }
    assert "boom" in registry.find("detect", "explodes").status()
    model = facegpt.load("example-head", renderer="all-green", detector="red-boxes")
    assert len(model.reconstruct(picture(BOX), quality="fast")) == 1
    assert main(["models", "list"]) == 0
    assert "ValueError: boom" in capsys.readouterr().out


def test_a_name_that_is_taken_stays_with_the_package_that_has_it(broken):
    assert "hidden" in listed("render")["numba-cpu", "facegpt-broken"]
    assert registry.load("render", "numba-cpu").__class__.__module__.startswith("facegpt.")
