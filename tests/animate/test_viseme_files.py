"""Files with the 15 visemes of game engines beside the 52 units: heads, takes, and the option of the verbs."""

from __future__ import annotations

import numpy as np
from glb_reader import Glb
from stand_in import stand_in_model

import facegpt.api
from facegpt.animate.curves import Curves
from facegpt.animate.speech.visemes import VISEMES, viseme_shapes
from facegpt.cli.main import main
from facegpt.conventions import ARKIT_NAMES
from facegpt.export.bundle import FileOptions

ALL = [*ARKIT_NAMES, *VISEMES]


def test_a_head_and_its_take_have_the_visemes_when_they_are_asked_for(tmp_path):
    model = stand_in_model()
    face = model.mean_face()
    (plain,), (asked,) = face.save(tmp_path / "a.glb"), face.save(tmp_path / "b.glb", shapes=viseme_shapes())
    assert Glb(plain).target_names == list(ARKIT_NAMES) and Glb(asked).target_names == ALL
    take = model.animate(face, curves=Curves(("jawOpen",), np.full((4, 1), 0.5), 10))
    take.save(tmp_path / "take", video=False, options=FileOptions(shapes=viseme_shapes()))
    moving = Glb(tmp_path / "take" / "animation.glb")
    assert moving.target_names == ALL
    sampler = moving.json["animations"][0]["samplers"][0]["output"]
    assert moving.json["accessors"][sampler]["count"] == 4 * len(ALL)


def test_verbs_write_them_by_an_option(tmp_path, monkeypatch):
    monkeypatch.setattr(facegpt.api, "load", stand_in_model)
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    stand_in_model().mean_face().save(tmp_path / "head")
    (tmp_path / "c.csv").write_text("time_s,jawOpen\n0,0\n0.1,.5\n")
    told = ["animate", str(tmp_path / "head"), "--curves", str(tmp_path / "c.csv"), "--no-video", "--fbx"]
    assert main([*told, "--visemes", "-o", str(tmp_path / "take")]) == 0
    assert Glb(tmp_path / "take" / "animation.glb").target_names == ALL
