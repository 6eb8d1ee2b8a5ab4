"""The red of the lips ends in a line, not in saw teeth."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d, zoom

from facegpt.morphable.makehuman.albedo import AlbedoModel

#: Texels of a fine texture by one of the stored regions, and of the line's own shape, fine texels.
FINE, SHAPE = 4, 6.0


def roughness_texels(lips: np.ndarray, part: tuple[float, float]) -> float:
    """RMS by which the upper edge of the lips in a fine texture leaves its own smooth line, fine texels."""
    fine = zoom(lips, FINE, order=1, grid_mode=True, mode="nearest")
    columns = np.flatnonzero(fine.max(0) > 0.9)
    first, last = (int(len(columns) * end) for end in part)
    line = []
    for column in columns[first:last]:
        row = int(np.flatnonzero(fine[:, column] > 0.5)[0])
        before, after = fine[row - 1, column], fine[row, column]
        line.append(row - (after - 0.5) / max(after - before, 1e-6))
    return float((np.array(line) - gaussian_filter1d(line, SHAPE, mode="nearest"))[8:-8].std())


@pytest.mark.parametrize("part", [(0.05, 0.42), (0.58, 0.95)])
def test_edge_of_lips_is_a_smooth_line_where_their_texels_are_steps(part):
    albedo = AlbedoModel.load()
    steps = (np.asarray(albedo.regions) & 8 > 0).astype(np.float32)
    assert roughness_texels(steps, part) > 0.6
    assert roughness_texels(albedo.lips, part) < 0.3


def test_lips_keep_their_place():
    albedo = AlbedoModel.load()
    red = np.asarray(albedo.regions) & 8 > 0
    lips = albedo.lips
    assert abs(lips.sum() / red.sum() - 1) < 0.02
    assert ((lips > 0.5) == red).mean() > 0.998
    assert lips.min() == 0 and lips.max() == 1
