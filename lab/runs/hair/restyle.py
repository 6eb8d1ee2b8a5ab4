"""What is changed about MakeHuman's styles: hair over an eye is combed aside, long hair is cut. Head frame, mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Hair is combed aside from the first height downwards, and fully at the second; it then lies this far off the skin.
COMB_FROM_MM, COMB_FULL_MM, COMBED_OFF_MM = 118.0, 5.0, 7.0
#: Hair beyond this angle from straight ahead stays.
SIDE_DEG = 100.0
#: A triangle that combing widens beyond this angle is torn out.
TORN_DEG = 24.0
#: Hair falls freely below this height.
FALLS_FROM_MM = 40.0


def combed_aside(vertices: Array, skin: Array, parting_deg: float, opening_deg: tuple[float, float]) -> Array:
    """Hair in front of the face turned about the vertical axis, so that the face shows between two curtains.

    Args:
        vertices: (P, 3).
        skin: (S, 3) points of the skin of face and skull.
        parting_deg: where the curtains part, as an angle from straight ahead, positive towards the subject's left.
        opening_deg: where they end at the eyes: (right, left), degrees from straight ahead.
    """
    angle, radius = _around(vertices)
    y = vertices[:, 1]
    share = np.clip((COMB_FROM_MM - y) / (COMB_FROM_MM - COMB_FULL_MM), 0, 1)
    share = share * share * (3 - 2 * share)
    right, left = opening_deg
    wide = np.where(
        angle < parting_deg,
        -SIDE_DEG + (angle + SIDE_DEG) * (SIDE_DEG - right) / (SIDE_DEG + parting_deg),
        SIDE_DEG - (SIDE_DEG - angle) * (SIDE_DEG - left) / (SIDE_DEG - parting_deg),
    )
    inside = np.abs(angle) < SIDE_DEG
    turned = np.where(inside, angle + share * (wide - angle), angle)
    skin_angle, skin_radius = _around(skin)
    tree = cKDTree(np.stack([skin_angle * 1.6, skin[:, 1]], 1))
    distance, near = tree.query(np.stack([turned * 1.6, y], 1), 6)
    weight = 1 / (distance + 1)
    wall = (skin_radius[near] * weight).sum(1) / weight.sum(1) + COMBED_OFF_MM
    close = np.clip(1.6 * share, 0, 1) * np.clip((SIDE_DEG - np.abs(angle)) / 25, 0, 1)
    radius = np.where(inside, radius + close * np.minimum(0.95 * (wall - radius), 0), radius)
    turned = np.radians(turned)
    return np.stack([radius * np.sin(turned), y, radius * np.cos(turned)], 1)


def torn(before: Array, after: Array, triangles: Ints) -> NDArray[np.bool_]:
    """Mark the triangles (F,) that combing has stretched across the face, from one curtain to the other."""
    spans = [np.ptp(_around(places)[0][triangles], axis=1) for places in (before, after)]
    front = np.abs(_around(before)[0][triangles]).max(1) < SIDE_DEG
    return front & (spans[1] > 1.6 * spans[0] + 5) & (spans[1] > TORN_DEG)


def _around(points: Array) -> tuple[Array, Array]:
    """Angle from straight ahead in degrees and distance from the vertical axis in mm."""
    return np.degrees(np.arctan2(points[:, 0], points[:, 2])), np.hypot(points[:, 0], points[:, 2])


def cut(
    vertices: Array, triangles: Ints, uv: Array, uv_triangles: Ints, lowest_mm: float
) -> tuple[Array, Ints, Array, Ints]:
    """Cut hair that hangs straight at a height; the painted tips move up to the cut (v runs along the strands).

    Gives vertices, triangles, uv and uv_triangles; vertices that no triangle needs are left out.
    """
    vertices, uv = vertices.copy(), uv.copy()
    for piece in _pieces(uv_triangles, len(uv)):
        corners, uv_corners = triangles[piece].ravel(), uv_triangles[piece].ravel()
        height = vertices[corners, 1]
        if height.min() >= lowest_mm:
            continue
        top, bottom = uv[uv_corners, 1].max(), uv[uv_corners, 1].min()
        near = np.abs(height - lowest_mm) < 25
        at_cut = uv[uv_corners[near], 1].mean() if near.any() else bottom
        rows = np.unique(uv_corners)
        uv[rows, 1] = top + (uv[rows, 1] - top) * (top - bottom) / max(top - at_cut, 1e-3)
    below = vertices[:, 1] < lowest_mm
    crossing = below[triangles].any(1) & ~below[triangles].all(1)
    _slide_up(vertices, triangles[crossing], uv, uv_triangles[crossing], below, lowest_mm)
    kept = ~below[triangles].all(1)
    vertices, triangles = compact(vertices, triangles[kept])
    uv, uv_triangles = compact(uv, uv_triangles[kept])
    return vertices, triangles, np.clip(uv, 0, 1), uv_triangles


def _slide_up(vertices: Array, triangles: Ints, uv: Array, uv_triangles: Ints, below: Array, level: float) -> None:
    """Move the lower ends of edges that cross the level along them onto it, with their texture coordinates."""
    place, place_uv = vertices.copy(), uv.copy()
    for k in range(3):
        for n in range(3):
            low, high = triangles[:, k], triangles[:, n]
            edge = np.flatnonzero(below[low] & ~below[high])
            low, high = low[edge], high[edge]
            share = ((level - place[low, 1]) / (place[high, 1] - place[low, 1]))[:, None]
            vertices[low] = place[low] + share * (place[high] - place[low])
            ul, uh = uv_triangles[edge, k], uv_triangles[edge, n]
            uv[ul] = place_uv[ul] + share * (place_uv[uh] - place_uv[ul])


def drawn_in(vertices: Array, lowest_mm: float, share: float) -> Array:
    """Draw hair that falls outwards to the neck: at `lowest_mm` by `share` of its distance from the axis."""
    depth = np.clip((FALLS_FROM_MM - vertices[:, 1]) / (FALLS_FROM_MM - lowest_mm), 0, 1.3)
    depth = depth * depth * (3 - 2 * np.minimum(depth, 1))
    axis = np.array([0.0, 0.0, -25.0])
    closer = 1 - share * depth[:, None] * [1, 0, 1]
    return axis + (vertices - axis) * closer


def shrunk_below(vertices: Array, start_mm: float, lowest_mm: float) -> Array:
    """Make what hangs below a height (a braid) smaller as a whole, so that it ends at `lowest_mm`."""
    below = vertices[:, 1] < start_mm
    if not below.any() or vertices[:, 1].min() >= lowest_mm:
        return vertices
    size = (start_mm - lowest_mm) / (start_mm - vertices[:, 1].min())
    near = vertices[np.abs(vertices[:, 1] - start_mm) < 15].mean(0)
    depth = np.clip((start_mm - vertices[:, 1]) / 60, 0, 1)[:, None]
    across = 1 - depth * (1 - 0.5 * (1 + size)) * [1, 0, 1]
    result = near + (vertices - near) * across
    result[:, 1] = start_mm + (vertices[:, 1] - start_mm) * size
    return np.where(below[:, None], result, vertices)


def _pieces(triangles: Ints, count: int) -> list[Ints]:
    """Triangles of each connected piece of a mesh with `count` corners."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    a, b = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]]).T
    _, label = connected_components(csr_matrix((np.ones(len(a)), (a, b)), (count, count)), directed=False)
    own = label[triangles[:, 0]]
    return [np.flatnonzero(own == piece) for piece in np.unique(own)]


def compact(points: Array, triangles: Ints) -> tuple[Array, Ints]:
    """Leave out the points that no triangle needs."""
    used, renumbered = np.unique(triangles, return_inverse=True)
    return points[used], renumbered.reshape(-1, 3)
