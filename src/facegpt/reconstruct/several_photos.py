"""Several photos of one person → one head: the same identity and skin in every photo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.data.images import Photo
from facegpt.detect.base import Detector
from facegpt.encode.base import Landmarker
from facegpt.encode.recognition import FaceRecognition, chips_to_tensor, descriptor_distance, face_chip
from facegpt.face import Face
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.fitting.several_photos import Sighting, fit_person
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array, Detection, FaceGPTError, Fit


@dataclass(frozen=True)
class _Seen:
    photo: Photo
    detection: Detection


def reconstruct_person(
    head: MakeHumanHead,
    photos: Sequence[Photo],
    detector: Detector,
    texture: Callable[..., Any],
    size: int,
    landmarker: Landmarker | None = None,
    device: str = "cpu",
) -> list[Face]:
    """Make one head from several photos of a person: a Face for each photo that shows them, in the photos' order.

    All share identity and albedo; pose, expression, light and texture (of `size` texels) are each photo's own. Where a
    photo shows several people, the one most like the person of the other photos is taken, which a recognition network
    on `device` tells.

    Raises:
        FaceGPTError: if no photo shows a face.
    """
    found = [(photo, detector.detect(photo.pixels)) for photo in photos]
    found = [(photo, detections) for photo, detections in found if detections]
    if not found:
        raise FaceGPTError("none of the photos shows a face")
    seen = _same_person(found, device)
    dense = [None if landmarker is None else landmarker.predict(s.photo.pixels, s.detection) for s in seen]
    sightings = [Sighting(s.photo.pixels, s.detection, s.photo.focal_px, d) for s, d in zip(seen, dense, strict=True)]
    fits = fit_person(head, sightings)
    skins = [texture(s.image, head, fit.params, size, s.dense) for s, fit in zip(sightings, fits, strict=True)]
    albedo = np.mean([skin.albedo for skin in skins], axis=0).astype(np.float32)
    return [_face(head, s, fit, skin, albedo) for s, fit, skin in zip(seen, fits, skins, strict=True)]


def _face(head: MakeHumanHead, seen: _Seen, fit: Fit, skin: Any, albedo: NDArray[np.float32]) -> Face:
    """Pack one photo: what the shared skin is lighter or darker than the photo's own, its light makes up for."""
    lighting = skin.lighting * np.exp(_tone(head, skin.albedo) - _tone(head, albedo))
    camera = fit.params.camera.scaled(1 / seen.photo.scale)
    params = fit.params.replace(albedo=albedo, lighting=lighting.astype(np.float32), camera=camera)
    return Face.fitted(head, replace(fit, params=params), seen.photo.pixels, skin.texture)


def _tone(head: MakeHumanHead, albedo: Array) -> Array:
    """Mean log colour (3,) of the face's skin."""
    with torch.no_grad():
        colours = head.albedo.texture(torch.as_tensor(albedo, dtype=torch.float32)[None], 64)[0].numpy()
    mask = head.albedo.photo_mask
    step = len(mask) // 64
    weight = mask.reshape(64, step, 64, step).mean((1, 3))
    return (np.log(colours) * weight).sum((1, 2)) / weight.sum()


def _same_person(found: list[tuple[Photo, list[Detection]]], device: str = "cpu") -> list[_Seen]:
    """Choose one face a photo: the largest, or where there are several the most like those of the other photos."""
    if all(len(detections) == 1 for _, detections in found):
        return [_Seen(photo, detections[0]) for photo, detections in found]
    describe = FaceRecognition().to(device)
    alone = [(photo, detections[0]) for photo, detections in found if len(detections) == 1]
    known = torch.cat([_descriptor(describe, *one) for one in alone or [(found[0][0], found[0][1][0])]])
    chosen = []
    for photo, detections in found:
        others = [_descriptor(describe, photo, detection) for detection in detections]
        distances = [float(descriptor_distance(other, known).mean()) for other in others]
        chosen.append(_Seen(photo, detections[int(np.argmin(distances))]))
    return chosen


def _descriptor(describe: FaceRecognition, photo: Photo, detection: Detection) -> torch.Tensor:
    points = detection.points[list(MEDIAPIPE_68), :2]
    return describe(chips_to_tensor(face_chip(photo.pixels, points)[None]))
