"""Crops of real photos: their labels are those of the fitted head, as the studio would give them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from stand_in_dense import dense_of

from facegpt.conventions import linear_to_srgb, rotation_from_euler_deg
from facegpt.detect.geometry import upright_roll_rad
from facegpt.detect.windows import Photo
from facegpt.morphable.albedo import ALBEDO_SIZE, AlbedoModel
from facegpt.morphable.base import head_vertices
from facegpt.synthesis import photo_sample
from facegpt.synthesis.photo_materials import OCCLUDER
from facegpt.synthesis.photo_scene import HairLook, draw_scene
from facegpt.synthesis.photo_skins import SIDE, SkinPool
from facegpt.train.landmark_photo_labels import photo_crop, upright_window
from facegpt.train.landmark_photos import PhotoReader, Trust, write_photo_crops
from facegpt.train.landmarks_crops import DETECTED_PX, STORED
from facegpt.types import Camera, Detection, FaceGPTError, FaceParams, Pose

WIDTH, HEIGHT = 400, 300


def params_of(head, roll_deg=-25.0, middle=(-30.0, 20.0)) -> FaceParams:
    rng = np.random.default_rng(4)
    return FaceParams(
        model_id=head.model_id,
        identity=rng.normal(0, 0.8, head.sizes.identity).astype(np.float32),
        expression=np.zeros(head.sizes.expression, np.float32),
        joints=np.zeros((head.sizes.joints, 3), np.float32),
        pose=Pose(rotation_from_euler_deg(20, 5, roll_deg), np.array([*middle, 900.0])),
        albedo=np.zeros(head.sizes.albedo, np.float32),
        lighting=np.zeros((9, 3), np.float32),
        camera=Camera(800.0, ((WIDTH - 1) / 2, (HEIGHT - 1) / 2), WIDTH, HEIGHT),
    )


def detection_of(head, params: FaceParams) -> Detection:
    points = params.camera.project(params.pose.apply(head.embedding("dense")(head_vertices(head, params))))[:478]
    return Detection(np.column_stack([points, np.zeros(478)]), np.zeros(52), 1.0, params.pose.rotation)


def slopes() -> np.ndarray:
    """A picture whose colours say the place: red grows along x, green along y."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x * 0.6, y * 0.6, 0 * x], -1).astype(np.uint8)


def crop_of(head, params, **dense_changes):
    dense = replace(dense_of(head, params), **dense_changes)
    return photo_crop(Photo(slopes()), detection_of(head, params), dense, head, params)


def test_each_point_lies_on_the_same_place_of_the_picture_as_in_the_photo(head):
    params = params_of(head)
    crop = crop_of(head, params)
    points = params.camera.project(params.pose.apply(head.embedding("dense")(head_vertices(head, params))))
    back = upright_window(points).to_photo((crop["points_px"] + 0.5) / STORED)
    assert np.abs(back - points).max() < 1e-2  # px of the photo
    column, row = np.round(crop["points_px"][:468]).astype(int).T
    seen = crop["image"][row, column, :2] / 0.6
    assert np.abs(seen - points[:468]).max() < 5.0  # the colours are whole numbers of 0.6 a pixel, a crop pixel is 1.9
    assert np.abs(crop[DETECTED_PX] - crop["points_px"][:478]).max() < 1e-3 and crop["detector_mm"] < 1e-3


@pytest.mark.parametrize("roll_deg", [-160.0, -25.0, 0.0, 70.0])
def test_a_crop_stands_upright_with_the_face_in_its_middle(head, roll_deg):
    points = crop_of(head, params_of(head, roll_deg))["points_px"][:468].astype(np.float64)
    low, high = points.min(0), points.max(0)
    assert abs(np.degrees(upright_roll_rad(points))) < 0.01
    assert abs((high - low).max() - STORED / 1.4) < 0.01 and np.abs((low + high) / 2 - (STORED - 1) / 2).max() < 0.01


def studio_photo(monkeypatch, seed):
    """A bare head drawn by the studio in the middle of its crop, with the studio's own labels."""
    skin = AlbedoModel.load().mean_at(SIDE).exp().permute(1, 2, 0).numpy()
    none = np.zeros((1, 3), np.float32)
    texture = np.round(linear_to_srgb(skin) * 255).astype(np.uint8)[None]
    pool = SkinPool(texture, 1, np.zeros((1, ALBEDO_SIZE), np.float32), none, none[:, 0], none[:, 0] > 1)
    monkeypatch.setattr(photo_sample, "skin_pool", lambda *_: pool)
    scene = draw_scene(seed, "crop", STORED)
    framing = replace(scene.framing, margin=1.0, shift=(0.0, 0.0), roll_deg=0.0)
    bare = {"hair": HairLook("", (0.1, 0.1, 0.1)), "body": None, "glasses": None, "hat": None, "occluders": ()}
    return photo_sample.photograph(replace(scene, framing=framing, **bare), photo_sample.StudioSettings())


@pytest.mark.parametrize("seed", [3, 8])
def test_labels_are_those_of_the_studio_for_the_same_head(head, monkeypatch, seed):
    studio = studio_photo(monkeypatch, seed)
    params = studio.params
    dense = dense_of(head, params)
    crop = photo_crop(Photo(studio.image), detection_of(head, params), dense, head, params)
    assert np.abs(crop["points_px"] - studio.points_px).max() < 0.05
    assert (crop["visible"] == studio.visible).mean() > 0.99
    face = studio.parts > 0
    assert (crop["parts"] == studio.parts)[face & (studio.parts != 2)].mean() > 0.97  # the stand-in knows no neck
    assert abs(crop["px_per_mm"] / studio.px_per_mm - 1) < 1e-3 and abs(crop["yaw_deg"] - studio.yaw_deg) < 0.1
    assert np.abs(crop["image"].astype(int) - studio.image).mean() < 1.0  # levels of 255


def test_open_eyes_look_where_the_detector_saw_their_irises(head):
    params = params_of(head)
    plain = crop_of(head, params)
    detection = detection_of(head, params)
    moved = detection.points.copy()
    moved[468:, :2] += (2.0, -1.0)
    crop = photo_crop(Photo(slopes()), replace(detection, points=moved), dense_of(head, params), head, params)
    shift = crop["points_px"] - plain["points_px"]
    assert np.abs(crop["points_px"][468:478] - crop[DETECTED_PX][468:478]).max() < 1e-3
    assert np.abs(shift[:468]).max() == 0 and np.abs(shift[478:]).max() == 0
    moved[[159, 158, 160, 386, 385, 387]] = moved[[145, 153, 144, 374, 380, 373]]  # both eyes shut
    shut = photo_crop(Photo(slopes()), replace(detection, points=moved), dense_of(head, params), head, params)
    assert np.abs(shut["points_px"] - plain["points_px"]).max() == 0


def test_points_behind_a_hand_are_hidden(head):
    params = params_of(head)
    parts = np.zeros((32, 32, 7))
    parts[:, :16, 1], parts[:, 16:, OCCLUDER] = 1.0, 1.0  # the right half of the photo
    plain, covered = crop_of(head, params), crop_of(head, params, parts=parts)
    x = params.camera.project(params.pose.apply(head.embedding("dense")(head_vertices(head, params))))[:, 0]
    assert not covered["visible"][x > WIDTH / 2 + 8].any()
    left = x < WIDTH / 2 - 8
    assert (covered["visible"] == plain["visible"])[left].all() and plain["visible"].mean() > 0.5
    assert (covered["parts"] == OCCLUDER).any() and not (plain["parts"] == OCCLUDER).any()


def test_points_beyond_the_photo_are_hidden(head):
    crop = crop_of(head, params_of(head, 0.0, (-215.0, 20.0)))
    points = crop["points_px"]
    assert 0.1 < crop["visible"].mean() < 0.6
    edge = points[crop["visible"] > 0, 0].min()
    assert not crop["visible"][points[:, 0] < edge].any()


class StoppedError(Exception):
    """The power went off."""


class StandInReader(PhotoReader):
    """Gives two faces a photo, of which the second is not to be trusted; stops at the photo that it is told."""

    def __init__(self, head):
        super().__init__(head, detector=None, landmarker=None)
        object.__setattr__(self, "looked", [])
        object.__setattr__(self, "stop_at", "")

    def faces(self, path, quality):
        if path.name == self.stop_at:
            raise StoppedError
        self.looked.append(path.name)
        params = params_of(self.head)
        crop = {**crop_of(self.head, params), "confidence": 0.9}
        yield {**crop, "agreement": 0.5}
        yield {**crop, "agreement": 0.01}


@pytest.fixture
def photos(tmp_path):
    paths = [tmp_path / f"{k}.png" for k in range(3)]
    for k, path in enumerate(paths):
        Image.new("RGB", (8, 8), (k, 0, 0)).save(path)
    return paths


def test_a_stopped_run_goes_on_and_a_complete_one_is_only_opened(head, photos, tmp_path):
    reader, folder = StandInReader(head), tmp_path / "crops"
    object.__setattr__(reader, "stop_at", "2.png")
    with pytest.raises(StoppedError):
        write_photo_crops(photos, folder, reader=reader)
    object.__setattr__(reader, "stop_at", "")
    store = write_photo_crops([*photos, tmp_path / "missing.png"], folder, reader=reader)
    assert reader.looked == ["0.png", "1.png", "2.png"]
    assert len(store) == 3 and store.arrays[DETECTED_PX].shape == (3, 478, 2)
    truth = crop_of(head, params_of(head))
    for name in ("image", "points_px", "visible", "parts", "identity", "expression", "yaw_deg", "px_per_mm"):
        assert np.allclose(store.rows(np.array([1]))[name][0], truth[name], atol=1e-4)
    told = json.loads((folder / "photos.json").read_text())
    assert told["faces"] == 6 and told["dropped"] == 3 and [row["photo"] for row in told["rows"]][2] == "2.png"
    assert len(write_photo_crops(photos, folder, reader=reader)) == 3 and len(reader.looked) == 3


def test_photos_without_a_trusted_face_are_refused_in_one_sentence(head, photos, tmp_path):
    with pytest.raises(FaceGPTError, match="none of the 2 faces in 1 photos"):
        write_photo_crops(photos[:1], tmp_path / "crops", trust=Trust(confidence=0.95), reader=StandInReader(head))


@pytest.mark.slow
def test_a_real_photo_gives_a_crop_whose_points_meet_the_detectors(head, astronaut, tmp_path):
    path = tmp_path / "astronaut.png"
    Image.fromarray(astronaut).save(path)
    store = write_photo_crops([path], tmp_path / "crops", reader=PhotoReader(head))
    assert len(store) == 1
    apart = np.linalg.norm(store.arrays["points_px"][0, :468] - store.arrays[DETECTED_PX][0, :468], axis=1)
    assert apart.mean() / store.arrays["px_per_mm"][0] < 3.0  # mm
    assert store.arrays["visible"][0, :468].mean() > 0.7
