"""Hair of the shipped head in files: levels of detail, tangents, a chain of bones, strands; all of it removable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from glb_reader import Glb
from test_export_validator import validate

from facegpt.face import Face
from facegpt.generate.request_to_head import studio_params
from facegpt.morphable.makehuman.head import load
from facegpt.types import FaceGPTError, Hair


@pytest.fixture(scope="module")
def face() -> Face:
    model = load()
    rest = np.zeros(model.sizes.expression)
    params = studio_params(model, np.zeros(model.sizes.identity), rest, np.zeros(model.sizes.albedo), Hair("long"))
    return Face(model, params)


@pytest.fixture(scope="module")
def glb(face, tmp_path_factory) -> Glb:
    return Glb(face.save(tmp_path_factory.mktemp("hair") / "face.glb")[0])


def hair_of(glb: Glb) -> dict:
    (node,) = (node for node in glb.json["nodes"] if node["name"] == "hair")
    (primitive,) = glb.json["meshes"][node["mesh"]]["primitives"]
    return primitive


def test_the_validator_finds_no_fault_and_the_head_keeps_52_targets(face, glb, tmp_path):
    report = validate(face.save(tmp_path / "face.glb", hair_lod=2)[0])["issues"]
    assert report["numErrors"] == 0 and report["numWarnings"] == 0
    assert [len(mesh["primitives"][0].get("targets", [])) for mesh in glb.json["meshes"]].count(52) == 1


def test_strands_run_along_v_of_the_texture_and_the_material_says_so(face, glb):
    at = hair_of(glb)["attributes"]
    index = glb.numbers(hair_of(glb)["indices"]).reshape(-1, 3)
    places, uv = glb.numbers(at["POSITION"])[index], glb.numbers(at["TEXCOORD_0"])[index]
    edges, steps = places[:, 1:] - places[:, :1], uv[:, 1:] - uv[:, :1]
    hangs = (places[:, :, 1].max(1) < -0.1) & (np.abs(np.linalg.det(steps)) > 1e-9)  # it hangs straight down there
    along = (np.linalg.inv(steps[hangs]) @ edges[hangs])[:, 1]  # how the place changes with v
    assert np.median(np.abs(along[:, 1]) / np.linalg.norm(along, axis=1)) > 0.9
    assert glb.json["extensionsUsed"] == ["KHR_materials_anisotropy"] and "extensionsRequired" not in glb.json
    (material,) = (m for m in glb.json["materials"] if "extensions" in m)
    assert material["extensions"]["KHR_materials_anisotropy"]["anisotropyRotation"] == pytest.approx(np.pi / 2)
    across = glb.numbers(at["TANGENT"])[index][hangs][:, 0, :3]  # along u, where v runs down the strands
    assert np.median(np.abs(across[:, 1])) < 0.3


def test_each_level_of_detail_is_lighter_and_none_leaves_the_hair_out(face, glb, tmp_path):
    files = [glb, *(Glb(face.save(tmp_path / f"{lod}.glb", hair_lod=lod)[0]) for lod in (1, 2))]
    counts = [len(file.numbers(hair_of(file)["indices"])) for file in files]
    assert counts[1] < 0.6 * counts[0] and counts[2] < 0.3 * counts[0]
    bald = Glb(face.save(tmp_path / "bald.glb", hair_lod=None)[0])
    assert "hair" not in {node["name"] for node in bald.json["nodes"]} and len(bald.json["skins"][0]["joints"]) == 4
    with pytest.raises(FaceGPTError, match="levels of detail"):
        face.save(tmp_path / "face.glb", hair_lod=3)


def test_long_hair_hangs_on_a_chain_of_bones_that_moves_nothing_of_the_head(face, glb):
    names = [glb.json["nodes"][joint]["name"] for joint in glb.json["skins"][0]["joints"]]
    chain = [k for k, name in enumerate(names) if name.startswith("hair_")]
    assert len(chain) == 4
    assert sum(chain[0] in node.get("children", []) for node in glb.json["nodes"]) == 1
    at = hair_of(glb)["attributes"]
    joints, weights, places = (glb.numbers(at[key]) for key in ("JOINTS_0", "WEIGHTS_0", "POSITION"))
    on_chain = np.where(joints >= chain[0], weights, 0).sum(1)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-5)
    assert (on_chain[places[:, 1] > -0.03] < 1e-6).all() and (on_chain[places[:, 1] < -0.2] > 0.99).all()
    (head,) = (mesh for mesh in glb.json["meshes"] if mesh["primitives"][0].get("targets"))
    for primitive in head["primitives"]:
        attributes = primitive["attributes"]
        used = glb.numbers(attributes["JOINTS_0"])[glb.numbers(attributes["WEIGHTS_0"]) > 0]
        assert used.max() < chain[0]


def test_short_hair_has_no_chain(face, tmp_path):
    short = replace(face, params=face.params.replace(hair=Hair("short")))
    glb = Glb(short.save(tmp_path / "short.glb")[0])
    assert len(glb.json["skins"][0]["joints"]) == 4


def test_usd_holds_cards_and_strands_and_shows_one_of_them(face, tmp_path):
    usd = pytest.importorskip("pxr.Usd", reason="usd-core is not installed (pip install -e '.[usd]')")
    from pxr import UsdGeom

    stage = usd.Stage.Open(str(face.save(tmp_path / "face.usdz")[0]))
    choice = stage.GetDefaultPrim().GetVariantSet("hair")
    assert choice.GetVariantSelection() == "cards" and set(choice.GetVariantNames()) == {"cards", "strands", "none"}
    stage.SetEditTarget(stage.GetSessionLayer())
    shown = {}
    for name in ("cards", "strands", "none"):
        choice.SetVariantSelection(name)
        there = [path for path in ("hair", "hair_strands") if stage.GetPrimAtPath(f"/face/{path}").IsActive()]
        shown[name] = there
        if name == "strands":
            curves = UsdGeom.BasisCurves.Get(stage, "/face/hair_strands")
            counts, points = np.array(curves.GetCurveVertexCountsAttr().Get()), np.array(curves.GetPointsAttr().Get())
            assert counts.sum() == len(points) == len(curves.GetWidthsAttr().Get()) and len(counts) > 5000
            assert 0.2 < np.ptp(points[:, 1]) < 0.8 and np.isfinite(points).all()
            assert len(curves.GetDisplayColorAttr().Get()) == len(counts)
    assert shown == {"cards": ["hair"], "strands": ["hair_strands"], "none": []}
