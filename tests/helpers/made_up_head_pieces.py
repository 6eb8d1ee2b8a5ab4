"""Geometry of the head of made_up_head.py: its parts, one by one, and where its landmarks lie (mm, head frame)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

EYE_CENTRE, EYE_RADIUS, IRIS_RADIUS = np.array([32.0, 25.0, 70.0]), 12.6, 5.855
#: Cross-sections of the skull and neck: height y, half width, half depth, centre z (mm).
PROFILE = np.array(
    [
        *((-140, 50, 50, -15), (-118, 46, 52, -13), (-105, 42, 72, -6), (-80, 52, 84, -2), (-40, 68, 92, -2)),
        *((0, 76, 97, -2), (40, 74, 95, -2), (80, 60, 78, -4), (105, 36, 46, -6), (115, 4, 5, -6)),
    ],
    float,
)


@dataclass(frozen=True)
class Piece:
    """One part before joining: vertices (v, 3) mm, triangles, uv (u, 2) in 0..1 of its tile, uv_triangles."""

    vertices: NDArray
    triangles: NDArray
    uv: NDArray
    uv_triangles: NDArray


def _grid_triangles(rows: int, columns: int, wrap: bool) -> NDArray[np.int32]:
    """Two triangles per cell of a grid of vertices; `wrap` joins the last column to the first."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns if wrap else columns - 1), indexing="ij")
    a, b = i * columns + j, i * columns + (j + 1) % columns
    c, d = a + columns, b + columns
    return np.stack([a, c, b, b, c, d], -1).reshape(-1, 3).astype(np.int32)


def _skull(rings: int = 20, segments: int = 28) -> Piece:
    """Skull and neck: rings from the neck up, closed at the crown; texture seam at the back."""
    y = np.linspace(-140, 115, rings)
    width, depth, centre = (PchipInterpolator(PROFILE[:, 0], PROFILE[:, k])(y)[:, None] for k in (1, 2, 3))
    turn = np.linspace(-1, 1, segments + 1)
    phi = np.pi * np.sign(turn) * np.abs(turn) ** 1.4  # 0 is the face, ±π the seam; finer in front
    x, z = width * np.sin(phi[:-1]), centre + depth * np.cos(phi[:-1])
    front = np.cos(phi[:-1]) > 0
    nose = 20 * np.exp(-((x / 11) ** 2) - ((y[:, None] + 8) / 18) ** 2) * front
    sockets = 8 * np.exp(-(((np.abs(x) - 32) / 14) ** 2) - ((y[:, None] - 25) / 12) ** 2) * front
    body = np.stack([x, np.broadcast_to(y[:, None], x.shape), z + nose - sockets], -1).reshape(-1, 3)
    vertices = np.vstack([body, [[0, 118, -6]]])
    crown, top = rings * segments, (rings - 1) * segments + np.arange(segments)
    cap = np.stack([top, np.roll(top, -1), np.full(segments, crown)], -1)
    triangles = np.vstack([_grid_triangles(rings, segments, wrap=True)[:, ::-1], cap])
    grid_uv = np.stack(np.meshgrid(np.linspace(0, 1, segments + 1), np.linspace(0, 0.95, rings), indexing="xy"), -1)
    uv = np.vstack([grid_uv.reshape(-1, 2), np.stack([(np.arange(segments) + 0.5) / segments, np.ones(segments)], -1)])
    seam = (rings - 1) * (segments + 1) + np.arange(segments)
    cap_uv = np.stack([seam, seam + 1, rings * (segments + 1) + np.arange(segments)], -1)
    uv_triangles = np.vstack([_grid_triangles(rings, segments + 1, wrap=False)[:, ::-1], cap_uv])
    return Piece(vertices, triangles, uv, uv_triangles)


def _eye(side: int) -> Piece:
    """Most of a sphere, open at the back; the iris looks along +z in the middle of its tile."""
    polar, around = np.radians(np.linspace(0, 140, 7)[1:]), np.linspace(0, 2 * np.pi, 12, endpoint=False) * side
    sine, cosine = np.sin(polar)[:, None], np.cos(polar)[:, None]
    ring = np.stack([sine * np.cos(around), sine * np.sin(around), np.broadcast_to(cosine, (6, 12))], -1)
    vertices = np.vstack([[[0, 0, 1]], ring.reshape(-1, 3)]) * EYE_RADIUS
    if side < 0:
        vertices[:, 0] *= -1
    spread = (polar / np.radians(140))[:, None]
    disc = 0.5 + 0.5 * np.stack([spread * np.cos(around), spread * np.sin(around)], -1).reshape(-1, 2) * (side, 1)
    fan = np.stack([np.zeros(12, int), 1 + np.arange(12), 1 + (np.arange(12) + 1) % 12], -1)
    triangles = np.vstack([fan, _grid_triangles(6, 12, wrap=True) + 1])
    vertices = vertices + EYE_CENTRE * (side, 1, 1)
    uv = np.vstack([[[0.5, 0.5]], disc])
    return Piece(vertices, triangles, uv, triangles)


def _strip(centre: tuple[float, float, float], half: tuple[float, float], bend: float, columns: int = 5) -> Piece:
    """A bent ribbon that faces +z: teeth, tongue, lashes."""
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, 3), indexing="xy")
    x, y = (2 * u - 1) * half[0], (2 * v - 1) * half[1]
    vertices = np.stack([x, y, -bend * (2 * u - 1) ** 2], -1).reshape(-1, 3) + centre
    triangles = _grid_triangles(3, columns, wrap=False)[:, ::-1]
    return Piece(vertices, triangles, np.stack([u, v], -1).reshape(-1, 2), triangles)


def _lashes() -> Piece:
    x, y, z = EYE_CENTRE
    left, right = (_strip((side * x, y + 9, z + 15), (13, 3), 5) for side in (1, -1))
    count, both = len(left.vertices), left.uv * (0.5, 1)
    return Piece(
        np.vstack([left.vertices, right.vertices]),
        np.vstack([left.triangles, right.triangles + count]),
        np.vstack([both, both + np.array([0.5, 0.0])]),
        np.vstack([left.triangles, right.triangles + count]),
    )


def pieces() -> dict[str, Piece]:
    return {
        "skin": _skull(),
        "left_eye": _eye(1),
        "right_eye": _eye(-1),
        "upper_teeth": _strip((0, -49, 74), (20, 4), 10),
        "lower_teeth": _strip((0, -58, 72), (19, 4), 10),
        "tongue": _strip((0, -54, 62), (14, 3), 6),
        "lashes": _lashes(),
    }


def ibug68() -> NDArray:
    """(68, 2) mm: rough x, y of the 68 points in their usual order (0..16 jaw from the subject's right ear)."""
    swing = np.radians(np.linspace(-90, 90, 17))
    jaw = np.stack([66 * np.sin(swing), -102 + (1 - np.cos(swing)) * 107], 1)
    brow = np.array([(-52, 41), (-44, 46), (-34, 48), (-24, 47), (-14, 44)])
    nose = np.array([(0, 27), (0, 15), (0, 3), (0, -8), (-12, -20), (-6, -22), (0, -23), (6, -22), (12, -20)])
    eye = np.array([(-46, 25), (-38, 30), (-27, 30), (-18, 25), (-27, 20), (-38, 20)])
    mouth = [(-26, -52), (-16, -46), (-6, -43), (0, -44), (6, -43), (16, -46), (26, -52), (16, -59), (6, -62), (0, -63)]
    mouth += [
        (-6, -62),
        (-16, -59),
        (-22, -52),
        (-8, -50),
        (0, -50),
        (8, -50),
        (22, -52),
        (8, -54),
        (0, -54),
        (-8, -54),
    ]
    flip = np.array([-1, 1])
    return np.vstack([jaw, brow, brow[::-1] * flip, nose, eye, eye[[3, 2, 1, 0, 5, 4]] * flip, mouth]).astype(float)


def mediapipe478() -> NDArray:
    """(478, 2) mm: an even spread over the face; the best-known points and the irises are at their true places."""
    k = np.arange(468)
    radius, angle = np.sqrt((k + 0.5) / 468), k * 2.399963
    points = np.stack([60 * radius * np.cos(angle), -22 + 75 * radius * np.sin(angle)], 1)
    known = {
        1: (0, -8),
        4: (0, -5),
        10: (0, 60),
        152: (0, -102),
        168: (0, 27),
        13: (0, -50),
        14: (0, -54),
        33: (-46, 25),
    }
    known |= {133: (-18, 25), 362: (18, 25), 263: (46, 25), 61: (-26, -52), 291: (26, -52), 234: (-66, 5), 454: (66, 5)}
    for index, place in known.items():
        points[index] = place
    cross = np.array([(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)]) * IRIS_RADIUS
    eyes = [EYE_CENTRE[:2] * (side, 1) + cross * (side, 1) for side in (-1, 1)]
    return np.vstack([points, *eyes])
