"""From a photo to finished heads: each face is found, looked at, fitted, and given its skin.

Several photos of a person (several_photos.py) and one pass of the network (one_pass.py) begin and end here as well:
`faces_seen` is what all three look at, `finished` is what all three give.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from numpy.typing import NDArray

from facegpt.data.images import Photo
from facegpt.detect.base import Detector
from facegpt.encode.base import Landmarker
from facegpt.encode.identity import whole_look
from facegpt.face import Face
from facegpt.fitting import FitError
from facegpt.glasses.from_photo import check_glasses
from facegpt.hair.from_photo.found import check_style
from facegpt.morphable.base import MorphableModel
from facegpt.reconstruct.ears import with_ears
from facegpt.reconstruct.eye_heights import with_eye_heights
from facegpt.reconstruct.glasses import with_glasses
from facegpt.reconstruct.hair import with_hair
from facegpt.reconstruct.headwear import check_headwear, with_headwear
from facegpt.reconstruct.left_out import with_left_out
from facegpt.reconstruct.one_tone import without_tone
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.shirt import check_shirt, with_shirt
from facegpt.reconstruct.skin_detail import chosen_detail, with_detail
from facegpt.reconstruct.steps import ColourFit, PointFit, SkinFromPhoto, ToneFromPhoto
from facegpt.runtime.progress import step
from facegpt.runtime.stages import stage
from facegpt.types import Array, Detection, FaceGPTError, Fit, SkinSeen

log = logging.getLogger("facegpt")

#: What each quality adds to the fitted head: the side of the texture taken from the photo, None for none.
TEXTURE_SIZE: dict[str, int | None] = {"fast": None, "balanced": 1024, "best": 2048}
#: No face is found in pictures smaller than this, pixels.
SMALLEST_SIDE = 16


class PhotoModel(Protocol):
    """What turns photos into heads: `facegpt.api.FaceGPT`, which says what each part is."""

    @property
    def head(self) -> MorphableModel:
        """The head model."""

    @property
    def device(self) -> str:
        """Where its networks run."""

    @property
    def detector(self) -> Detector:
        """Finds faces."""

    @property
    def landmarker(self) -> Landmarker | None:
        """Looks at a face, or None for heads that have no such network."""

    @property
    def fit(self) -> PointFit:
        """Fits the head to a detection."""

    @property
    def fit_colours(self) -> ColourFit | None:
        """Fits it to the photo's colours as well, or None."""

    @property
    def texture(self) -> SkinFromPhoto:
        """Takes the skin from the photo."""

    @property
    def tone(self) -> ToneFromPhoto:
        """Takes only the skin's tone, and the light."""


def reconstruct_photo(
    model: PhotoModel,
    photo: Photo,
    quality: str,
    detail: str | None = None,
    hair: str = "auto",
    glasses: str = "auto",
    headwear: str = "auto",
    shirt: str = "auto",
) -> list[Face]:
    """Heads of the faces in a photo, the largest first; [] when there is none.

    Raises:
        FaceGPTError: if there is no such quality, detail, hair style, frame or colour, or the head model has no detail.
    """
    check_quality(quality)
    seen = faces_seen(model, photo, quick=quality == "fast")
    return heads_of(model, seen, quality, detail, hair, glasses, headwear, shirt)


def heads_of(
    model: PhotoModel,
    seen_faces: Iterable[SeenFace],
    quality: str,
    detail: str | None = None,
    hair: str = "auto",
    glasses: str = "auto",
    headwear: str = "auto",
    shirt: str = "auto",
) -> list[Face]:
    """Heads of faces that were looked at, the largest first; those that cannot be fitted are left out.

    Raises:
        FaceGPTError: if there is no such detail, hair style, frame or colour, or the head model has no detail.
    """
    wanted = chosen_detail(detail, model.head, quality)
    check_style(hair)
    check_glasses(glasses)
    check_headwear(headwear)
    check_shirt(shirt)
    faces = []
    for seen in seen_faces:
        try:
            step("shape and skin")
            face, shown = bald_head(model, seen, quality)
        except FitError as error:
            log.warning("a face was left out: %s", error)
        else:
            step("hair and what is worn")
            face = with_headwear(with_hair(face, seen, hair, quality, shown), seen, headwear)
            face = with_shirt(with_glasses(face, seen, glasses), seen, shirt)
            step("wrinkles and folds")
            faces.append(with_left_out(with_detail(face, seen, wanted), seen))
    return largest_first(faces)


def bald_head(model: PhotoModel, seen: SeenFace, quality: str) -> tuple[Face, Array | None]:
    """A head fitted to a face, with its skin and nothing on; and how much of each texel (size, size) the photo shows.

    The second is None where the skin is none of the photo's (quality "fast").

    Raises:
        FitError: if no head can be fitted.
    """
    fit = _fitted(model, seen, quality)
    if quality != "fast":
        fit = with_ears(model.head, seen, with_eye_heights(model.head, seen, fit))
    return _with_skin(model, seen, fit, quality)


def check_quality(quality: str) -> None:
    """Raises FaceGPTError if there is no such quality."""
    if quality not in TEXTURE_SIZE:
        raise FaceGPTError(f"quality is one of {', '.join(TEXTURE_SIZE)}, not '{quality}'")


def faces_seen(model: PhotoModel, photo: Photo, quick: bool = False) -> Iterator[SeenFace]:
    """Faces of a photo, each looked at by the network of dense landmarks where there is one."""
    if min(photo.pixels.shape[:2]) < SMALLEST_SIDE:
        return
    step("finding faces")
    detector = model.detector.quick if quick else model.detector
    with stage("faces found"):
        found = detector.detect(photo.pixels)
    for detection in found:
        others = tuple(other for other in found if other is not detection)
        yield replace(looked_at(model, photo, detection), quick=quick, others=others)


@stage("points and identity")
def looked_at(model: PhotoModel, photo: Photo, detection: Detection) -> SeenFace:
    """A detected face with what the networks say of it."""
    sees = model.landmarker
    dense = None if sees is None else whole_look(sees, photo.pixels, detection, model.device)
    grey = without_tone(photo)
    return SeenFace(grey, detection, dense, model.device, as_taken=None if grey is photo else photo)


@stage("shape")
def _fitted(model: PhotoModel, seen: SeenFace, quality: str) -> Fit:
    """The head fitted to a face: to its points, and beyond "fast" to the colours of the photo too."""
    photo = seen.photo
    if model.fit_colours is not None and quality != "fast":
        return model.fit_colours(model.head, seen.detection, photo.pixels, photo.focal_px, dense=seen.fitted_to)
    height, width = photo.pixels.shape[:2]
    return model.fit(model.head, seen.detection, width, height, photo.focal_px, dense=seen.fitted_to)


@stage("skin and light")
def _with_skin(model: PhotoModel, seen: SeenFace, fit: Fit, quality: str) -> tuple[Face, Array | None]:
    """The finished head, with albedo, light and texture; and how much of each texel the photo shows, (size, size).

    Albedo and light are estimated here, and here only: what a fit to colours found of them served its shape and is
    replaced. That fit reads points of the mesh; the estimate reads the finished shape's whole atlas, and knows that
    tints are few and photos are exposed for faces. It comes to the same result from any start, the fit's included (to
    0.03 SD in 12 steps, to 0.0001 in 40), so that handing the fit's over would save nothing.
    """
    size = TEXTURE_SIZE[quality]
    if size is None:
        points = seen.detection.points
        albedo, lighting = model.tone(seen.photo.pixels, model.head, fit.params, dense=seen.dense, points=points)
        return finished(model.head, seen, fit, albedo, lighting, skin=SkinSeen()), None
    skin = model.texture(seen.photo.pixels, model.head, fit.params, size, dense=seen.told, parts=seen.parts)
    return finished(model.head, seen, fit, skin.albedo, skin.lighting, skin.texture, skin.skin), skin.confidence


def finished(
    head: MorphableModel,
    seen: SeenFace,
    fit: Fit,
    albedo: Array,
    lighting: Array,
    texture: NDArray[Any] | None = None,
    skin: SkinSeen | None = None,
) -> Face:
    """The Face of a fit with the skin (A,) and the light (9, 3) found for it, in pixels of the whole photo."""
    camera = fit.params.camera.scaled(1 / seen.photo.scale)
    params = fit.params.replace(albedo=albedo, lighting=lighting, camera=camera)
    shown = seen.photo if seen.as_taken is None else seen.as_taken
    return replace(Face.fitted(head, replace(fit, params=params), shown.pixels, texture), skin_seen=skin)


def largest_first(faces: Iterable[Face]) -> list[Face]:
    """Faces by the area of their boxes in the photo."""
    return sorted(faces, key=_area, reverse=True)


def _area(face: Face) -> float:
    x0, y0, x1, y1 = face.box
    return float((x1 - x0) * (y1 - y0))
