"""Lines of a skin go with the age that a face looks like."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from facegpt.appearance.lines import lined, with_lines
from facegpt.appearance.prior import model_texture
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE, NAMED
from facegpt.types import IdentityBelief

WRINKLES = NAMED["wrinkles"]
ALL = np.ones((256, 256), np.float32)


def seen(age_years):
    return SimpleNamespace(belief=IdentityBelief(np.zeros(60), np.eye(60), age_years))


def roughness(texture, head):
    """RMS of what is finer than some texels, on the cheeks and the forehead."""
    logs = np.log(texture.mean(-1))
    fine = logs - (np.roll(logs, 6, 0) + np.roll(logs, -6, 0)) / 2
    regions = np.asarray(head.albedo.regions)
    step = len(logs) // len(regions)
    mask = np.kron((regions & 3) > 0, np.ones((step, step))) > 0
    return float(np.sqrt((fine[mask] ** 2).mean()))


def test_a_young_face_is_painted_smoother_than_an_old_one(head):
    plain = np.zeros(ALBEDO_SIZE, np.float32)
    amounts = {age: with_lines(plain, head, seen(age))[WRINKLES] for age in (20, 45, 75)}
    assert amounts[20] < -1 and -0.6 < amounts[45] < 0.2 and amounts[75] > 1.5
    rough = [roughness(model_texture(head, with_lines(plain, head, seen(age)), 1024), head) for age in (20, 45, 75)]
    assert rough[0] < rough[1] < rough[2]


def test_all_else_of_the_skin_stays(head):
    skin = np.linspace(-1, 1, ALBEDO_SIZE).astype(np.float32)
    changed = with_lines(skin, head, seen(25))
    assert np.flatnonzero(changed != skin).tolist() == [WRINKLES]
    assert with_lines(skin, head, None) is skin and with_lines(skin, head, seen(None)) is skin


def test_fine_lines_leave_where_the_photo_shows_nothing(head):
    """As the albedo model itself draws them, but for what is coarser than its basis."""
    young = np.zeros(ALBEDO_SIZE, np.float32)
    young[WRINKLES] = -1.0
    mean = model_texture(head, 0 * young, 1024)
    coarse = np.exp(-np.kron(head.albedo.basis[WRINKLES].transpose(1, 2, 0), np.ones((4, 4, 1))))
    model = model_texture(head, young, 1024)
    found = lined(mean, head, young, ALL) * coarse
    error, before = (np.abs(np.log(np.maximum(a, 2e-3) / np.maximum(model, 2e-3))).mean() for a in (found, mean))
    assert error < 0.35 * before
    assert lined(mean, head, 0 * young, ALL) is mean


def test_necks_of_old_heads_are_lined_and_what_a_photo_shows_has_its_own_lines(head):
    """As the albedo model itself draws them, but for what is coarser than its basis."""
    old, unseen = np.zeros(ALBEDO_SIZE, np.float32), ALL.copy()
    old[WRINKLES] = 2.0
    unseen[:, :128] = 0
    mean, coarse = (
        model_texture(head, 0 * old, 1024),
        np.kron(head.albedo.basis[WRINKLES].mean(0), np.ones((4, 4))),
    )
    found, model = (np.log(each[..., 1]) for each in (lined(mean, head, old, unseen), model_texture(head, old, 1024)))
    np.testing.assert_array_equal(found[:, :512], np.log(mean[:, :512, 1]))
    neck = slice(730, 820), slice(540, 760)  # rows of the atlas below the chin
    drawn, true = found - np.log(mean[..., 1]), model - np.log(mean[..., 1]) - 2 * coarse
    assert true[neck].std() > 0.01
    assert np.corrcoef(drawn[neck].ravel(), true[neck].ravel())[0, 1] > 0.95
