"""Colours that nothing around has, against a tree of neighbours."""

import numpy as np
from scipy.spatial import cKDTree

from facegpt.reconstruct.left_out.foreign import SHARE, foreign


def test_colours_are_as_far_as_a_share_of_the_nearest_kind_is_near():
    rng = np.random.default_rng(1)
    palette = [rng.normal(rng.uniform(0, 40, 3), 6, (count, 3)) for count in (60, 400, 1500)]
    colours = rng.normal(20, 15, (12, 9, 3)).astype(np.float32)
    each = [cKDTree(known).query(colours, [max(2, int(SHARE * len(known)))])[0][..., 0] for known in palette]
    assert np.abs(foreign(colours, palette, 30.0) - np.minimum(np.min(each, 0), 30.0)).max() < 1e-4


def test_a_single_colour_of_a_kind_does_not_make_it_known():
    kind = np.concatenate([np.zeros((99, 3)), [[20.0, 0, 0]]])
    assert foreign(np.array([[[20.0, 0, 0]]]), [kind], 30.0) == 20.0
