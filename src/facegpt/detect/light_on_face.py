"""From where, and how strongly, the light falls on a face in a frame: what tells frames of other lights apart.

Skin of one colour is as bright as the light on it, which to first order is linear in the direction that it faces
(Basri and Jacobs 2003). What faces where is read off the detector's points in space, as on a ball: coarse, but alike
in all frames of a person, who are only compared with each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import linear_of_bytes
from facegpt.types import Array

#: How far behind the middle of the face's points the centre of the ball lies, in widths of the face.
BEHIND = 0.35
#: Brightness below which nothing is told from black, linear.
DARKEST = 0.004
#: Rounds in which points that differ from the fit (brows, nostrils, lips, glare) lose weight, and their SD in logs.
ROUNDS, ODD = 4, 0.25


def light_on_face(image: NDArray[np.uint8], points: Array) -> NDArray[np.float64]:
    """The light on a face: (4,) log of its level, and by how much in logs it falls off along x, y and z of the camera.

    Args:
        image: (H, W, 3) uint8 sRGB.
        points: (N, 3) of the detector in pixels, x right, y down, z away.
    """
    points = np.asarray(points, np.float64)
    height, width = image.shape[:2]
    column, row = np.clip(np.round(points[:, :2]).astype(int), 0, [width - 1, height - 1]).T
    bright = np.log(np.maximum(linear_of_bytes(image[row, column]).mean(1), DARKEST))
    centre = points.mean(0) + np.array([0.0, 0.0, BEHIND * max(float(np.ptp(points[:, 0])), 1.0)])
    facing = points - centre
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-9)
    rows = np.column_stack([np.ones(len(points)), facing - np.array([0.0, 0.0, -1.0])])
    weight, found = np.ones(len(points)), np.zeros(4)
    for _ in range(ROUNDS):
        # a pull to flat light: where few points count, slopes are not made up
        weighted = rows * weight[:, None]
        found = np.linalg.solve(rows.T @ weighted + np.diag([1e-6, 1.0, 1.0, 1.0]), weighted.T @ bright)
        weight = 1 / (1 + ((bright - rows @ found) / ODD) ** 2)
    return np.asarray(found, np.float64)
