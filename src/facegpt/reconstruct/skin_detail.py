"""The skin's relief of a finished head: looked for in its photo, and taken out of its texture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from facegpt.detail.from_photo import detail_from_photo, visible
from facegpt.detail.lost_form import lost_form
from facegpt.detail.observation import Observation
from facegpt.detail.relief import Detail
from facegpt.detail.shading import delit_texture, times
from facegpt.detail.shared_form import shared_forms
from facegpt.detail.skin_window import Maps
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.runtime.side_by_side import in_order
from facegpt.runtime.stages import stage
from facegpt.types import FaceGPTError

#: What `detail` may be: none, pictures of the relief, and these with a subdivided mesh.
DETAILS = ("off", "normal", "mesh")


def chosen_detail(detail: str | None, head: MorphableModel, quality: str) -> str:
    """Which of DETAILS is made; None asks for "normal" where there can be any: "fast" has no skin of the photo.

    Raises:
        FaceGPTError: if there is no such detail, or not for this head or quality.
    """
    if detail is None:
        return "normal" if quality != "fast" and isinstance(head, MakeHumanHead) else "off"
    if detail not in DETAILS:
        raise FaceGPTError(f"detail is one of {', '.join(DETAILS)}, not '{detail}'")
    if detail == "off":
        return detail
    if quality == "fast":
        raise FaceGPTError("detail needs the skin of the photo: take quality 'balanced' or 'best', not 'fast'")
    if not isinstance(head, MakeHumanHead):
        raise FaceGPTError(f"detail is for the default head, not for '{head.model_id}'")
    return detail


@stage("wrinkles and folds")
def with_detail(face: Face, seen: SeenFace, detail: str = "normal") -> Face:
    """A head with the relief that its photo shows, and with the form that its skin lost with the light.

    detail, of DETAILS: "mesh" lets `save` write the relief as geometry too.
    """
    if detail == "off":
        return face
    own, view = _looked_for(face, seen)
    form = None if face.photo_texture is None else lost_form(view, face.photo_texture)
    return _wearing(face, own, view, detail == "mesh", form)


def with_shared_detail(faces: Sequence[Face], seen: Sequence[SeenFace], detail: str = "normal") -> list[Face]:
    """Heads of one person with the relief of their photos; the relief at rest is the mean over photos that show it.

    Folds that an expression made stay with their photo. A photo without detail takes none. What each skin lost of its
    form with the light is told by all photos. detail: of DETAILS.
    """
    if detail == "off":
        return list(faces)
    pairs = zip(faces, seen, strict=True)
    found = [one for _, one in in_order(lambda pair: _looked_for(*pair), pairs)]
    shown = [own.share * visible(view.weight) if own.share else np.zeros_like(own.static) for own, view in found]
    total = np.sum(shown, axis=0)
    common = np.sum([w * own.static for w, (own, _) in zip(shown, found, strict=True)], axis=0)
    alone = np.mean([own.static for own, _ in found], axis=0)  # mirrored places, where no photo shows any
    static = np.where(total > 0.05, common / np.maximum(total, 0.05), alone).astype(np.float32)
    shared = [(replace(own, static=static) if own.share > 0 else own, view) for own, view in found]
    mesh, forms = detail == "mesh", shared_forms([view for _, view in shared], [face.photo_texture for face in faces])
    each = zip(faces, shared, forms, strict=True)
    return [_wearing(face, own, view, mesh, form) for face, (own, view), form in each]


def _looked_for(face: Face, seen: SeenFace) -> tuple[Detail, Observation]:
    """The detail of a face in its photo, and what was seen there."""
    model = face.model
    assert isinstance(model, MakeHumanHead)
    pixels = seen.photo.pixels
    params = face.params.replace(camera=face.params.camera.scaled(pixels.shape[1] / face.params.camera.width))
    return detail_from_photo(model, pixels, params, face.attributes["age_years"], seen.dense, parts=seen.parts)


def _wearing(face: Face, detail: Detail, view: Observation, mesh: bool, form: Maps | None = None) -> Face:
    """The face with a detail; the relief's shading leaves the texture. form: of `lost_form`, which comes into it."""
    texture = face.photo_texture
    if texture is not None and detail.share > 0:
        relief = detail.displacement(face.params.expression)
        texture = delit_texture(texture, view.geometry, view.weight, relief, face.params.lighting, form)
    elif texture is not None and form is not None:
        texture = times(texture, np.repeat(form[..., None], 3, 2))
    return replace(face, detail=detail, detail_mesh=mesh, photo_texture=texture)
