"""Several photos of one person → one head: the same identity and skin in every photo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.data.images import Photo
from facegpt.encode.recognition import FaceRecognition, chips_to_tensor, descriptor_distance, face_chip
from facegpt.face import Face
from facegpt.fitting.landmark_fit import LandmarkSolution
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.fitting.several_photos import Sighting, fit_person
from facegpt.glasses.from_photo import check_glasses
from facegpt.hair.from_photo.found import check_style
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.parallax.person import PhotoOfPerson, agreement
from facegpt.reconstruct.glasses import with_shared_glasses
from facegpt.reconstruct.hair import with_shared_hair
from facegpt.reconstruct.headwear import with_shared_headwear
from facegpt.reconstruct.photo import TEXTURE_SIZE, PhotoModel, finished, looked_at
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.skin_detail import chosen_detail, with_shared_detail
from facegpt.types import Array, Detection, FaceGPTError, Fit

#: What a unit of expression costs a photo that the head may come from, and shut eyes: log of its share of the face.
MOVED, SHUT = 0.15, 1.0
#: Faces wider than this, pixels, show no more than a texture holds.
FINEST_PX = 1024.0


def reconstruct_views(
    model: PhotoModel,
    photos: Iterable[Photo],
    quality: str,
    detail: str | None = None,
    glasses: str = "auto",
    hair: str = "auto",
) -> list[Face]:
    """One person's head as each photo shows it: a Face for every photo with a face, in the photos' order.

    All share identity and albedo; pose, expression, light and texture are each photo's own. Where a photo shows
    several people, the one most like the person of the other photos is taken, by a recognition network. With detail
    they share the relief that the skin has at rest, too. They wear the glasses that most of the photos show, and the
    hair that fits all photos which show it as the clearest one does.

    Raises:
        FaceGPTError: if no photo shows a face, the quality has no texture, there is no such detail, style or frame, or
            the head model is not the default one.
    """
    size, head = TEXTURE_SIZE.get(quality), model.head
    if size is None:
        raise FaceGPTError(f"quality is 'balanced' or 'best' for a person's photos, not '{quality}'")
    if not isinstance(head, MakeHumanHead):
        raise FaceGPTError("several photos of one person need the default head model")
    wanted = chosen_detail(detail, head, quality)
    check_style(hair)
    check_glasses(glasses)
    looked = [(photo, model.detector.detect(photo.pixels)) for photo in photos]
    found = [(photo, detections) for photo, detections in looked if detections]
    if not found:
        raise FaceGPTError("none of the photos shows a face" if looked else "there is no photo of the person")
    seen = [looked_at(model, photo, detection) for photo, detection in _same_person(found, model.device)]
    sightings = [Sighting(s.photo.pixels, s.detection, s.photo.focal_px, s.dense) for s in seen]
    fits = fit_person(head, sightings, partial(together, head, seen))
    skins = [
        model.texture(s.photo.pixels, head, f.params, size, **s.told, parts=s.parts)
        for s, f in zip(seen, fits, strict=True)
    ]
    albedo = np.mean([skin.albedo for skin in skins], axis=0).astype(np.float32)
    views = [_view(head, s, fit, skin, albedo) for s, fit, skin in zip(seen, fits, skins, strict=True)]
    shown = [skin.confidence for skin in skins]
    first = views.index(clearest(views))
    views = with_shared_hair(views, seen, hair, quality, shown, first)
    views = with_shared_headwear(views, seen, "auto", first)
    return with_shared_detail(with_shared_glasses(views, seen, glasses), seen, wanted)


def together(
    head: MakeHumanHead,
    seen: Sequence[SeenFace],
    held: Sequence[LandmarkSolution],
    identity: NDArray[np.float64],
    covariance: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """What the photos say of a person by the skin that they share: see `facegpt.parallax`."""
    photos = [
        PhotoOfPerson(one.photo.pixels, solution.as_fit().params, one.dense)
        for one, solution in zip(seen, held, strict=True)
    ]
    found = agreement(head, photos, identity, covariance)
    return None if found is None else (found.identity, found.covariance)


def clearest(views: Sequence[Face]) -> Face:
    """The view that shows the most of a calm face, turned to the camera: its texture has the least that was made up."""
    return max(views, key=_face_shown)


def _face_shown(view: Face) -> float:
    """Pixels of the face that a texture can hold, less what is turned away, hidden, pulled by expressions or shut."""
    x0, _, x1, _ = view.box
    towards_camera = -float(view.params.pose.rotation[2, 2])
    uncovered = 1.0 if view.skin_seen is None else view.skin_seen.seen
    weights = view.blendshapes
    shut = 0.5 * (weights["eyeBlinkLeft"] + weights["eyeBlinkRight"])
    calm = np.exp(-MOVED * float(np.abs(view.params.expression).sum()) - SHUT * shut)
    return min(float(x1 - x0), FINEST_PX) * max(towards_camera, 0.0) * uncovered * float(calm)


def _view(head: MakeHumanHead, seen: SeenFace, fit: Fit, skin: Any, albedo: NDArray[np.float32]) -> Face:
    """The Face of one photo: what the shared skin is lighter or darker than its own, its light makes up for."""
    lighting = skin.lighting * np.exp(_tone(head, skin.albedo) - _tone(head, albedo))
    return finished(head, seen, fit, albedo, lighting.astype(np.float32), skin.texture, skin.skin)


def _tone(head: MakeHumanHead, albedo: Array) -> Array:
    """Mean log colour (3,) of the face's skin."""
    with torch.no_grad():
        colours = head.albedo.texture(torch.as_tensor(albedo, dtype=torch.float32)[None], 64)[0].numpy()
    mask = head.albedo.photo_mask
    step = len(mask) // 64
    weight = mask.reshape(64, step, 64, step).mean((1, 3))
    return (np.log(colours) * weight).sum((1, 2)) / weight.sum()


def _same_person(found: list[tuple[Photo, list[Detection]]], device: str) -> list[tuple[Photo, Detection]]:
    """One face a photo: the largest, or where there are several the most like those of the other photos."""
    if all(len(detections) == 1 for _, detections in found):
        return [(photo, detections[0]) for photo, detections in found]
    describe = FaceRecognition().to(device)
    alone = [(photo, detections[0]) for photo, detections in found if len(detections) == 1]
    known = torch.cat([_descriptor(describe, *one) for one in alone or [(found[0][0], found[0][1][0])]])
    chosen = []
    for photo, detections in found:
        others = [_descriptor(describe, photo, detection) for detection in detections]
        distances = [float(descriptor_distance(other, known).mean()) for other in others]
        chosen.append((photo, detections[int(np.argmin(distances))]))
    return chosen


def _descriptor(describe: FaceRecognition, photo: Photo, detection: Detection) -> torch.Tensor:
    points = detection.points[list(MEDIAPIPE_68), :2]
    return describe(chips_to_tensor(face_chip(photo.pixels, points)[None]))
