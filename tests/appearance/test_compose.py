"""The finished texture of a photo's finest detail: where the coarse grid asks for too much of it."""

import numpy as np
from made_up_head import made_up_head
from test_texture import LIGHT, facing, patterned, photograph

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.complete import Layers
from facegpt.appearance.compose import compose
from facegpt.appearance.posed_head import pose_head
from facegpt.conventions import srgb_to_linear


def test_bright_pixels_beside_black_ones_do_not_burn():
    """One coarse texel is black in the photo: its gain of e³ would make the bright pixels around it glow."""
    head, grid, side = made_up_head(), 64, 256
    params = facing(head)
    image = photograph(head, patterned(head), params)
    own = np.ones((grid, grid), np.float32)
    nothing, offset = np.zeros((grid, grid, 3), np.float32), np.zeros((grid, grid, 3), np.float32)
    model = np.full((side, side, 3), 0.3, np.float32)
    made = []
    for gain in (0.0, 3.0):
        offset[16:48:4, 16:48:4] = gain
        layers = Layers(own, own * 0, offset.copy(), nothing, nothing, own * 0 + 1)
        texture, share = compose(image, pose_head(head, params), atlas_of(head, side), LIGHT, layers, model)
        made.append(srgb_to_linear(texture / 255.0)[share > 0.9])
    plain, burnt = made
    assert len(plain) > 500
    assert burnt.max() <= 2.55 * 0.3 and (burnt >= plain - 0.01).all()
