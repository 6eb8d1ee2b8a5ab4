"""How well heads that follow a person agree with real pictures of them, where nothing is known to be true.

Four measures, each the same for all heads of a frame (SPARK, Baert et al. 2024, has such four): colours of one frame
carried to another by the head, PSNR; overlap with the skin by its colour (judges/skin_colour.py); distance from
MediaPipe's points, found anew in the whole frame; and lips that close on b, p and m. MediaPipe's points are also what
every head here was fitted to in part; colours and sound are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.face import Face
from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.morphable.base import MorphableModel
from facegpt.render.base import AMBIENT_WHITE, Topology, View
from facegpt.runtime import registry
from facegpt.types import Array
from facegpt_lab.evaluate.clips.scores import LOWER_LIP, UPPER_LIP, face_vertices, lip_gap_mm

#: A place is seen in the other frame if it lies no deeper than this behind the first surface, mm.
SEEN_MM = 4.0
#: Units of time of .align files a second (GRID), and how far before and after a word's sound lips may meet, seconds.
ALIGN_UNITS, NEAR_S = 25_000.0, 0.08
#: Lips that are no further apart than in the same head at rest, but for this, are closed, mm.
CLOSED_MM = 1.0
#: Letters whose names begin with a closure, and end with one.
BEGIN_CLOSED, END_CLOSED = "bp", "m"


@dataclass(frozen=True, eq=False)
class Placed:
    """A head in a frame: depth (H, W) mm with 0 for nothing, which triangle is where, and the corners' places."""

    depth: Array
    triangle: NDArray[np.int32]
    barycentric: Array
    camera_mm: Array


class Warper:
    """Carries colours from frame to frame on the face of a head; one for each topology."""

    def __init__(self, model: MorphableModel) -> None:
        face = np.asarray(np.take(face_vertices(model), model.triangles).all(1))
        clear = [k for k, name in enumerate(model.part_names) if name == "lashes"]
        solid = ~np.isin(model.part, clear)
        self._rows = np.flatnonzero(solid)
        self._face = face[self._rows]
        self._triangles = np.ascontiguousarray(model.triangles[self._rows], np.int32)
        uv = torch.zeros(1, 2)
        self._topology = Topology(
            torch.from_numpy(self._triangles), uv, torch.zeros(len(self._triangles), 3, dtype=torch.int32)
        )
        self._renderer = registry.load("render")

    def place(self, face: Face) -> Placed:
        """Draw where a head is."""
        camera, vertices = face.params.camera, face.vertices("camera")
        view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
        light = torch.zeros(1, 9, 3)
        light[:, 0] = AMBIENT_WHITE
        drawn = self._renderer.render(
            torch.from_numpy(np.ascontiguousarray(vertices, np.float32))[None],
            self._topology,
            torch.ones(1, 3, 4, 4),
            light,
            view,
        )
        triangle = drawn.triangle[0].numpy()
        return Placed(drawn.depth[0].numpy(), triangle, drawn.barycentric[0].numpy(), vertices)

    def warp(self, source: NDArray[np.uint8], old: Placed, new: Placed, face: Face) -> tuple[Array, NDArray[np.bool_]]:
        """Carry the colours of a frame to where the head is in another: (H, W, 3) 0..1, and where that can be told.

        face: the head in the source's frame, whose camera sees it.
        """
        height, width = new.triangle.shape
        at = new.triangle >= 0
        at[at] = self._face[new.triangle[at]]
        corners = self._triangles[new.triangle[at]]
        places = (old.camera_mm[corners] * new.barycentric[at][:, :, None]).sum(1)
        seen = face.params.camera.project(places)
        inside = (seen >= 1).all(1) & (seen[:, 0] < width - 2) & (seen[:, 1] < height - 2)
        seen = np.where(inside[:, None], seen, 1.0)
        nearest = old.depth[np.rint(seen[:, 1]).astype(int), np.rint(seen[:, 0]).astype(int)]
        inside &= (nearest > 0) & (places[:, 2] < nearest + SEEN_MM)
        out, where = np.zeros((height, width, 3)), np.zeros((height, width), bool)
        out[at], where[at] = _bilinear(source, seen), inside
        return out, where


def _bilinear(image: NDArray[np.uint8], at: Array) -> Array:
    column, row = at.astype(int).T
    right, down = (at - np.floor(at)).T[..., None]
    values = image.astype(np.float64) / 255
    top = values[row, column] * (1 - right) + values[row, column + 1] * right
    return top * (1 - down) + (values[row + 1, column] * (1 - right) + values[row + 1, column + 1] * right) * down


def warp_psnrs(
    warper: Warper,
    source: NDArray[np.uint8],
    target: NDArray[np.uint8],
    before: Mapping[str, Face],
    after: Mapping[str, Face],
) -> dict[str, float]:
    """PSNR (dB) of a frame carried to another by each of several heads, over the pixels that all of them can tell."""
    warped = {k: warper.warp(source, warper.place(before[k]), warper.place(after[k]), before[k]) for k in before}
    common = np.logical_and.reduce([where for _, where in warped.values()])
    if common.sum() < 100:
        return {}
    truth = target.astype(np.float64)[common] / 255
    return {
        k: float(-10 * np.log10(np.maximum(((w[common] - truth) ** 2).mean(), 1e-9))) for k, (w, _) in warped.items()
    }


def landmark_l1_percent(face: Face, points: Array) -> float:
    """Mean distance along x and y of the head's 468 points from MediaPipe's (478, 2+) px, % of the face's size."""
    seen = np.asarray(points, np.float64)[:SURFACE, :2]
    off = np.abs(face.landmarks("mediapipe478")[:SURFACE] - seen)
    return float(100 * off.mean() / np.sqrt(np.prod(np.ptp(seen, axis=0))))


def lip_gap_percent(face: Face, points: Array) -> float:
    """How far the gap between the head's lips is from that between MediaPipe's, % of the face's size."""
    seen = np.asarray(points, np.float64)[:, :2]
    own = face.landmarks("mediapipe478")
    gaps = [np.linalg.norm(p[UPPER_LIP] - p[LOWER_LIP]) for p in (own, seen)]
    return float(100 * abs(gaps[0] - gaps[1]) / np.sqrt(np.prod(np.ptp(seen[:SURFACE], axis=0))))


def closures_s(align: Path) -> list[tuple[float, float]]:
    """When lips meet in a GRID sentence, by its word times: (from, to) in seconds around each b, p and m."""
    out = []
    for line in align.read_text("utf-8").splitlines():
        begin, end, word = line.split()
        times = float(begin) / ALIGN_UNITS, float(end) / ALIGN_UNITS
        if word[0] in BEGIN_CLOSED and word not in ("sil", "sp"):
            out.append((times[0] - NEAR_S, times[0] + NEAR_S))
        elif word == END_CLOSED:
            out.append((times[1] - NEAR_S, times[1] + NEAR_S))
    return out


def closed_lips(faces: Sequence[Face], closures: Sequence[tuple[float, float]]) -> tuple[int, int, float]:
    """Of the closures that the frames show: how many have closed lips, how many there are, the least gap's sum, mm."""
    closed, count, gaps = 0, 0, 0.0
    for begin, end in closures:
        near = [face for face in faces if face.time_s is not None and begin <= face.time_s <= end]
        if near:
            gap = min(lip_gap_mm(face.model, face.params) for face in near)
            closed, count, gaps = closed + (gap < CLOSED_MM), count + 1, gaps + max(gap, 0.0)
    return closed, count, gaps
