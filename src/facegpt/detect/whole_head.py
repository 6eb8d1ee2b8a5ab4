"""A second opinion on a box that may hold a face: what the dense landmark network sees there, by the picture alone.

MediaPipe's landmark network knows no full profiles and says that they are no faces; the finder boxes most of them. The
dense network has learnt whole heads to ±90° and needs no points of another. Whether there is a face is told by how it
speaks: how sure it is of its points, how well they agree with those of the mirrored view and stay where they are when
looked at again, what parts it sees. The weights of these signs are learnt on the studio's pictures and on photos
(lab/runs/detector/second_opinion.py), from windows in which the points came out right and such in which they did not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import asset_path, load_arrays
from facegpt.detect.geometry import FACE_POINTS, derolled, deviation_in_image, lifted, upright_roll_rad
from facegpt.detect.windows import Photo, Window
from facegpt.runtime.onnx_session import with_outputs
from facegpt.runtime.start.kept_networks import open_made

Array = NDArray[np.floating]

NETWORK_ASSET, POINTS_ASSET, SIGNS_ASSET = "dense_landmarks.onnx", "makehuman_dense.npz", "networks/second_opinion.npz"
#: Edge of the network's input, pixels.
CROP_PX = 128
#: The crop's side over the longer side of the box around the detector's face points: in training crops of 144 px are
#: 1.4 times that box, and the network sees 128 px of them.
SIDE_OVER_BOX = 1.4 * CROP_PX / 144
MEAN_COLOUR, SD_COLOUR = 0.45, 0.25
#: A view as it is: how far it is shifted (share of the side, x and y), scaled and turned (radians).
UNMOVED = (0.0, 0.0, 1.0, 0.0)
#: Inside the network: the points (B, P, 2) by the picture alone, and their log sigma (B, P).
_FIRST_POINTS, _FIRST_SPREAD = "/network/Add_1_output_0", "/network/spread/Gemm_output_0"
#: MediaPipe's points that the network gives, first of all its points.
DETECTED = 478
#: Side of the first window over the finder's box.
FIRST_SIDE = 1.4


def crop_window(points: Array, view: tuple[float, float, float, float] = UNMOVED) -> Window:
    """The window of the photo that the dense network looks through, from the detector's points (478, 2+) in px."""
    roll = upright_roll_rad(points)
    upright = derolled(points[:FACE_POINTS, :2], roll)
    low, high = upright.min(0), upright.max(0)
    dx, dy, scale, turn = view
    side = float((high - low).max()) * SIDE_OVER_BOX
    middle = derolled((low + high) / 2 + side * np.array([dx, dy]), -roll)
    return Window(float(middle[0]), float(middle[1]), side * scale, roll + turn)


def to_crop(window: Window, points: Array) -> Array:
    """Take pixels of the photo (N, 2) to crop units: the middles of the corner pixels of the input are ±(1 - 1/128)."""
    return np.linalg.solve(window.axes(), (points - (window.x, window.y)).T).T * 2


@dataclass(frozen=True)
class Opinion:
    """What is seen in a window.

    Attributes:
        points: (478, 3) MediaPipe's points, pixels of the photo; depth is that of the canonical face.
        signs: (S,) what tells whether this is a face, as SIGNS names them.
        belief: 0..1 that the points lie on a face as they should.
    """

    points: Array
    signs: Array
    belief: float


#: What an opinion goes by: log disagreement and mean log sigma at the first look and at the second, how far the points
#: moved between them (log), the face's size over the box's (log) and place beside it, deviation from the canonical face
#: (log mm), share of visible points, shares of the parts, and the finder's score.
SIGNS = (
    *("disagreement 1", "sigma 1", "disagreement 2", "sigma 2", "moved", "size", "beside", "deviation", "visible"),
    *(f"part {k}" for k in range(7)),
    "score",
)


class WholeHead:
    """Looks at boxes. Safe to call from several threads at once; loads its network when first asked."""

    def __init__(self, threads: int = 1, device: str = "cpu") -> None:
        self._how = (threads, device)

    @cached_property
    def _session(self) -> Any:
        file = asset_path(NETWORK_ASSET)
        first = (_FIRST_POINTS, _FIRST_SPREAD)
        return open_made(" ".join(first), lambda: with_outputs(file.read_bytes(), first), (file,), *self._how)

    @cached_property
    def _mirror(self) -> NDArray[np.integer]:
        return load_arrays(POINTS_ASSET)["mirror"]

    @cached_property
    def _weights(self) -> tuple[Array, float]:
        stored = load_arrays(SIGNS_ASSET)
        return stored["weights"].astype(np.float64), float(stored["bias"])

    def opinion(self, photo: Photo, window: Window, size: float, score: float) -> Opinion:
        """Look at what may be a face: its first window (upright in the face's frame), the box's edge, px, and score."""
        first, before = self._first(photo, window)
        again = crop_window(first[:DETECTED])
        points, after = self._again(photo, again, first[:DETECTED])
        moved = np.linalg.norm(points - first, axis=1)[:FACE_POINTS].mean() / again.side
        beside = float(np.hypot(again.x - window.x, again.y - window.y)) / size
        deviation = deviation_in_image(points[:DETECTED])
        place = [np.log(moved + 1e-3), np.log(again.side / SIDE_OVER_BOX / size), beside, np.log(deviation + 1.0)]
        signs = np.array([*before, *after[:2], *place, *after[2:], score])
        return Opinion(lifted(points[:DETECTED]), signs, self._belief(signs))

    def _belief(self, signs: Array) -> float:
        weights, bias = self._weights
        return float(1.0 / (1.0 + np.exp(-np.clip(signs @ weights + bias, -50.0, 50.0))))

    def _first(self, photo: Photo, window: Window) -> tuple[Array, list[float]]:
        """Points (P, 2) px of the mean of the plain and the mirrored view, by the picture alone; two signs."""
        blank = np.zeros((2, DETECTED, 2), np.float32)
        both, spread = self._session.run([_FIRST_POINTS, _FIRST_SPREAD], self._input(photo, window, blank))
        points, apart = self._mean(both)
        return window.to_photo(points / 2 + 0.5), [np.log(apart + 1e-3), float(spread[:, :FACE_POINTS].mean())]

    def _again(self, photo: Photo, window: Window, known: Array) -> tuple[Array, list[float]]:
        """Points (P, 2) px, with those of the first look as known; disagreement, sigma, visible and parts as signs."""
        inside = to_crop(window, known)
        both = np.stack([inside, inside[self._mirror[:DETECTED]] * (-1, 1)]).astype(np.float32)
        names = ["points", "log_sigma", "visible", "parts"]
        found, spread, visible, parts = self._session.run(names, self._input(photo, window, both))
        points, apart = self._mean(found)
        share = np.exp(parts - parts.max(1, keepdims=True))
        share = (share / share.sum(1, keepdims=True)).mean((0, 2, 3))
        seen = float((1 / (1 + np.exp(-visible[:, :FACE_POINTS]))).mean())
        signs = [np.log(apart + 1e-3), float(spread[:, :FACE_POINTS].mean()), seen, *map(float, share)]
        return window.to_photo(points / 2 + 0.5), signs

    def _input(self, photo: Photo, window: Window, known: Array) -> dict[str, Array]:
        crop = (photo.crop(window, CROP_PX, repeat_border=True) - MEAN_COLOUR) / SD_COLOUR
        return {"image": np.stack([crop, crop[:, :, ::-1]]).astype(np.float32), "detected": known}

    def _mean(self, both: Array) -> tuple[Array, float]:
        """The mean (P, 2) of the plain and the mirrored view's points (2, P, 2), and how far apart they are."""
        plain, mirrored = both[0].astype(np.float64), both[1][self._mirror].astype(np.float64) * (-1, 1)
        apart = np.linalg.norm(plain - mirrored, axis=1)[:FACE_POINTS].mean()
        return (plain + mirrored) / 2, float(apart)
