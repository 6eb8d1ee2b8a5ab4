"""Points of lids of several expressions at once are those of each."""

from __future__ import annotations

import numpy as np

from facegpt.fitting.embedded import densely_embedded


def test_several_expressions_at_once_give_the_points_of_each(head):
    lids = densely_embedded(head).lids
    draw = np.random.default_rng(4)
    identity = draw.normal(size=head.sizes.identity)
    units = draw.uniform(0, 1, (5, head.sizes.expression)) * (draw.random((5, head.sizes.expression)) < 0.3)
    thetas = np.concatenate([np.repeat(identity[None], 5, axis=0), units], axis=1)
    found = lids.several(thetas)
    assert np.abs(found - np.stack([lids(theta) for theta in thetas])).max() < 1e-3  # mm
