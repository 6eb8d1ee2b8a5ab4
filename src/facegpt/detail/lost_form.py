"""Form of the skin that a photo's texture has lost with the photo's light: folds and hollows, to be put back into it.

Relighting takes folds, creases and hollows out of the skin with the light, and the relief brings few of them back. The
photo tells what is missing: the skin as it would be drawn in the photo's light is compared with it. Hollows see little
of the sky in any light, and lie on both halves of a face; what one half alone shows is more likely a lamp's, a cast
shadow or a strand of hair.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter
from scipy.spatial import cKDTree

from facegpt.appearance.light import shading_by
from facegpt.appearance.prior import LUMINANCE
from facegpt.appearance.texture import outer_triangles
from facegpt.conventions import LINEAR_OF_BYTE
from facegpt.detail.observation import Observation
from facegpt.detail.skin_window import LEFT, SIDE, TOP, Maps, skin_window
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.local_shapes import unshaped
from facegpt.morphable.normals import vertex_normals
from facegpt.render import channels
from facegpt.render.shelter import kept_shelter
from facegpt.render.texel_grids import blur
from facegpt.runtime.blur import gaussian_blur

#: SDs of the blurs between which form is looked for, mm: finer is the photo's own grain, wider is its light.
BAND_MM = (0.25, 10.0)
#: What is kept of a place that one half of the face alone shows darker or brighter, and how far apart the halves may
#: show the same fold, mm.
ONE_SIDED, APART_MM = 0.1, 1.0
#: How near the rim of bare skin nothing is believed, mm: far from the features, where another thing lies beyond, and
#: near them, where lids, lips and nostrils end it.
RIM_MM = (2.0, 0.4)
#: How far brows, eyes, nose and mouth reach around their points, and over how many mm that fades.
FEATURES_MM, FEATURES_FADE_MM = 12.0, 8.0
#: How far apart photos of one face may show the same fold, mm.
SHIFT_MM = 0.5
#: How near hair and headwear nothing is believed, mm: both halves of a face show their shade, their blurred edge and
#: single strands. Belief in them from which they count.
HAIR_MM, HAIR = 8.0, 0.5
#: The most that is put back, log units.
MOST = 1.2
#: Detail up to this wide (SD of a blur, mm) is the skin's grain; RMS around a place at which half of it goes in, log
#: units.
GRAIN_MM, FAINT = 1.5, 0.03
#: Visibility from which a texel counts, and from which fully, far from the features and near them, where the skin that
#: is seen slantwise is what nostrils and lids are known by; linear light from which a photo is burnt out.
SEEN, BURNT = ((0.3, 0.75), (0.05, 0.3)), 0.96
#: The first of ibug's 68 points that lies on brows, eyes, nose or mouth; those of the lids.
FIRST_FEATURE, LIDS = 17, slice(36, 48)
#: How near lids their skin is under lashes, which are drawn before it, mm; at twice that it is bare.
LASHES_MM = 1.0
#: Haze that is added to both, so that noise in the dark counts little; and the darkest light on skin.
HAZE, DIM = 0.01, 1e-3
#: Another photo beside the same texture: residual, weight (HEIGHT, WIDTH), and how far its light differs, 0..1.
Told = tuple[Maps, Maps, float]


def lost_form(view: Observation, texture: NDArray[np.uint8]) -> Maps | None:
    """By what a texture (S, S, 4) uint8 sRGB misses the form of the skin in its photo (HEIGHT, WIDTH), a factor.

    texture: as the photo gave it, the shading of the relief in it. view: of the same photo. None where nothing of the
    face is seen, or the texture is coarser than the window.
    """
    texels = texels_per_mm(view)
    if texels is None or len(texture) < SIDE:
        return None
    trust = believed(view, texels)
    return np.exp(form_in(missing(view, drawn_light(view), trust, texture), trust, texels))


def texels_per_mm(view: Observation) -> float | None:
    """Texels of the window in a mm of the face that is seen; None where nothing is."""
    seen = view.weight > SEEN[0][1]
    if not seen.any():
        return None
    across, down = view.geometry.across[seen], view.geometry.down[seen]
    return float(np.median(np.sqrt(channels.length(across) * channels.length(down))))


def drawn_light(view: Observation) -> Maps:
    """The light of a photo on the skin (HEIGHT, WIDTH, 3), as the head is drawn in it."""
    model, params = view.model, view.params
    vertices = head_vertices(model, params)
    shelter = kept_shelter(
        vertices, vertex_normals(vertices, model.triangles), outer_triangles(model), params.pose.rotation
    )
    light = shading_by(shelter.transfer(view.posed.normals), params.lighting)
    return np.asarray(skin_window(model).interpolate(light))


def missing(view: Observation, light: Maps, trust: Maps, texture: NDArray[np.uint8]) -> Maps:
    """How much brighter a photo is than a texture in its light (HEIGHT, WIDTH), log units; 0 without trust."""
    out, luminance = np.zeros(trust.shape, np.float32), np.array(LUMINANCE, np.float32)
    _compare(view.colour, trust, light, texture, LINEAR_OF_BYTE, luminance, (TOP, LEFT), len(texture) // SIDE, out)
    return out


def believed(view: Observation, texels: float) -> Maps:
    """How far each texel of a photo is bare skin, well inside what is seen of it and away from hair (HEIGHT, WIDTH)."""
    near, bare = near_features(unshaped(view.model)), channels.largest(view.colour) < BURNT
    plain, close = (
        _within(np.clip((view.weight - low) / (high - low), 0, 1) * bare, rim * texels)
        for (low, high), rim in zip(SEEN, RIM_MM, strict=True)
    )
    inside = plain + near * (close - plain)
    if view.hair is not None and (worn := view.hair > HAIR).any():
        inside *= maximum_filter(worn.astype(np.uint8), size=_odd(2 * HAIR_MM * texels)) == 0
    return np.asarray(gaussian_blur(inside, 1.5) * np.minimum(4 * inside, 1), np.float32)


@lru_cache(maxsize=2)
def near_features(model: MakeHumanHead) -> Maps:
    """How near brows, eyes, nose and mouth each texel lies (HEIGHT, WIDTH): 1 there, 0 far away."""
    window, mean = skin_window(model), model.mean_vertices
    points, some = model.embedding("ibug68")(mean), np.s_[::2, ::2]
    skin, place = window.triangle[some] >= 0, window.interpolate(mean)[some]
    along = np.linspace(0, 1, 8, endpoint=False)[:, None, None]
    lids = np.concatenate([(1 - along) * eye + along * np.roll(eye, -1, 0) for eye in points[LIDS].reshape(2, 6, 3)])
    away, from_lids = (cKDTree(one.reshape(-1, 3)).query(place[skin])[0] for one in (points[FIRST_FEATURE:], lids))
    near = np.zeros(skin.shape, np.float32)
    near[skin] = np.clip(1 - (away - FEATURES_MM) / FEATURES_FADE_MM, 0, 1) * np.clip(from_lids / LASHES_MM - 1, 0, 1)
    return near.repeat(2, 0).repeat(2, 1)


def form_in(residual: Maps, weight: Maps, texels: float, others: Sequence[Told] = ()) -> Maps:
    """What to add to the log of a texture (HEIGHT, WIDTH): the band of form in a residual, as far as it is skin's.

    Args:
        residual: (HEIGHT, WIDTH) log units by which the photo is brighter.
        weight: (HEIGHT, WIDTH) in 0..1, how far it is believed.
        texels: in a mm.
        others: other photos beside the same texture: residual, weight, and how far their light differs, 0..1.
    """
    own = band_of(residual, weight, texels)
    kept = own_share(own, texels)
    if others:
        bands = [(band_of(r, w, texels), w, s) for r, w, s in others]
        agreed = seconded(own, [(band, s * w) for band, w, s in bands], texels)
        kept = np.where(np.abs(agreed) > np.abs(kept), agreed, kept)
    kept = kept + faint_grain(own - kept, texels)
    if others:
        mass = np.sum([w for _, w, _ in bands], axis=0)
        hidden = [np.maximum(w - weight, 0) * own_share(band, texels) for band, w, _ in bands]
        kept = kept + np.sum(hidden, axis=0) / np.maximum(mass, 1)
    return bounded(kept)


def bounded(form: Maps) -> Maps:
    """A form within bounds, log units."""
    return np.asarray(MOST * np.tanh(form / MOST), np.float32)


def band_of(residual: Maps, weight: Maps, texels: float) -> Maps:
    """The band of form of a residual, as far as it is believed."""
    fine, wide = (blur(residual[..., None], weight, sigma * texels)[..., 0] for sigma in BAND_MM)
    return np.asarray(weight * (fine - wide), np.float32)


def own_share(band: Maps, texels: float) -> Maps:
    """What is kept of a band by one photo alone: what both halves of the face show, and little of what one does."""
    agreed = alike(band, band[:, ::-1], _odd(2 * APART_MM * texels))
    return agreed + np.float32(ONE_SIDED) * (band - agreed)


def faint_grain(left: Maps, texels: float) -> Maps:
    """The grain of skin in what was left out (HEIGHT, WIDTH): fine, and faint all around; lines, edges are strong."""
    fine = left - gaussian_blur(left, GRAIN_MM * texels)
    strength = gaussian_blur(fine * fine, GRAIN_MM * texels) / FAINT**2
    return np.asarray(fine / (1 + strength * strength), np.float32)


def alike(band: Maps, other: Maps, size: int) -> Maps:
    """What another band shows too within `size` texels: of the same sign, the lesser of the two."""
    darker = np.minimum(np.maximum(band, minimum_filter(other, size=size)), 0)
    brighter = np.maximum(np.minimum(band, maximum_filter(other, size=size)), 0)
    return np.where(band < 0, darker, brighter)


def seconded(own: Maps, others: Sequence[tuple[Maps, Maps]], texels: float) -> Maps:
    """What others in another light show as well of one photo's band (HEIGHT, WIDTH).

    others: bands, and how far each is believed here, (HEIGHT, WIDTH).
    """
    size = _odd(2 * SHIFT_MM * texels)
    mass = np.sum([share for _, share in others], axis=0)
    agreed = np.sum([share * alike(own, band, size) for band, share in others], axis=0)
    return np.asarray(agreed / np.maximum(mass, 1), np.float32)


def _within(seen: Maps, rim: float) -> Maps:
    """The least of what is seen (HEIGHT, WIDTH) about each texel, in a square so wide."""
    return np.asarray(minimum_filter(seen.astype(np.float32), size=_odd(rim)))


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
