"""What is seen on studio pictures, whose pose, expression and person are known, on their mirror images, and on none."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import facegpt
from facegpt.conventions import euler_deg_from_rotation, mirror_arkit_name
from facegpt_lab.synthesis.studio.sample import StudioPhoto, StudioSettings, photograph
from facegpt_lab.synthesis.studio.scene import PhotoScene, draw_scene

SETTINGS = StudioSettings("photo", 320)
#: Numbers of scenes: two people, each in two pictures.
PEOPLE, OTHER_PICTURES = (820_000_000, 820_000_300), (820_000_001, 820_000_302)
#: What a reading may be off, degrees and weights.
POSE_DEG, WEIGHT = 6.0, 0.35


def plain(number: int, person: PhotoScene | None = None, expression: np.ndarray | None = None) -> StudioPhoto:
    """A picture without a thing before the face, of the scene's own person or of another scene's, fairly frontal."""
    scene = draw_scene(number, "photo", SETTINGS.size_px)
    known = person or scene
    scene = replace(scene, identity=known.identity, skin=known.skin, eyes=known.eyes, hair=known.hair)
    framing = replace(scene.framing, roll_deg=float(np.clip(scene.framing.roll_deg, -20, 20)))
    scene = replace(scene, yaw_deg=float(np.clip(scene.yaw_deg, -25, 25)), framing=framing)
    if expression is not None:
        scene = replace(scene, expression=expression)
    joints = scene.joints.copy()
    joints[:2] = 0  # the neck is straight: the pose is that of the face
    return photograph(replace(scene, joints=joints, glasses=None, hat=None, occluders=()), SETTINGS)


@pytest.fixture(scope="module")
def model():
    return facegpt.load()


@pytest.fixture(scope="module")
def pictures() -> list[list[StudioPhoto]]:
    people = [draw_scene(number, "photo", SETTINGS.size_px) for number in PEOPLE]
    return [[plain(a), plain(b, one)] for a, b, one in zip(PEOPLE, OTHER_PICTURES, people, strict=True)]


@pytest.fixture(scope="module")
def seen(model, pictures):
    return [model.analyze(row[0].image)[0] for row in pictures]


def as_seen(rotation: np.ndarray, translation: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch and roll as seen along the line to the head: studio pictures are cut out beside the optical axis."""
    sight = translation / np.linalg.norm(translation)
    axis = np.cross(sight, (0, 0, 1.0))
    turn = Rotation.from_rotvec(axis / max(np.linalg.norm(axis), 1e-9) * np.arccos(sight[2]))
    return euler_deg_from_rotation(turn.as_matrix() @ rotation)


def test_pose_is_that_of_the_picture(seen, pictures):
    for one, [photo, _] in zip(seen, pictures, strict=True):
        truth = as_seen(photo.params.pose.rotation, photo.params.pose.translation)
        assert np.abs(np.subtract(as_seen(one.pose.rotation, one.pose.translation), truth)).max() < POSE_DEG
        turned = (one.pose.yaw_deg, one.pose.pitch_deg, one.pose.roll_deg)
        assert turned == euler_deg_from_rotation(one.face.params.pose.rotation)


def test_points_lie_where_they_are(seen, pictures):
    for one, [photo, _] in zip(seen, pictures, strict=True):
        away = np.linalg.norm(one.points["mediapipe478"] - photo.points_px[:478], axis=1).mean()
        assert away < 0.04 * np.ptp(photo.points_px[:478, 0])
        assert one.points["ibug68"].shape == (68, 2) and one.visibility["mediapipe478"].shape == (478,)


MOVEMENTS = {"AU26": {"jawOpen": 0.7}, "AU12": {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}}
MOVEMENTS |= {"AU43": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}}


@pytest.mark.parametrize("unit", MOVEMENTS)
def test_a_movement_is_seen_as_its_action_unit_and_no_other(model, unit):
    weights = np.array([MOVEMENTS[unit].get(name, 0.0) for name in facegpt.ARKIT_NAMES], np.float32)
    one = model.analyze(plain(PEOPLE[0], expression=weights).image)[0]
    assert abs(one.units[unit] - max(weights)) < WEIGHT
    assert max(MOVEMENTS, key=lambda name: one.units[name]) == unit
    if unit == "AU43":
        assert not one.gaze["left"].visible and one.eye_openness["left"] < 0.5


def test_a_mirrored_photo_is_seen_mirrored(model, seen, pictures):
    flipped = model.analyze(np.ascontiguousarray(pictures[0][0].image[:, ::-1]))[0]
    assert (
        abs(flipped.pose.yaw_deg + seen[0].pose.yaw_deg) < 3 and abs(flipped.pose.roll_deg + seen[0].pose.roll_deg) < 3
    )
    off = [abs(flipped.blendshapes[mirror_arkit_name(name)] - value) for name, value in seen[0].blendshapes.items()]
    assert np.mean(off) < 0.05
    assert abs(flipped.age.years - seen[0].age.years) < 6
    eyes = (flipped.gaze["left"].side_deg, flipped.gaze["right"].side_deg)
    assert np.abs(np.add(eyes, (seen[0].gaze["right"].side_deg, seen[0].gaze["left"].side_deg))).max() < 8


def test_parts_have_names_and_lie_on_the_face(seen):
    labels = seen[0].parts
    assert labels.labels.shape == (320, 320)
    x0, y0, x1, y1 = seen[0].box.astype(int)
    for name in ("skin", "lips", "nose", "left_eye", "right_eye"):
        assert labels.mask(name).any(), name
    for left, right in (("left_eye", "right_eye"), ("left_brow", "right_brow")):  # the subject's left is image right
        assert np.nonzero(labels.mask(left))[1].mean() > np.nonzero(labels.mask(right))[1].mean()
    inside = labels.mask("skin", "eyes", "brows", "nose", "mouth", "hair", "beard")[max(y0, 0) : y1, max(x0, 0) : x1]
    assert inside.mean() > 0.7
    with pytest.raises(facegpt.FaceGPTError, match="there is no part 'ear'"):
        labels.mask("ear")


def test_a_record_is_json_and_a_picture_is_drawn(seen):
    told = json.loads(json.dumps(seen[0].to_dict(), allow_nan=False))
    assert set(told) >= {"box", "pose", "age", "units", "blendshapes", "gaze", "expression", "occlusions", "embedding"}
    assert np.linalg.norm(told["embedding"]) == pytest.approx(1, abs=1e-3)
    assert "race" not in told and "ethnicity" not in told
    assert set(seen[0].row()) >= {"yaw_deg", "AU12", "jawOpen", "age_years"}
    assert seen[0].plot().size[0] > 900


def test_two_pictures_of_one_person_are_nearer_than_two_of_two(model, pictures):
    [a, b], [c, d] = [[photo.image for photo in row] for row in pictures]
    same, other = [model.compare(a, b), model.compare(c, d)], [model.compare(a, c), model.compare(b, d)]
    assert all(one.likelihood > 0.5 for one in same) and all(one.likelihood < 0.5 for one in other)
    for one in (*same, *other):
        assert one.interval[0] <= one.likelihood <= one.interval[1]
        assert (one.same is None) == (0.2 < one.likelihood < 0.8)


def test_a_photo_and_its_mirror_image_are_one_person(model, seen, pictures):
    found = model.compare(seen[0], np.ascontiguousarray(pictures[0][0].image[:, ::-1]))
    assert found.same is True and found.distance < 0.45


def test_a_photo_without_a_face_shows_none(model):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    assert model.analyze(noise) == []
    found = model.compare(noise, noise)
    assert found.same is None and found.likelihood == 0.5 and np.isnan(found.distance)
    assert found.reasons == ("no face was found in the first photo", "no face was found in the second photo")


def test_a_photo_that_cannot_be_read_is_a_sentence(model, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    with pytest.raises(facegpt.ImageError, match=r"broken\.jpg"):
        model.analyze(tmp_path / "broken.jpg")


def test_a_group_photo_gives_everybody_the_largest_first(model, pictures):
    small = pictures[1][0].image[::2, ::2]
    group = np.full((320, 520, 3), 128, np.uint8)
    group[:, :320], group[80:240, 350:510] = pictures[0][0].image, small
    found = model.analyze(group)
    assert len(found) == 2 and found[0].box[0] < 320 < found[1].box[0]
    assert any("2 faces" in reason for reason in model.compare(group, small).reasons)
