"""Open mouths that are asked to shut: lips meet, and no teeth stay on them.

Registration moves the head's lips onto the photo's and leaves them so far apart whatever the jaw does. So the opening
that the photo shows goes with the opening of the head's own lips: none is left where those meet. What the photo shows
beside the edge of the lips is then drawn from the lips themselves, which are pulled together over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import MorphableModel, at_rest, head_vertices
from facegpt.picture.mouth import CORNERS, LOWER_EDGE, MIDDLE, OPEN, UPPER_EDGE
from facegpt.types import Array, Detection, FaceParams

Floats = NDArray[np.float32]

#: Points of the inner lips over each other, (upper, lower), corners left out.
PAIRS = tuple(zip(UPPER_EDGE[1:-1], LOWER_EDGE[::-1], strict=True))
#: Lips of the head this near to how they are at rest, mm, touch; changes of less than LEAST_MM are no closing; shut
#: lips overlap by so much, mm.
SLACK_MM, LEAST_MM, OVERLAP_MM = 0.5, 1.0, 0.6
#: Reach of an edge point's move along the lip, and across it, mm.
REACH_MM, HEIGHT_MM = 4.0, 11.0
#: How much of an opening has gone when lips are pulled over its edge, and fully: shares.
PULLED = (0.15, 0.7)
#: The edge of the lips in widths of the mouth: how far outside it lips are the photo's own, how far it is sure, and how
#: deep beyond it the head's lips may reach.
OUTSIDE, EDGE, DEPTH = 0.05, 0.012, 0.03
#: The line where shut lips meet: SD, mm, how much darker it is (red, green, blue), and samples along it.
LINE_MM, LINE_DARK, SAMPLES = 0.55, np.array([0.38, 0.44, 0.42], np.float32), 64


@dataclass(frozen=True, eq=False)
class Lips:
    """What shuts the mouth of one photo.

    Attributes:
        spread: (2, V, P), how far each vertex follows each point of the upper and of the lower lip.
        down: (3,) the photographed head's own down, camera frame.
        rest: (P,) mm, the head's opening at rest. own: (P,) that of the photographed expression, beyond rest.
        shown: (P,) mm, the registered one, beyond rest.
        pull: (h, w, 2) photo pixels, from places at the edge of the mouth's opening to lips; (2, 2, 2) if it is shut.
    """

    model: MorphableModel
    spread: Floats
    down: Array
    rest: Array
    own: Array
    shown: Array
    pull: Floats

    def shut(self, plain: Array, registered: Array, turn: Array) -> Floats:
        """What is added to registered vertices (V, 3) mm, so that lips are as far apart as the head says.

        plain: the same vertices without registration. turn: (3, 3), of the head since the photo.
        """
        down = turn @ self.down
        own, now = (_gaps(self.model, each, down) - self.rest for each in (plain, registered))
        wanted = _opening(own, self.own, self.shown)
        move = (0.5 * (wanted - now)[:, None] * down).astype(np.float32)
        if not np.abs(move).max() > 1e-4:
            return np.zeros((), np.float32)
        return self.spread[1] @ move - self.spread[0] @ move

    def pulled(self, vertices: Array) -> float:
        """How far lips are pulled over the edge of the photo's opening, 0..1, of placed vertices (V, 3)."""
        before = float(np.maximum(self.shown, 0).sum())
        if before < LEAST_MM or self.pull.shape[0] <= 2:
            return 0.0
        points = self.model.embedding("mediapipe478")(vertices)
        apart = np.array([np.linalg.norm(points[low] - points[up]) for up, low in PAIRS])
        gone = 1 - float(np.maximum(apart - self.rest, 0).sum()) / before
        share = float(np.clip((gone - PULLED[0]) / (PULLED[1] - PULLED[0]), 0, 1))
        return share * share * (3 - 2 * share)


def _opening(own: Array, before: Array, shown: Array) -> Array:
    """The opening (P,) mm that is wanted for the head's own one, given both in the photo; all beyond rest."""
    now, then = np.maximum(own, SLACK_MM), np.maximum(before, SLACK_MM)
    left = np.clip(1 - (then - now) / np.maximum(then - SLACK_MM, LEAST_MM), 0, 1)
    opened = np.maximum(own - before, 0)
    pressed = np.minimum(own, 0) - np.minimum(before, 0)
    return np.asarray(
        left * shown + np.where(opened > 0, own - before, np.minimum(pressed, 0)) - OVERLAP_MM * (1 - left)
    )


def lips_of(model: MorphableModel, params: FaceParams, registered: Array, pull: Floats) -> Lips:
    """Measure the mouth of a photographed head, whose registered vertices are (V, 3) mm, camera frame."""
    down = -np.asarray(params.pose.rotation)[:, 1]
    plain = params.pose.apply(head_vertices(model, params))
    rest = _gaps(model, params.pose.apply(head_vertices(model, at_rest(model, params))), down)
    own, shown = (_gaps(model, each, down) - rest for each in (plain, registered))
    return Lips(model, lip_shares(model), down, rest, own, shown, pull)  # type: ignore[arg-type]


def _gaps(model: MorphableModel, vertices: Array, down: Array) -> Array:
    """How far the inner lips are apart (P,) mm, negative where they overlap."""
    points = model.embedding("mediapipe478")(vertices)
    upper, lower = (points[[pair[k] for pair in PAIRS]] for k in (0, 1))
    return np.asarray((lower - upper) @ down)


@lru_cache(maxsize=2)
def lip_shares(model: Any) -> Floats:
    """How far each vertex follows each point of the inner lips: (2, V, P) of the upper and the lower lip, rows 0..1.

    Whether it is of the lower lip is how far it goes with the jaw, beside the lip's edge.
    """
    vertices = np.asarray(model.mean_vertices)
    points = model.embedding("mediapipe478")
    parts = [model.part_names.index(name) for name in ("skin", "mouth") if name in model.part_names]
    soft = np.zeros(len(vertices), bool)
    soft[np.unique(model.triangles[np.isin(model.part, parts)])] = True
    jaw = np.asarray(model.expression_basis[ARKIT_NAMES.index("jawOpen")])
    edge = points(vertices)
    moved = points(vertices + jaw) - edge
    shares = []
    for lip in (0, 1):
        rows = [pair[lip] for pair in PAIRS]
        away = cdist(vertices, edge[rows])
        near = np.exp(-0.5 * (away / REACH_MM) ** 2) + 1e-12
        near /= near.sum(1, keepdims=True)
        most = near @ -moved[[pair[1] for pair in PAIRS], 1]
        lower = np.clip(-jaw[:, 1] / np.maximum(most, 1e-3), 0, 1)
        reach = np.clip(1 - (away.min(1) - 1.0) / HEIGHT_MM, 0, 1)
        own = np.clip((lower if lip else 1 - lower) * 2 - 0.5, 0, 1)
        shares.append(near * (reach * reach * (3 - 2 * reach) * own * soft)[:, None])
    return np.asarray(shares, np.float32)


def pull_of(detection: Detection | None, on_maps: Any, size: tuple[int, ...], scale: float) -> Floats:
    """The map `Lips.pull` of a photo, at the maps' size; on_maps takes photo pixels to those of the maps."""
    none = np.zeros((2, 2, 2), np.float32)
    if detection is None:
        return none
    points = np.asarray(on_maps(np.asarray(detection.points)[:, :2]), np.float64)
    width = float(np.linalg.norm(points[CORNERS[1]] - points[CORNERS[0]]))
    if np.linalg.norm(points[MIDDLE[1]] - points[MIDDLE[0]]) < OPEN * width:
        return none
    image = Image.new("L", (size[1], size[0]))
    ImageDraw.Draw(image).polygon([tuple(p) for p in points[[*UPPER_EDGE, *LOWER_EDGE]].tolist()], fill=1)
    inside = np.asarray(image) > 0
    outside_px = np.asarray(distance_transform_edt(~inside) - distance_transform_edt(inside), np.float32)
    outside_px = gaussian_filter(outside_px, max(0.01 * width, 0.5))
    rows, columns = np.gradient(outside_px)
    length = np.maximum(np.hypot(rows, columns), 0.3)
    far, sure, deep = OUTSIDE * width, EDGE * width, DEPTH * width
    wanted = np.maximum(sure + (far - sure) * (outside_px + deep) / (far + deep), sure)
    move = np.where(outside_px < far, wanted - outside_px, 0.0) / length / scale
    return np.ascontiguousarray(np.stack([columns * move, rows * move], -1), np.float32)


def with_lip_line(
    out: NDArray[np.uint8], touched: NDArray[np.uint8], points: Array, pixels_a_mm: float, share: float
) -> None:
    """Darken the line where lips meet that were apart in the photo, in place.

    Args:
        out: (H, W, 3) sRGB, the changed picture.
        touched: (H, W), 255 where it differs.
        points: (478, 2) of the changed head, pixels of `out`.
        pixels_a_mm: its scale.
        share: how far the mouth has shut, 0..1.
    """
    if share < 0.02:
        return
    middles = [points[list(pair)].mean(0) for pair in PAIRS]
    line = np.array([points[CORNERS[0]], *middles, points[CORNERS[1]]])
    at = np.linspace(0, len(line) - 1, SAMPLES)
    line = np.stack([np.interp(at, np.arange(len(line)), line[:, k]) for k in range(2)], 1)
    reach = max(LINE_MM * pixels_a_mm, 0.7)
    x0, y0 = np.maximum(np.floor(line.min(0) - 4 * reach), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(line.max(0) + 4 * reach) + 1, out.shape[1::-1]).astype(int)
    if x1 <= x0 or y1 <= y0:
        return
    rows, columns = np.mgrid[y0:y1, x0:x1]
    tree = cKDTree(line)
    away, nearest = tree.query(np.stack([columns, rows], -1))
    ends = np.clip(8 * np.minimum(nearest, SAMPLES - 1 - nearest) / SAMPLES, 0, 1)
    amount = share * ends * np.exp(-0.5 * (away / reach) ** 2)
    dark = out[y0:y1, x0:x1] * (1 - amount[..., None] * LINE_DARK)
    touched[y0:y1, x0:x1][amount > 0.01] = 255
    out[y0:y1, x0:x1] = np.round(dark)
