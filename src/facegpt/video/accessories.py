"""Hair and glasses of one person of a clip, told once by its clearest frames, and the skin with the hair's roots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.encode.parts import FaceParts
from facegpt.glasses.from_photo import common_glasses, glasses_from_photo
from facegpt.hair.accessories import Accessories, Wishes
from facegpt.hair.from_photo.brightness import as_bright_as_seen
from facegpt.hair.from_photo.colour import mean_colour
from facegpt.hair.from_photo.drawn_hair import DrawnHead, small_skin
from facegpt.hair.from_photo.found import hair_from_photos
from facegpt.hair.from_photo.looks import HairPhoto, bearded, greyness_of
from facegpt.hair.painted import with_beard
from facegpt.hair.worn import grows_hair, with_roots
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import DensePoints, FaceParams, Glasses, Hair, Mesh, Worn


@dataclass(frozen=True, eq=False)
class Picture:
    """One frame of a person.

    Attributes:
        pixels: (H, W, 3) uint8 sRGB of params.camera. params: of the head in it, with skin and light.
        dense: what the dense network sees. parts: what each pixel around the face shows.
    """

    pixels: NDArray[np.uint8]
    params: FaceParams
    dense: DensePoints
    parts: FaceParts


def accessories_of(
    model: MorphableModel, pictures: Sequence[Picture], skin: NDArray[np.uint8], wishes: Wishes
) -> Accessories:
    """Hair and glasses that fit all pictures of a person; none for models that wear none.

    Args:
        model: the head.
        pictures: the clearest first.
        skin: (S, S, 4) uint8 sRGB of the person.
        wishes: what is asked for.
    """
    if not grows_hair(model) or not pictures:
        return Accessories()
    hair, worn = _hair(model, pictures, skin, wishes.hair)
    return Accessories(hair, _glasses(model, pictures, wishes.glasses), worn)


def with_hair_painted(
    model: MorphableModel, skin: NDArray[np.uint8], accessories: Accessories, shown: NDArray[np.float32] | None = None
) -> NDArray[np.uint8]:
    """The skin (S, S, 4) uint8 sRGB with the roots of its hair, and with its beard where no picture shows the place.

    shown: (S, S) 0..1, how much of each texel is a picture's; None paints no beard.
    """
    hair = accessories.hair
    if hair is not None and shown is not None:
        skin = with_beard(model, skin, hair, shown)
    return with_roots(model, skin, hair)


def _hair(
    model: MorphableModel, pictures: Sequence[Picture], skin: NDArray[np.uint8], wish: str
) -> tuple[Hair | None, Worn | None]:
    if wish == "none":
        return None, None
    photos = [HairPhoto(one.pixels, one.params, one.parts, greyness_of(one.dense)) for one in pictures]
    found = hair_from_photos(model, photos, "balanced", wish)
    if found.hair is None:
        return None, found.worn
    hair = bearded(found.hair, pictures[0].dense)
    rooted = with_roots(model, small_skin(skin), hair)
    seen = [as_bright_as_seen(_drawn(model, one, hair, rooted), one.pixels, one.parts) for one in pictures]
    return replace(hair, colour=mean_colour([one.colour for one in seen])), found.worn


def _drawn(model: MorphableModel, one: Picture, hair: Hair, skin: NDArray[np.uint8]) -> DrawnHead:
    mesh = Mesh(
        head_vertices(model, one.params),
        model.triangles,
        model.uv,
        model.uv_triangles,
        model.part,
        model.part_names,
        skin,
    )
    return DrawnHead(model, one.params.replace(hair=hair), mesh)


def _glasses(model: MorphableModel, pictures: Sequence[Picture], wish: str) -> Glasses | None:
    if wish == "none":
        return None
    found = [glasses_from_photo(one.pixels, model, one.params, one.parts, wish) for one in pictures]
    return common_glasses(found)
