"""Where a photo surely shows no hair on and around a fitted head, kept for the locks that grow on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion, distance_transform_edt, gaussian_filter, zoom

from facegpt.encode.parts import BACKGROUND, EAR, HAIR, SKIN, FaceParts
from facegpt.hair.bare_view import packed, packed_ways
from facegpt.hair.from_photo.seen import HairSeen
from facegpt.hair.photo_view import projection_of
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, FaceParams, SeenBare

#: Belief in skin, or in what is behind, from which there is no hair, and in hair up to which; pixels of the map at
#: whose rim nothing is told; how far around the bald head skin is its own, pixels of the small picture.
SURE, NO_HAIR, RIM_PX, AROUND_PX = 0.7, 0.2, 1, 2
#: Cover from which a pixel shows drawn hair; how far off hair of the photo draws it at most, and over how much of its
#: rim that is smoothed, mm; the least share of rim for which it is told in full.
SHOWN, MOST_TOWARDS_MM, SPREAD_MM, LEAST_RIM = 0.5, 30.0, 13.0, 0.05
#: How many times as far as that locks are drawn: the mean over a rim is less than what is missing, and only the
#: outermost of them make the new rim. (Heads of 11 photos of the training half: 1, 1.5 and 2 times .680, .711, .728 IoU
#: of hair over the head.)
FARTHER = 1.5


def seen_bare(
    model: MorphableModel, params: FaceParams, parts: FaceParts, seen: HairSeen, drawn: Array | None = None
) -> SeenBare | None:
    """Where the photo of `params.camera` shows bare skin of this head, and what is behind it; None for neither.

    drawn: (s, s) cover of the hair that grows on it, in the small picture: locks move to where the photo has more.
    """
    size = parts.seen.shape
    no_hair = parts.seen & (parts.share(HAIR) < NO_HAIR)
    ours = binary_dilation(seen.view.head, iterations=AROUND_PX)
    ours = zoom(ours.astype(np.uint8), size[0] / len(ours), order=0).astype(bool)
    masks = [
        binary_erosion(no_hair & (parts.share(*which) > SURE), iterations=RIM_PX, border_value=1)
        for which in ((SKIN, EAR), (BACKGROUND,))
    ]
    masks[0] &= ours
    masks[1] = _beyond_sides(masks[1] & parts.seen, parts.seen)
    if not np.any(masks):
        return None
    ways = "" if drawn is None else packed_ways(_towards(drawn > SHOWN, seen) * (size[0] / len(drawn)))
    return SeenBare(packed(*masks), (size[0], size[1]), _projection(model, params, parts), ways)


def _towards(drawn: NDArray[np.bool_], seen: HairSeen) -> NDArray[np.float64]:
    """The way (s, s, 2), x and y, from the rim of drawn hair to hair that the photo has beside it, pixels; smooth."""
    ways = np.zeros((*drawn.shape, 2))
    missing = seen.mask & seen.known & ~drawn
    rim = drawn & ~binary_erosion(drawn)
    if not missing.any() or not rim.any():
        return ways
    far, near = distance_transform_edt(~rim, return_indices=True)
    rows, columns = np.nonzero(missing & (far <= MOST_TOWARDS_MM * seen.view.px_per_mm))
    order = np.argsort(far[rows, columns])  # the farthest last
    rows, columns = rows[order], columns[order]
    foot = near[0][rows, columns], near[1][rows, columns]
    ways[foot] = np.stack([columns - foot[1], rows - foot[0]], 1)
    spread = SPREAD_MM * seen.view.px_per_mm
    mass = gaussian_filter(rim * 1.0, spread)
    around = np.stack([gaussian_filter(ways[..., k], spread) for k in range(2)], -1)
    return np.asarray(FARTHER * around / np.maximum(mass, LEAST_RIM)[..., None])


def _beyond_sides(behind: NDArray[np.bool_], seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask (S, S) that goes on beside a photo as it ends there: hair that reaches its side is seen to."""
    first, last = seen.argmax(1), seen.shape[1] - 1 - seen[:, ::-1].argmax(1)
    nearest = np.clip(np.arange(seen.shape[1]), first[:, None], last[:, None])
    return np.asarray(np.take_along_axis(behind, nearest, 1) & np.asarray(seen.any(1))[:, None])


def _projection(model: MorphableModel, params: FaceParams, parts: FaceParts) -> tuple[float, ...]:
    """The 3 × 4 matrix from the head at rest, mm, to pixels of the map of parts."""
    cx, cy = params.camera.principal_px
    intrinsics = np.array([[params.camera.focal_px, 0, cx], [0, params.camera.focal_px, cy], [0, 0, 1]])
    return projection_of(model, params, np.vstack([parts.to_map, [0, 0, 1]]) @ intrinsics)
