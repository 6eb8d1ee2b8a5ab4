"""Open mouths that are asked to shut: no teeth stay, whatever the fit missed; what goes with a smile goes with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from facing_params import facing_params
from scipy.ndimage import binary_dilation

from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.morphable.base import head_vertices, with_weights
from facegpt.picture.companions import parting, with_companions, with_mouth_shut
from facegpt.picture.editing import redrawn
from facegpt.picture.kernels import LOWER, UPPER
from facegpt.picture.prepare import rig_of
from facegpt.picture.wishes import PhotoWishes
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Detection

SKIN, TEETH = (190, 140, 120), (0, 255, 0)
LAUGH = {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "mouthUpperUpLeft": 0.4, "mouthUpperUpRight": 0.4}


def laughing(head, jaw: float, fitted: float, beside_px: int = 0):
    """The rig of a photo of one colour with green between the lips, whose jaw the fit takes for less open."""
    params = facing_params(head, default_studio_lighting())
    truth = with_weights(params, LAUGH | {"jawOpen": jaw})
    vertices = truth.pose.apply(head_vertices(head, truth)).astype(np.float32)
    bare = rig_of(
        Face(head, truth), truth, np.full((params.camera.height, params.camera.width, 3), SKIN, np.uint8), None, None
    )
    image = bare.canvas.draw(vertices, truth.camera, truth.lighting)
    kinds = np.where(image.triangle >= 0, bare.canvas.kinds[np.maximum(image.triangle, 0)], 0)
    photo = bare.photo.copy()
    inside = (kinds == UPPER) | (kinds == LOWER)
    photo[binary_dilation(inside, iterations=beside_px) if beside_px else inside] = TEETH
    points = np.zeros((478, 3))
    points[:, :2] = truth.camera.project(head.embedding("mediapipe478")(vertices))
    seen = Detection(points=points, scores=np.zeros(52), rotation=np.eye(3), confidence=1.0)
    taken = with_weights(params, LAUGH | {"jawOpen": fitted})
    return rig_of(Face(head, taken), taken, photo, seen, None)


def green(picture) -> int:
    levels = picture.astype(int)
    return int((levels[..., 1] - np.maximum(levels[..., 0], levels[..., 2]) > 30).sum())


@pytest.mark.parametrize("fitted", [0.35, 0.5, 0.65])
def test_no_teeth_are_left_of_a_laugh_that_is_shut(head, fitted):
    rig = laughing(head, 0.5, fitted)
    assert green(rig.photo) > 100
    shut = with_mouth_shut(head, with_weights(rig.params, {"jawOpen": 0.0}))
    assert green(rig.changed(shut).picture) <= 2
    rest = rig.params.replace(expression=np.zeros_like(np.asarray(rig.params.expression)))
    assert green(rig.changed(rest).picture) <= 2


def test_teeth_beside_the_edge_that_the_detector_gives_go_by_pulled_lips(head):
    rig = laughing(head, 0.5, 0.5, beside_px=1)
    flat = replace(rig.still.lips, pull=np.zeros((2, 2, 2), np.float32))
    rest = rig.params.replace(expression=np.zeros_like(np.asarray(rig.params.expression)))
    left = [
        green(replace(rig, still=replace(rig.still, lips=lips)).changed(rest).picture)
        for lips in (flat, rig.still.lips)
    ]
    assert left[0] > 10
    assert left[1] < 0.3 * left[0]


def test_a_mouth_that_is_asked_for_nothing_or_more_stays_open(head):
    rig = laughing(head, 0.4, 0.35)
    assert np.array_equal(rig.changed(rig.params).picture, rig.photo)
    half, wide = (with_weights(rig.params, {"jawOpen": jaw}) for jaw in (0.2, 0.6))
    openings = [opening(head, rig, each) for each in (half, rig.params, wide)]
    assert openings[0] < 0.8 * openings[1] < 0.7 * openings[2]


def opening(head, rig, params) -> float:
    points = head.embedding("mediapipe478")(rig.placed(params))
    return float(np.linalg.norm(points[13] - points[14]))


def test_outside_the_mask_a_shut_mouth_leaves_the_photo(head):
    rig = laughing(head, 0.5, 0.5)
    changed = rig.changed(with_weights(rig.params, {"jawOpen": 0.0}))
    outside = changed.mask == 0
    assert outside.any() and np.array_equal(changed.picture[outside], rig.photo[outside])


def test_units_that_part_lips_are_found_by_what_they_do(head):
    found = parting(head)
    assert {"jawOpen", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight"} <= set(
        found
    )
    assert not {"mouthClose", "mouthSmileLeft", "mouthRollUpper", "browInnerUp"} & set(found)


def weight(params, name):
    return float(np.asarray(params.expression)[ARKIT_NAMES.index(name)])


def test_a_smile_that_goes_takes_its_sneer_along_and_leaves_what_was_named(head):
    before = with_weights(
        facing_params(head, default_studio_lighting()), LAUGH | {"browInnerUp": 0.5, "mouthStretchLeft": 0.3}
    )
    words = with_weights(before, {"mouthSmileLeft": 0.0, "mouthSmileRight": 0.0, "mouthStretchLeft": 0.6})
    after = with_companions(head, before, words, {"mouthSmile"})
    assert weight(after, "mouthUpperUpLeft") < 0.05
    assert weight(after, "browInnerUp") == pytest.approx(0.5)
    assert weight(after, "mouthStretchLeft") >= 0.6
    still = with_companions(head, before, before, set())
    assert np.array_equal(np.asarray(still.expression), np.asarray(before.expression))


def test_who_laughs_no_more_shuts_the_mouth_and_a_jaw_that_is_named_stays(head):
    rig = laughing(head, 0.5, 0.5)
    words = with_weights(rig.params, {"mouthSmileLeft": 0.0, "mouthSmileRight": 0.0})
    calm = with_companions(head, rig.params, words, {"mouthSmile"})
    assert weight(calm, "jawOpen") < 0.03
    assert green(rig.changed(calm).picture) <= 2
    gaping = with_companions(head, rig.params, words, {"mouthSmile", "jawOpen"})
    assert weight(gaping, "jawOpen") == pytest.approx(0.5)
    one_side = with_companions(head, rig.params, with_weights(rig.params, {"mouthSmileLeft": 0.0}), {"mouthSmile"})
    assert weight(one_side, "jawOpen") == pytest.approx(0.5)


def test_a_big_grin_is_drawn_larger_than_a_smile_and_bares_teeth(head):
    rest = facing_params(head, default_studio_lighting())
    smile, grin = (
        with_companions(
            head, rest, with_weights(rest, dict.fromkeys(("mouthSmileLeft", "mouthSmileRight"), size)), set()
        )
        for size in (0.6, 0.95)
    )
    assert weight(grin, "mouthSmileLeft") > 1.2 > weight(smile, "mouthSmileLeft")
    assert weight(grin, "mouthUpperUpLeft") > 0.2
    assert weight(smile, "mouthUpperUpLeft") == 0


def test_a_jaw_named_shut_shuts_lips_that_are_parted_over_shut_teeth(head):
    before = with_weights(facing_params(head, default_studio_lighting()), LAUGH)
    assert weight(with_companions(head, before, before, {"jawOpen"}), "mouthUpperUpLeft") == 0
    asked = PhotoWishes({"jawOpen": 0.0, "mouthUpperUpLeft": 0.4})
    assert weight(with_mouth_shut(head, before, asked.weights), "mouthUpperUpLeft") == pytest.approx(0.4)
    open_jaw = with_weights(before, {"jawOpen": 0.3})
    assert weight(with_mouth_shut(head, open_jaw), "mouthUpperUpLeft") == pytest.approx(0.4)


def test_a_head_that_words_changed_takes_companions_into_its_photo_and_sliders_do_not(head):
    rig = laughing(head, 0.5, 0.5)
    calm = with_weights(rig.params, {"jawOpen": 0.0, "mouthSmileLeft": 0.0, "mouthSmileRight": 0.0})
    face = replace(rig.face, params=calm)
    worded, slid = (redrawn(rig, face, by_words=by_words).picture for by_words in (True, False))
    assert green(worded) <= 2
    assert (worded != slid).any()
