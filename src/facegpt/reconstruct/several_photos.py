"""Several photos of one person → one head: the same identity and skin in every photo."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
from facegpt.parallax.person import Agreement, PhotoOfPerson, agreement
from facegpt.parallax.shown import match_picture
from facegpt.reconstruct.glasses import with_shared_glasses
from facegpt.reconstruct.hair import with_shared_hair
from facegpt.reconstruct.headwear import with_shared_headwear
from facegpt.reconstruct.photo import TEXTURE_SIZE, PhotoModel, finished, looked_at
from facegpt.reconstruct.photo_choice import advice, refusals, reversals, spread_out
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.skin_detail import chosen_detail, with_shared_detail
from facegpt.reconstruct.strangers import Stranger, other_people, strangers_among
from facegpt.runtime.side_by_side import in_order
from facegpt.types import Array, Detection, FaceGPTError, Fit

log = logging.getLogger("facegpt")
#: What a unit of expression costs a photo that the head may come from, and shut eyes: log of its share of the face.
MOVED, SHUT = 0.15, 1.0
#: Photos that one head is made from: more teach it nothing that these don't.
MOST_PHOTOS = 12
#: Faces wider than this, pixels, show no more than a texture holds.
FINEST_PX = 1024.0


@dataclass(frozen=True, eq=False)
class PersonViews:
    """One person's head as each photo shows it, in the photos' order; and what their skin says together, or None.

    photos: the rows of the photos that the views are of. pixels: (H, W, 3) uint8 of each of these. strangers: photos,
    by their rows, that show somebody else.
    """

    views: list[Face]
    photos: list[int]
    agreement: Agreement | None
    pixels: list[NDArray[np.uint8]] = field(default_factory=list)
    strangers: tuple[Stranger, ...] = ()

    @property
    def advice(self) -> list[str]:
        """Which photos do not fit the others, and which more would make the head better: sentences."""
        rows = [*self.photos, *(one.row for one in self.strangers)]
        return self.advice_on([f"photo {row + 1}" for row in range(max(rows) + 1)])

    def advice_on(self, all_names: Sequence[str]) -> list[str]:
        """The same with the photos, all that were given, called by their names."""
        names = [all_names[row] for row in self.photos]
        odd = () if self.agreement is None else self.agreement.mirrored
        other = () if self.agreement is None else [k for k in self.agreement.refused if k not in odd]
        turns = [view.params.pose.rotation for view in self.views]
        said = other_people(all_names, self.strangers)
        said += [*reversals([names[k] for k in odd]), *refusals([names[k] for k in other])]
        return [*said, *advice(turns, self.agreement is not None)]

    def match_picture(self) -> NDArray[np.uint8] | None:
        """The photos whose skin was matched, with the places that they share: (h, w, 3) uint8; None without any."""
        told = self.agreement
        if told is None or told.tracks is None:
            return None
        return match_picture([self.pixels[k] for k in told.photos], told.tracks)


def reconstruct_views(
    model: PhotoModel,
    photos: Iterable[Photo],
    quality: str,
    detail: str | None = None,
    glasses: str = "auto",
    hair: str = "auto",
    most: int | None = None,
) -> list[Face]:
    """The heads of `person_views`, of the same arguments."""
    return person_views(model, photos, quality, detail, glasses, hair, most).views


def person_views(
    model: PhotoModel,
    photos: Iterable[Photo],
    quality: str,
    detail: str | None = None,
    glasses: str = "auto",
    hair: str = "auto",
    most: int | None = None,
) -> PersonViews:
    """One person's head as each photo shows it: a Face for every photo with a face, in the photos' order.

    Photos of somebody else have none (`facegpt.reconstruct.strangers`). All share identity and albedo; pose,
    expression, light and texture are each photo's own. Where a photo shows several people, the one most like the
    person of the other photos is taken, by a recognition network. With detail they share the relief that the skin has
    at rest, too. They wear the glasses that most of the photos show, and the hair that fits all photos which show it
    as the clearest one does.

    most: of more photos than this those are taken whose faces are large and turned differently; None takes all.

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
    rows, seen, others = _seen_person(model, photos, most)
    sightings = [Sighting(s.photo.pixels, s.detection, s.photo.focal_px, s.dense) for s in seen]
    found: list[Agreement] = []
    fits = fit_person(head, sightings, partial(together, head, seen, found))

    def skin_of(pair: tuple[SeenFace, Fit]) -> Any:
        one, fit = pair
        return model.texture(one.photo.pixels, head, fit.params, size, dense=one.dense, parts=one.parts)

    skins = [skin for _, skin in in_order(skin_of, zip(seen, fits, strict=True))]
    albedo = np.mean([skin.albedo for skin in skins], axis=0).astype(np.float32)
    views = [_view(head, s, fit, skin, albedo) for s, fit, skin in zip(seen, fits, skins, strict=True)]
    shown = [skin.confidence for skin in skins]
    first = views.index(clearest(views))
    views = with_shared_hair(views, seen, hair, quality, shown, first)
    views = with_shared_headwear(views, seen, "auto", first)
    views = with_shared_detail(with_shared_glasses(views, seen, glasses), seen, wanted)
    return PersonViews(views, rows, found[0] if found else None, [one.photo.pixels for one in seen], others)


def _seen_person(
    model: PhotoModel, photos: Iterable[Photo], most: int | None
) -> tuple[list[int], list[SeenFace], tuple[Stranger, ...]]:
    """The person in each photo that shows a face, or in some of them.

    Returns the rows of the photos, what was seen there, and which photos show somebody else.

    Raises:
        FaceGPTError: if no photo shows a face.
    """
    looked = [(photo, model.detector.detect(photo.pixels)) for photo in photos]
    rows = [row for row, (_, detections) in enumerate(looked) if detections]
    if not rows:
        raise FaceGPTError("none of the photos shows a face" if looked else "there is no photo of the person")
    people = _same_person([looked[row] for row in rows], model.device)
    chosen = spread_out([detection for _, detection in people], most or len(people))
    seen = [looked_at(model, *people[k]) for k in chosen]
    others = {one.row: one for one in strangers_among(seen)}
    left = [k for k in range(len(seen)) if k not in others]
    told = tuple(Stranger(rows[chosen[k]], one.distance) for k, one in others.items())
    for sentence in other_people([f"photo {row + 1}" for row in range(len(looked))], told):
        log.warning("%s", sentence)
    return [rows[chosen[k]] for k in left], [seen[k] for k in left], told


def together(
    head: MakeHumanHead,
    seen: Sequence[SeenFace],
    told: list[Agreement],
    held: Sequence[LandmarkSolution],
    identity: NDArray[np.float64],
    covariance: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """What the photos say of a person by the skin that they share (`facegpt.parallax`); `told` is given it, too."""
    photos = [
        PhotoOfPerson(one.photo.pixels, solution.as_fit().params, one.dense)
        for one, solution in zip(seen, held, strict=True)
    ]
    found = agreement(head, photos, identity, covariance)
    if found is None:
        return None
    told.append(found)
    return found.identity, found.covariance


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
