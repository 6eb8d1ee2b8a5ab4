"""What a head leaves out of its photo: drawn heads with things of which everything is known."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from facing_params import facing_params

from facegpt.conventions import rotation_from_euler_deg
from facegpt.detect.windows import Photo
from facegpt.encode.parts import BACKGROUND, CLOTHES, HAND, HAT, MAP_PX, PARTS, SKIN, FaceParts
from facegpt.face import Face
from facegpt.face.pictures import over
from facegpt.language.dialogue.questions.left_out import asks_for_left_out
from facegpt.morphable.base import head_vertices
from facegpt.reconstruct.left_out import cloth
from facegpt.reconstruct.left_out.at_ears import at_ears, sides_told
from facegpt.reconstruct.left_out.held import held_at
from facegpt.reconstruct.left_out.light import colour_of_light
from facegpt.reconstruct.left_out.outline import nose_off_mm
from facegpt.render.portrait import default_studio_lighting
from facegpt.types import FaceGPTError, Headwear, Pose, Worn
from facegpt.wear.cloth import HEIGHT, WIDTH, packed

SIDE, WALL = 1024, (150, 160, 150)


@pytest.fixture(scope="module")
def drawn(head):
    """The mean head before a wall, 2.3 px a mm: its parameters, picture and map of parts."""
    params = facing_params(head, default_studio_lighting())
    params = params.replace(camera=params.camera.scaled(SIDE / params.camera.width))
    picture = over(
        Face(head, params, photo=np.full((SIDE, SIDE, 3), WALL, np.uint8)),
        np.full((SIDE, SIDE, 3), WALL, np.uint8),
        params.camera,
    )
    scale = MAP_PX / SIDE
    to_map = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    at = np.clip(np.rint((np.arange(MAP_PX) + 0.5) / scale - 0.5).astype(int), 0, SIDE - 1)
    kinds = np.where((picture[np.ix_(at, at)] != WALL).any(-1), SKIN, BACKGROUND)
    points = params.camera.project(params.pose.apply(head.embedding("mediapipe478")(head_vertices(head, params))))
    return params, picture, FaceParts(beliefs(kinds), np.ones_like(kinds, bool), to_map, points=points)


def beliefs(kinds):
    return np.eye(len(PARTS), dtype=np.float32)[kinds]


def shown(parts, kind, rows, columns):
    """The parts with a patch of a kind, in shares of the face's height below its chin and of its width from there."""
    points = parts.points @ parts.to_map[:, :2].T + parts.to_map[:, 2]
    wide, tall = np.ptp(points[:468], axis=0)
    down, across = np.indices(parts.seen.shape)
    down, across = (down - points[152, 1]) / tall, (across - points[152, 0]) / wide
    patch = (down > rows[0]) & (down < rows[1]) & (across > columns[0]) & (across < columns[1])
    return replace(parts, probabilities=np.where(patch[..., None], beliefs(np.array(kind)), parts.probabilities))


def with_pearl(picture, head, params, side):
    """A pearl of 9 mm that hangs below a lobe, with a gleam."""
    lobe = head.landmarks.points(head_vertices(head, params))[head.landmarks.row[f"subaurale_{side}"]]
    at = params.camera.project(params.pose.apply(lobe[None] - [0, 6, 0]))[0]
    scale = params.camera.focal_px / 900
    rows, columns = np.indices(picture.shape[:2])
    out = picture.copy()
    for radius, colour, off in ((4.5, (60, 70, 190), 0.0), (1.4, (250, 250, 255), 1.5)):
        out[np.hypot(columns - at[0] + off * scale, rows - at[1] + off * scale) < radius * scale] = colour
    return out


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_pearl_at_an_ear_is_told_of_that_side(head, drawn, side):
    params, picture, parts = drawn
    assert sides_told(at_ears(picture, head, params, parts)) == ()
    assert sides_told(at_ears(with_pearl(picture, head, params, side), head, params, parts)) == (side,)


def test_of_an_ear_that_the_photo_does_not_show_nothing_is_told(head, drawn):
    params, picture, parts = drawn
    aside = params.replace(camera=replace(params.camera, principal_px=(-2000.0, 500.0)))
    assert at_ears(picture, head, aside, parts) == {}


def test_a_scarf_under_the_chin_is_told_and_a_shirt_far_below_is_not(drawn):
    parts = drawn[2]
    assert not cloth.is_at_neck(parts)
    assert cloth.is_at_neck(shown(parts, CLOTHES, (0.0, 0.6), (-0.7, 0.7)))
    assert not cloth.is_at_neck(shown(parts, CLOTHES, (0.3, 0.9), (-0.9, 0.9)))


def test_a_scarf_lies_on_the_throat_and_a_collar_below_it_does_not(head, drawn):
    params, _, parts = drawn
    assert not cloth.lies_on_neck(head, params, parts)
    assert cloth.lies_on_neck(head, params, shown(parts, CLOTHES, (0.0, 0.6), (-0.7, 0.7)))
    assert not cloth.lies_on_neck(head, params, shown(parts, CLOTHES, (0.25, 0.9), (-0.9, 0.9)))


def test_a_nose_that_ends_beside_the_photos_is_told_by_how_far(head):
    """A head in profile and its own picture: the outlines agree; moved by 3 mm they are off by nearly as much."""
    pose = Pose(rotation_from_euler_deg(75.0), np.array([0.0, 0.0, 900.0]))
    params = facing_params(head, default_studio_lighting()).replace(pose=pose)
    params = params.replace(camera=params.camera.scaled(2.0))
    wall = np.full((params.camera.height, params.camera.width, 3), WALL, np.uint8)
    picture = over(Face(head, params, photo=wall), wall, params.camera)
    moved = params.replace(pose=replace(pose, translation=np.add(pose.translation, (3.0, 0, 0))))
    assert nose_off_mm(head, params, picture, None) < 0.6
    assert nose_off_mm(head, moved, picture, None) == pytest.approx(2.4, abs=0.8)


def test_a_hat_that_nobody_drew_and_what_hangs_from_a_drawn_one_are_told(drawn):
    parts = drawn[2]
    head_drawn = parts.share(SKIN) > 0.5
    assert not cloth.is_lost(parts) and not cloth.hangs(parts, head_drawn)
    beside = shown(parts, HAT, (-1.0, 0.2), (0.6, 1.1))
    assert cloth.is_lost(beside) and cloth.hangs(beside, head_drawn)
    above = shown(parts, HAT, (-1.3, -0.9), (-0.4, 0.4))
    assert not cloth.hangs(above, head_drawn | (above.share(HAT) > 0.5))


def test_a_pattern_is_told_of_patterned_cloth_alone():
    rows, columns = np.indices((HEIGHT, WIDTH))
    checks = np.where(((rows // 12 + columns // 12) % 2)[..., None], (180, 40, 40), (230, 220, 210)).astype(np.uint8)
    plain = np.full((HEIGHT, WIDTH, 3), (180, 40, 40), np.uint8)
    assert cloth.is_patterned(Headwear(cloth=packed(checks)))
    assert not cloth.is_patterned(Headwear(cloth=packed(plain))) and not cloth.is_patterned(Headwear())


@pytest.mark.parametrize(
    ("gains", "told"), [((1, 1, 1), ""), ((0.2, 0.35, 1), "blue"), ((1, 0.12, 0.1), "red"), ((0.3, 1, 0.3), "green")]
)
def test_coloured_light_is_told_by_its_colour(drawn, gains, told):
    _, picture, parts = drawn
    lit = np.round(picture * np.array(gains) ** (1 / 2.2)).astype(np.uint8)
    assert colour_of_light(Photo(lit), parts) == told


def test_what_is_left_out_is_kept_with_the_head(head, drawn, tmp_path):
    said = "What covers the neck isn't on the head: a scarf, a collar or a hand."
    face = Face(head, drawn[0].replace(worn=Worn("fitted", left_out=(said,))), ignored=[said])
    face.save(tmp_path / "anna")
    there = Face.load(tmp_path / "anna", head)
    assert there.ignored == [said] and there.params.worn == face.params.worn
    file = tmp_path / "anna" / "params.json"
    for damaged in ("5", "[5]"):
        text = file.read_text("utf-8")
        broken = tmp_path / "params.json"
        broken.write_text(text.replace(json.dumps([said]), damaged), "utf-8")
        with pytest.raises(FaceGPTError, match="damaged"):
            Face.load(broken, head)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("what did you leave out?", True),
        ("Is anything left out?", True),
        ("what's missing from the photo", True),
        ("what is not on the head?", True),
        ("leave out the beard", False),
        ("how wide is the nose?", False),
        ("make the nose narrower", False),
    ],
)
def test_who_asks_what_is_left_out_is_understood(text, asks):
    assert asks_for_left_out(text) == asks


@pytest.mark.parametrize(
    ("rows", "columns", "where"),
    [
        ((-0.12, 0.2), (-0.1, 0.1), "before the chin"),
        ((-0.3, -0.2), (-0.1, 0.1), "before the mouth"),
        ((-0.5, -0.3), (0.2, 0.4), "before the cheek"),
        ((-1.1, -0.9), (-0.1, 0.1), "before the forehead"),
        ((0.1, 0.4), (-0.2, 0.2), "below the chin"),
        ((-0.6, -0.2), (0.65, 0.9), "beside the face"),
    ],
)
def test_hands_are_told_where_they_are(drawn, rows, columns, where):
    assert held_at(shown(drawn[2], HAND, rows, columns)) == where
