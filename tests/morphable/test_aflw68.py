"""The points of AFLW2000-3D on our head: where the published offsets put them, on the skin, moving with the face."""

from __future__ import annotations

import numpy as np

from facegpt.morphable.aflw68 import aflw68_embedding, aflw68_offsets


def test_points_lie_on_the_skin_close_to_where_the_offsets_point(head):
    mean = np.asarray(head.mean_vertices, np.float64)
    wanted = head.embedding("ibug68")(mean) + aflw68_offsets()
    points = aflw68_embedding(head)(mean)
    assert np.linalg.norm(points - wanted, axis=1).max() < 8.0
    skin = np.unique(np.asarray(head.triangles)[head.part == head.part_names.index("skin")])
    assert np.isin(aflw68_embedding(head).corners, skin).all()


def test_no_place_on_the_skin_is_nearer_than_the_one_taken(head):
    """Against a dense sampling of every skin triangle."""
    mean = np.asarray(head.mean_vertices, np.float64)
    wanted = head.embedding("ibug68")(mean) + aflw68_offsets()
    corners = mean[np.asarray(head.triangles)[head.part == head.part_names.index("skin")]]
    shares = np.random.default_rng(0).dirichlet(np.ones(3), 40)
    samples = np.einsum("sc,fcx->fsx", shares, corners).reshape(-1, 3)
    taken = np.linalg.norm(aflw68_embedding(head)(mean) - wanted, axis=1)
    sampled = np.array([np.linalg.norm(samples - point, axis=1).min() for point in wanted])
    assert (taken <= sampled + 1e-6).all()


def test_left_and_right_mirror(head):
    points = aflw68_embedding(head)(np.asarray(head.mean_vertices, np.float64))
    pairs = [(0, 16), (4, 12), (7, 9), (17, 26), (21, 22), (36, 45), (39, 42), (48, 54), (60, 64)]
    for a, b in pairs:
        assert np.allclose(points[a] * (-1, 1, 1), points[b], atol=1.5)
