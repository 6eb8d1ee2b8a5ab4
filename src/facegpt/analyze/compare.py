"""Whether two photos show one person: a calibrated likelihood with its doubt, and why it may not be sure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from facegpt.analyze.conditions import CONDITIONS, conditions_of
from facegpt.analyze.likeness import likeness_model
from facegpt.analyze.looks import NINE_OF_TEN
from facegpt.data.images import ImageSource, Photo, photo_of
from facegpt.face import Face
from facegpt.reconstruct.photo import PhotoModel, faces_seen
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.types import Array, DensePoints

#: From which likelihood on two faces are told as one person, and below which as two.
SAME, OTHER = 0.8, 0.2
#: Where a picture says little: longer side of the face in px, detail, degrees that it is turned, share covered.
SMALL_PX, SOFT, PROFILE_DEG, COVERED = 28.0, 0.012, 60.0, 0.45
#: The photos of a pair, as they are called.
CALLED = ("first", "second")


@dataclass(frozen=True)
class Likeness:
    """What a comparison of two photos says.

    Attributes:
        likelihood: 0..1 that both show one person, if that was as likely as not before; 0.5 where nothing can be said.
        interval: low and high end of what nine of ten such pairs have.
        distance: Euclidean distance of the recogniser's descriptors, about 0.6 between most people; nan without faces.
        same: True, False, or None when that is not sure.
        reasons: why it is not sure, or was made harder: sentences; () for clear pictures.
    """

    likelihood: float
    interval: tuple[float, float]
    distance: float
    same: bool | None
    reasons: tuple[str, ...] = ()
    boxes: tuple[tuple[float, ...] | None, tuple[float, ...] | None] = field(default=(None, None), repr=False)

    def __str__(self) -> str:
        said = {True: "one person", False: "two people", None: "not sure"}[self.same]
        low, high = self.interval
        distance = "" if math.isnan(self.distance) else f", distance {self.distance:.2f}"
        return f"{said}: likelihood {self.likelihood:.2f} ({low:.2f} to {high:.2f}){distance}"

    def to_dict(self) -> dict[str, Any]:
        """The same, ready for JSON; a distance that is not known is null."""
        distance = None if math.isnan(self.distance) else round(self.distance, 4)
        told = {"likelihood": round(self.likelihood, 4), "interval": [round(end, 4) for end in self.interval]}
        return {"same": self.same, **told, "distance": distance, "reasons": list(self.reasons), "boxes": self.boxes}


def compare_photos(
    model: PhotoModel, first: ImageSource | Photo | SeenFace, second: ImageSource | Photo | SeenFace
) -> Likeness:
    """Compare the largest faces of two photos, or faces that were looked at.

    Raises:
        FaceGPTError: if a photo cannot be read (ImageError).
    """
    reasons: list[str] = []
    faces = [_largest(model, source, name, reasons) for source, name in zip((first, second), CALLED, strict=True)]
    boxes = tuple(None if face is None else _box(face) for face in faces)
    if faces[0] is None or faces[1] is None:
        return Likeness(0.5, (0.0, 1.0), math.nan, None, tuple(reasons), boxes)  # type: ignore[arg-type]
    descriptors = [_descriptor(face) for face in faces if face is not None]
    if descriptors[0] is None or descriptors[1] is None:
        reasons.append("the recognition network reads only what the package's own landmark network has looked at")
        return Likeness(0.5, (0.0, 1.0), math.nan, None, tuple(reasons), boxes)  # type: ignore[arg-type]
    conditions = conditions_of(faces[0]), conditions_of(faces[1])
    for told, name in zip(conditions, CALLED, strict=True):
        reasons += _hard(dict(zip(CONDITIONS, told, strict=True)), name)
    distance = float(np.linalg.norm(descriptors[0] - descriptors[1]))
    log_odds, sd = likeness_model().log_odds(distance, *conditions)
    low, likelihood, high = (_share(log_odds + side * NINE_OF_TEN * sd) for side in (-1, 0, 1))
    same = True if likelihood >= SAME else False if likelihood <= OTHER else None
    if same is None and not reasons:
        reasons.append("the faces are as alike as relatives or look-alikes can be")
    return Likeness(likelihood, (low, high), distance, same, tuple(reasons), boxes)  # type: ignore[arg-type]


def compare_heads(model: PhotoModel, first: Face, second: Face) -> Likeness | None:
    """Compare the faces that two heads were found in; None where one comes from no photo or is not found there again.

    Both may be of one photo.
    """
    seen = [_seen_again(model, face) for face in (first, second)]
    return None if seen[0] is None or seen[1] is None else compare_photos(model, seen[0], seen[1])


def _seen_again(model: PhotoModel, face: Face) -> SeenFace | None:
    """The face of a photo that lies nearest to a head's."""
    if face.photo is None:
        return None
    scale = face.photo.shape[1] / face.params.camera.width
    middle = ((face.box.reshape(2, 2) + 0.5) * scale - 0.5).mean(0)
    found = list(faces_seen(model, photo_of(face.photo)))
    away = [float(np.linalg.norm(each.detection.box.reshape(2, 2).mean(0) - middle)) for each in found]
    return found[int(np.argmin(away))] if found else None


def _largest(
    model: PhotoModel, source: ImageSource | Photo | SeenFace, name: str, reasons: list[str]
) -> SeenFace | None:
    """The largest face of a photo; None, and why, where there is none."""
    if isinstance(source, SeenFace):
        return source
    found = sorted(faces_seen(model, photo_of(source)), key=_area, reverse=True)
    if not found:
        reasons.append(f"no face was found in the {name} photo")
        return None
    if len(found) > 1:
        reasons.append(f"the {name} photo shows {len(found)} faces; the largest was compared")
    return found[0]


def _area(face: SeenFace) -> float:
    x0, y0, x1, y1 = face.detection.box
    return float((x1 - x0) * (y1 - y0))


def _box(face: SeenFace) -> tuple[float, ...]:
    """The face's box in pixels of the whole photo."""
    return tuple(round(float(value), 1) for value in (face.detection.box + 0.5) / face.photo.scale - 0.5)


def _descriptor(face: SeenFace) -> Array | None:
    dense = face.dense
    return dense.belief.descriptor if isinstance(dense, DensePoints) and dense.belief is not None else None


def _hard(told: dict[str, float], name: str) -> list[str]:
    """Sentences on what makes a face hard to recognise."""
    found = []
    if told["size_px"] < SMALL_PX:
        found.append(f"the face in the {name} photo is only {told['size_px']:.0f} pixels large")
    if told["sharpness"] < SOFT:
        found.append(f"the face in the {name} photo is out of focus")
    if abs(told["yaw_deg"]) > PROFILE_DEG:
        found.append(f"the face in the {name} photo is seen from the side")
    if told["covered"] > COVERED:
        found.append(f"much of the face in the {name} photo is covered")
    return found


def _share(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(log_odds, -50, 50))))
