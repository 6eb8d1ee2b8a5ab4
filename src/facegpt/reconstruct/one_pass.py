"""Heads that the language model sees in a photo: `<FACE>` becomes θ in one pass, and nothing is fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from facegpt.data.images import Photo
from facegpt.detect.base import Detector
from facegpt.encode.base import Landmarker
from facegpt.encode.photo_view import CropGeometry, PhotoView, photo_view
from facegpt.face import Face
from facegpt.language.model.photo_theta import CropTheta, params_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import FaceGPTError


@runtime_checkable
class Sight(Protocol):
    """A language model that takes photos (language.LanguageModel)."""

    @property
    def geometry(self) -> CropGeometry:
        """The points of its head."""

    def see(self, views: Sequence[PhotoView]) -> tuple[CropTheta, Any]:
        """Give θ of faces in the cameras of their crops, and its spread."""


def seen_faces(
    head: MorphableModel,
    language: Callable[[], object],
    detector: Detector,
    landmarker: Landmarker | None,
    photo: Photo,
) -> list[Face]:
    """Give the faces of a photo as the language model sees them, all in one conversation; [] when there is none.

    Args:
        head: the default head.
        language: gives the language model; not called for a photo without a face.
        detector: what finds faces.
        landmarker: what looks at them.
        photo: as read.

    Raises:
        FaceGPTError: if the language model takes no photos, or with another head.
    """
    if not isinstance(head, MakeHumanHead) or landmarker is None:
        raise FaceGPTError("the language model sees photos as the default head model only")
    height, width = photo.pixels.shape[:2]
    found = detector.detect(photo.pixels)
    if not found:
        return []
    dense = [landmarker.predict(photo.pixels, each) for each in found]
    views = [photo_view(points, each, width, height) for points, each in zip(dense, found, strict=True)]
    model = language()
    if not isinstance(model, Sight):
        raise FaceGPTError("this language model takes no photos")
    theta, _ = model.see(views)
    params = [params_of(theta, k, head, model.geometry, points, (width, height)) for k, points in enumerate(dense)]
    return [Face(head, each.replace(camera=each.camera.scaled(1 / photo.scale)), photo.pixels) for each in params]
