"""Folds come and go with the expression: exact at the photo's, gone at rest, on the side that moves."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.detail.fold_groups import GROUPS, left_share, pressed
from facegpt.detail.relief import Detail, fold_fields, split
from facegpt.detail.skin_window import skin_window
from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.relief.canvas import Canvas
from facegpt_lab.synthesis.relief.folds import sculpted


def weights(**units):
    out = np.zeros(len(ARKIT_NAMES), np.float32)
    for name, value in units.items():
        out[ARKIT_NAMES.index(name)] = value
    return out


@pytest.fixture(scope="module")
def lined(head):
    """Skin (HEIGHT, WIDTH) mm with folds of all groups, as a sculptor draws them."""
    rng = np.random.default_rng(4)
    return 0.5 * sculpted(Canvas(head), rng, dict.fromkeys(GROUPS, 0.8))


def detail(relief, expression, age_years=30.0, invented=0.0):
    static, dynamic = split(relief, expression, age_years)
    return Detail(static, dynamic, expression, invented)


@pytest.mark.parametrize("invented", [0.0, 0.8])
def test_at_the_photos_expression_the_relief_is_what_the_photo_showed(lined, invented):
    seen = weights(mouthSmileLeft=0.7, mouthSmileRight=0.5, browInnerUp=0.2)
    assert np.abs(detail(lined, seen, invented=invented).displacement(seen) - lined).max() < 1e-5


def test_a_face_at_rest_keeps_all_that_its_photo_shows(lined):
    static, dynamic = split(lined, weights(), 25.0)
    assert np.array_equal(static, lined) and not dynamic.any()


def test_a_smiles_folds_leave_a_young_face_when_it_rests_and_the_rest_stays(lined):
    seen = weights(mouthSmileLeft=1.0, mouthSmileRight=1.0)
    rest = detail(lined, seen, age_years=20.0).displacement(weights())
    region = fold_fields().regions[list(GROUPS).index("smile")] > 0.95
    assert np.abs(rest[region]).mean() < 0.35 * np.abs(lined[region]).mean()
    forehead = fold_fields().regions[list(GROUPS).index("forehead")] > 0.5
    assert np.allclose(rest[forehead], lined[forehead], atol=1e-6)  # mm


def test_an_old_faces_folds_stay_more_than_a_young_ones(lined):
    seen = weights(mouthSmileLeft=1.0, mouthSmileRight=1.0)
    region = fold_fields().regions[list(GROUPS).index("smile")] > 0.9
    left = [np.abs(detail(lined, seen, age).displacement(weights()))[region].sum() for age in (20.0, 80.0)]
    assert left[1] > 1.5 * left[0]


def test_the_harder_a_face_smiles_the_more_of_its_folds_leave(lined):
    region = fold_fields().regions[list(GROUPS).index("smile")] > 0.9
    left = [
        np.abs(split(lined, weights(mouthSmileLeft=w, mouthSmileRight=w), 40.0)[0])[region].sum() for w in (0.1, 0.4, 1)
    ]
    assert left[0] > left[1] > left[2]


def test_a_frown_that_no_photo_showed_folds_the_skin_between_the_brows_only(lined):
    made = detail(lined, weights(), invented=1.0)
    change = made.displacement(weights(browDownLeft=1.0, browDownRight=1.0)) - made.displacement(weights())
    region = fold_fields().regions[list(GROUPS).index("frown")]
    assert change.min() < -0.05 and np.abs(change[region < 1e-3]).max() < 0.02  # mm


def test_one_raised_brow_folds_its_own_side(head, lined):
    made = detail(lined, weights(), invented=1.0)
    change = np.abs(made.displacement(weights(browOuterUpLeft=1.0)) - made.displacement(weights()))
    x = skin_window(head).interpolate(head.mean_vertices)[..., 0]
    assert change[x > 10].sum() > 20 * change[x < -10].sum()


def test_strength_scales_and_is_bounded(lined):
    made = detail(lined, weights(mouthPucker=0.5))
    assert np.allclose(made.strengthened(0.0).displacement(weights()), 0)
    assert np.allclose(made.strengthened(2.0).displacement(weights()), 2 * made.displacement(weights()))
    with pytest.raises(FaceGPTError, match="0 to 3"):
        made.strengthened(3.5)


def test_folds_of_another_leave_the_skin_at_rest_its_own(lined):
    mine = detail(lined[:, ::-1].copy(), weights())
    other = detail(lined, weights(mouthSmileLeft=1.0, mouthSmileRight=1.0))
    mixed = mine.with_folds_of(other)
    assert np.allclose(mixed.static, mine.static) and np.allclose(mixed.dynamic, other.dynamic)
    assert np.allclose(mixed.photographed(), mine.static)  # the dark of its own hollows, not of the other's
    assert mine.with_folds_of(mine) is mine


def test_units_press_their_groups_and_sides():
    told = pressed(weights(mouthSmileLeft=1.0))
    smile = list(GROUPS).index("smile")
    assert told.left[smile] > 0.8 and told.right[smile] == 0
    units = {unit.replace("*", side) for group in GROUPS.values() for unit in group for side in ("Left", "Right")}
    assert {unit for unit in units if unit in ARKIT_NAMES} == units  # every name is one of the 52
    assert left_share(np.array([-30.0, 0.0, 30.0])).tolist() == [0.0, 0.5, 1.0]
