"""The dense landmark network: points of the whole head, their spread, and the person, from a photo and a detection.

Run by onnxruntime; trained by facegpt_lab.train.landmarks.training on renders. The crop stands upright by the eye line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import asset_path, load_arrays
from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.detect.whole_head import CROP_PX as CROP_PX
from facegpt.detect.whole_head import MEAN_COLOUR, SD_COLOUR, UNMOVED, to_crop
from facegpt.detect.whole_head import NETWORK_ASSET as ASSET
from facegpt.detect.whole_head import POINTS_ASSET as POINTS_ASSET
from facegpt.detect.whole_head import crop_window as crop_window
from facegpt.detect.windows import Photo, Window
from facegpt.encode.stored_weights import changed_file
from facegpt.runtime.onnx_session import open_session
from facegpt.runtime.start.kept_networks import open_kept
from facegpt.types import Array, AssetError, DensePoints, Detection

#: How far further views are shifted (share of the side), scaled and turned (radians), for averaging.
VIEWS = (UNMOVED, (0.02, -0.02, 1.05, 0.05), (-0.02, 0.02, 0.96, -0.05))
#: A face of which less than this share of the detector's points is seen is looked at again: there, and not elsewhere,
#: it makes the points better (43 turned and 37 plain pictures of the studio: NME 0.93 and 1.00 of one look's). Each
#: further look takes a little more of the detector's error off (docs/model-cards/landmarks.md).
TURNED, LOOKS_AGAIN = 0.65, 4


@dataclass(frozen=True)
class Mirror:
    """What a mirror does to points (P,) rows, identity (I,) signs and expression (E,) units."""

    points: NDArray[np.integer]
    identity: Array
    expression: NDArray[np.integer]


class DenseLandmarker:
    """Finds the points of the head's embedding "dense" in a photo. Safe to use from several threads.

    Args:
        path: an .onnx file; by default the one in the package's data.
        flip: average with the mirrored crop (twice the work, a few percent less error). Without, as for live frames, a
            turned face is looked at again only once.
        views: how many crops, slightly moved, to average.
        threads: how many cores one call may use.
        device: "cpu", or "cuda:N".
        changes: weights that take the place of the file's, by their names there (see encode/stored_weights.py).
    """

    def __init__(
        self,
        path: str | Path | None = None,
        flip: bool = True,
        views: int = 1,
        threads: int = 1,
        device: str = "cpu",
        changes: dict[str, NDArray[Any]] | None = None,
    ) -> None:
        file = Path(path) if path is not None else asset_path(ASSET)
        self.original = path is None and not changes  # the package's own network
        try:
            opened = open_session(changed_file(file, changes), threads, device) if changes else None
            self._session = opened or open_kept(file, threads, device)
            signs = self._session.get_modelmeta().custom_metadata_map["identity_mirror"]
        except Exception as error:  # onnxruntime raises many kinds, all of its own
            raise AssetError(f"the network '{file}' cannot be loaded ({error})") from None
        self._outputs = [output.name for output in self._session.get_outputs()]
        self._views, self._flip, self._again = VIEWS[:views], flip, LOOKS_AGAIN if flip else 1
        swap = [ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES]
        self.mirror = Mirror(load_arrays(POINTS_ASSET)["mirror"], np.array(signs.split(), np.float32), np.array(swap))

    def predict(self, image: NDArray[np.uint8], detection: Detection) -> DensePoints:
        """Look at one face of an sRGB photo (H, W, 3) uint8, several times where it is turned away.

        The detector's points, from which the network starts, are poor in profile: its own are a better start there.
        """
        photo = Photo(image)
        found = self._look(photo, detection)
        seen = found.visible[: len(detection.points)].mean()
        for _ in range(self._again if seen < TURNED else 0):
            points = np.array(detection.points)
            points[:, :2] = found.points_px[: len(points)]
            found = self._look(photo, replace(detection, points=points))
        return found

    def _look(self, photo: Photo, detection: Detection) -> DensePoints:
        """Look once, with a window around the detection's points."""
        windows = [crop_window(detection.points, view) for view in self._views]
        crops = [photo.crop(window, CROP_PX, repeat_border=True) for window in windows]
        known = [to_crop(window, detection.points[:, :2]) for window in windows]
        if self._flip:  # in one run with the others: the weights are read from memory once
            crops += [crop[:, :, ::-1] for crop in crops]
            known += [points[self.mirror.points[: len(points)]] * (-1, 1) for points in known]
        found = self.run(np.stack(crops), np.stack(known))
        if self._flip:
            own = {name: value[: len(windows)] for name, value in found.items()}
            mirrored = {name: value[len(windows) :] for name, value in found.items()}
            found = _together(own, self._unmirrored(mirrored))
        return _in_photo(found, windows)

    def run(self, crops: Array, detected: Array) -> dict[str, Array]:
        """Run the network on crops (B, 3, 128, 128), sRGB 0..1, and points (B, 478, 2) in crop units (-1..1).

        Returns:
            points (B, P, 2) in crop units, log_sigma and visible (B, P), identity and identity_log_sd (B, I),
            expression (B, E), parts (B, 7, 32, 32) and grid (B, C, 4, 4); visible and parts as logits.
        """
        image = np.subtract(crops, MEAN_COLOUR, dtype=np.float32)
        image /= SD_COLOUR
        values = self._session.run(None, {"image": image, "detected": detected.astype(np.float32)})
        return dict(zip(self._outputs, values, strict=True))

    def _unmirrored(self, found: dict[str, Array]) -> dict[str, Array]:
        """Say of the face itself what was found in its mirror image."""
        rows, mirror = self.mirror.points, self.mirror
        return {
            "points": found["points"][:, rows] * np.array((-1, 1), np.float32),
            "log_sigma": found["log_sigma"][:, rows],
            "visible": found["visible"][:, rows],
            "identity": found["identity"] * mirror.identity,
            "identity_log_sd": found["identity_log_sd"],
            "expression": found["expression"][:, mirror.expression],
            "parts": found["parts"][..., ::-1],
            "grid": found["grid"][..., ::-1],
        }


def _together(one: dict[str, Array], other: dict[str, Array]) -> dict[str, Array]:
    return {name: np.concatenate([one[name], other[name]]) for name in one}


def _in_photo(found: dict[str, Array], windows: list[Window]) -> DensePoints:
    """Average what was found in one or more views and say it in pixels of the photo."""
    repeated = windows * (len(found["points"]) // len(windows))
    points = [
        window.to_photo(own / 2 + 0.5) for window, own in zip(repeated, found["points"].astype(float), strict=True)
    ]
    sides = np.array([window.side for window in repeated])[:, None]
    sigma = np.exp(found["log_sigma"].astype(np.float64)) * sides / 2
    first = windows[0]
    to_input = np.linalg.inv(first.axes()) * CROP_PX
    offset = (CROP_PX - 1) / 2 - to_input @ (first.x, first.y)
    log_parts = found["parts"].mean(0)
    parts = np.exp(log_parts - log_parts.max(0))
    parts /= parts.sum(0)
    return DensePoints(
        points_px=np.mean(points, 0).astype(np.float32),
        sigma_px=sigma.mean(0).astype(np.float32),
        visible=(1 / (1 + np.exp(-found["visible"].mean(0)))).astype(np.float32),
        identity=found["identity"].mean(0),
        identity_sd=np.exp(found["identity_log_sd"].mean(0)),
        expression=np.clip(found["expression"].mean(0), 0, 1),
        parts=np.ascontiguousarray(parts.transpose(1, 2, 0), np.float32),
        crop=np.column_stack([to_input, offset]).astype(np.float64),
        crop_px=CROP_PX,
        grid=found["grid"][0],
    )
