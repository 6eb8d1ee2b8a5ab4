"""Depth behind an open patch, against cases whose answer is known by construction; and what hides a sphere."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt_lab.evaluate.judges.expression_samples import expression, pairs, units
from facegpt_lab.evaluate.judges.penetration import Patch, penetration_mm, uncovered
from facegpt_lab.evaluate.protocols.intersections import Anatomy, measure


def sheet(height, size: int = 13, spacing: float = 1.0) -> tuple[np.ndarray, Patch]:
    """A square sheet of triangles facing +z whose height is a function of x and y; its middle is at 0."""
    x, y = np.meshgrid(*[(np.arange(size) - size // 2) * spacing] * 2, indexing="xy")
    vertices = np.stack([x, y, height(x, y)], -1).reshape(-1, 3)
    k = np.arange(size * size).reshape(size, size)
    a, b, c, d = k[:-1, :-1].ravel(), k[:-1, 1:].ravel(), k[1:, 1:].ravel(), k[1:, :-1].ravel()
    return vertices, Patch(np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]))


def test_a_point_behind_a_flat_patch_is_as_deep_as_it_is_far():
    vertices, patch = sheet(lambda x, y: 0 * x)
    points = np.array([[0.3, 0.4, -1.5], [0.3, 0.4, 1.5], [-2.0, 1.0, -0.25], [0.0, 0.0, -5.0]])
    depth = penetration_mm(points, vertices, patch, deepest_mm=3.0)
    np.testing.assert_allclose(depth, [1.5, 0, 0.25, 0], atol=1e-12)  # the last is deeper than is looked for


def test_points_beside_a_patch_do_not_count():
    vertices, patch = sheet(lambda x, y: 0 * x)
    assert penetration_mm(np.array([[7.0, 0.0, -0.5], [0.0, -6.5, -0.2]]), vertices, patch, 3.0).max() == 0


@pytest.mark.parametrize("side", [1, -1], ids=["ridge", "valley"])
def test_sharp_folds_do_not_confuse_inside_and_outside(side):
    vertices, patch = sheet(lambda x, y: -4.0 * side * np.abs(x))  # steep as a lid's edge
    rng = np.random.default_rng(0)
    points = np.c_[rng.uniform(-2.5, 2.5, (300, 2)), rng.uniform(-9, 3, 300)]
    above = points[:, 2] + 4.0 * side * np.abs(points[:, 0])
    expected = np.maximum(-above, 0) / np.sqrt(17)  # distance to the nearer plane of the fold
    depth = penetration_mm(points, vertices, patch, 2.5)
    clear = (np.abs(above) > 0.05) & (expected < 2.0)
    assert (depth[clear & (above > 0)] == 0).all()  # nothing in front counts as behind
    if side == 1:  # below a valley's line the nearest point is the line itself
        assert (depth[clear & (above < 0)] > 0).all()
        np.testing.assert_allclose(depth[clear], expected[clear], atol=0.01)  # mm; candidates are limited


def test_two_bumps_that_overlap_by_a_known_depth_are_found_that_deep():
    overlap = 0.8  # mm
    lower, patch = sheet(lambda x, y: 3 - (x**2 + y**2) / 20, 25, 0.5)
    upper = lower * [1, 1, -1] + [0, 0, 6 - overlap]
    assert penetration_mm(upper, lower, patch, 4.0).max() == pytest.approx(overlap, abs=0.01)


def test_a_sheet_over_half_of_a_sphere_leaves_the_other_half_in_view():
    radius, step = 12.0, 0.1
    sheet_over_left = np.array(
        [[[-20.0, -20, 15], [0, -20, 15], [0, 20, 15]], [[-20, -20, 15], [0, 20, 15], [-20, 20, 15]]]
    )
    whole = np.pi * (0.87 * radius) ** 2
    seen = uncovered(sheet_over_left + 5.0, np.full(3, 5.0), radius, step) * step**2
    assert seen == pytest.approx(whole / 2, rel=0.02)
    behind = sheet_over_left * [1, 1, -1]
    assert uncovered(behind, np.zeros(3), radius, step) * step**2 == pytest.approx(whole, rel=0.01)


def test_samples_hold_all_units_and_no_pair_of_opposites():
    assert len(units()) == 52
    names = {sample.name for sample in pairs()}
    assert "jawOpen + mouthSmile" in names and "jawLeft + jawRight" not in names
    shut = next(s for s in units() if s.name == "mouthClose")
    assert (shut.weights == expression({"mouthClose": 1, "jawOpen": 1})).all()


@pytest.mark.slow
def test_lips_lids_and_teeth_of_the_mean_head_stay_apart_in_every_unit(head):
    table = measure(Anatomy(head), np.zeros((1, head.sizes.identity), np.float32), units())
    for kind, found in table.items():
        assert found[..., 0].max() < 2.5, kind  # mm
        assert np.median(found[..., 0]) < 0.5, kind
