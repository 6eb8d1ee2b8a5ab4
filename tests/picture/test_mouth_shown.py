"""What a photo shows between the lips: teeth are kept, a slit without teeth gives way once the lips move."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from facing_params import facing_params

from facegpt.face import Face
from facegpt.morphable.base import with_weights
from facegpt.picture import turned
from facegpt.picture.canvas import darken_mouth, darken_sides, dim_teeth
from facegpt.picture.mouth import LOWER_EDGE, UPPER_EDGE, seen_mouth
from facegpt.picture.prepare import _Source, _teeth_factor, rig_of
from facegpt.render.drawn import Drawn
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Detection

SKIN, TOOTH, DARK = (0.6, 0.35, 0.28), (0.5, 0.45, 0.4), (0.12, 0.05, 0.04)


def detection(gap_px: float) -> Detection:
    """A detected mouth 60 px wide that is open by some pixels, and cheeks."""
    points = np.zeros((478, 3))
    points[[50, 280], :2] = (20, 60), (108, 60)
    at = np.linspace(0, 1, len(UPPER_EDGE))
    arch = np.sqrt(np.clip(1 - (2 * at - 1) ** 2, 0, 1)) * gap_px / 2
    points[list(UPPER_EDGE), :2] = np.column_stack([34 + 60 * at, 64 - arch])
    points[list(LOWER_EDGE), :2] = np.column_stack([34 + 60 * at, 64 + arch])[1:-1][::-1]
    return Detection(points=points, scores=np.zeros(52), rotation=np.eye(3), confidence=1.0)


def photo(inside) -> np.ndarray:
    picture = np.tile(np.float32(SKIN), (128, 128, 1))
    picture[50:78, 30:98] = inside
    return picture


@pytest.mark.parametrize(("gap_px", "inside", "slit"), [(8, DARK, True), (8, TOOTH, False), (24, DARK, False)])
def test_a_narrow_opening_without_teeth_is_a_slit(gap_px, inside, slit):
    masks, told = seen_mouth(detection(gap_px), lambda places: places, photo(inside))
    assert masks.sum() > 50
    assert told is slit


def test_shut_lips_show_nothing():
    masks, told = seen_mouth(detection(1), lambda places: places, photo(DARK))
    assert masks.max() == 0 and not told


def test_a_slit_stays_in_a_turn_and_gives_way_to_a_laugh(head):
    params = facing_params(head, default_studio_lighting())
    rig = rig_of(Face(head, params), params, np.full((256, 256, 3), 120, np.uint8), None, None)
    laugh = with_weights(rig.params, {"jawOpen": 0.4, "mouthSmileLeft": 0.8, "mouthSmileRight": 0.8})
    lips = [rig._mouth_moved(rig.placed(each))[0] for each in (rig.params, turned(rig.params, 12, 5), laugh)]
    assert lips == pytest.approx([0, 0, 1], abs=0.05)
    everywhere = np.ones_like(rig.still.mouth)
    pictures = {
        slit: replace(rig, still=replace(rig.still, mouth=everywhere, slit=slit)).picture(laugh)
        for slit in (True, False)
    }
    assert (pictures[True] != pictures[False]).any()


@pytest.mark.parametrize("share", [(0.6, 0.6, 0.7), (1.2, 1.1, 1.0)])
def test_drawn_teeth_get_the_colour_of_the_photographed_ones(head, share):
    params = with_weights(facing_params(head, default_studio_lighting()), {"jawOpen": 0.4, "mouthUpperUpLeft": 0.8})
    rig = rig_of(Face(head, params), params, np.full((256, 256, 3), 120, np.uint8), None, None)
    source = _Source(rig.photo, params.camera, rig.window, rig.scale, None, None, rig.still.front)
    drawn = [rig.canvas.draw(rig.still.vertices, rig.camera(), params.lighting) for _ in range(2)]
    made = rig.canvas.in_hollows(drawn[0], rig.still.vertices, rig.camera())
    size = made.shape[:2]
    seen = (made * np.float32(share), np.ones_like(made))
    found = _teeth_factor(rig.canvas, rig.still.vertices, drawn[1], np.ones((*size, 2), np.float32), seen, source)
    assert found == pytest.approx(share, rel=0.02)
    bare = _teeth_factor(rig.canvas, rig.still.vertices, drawn[1], np.zeros((*size, 2), np.float32), seen, source)
    assert bare is None


def test_teeth_have_no_seam_where_the_lower_lip_is_nearer_than_the_upper_one():
    size = (60, 80)
    depth = np.full(size, 505.0, np.float32)
    depth[:15], depth[45:] = 500.0, 488.0
    skin = np.ones(size, bool)
    skin[15:45, 10:70] = False
    image = Drawn(
        **{
            field.name: np.ones((*size, 3) if field.name in ("color", "normal", "barycentric") else size, np.float32)
            for field in fields(Drawn)
        }
        | {"depth": depth}
    )
    darken_mouth(image, ~skin, skin, focal_px=500.0)
    light = image.color[17:43, 40].mean(-1)
    assert np.abs(np.diff(light)).max() < 0.1  # of a light of 1; .4 where the nearest lip alone counts


def test_teeth_are_darker_beside_the_cheeks_and_not_brighter_than_photographed_ones():
    colour, mouth = np.full((40, 100, 3), 0.5, np.float32), np.zeros((40, 100), bool)
    mouth[10:30, 10:90] = True
    colour[mouth] = 2.0
    darken_sides(colour, mouth, np.array([[10.0, 20.0], [90.0, 20.0]]))
    light = colour[20, :, 0] / 2.0
    # What photos show of teeth on the way to the corner, of which lips and depth have to give the rest.
    assert light[50] == pytest.approx(1) and 0.6 < light[50 + 26] < 0.9 and light[50 + 36] < 0.5
    assert light[12:90] == pytest.approx(light[12:90][::-1], abs=0.05)
    assert (colour[~mouth] == 0.5).all()
    dim_teeth(colour, mouth, ~mouth)
    assert np.quantile(colour[mouth].mean(1), 0.7) == pytest.approx(0.55, rel=0.02)
