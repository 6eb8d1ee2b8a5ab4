"""Whether a reconstructed head looks like the person, by a face-recognition network that never sees the photo on it.

The head is drawn at rest, from ±30° and in studio light; its descriptor is compared with that of the photo. The figure
is the verification AUC: how often a photo is nearer to its own head than to another person's. 0.5 is chance. Heads of
`reconstruct` start from what this network says of the person (encode/identity.py): it is no judge from outside of
their shape, but still one of what is added to the same shape, as hair is.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.conventions import rotation_from_euler_deg
from facegpt.encode.face_chips import face_chip
from facegpt.encode.recognition import FaceRecognition, chips_to_tensor
from facegpt.face import Face
from facegpt.render.plots import on_background
from facegpt.render.portrait import draw_picture
from facegpt.types import Array, Camera, Pose
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.registry import Row, figure

VIEWS_DEG = (-30.0, 30.0)
#: The drawn picture: side in pixels, and distance of the camera in mm; a pixel is about a millimetre.
SIZE_PX, DISTANCE_MM = 256, 1100.0


@cache
def _recognition() -> FaceRecognition:
    return FaceRecognition()


def describe_photo(image: NDArray[np.uint8], points68: Array) -> NDArray[np.float32]:
    """Describe the face of a photo (H, W, 3) by its 68 points: (128,)."""
    return _describe(face_chip(image, points68)[None])[0]


def describe_head(face: Face) -> NDArray[np.float32]:
    """Describe a head at rest, drawn from both sides: (2, 128)."""
    rest = face.neutral()
    return _describe(np.stack([chip_of_head(rest, yaw_deg) for yaw_deg in VIEWS_DEG]))


def chip_of_head(rest: Face, yaw_deg: float) -> NDArray[np.uint8]:
    """Draw a head, at rest, in studio light as the recognition network wants it: (150, 150, 3)."""
    points = rest.landmarks("ibug68", "head")
    rotation = rotation_from_euler_deg(yaw_deg)
    pose = Pose(rotation, np.array([0.0, 0.0, DISTANCE_MM]) - rotation @ points[17:].mean(0))
    middle = (SIZE_PX - 1) / 2
    camera = Camera(DISTANCE_MM, (middle, middle), SIZE_PX, SIZE_PX)
    drawn = on_background(draw_picture(rest.mesh, pose, camera, worn=rest.proxies))
    return face_chip(drawn, camera.project(pose.apply(points)))


def _describe(chips: NDArray[np.uint8]) -> NDArray[np.float32]:
    with torch.no_grad():
        return _recognition()(chips_to_tensor(chips)).numpy()


def distances(photos: Array, heads: Array) -> NDArray[np.float64]:
    """The distance of each photo (N, 128) to each head (M, 2, 128), the mean over its views: (N, M)."""
    gaps = np.asarray(photos)[:, None, None] - np.asarray(heads)[None]
    return np.linalg.norm(gaps, axis=3).mean(2)


def verification_auc(gaps: Array, person: NDArray[np.integer], picks: NDArray[np.intp] | None = None) -> float:
    """The chance that a photo is nearer to its own head than a photo to another person's; gaps (N, N)."""
    if picks is not None:
        gaps, person = gaps[np.ix_(picks, picks)], person[picks]
    own = np.sort(np.diag(gaps))
    others = gaps[person[:, None] != person[None]]
    below, up_to = np.searchsorted(own, others, "left"), np.searchsorted(own, others, "right")
    return float((below + up_to).mean() / 2 / len(own))


def likeness_rows(photos: Array, heads: dict[str, Array], person: NDArray[np.integer], against: str) -> list[Row]:
    """The AUC of each kind of head, and the interval of its gain over that named `against`."""
    gaps = {name: distances(photos, own) for name, own in heads.items()}
    rows = []
    for name, own in gaps.items():
        rows.append(figure(f"likeness of {name}: AUC", verification_auc(own, person), "share"))
        if name != against:
            rows += interval(
                f"likeness of {name}: AUC gained over {against}",
                lambda k, own=own: verification_auc(own, person, k) - verification_auc(gaps[against], person, k),  # type: ignore[misc]
                *(len(person), "share"),
            )
    return rows
