"""How well the fitted head meets the detector's points on real photos: self-consistency, not accuracy.

The points that the fit is given are the points that it is judged by, so this tells whether the head model, its
478-point embedding and the solver can follow what the detector saw. It says nothing of whether the detector was right.
For accuracy see `facegpt eval out_of_model`, `synthetic` and the protocols with annotated points.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.evaluate.protocol import Report, figure, optional_data
from facegpt.fitting import fit_landmarks
from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import Array, Detection, Fit

SETS = ("photos", "portraits")
QUICK_COUNT = 20


@dataclass(frozen=True)
class Fitted:
    """One photo's fit: its file, the detector's points (478, 3), the fit, its error in % and the time it took in ms."""

    path: Path
    points: Array
    fit: Fit
    error_percent: float
    milliseconds: float


def detections(folder: Path) -> list[tuple[Path, Detection, int]]:
    """Read the stored detections of one set of the optional data: (picture, detection, its size in pixels)."""
    with np.load(folder / "landmarks.npz", allow_pickle=False) as arrays:
        names, points = arrays["names"], arrays["mediapipe_xyz"].astype(np.float64)
        scores, size = arrays["blendshapes"].astype(np.float64), int(arrays["crop_size"])
    # the first stored score is "_neutral"; the detector's order is otherwise that of conventions.ARKIT_NAMES
    in_order = np.concatenate([scores[:, 1:], np.zeros((len(scores), 1))], axis=1)
    return [
        (folder / str(name), Detection(xyz, score, 1.0, np.eye(3)), size)
        for name, xyz, score in zip(names, points, in_order, strict=True)
    ]


def box_side_px(points: Array) -> float:
    """Give √(w h) of the box around the 468 skin points, pixels: what errors are divided by."""
    return float(np.sqrt(np.prod(np.ptp(np.asarray(points)[:SURFACE, :2], axis=0))))


def fit_set(model: MorphableModel, folder: Path, limit: int | None = None) -> list[Fitted]:
    """Fit the head to the stored detections of a set; with `limit`, to that many spread over it."""
    found = detections(folder)
    chosen = found if limit is None else [found[k] for k in np.linspace(0, len(found) - 1, limit).astype(int)]
    fit_landmarks(model, chosen[0][1], chosen[0][2], chosen[0][2])  # prepares the model: not part of the time
    out = []
    for path, detection, size in chosen:
        started = time.perf_counter()
        fit = fit_landmarks(model, detection, size, size)
        taken = 1e3 * (time.perf_counter() - started)
        error = 100 * float(fit.residual_px[:SURFACE].mean()) / box_side_px(detection.points)
        out.append(Fitted(path, detection.points, fit, error, taken))
    return out


def landmark_error(quick: bool = False) -> Report:
    """Measure the distance of the projected head's 468 skin points from the detector's, in % of √(box area)."""
    from facegpt.morphable import makehuman

    model, rows = makehuman.load(), []
    for name in SETS:
        fitted = fit_set(model, optional_data() / name, QUICK_COUNT if quick else None)
        errors = np.array([one.error_percent for one in fitted])
        rows += [
            figure(f"{name}: mean distance to the detector's points", errors.mean(), "% of box"),
            figure(f"{name}: median", float(np.median(errors)), "% of box"),
            figure(f"{name}: 95th percentile", float(np.percentile(errors, 95)), "% of box"),
            figure(f"{name}: relative SD of the scale", float(np.mean([one.fit.scale_sd for one in fitted])), "1"),
            figure(f"{name}: time of one fit (median)", float(np.median([one.milliseconds for one in fitted])), "ms"),
        ]
        for one in sorted(fitted, key=lambda one: -one.error_percent)[:10]:
            rows.append(figure(f"{name}: worst ten: {one.path.stem}", one.error_percent, "% of box"))
    count = f"{QUICK_COUNT} of each" if quick else "all"
    return Report(f"optional data, photos and portraits ({count}), against the detector's own points", tuple(rows))


def outline_of_mesh(model: MorphableModel, fit: Fit, size: int) -> tuple[Array, NDArray[np.int64]]:
    """Give the projected vertices (V, 2) and the front-facing edges (N, 2) of the skin, for drawing."""
    params = fit.params
    vertices = params.pose.apply(head_vertices(model, params))
    skin = model.triangles[model.part == model.part_names.index("skin")].astype(np.int64)
    seen = params.camera.project(vertices)
    a, b, c = seen[skin[:, 0]], seen[skin[:, 1]], seen[skin[:, 2]]
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    front = skin[area < 0]  # counter-clockwise from outside, in an image whose y points down
    edges = np.concatenate([front[:, [0, 1]], front[:, [1, 2]], front[:, [2, 0]]])
    inside = np.all((seen > -size) & (seen < 2 * size), axis=1)
    edges = edges[np.all(np.asarray(inside)[edges], axis=1)]
    return seen, np.unique(np.sort(edges, axis=1), axis=0)


def picture(model: MorphableModel, one: Fitted, width: int = 400) -> Image.Image:
    """Draw one fit: the photo; then with the mesh, the detector's points (red) and the fitted ones (green)."""
    photo = Image.open(one.path).convert("RGB")
    drawn, canvas = photo.copy(), Image.new("RGB", (2 * width, width))
    pen = ImageDraw.Draw(drawn)
    seen, edges = outline_of_mesh(model, one.fit, photo.width)
    for a, b in edges:
        pen.line([tuple(seen[a]), tuple(seen[b])], fill=(90, 140, 200), width=1)
    params = one.fit.params
    fitted = model.embedding("mediapipe478")(head_vertices(model, params))
    for points, colour in (
        (one.points[:, :2], (255, 40, 40)),
        (params.camera.project(params.pose.apply(fitted)), (40, 255, 40)),
    ):
        for x, y in points:
            pen.ellipse([x - 1.5, y - 1.5, x + 1.5, y + 1.5], fill=colour)
    for k, image in enumerate((photo, drawn)):
        canvas.paste(image.resize((width, width)), (k * width, 0))
    ImageDraw.Draw(canvas).text((4, 4), f"{one.path.stem} {one.error_percent:.2f} %", fill=(255, 255, 0))
    return canvas


def sheet(model: MorphableModel, fitted: list[Fitted], columns: int = 3) -> Image.Image:
    """Draw several fits on one picture."""
    tiles = [picture(model, one) for one in fitted]
    width, height = tiles[0].size
    rows = -(-len(tiles) // columns)
    out = Image.new("RGB", (columns * width, rows * height))
    for k, tile in enumerate(tiles):
        out.paste(tile, (k % columns * width, k // columns * height))
    return out
