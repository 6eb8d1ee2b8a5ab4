"""Lips of a known colour come back in it: they are drawn neither towards the skin beside them nor towards its sheen."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from test_beards import bearded_photo, seen
from test_texture import photograph

from facegpt.appearance.prior import model_texture, prior_of
from facegpt.appearance.texture import texture_from_photo
from facegpt.conventions import srgb_to_linear

SIDE = 256


def lips_beside_skin(head, linear, where):
    """Log (3,) of the lips' colour over the cheeks', of a texture (S, S, 3) linear; where: (SIDE, SIDE) bool."""
    step = len(linear) // SIDE
    logs = np.log(np.maximum(linear, 2e-3)).reshape(SIDE, step, SIDE, step, 3).mean((1, 3))
    regions = Image.fromarray(head.albedo.regions).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    return np.median(logs[where], axis=0) - np.median(logs[np.asarray(regions) & 1 > 0], axis=0)


@pytest.mark.parametrize("times", [(1.0, 1.0, 1.0), (0.62, 0.5, 0.55), (0.95, 0.5, 0.6)], ids=["own", "dark", "red"])
def test_lips_come_back_as_dark_and_as_red_as_they_are(head, times):
    _, params, _ = bearded_photo(head)
    prior = prior_of(head, SIDE)
    lips = np.asarray(Image.fromarray(prior.lips).resize((512, 512)))[..., None]
    truth = model_texture(head, params.albedo, 512) * np.asarray(times, np.float32) ** lips
    picture = photograph(head, np.ascontiguousarray(truth.transpose(2, 0, 1)), params)
    found = srgb_to_linear(texture_from_photo(picture, head, params, 512, *seen(0.0)).texture[..., :3] / 255)
    for where in ((prior.lips > 0.7) & (prior.rim < 0.3), prior.rim > 0.5):
        error = lips_beside_skin(head, found, where) - lips_beside_skin(head, truth, where)
        assert np.abs(error).max() < 0.2  # log units; 0.52 where the low band of the skin was theirs too
