"""A face on another head model: `facegpt.convert(face, to="ict")`."""

from __future__ import annotations

from dataclasses import dataclass

from facegpt.face import Face
from facegpt.models.files import load_head
from facegpt.morphable import convert as refit
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.convert import Lost
from facegpt.morphable.linear_head import LinearHead
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import FaceGPTError, FaceParams


@dataclass(frozen=True)
class ConvertedFace:
    """A face on another head model, and what that lost in millimetres."""

    face: Face
    lost: Lost

    @property
    def params(self) -> FaceParams:
        """All parameters, of the other model."""
        return self.face.params


def convert(face: Face | FaceParams, to: str | MorphableModel = "default") -> ConvertedFace:
    """Refit a face, or its parameters, to another head model; it stays where the camera sees it.

    A texture that was taken from a photo goes with a face of the default head; from any other it is left behind, and
    the skin is then that of the albedo model.

    Args:
        face: a Face, or parameters of an installed head model.
        to: name of an installed head model, or a loaded one.

    Raises:
        FaceGPTError: if either model is not installed, or its file was not added.
    """
    if isinstance(face, Face):
        source, params, photo = face.model, face.params, face.photo
    elif isinstance(face, FaceParams):
        source, params, photo = load_head(face.model_id), face, None
    else:
        raise FaceGPTError(f"only a Face or FaceParams can be converted, not {type(face).__name__}")
    target = load_head(to) if isinstance(to, str) else to
    found = refit.convert(params, source, target)
    skin = face.photo_texture if isinstance(face, Face) else None
    texture = None
    if isinstance(source, MakeHumanHead) and isinstance(target, LinearHead) and skin is not None:
        texture = target.albedo.carried(skin)
    scale_sd = face.scale_sd if isinstance(face, Face) else None
    return ConvertedFace(Face(target, found.params, photo, texture, scale_sd), found.lost)
