"""Form of the skin that a photo's texture has lost with the photo's light: folds and hollows, to be put back into it.

Relighting takes folds, creases and hollows out of the skin with the light, and the relief brings few of them back. The
photo tells what is missing: the skin as it would be drawn in the photo's light is compared with it. Hollows see little
of the sky in any light, and lie on both halves of a face; what one half alone shows is more likely a lamp's, a cast
shadow or a strand of hair, and what is brighter is mostly gloss.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from facegpt.appearance.light import shading_by
from facegpt.appearance.prior import LUMINANCE
from facegpt.appearance.texture import outer_triangles
from facegpt.conventions import LINEAR_OF_BYTE
from facegpt.detail.observation import Observation
from facegpt.detail.skin_window import LEFT, SIDE, TOP, Maps, skin_window
from facegpt.morphable.base import head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.render import channels
from facegpt.render.shelter import kept_shelter
from facegpt.render.texel_grids import blur
from facegpt.runtime.blur import gaussian_blur

#: SDs of the blurs between which form is looked for, mm: finer is the photo's own grain, wider is its light.
BAND_MM = (0.4, 6.0)
#: What is kept of darker and of brighter places, and of either where one half of the face alone shows it.
DARKER, BRIGHTER, ONE_SIDED = 1.0, 0.5, 0.15
#: How far apart the halves of a face may show the same fold, and how near the rim of bare skin nothing is believed, mm.
APART_MM, RIM_MM = 1.0, 2.0
#: The most that is put back, log units.
MOST = 0.5
#: Visibility from which a texel counts, and from which fully; linear light from which a photo is burnt out.
SEEN, BURNT = (0.3, 0.75), 0.96
#: Haze that is added to both, so that noise in the dark counts little; and the darkest light on skin.
HAZE, DIM = 0.01, 1e-3


def lost_form(view: Observation, texture: NDArray[np.uint8]) -> Maps | None:
    """By what a texture (S, S, 4) uint8 sRGB misses the form of the skin in its photo (HEIGHT, WIDTH), a factor.

    texture: as the photo gave it, the shading of the relief in it. view: of the same photo. None where nothing of the
    face is seen, or the texture is coarser than the window.
    """
    seen = view.weight > SEEN[1]
    if not seen.any() or len(texture) < SIDE:
        return None
    across, down = view.geometry.across[seen], view.geometry.down[seen]
    texels = float(np.median(np.sqrt(channels.length(across) * channels.length(down))))
    trust = believed(view, texels)
    return np.exp(form_in(missing(view, texture, trust), trust, texels))


def missing(view: Observation, texture: NDArray[np.uint8], trust: Maps) -> Maps:
    """How much brighter the photo is than the texture in its light (HEIGHT, WIDTH), log units; 0 without trust."""
    model, params = view.model, view.params
    vertices = head_vertices(model, params)
    shelter = kept_shelter(
        vertices, vertex_normals(vertices, model.triangles), outer_triangles(model), params.pose.rotation
    )
    light = shading_by(shelter.transfer(view.posed.normals), params.lighting)
    drawn = skin_window(model).interpolate(light)
    out, luminance = np.zeros(drawn.shape[:2], np.float32), np.array(LUMINANCE, np.float32)
    _compare(view.colour, trust, drawn, texture, LINEAR_OF_BYTE, luminance, (TOP, LEFT), len(texture) // SIDE, out)
    return out


def believed(view: Observation, texels: float) -> Maps:
    """How far each texel of a photo is bare skin well inside what is seen of it (HEIGHT, WIDTH), 0..1."""
    low, high = SEEN
    seen = np.clip((view.weight - low) / (high - low), 0, 1) * (view.colour < BURNT).all(-1)
    inside = minimum_filter(seen.astype(np.float32), size=_odd(RIM_MM * texels))
    return np.asarray(gaussian_blur(inside, 1.5) * np.minimum(4 * inside, 1), np.float32)


def form_in(residual: Maps, weight: Maps, texels: float) -> Maps:
    """What to add to the log of a texture (HEIGHT, WIDTH): the band of form in a residual, as far as it is skin's.

    Args:
        residual: (HEIGHT, WIDTH) log units by which the photo is brighter.
        weight: (HEIGHT, WIDTH) in 0..1, how far it is believed.
        texels: in a mm.
    """
    fine, wide = (blur(residual[..., None], weight, sigma * texels)[..., 0] for sigma in BAND_MM)
    band = weight * (fine - wide)
    size, other = _odd(2 * APART_MM * texels), band[:, ::-1]
    darker = np.minimum(np.maximum(band, minimum_filter(other, size=size)), 0)
    brighter = np.maximum(np.minimum(band, maximum_filter(other, size=size)), 0)
    agreed = np.where(band < 0, darker, brighter)
    kept = agreed + ONE_SIDED * (band - agreed)
    kept *= np.where(kept < 0, np.float32(DARKER), np.float32(BRIGHTER))
    return np.asarray(MOST * np.tanh(kept / MOST), np.float32)


def _odd(width: float) -> int:
    return 2 * round(width / 2) + 1


@njit(cache=True, nogil=True)
def _compare(seen, trust, light, texture, lut, luminance, corner, share, out):  # type: ignore[no-untyped-def]
    """Write the log of what is seen (H, W, 3) over a texture in light (H, W, 3) into out (H, W), 0 without trust.

    corner: row and column of the window in texels of its own, of which each covers share² of the texture's.
    """
    haze, dim = np.float32(HAZE), np.float32(DIM)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            if trust[row, column] <= 0 or light[row, column, 1] <= dim:
                continue
            photo, drawn = haze, haze
            for c in range(3):
                photo += luminance[c] * seen[row, column, c]
                total = np.float32(0)
                for y in range((corner[0] + row) * share, (corner[0] + row + 1) * share):
                    for x in range((corner[1] + column) * share, (corner[1] + column + 1) * share):
                        total += lut[texture[y, x, c]]
                drawn += luminance[c] * light[row, column, c] * total / np.float32(share * share)
            out[row, column] = np.log(photo / drawn)
