"""Photos that hide or lack what a change needs: hats, hair over the face, beards, glare, drawings, faces of 40 pixels.

What lies before the face stays as it is to the level, what is outside the mask is the photo's, and what cannot be done
is said.
"""

from __future__ import annotations

import numpy as np
import pytest
from facing_params import facing_params
from PIL import Image, ImageFilter
from scipy.ndimage import gaussian_filter

from facegpt.encode.parts import BACKGROUND, BEARD, HAIR, HAT, PARTS, SKIN, FaceParts
from facegpt.face import Face
from facegpt.morphable.base import head_vertices, with_weights
from facegpt.picture.doubts import doubts
from facegpt.picture.prepare import rig_of
from facegpt.picture.turning import turned
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.plots import lay_on
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, Mesh

MESH = ("triangles", "uv", "uv_triangles", "part", "part_names", "texture")
SMILE = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "jawOpen": 0.3}
BROWS = {"browInnerUp": 0.8, "browOuterUpLeft": 0.8, "browOuterUpRight": 0.8}


def photo_of(head, weights=None, params=None):
    """A face drawn before a plain wall with the grain of a camera, and its parameters."""
    params = with_weights(params or facing_params(head, default_studio_lighting()), weights or {})
    face = Face(head, params)
    mesh = Mesh(head_vertices(head, params), *(getattr(face.mesh, name) for name in MESH))
    wall = np.full((params.camera.height, params.camera.width, 3), (90, 120, 150), np.uint8)
    photo = lay_on(draw_picture(mesh, params.pose, params.camera, params.lighting, 1), wall).astype(float)
    noisy = photo + np.random.default_rng(2).normal(0, 3, photo.shape)
    return face, params, np.clip(noisy, 0, 255).round().astype(np.uint8)


def points_of(head, params):
    return params.camera.project(params.pose.apply(head.embedding("mediapipe478")(head_vertices(head, params))))


def parts_with(photo, region, part):
    """Parts that are one of them in a region (H, W), and skin in the middle of the picture elsewhere."""
    height, width = photo.shape[:2]
    told = np.zeros((height, width, len(PARTS)), np.float32)
    told[..., BACKGROUND] = 1
    told[40:-40, 40:-40] = np.eye(len(PARTS))[SKIN]
    told[region] = np.eye(len(PARTS))[part]
    return FaceParts(told, np.ones((height, width), bool), np.eye(2, 3))


def levels(one, other, where):
    """The mean difference of two pictures where (H, W) holds, levels of 8 bits."""
    return float(np.abs(one.astype(int) - other)[where].mean())


def outside_is_the_photo(rig, changed):
    outside = changed.mask == 0
    return bool(outside[0].all() and np.array_equal(changed.picture[outside], rig.photo[outside]))


def test_the_brim_of_a_hat_stays_while_brows_rise_and_it_is_said(head):
    face, params, photo = photo_of(head)
    points = points_of(head, params)
    brim = int(points[[66, 296], 1].min()) - 4  # right above the brows
    hat = np.zeros(photo.shape[:2], bool)
    hat[brim - 60 : brim] = True
    photo[hat] = np.random.default_rng(1).integers(30, 220, (int(hat.sum()), 3))
    bare, worn = (rig_of(face, params, photo, None, parts_with(photo, hat & covered, HAT)) for covered in (False, True))
    seen = np.zeros_like(hat)
    seen[brim - 14 : brim - 2, int(points[66, 0]) : int(points[296, 0])] = True
    asked = with_weights(params, BROWS)
    kept = [levels(rig.changed(asked).picture, photo, seen) for rig in (bare, worn)]
    assert kept[0] > 3 and kept[1] < 0.25 * kept[0]
    assert "hat" in str(doubts(worn, asked)) and "hat" not in str(doubts(bare, asked))
    assert outside_is_the_photo(worn, worn.changed(asked))


def test_long_hair_over_a_cheek_stays_sharp_and_the_other_side_smiles(head):
    face, params, photo = photo_of(head)
    points = points_of(head, params)
    middle, edge = int(points[4, 0]), int(points[50, 0]) + 14
    strands = np.zeros(photo.shape[:2], bool)
    strands[20:-20, edge - 40 : edge] = True
    photo[strands] = np.random.default_rng(1).integers(10, 90, (int(strands.sum()), 3))
    rig = rig_of(face, params, photo, None, parts_with(photo, strands, HAIR))
    changed = rig.changed(with_weights(params, SMILE))
    over = np.zeros_like(strands)
    over[int(points[50, 1]) - 8 : int(points[50, 1]) + 12, edge - 16 : edge - 8] = True
    bare = rig_of(face, params, photo, None, parts_with(photo, strands & False, HAIR))
    moved = [levels(each.changed(with_weights(params, SMILE)).picture, photo, over) for each in (bare, rig)]
    assert moved[0] > 8 and moved[1] < 0.25 * moved[0]
    mouth = np.zeros_like(strands)
    mouth[int(points[13, 1]) - 6 : int(points[17, 1]) + 6, middle : int(points[291, 0])] = True
    assert levels(changed.picture, photo, mouth) > 8
    assert "hair" in str(doubts(rig, params))
    assert outside_is_the_photo(rig, changed)


def test_a_beard_goes_with_the_jaw_and_keeps_its_hairs(head):
    face, params, photo = photo_of(head)
    points = points_of(head, params)
    rows, columns = np.indices(photo.shape[:2])
    chin = points[[17, 152]].mean(0)
    beard = np.hypot((columns - chin[0]) / 1.6, rows - chin[1]) < 12
    photo[beard] = np.random.default_rng(1).integers(10, 120, (int(beard.sum()), 1))
    rig = rig_of(face, params, photo, None, parts_with(photo, beard, BEARD))
    asked = with_weights(params, {"jawOpen": 0.3})
    move = (points_of(head, asked) - points)[199]
    assert move[1] > 3
    x, y = np.round(points[199]).astype(int)
    changed = rig.changed(asked).picture.mean(-1)
    likeness = []
    for down in range(12):  # the truth is where the head's own chin went
        one, other = photo[y - 3 : y + 4, x - 5 : x + 6].mean(-1), changed[y - 3 + down : y + 4 + down, x - 5 : x + 6]
        likeness.append(float(np.corrcoef(one.ravel(), other.ravel())[0, 1]))
    assert int(np.argmax(likeness)) == pytest.approx(move[1], abs=1)
    assert max(likeness) > 0.6


def test_glare_on_a_cheek_does_not_light_drawn_teeth_and_is_said(head):
    face, params, photo = photo_of(head)
    points = points_of(head, params)
    rows, columns = np.indices(photo.shape[:2])
    spot = points[50]
    glare = np.hypot(columns - spot[0], rows - spot[1]) < 17
    lit = photo.copy()
    lit[glare] = 255
    wide = with_weights(params, {"jawOpen": 0.5, "mouthUpperUpLeft": 0.5, "mouthUpperUpRight": 0.5})
    rigs = [rig_of(face, params, one, None, None) for one in (photo, lit)]
    mouths = []
    for rig in rigs:
        opened = points_of(head, wide)
        (x0, y0), (x1, y1) = opened[[78, 13]].min(0).astype(int) + 2, opened[[308, 14]].max(0).astype(int) - 2
        mouths.append(rig.changed(wide).picture[y0:y1, x0:x1].mean((0, 1)))
    assert mouths[1] == pytest.approx(mouths[0], rel=0.1)
    assert "burnt out" in str(doubts(rigs[1], params)) and "burnt out" not in str(doubts(rigs[0], params))


def cartoon(photo):
    """A picture in flat colours with dark outlines."""
    soft = Image.fromarray(gaussian_filter(photo.astype(float), (2, 2, 0)).astype(np.uint8))
    flat = np.asarray(
        soft.quantize(10, dither=Image.Dither.NONE).convert("RGB").filter(ImageFilter.ModeFilter(5))
    ).copy()
    edge = np.abs(np.diff(flat.astype(int).sum(-1), axis=1, prepend=0)) > 30
    flat[edge] = (20, 15, 15)
    return flat


def test_a_drawing_is_moved_in_its_own_colours_and_it_is_said(head):
    face, params, photo = photo_of(head)
    drawing = cartoon(photo)
    rig = rig_of(face, params, drawing, None, None)
    assert "looks drawn" in str(doubts(rig, params))
    assert "looks drawn" not in str(doubts(rig_of(face, params, photo, None, None), params))
    assert np.array_equal(rig.changed(params).picture, drawing)
    changed = rig.changed(with_weights(params, BROWS))
    assert outside_is_the_photo(rig, changed)
    seen = changed.mask > 0
    palette = np.unique(drawing.reshape(-1, 3), axis=0).astype(int)
    away = np.abs(changed.picture[seen][:, None].astype(int) - palette).max(-1).min(-1)
    assert (away < 24).mean() > 0.8  # edges are blended, and light goes with the skin


def test_a_face_of_forty_pixels_is_changed_within_its_place_and_it_is_said(head):
    params = facing_params(head, default_studio_lighting())
    camera = params.camera
    points = points_of(head, params)[:468]
    share = 40 / float(np.ptp(points[:, 0]))
    small = Camera(camera.focal_px * share, camera.principal_px, camera.width, camera.height)
    face, params, photo = photo_of(head, params=params.replace(camera=small))
    rig = rig_of(face, params, photo, None, None)
    assert "40 pixels wide" in str(doubts(rig, params))
    changed = rig.changed(with_weights(params, SMILE))
    points = points_of(head, params)
    rows, columns = np.indices(photo.shape[:2])
    mouth = np.hypot(*(np.stack([columns, rows], -1) - points[[61, 291]].mean(0)).transpose(2, 0, 1)) < 8
    far = np.hypot(*(np.stack([columns, rows], -1) - points[4]).transpose(2, 0, 1)) > 80
    assert levels(changed.picture, photo, mouth) > 5
    assert np.array_equal(changed.picture[far], photo[far])


@pytest.mark.parametrize("side", [(-1, 0), (1, 0), (0, -1), (0, 1)])
def test_a_face_cut_off_at_any_border_turns_and_smiles_without_black_or_repeats_of_outside(head, side):
    params = facing_params(head, default_studio_lighting())
    camera = params.camera
    middle = camera.principal_px[0] + 110 * side[0], camera.principal_px[1] + 110 * side[1]
    cut = Camera(camera.focal_px, middle, camera.width, camera.height)
    face, params, photo = photo_of(head, params=params.replace(camera=cut))
    rig = rig_of(face, params, photo, None, None)
    changed = rig.changed(with_weights(turned(params, 8), SMILE))
    assert "border" in str(doubts(rig, params))
    assert changed.picture.shape == photo.shape and outside_is_the_photo_somewhere(rig, changed)
    assert (changed.picture.max(-1) < 8).mean() <= (photo.max(-1) < 8).mean() + 0.01


def outside_is_the_photo_somewhere(rig, changed):
    outside = changed.mask == 0
    return bool(outside.any() and np.array_equal(changed.picture[outside], rig.photo[outside]))


def test_sharp_light_grey_film_and_blocks_are_not_taken_for_drawings(head):
    face, params, photo = photo_of(head)
    for other in (photo // 2, np.repeat(photo.mean(-1, keepdims=True).astype(np.uint8), 3, -1)):
        assert "drawn" not in str(doubts(rig_of(face, params, other, None, None), params))
