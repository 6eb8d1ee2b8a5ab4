"""Heads that the language model sees in a photo: `<FACE>` becomes θ in one pass, and nothing is fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from facegpt.data.images import Photo
from facegpt.encode.photo_view import CropGeometry, PhotoView, photo_view
from facegpt.face import Face
from facegpt.language.model.photo_theta import CropTheta, params_of
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.reconstruct.photo import PhotoModel, faces_seen, largest_first
from facegpt.types import FaceGPTError


@runtime_checkable
class Sight(Protocol):
    """A language model that takes photos (language.LanguageModel)."""

    @property
    def geometry(self) -> CropGeometry:
        """The points of its head."""

    def see(self, views: Sequence[PhotoView]) -> tuple[CropTheta, Any]:
        """θ of faces in the cameras of their crops, and its spread."""


def seen_by_language(model: PhotoModel, language: Callable[[], object], photo: Photo) -> list[Face]:
    """Faces of a photo as the language model sees them, all in one conversation, the largest first; [] without any.

    Args:
        model: with the default head, and what finds faces and looks at them.
        language: gives the language model; not called for a photo without a face.
        photo: as read.

    Raises:
        FaceGPTError: if the language model takes no photos, or with another head.
    """
    head = model.head
    if not isinstance(head, MakeHumanHead) or model.landmarker is None:
        raise FaceGPTError("the language model sees photos as the default head model only")
    height, width = photo.pixels.shape[:2]
    found = [(seen.dense, seen.detection) for seen in faces_seen(model, photo) if seen.dense is not None]
    if not found:
        return []
    views = [photo_view(dense, detection, width, height) for dense, detection in found]
    sight = language()
    if not isinstance(sight, Sight):
        raise FaceGPTError("this language model takes no photos")
    theta, _ = sight.see(views)
    params = [params_of(theta, k, head, sight.geometry, dense, (width, height)) for k, (dense, _) in enumerate(found)]
    whole = [each.replace(camera=each.camera.scaled(1 / photo.scale)) for each in params]
    return largest_first(Face(head, each, photo.pixels) for each in whole)
