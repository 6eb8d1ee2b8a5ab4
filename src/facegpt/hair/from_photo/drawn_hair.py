"""A fitted head drawn with its hair over its photo, small: what both show of the hair, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import linear_of_bytes
from facegpt.detect.outlines import in_hull
from facegpt.encode.parts import HAIR, SKIN, FaceParts
from facegpt.hair.from_photo.colour import DARKEST, LIGHTEST
from facegpt.hair.worn import worn as worn_by
from facegpt.morphable.base import MorphableModel
from facegpt.render import plots as pictures
from facegpt.render.base import Renderer
from facegpt.types import Array, Camera, FaceParams, Hair, Mesh

#: Longest side of the pictures, px. Of the skin on the heads that are drawn, texels: pictures this small show no more.
SIDE, TEXELS = 200, 256


@dataclass(frozen=True, eq=False)
class DrawnHead:
    """A fitted head as it is drawn over its photo.

    Attributes:
        model: the head. params: with hair and the photo's light. mesh: with its skin, of few texels (`small_skin`).
        renderer: what draws it, the default one when None. half: the mesh with hair painted half as bright on its skin;
            None where all of that hair has cards.
    """

    model: MorphableModel
    params: FaceParams
    mesh: Mesh
    renderer: Renderer | None = None
    half: Mesh | None = None


@dataclass(frozen=True, eq=False)
class HairCompared:
    """The photo and the drawn head, linear RGB (h, w, 3), and what of both is hair.

    Attributes:
        photo, drawn: the two pictures. follows: what of the drawn one goes with the hair's albedo; the rest is gloss,
            or no hair. hair, skin: (h, w) belief that the photo shows them. camera: of these pixels.
    """

    photo: Array
    drawn: Array
    follows: Array
    hair: NDArray[np.float32]
    skin: NDArray[np.float32]
    camera: Camera


def compared(
    head: DrawnHead,
    photo: NDArray[np.uint8],
    parts: FaceParts,
    lighting: Array | None = None,
    points: Array | None = None,
) -> HairCompared:
    """Draw a head, with its hair as it is and half as bright, over its photo (H, W, 3) uint8 sRGB.

    lighting: (9, 3); the photo's where None. points: (N, 2 or 3) of the face, pixels of the photo; outside their convex
    hull nothing counts as skin: necks lie in the chin's shadow, and collars are taken for skin.
    """
    hair = head.params.hair
    assert hair is not None
    crop, camera, at = _surroundings(head, photo)
    told = parts.at(at)[:, [HAIR, SKIN]].T.reshape(2, *crop.shape[:2])
    if points is not None:
        told[1] *= in_hull(at, points[:, :2]).reshape(crop.shape[:2])
    p = head.params
    worns = [worn_by(head.model, p.replace(hair=replace(hair, colour=scaled(hair, share)))) for share in (1.0, 0.5)]
    light = p.lighting if lighting is None else lighting
    meshes = [(head.mesh, worns)] if head.half is None else [(head.mesh, worns[:1]), (head.half, worns[1:])]
    drawn = [
        picture
        for mesh, each in meshes
        for picture in pictures.draw_hairs_over(mesh, p.pose, camera, light, crop, each, renderer=head.renderer)
    ]
    whole, half, seen = (linear_of_bytes(picture) for picture in (*drawn, crop))
    return HairCompared(seen, whole, 2 * (whole - half), told[0], told[1], camera)


def small_skin(skin: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A skin (S, S, 4) of at most TEXELS a side."""
    if max(skin.shape[:2]) <= TEXELS:
        return skin
    if len(skin) == skin.shape[1] and not len(skin) % TEXELS:  # the same, several times as fast
        return np.asarray(Image.fromarray(skin).reduce(len(skin) // TEXELS))
    return np.asarray(Image.fromarray(skin).resize((TEXELS, TEXELS), Image.Resampling.BOX))


def scaled(hair: Hair, factor: float) -> tuple[float, float, float]:
    """The colour of hair times a factor, as far as hair's go."""
    red, green, blue = np.clip(np.array(hair.colour) * factor, DARKEST, LIGHTEST)
    return float(red), float(green), float(blue)


def _surroundings(head: DrawnHead, photo: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Camera, Array]:
    """The photo around the head, small: picture (h, w, 3), its camera, and where its pixels (h w, 2) lie in `photo`."""
    p = head.params
    whole = p.camera.scaled(photo.shape[1] / p.camera.width)
    crop, around = pictures.crop_for_overlay(head.mesh, p.pose, whole, photo)
    camera = around.scaled(min(1.0, SIDE / max(crop.shape[:2])))
    size = (camera.width, camera.height)
    small = np.asarray(Image.fromarray(crop).resize(size, Image.Resampling.BOX))
    grid = np.stack(np.meshgrid(np.arange(size[0]), np.arange(size[1])), -1).reshape(-1, 2)
    rays = (grid - np.array(camera.principal_px)) / camera.focal_px
    return small, camera, rays * whole.focal_px + np.array(whole.principal_px)
