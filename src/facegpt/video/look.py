"""Looking at faces of a frame: finding them anew, or following one through the window that its last points ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.detect import geometry
from facegpt.detect.locate import Locator, moved, window_of
from facegpt.detect.mediapipe import MediaPipeDetector, Settings
from facegpt.detect.networks import FaceNetworks
from facegpt.detect.windows import Photo, Window
from facegpt.encode.base import Landmarker
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.face_chips import face_chip
from facegpt.encode.face_describer import face_describer
from facegpt.encode.identity import identity_reader, knows_identity
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.types import Array, DensePoints, Detection, FaceGPTError

#: A followed face needs this belief of the landmark network, and may look no more unlike a face than this, mm.
PRESENCE, MOST_DEVIATION_MM = 0.5, 22.0
#: Points of the detector and of the dense network that lie further apart than this share of the face are no face.
MOST_DISAGREEMENT = 0.09
#: A window stays where it is until the face moved or grew by this share of it or turned by this angle: networks that
#: look through the same window err alike, so that a face at rest is at rest.
STILL_SHARE, STILL_ROLL_RAD = 0.015, np.radians(1.5)
#: A picture without contrast holds no face that could be found.
LEAST_CONTRAST = 6.0
#: Settings of the detector in a clip: thorough for the few frames that a survey looks at, light while following.
THOROUGH = Settings(retry=False, beside_one=False)
LIGHT = Settings(refine=False, flip=False, retry=False, beside_one=False)


@dataclass(frozen=True)
class Glimpse:
    """One face by the detector's points alone, and the window that they were found in."""

    detection: Detection
    window: Window


@dataclass(frozen=True)
class Seen:
    """One face in one frame: the detector's points, the dense network's, and the window that they were found in."""

    detection: Detection
    dense: DensePoints
    window: Window


class FaceLook:
    """The networks that look at the frames of a clip. Safe to use from several threads at once.

    Args:
        make_landmarker: gives the dense landmark network.
        networks: MediaPipe's networks, if they are loaded already.
        describe: gives the descriptor (128,) of a face, from a frame and its 68 points; by default the network.
    """

    def __init__(
        self,
        make_landmarker: Callable[[], Landmarker],
        networks: FaceNetworks | None = None,
        describe: Callable[[NDArray[np.uint8], Array], Array] | None = None,
    ) -> None:
        self._networks = networks or FaceNetworks()
        self._light = MediaPipeDetector(LIGHT, networks=self._networks)
        self._thorough = MediaPipeDetector(THOROUGH, networks=self._networks)
        self._landmarker = make_landmarker()
        self._describe = describe

    def find(self, pixels: NDArray[np.uint8], thorough: bool = False) -> list[Detection]:
        """The faces of a frame (H, W, 3) uint8, the largest first; none in a picture without contrast."""
        if float(pixels[::8, ::8].std()) < LEAST_CONTRAST:
            return []
        return (self._thorough if thorough else self._light).detect(pixels)

    def see(
        self,
        pixels: NDArray[np.uint8],
        detection: Detection,
        window: Window | None = None,
        tuned: Landmarker | None = None,
    ) -> Seen:
        """What the dense network, or one `tuned` to the person, says of a detected face."""
        dense = (tuned or self._landmarker).predict(pixels, detection)
        return Seen(detection, dense, window or window_of(detection.points))

    def glimpse(self, pixels: NDArray[np.uint8], window: Window) -> Glimpse | None:
        """The face that was in `window` a frame ago, or None if it is there no more.

        The window is moved after the face where it moved far, and the points are then found once more.
        """
        locator = Locator(Photo(pixels), self._networks, PRESENCE, 1.0, False, False)
        points, presence = locator.landmarks(window)
        if presence < PRESENCE / 2:
            return None
        asked = window_of(points)
        if moved(window, asked):
            window = asked
            points, presence = locator.landmarks(window)
        rotation, deviation_mm = geometry.rotation_and_deviation_mm(points)
        if presence < PRESENCE or deviation_mm > MOST_DEVIATION_MM:
            return None
        return Glimpse(Detection(points, np.zeros(len(ARKIT_NAMES)), presence, rotation, "followed"), window)

    def follow(self, pixels: NDArray[np.uint8], one: Glimpse, tuned: Landmarker | None = None) -> Seen | None:
        """What both networks say of a face, None if they say that it is none; `tuned` as in `see`."""
        seen = self.see(pixels, one.detection, one.window, tuned)
        return None if disagreement(seen) > MOST_DISAGREEMENT else seen

    def describe(self, pixels: NDArray[np.uint8], detection: Detection) -> Array:
        """Descriptor (128,) of a face: of one person's pictures they are mostly less than 0.6 apart."""
        points68 = detection.points[list(MEDIAPIPE_68), :2]
        if self._describe is not None:
            return self._describe(pixels, points68)
        return np.asarray(face_describer()(face_chip(pixels, points68)[None])[0])

    def with_belief(self, seen: Seen, pixels: NDArray[np.uint8], descriptor: Array | None = None) -> Seen:
        """The same with whose face it is, where the networks are those that tell it; `descriptor` (128,) if known."""
        if self._describe is not None or not knows_identity(self._landmarker):
            return seen
        told = self.describe(pixels, seen.detection) if descriptor is None else descriptor
        return replace(seen, dense=identity_reader().read_descriptor(told, seen.detection, seen.dense))


def look_by(landmarker: Landmarker | None, quick: bool = False) -> FaceLook:
    """What looks at frames with a dense landmark network; `quick` halves its work.

    Raises:
        FaceGPTError: if there is no such network.
    """
    if landmarker is None:
        raise FaceGPTError("videos need the default head model and its dense landmark network")
    own = DenseLandmarker(flip=False) if quick and isinstance(landmarker, DenseLandmarker) else landmarker
    return FaceLook(lambda: own)


def disagreement(seen: Seen) -> float:
    """Mean distance of the detector's points from the dense network's, as a share of the face's size."""
    count = geometry.FACE_POINTS
    apart = np.linalg.norm(seen.detection.points[:count, :2] - seen.dense.points_px[:count], axis=1).mean()
    return float(apart / max(float(np.ptp(seen.detection.points[:count, :2], axis=0).max()), 1e-6))


def next_window(last: Window, points: Array, velocity_px: Array) -> Window:
    """The window to look through in the next frame, from the last one and the points (478, 3) found in it.

    A still face keeps its window; one that moves is met half way.
    """
    asked = window_of(points)
    shift = np.hypot(asked.x - last.x, asked.y - last.y) / asked.side
    turned = abs((asked.roll_rad - last.roll_rad + np.pi) % (2 * np.pi) - np.pi)
    if shift < STILL_SHARE and turned < STILL_ROLL_RAD and abs(np.log(asked.side / last.side)) < STILL_SHARE:
        return last
    return replace(asked, x=asked.x + 0.5 * float(velocity_px[0]), y=asked.y + 0.5 * float(velocity_px[1]))
