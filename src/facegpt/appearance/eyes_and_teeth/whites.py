"""What a photo shows of the whites of a person's eyes, beside those that people usually have (usual_whites.py).

Faces differ in it by a factor of 1.6, hardly by their eyes: how bright whites are beside the skin says how much of what
is dark is pigment. So part of what a photo shows is kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.eyes_and_teeth.usual_whites import EYES, eyeballs, usual_at
from facegpt.appearance.hiding import Hiding
from facegpt.appearance.iris import HIDDEN, SEEN, SIDE, eye_texels
from facegpt.appearance.light import shading
from facegpt.appearance.unwrap import Posed, unwrap
from facegpt.detect.outlines import distance_outside, distance_to_points
from facegpt.fitting.mediapipe_points import LEFT_IRIS, LEFT_LIDS, RIGHT_IRIS, RIGHT_LIDS
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.render.lid_shadow import LOWER, LOWER_MM, UPPER, UPPER_MM
from facegpt.types import Array

#: What counts as white in a photo: so far inside the lids, mm, and outside so many radii of the iris.
INSIDE_MM, IRIS_RADII = 0.4, 1.15
#: Texels of whites below which a photo tells nothing, and from which it tells all that it does.
FEWEST, ENOUGH = 8, 40
#: How white texels are that are read, 0..1.
PALEST = 0.99
#: Share of what a photo shows that is kept, of brightness and of hue, and how far each may go, log units.
KEPT, MOST = (0.6, 0.5), ((-0.5, 0.8), 0.25)
_DARKEST = 2e-3


def own_whites(
    image: NDArray[np.uint8], posed: Posed, model: MorphableModel, lighting: Array, hides: Hiding, size: int
) -> NDArray[np.float32]:
    """What a person's whites add to the log of a texture with usual ones, (size, size, 3); 0 where too little is seen.

    Args:
        image: (H, W, 3) uint8 sRGB of the camera of `posed`.
        posed: the head in front of that camera.
        model: the head.
        lighting: (9, 3) what lights the skin.
        hides: what networks saw of the whole photo.
        size: of the grid.
    """
    none = np.zeros((size, size, 3), np.float32)
    seen = seen_whites(image, posed, model, lighting, hides)
    if seen is None:
        return none
    apart, polar_deg, inward = seen
    change = np.median(apart - usual_at(polar_deg, inward), axis=0)
    share = float(np.clip((len(apart) - FEWEST) / (ENOUGH - FEWEST), 0, 1))
    (dark, bright), most_hue = MOST
    hue = np.clip(KEPT[1] * (change - change.mean()), -most_hue, most_hue)
    change = share * (np.clip(KEPT[0] * change.mean(), dark, bright) + hue)
    return (eyeballs(atlas_of(model, size).part, model.part_names)[0][..., None] * change).astype(np.float32)


def seen_whites(
    image: NDArray[np.uint8], posed: Posed, model: MorphableModel, lighting: Array, hides: Hiding
) -> tuple[Array, Array, Array] | None:
    """The photo's whites over the head model's in the same light and under the same lids; None where too few are seen.

    Arguments as of `own_whites`. Gives log units (N, 3), and where on their eyeballs: polar angles (N,) in degrees and
    shares (N,) of the way from the temple's side to the nose's.
    """
    points = None if hides.parts is None else hides.parts.points
    if points is None or not isinstance(getattr(model, "albedo", None), AlbedoModel):
        return None
    eyes, atlas = eye_texels(model), atlas_of(model, SIDE)  # type: ignore[arg-type]
    on_eyes = np.isin(atlas.part, [model.part_names.index(name) for name in EYES])
    pale, polar_deg, inward = (each[on_eyes] for each in eyeballs(atlas.part, model.part_names))
    seen = unwrap(image, posed, atlas.triangles, eyes.texel, eyes.corner)
    white = (seen.weight[0] > SEEN) & (pale > PALEST)
    places = np.einsum("nk,nkx->nx", eyes.corner[0, white], posed.vertices[atlas.triangles[eyes.texel[0, white]]])
    if len(places) < FEWEST:
        return None
    pixels, mm_per_px = hides.camera.project(places), places[:, 2] / hides.camera.focal_px
    shown, taken = _under_lids(pixels, mm_per_px, points[:, :2])
    shown &= hides.before(places) < HIDDEN
    if shown.sum() < FEWEST:
        return None
    lit = seen.colour[0][white] / np.maximum(shading(seen.normal[0][white], lighting), 1e-3)
    apart = np.log(np.maximum(lit, _DARKEST)) + taken[:, None] - eyes.mean_log[white]
    return apart[shown], polar_deg[white][shown], inward[white][shown]


def _under_lids(pixels: Array, mm_per_px: Array, points: Array) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which pixels (N, 2) show whites by the detector's points, and what their lids take of the light, log units."""
    shown, taken = np.zeros(len(pixels), bool), np.zeros(len(pixels))
    for lids, iris in ((LEFT_LIDS, LEFT_IRIS), (RIGHT_LIDS, RIGHT_IRIS)):
        lower, upper = points[list(lids[:9])], points[[lids[8], *lids[:8:-1], lids[0]]]
        inside = -distance_outside(pixels, points[[*lids[:9], *lids[:8:-1]]]) * mm_per_px > INSIDE_MM
        radius = np.linalg.norm(points[iris[1]] - points[iris[3]]) / 2
        inside &= np.linalg.norm(pixels - points[iris[0]], axis=1) > IRIS_RADII * radius
        above, below = (distance_to_points(pixels, edge) * mm_per_px for edge in (upper, lower))
        lost = UPPER * np.exp(-((above / UPPER_MM) ** 2)) + LOWER * np.exp(-((below / LOWER_MM) ** 2))
        taken[inside] = lost[inside]
        shown |= inside
    return shown, taken
