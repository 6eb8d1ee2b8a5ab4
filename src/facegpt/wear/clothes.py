"""The colour of the clothes below a face, freed from the photo's light: what the head's shirt is dyed in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import binary_erosion, grey_erosion

from facegpt.appearance.light import shading
from facegpt.bust.torso import BIACROMIAL_MM, breadth_mm
from facegpt.conventions import srgb_to_linear
from facegpt.detect.windows import Photo
from facegpt.encode.parts import BACKGROUND, CLOTHES, MAP_PX, SKIN, FaceParts, map_crop
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, FaceParams, Shirt
from facegpt.wear.dye import HAZE, dyes_of, squared_apart

#: Belief from which a pixel of the map shows clothes, the fewest of them that tell a colour, and how many are enough.
SURE, FEWEST, ENOUGH = 0.5, 40, 120
#: Half of the outline of a man's shirt from ahead, from its band down, head frame (bust/, on the mean head), mm.
OUTLINE_MM = np.array(
    [
        (70, -138, -24),
        (81, -159, -35),
        (120, -173, -36),
        (165, -180, -38),
        (206, -201, -39),
        (224, -249, -40),
        (239, -298, -40),
    ]
)
#: How far inside the head's own shoulders a pixel lies that is clothes where it is no skin, hair or hat, px of the map.
WITHIN_PX = 6
#: What is no further from the face's skin, in SDs of what light makes, is taken for a bare neck or chest.
LIKE_SKIN = 1.5
#: Which way most of what is seen of a chest looks, head frame at rest upright: ahead and up.
CHEST = np.array([0.0, 0.35, 0.94])
#: How much of the light's hue, which was fitted to skin, is believed of cloth, as a power; the least light.
HUE_SAYS, DARK = 0.5, 0.05
#: Linear albedo that cloth has at least and at most.
DARKEST, BRIGHTEST = 0.012, 0.62


def shirt_from_photo(
    image: NDArray[np.uint8] | Photo, model: MorphableModel, params: FaceParams, parts: FaceParts
) -> Shirt | None:
    """The plain shirt in the main colour of a photo's clothes; None where too little of them is seen.

    Clothes are what the map takes for them, and what lies on the head's own shoulders, is no part of a head and has
    another colour than its skin: near its lower edge the map often takes clothes for background.

    Args:
        image: (H, W, 3) uint8 sRGB of params.camera.
        model: of the head.
        params: of the head in it.
        parts: what is seen around its face.
    """
    sure = grey_erosion(parts.share(CLOTHES), 3)
    sure = np.where(_shoulders(model, params, parts), parts.share(CLOTHES, BACKGROUND), sure) * parts.seen
    colours, skin = map_crop(image, parts), parts.share(SKIN) * parts.seen > SURE
    at = np.flatnonzero(sure > SURE)
    logs = _logs(colours.reshape(-1, 3)[at])
    if skin.any():
        other = squared_apart(logs, np.median(_logs(colours[skin]), axis=0)) >= LIKE_SKIN**2
        at, logs = at[other], logs[other]
    if len(at) < FEWEST:
        return None
    told = slice(None, None, max(1, len(at) // ENOUGH))
    dyes = dyes_of(logs[told], sure.ravel()[at[told]])
    if not len(dyes):
        return None
    light = np.maximum(shading(CHEST[None] * [1, -1, -1], params.lighting)[0], DARK)
    level = light.mean()
    own = np.clip(np.exp(dyes[0]) - HAZE, 0.0, None) / (level * (light / level) ** HUE_SAYS)
    own *= min(1.0, BRIGHTEST / max(float(own.max()), 1e-6))
    red, green, blue = (round(float(v), 5) for v in np.clip(own, DARKEST, BRIGHTEST))
    return Shirt((red, green, blue))


def _logs(colours: Array) -> NDArray[np.float64]:
    """Logs (N, 3) of linear light, haze added, of sRGB (N, 3) in 0..1."""
    return np.log(np.asarray(srgb_to_linear(np.clip(colours, 0, 1)), np.float64) + HAZE)


def _shoulders(model: MorphableModel, params: FaceParams, parts: FaceParts) -> NDArray[np.bool_]:
    """Where (S, S) on the map the shoulders of a head lie, well inside their outline."""
    half = OUTLINE_MM * [breadth_mm(model, params.identity) / BIACROMIAL_MM[1], 1, 1]
    outline = np.concatenate([half, half[::-1] * [-1, 1, 1]])
    there = params.camera.project(params.pose.apply(outline))
    drawn = Image.new("1", (MAP_PX, MAP_PX))
    ImageDraw.Draw(drawn).polygon(parts.on_map(there).ravel().tolist(), fill=1)
    return np.asarray(binary_erosion(np.asarray(drawn), iterations=WITHIN_PX))
