"""What skins usually have beyond the statistics: on lips and lids, alike at all sizes and on both halves of a face."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from facegpt.appearance.over_skin.usual_skin import with_usual_skin
from facegpt.appearance.prior import model_texture, prior_of

SIDE = 512


def change(head, size: int) -> np.ndarray:
    """What is added to the log of a texture (size, size, 3)."""
    return np.log(with_usual_skin(np.full((size, size, 3), 0.25, np.float32), head) / 0.25)


def test_both_halves_get_the_same(head):
    added = change(head, SIDE)
    assert np.abs(added).max() > 0.1
    np.testing.assert_allclose(added, added[:, ::-1], atol=1e-6)


@pytest.mark.parametrize("size", [256, 1024, 2048])
def test_other_sizes_show_the_same(head, size):
    at = min(size, SIDE) // 2
    both = (change(head, each) for each in (size, SIDE))
    small, usual = (one.reshape(at, len(one) // at, at, len(one) // at, 3).mean((1, 3)) for one in both)
    assert np.abs(small - usual).mean() < 0.1 * np.abs(usual).mean()


def test_brows_and_what_is_no_face_stay(head):
    added, prior = np.abs(change(head, SIDE)).max(-1), prior_of(head, SIDE)
    assert added[prior.brows > 0.5].max() < 0.02
    assert added[prior.mask == 0].max() < 0.3 and np.mean(added[prior.mask == 0] > 0.02) < 0.05


def test_lips_stand_out_from_the_skin_around_them(head):
    prior = prior_of(head, SIDE)
    plain = model_texture(head, np.zeros(head.sizes.albedo), SIDE)
    lips = prior.lips > 0.8
    around = (distance_transform_edt(prior.lips < 0.05) > 1) & (distance_transform_edt(~lips) < 10) & (prior.mask > 0.9)

    def contrast(texture: np.ndarray) -> float:
        log = np.log(np.maximum(texture, 1e-4)).mean(-1)
        return float(np.median(log[around & ~lips]) - np.median(log[lips]))

    assert contrast(with_usual_skin(plain, head)) > contrast(plain) + 0.03
