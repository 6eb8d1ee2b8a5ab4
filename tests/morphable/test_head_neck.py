"""The neck's lower edge: one level loop for every person, with even rows above it; the face is not touched by that."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from facegpt.morphable.makehuman import head as makehuman

#: sha256 of what the head was before its neck was levelled (lab/runs/head/neck.py), without the two lowest rings of the
#: mean and of identity: see `untouched`.
BEFORE = "e984fcaccde63b250070756c2cf0fb47c0662fc070ac0cd5529456453ac30727"


@pytest.fixture(scope="module")
def head():
    return makehuman.load()


@pytest.fixture(scope="module")
def rings(head) -> list[np.ndarray]:
    """The edge and the three rings of vertices above it, found by the mesh's quads."""
    neighbours = defaultdict(set)
    skin = head.triangles[head.part == head.part_names.index("skin")]
    for a, b, c, _, _, d in skin.reshape(-1, 6).tolist():  # a quad is two triangles in a row
        for one, other in ((a, b), (b, c), (c, d), (d, a)):
            neighbours[one].add(other)
            neighbours[other].add(one)
    found, known = [head.arrays["neck_loop"].astype(int)], set()
    for _ in range(3):
        known |= set(found[-1].tolist())
        found.append(np.array([(neighbours[v] - known).pop() for v in found[-1].tolist()]))
    return found


def people(head) -> list[np.ndarray]:
    """Heads (V, 3) of random adults, and the mean."""
    return [head.mean_vertices, *head.neutral_vertices(head.sample(60, seed=7))]


def test_the_edge_is_one_closed_loop_without_corners(head, rings):
    edges = {frozenset(edge) for t in head.triangles.tolist() for edge in zip(t, t[1:] + t[:1], strict=True)}
    loop = rings[0].tolist()
    assert len(set(loop)) == len(loop) == 42
    assert all(frozenset((a, b)) in edges for a, b in zip(loop, loop[1:] + loop[:1], strict=True))
    for vertices in people(head):
        centred = vertices[loop] - vertices[loop].mean(0)
        flat = centred @ np.linalg.svd(centred)[2][:2].T
        along = np.roll(flat, -1, 0) - flat
        ahead = np.roll(along, -1, 0)
        cross = along[:, 0] * ahead[:, 1] - along[:, 1] * ahead[:, 0]
        turn = np.degrees(np.arctan2(cross, (along * ahead).sum(1)))
        assert np.abs(turn).max() < 25 and abs(turn.sum()) == pytest.approx(360)
        assert np.abs(turn).sum() < 420  # degrees; 360 if no part of it were hollow


def test_the_edge_lies_in_one_plane_on_every_head(head, rings):
    for vertices in people(head):
        loop = vertices[rings[0]] - vertices[rings[0]].mean(0)
        off = np.abs(loop @ np.linalg.svd(loop)[2][2])
        assert off.max() < 1.0  # mm; the curve before was up to 11 mm off


def test_rows_above_the_edge_are_even(head, rings):
    for vertices in people(head):
        rows = [np.linalg.norm(vertices[a] - vertices[b], axis=1) for a, b in pairwise(rings)]
        assert np.min(rows) > 3 and np.max(rows) < 35  # mm
        for lower, upper in pairwise(rows):
            assert (np.maximum(lower, upper) < 2.5 * np.minimum(lower, upper)).all()


def untouched(head, rings) -> str:
    """sha256 of all arrays that shape the head, without its two lowest rings in the mean and in identity."""
    digest, kept = hashlib.sha256(), np.setdiff1d(np.arange(head.sizes.vertices), np.concatenate(rings[:2]))
    digest.update(np.ascontiguousarray(head.arrays["mean_vertices"][kept]).tobytes())
    digest.update(np.ascontiguousarray(head.arrays["identity_basis"][:, kept]).tobytes())
    for name in ("expression_basis", "corrective_shift", "own_shift", "joint_centres", "joint_basis", "skin_weights"):
        digest.update(np.ascontiguousarray(head.arrays[name]).tobytes())
    for name in ("triangles", "uv", "uv_triangles", "landmark_corners", "landmark_weights", "ibug68_corners"):
        digest.update(np.ascontiguousarray(head.arrays[name]).tobytes())
    return digest.hexdigest()


def test_levelling_moved_nothing_but_the_two_lowest_rings(head, rings):
    assert untouched(head, rings) == BEFORE


def test_what_moved_lies_below_the_chin_on_every_head(head, rings):
    moved = np.concatenate(rings[:2])
    for vertices in people(head):
        chin = head.landmarks.points(vertices)[head.landmarks.row["menton"]]
        assert vertices[moved, 1].max() < chin[1] - 3  # mm


def test_points_of_photos_and_measures_lie_above_what_moved(head, rings):
    moved = np.concatenate(rings[:2])
    for corners in (*(head.embedding(name).corners for name in ("ibug68", "mediapipe478", "dense")),
                    head.arrays["landmark_corners"]):  # fmt: skip
        assert not np.isin(corners, moved).any()


def test_expressions_leave_the_edge_nearly_still(head, rings):
    assert np.linalg.norm(head.expression_basis[:, rings[0]], axis=-1).max() < 1.5  # mm at weight 1
