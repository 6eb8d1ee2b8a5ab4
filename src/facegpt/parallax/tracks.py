"""Places of the skin and where each photo shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from facegpt.parallax.flow import Flow, flow_between
from facegpt.parallax.skin import FaceTexels, SkinView
from facegpt.runtime.side_by_side import in_order

Floats = NDArray[np.float64]

#: Every so many texels, in x and y, a place is followed.
STRIDE = 4
#: A match is believed if there and back again ends within so many texels, the patterns are as alike, and the skin
#: shows as much detail (smaller eigenvalue of the structure tensor).
RETURN_TEXELS, LIKENESS, DETAIL = 0.8, 0.7, 0.004
#: How well both photos must show the place.
SHOWN = 0.3
#: SD of a match in texels beside what the way back says of it.
MATCH_TEXELS = 0.25


@dataclass(frozen=True)
class Tracks:
    """Places on the skin (N,) and what J photos show of them.

    Attributes:
        corners: (N, 3) vertices of each place's triangle. weights: (N, 3) barycentric.
        pixels: (N, J, 2) where each photo shows it, anywhere if it does not. sigma_px: (N, J) SD of that, else inf.
    """

    corners: NDArray[np.int32]
    weights: Floats
    pixels: Floats
    sigma_px: Floats

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(N, J)."""
        return np.isfinite(self.sigma_px)

    def some(self, rows: NDArray) -> Tracks:
        """Some of the places."""
        return Tracks(self.corners[rows], self.weights[rows], self.pixels[rows], self.sigma_px[rows])

    def within(self, photos: Sequence[int]) -> Tracks:
        """What some of the photos (K,) show: the places that at least two of them do."""
        columns = list(photos)
        rows = self.seen[:, columns].sum(1) >= 2
        return Tracks(
            self.corners[rows], self.weights[rows], self.pixels[rows][:, columns], self.sigma_px[rows][:, columns]
        )


Matcher = Callable[[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]], Flow]


def follow(face: FaceTexels, views: Sequence[SkinView], reference: int, matcher: Matcher = flow_between) -> Tracks:
    """Follow places of the skin from the photo `reference` to the others."""
    start = views[reference]
    rows, columns = (grid.ravel() for grid in np.indices(start.weight.shape))
    chosen = (rows % STRIDE == 0) & (columns % STRIDE == 0) & (start.weight.ravel() > SHOWN)
    rows, columns = rows[chosen], columns[chosen]
    pixels = np.zeros((len(rows), len(views), 2))
    sigma = np.full((len(rows), len(views)), np.inf)
    pixels[:, reference] = start.pixel[rows, columns]
    sigma[:, reference] = MATCH_TEXELS * _texel_px(start, rows, columns)

    def both_ways(j: int) -> tuple[Flow, Flow]:
        here, other = (start.pattern, start.weight), (views[j].pattern, views[j].weight)
        return matcher(*here, *other), matcher(*other, *here)

    for j, (there, back) in in_order(both_ways, [j for j in range(len(views)) if j != reference]):
        other = views[j]
        shift = there.shift[rows, columns]
        places = np.stack([rows + shift[:, 1], columns + shift[:, 0]])
        gap = np.hypot(*(shift[:, k] + map_coordinates(back.shift[..., k], places, order=1) for k in range(2)))
        shown = map_coordinates(other.weight, places, order=1) > SHOWN
        detail, likeness = there.detail[rows, columns], there.likeness[rows, columns]
        good = shown & (gap < RETURN_TEXELS) & (likeness > LIKENESS) & (detail > DETAIL)
        for k in range(2):
            pixels[:, j, k] = map_coordinates(other.pixel[..., k], places, order=1)
        good &= np.isfinite(pixels[:, j]).all(1)
        at = np.clip(np.rint(places).astype(int), 0, np.array(start.weight.shape)[:, None] - 1)
        doubt = np.hypot(MATCH_TEXELS, gap) * _texel_px(other, at[0], at[1])
        good &= np.isfinite(doubt)
        sigma[good, j] = doubt[good]
        pixels[~good, j] = 0.0
    kept = (np.isfinite(sigma).sum(1) >= 2) & np.isfinite(sigma[:, reference])
    rows, columns = rows[kept], columns[kept]
    corners = face.triangles[face.texel[rows, columns]]
    return Tracks(corners, face.corner[rows, columns].astype(np.float64), pixels[kept], sigma[kept])


def joined(tracks: Sequence[Tracks]) -> Tracks:
    """All places of several."""
    names = ("corners", "weights", "pixels", "sigma_px")
    return Tracks(*(np.concatenate([getattr(one, name) for one in tracks]) for name in names))


def _texel_px(view: SkinView, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
    """Pixels of the photo per texel."""
    right = np.minimum(columns + 1, view.pixel.shape[1] - 1)
    below = np.minimum(rows + 1, view.pixel.shape[0] - 1)
    here = view.pixel[rows, columns]
    across = np.linalg.norm(view.pixel[rows, right] - here, axis=1)
    down = np.linalg.norm(view.pixel[below, columns] - here, axis=1)
    return np.clip(np.fmax(across, down), 0.2, 5.0).astype(np.float64)
