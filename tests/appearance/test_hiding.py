"""Skin that something hides: black brows pass for rims, hands darken what is beside them."""

import numpy as np
import pytest

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.hiding import Hiding, unhidden_texels
from facegpt.appearance.unwrap import Unwrapped
from facegpt.conventions import rotation_from_euler_deg
from facegpt.encode.parts import GLASSES, HAND, SKIN, FaceParts
from facegpt.types import Camera, Pose

PX, SIDE = 192, 64
POSE = Pose(rotation_from_euler_deg(0.0), np.array([0.0, 0.0, 600.0]))
CAMERA = Camera(450.0, ((PX - 1) / 2,) * 2, PX, PX)


def points(head) -> np.ndarray:
    """The detector's points (478, 2) of the head."""
    return CAMERA.project(POSE.apply(head.embedding("mediapipe478")(head.mean_vertices)))


def weight_at(head, where, hidden: slice, no_rims: float, part: int = GLASSES, belief: float = 0.6) -> float:
    """Mean weight kept by texels that lie within 3 px of places (N, 2), with a part believed in some rows."""
    told = np.zeros((PX, PX, 9), np.float32)
    told[..., SKIN] = 1
    told[hidden, :, SKIN], told[hidden, :, part] = 1 - belief, belief
    parts = FaceParts(told, np.ones((PX, PX), bool), np.eye(2, 3), points=points(head))
    atlas, vertices = atlas_of(head, SIDE), POSE.apply(head.mean_vertices)
    ones = (atlas.part == head.part_names.index("skin")).astype(np.float32)
    view = Unwrapped(ones[..., None].repeat(3, 2), ones, ones[..., None].repeat(3, 2))
    left = unhidden_texels(view, vertices, atlas.triangles, atlas, Hiding(CAMERA, None, parts), None, no_rims).weight
    seen = ones > 0
    texels = np.einsum("nk,nkx->nx", atlas.corner[seen], vertices[atlas.triangles[atlas.texel[seen]]])
    near = np.linalg.norm(CAMERA.project(texels)[:, None] - where, axis=-1).min(1) < 3
    front = texels[:, 2] < POSE.translation[2]
    return float(left[seen][near & front].mean())


@pytest.mark.parametrize(("no_rims", "least", "most"), [(0.0, 0.0, 0.3), (1.0, 0.6, 1.0)])
def test_what_looks_like_a_rim_on_a_brow_is_the_brow_where_the_nose_bears_no_glasses(head, no_rims, least, most):
    brow = points(head)[[63, 105, 66, 293, 334, 296]]
    row = int(brow[:, 1].mean())
    assert least <= weight_at(head, brow, slice(row - 3, row + 4), no_rims) <= most


def test_rims_beside_brows_stay_rims(head):
    below = points(head)[[230, 450]]
    row = int(below[:, 1].mean())
    assert weight_at(head, below, slice(row - 4, row + 5), 1.0) < 0.3


def test_lenses_that_cover_the_eyes_hide_them_whatever_the_nose_shows(head):
    brow = points(head)[[63, 105, 66, 293, 334, 296]]
    row = int(brow[:, 1].mean())
    assert weight_at(head, brow, slice(row - 20, row + 40), 1.0) < 0.1


def test_skin_close_to_a_hand_is_not_taken(head):
    chin = points(head)[[152]]
    row = int(chin[0, 1])
    assert weight_at(head, chin, slice(row + 2, row + 30), 1.0, HAND, 0.9) < 0.2
    assert weight_at(head, points(head)[[13]], slice(row + 2, row + 30), 1.0, HAND, 0.9) > 0.6
