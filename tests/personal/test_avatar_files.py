"""The folder of an avatar: comes back as it was, says what is wrong with it, and opens in other programs."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from glb_reader import Glb

from facegpt.conventions import ARKIT_NAMES
from facegpt.detail.relief import Detail
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.hair.accessories import Accessories
from facegpt.morphable.base import head_vertices
from facegpt.personal.avatar import ABOUT, ARRAYS, GROWING, Avatar, SourceClip, load_avatar
from facegpt.personal.head import PersonalHead
from facegpt.types import FaceGPTError, Glasses, Hair, LandmarkEmbedding


@pytest.fixture(scope="module")
def avatar(head) -> Avatar:
    random = np.random.default_rng(0)
    offset = random.normal(0, 1, (head.sizes.vertices, 3)).astype(np.float32)
    return Avatar(
        name="Anna",
        head=PersonalHead(head, "Anna", head.sample(1, 3)[0], offset),
        texture=random.integers(0, 255, (128, 128, 4), dtype=np.uint8),
        roughness=random.integers(0, 255, (64, 64), dtype=np.uint8),
        descriptor=random.normal(0, 0.1, 128).astype(np.float32),
        albedo=random.normal(0, 1, head.sizes.albedo).astype(np.float32),
        sources=(SourceClip("a.mp4", "ab" * 32, 300, 20, 812.5, 0.21),),
        made="2026-01-02T03:04:05+00:00",
        figures={"keyframes": 20.0},
        adapter={"last/weight": random.normal(0, 1, (3, 4)).astype(np.float32)},
    )


@pytest.fixture
def folder(avatar, tmp_path):
    avatar.save(tmp_path / "anna")
    return tmp_path / "anna"


def test_an_avatar_comes_back_as_it_was(avatar, folder, head):
    back = load_avatar(folder, head)
    assert (back.name, back.sources, back.made, back.state, back.figures) == (
        avatar.name,
        avatar.sources,
        avatar.made,
        avatar.state,
        avatar.figures,
    )
    assert back.head.model_id == avatar.head.model_id
    params = avatar.face().params.replace(expression=np.full(52, 0.3, np.float32))
    np.testing.assert_array_equal(head_vertices(back.head, params), head_vertices(avatar.head, params))
    for name in ("texture", "roughness", "descriptor", "albedo"):
        np.testing.assert_array_equal(getattr(back, name), getattr(avatar, name))
    np.testing.assert_array_equal(back.adapter["last/weight"], avatar.adapter["last/weight"])
    assert back.distance(avatar.descriptor) == 0


def test_points_of_ones_own_come_back_and_others_have_everybodys(avatar, folder, head, tmp_path):
    plain = head.embedding("mediapipe478")
    own = LandmarkEmbedding(plain.name, plain.corners, np.roll(plain.weights, 1, axis=1))
    worn = replace(avatar, head=avatar.head.with_marks(own))
    worn.save(tmp_path / "worn")
    back = load_avatar(tmp_path / "worn", head)
    at_rest = back.face()
    expected = own(head_vertices(back.head, at_rest.params))
    assert at_rest.landmarks("mediapipe478", "head") == pytest.approx(expected, abs=1e-4)
    assert back.head.model_id == avatar.head.model_id  # the surface is the same
    assert load_avatar(folder, head).head.marks is None


def test_the_folder_says_whose_face_it_is_and_from_where(folder):
    note = (folder / "CONSENT.md").read_text("utf-8")
    assert "Anna" in note and "a.mp4" in note and "300 frames, 20 used" in note and "2026-01-02" in note
    assert "makehuman-head/2+anna-" in (folder / "MODEL_CARD.md").read_text("utf-8")
    assert sum(path.stat().st_size for path in folder.iterdir() if path.name == ARRAYS) < 15e6
    assert {path.name for path in folder.iterdir()} == {
        *("preview.png", "texture.png", "gloss.png", "head.glb", "MODEL_CARD.md", "CONSENT.md", ARRAYS, ABOUT)
    }


def test_the_glb_has_the_52_units_and_the_texture_of_the_person(avatar, folder):
    glb = Glb(folder / "head.glb")
    mesh = glb.json["meshes"][0]
    assert mesh["extras"]["targetNames"] == list(ARKIT_NAMES)
    assert all(len(primitive["targets"]) == 52 for primitive in mesh["primitives"])
    assert any("texture" in image["name"] for image in glb.json["images"])
    places = glb.attribute("POSITION")
    gaps = np.linalg.norm(places[::50, None] - avatar.head.mean_vertices[None] / 1000, axis=2).min(1)
    assert np.quantile(gaps, 0.8) < 1e-6  # metres: the head at rest is hers; the last ones are corneas


def test_what_is_no_avatar_or_damaged_says_what_to_do(folder, head, tmp_path):
    def broken(match):
        with pytest.raises(FaceGPTError, match=match):
            load_avatar(folder, head)

    with pytest.raises(FaceGPTError, match=r"holds no avatar.*facegpt personalize"):
        load_avatar(tmp_path / "nothing", head)
    whole, about = (folder / ARRAYS).read_bytes(), (folder / ABOUT).read_text("utf-8")
    (folder / ARRAYS).write_bytes(whole[:-100])
    broken("damaged.*copy it again")
    (folder / ARRAYS).unlink()
    broken("damaged")
    (folder / ARRAYS).write_bytes(whole)
    for change, says in (
        ({"version": 99}, "format version 99.*make it again"),
        ({"base": "makehuman-head/1"}, "made for the head model 'makehuman-head/1'"),
        ({"format": "something"}, "is no avatar"),
    ):
        (folder / ABOUT).write_text(json.dumps({**json.loads(about), **change}), "utf-8")
        broken(says)
    (folder / ABOUT).write_text(about[:50], "utf-8")
    broken("damaged")
    (folder / ABOUT).write_text('{"format": "facegpt-avatar", "version": 1}', "utf-8")
    broken("lacks")


def test_the_relief_of_the_skin_comes_back_and_is_in_the_glb(avatar, head, tmp_path):
    bump = np.zeros((HEIGHT, WIDTH), np.float32)
    bump[100:110, 150:160] = 0.25
    detail = Detail(bump, 2 * bump, np.full(52, 0.5, np.float32), invented=0.3, share=0.75, pixels_per_mm=1.5)
    replace(avatar, detail=detail).save(tmp_path)
    back = load_avatar(tmp_path, head).detail
    np.testing.assert_array_equal(back.static, detail.static)
    np.testing.assert_array_equal(back.displacement(np.zeros(52)), detail.displacement(np.zeros(52)))
    assert (back.invented, back.share, back.pixels_per_mm) == (0.3, 0.75, 1.5)
    assert back.own is None
    materials = Glb(tmp_path / "head.glb").json["materials"]
    assert any("normalTexture" in one for one in materials)
    about = json.loads((tmp_path / ABOUT).read_text("utf-8"))
    (tmp_path / ABOUT).write_text(json.dumps({**about, "detail": {}}), "utf-8")
    with pytest.raises(FaceGPTError, match="damaged"):
        load_avatar(tmp_path, head)


def test_the_picture_of_a_growing_head_goes_when_it_is_done(avatar, tmp_path):
    (tmp_path / GROWING).write_bytes(b"a picture")
    avatar.save(tmp_path)
    assert not (tmp_path / GROWING).exists()


def test_an_avatar_is_replaced_by_a_newer_one(avatar, folder, head):
    replace(avatar, name="Ben", adapter=None).save(folder)
    back = load_avatar(folder, head)
    assert back.name == "Ben" and back.adapter is None


def test_an_avatar_keeps_its_hair_and_glasses_and_they_are_in_the_glb(avatar, head, tmp_path):
    wears = Accessories(Hair("bob", (0.09, 0.05, 0.03)), Glasses("round"))
    replace(avatar, accessories=wears).save(tmp_path)
    back = load_avatar(tmp_path, head)
    assert back.accessories == wears
    assert back.face().hair.style == "bob" and back.face().glasses == wears.glasses
    assert {"hair", "glasses"} <= {mesh["name"] for mesh in Glb(tmp_path / "head.glb").json["meshes"]}
    np.testing.assert_array_equal(back.texture, avatar.texture)  # roots are painted where it is shown


def test_an_avatar_of_before_there_was_hair_is_bald(folder, head):
    about = json.loads((folder / ABOUT).read_text("utf-8"))
    del about["wears"]
    (folder / ABOUT).write_text(json.dumps(about), "utf-8")
    assert load_avatar(folder, head).accessories == Accessories()
