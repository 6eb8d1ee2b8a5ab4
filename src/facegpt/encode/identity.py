"""Whose face it is, by the whole picture: a Gaussian over the identity from two networks that look at it apart.

The dense landmark network says an identity, and the recognition network describes the person in 128 numbers that
change little with light, pose and expression. Both together are read linearly: on pictures of people whose head is
known, several of each, a ridge regression learnt what they say of the identity, and the covariance of what they leave
open (runs/identity; model card docs/model-cards/identity.md). Directions of the descriptor in which other kinds of
pictures (photos, path-traced heads) differ from the studio's as a whole say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.assets import load_arrays
from facegpt.conventions import euler_deg_from_rotation
from facegpt.encode.base import Landmarker
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.looks import LooksReader, looks_reader
from facegpt.encode.recognition import FaceRecognition, chips_to_tensor, face_chip
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68, SURFACE
from facegpt.fitting.occlusion import unhidden
from facegpt.types import Array, DensePoints, Detection, IdentityBelief

ASSET = "networks/identity.npz"


@dataclass(frozen=True, eq=False)
class IdentityReader:
    """Reads a belief off what the networks say. Safe to use from several threads.

    Attributes:
        weights: (I + 128, I), offset: (I,): from the dense network's identity and the descriptor to the mean.
        covariance: (I, I) of what stays open.
        recognition: the network of the descriptor.
        looks: reads how old the face looks and what beard it has, or None.
    """

    weights: NDArray[np.float64]
    offset: NDArray[np.float64]
    covariance: NDArray[np.float64]
    recognition: FaceRecognition
    looks: LooksReader | None = None

    def read(self, image: NDArray[np.uint8], detection: Detection, dense: DensePoints) -> DensePoints:
        """The same points, and whose face it is, for one face of an sRGB photo (H, W, 3) uint8."""
        return self.read_descriptor(self.describe(image, detection), dense)

    def read_descriptor(self, descriptor: Array, dense: DensePoints) -> DensePoints:
        """The same of a face whose descriptor (128,) is known."""
        mean = np.concatenate([dense.identity, descriptor]).astype(np.float64) @ self.weights + self.offset
        belief = IdentityBelief(mean, self.covariance)
        if self.looks is not None:
            belief = self.looks.believed(belief, self.looks.read(descriptor))
        return replace(dense, belief=belief)

    def describe(self, image: NDArray[np.uint8], detection: Detection) -> Array:
        """The descriptor (128,) of a face."""
        chip = face_chip(image, detection.points[list(MEDIAPIPE_68), :2])
        with torch.no_grad():
            found = self.recognition(chips_to_tensor(chip[None]))
        return np.asarray(found[0].cpu().numpy())


def evidence(detection: Detection, dense: DensePoints) -> Array:
    """What tells how much a picture can say of a person: (4,).

    The longer edge of the box around the face, pixels; the share of the detector's points that are seen, 0..1; the
    share of them before which there is neither hair nor another thing; degrees of yaw.
    """
    points = np.asarray(detection.points, np.float64)[:SURFACE, :2]
    free = unhidden(dense, dense.points_px[:SURFACE]).mean()
    yaw_deg = abs(euler_deg_from_rotation(detection.rotation)[0])
    return np.array([np.ptp(points, axis=0).max(), dense.visible[:SURFACE].mean(), free, yaw_deg])


@lru_cache(maxsize=2)
def identity_reader(device: str = "cpu") -> IdentityReader:
    """The package's reader; the same object each time for a device."""
    arrays = load_arrays(ASSET)
    weights, offset, covariance = (arrays[name].astype(np.float64) for name in ("weights", "offset", "covariance"))
    return IdentityReader(weights, offset, covariance, FaceRecognition().to(device), looks_reader())


def knows_identity(landmarker: object) -> bool:
    """Whether the reader was made for what a landmarker says: the package's own network, unchanged."""
    return isinstance(landmarker, DenseLandmarker) and landmarker.original


def whole_look(
    landmarker: Landmarker, image: NDArray[np.uint8], detection: Detection, device: str = "cpu"
) -> DensePoints:
    """What a landmarker says of one face of an sRGB photo (H, W, 3) uint8, and whose it is where that can be read."""
    dense = landmarker.predict(image, detection)
    return identity_reader(device).read(image, detection, dense) if knows_identity(landmarker) else dense
