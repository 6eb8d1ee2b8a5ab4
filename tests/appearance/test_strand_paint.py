"""The compiled painter of strands is the plain one."""

import numpy as np

from facegpt.morphable.makehuman.strand_paint import draw_strands


def plainly_drawn(picture, roots, length, width, colour, turn, flow, texel_mm2):
    """The same in double precision, step by step."""
    side, coarse = len(picture), flow.shape[1]
    for (u, v), long, wide, tint, bend, area in zip(roots, length, width, colour, turn, texel_mm2, strict=True):
        gone = 0.0
        while gone < long:
            x, y = (np.clip(at * coarse - 0.5, 0, coarse - 1.001) for at in (u, v))
            i, j, fx, fy = int(y), int(x), x % 1, y % 1
            corners = flow[:, i : i + 2, j : j + 2]
            du, dv = np.einsum("kij,i,j->k", corners, [1 - fy, fy], [1 - fx, fx])
            speed, share = np.hypot(du, dv), gone / long
            angle = bend[0] + 2 * bend[1] * np.sin(5 * share)
            cover = min(wide / max(area * speed * side, 0.05), 1.0) * (1 - 0.6 * share) * min(long * speed * side, 1.0)
            px, py = u * side - 0.5, v * side - 0.5
            for row in (int(np.floor(py)), int(np.floor(py)) + 1):
                for column in (int(np.floor(px)), int(np.floor(px)) + 1):
                    if 0 <= row < side and 0 <= column < side:
                        near = (1 - abs(px - column)) * (1 - abs(py - row)) * cover
                        picture[row, column] += near * (tint - picture[row, column])
            step = 1 / (speed * side)
            gone, u, v = (
                gone + step,
                u + (du * np.cos(angle) - dv * np.sin(angle)) * step,
                v + (du * np.sin(angle) + dv * np.cos(angle)) * step,
            )


def test_strands_are_painted_as_the_plain_painter_paints_them():
    rng = np.random.default_rng(2)
    count, side = 300, 64
    strands = (
        rng.random((count, 2)), rng.uniform(1, 8, count), rng.uniform(0.05, 0.2, count), rng.random((count, 3)),
        rng.normal(0, 0.6, (count, 2)), rng.normal(0, 0.01, (2, 32, 32)) + 0.01, rng.uniform(0.5, 2, count),
    )  # fmt: skip
    strands = tuple(np.asarray(each, np.float32) for each in strands)
    found, expected = np.full((side, side, 3), 0.5, np.float32), np.full((side, side, 3), 0.5)
    draw_strands(found, *strands)
    plainly_drawn(expected, *(each.astype(np.float64) for each in strands))
    assert np.abs(found - 0.5).max() > 0.1
    assert np.quantile(np.abs(found - expected), 0.99) < 1e-4
    assert np.abs(found - expected).max() < 0.02  # a strand may take one step more or less


def test_pieces_of_strands_are_those_of_single_steps_where_the_flow_is_even():
    rng = np.random.default_rng(3)
    count, side = 300, 128  # a step is a texel, a piece four of them
    flow = np.full((2, 16, 16), 0.02) * np.array([1.0, -0.5])[:, None, None]
    turn = rng.normal(0, 0.3, (count, 2)) * [1, 0]
    strands = (
        rng.random((count, 2)), rng.uniform(2, 8, count), rng.uniform(0.05, 0.2, count), rng.random((count, 3)),
        turn, flow, rng.uniform(0.5, 2, count),
    )  # fmt: skip
    strands = tuple(np.asarray(each, np.float32) for each in strands)
    found, expected = np.full((side, side, 3), 0.5, np.float32), np.full((side, side, 3), 0.5)
    draw_strands(found, *strands)
    plainly_drawn(expected, *(each.astype(np.float64) for each in strands))
    assert np.abs(found - 0.5).max() > 0.03
    assert np.quantile(np.abs(found - expected), 0.99) < 1e-4
