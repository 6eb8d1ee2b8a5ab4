"""A model whose faces are red rectangles: the interface, the command line and batches are tested in milliseconds.

The head is the made-up one. The truth is known: as many faces as rectangles, each where its rectangle is.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy as np
from made_up_head import MadeUpHead, made_up_head, made_up_params
from PIL import Image, ImageDraw
from scipy.ndimage import find_objects, label

import facegpt.face
from facegpt import assets
from facegpt.api import FaceGPT
from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.types import Camera, Detection, Fit, Pose, SkinSeen

HEAD = cache(made_up_head)


def picture(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A grey picture with a red face in each box (x0, y0, x1, y1)."""
    image = Image.new("RGB", size, (127, 127, 127))
    for box in boxes:
        ImageDraw.Draw(image).rectangle(box, fill=(255, 0, 0))
    return image


class RedRectangles:
    """A Detector of red rectangles."""

    name = "red-rectangles"

    @property
    def quick(self) -> RedRectangles:
        return self

    def detect(self, image: np.ndarray) -> list[Detection]:
        red = (image[..., 0] > 200) & (image[..., 1] < 60)
        faces = []
        for rows, columns in find_objects(label(red)[0]):
            x = np.linspace(columns.start, columns.stop - 1, 478)
            y = np.linspace(rows.start, rows.stop - 1, 478)
            points = np.stack([x, y, np.zeros(478)], 1)
            faces.append(Detection(points, np.zeros(52), 0.9, HEAD_TO_CAMERA_AXES))
        return faces

    def detect_batch(self, images):
        return [self.detect(image) for image in images]


def fit_to_box(
    model: MadeUpHead,
    detection: Detection,
    width: int,
    height: int,
    focal_px: float | None = None,
    dense: object = None,
) -> Fit:
    """Place a made-up person as wide as the box, in its middle; the box's width seeds the person."""
    x0, y0, x1, y1 = detection.points[[0, -1], :2].ravel()
    focal = focal_px or 1.2 * max(width, height)
    depth = 140.0 * focal / (x1 - x0 + 1)
    middle = (width - 1) / 2, (height - 1) / 2
    offset = ((x0 + x1) / 2 - middle[0]) * depth / focal, ((y0 + y1) / 2 - middle[1]) * depth / focal
    params = made_up_params(model, seed=int(x1 - x0)).replace(
        pose=Pose(HEAD_TO_CAMERA_AXES.copy(), np.array([*offset, depth])), camera=Camera(focal, middle, width, height)
    )
    return Fit(params, np.zeros(478), 0.04, 1)


def plain_texture(image, model, params, size, dense=None, parts=None):
    """A texture of one colour, the mean of the photo."""
    texture = np.full((64, 64, 4), 255, np.uint8)
    texture[..., :3] = image.mean((0, 1))
    shown, seen = np.ones(texture.shape[:2], np.float32), SkinSeen(1.0, 0.0, False)
    return SimpleNamespace(texture=texture, albedo=params.albedo, lighting=params.lighting, confidence=shown, skin=seen)


def own_tone(image, model, params, dense=None, points=None):
    """The tone and the light that are there already."""
    return params.albedo, params.lighting


def stand_in_model() -> FaceGPT:
    facegpt.face.PREVIEW_SIZE = 64  # pixels: most of the time of a test would go into this picture
    return FaceGPT(HEAD(), RedRectangles, fit_to_box, plain_texture, own_tone)


def slow_model() -> FaceGPT:
    """A model that takes half a second a face."""

    def slow_fit(*arguments, dense):
        time.sleep(0.5)
        return fit_to_box(*arguments)

    return replace(stand_in_model(), fit=slow_fit)


def dying_model() -> FaceGPT:
    """A model whose process dies of any face that is 66 pixels wide."""

    def deadly_fit(model, detection, *rest, dense):
        if round(detection.points[-1, 0] - detection.points[0, 0]) == 66:
            os._exit(9)
        return fit_to_box(model, detection, *rest)

    return replace(stand_in_model(), fit=deadly_fit)


def photo_folder(folder: Path, count: int) -> list[Path]:
    """Write photos of one face each, all different; give their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"photo_{k:02d}.png" for k in range(count)]
    for k, path in enumerate(paths):
        picture((100, 60, 160 + 2 * k, 140)).save(path)
    return paths


def damaged_model() -> FaceGPT:
    """A model one of whose data files is damaged."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "head.npz").write_bytes(b"right")
        assets.register("head.npz", Path(folder))
        (Path(folder) / "head.npz").write_bytes(b"wrong")
        return assets.load_arrays("head.npz", Path(folder))  # type: ignore[return-value]
