"""Whose face it is, by the whole picture: a Gaussian over the identity from two networks that look at it apart.

The dense landmark network says an identity, and the recognition network describes the person in 128 numbers that
change little with light, pose and expression. Both together are read linearly: on pictures of people whose head is
known, several of each, a ridge regression learnt what they say of the identity, and the covariance of what they leave
open (lab/runs/identity; model card docs/model-cards/identity.md). Directions of the descriptor in which other kinds of
pictures (photos, path-traced heads) differ from the studio's as a whole say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import load_arrays
from facegpt.encode.base import Landmarker
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.face_chips import face_chip
from facegpt.encode.face_describer import FaceDescriber, face_describer
from facegpt.encode.looks import LooksReader, looks_reader
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68, SURFACE
from facegpt.fitting.occlusion import unhidden
from facegpt.types import Array, DensePoints, Detection, IdentityBelief

ASSET = "networks/identity.npz"
#: Longer edge of the box around a face from which on more pixels say no more, px.
LARGE_PX = 100.0


@dataclass(frozen=True, eq=False)
class IdentityReader:
    """Reads a belief off what the networks say. Safe to use from several threads.

    Attributes:
        weights: (I + 128, I), offset: (I,): from the dense network's identity and the descriptor to the mean.
        covariance: (I, I) of what stays open on the usual picture.
        slopes: (3,) how the log of what a picture says changes with its `evidence`. usual: (3,) the usual picture's.
        recognition: the network of the descriptor.
        looks: reads how old the face looks and what beard it has, or None.
    """

    weights: NDArray[np.float64]
    offset: NDArray[np.float64]
    covariance: NDArray[np.float64]
    slopes: NDArray[np.float64]
    usual: NDArray[np.float64]
    recognition: FaceDescriber
    looks: LooksReader | None = None

    def read(
        self, image: NDArray[np.uint8], detection: Detection, dense: DensePoints, mirror: Array | None = None
    ) -> DensePoints:
        """The same points, and whose face it is, for one face of an sRGB photo (H, W, 3) uint8.

        mirror: (I,) what a mirror does to the signs of the identity. With it, the mirror image of the photo gives the
        mirrored belief.
        """
        descriptor = self.describe(image, detection)
        told = self.read_descriptor(descriptor, detection, dense)
        if mirror is None:
            return told
        other = self.read_descriptor(descriptor, detection, replace(dense, identity=dense.identity * mirror))
        assert told.belief is not None and other.belief is not None
        mean = (told.belief.mean + other.belief.mean * mirror) / 2
        covariance = (told.belief.covariance + other.belief.covariance * np.outer(mirror, mirror)) / 2
        return replace(told, belief=replace(told.belief, mean=mean, covariance=covariance))

    def read_descriptor(self, descriptor: Array, detection: Detection, dense: DensePoints) -> DensePoints:
        """The same of a face whose descriptor (128,) is known."""
        mean = np.concatenate([dense.identity, descriptor]).astype(np.float64) @ self.weights + self.offset
        belief = self.believed(mean, evidence(detection, dense))
        if self.looks is not None:
            belief = self.looks.believed(belief, self.looks.read(descriptor))
        return replace(dense, belief=replace(belief, descriptor=descriptor))

    def believed(self, mean: Array, row: Array) -> IdentityBelief:
        """The belief of a picture that says `mean` (I,) if it is a usual one, by its `evidence`.

        A small, hidden or covered face says less: what it says beyond the population N(0, 1) counts so much less, as if
        that were a photo of more noise.
        """
        share = float(np.exp(self.slopes @ (row - self.usual)))
        precision = np.linalg.inv(self.covariance)
        less = np.linalg.inv((1 - share) * np.eye(len(mean)) + share * precision)
        return IdentityBelief(share * less @ (precision @ mean), (less + less.T) / 2)

    def describe(self, image: NDArray[np.uint8], detection: Detection) -> Array:
        """The descriptor (128,) of a face: the mean of its own and of its mirror image's."""
        chip = face_chip(image, detection.points[list(MEDIAPIPE_68), :2])
        return np.asarray(self.recognition(np.stack([chip, chip[:, ::-1]])).mean(0))


def evidence(detection: Detection, dense: DensePoints) -> NDArray[np.float64]:
    """What tells how much a picture can say of a person: (3,).

    The log of the face's size over LARGE_PX, at most 0; the share of its points that are hidden, by the head itself
    too; and the share before which there is hair or another thing. How far it is turned says no more than these.
    """
    size_px = np.ptp(np.asarray(detection.points, np.float64)[:SURFACE, :2], axis=0).max()
    hidden = 1 - np.mean(dense.visible[:SURFACE])
    covered = 1 - unhidden(dense, dense.points_px[:SURFACE]).mean()
    return np.array([np.log(np.clip(size_px, 1.0, LARGE_PX) / LARGE_PX), hidden, covered])


@lru_cache(maxsize=2)
def identity_reader(device: str = "cpu") -> IdentityReader:
    """The package's reader; the same object each time for a device."""
    arrays = load_arrays(ASSET)
    names = ("weights", "offset", "covariance", "slopes", "usual")
    weights, offset, covariance, slopes, usual = (arrays[name].astype(np.float64) for name in names)
    return IdentityReader(weights, offset, covariance, slopes, usual, face_describer(device), looks_reader())


def knows_identity(landmarker: object) -> bool:
    """Whether the reader was made for what a landmarker says: the package's own network, unchanged."""
    return isinstance(landmarker, DenseLandmarker) and landmarker.original


def whole_look(
    landmarker: Landmarker, image: NDArray[np.uint8], detection: Detection, device: str = "cpu"
) -> DensePoints:
    """What a landmarker says of one face of an sRGB photo (H, W, 3) uint8, and whose it is where that can be read."""
    dense = landmarker.predict(image, detection)
    if not (isinstance(landmarker, DenseLandmarker) and knows_identity(landmarker)):
        return dense
    return identity_reader(device).read(image, detection, dense, landmarker.mirror.identity)
