"""The skin's relief of a finished head: looked for in its photo, and taken out of its texture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from facegpt.detail.from_photo import detail_from_photo
from facegpt.detail.shading import delit_texture
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from facegpt.reconstruct.photo import SeenFace

#: What `detail` may be: none, pictures of the relief, and these with a subdivided mesh.
DETAILS = ("off", "normal", "mesh")


def check_detail(detail: str, head: MorphableModel, quality: str) -> bool:
    """Whether detail is wanted.

    Raises:
        FaceGPTError: if there is no such detail, or not for this head or quality.
    """
    if detail not in DETAILS:
        raise FaceGPTError(f"detail is one of {', '.join(DETAILS)}, not '{detail}'")
    if detail == "off":
        return False
    if quality == "fast":
        raise FaceGPTError("detail needs the skin of the photo: take quality 'balanced' or 'best', not 'fast'")
    if not isinstance(head, MakeHumanHead):
        raise FaceGPTError(f"detail is for the default head, not for '{head.model_id}'")
    return True


def with_detail(face: Face, seen: SeenFace, mesh: bool = False) -> Face:
    """A head with the relief that its photo shows; mesh: `save` writes it as geometry too."""
    model = face.model
    assert isinstance(model, MakeHumanHead)
    pixels = seen.photo.pixels
    params = face.params.replace(camera=face.params.camera.scaled(pixels.shape[1] / face.params.camera.width))
    age = face.attributes["age_years"]
    detail, view = detail_from_photo(model, pixels, params, age, seen.dense)
    texture = face.photo_texture
    if texture is not None and detail.share > 0:
        relief = detail.displacement(params.expression)
        texture = delit_texture(texture, view.geometry, view.weight, relief, params.lighting)
    return replace(face, detail=detail, detail_mesh=mesh, photo_texture=texture)
