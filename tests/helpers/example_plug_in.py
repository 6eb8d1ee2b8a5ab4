"""A package that plugs a head model, a renderer, a detector and an encoder into FaceGPT: see docs/plugins.md.

Tests copy this file to a folder of their own and put the metadata of an installed package beside it (`install`).
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from made_up_head import made_up_head
from scipy.ndimage import find_objects, label

from facegpt.conventions import ARKIT_NAMES, HEAD_TO_CAMERA_AXES
from facegpt.render.base import Lobe, Rendered, Topology, View
from facegpt.render.numba_cpu.renderer import NumbaRenderer
from facegpt.types import DensePoints, Detection, Pose

MODULE, PACKAGE = "facegpt_example", "facegpt-example"
ENTRY_POINTS = """\
[facegpt.morphable]
example-head = facegpt_example:load

[facegpt.render]
all-green = facegpt_example:GreenRenderer

[facegpt.detect]
red-boxes = facegpt_example:RedBoxDetector

[facegpt.encode]
all-unsure = facegpt_example:UnsureEncoder
"""


def load():
    """The head model. Its model_id begins with the name of the entry point, by which saved heads find it again."""
    return replace(made_up_head(), model_id="example-head/1")


class GreenRenderer:
    """Draws every surface green, whatever its texture."""

    name = "all-green"

    def render(
        self, vertices_camera, topology: Topology, texture, lighting, view: View, lobe: Lobe | None = None
    ) -> Rendered:
        green = texture * texture.new_tensor([0.0, 1.0, 0.0])[:, None, None]
        return NumbaRenderer(1).render(vertices_camera, topology, green, lighting, view, lobe)


class RedBoxDetector:
    """Takes red boxes for faces: the example head, from the front, as wide as each box."""

    name = "red-boxes"

    def __init__(self, device: str = "cpu") -> None:
        self.device = device
        head = load()
        points = head.embedding("mediapipe478")(head.mean_vertices)
        self._points = Pose(HEAD_TO_CAMERA_AXES, np.zeros(3)).apply(points)

    @property
    def quick(self) -> RedBoxDetector:
        return self

    def detect(self, image: np.ndarray) -> list[Detection]:
        red = (image[..., 0] > 200) & (image[..., 1] < 60)
        return [self._face(rows, columns) for rows, columns in find_objects(label(red)[0])]

    def detect_batch(self, images) -> list[list[Detection]]:
        return [self.detect(image) for image in images]

    def _face(self, rows: slice, columns: slice) -> Detection:
        low, high = self._points[:468].min(0), self._points[:468].max(0)
        scale = (columns.stop - columns.start) / (high - low)[0]
        middle = [(columns.start + columns.stop - 1) / 2, (rows.start + rows.stop - 1) / 2, 0.0]
        points = (self._points - (low + high) / 2) * scale + middle
        return Detection(points, np.zeros(len(ARKIT_NAMES)), 0.9, HEAD_TO_CAMERA_AXES)


class UnsureEncoder:
    """Finds all points in the middle of the face, and says that they may be anywhere."""

    def predict(self, image: np.ndarray, detection: Detection) -> DensePoints:
        count, middle = 663, detection.points[:468, :2].mean(0)
        side = 128
        return DensePoints(
            points_px=np.tile(middle, (count, 1)).astype(np.float32),
            sigma_px=np.full(count, 1000.0, np.float32),
            visible=np.zeros(count, np.float32),
            identity=np.zeros(60, np.float32),
            identity_sd=np.ones(60, np.float32),
            expression=np.zeros(len(ARKIT_NAMES), np.float32),
            parts=np.full((32, 32, 7), 1 / 7, np.float32),
            crop=np.column_stack([np.eye(2), (side - 1) / 2 - middle]),
            crop_px=side,
        )


def install(folder: Path, source: str | None = None, entries: str = ENTRY_POINTS, package: str = PACKAGE) -> Path:
    """Lay out the package as pip would in a folder for sys.path; `source` in place of this file."""
    folder.mkdir(parents=True, exist_ok=True)
    if source is None:
        shutil.copy(__file__, folder / f"{MODULE}.py")
    else:
        (folder / f"{package.replace('-', '_')}.py").write_text(source, "utf-8")
    info = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(entries, "utf-8")
    return folder
