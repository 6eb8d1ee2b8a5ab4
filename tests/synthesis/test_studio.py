"""The synthetic photo studio: its labels against independent truth, its shards, its errors."""

from __future__ import annotations

import tarfile
from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.detect.geometry import upright_roll_rad
from facegpt.morphable.base import head_vertices
from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.studio.draw import build_stage
from facegpt_lab.synthesis.studio.expression import draw_expression
from facegpt_lab.synthesis.studio.materials import BACKDROP, EYES, HAIR_PART, OCCLUDER, SKIN_PART
from facegpt_lab.synthesis.studio.raster import commonest, reduce_by_half_again
from facegpt_lab.synthesis.studio.records import Cloth, Hat, Lamp, Occluder
from facegpt_lab.synthesis.studio.sample import StudioSettings, make_photo, photograph, turned
from facegpt_lab.synthesis.studio.scene import PhotoScene, draw_scene
from facegpt_lab.synthesis.studio.shards import STRIDE, read_photo_shards, synthesize_photos

#: Four skins are made once for this file instead of the usual pool.
SETTINGS = StudioSettings(skins=4)
NOSE_TIP = 1
GREEN = Cloth((0.05, 0.6, 0.1), (0.05, 0.6, 0.1), "plain", 10.0, 0.0)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Keep the skins of this file in a folder of its own, for worker processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEGPT_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def plain_scene(seed: int, yaw_deg: float = 10.0) -> PhotoScene:
    """A bare head in even light, sharp and without noise."""
    scene = draw_scene(seed, "crop", 144)
    lens = replace(scene.lens, blur_px=0.0, motion_px=0.0, noise=0.0, scale=1.0, jpeg=0, grey=False, vignette=0.0)
    ambient = np.zeros((9, 3), np.float32)
    ambient[0] = 1.5
    return replace(
        scene,
        yaw_deg=yaw_deg,
        pitch_deg=0.0,
        hair=replace(scene.hair, style=""),
        hat=None,
        glasses=None,
        occluders=(),
        body=None,
        lamps=(),
        ambient=ambient,
        lens=lens,
    )


def test_a_number_gives_the_same_picture_every_time():
    first, second = make_photo(12, SETTINGS), make_photo(12, SETTINGS)
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.points_px, second.points_px)
    assert not np.array_equal(first.image, make_photo(13, SETTINGS).image)


@pytest.mark.parametrize("framing", ["crop", "photo"])
def test_points_are_the_projected_points_of_the_parameters_within_a_hundredth_of_a_pixel(head, framing):
    settings = replace(SETTINGS, framing=framing, size_px=144 if framing == "crop" else 256)
    for seed in range(4):
        photo = make_photo(seed, settings)
        params = photo.params
        points = head.embedding("dense")(head_vertices(head, params))
        assert np.abs(params.camera.project(params.pose.apply(points)) - photo.points_px).max() < 0.01
        assert photo.image.shape == (settings.size_px, settings.size_px, 3)
        assert photo.parts.shape == (settings.size_px // 4, settings.size_px // 4)


def first_hits(vertices, triangles, targets):
    """How far along the way from the origin to each target (N, 3) the first triangle lies, 1 at the target.

    Möller and Trumbore 1997, for all pairs: slow and obvious.
    """
    corner = vertices[triangles].astype(float)
    edge1, edge2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    found = np.full(len(targets), np.inf)
    for k, way in enumerate(targets.astype(float)):
        across = np.cross(way, edge2)
        scale = (edge1 * across).sum(1)
        usable = np.abs(scale) > 1e-9
        inverse = 1 / np.where(usable, scale, 1)
        u = (-corner[:, 0] * across).sum(1) * inverse
        other = np.cross(-corner[:, 0], edge1)
        v = (way * other).sum(1) * inverse
        t = (edge2 * other).sum(1) * inverse
        hit = usable & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 1e-6)
        if hit.any():
            found[k] = t[hit].min()
    return found


@pytest.mark.parametrize("yaw_deg", [0.0, 55.0, -85.0])
def test_visible_points_are_those_that_rays_from_the_camera_reach(head, yaw_deg):
    photo = photograph(plain_scene(5, yaw_deg), SETTINGS, maps=True)
    placed = photo.params.pose.apply(head_vertices(head, photo.params))
    rows = np.arange(0, 468, 6)
    points = head.embedding("dense")(placed)[rows]
    solid = head.triangles[head.part != head.part_names.index("lashes")]
    before_mm = (1 - first_hits(placed, solid, points)) * np.linalg.norm(points, axis=1)
    depth = np.pad(photo.depth, 2, mode="edge")
    column, row = np.round(photo.points_px[rows]).astype(int).clip(0, 143).T
    steps = np.array([np.ptp(depth[r : r + 5, c : c + 5]) for r, c in zip(row, column, strict=True)])
    # Left out: rims, where a pixel decides, and points so little behind the surface that 3 mm may decide either way.
    sure = (steps < 15) & ((before_mm < 0.5) | (before_mm > 8))
    assert sure.sum() > 35
    agreed = (before_mm < 0.5)[sure] == photo.visible[rows][sure].astype(bool)
    assert agreed.mean() > 0.97


def test_the_part_map_says_skin_at_the_nose_and_eye_at_the_irises_of_a_bare_open_eyed_face():
    scene = plain_scene(8, 0.0)
    scene = replace(scene, expression=np.zeros(52, np.float32), joints=np.zeros((4, 3), np.float32))
    photo = photograph(scene, SETTINGS, maps=True)
    column, row = np.round(photo.points_px[NOSE_TIP]).astype(int)
    assert photo.visible[NOSE_TIP] == 1
    assert photo.part_map[row, column] == SKIN_PART
    assert photo.parts[row // 4, column // 4] == SKIN_PART
    column, row = np.round(photo.points_px[468]).astype(int)
    assert photo.part_map[row, column] == EYES
    assert photo.part_map[0, 0] == BACKDROP
    assert photo.depth[0, 0] == 0
    row, column = np.round(photo.points_px[10]).astype(int)[::-1]  # the middle of the forehead faces the camera
    assert np.abs(np.linalg.norm(photo.normal[row, column]) - 1) < 1e-3
    assert photo.normal[row, column, 2] < -0.7


def test_what_is_held_before_the_nose_hides_it_and_is_marked():
    scene = plain_scene(8, 0.0)
    held = Occluder("box", NOSE_TIP / 468 + 1e-6, 40.0, 0.0, 0.0, (60.0, 60.0, 5.0), GREEN, (0.5,) * 16)
    photo = photograph(replace(scene, occluders=(held,)), SETTINGS, maps=True)
    column, row = np.round(photo.points_px[NOSE_TIP]).astype(int)
    assert photo.visible[NOSE_TIP] == 0
    assert photo.part_map[row, column] == OCCLUDER
    red, green, blue = photo.image[row, column].astype(int)
    assert green > red + 20
    assert green > blue + 20


def test_a_mask_covers_the_mouth_and_not_the_eyes(head):
    scene = plain_scene(8, 0.0)
    photo = photograph(replace(scene, hat=Hat("mask", GREEN, 20.0, 40.0, 8.0)), SETTINGS)
    assert photo.visible[[13, 14, 61, 291]].sum() == 0
    assert photo.visible[[33, 133, 362, 263]].sum() >= 3


def test_hair_is_marked_as_hair():
    scene = plain_scene(8, 0.0)
    photo = photograph(replace(scene, hair=replace(scene.hair, style="bob")), SETTINGS)
    assert (photo.parts == HAIR_PART).mean() > 0.05


def test_a_lamp_from_the_side_brightens_that_side():
    bright = []
    for side in (-1.0, 1.0):
        lamp = Lamp((side, 0.0, -0.3), (1.0, 1.0, 1.0), True)
        photo = photograph(replace(plain_scene(8, 0.0), lamps=(lamp,)), SETTINGS)
        cheeks = np.round(photo.points_px[[205, 425]]).astype(int)
        bright.append(photo.image[cheeks[:, 1], cheeks[:, 0]].mean(1))
    assert bright[0][0] > bright[0][1] + 15  # light from image left: the subject's right cheek
    assert bright[1][1] > bright[1][0] + 15


def test_faces_fill_the_crop_and_stand_upright():
    inside, rolls = [], []
    for seed in range(60):
        stage = build_stage(draw_scene(seed, "crop", 144), "crop", 144)
        face = stage.points_px[:468]
        inside.append(((face > -0.5) & (face < 143.5)).all())
        rolls.append(np.degrees(upright_roll_rad(stage.points_px)))
    assert np.mean(inside) > 0.97
    assert np.abs(rolls).max() < 18  # four standard deviations of the drawn roll, 4 degrees each
    assert 2 < np.std(rolls) < 6


def test_drawn_yaw_reaches_profiles_and_distances_reach_from_arm_to_tele():
    scenes = [draw_scene(seed, "crop", 144) for seed in range(300)]
    yaw = np.abs([scene.yaw_deg for scene in scenes])
    assert 0.08 < (yaw > 60).mean() < 0.3
    distance = np.array([scene.framing.distance_mm for scene in scenes])
    assert distance.min() < 350
    assert distance.max() > 2200


def test_heads_are_turned_as_far_as_told_to_both_sides_and_shown_so(head):
    settings = replace(SETTINGS, yaw_deg=(50, 95))
    yaw = np.array([turned(seed, (50, 95)) for seed in range(400)])
    assert np.abs(yaw).min() >= 50 and np.abs(yaw).max() <= 95 and 0.4 < (yaw > 0).mean() < 0.6
    assert abs(np.abs(yaw).mean() - 72.5) < 2
    photo = make_photo(5, settings)
    assert photo.yaw_deg == turned(5, (50, 95))
    # the nose tip lies far to the side of the middle between the ears that the head looks to
    nose, ears = photo.points_px[1], photo.points_px[[234, 454]].mean(0)
    assert np.sign(nose[0] - ears[0]) == np.sign(photo.params.pose.rotation[0, 2])
    with pytest.raises(FaceGPTError, match="the smaller first"):
        StudioSettings(yaw_deg=(60, 30))


def test_expressions_are_possible_and_reach_every_unit():
    rng = np.random.default_rng(0)
    drawn = np.stack([draw_expression(rng) for _ in range(1500)])
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    looks = np.array(["Look" in name for name in ARKIT_NAMES])
    assert (drawn.max(0)[~looks] > 0.5).all()
    close, jaw = drawn[:, ARKIT_NAMES.index("mouthClose")], drawn[:, ARKIT_NAMES.index("jawOpen")]
    assert (close <= 0.9 * jaw + 1e-6).all()


def test_reduction_averages_the_light_and_part_cells_take_the_commonest():
    rng = np.random.default_rng(2)
    fine = rng.random((12, 12, 3)).astype(np.float32)
    coarse = np.empty((8, 8, 3), np.float32)
    reduce_by_half_again(fine, coarse)
    expected = fine.repeat(2, 0).repeat(2, 1).reshape(8, 3, 8, 3, 3).mean((1, 3))
    assert np.abs(coarse - expected).max() < 1e-6
    part = rng.integers(0, 7, (12, 12)).astype(np.uint8)
    cells = np.empty((2, 2), np.uint8)
    commonest(part, 6, cells)
    blocks = part.reshape(2, 6, 2, 6).transpose(0, 2, 1, 3).reshape(4, 36)
    assert cells.ravel().tolist() == [np.bincount(block).argmax() for block in blocks]


def test_shards_hold_pictures_and_labels_and_an_interrupted_run_goes_on(tmp_path):
    card = synthesize_photos(tmp_path / "a", 6, 3, 1, SETTINGS, shard_size=2)
    assert card["complete"]
    assert len(card["shards"]) == 3
    pictures = list(read_photo_shards(tmp_path / "a"))
    assert [picture["number"] for picture in pictures] == list(range(6))
    assert pictures[0]["image"].shape == (144, 144, 3)
    assert pictures[0]["points_px"].dtype == np.float32
    before = (tmp_path / "a" / "photos-000001.tar").read_bytes()
    (tmp_path / "a" / "photos-000001.tar").unlink()
    again = synthesize_photos(tmp_path / "a", 6, 3, 1, SETTINGS, shard_size=2)
    assert (tmp_path / "a" / "photos-000001.tar").read_bytes() == before
    assert again == card
    with pytest.raises(FaceGPTError, match="another seed"):
        synthesize_photos(tmp_path / "a", 6, 4, 1, SETTINGS, shard_size=2)


def test_shards_with_maps_hold_depth_normals_and_parts_of_the_same_picture(head, tmp_path):
    settings = replace(SETTINGS, maps=True)
    card = synthesize_photos(tmp_path / "maps", 2, 3, 1, settings, shard_size=2)
    assert card["maps"] is True
    synthesize_photos(tmp_path / "plain", 2, 3, 1, SETTINGS, shard_size=2)
    both = zip(read_photo_shards(tmp_path / "maps"), read_photo_shards(tmp_path / "plain"), strict=True)
    for picture, plain in both:
        assert set(picture) - set(plain) == {"depth", "normal", "part_map"}
        assert np.array_equal(picture["image"], plain["image"])
        assert picture["depth"].shape == picture["part_map"].shape == picture["image"].shape[:2]
        params = make_photo(3 * STRIDE + picture["number"], SETTINGS).params
        points = params.pose.apply(head.embedding("dense")(head_vertices(head, params)))
        column, row = np.round(picture["points_px"]).astype(int).clip(0, 143).T
        apart = np.abs(picture["depth"][row, column] - points[:, 2])[picture["visible"] == 1]
        assert np.median(apart) < 1.0  # mm, between a point and the middle of its pixel
        seen = picture["depth"] > 0
        lengths = np.linalg.norm(picture["normal"].astype(np.float32), axis=-1)
        assert np.abs(lengths[seen] - 1).max() < 2e-3
        assert not lengths[~seen].any()
        assert not picture["part_map"][~seen].any()
        cells = picture["part_map"].reshape(36, 4, 36, 4).transpose(0, 2, 1, 3).reshape(36 * 36, 16)
        commonest_part = np.array([np.bincount(cell).argmax() for cell in cells])
        assert (commonest_part == picture["parts"].ravel()).mean() > 0.95
    with pytest.raises(FaceGPTError, match="another maps"):
        synthesize_photos(tmp_path / "plain", 2, 3, 1, settings, shard_size=2)


@pytest.mark.slow
def test_two_processes_write_the_same_bytes_as_one(tmp_path):
    one = synthesize_photos(tmp_path / "one", 4, 3, 1, SETTINGS, shard_size=2)
    two = synthesize_photos(tmp_path / "two", 4, 3, 2, SETTINGS, shard_size=2)
    assert one["shards"] == two["shards"]


def test_broken_shards_and_wrong_settings_are_refused_with_a_clear_sentence(tmp_path):
    with pytest.raises(FaceGPTError, match="holds no shards"):
        next(read_photo_shards(tmp_path))
    (tmp_path / "photos-000000.tar").write_bytes(b"not a tar file" * 100)
    with pytest.raises(FaceGPTError, match="is damaged"):
        next(read_photo_shards(tmp_path))
    with pytest.raises(FaceGPTError, match="without a card"):
        synthesize_photos(tmp_path, 2, 0, 1, SETTINGS)
    with pytest.raises(FaceGPTError, match="framing"):
        StudioSettings(framing="square")
    with pytest.raises(FaceGPTError, match="multiple of 8"):
        StudioSettings(size_px=145)
    with pytest.raises(FaceGPTError, match="missing"):
        make_photo(0, replace(SETTINGS, photo_skins=str(tmp_path / "none.npz")))
    with pytest.raises(FaceGPTError, match="photos"):
        make_photo(0, replace(SETTINGS, photos=str(tmp_path)))


def test_a_shard_cut_short_is_refused(tmp_path):
    synthesize_photos(tmp_path, 2, 3, 1, SETTINGS, shard_size=2)
    path = tmp_path / "photos-000000.tar"
    with tarfile.open(path) as tar:
        names = tar.getnames()
    assert names == ["00000000.jpg", "00000000.npz", "00000001.jpg", "00000001.npz"]
    path.write_bytes(path.read_bytes()[:20000])
    with pytest.raises(FaceGPTError, match="delete it"):
        synthesize_photos(tmp_path, 2, 3, 1, SETTINGS, shard_size=2)
