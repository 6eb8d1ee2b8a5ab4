"""Real photos in training, without anybody's labels: what the network says of a face must not depend on the view.

Two views of each face, one of them mirrored and both moved, turned, scaled and otherwise exposed, must give the same
points; and the points must be where the detector has them less its habit, the mean offset of each of its points from
the true ones on renders. Heads fitted to photos teach worse: their lids and noses sink.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from facegpt.conventions import euler_deg_from_rotation
from facegpt.data.images import read_image
from facegpt.detect.base import Detector
from facegpt.detect.windows import Photo, Window
from facegpt.encode.dense_landmarks import crop_window
from facegpt.encode.landmark_network import CROP, DETECTED, NetworkOutput
from facegpt.runtime.progress import Progress
from facegpt.types import Array, FaceGPTError, ImageError
from facegpt_lab.train.landmarks.crops import DETECTED_PX, CropStore, Mirror

#: Edge of the stored patches, pixels; the middle CROP of them are what the network sees in use.
PATCH = 208
#: Least side of a face's box in its photo, pixels.
FACE_PX = 64.0
#: SD of a view's shift (pixels), log size, turn (radians), log exposure (of all channels, of each).
VIEW_SD = (5.0, 0.06, 0.06, 0.2, 0.08)
#: The detector is believed up to this yaw. Points are compared where the network's own sigma is at most this (crop
#: units, some 3 mm) and where the two are at most this many of their sigmas apart, beyond which one of them is lost.
FRONTAL_DEG, SURE, FARTHEST_SIGMAS = 30.0, 0.04, 4.0
#: How much consistency and agreement count beside the likelihood of points.
WEIGHTS = {"consistency": 1.0, "agreement": 0.5}


@dataclass(frozen=True, eq=False)
class PhotoFaces:
    """N faces of photos.

    Attributes:
        image: (N, PATCH, PATCH, 3) uint8. detected_px: (N, 478, 2) the detector's points in them. yaw_deg: (N,).
    """

    image: NDArray[np.uint8]
    detected_px: Array
    yaw_deg: Array

    def __len__(self) -> int:
        return len(self.image)

    @classmethod
    def load(cls, path: Path) -> PhotoFaces:
        """Read the file of `write_photo_faces`."""
        if not path.is_file():
            raise FaceGPTError(
                f"there are no faces of photos '{path}'; make them with lab/runs/landmarks/photo_crops.py"
            )
        with np.load(path, allow_pickle=False) as arrays:
            return cls(arrays["image"], arrays["detected_px"], arrays["yaw_deg"])


def write_photo_faces(photos: Sequence[Path], path: Path, detector: Detector) -> PhotoFaces:
    """Cut the faces out of photos into one file; photos that cannot be read are named on stderr and left out.

    Raises:
        FaceGPTError: if no photo shows a face of FACE_PX.
    """
    found: list[tuple[NDArray[np.uint8], Array, float]] = []
    with Progress("photos", len(photos)) as show:
        for done, photo in enumerate(photos, 1):
            try:
                found += faces_of(read_image(photo).pixels, detector)
            except ImageError as error:
                show.note(f"left out: {error}")
            show(done)
    if not found:
        raise FaceGPTError(f"there is no face of {FACE_PX:.0f} pixels in {len(photos)} photos")
    image, points, yaw = (np.stack(column) for column in zip(*found, strict=True))
    part = path.with_suffix(".part.npz")
    np.savez(part, image=image, detected_px=points.astype(np.float32), yaw_deg=yaw.astype(np.float32))
    os.replace(part, path)
    return PhotoFaces.load(path)


def faces_of(pixels: NDArray[np.uint8], detector: Detector) -> Iterator[tuple[NDArray[np.uint8], Array, float]]:
    """Yield patch (PATCH, PATCH, 3), the detector's points in it (478, 2) and yaw of each large face of a photo."""
    photo = Photo(pixels)
    for detection in detector.detect(pixels):
        window = crop_window(detection.points)
        if float(np.ptp(detection.points[:468, :2], axis=0).max()) < FACE_PX:
            continue
        wide = Window(window.x, window.y, window.side * PATCH / CROP, window.roll_rad)
        patch = photo.crop(wide, PATCH, repeat_border=True).transpose(1, 2, 0)
        points = np.linalg.solve(wide.axes(), (detection.points[:, :2] - (wide.x, wide.y)).T).T * PATCH
        yaw = euler_deg_from_rotation(detection.rotation)[0]
        yield np.round(patch * 255).astype(np.uint8), points + (PATCH - 1) / 2, float(yaw)


@dataclass(frozen=True, eq=False)
class Habit:
    """How the detector's points lie about the true ones on frontal renders, crop units: mean and SD (478, 2)."""

    mean: Array
    sd: Array

    @classmethod
    def of(cls, store: CropStore, mirror: Mirror, count: int = 4000) -> Habit | None:
        """Measure it on a store's crops and their mirror images; None if the detector saw none of them."""
        if DETECTED_PX not in store.arrays:
            return None
        found, true = (store.arrays[name][:count] for name in (DETECTED_PX, "points_px"))
        good = ~np.isnan(found[:, 0, 0]) & (np.abs(store.arrays["yaw_deg"][:count]) < FRONTAL_DEG)
        if good.sum() < 2:
            return None
        off = (found[good] - true[good, :DETECTED]) / (CROP / 2)
        off = np.concatenate([off, off[:, mirror.points[:DETECTED]] * np.array((-1, 1), np.float32)])
        low, middle, high = np.quantile(off, (0.16, 0.5, 0.84), axis=0)
        return cls(middle.astype(np.float32), ((high - low) / 2).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Views:
    """Two views of each of n faces, the first of each face in rows 0..n-1, the second in rows n..2n-1.

    Attributes:
        image: (2n, 3, CROP, CROP) sRGB 0..1. detected: (2n, 478, 2) crop units.
        flip: (2n,) mirrored. back: (2n, 2, 3) from crop units of a view to those of the patch's middle crop.
        expected: (n, 478, 2) the detector's points less its habit, in the latter units. frontal: (n,).
    """

    image: NDArray[np.float32]
    detected: NDArray[np.float32]
    flip: NDArray[np.bool_]
    back: NDArray[np.float32]
    expected: NDArray[np.float32]
    frontal: NDArray[np.bool_]


def draw_views(faces: PhotoFaces, habit: Habit, mirror: Mirror, rng: np.random.Generator, count: int) -> Views:
    """Draw `count` faces and two views of each."""
    rows = rng.integers(0, len(faces), count)
    flip = np.concatenate([first := rng.random(count) < 0.5, ~first])
    images, detected, back = [], [], []
    for row, turned in zip([*rows, *rows], flip, strict=True):
        window = _window(rng, bool(turned))
        axes, middle = window.axes(), np.array([window.x, window.y])
        points = np.linalg.solve(axes, (faces.detected_px[row] - middle).T).T * 2
        images.append(Photo(faces.image[row]).crop(window, CROP, repeat_border=True))
        detected.append(points[mirror.points[:DETECTED]] if turned else points)
        back.append(np.column_stack([axes / CROP, (middle - (PATCH - 1) / 2) * 2 / CROP]))
    _, _, _, together, each = VIEW_SD
    exposure = np.exp(rng.normal(0, together, (2 * count, 1, 1, 1)) + rng.normal(0, each, (2 * count, 3, 1, 1)))
    plain = (faces.detected_px[rows] - (PATCH - 1) / 2) * (2 / CROP)
    return Views(
        (np.stack(images) * exposure).astype(np.float32),
        np.stack(detected).astype(np.float32),
        flip,
        np.stack(back).astype(np.float32),
        (plain - habit.mean).astype(np.float32),
        np.abs(faces.yaw_deg[rows]) < FRONTAL_DEG,
    )


def _window(rng: np.random.Generator, mirrored: bool) -> Window:
    shift, size, turn, _, _ = VIEW_SD
    x, y = (PATCH - 1) / 2 + rng.normal(0, shift, 2)
    return Window(x, y, CROP * float(np.exp(rng.normal(0, size))), float(rng.normal(0, turn)), mirrored)


def photo_losses(out: NetworkOutput, views: Views, habit: Habit, mirror: Mirror) -> dict[str, Tensor]:
    """The losses of views, means over points and faces; `out` holds the rows of the views alone."""
    log_sigma = _unmirrored(out.log_sigma.detach(), views, mirror)
    points = {name: _at_home(getattr(out, name), views, mirror) for name in ("points", "first_points")}
    both = log_sigma.exp().square().view(2, -1, log_sigma.shape[1]).sum(0)
    apart = [(one - other).square().sum(-1) / both for one, other in (p.chunk(2) for p in points.values())]
    consistency = 0.5 * torch.log1p(torch.stack(apart) / FARTHEST_SIGMAS**2).mean() * FARTHEST_SIGMAS**2
    expected = torch.from_numpy(views.expected).repeat(2, 1, 1)
    sigma = log_sigma[:, :DETECTED].exp()
    spread = sigma.square() + torch.from_numpy(habit.sd).square().mean(-1)
    squared = (points["points"][:, :DETECTED] - expected).square().sum(-1) / spread
    sure = (squared.detach() < FARTHEST_SIGMAS**2) & (sigma < SURE)
    sure &= torch.from_numpy(views.frontal).repeat(2)[:, None]
    agreement = 0.5 * (squared * sure).sum() / sure.sum().clamp(min=1)
    return {"consistency": consistency, "agreement": agreement}


def _unmirrored(values: Tensor, views: Views, mirror: Mirror) -> Tensor:
    """Put values of points (2n, P, …) that were seen in a mirror in the order of the face itself."""
    order = torch.from_numpy(np.asarray(mirror.points, np.int64))
    flip = torch.from_numpy(views.flip).view(-1, *[1] * (values.ndim - 1))
    return torch.where(flip, values[:, order], values)


def _at_home(points: Tensor, views: Views, mirror: Mirror) -> Tensor:
    """Take points (2n, P, 2) of views to the patch's middle crop, crop units."""
    back = torch.from_numpy(views.back)
    return _unmirrored(points, views, mirror) @ back[:, :, :2].transpose(1, 2) + back[:, None, :, 2]
