"""What lies before a face in a photo, and what looks like it and is its beard, by the networks that looked at it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import Atlas
from facegpt.appearance.unwrap import Unwrapped
from facegpt.detect.outlines import distance_outside, in_polygon
from facegpt.encode.parts import BEARD, EAR, GLASSES, HAIR, HAND, HAT, SKIN, FaceParts
from facegpt.fitting.mediapipe_points import BROWS, LEFT_LIDS, RIGHT_LIDS
from facegpt.fitting.occlusion import OCCLUDER, unhidden
from facegpt.render.texel_grids import between_corners
from facegpt.types import Array, Camera, DensePoints

#: What is told of a skin's lightness was learnt from labels, of 38 to 70 L* whatever a photo shows. Slope and offset to
#: what photos show of such faces, less where they are dim: by medians of 135 faces.
LIGHTNESS_OF_TOLD = (1.2, -15.0)
#: Parts of the dense network's map that are the face, with its beard and the neck.
FACE = (1, 2, 4, 5)
#: Amounts of a beard up to which a face counts as bare, and from which its hair counts where beards grow.
BEARDED = (0.1, 0.3)
#: Rims are finer than the map of parts: how far around glasses skin is hidden too, pixels of the map, and from which
#: belief in glasses on, and surely.
RIM_PX, RIM_SURE = 1, (0.15, 0.5)
#: How far around hands their shadow and blurred edge take the skin too, pixels of the map, and from which belief on.
HAND_PX, HAND_SURE = 2, (0.3, 0.7)
#: Share of the face's texels under glasses at which lenses may cover the eyes, and surely do.
LENSES = (0.04, 0.08)
#: How far outside the detector's brows thick ones may still grow, and surely none does, mm.
BESIDE_BROWS_MM = (1.0, 3.0)
#: How sure a nose without glasses has to be for brows to be believed in full.
RIMLESS = 0.25
#: Lower and upper line of each brow, from its outer end inwards.
_BROW_LINES = tuple((BROWS[k : k + 5], BROWS[k + 5 : k + 10]) for k in (0, 10))
#: Growth of beards from which a place counts as theirs.
THIN_GROWTH = 0.1


@dataclass(frozen=True, eq=False)
class Hiding:
    """What networks say of what a photo shows: `dense` and `parts` as of `texture_from_photo`, in its whole camera."""

    camera: Camera
    dense: DensePoints | None = None
    parts: FaceParts | None = None

    @property
    def bearded(self) -> float:
        """How sure it is, 0..1, that the face has a beard; 0 where nobody looked."""
        belief = None if self.dense is None else self.dense.belief
        beard = 0.0 if belief is None or belief.beard is None else belief.beard
        return float(np.clip((beard - BEARDED[0]) / (BEARDED[1] - BEARDED[0]), 0, 1))

    @property
    def shaven(self) -> float:
        """How sure it is, 0..1, that the face has no beard; 0 where nobody looked."""
        belief = None if self.dense is None else self.dense.belief
        return 0.0 if belief is None or belief.beard is None else 1 - self.bearded

    @property
    def skin_lightness(self) -> float | None:
        """CIE L* of the skin that the whole face tells, or None."""
        belief = None if self.dense is None else self.dense.belief
        return None if belief is None else belief.skin_lightness

    @property
    def drawn_lightness(self) -> float | None:
        """CIE L* that the skin has where it is drawn by white light as light as photos show such faces, or None."""
        told = self.skin_lightness
        return None if told is None else LIGHTNESS_OF_TOLD[0] * told + LIGHTNESS_OF_TOLD[1]

    def before(self, places: Array) -> NDArray[np.floating]:
        """How likely something lies before places (N, 3) of the face, camera frame, mm: 0..1, 0 where nobody looked."""
        pixels = self.camera.project(places)
        if self.parts is not None:
            return self.parts.at(pixels)[:, [GLASSES, HAND, HAT, HAIR]].sum(-1)
        if self.dense is not None:
            return 1 - unhidden(self.dense, pixels, (OCCLUDER,))
        return np.zeros(len(places))


@dataclass(frozen=True, eq=False)
class SeenLids:
    """The openings of both eyes in a photo, by MediaPipe's points (478, 2+) of it and the photo's whole camera.

    A head's own lids lie a millimetre or two beside the photo's: what they leave open of an eyeball may be skin there.
    """

    points: Array
    camera: Camera

    def before(self, places: Array) -> NDArray[np.floating]:
        """1 where lids lie before places (N, 3) of the eyes, camera frame, mm; 0 in the openings."""
        pixels = self.camera.project(places)
        outlines = [self.points[[*lids[:9], *lids[:8:-1]], :2] for lids in (LEFT_LIDS, RIGHT_LIDS)]
        return 1.0 - np.logical_or.reduce([in_polygon(pixels, outline) for outline in outlines])


def unhidden_texels(
    view: Unwrapped,
    vertices: Array,
    triangles: NDArray[np.int32],
    atlas: Atlas,
    hiding: Hiding,
    growth: Array | None = None,
    no_rims: float = 0.0,
) -> Unwrapped:
    """Take weight from texels where the networks see anything but skin and beard, and say where they are sure.

    growth: (H, W) where beards grow: what looks like hair there is the beard of a face that has one. no_rims: how sure
    it is, 0..1, that the nose bears no glasses (`features.no_glasses`): what looks like rims where the detector sees
    brows are black brows then. Elsewhere rims stay rims: thin ones leave noses as they are.
    """
    if hiding.dense is None and hiding.parts is None:
        return view
    seen = view.weight > 0
    places = between_corners(vertices, triangles, atlas.texel[seen], atlas.corner[seen])
    pixels = hiding.camera.project(places)
    weight, brow = view.weight.copy(), np.zeros_like(view.weight)
    sure, beard = np.zeros_like(view.weight), np.zeros_like(view.weight)
    if hiding.parts is not None:
        told = hiding.parts.at(pixels)
        if growth is not None and hiding.bearded > 0:
            taken = told[:, HAIR] * np.minimum(growth[seen] / THIN_GROWTH, 1) * hiding.bearded
            told[:, BEARD], told[:, HAIR] = told[:, BEARD] + taken, told[:, HAIR] - taken
        brows = _brows_at(pixels, places[:, 2] / hiding.camera.focal_px, hiding.parts.points)
        brows = brows * min(no_rims / RIMLESS, 1.0) * (1 - _covering(told[:, GLASSES] * (brows == 0)))
        worn = 1 - brows
        own, beard[seen] = told[:, [SKIN, EAR, BEARD]].sum(-1) + (1 - worn) * told[:, GLASSES], told[:, BEARD]
        own = np.minimum(own, 1 - worn * hiding.parts.around(pixels, GLASSES, RIM_PX, RIM_SURE))
        own = np.minimum(own, 1 - hiding.parts.around(pixels, HAND, HAND_PX, HAND_SURE))
        weight[seen] *= own
        sure[seen] = np.clip(2 * own - 1, 0, 1)
        brow[seen] = brows * sure[seen]
    elif hiding.dense is not None:
        weight[seen] *= unhidden(hiding.dense, pixels).astype(np.float32)
        sure[seen] = np.clip(2 * (1 - unhidden(hiding.dense, pixels, FACE)) - 1, 0, 1)
    return replace(view, weight=weight, sure=sure, beard=beard, bearded=hiding.bearded, brow=brow)


def hair_of_face(seen: Unwrapped, mirrored: Unwrapped) -> NDArray[np.float32]:
    """How likely each texel (H, W) shows beard or brows in a photo or in its mirror image, 0..1; 0 if nobody looked."""
    told = [plane for view in (seen, mirrored) for plane in (view.beard, view.brow) if plane is not None]
    return np.maximum.reduce([np.zeros_like(seen.weight), *told])


def _covering(belief: Array) -> float:
    """How sure it is, 0..1, that glasses cover so much of a face (belief (N,) by texel) that they have dark lenses."""
    share = float((belief > 0.5).mean()) if len(belief) else 0.0
    return float(np.clip((share - LENSES[0]) / (LENSES[1] - LENSES[0]), 0, 1))


def _brows_at(pixels: Array, mm_per_px: Array, points: Array | None) -> NDArray[np.floating]:
    """How sure it is, 0..1, that brows grow at pixels (N, 2) of the face, by MediaPipe's points (478, 2+) of it."""
    if points is None:
        return np.zeros(len(pixels))
    near, far = BESIDE_BROWS_MM
    outlines = [points[[*lower, *upper[::-1]], :2] for lower, upper in _BROW_LINES]
    away = np.minimum(*(distance_outside(pixels, outline) for outline in outlines)) * mm_per_px
    return np.clip((far - away) / (far - near), 0, 1)
