"""The colour fit's Hessian without what stains leave at zero, and slopes of normals that serve several steps."""

from __future__ import annotations

import numpy as np

from facegpt.fitting.photo_samples import KeptSlopes, normals_and_slopes, photo_samples
from facegpt.fitting.small_products import opponent_products


def test_products_of_opponent_rows_are_the_whole_product():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(50, 3, 9 + 4 + 27))
    rows[:, 1:, 9:13] = 0.0  # stains have no hue
    whole = rows.reshape(-1, rows.shape[2])
    assert np.allclose(opponent_products(rows, 4), whole.T @ whole, atol=1e-10)


def test_kept_slopes_are_found_anew_only_for_places_that_were_not_asked_for(head):
    samples = photo_samples(head)
    kept, points = KeptSlopes(samples), samples.points(np.zeros(samples.points.basis.shape[2]))
    first, more = np.zeros(len(points), bool), np.zeros(len(points), bool)
    first[:40], more[:60] = True, True
    slopes = kept.at(points, first)
    assert kept.at(2 * points, first) is slopes
    true = normals_and_slopes(points, samples.triangles, samples.points.basis, more)[1]
    assert np.allclose(kept.at(points, more)[:60], true[:60])
