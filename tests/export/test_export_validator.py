"""The Khronos glTF validator finds nothing to say about the GLB. Needs node and the npm package gltf-validator.

Set FACEGPT_GLTF_VALIDATOR to the node_modules folder that holds it, or run `npm install gltf-validator` in tests/.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up_head import made_up_export

from facegpt.conventions import rotation_from_euler_deg
from facegpt.export.bundle import SkinDetail
from facegpt.export.gltf.document import write_glb
from facegpt.export.gltf.motion import HeadAnimation, joint_turns

SCRIPT = """
const validator = require('gltf-validator');
const fs = require('fs'), path = require('path');
const beside = uri => fs.promises.readFile(path.join(path.dirname(process.argv[1]), decodeURIComponent(uri)));
const options = {externalResourceFunction: uri => beside(uri).then(data => new Uint8Array(data))};
validator.validateBytes(new Uint8Array(fs.readFileSync(process.argv[1])), options)
    .then(report => console.log(JSON.stringify(report)));
"""


def modules_folder() -> Path:
    named = os.environ.get("FACEGPT_GLTF_VALIDATOR")
    return Path(named) if named else Path(__file__).parents[1] / "node_modules"


def validate(path: Path) -> dict:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (modules_folder() / "gltf-validator").is_dir():
        pytest.skip(f"no gltf-validator in {modules_folder()}: set FACEGPT_GLTF_VALIDATOR to a node_modules folder")
    environment = {**os.environ, "NODE_PATH": str(modules_folder())}
    run = subprocess.run(
        ["node", "-e", SCRIPT, str(path)], capture_output=True, text=True, env=environment, timeout=120, check=True
    )
    return json.loads(run.stdout)


def test_the_validator_finds_no_error_and_no_warning(tmp_path):
    report = validate(write_glb(tmp_path / "face.glb", made_up_export()))
    assert report["issues"]["messages"] == []
    assert report["info"]["hasMorphTargets"] and report["info"]["hasSkins"] and report["info"]["hasTextures"]
    assert report["info"]["maxInfluences"] == 4 and report["info"]["drawCallCount"] == 5


def test_the_validator_finds_nothing_in_a_head_without_holes_or_with_a_still_unit(tmp_path):
    head = made_up_export(1)
    opaque, basis = head.texture.copy(), np.array(head.expression_basis)
    opaque[..., 3], basis[7] = 255, 0
    report = validate(write_glb(tmp_path / "face.glb", replace(head, texture=opaque, expression_basis=basis)))
    assert report["issues"]["messages"] == []


def test_the_validator_finds_nothing_in_a_head_with_a_normal_map(tmp_path):
    head = made_up_export(2)
    flat = np.full((64, 64, 3), (128, 128, 255), np.uint8)
    detail = SkinDetail(np.zeros((64, 64), np.float32), flat, flat, {}, {})
    for dense in (False, True):
        report = validate(write_glb(tmp_path / "face.glb", replace(head, detail=detail, dense=dense)))
        assert report["issues"]["messages"] == []


def test_the_validator_finds_nothing_in_a_take(tmp_path):
    count = 12
    random = np.random.default_rng(0)
    turned = rotation_from_euler_deg(20.0, 5.0, -3.0)
    rotations = np.stack([rotation_from_euler_deg(0.0), *[turned] * (count - 1)])
    turns = joint_turns(rotations, random.normal(0, 0.1, (count, 2, 3)))
    motion = HeadAnimation(np.arange(count) / 25, random.random((count, 52)), turns)
    report = validate(write_glb(tmp_path / "animation.glb", made_up_export(), motion=motion))
    assert report["issues"]["messages"] == []
    assert report["info"]["animationCount"] == 1


def test_the_validator_does_find_a_fault(tmp_path):
    path = write_glb(tmp_path / "face.glb", made_up_export())
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"componentType":5126', b'"componentType":5125', 1))
    assert validate(path)["issues"]["numErrors"] > 0
