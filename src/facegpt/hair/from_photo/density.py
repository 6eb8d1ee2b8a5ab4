"""How dense hair is in a photo: how far its colour is that of the skin below, which thin hair lets through."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from facegpt.appearance.light import shading
from facegpt.detect.windows import Photo
from facegpt.encode.parts import MAP_PX, SKIN, FaceParts, map_crop
from facegpt.hair.from_photo.seen import SURE, HairSeen, seen_places
from facegpt.hair.from_photo.silhouette import SIDE
from facegpt.hair.from_photo.traits import kind_of
from facegpt.hair.scalp import scalp_of
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.render import channels
from facegpt.types import Array, FaceParams, Groom

#: Skin is believed from here on, and read from so large a part of the face, from the top: the forehead.
SURE_SKIN, FOREHEAD = 0.9, 0.35
#: Where skin faces, camera frame: the forehead's light.
FOREHEAD_FACES = np.array([[0.0, -0.2, -0.98]])
#: Places this far inside the usual hairline, mm, and above this height (mean head) are the top of the head.
INSIDE_MM, TOP_MM = 4.0, 80.0
#: Logs of brightness and of hue by which a pixel is off what hair and skin mix to: shade and gloss change the first.
BRIGHTNESS_SD, HUE_SD = 0.35, 0.07
#: Of the hair, what is farthest from skin is hair alone: quantiles of how far.
HAIR_ALONE = (0.7, 0.95)
#: Hair and skin are told apart from so many of these SDs on; fewer places tell nothing.
APART, FEWEST = 4.0, 60
#: Share of hair in what is seen of the top, and the density (`Groom.density`) of such hair. By 13 pictures that were
#: looked at: heads of full hair have .86 to .99.
SHOWN, DENSITY = (0.5, 0.65, 0.78, 0.88), (0.1, 0.3, 0.6, 1.0)
#: Mean albedos of hair alone up to which it is never called thin, and from which on it is: gloss on dark hair looks as
#: skin that shows through (a full black bob had a share of .65).
DARK, LIGHT = 0.06, 0.14
#: The same as shares of the skin's albedo: light locks of blond and red hair
#: that is darker than skin look as skin, too.
DARKER, AS_LIGHT = 0.42, 0.65
_SHARES = np.linspace(0, 1, 11)


@dataclass(frozen=True)
class Dense:
    """density: how dense hair is, as `Groom.density`. alone: (3,) linear albedo of it where it hides all skin."""

    density: float
    alone: tuple[float, float, float]


def seen_density(
    image: NDArray[np.uint8] | Photo, model: MorphableModel, params: FaceParams, parts: FaceParts, seen: HairSeen
) -> Dense | None:
    """How dense the hair on top of a head is, 0 sparse … 1 full, as `Groom.density`; None where a photo does not tell.

    Each pixel over the scalp is a mixture of hair alone and bare skin, times a shade; the share of hair that explains
    it best is averaged. Hue tells white hair from skin, brightness black hair.

    Args:
        image: (H, W, 3) uint8 sRGB of params.camera.
        model: the head.
        params: its fit, with the photo's light.
        parts: of the face.
        seen: what is seen of its hair.
    """
    crop = map_crop(image, parts, linear=True)
    skin = _skin(crop, params, parts)
    scalp = scalp_of(model)  # type: ignore[arg-type]
    places = scalp.on(head_vertices(model, params))
    at, shown = seen_places(seen.view, places)
    within = binary_erosion(seen.view.head)[at[:, 1], at[:, 0]]
    hairy = shown & within & (scalp.inside > INSIDE_MM) & seen.known[at[:, 1], at[:, 0]]
    hairy &= seen.hair[at[:, 1], at[:, 0]] > SURE
    top = hairy & (scalp.place[:, 1] > TOP_MM)
    if skin is None or top.sum() < FEWEST:
        return None
    step = MAP_PX / SIDE
    pixel = np.clip(np.rint((seen.view.place(places[hairy])[:, :2] + 0.5) * step - 0.5), 0, MAP_PX - 1).astype(int)
    lit = shading(scalp.normal[hairy] @ np.asarray(seen.view.pose.rotation).T, params.lighting)
    colours = np.log(np.maximum(crop[pixel[:, 1], pixel[:, 0]] / np.maximum(lit, 1e-3), 1e-4))
    away = np.linalg.norm(_apart(colours) - _apart(np.log(skin)), axis=1)
    low, high = np.quantile(away, HAIR_ALONE)
    hair = np.median(colours[(away >= low) & (away <= high)], 0)
    if np.linalg.norm(_apart(hair) - _apart(np.log(skin))) < APART:
        return None
    share = hair_share(colours, np.exp(hair), skin)
    red, green, blue = np.exp(hair)
    density = float(np.interp(share[top[hairy]].mean(), SHOWN, DENSITY))
    bright = float(np.exp(hair).mean())
    told = min(np.interp(bright, (DARK, LIGHT), (0, 1)), np.interp(bright / skin.mean(), (DARKER, AS_LIGHT), (0, 1)))
    return Dense(1 - (1 - density) * float(told), (float(red), float(green), float(blue)))


def hair_share(colours: Array, hair: Array, skin: Array) -> NDArray[np.float64]:
    """How much of each colour (N, 3), logs of albedos, is hair (3,) rather than skin (3,), 0..1, whatever its shade."""
    mixed = np.log(_SHARES[:, None] * hair + (1 - _SHARES[:, None]) * skin)
    off = _apart(np.asarray(colours)[:, None] - mixed)
    return _SHARES[np.square(off).sum(-1).argmin(1)]


def with_density(groom: Groom, density: float | None) -> Groom:
    """The groom as dense as the photo shows it; as it was where it does not tell, and of coils."""
    return groom if density is None or kind_of(groom) == "coily" else replace(groom, density=round(density, 2))


def _apart(logs: Array) -> NDArray[np.float64]:
    """Logs of colours (..., 3) in SDs: of their brightness, and of their hue (..., 4)."""
    mean = channels.mean(logs, keepdims=True)
    return np.concatenate([mean / BRIGHTNESS_SD, (logs - mean) / HUE_SD], -1)


def _skin(crop: Array, params: FaceParams, parts: FaceParts) -> NDArray[np.float64] | None:
    """Albedo (3,) of the forehead on the map of parts (S, S, 3); None where too little skin is seen."""
    sure = (parts.probabilities[..., SKIN] > SURE_SKIN) & parts.seen
    rows = np.flatnonzero(sure.any(1))
    if not len(rows):
        return None
    sure[int(rows[0] + FOREHEAD * (rows[-1] - rows[0])) :] = False
    if sure.sum() < FEWEST:
        return None
    return np.asarray(np.median(crop[sure], 0) / np.maximum(shading(FOREHEAD_FACES, params.lighting)[0], 1e-3))
