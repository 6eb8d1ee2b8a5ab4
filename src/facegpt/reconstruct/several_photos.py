"""Several photos of one person → one head: the same identity and skin in every photo."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.data.images import Photo
from facegpt.face import Face
from facegpt.fitting.landmark_fit import LandmarkSolution
from facegpt.fitting.several_photos import Sighting, fit_person
from facegpt.glasses.from_photo import check_glasses
from facegpt.hair.from_photo.found import check_style
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.parallax.comparison import MIRRORED, SAME_SIDE, Compared
from facegpt.parallax.person import Agreement, PhotoOfPerson, compared
from facegpt.parallax.shown import match_picture
from facegpt.reconstruct import photo_choice as sentences
from facegpt.reconstruct.glasses import with_shared_glasses
from facegpt.reconstruct.hair import with_shared_hair
from facegpt.reconstruct.headwear import with_shared_headwear
from facegpt.reconstruct.left_out import with_left_out
from facegpt.reconstruct.person_photos import OtherPhotos, seen_person
from facegpt.reconstruct.photo import TEXTURE_SIZE, PhotoModel, finished, looked_at
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.shirt import with_shared_shirt
from facegpt.reconstruct.skin_detail import chosen_detail, with_shared_detail
from facegpt.reconstruct.unmatched import shown_face, why_none, why_refused
from facegpt.runtime.side_by_side import in_order
from facegpt.types import Array, FaceGPTError, Fit

log = logging.getLogger("facegpt")
#: What a unit of expression costs a photo that the head may come from, shut eyes and an open jaw: log of its share of
#: the face.
MOVED, SHUT, OPEN = 0.15, 2.0, 1.5
#: Photos that one head is made from: more teach it nothing that these don't.
MOST_PHOTOS = 12
#: Faces wider than this, pixels, show no more than a texture holds.
FINEST_PX = 1024.0


@dataclass(frozen=True, eq=False)
class PersonViews:
    """One person's head as each photo shows it, in the photos' order; and what their skin says together, or None.

    photos: the rows of the photos that the views are of. pixels: (H, W, 3) uint8 of each of these. others: what became
    of the other photos. names: of all photos, "photo 2" for what is no file. compared: what became of each of `photos`
    when their skins were, () of one. mirrored: views of photos that show the person as a mirror does; they were turned
    round.
    """

    views: list[Face]
    photos: list[int]
    agreement: Agreement | None
    pixels: list[NDArray[np.uint8]] = field(default_factory=list)
    others: OtherPhotos = field(default_factory=OtherPhotos)
    names: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()
    mirrored: tuple[int, ...] = ()

    @property
    def advice(self) -> list[str]:
        """`advice_on` photos that are called by the names of their files."""
        return self.advice_on(self.names)

    def advice_on(self, all_names: Sequence[str]) -> list[str]:
        """What was made of the photos, and which more would make the head better: sentences.

        all_names: of all photos that were given.
        """
        turns = [view.params.pose.rotation for view in self.views]
        return [*self.left_out(all_names), *self._sources(all_names), *sentences.advice(turns)]

    def left_out(self, all_names: Sequence[str]) -> list[str]:
        """Which photos the head was not made or not measured from, and why: sentences."""
        named = [all_names[row] for row in self.photos]
        said = self.others.told(all_names, len(self.photos))
        said += sentences.reversals([named[k] for k in self.mirrored])
        shown = [shown_face(*each) for each in zip(named, self.views, self.pixels, strict=False)]
        if len(shown) < 2:
            return said
        if self.agreement is None:
            return [*said, sentences.unmatched(named[self._best], why_none(shown, self.compared))]
        matched = [shown[k] for k in self.agreement.photos]
        left = [k for k in range(len(shown)) if k not in self.agreement.photos]
        told = [self.compared[k] if self.compared else None for k in left]
        alike = [named[k] for k, one in zip(left, told, strict=True) if one is not None and one.reason == SAME_SIDE]
        other = [(named[k], why_refused(shown[k], matched, one)) for k, one in zip(left, told, strict=True)]
        return [
            *said,
            *sentences.refusals([(name, why) for name, why in other if name not in alike]),
            *sentences.unasked(alike),
            *sentences.unsure(self.agreement.doubt),
        ]

    def _sources(self, all_names: Sequence[str]) -> list[str]:
        best = self.views[self._best].params
        worn = [name for name, one in (("hair", best.hair), ("glasses", best.glasses)) if one is not None]
        return sentences.sources(all_names[self.photos[self._best]], len(self.views), worn)

    @property
    def _best(self) -> int:
        """Which view the head is taken from."""
        return self.views.index(clearest(self.views))

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
    """The heads of `person_views`, of the same arguments; their `ignored` and the log say which photos are left out."""
    found = person_views(model, photos, quality, detail, glasses, hair, most)
    said = found.left_out(found.names)
    for sentence in said:
        log.warning("%s", sentence)
    return [replace(view, ignored=[*view.ignored, *said]) for view in found.views]


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
    person of the other photos is taken, by a recognition network. Photos that show the person as a mirror does are
    turned round first, and their views are of the turned ones. With detail all share the relief that the skin has at
    rest, too. They wear the glasses that most of the photos show, and the hair that fits all photos which show it as
    the clearest one does.

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
    names: list[str] = []
    rows, seen, others = seen_person(model, _noted(photos, names), most)
    fits, agreed, told = _fitted_together(head, seen)
    odd = tuple(k for k, one in enumerate(told) if one.reason == MIRRORED)
    if odd:
        seen = [_turned_round(model, one) if k in odd else one for k, one in enumerate(seen)]
        fits, agreed, told = _fitted_together(head, seen)

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
    views = with_shared_shirt(views, seen, first)
    views = with_shared_detail(with_shared_glasses(views, seen, glasses), seen, wanted)
    views[first] = with_left_out(views[first], seen[first])
    pixels = [one.photo.pixels for one in seen]
    return PersonViews(views, rows, agreed, pixels, others, tuple(names), told, odd)


def _noted(photos: Iterable[Photo], names: list[str]) -> Iterator[Photo]:
    """The photos; `names` grows by what each is called."""
    for photo in photos:
        names.append(f"photo {len(names) + 1}" if photo.path is None else Path(photo.path).name)
        yield photo


def _fitted_together(
    head: MakeHumanHead, seen: Sequence[SeenFace]
) -> tuple[list[Fit], Agreement | None, tuple[Compared, ...]]:
    """The fits of a person's photos, what their skin agrees on, and what became of each of them there."""
    sightings = [Sighting(one.photo.pixels, one.detection, one.photo.focal_px, one.dense) for one in seen]
    agreed: list[Agreement] = []
    told: list[Compared] = []
    fits = fit_person(head, sightings, partial(together, head, seen, agreed, told))
    return fits, agreed[0] if agreed else None, tuple(told)


def _turned_round(model: PhotoModel, one: SeenFace) -> SeenFace:
    """A face in the mirror image of its photo; the face itself where none is found there."""
    photo = replace(one.photo, pixels=np.ascontiguousarray(one.photo.pixels[:, ::-1]))
    middle = photo.pixels.shape[1] - 1 - one.detection.box[[0, 2]].mean()
    faces = model.detector.detect(photo.pixels)
    if not faces:
        return one
    return looked_at(model, photo, min(faces, key=lambda face: abs(float(face.box[[0, 2]].mean() - middle))))


def together(
    head: MakeHumanHead,
    seen: Sequence[SeenFace],
    agreed: list[Agreement],
    told: list[Compared],
    held: Sequence[LandmarkSolution],
    identity: NDArray[np.float64],
    covariance: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """What the photos say of a person by the skin that they share (`facegpt.parallax`).

    `agreed` is given it, too, and `told` what became of each photo.
    """
    photos = [
        PhotoOfPerson(one.photo.pixels, solution.as_fit().params, one.dense)
        for one, solution in zip(seen, held, strict=True)
    ]
    found, each = compared(head, photos, identity, covariance)
    told.extend(each)
    if found is None:
        return None
    agreed.append(found)
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
    odd = SHUT * 0.5 * (weights["eyeBlinkLeft"] + weights["eyeBlinkRight"]) + OPEN * weights["jawOpen"]
    calm = np.exp(-MOVED * float(np.abs(view.params.expression).sum()) - odd)
    return min(float(x1 - x0), FINEST_PX) * max(towards_camera, 0.0) * uncovered * float(calm)


def _view(head: MakeHumanHead, seen: SeenFace, fit: Fit, skin: Any, albedo: NDArray[np.float32]) -> Face:
    """The Face of one photo: what the shared skin is lighter or darker than its own, its light makes up for."""
    lighting = skin.lighting * np.exp(_tone(head, skin.albedo) - _tone(head, albedo))
    return finished(head, seen, fit, albedo, lighting.astype(np.float32), skin.texture, skin.skin)


def _tone(head: MakeHumanHead, albedo: Array) -> Array:
    """Mean log colour (3,) of the face's skin."""
    colours = head.albedo.texture(np.asarray(albedo, np.float32)[None], 64)[0]
    mask = head.albedo.photo_mask
    step = len(mask) // 64
    weight = mask.reshape(64, step, 64, step).mean((1, 3))
    return (np.log(colours) * weight).sum((1, 2)) / weight.sum()
