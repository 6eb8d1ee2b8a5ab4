"""How bright the hair of a fitted head is: by the photo's pixels alone and by the head drawn in its light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import srgb_to_linear
from facegpt.encode.parts import HAIR, SKIN, FaceParts
from facegpt.hair.from_photo.colour import DARKEST, LIGHTEST, MIDDLE, SURE
from facegpt.hair.worn import worn as worn_by
from facegpt.morphable.base import MorphableModel
from facegpt.render import channels
from facegpt.render import plots as pictures
from facegpt.render.base import Renderer
from facegpt.types import Array, Camera, FaceParams, Hair, Mesh

#: Longest side of the pictures in which hair is compared, px; pixels that must show hair in both, and skin; how sure
#: skin must be: of a face that is small there, few pixels are nothing else.
SIDE, FEWEST, SURE_SKIN = 200, 40, 0.5
#: Longest side of the skin on the heads that are drawn, texels: pictures this small show no more.
TEXELS = 256
#: Quantiles of brightness between which hair is compared: real hair mirrors sky and lamps more than drawn hair does,
#: and black hair would be taken for brown.
DARKER = (0.1, 0.6)
#: The same of hair with a hue, whose bright parts have it too; and the logs of red over blue of either.
BROWN, HUE = (0.3, 0.9), (0.6, 1.2)
#: Share of the drawn head's say, in logs, beside the colour that was read: of dark hair, which mirrors more than it is
#: bright, and of hair from a mean albedo on that does not. And these albedos.
BY_DRAWING, DARK_TO_LIGHT = (0.5, 0.9), (0.06, 0.25)
#: A pixel shows drawn hair where it follows the brightness of that by at least this share of what the median does.
FOLLOWS = 0.5
#: Nothing makes hair darker than black hair's mean albedo, nor so many times as bright as its pixels alone say.
BLACK, MOST = 0.01, 3.0


@dataclass(frozen=True, eq=False)
class DrawnHead:
    """A fitted head as it is drawn over its photo.

    Attributes:
        model: the head. params: with hair and the photo's light. mesh: with its skin, of few texels (`small_skin`).
        renderer: what draws it, the default one when None.
    """

    model: MorphableModel
    params: FaceParams
    mesh: Mesh
    renderer: Renderer | None = None


def as_bright_as_seen(head: DrawnHead, photo: NDArray[np.uint8], parts: FaceParts) -> Hair:
    """The hair of a head, its albedo scaled some of the way, in logs, to where the drawn head agrees with the photo.

    Dark hair goes half the way; light hair, which mirrors little beside what it scatters, nearly all of it.

    What was read off the pixels errs by what hair's own shadows take; what is drawn errs by what real hair mirrors and
    drawn hair does not. Beside colours told by eye both err by as much, and their mean by less than the drawn one.

    How much light hair loses between its strands and mirrors off them is a matter of its groom: it is measured by
    drawing the hair twice, as it is and half as bright. What a pixel gains is its share of albedo, the rest is gloss.
    Brightness counts beside that of the skin, drawn and seen: on its own it would take the blame for the light's error.

    Args:
        head: with hair.
        photo: (H, W, 3) uint8 sRGB.
        parts: what the photo shows around the face.
    """
    hair = head.params.hair
    assert hair is not None
    crop, camera, at = _surroundings(head, photo)
    sure, skin = (parts.at(at)[:, [HAIR, SKIN]] > (SURE, SURE_SKIN)).T.reshape(2, *crop.shape[:2])
    drawn = _drawn(head, [replace(hair, colour=_scaled(hair, share)) for share in (1.0, 0.5)], camera, crop)
    follows = 2 * (drawn[0] - drawn[1])
    shown = sure & (follows > FOLLOWS * max(float(np.median(follows[sure])), 1e-6) if sure.any() else sure)
    if min(shown.sum(), skin.sum()) < FEWEST:
        return hair
    bright = channels.mean(srgb_to_linear(crop / 255.0))
    exposure = _middle(drawn[0][skin]) / _middle(bright[skin])
    between = _compared(hair)
    gloss, gain = _middle((drawn[0] - follows)[shown], between), _middle(follows[shown], between)
    factor = (_middle(bright[shown], between) * exposure - gloss) / max(gain, 1e-6)
    factor = min(max(factor, min(1.0, 3 * BLACK / sum(hair.colour))), MOST)
    factor **= float(np.interp(np.mean(hair.colour), DARK_TO_LIGHT, BY_DRAWING))
    factor = min(factor, max(LIGHTEST / max(hair.colour), 1.0))  # all channels alike: clipped alone they change the hue
    return replace(hair, colour=_scaled(hair, factor))


def _compared(hair: Hair) -> tuple[float, float]:
    """The quantiles of brightness between which hair is compared: what is bright and brown is hair, and no sky."""
    red, _, blue = hair.colour
    brown = float(np.interp(np.log(red / blue), HUE, (0.0, 1.0)))
    low, high = ((1 - brown) * dark + brown * light for dark, light in zip(DARKER, BROWN, strict=True))
    return low, high


def small_skin(skin: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A skin (S, S, 4) of at most TEXELS a side."""
    if max(skin.shape[:2]) <= TEXELS:
        return skin
    return np.asarray(Image.fromarray(skin).resize((TEXELS, TEXELS), Image.Resampling.BOX))


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


def _drawn(
    head: DrawnHead, hairs: Sequence[Hair], camera: Camera, photo: NDArray[np.uint8]
) -> list[NDArray[np.float64]]:
    """Linear brightness (h, w) of the head with each of some hairs that differ in colour, drawn over a picture."""
    p = head.params
    worns = [worn_by(head.model, p.replace(hair=hair)) for hair in hairs]
    drawn = pictures.draw_hairs_over(head.mesh, p.pose, camera, p.lighting, photo, worns, renderer=head.renderer)
    return [channels.mean(srgb_to_linear(picture / 255.0)) for picture in drawn]


def _middle(values: Array, between: tuple[float, float] = MIDDLE) -> float:
    """The mean of values (N,) between two of their quantiles: without the darkest and the brightest."""
    low, high = np.quantile(values, between)
    return float(values[(values >= low) & (values <= high)].mean())


def _scaled(hair: Hair, factor: float) -> tuple[float, float, float]:
    red, green, blue = np.clip(np.array(hair.colour) * factor, DARKEST, LIGHTEST)
    return float(red), float(green), float(blue)
