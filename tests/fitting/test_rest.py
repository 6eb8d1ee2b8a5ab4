"""What all photos share of their expressions goes into the shape; what passes stays an expression."""

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting.rest import at_rest, shared_expression
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import load
from facegpt.types import Camera, FaceParams, Pose

HEAD = load()
NOBODY = np.zeros(HEAD.sizes.identity)
POUT, SMILE = ARKIT_NAMES.index("mouthPucker"), ARKIT_NAMES.index("mouthSmileLeft")


def photo(**weights):
    expression = np.zeros(len(ARKIT_NAMES), np.float32)
    for name, weight in weights.items():
        expression[ARKIT_NAMES.index(name)] = weight
    joints = np.zeros((HEAD.sizes.joints, 3), np.float32)
    pose, camera = Pose(np.eye(3), np.array([0.0, 0.0, 600.0])), Camera(700.0, (255.5, 255.5), 512, 512)
    albedo = np.zeros(HEAD.sizes.albedo, np.float32)
    light = np.zeros((9, 3), np.float32)
    return FaceParams(HEAD.model_id, NOBODY.astype(np.float32), expression, joints, pose, albedo, light, camera)


def test_a_weight_that_all_photos_share_is_taken_and_one_that_passes_is_not():
    shared = shared_expression(np.array([[0.1, 0.6], [0.1, 0.0], [0.12, 0.0]]))
    assert 0.06 < shared[0] < 0.1
    assert shared[1] == 0


def test_a_smile_in_all_photos_stays_a_smile():
    assert shared_expression(np.full((5, 1), 0.7))[0] < 0.1


def test_one_photo_tells_nothing():
    found, left = at_rest(HEAD, NOBODY, [photo(mouthPucker=0.1)])
    assert not found.any()
    assert left[0].expression[POUT] == np.float32(0.1)


def test_heads_look_as_before_but_the_shape_at_rest_has_what_was_shared():
    photos = [photo(mouthPucker=0.12), photo(mouthPucker=0.12, mouthSmileLeft=0.5), photo(mouthPucker=0.12)]
    found, left = at_rest(HEAD, NOBODY, photos)
    assert all(one.expression[POUT] < 0.06 for one in left)
    assert left[1].expression[SMILE] == np.float32(0.5)
    lips = np.linalg.norm(HEAD.expression_basis[POUT], axis=1) > 2
    whole = 0.12 * HEAD.expression_basis[POUT][lips]
    for before, after in zip(photos, left, strict=True):
        change = (head_vertices(HEAD, after) - head_vertices(HEAD, before))[lips]
        assert np.linalg.norm(change, axis=1).mean() < 0.35 * np.linalg.norm(whole, axis=1).mean()
    rest = np.tensordot(found, HEAD.identity_basis, 1)[lips]
    assert (rest * whole).sum() / (whole**2).sum() > 0.3
