"""Where a clip cuts to another shot: the colours of the whole picture change at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: The picture is sampled about this finely, pixels along its longer edge; each colour channel falls into BINS bins.
SAMPLED_PX, BINS = 64, 8
#: Distance of neighbouring frames' colours (0 the same, 1 nothing in common) above which they may be two shots, and how
#: much larger than the usual distance of this clip it must be: a shaken camera is no series of cuts.
LEAST_DISTANCE, OVER_USUAL = 0.35, 6.0
#: Weight of one frame in the running mean of the distances.
MEMORY = 0.1
#: Share of the cells that change by more than CELL_CHANGE (0..255) at a cut, if the colours stay alike.
CELL_SHARE, CELL_CHANGE = 0.6, 40.0
#: Mean change of the cells (0..255), also over the usual one of this clip, above which the shot may have changed though
#: its colours stay: in eight clips of one shot each it was 5.4 and 4.4 at most, at cuts in one studio 19 and 50.
LEAST_CHANGE, CHANGE_OVER_USUAL = 4.0, 5.0


def _blur() -> NDArray[np.float64]:
    """A quarter of each neighbour's bin, half of its own; what would leave at the ends stays."""
    out = 0.5 * np.eye(BINS) + 0.25 * (np.eye(BINS, k=1) + np.eye(BINS, k=-1))
    out[[0, -1], [0, -1]] += 0.25
    return out


_BLUR = _blur()


class CutDetector:
    """Says of each frame, in their order, whether it begins a new shot.

    Attributes:
        abrupt: whether the last frame differs so much from the one before it that it may do so unseen: shots of one
            room have the same colours, and only who is in them tells.
    """

    def __init__(self) -> None:
        self.abrupt, self._usual_change = False, 1.0
        self._last: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self._usual = 0.02

    def is_cut(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether this frame (H, W, 3) uint8 begins a new shot; the first of all does not."""
        now = colours(pixels), cells(pixels)
        last, self._last = self._last, now
        self.abrupt = False
        if last is None:
            return False
        distance = 1.0 - float(np.minimum(last[0], now[0]).sum())
        replaced = last[1].shape == now[1].shape and float((np.abs(last[1] - now[1]) > CELL_CHANGE).mean()) > CELL_SHARE
        cut = (distance > LEAST_DISTANCE and distance > OVER_USUAL * self._usual) or (replaced and distance > 0.15)
        change = float(np.abs(last[1] - now[1]).mean()) if last[1].shape == now[1].shape else np.inf
        self.abrupt = change > max(LEAST_CHANGE, CHANGE_OVER_USUAL * self._usual_change)
        if not cut and not self.abrupt:
            self._usual += MEMORY * (distance - self._usual)
            self._usual_change += MEMORY * (change - self._usual_change)
        return cut


def colours(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The (BINS³,) shares of the colours of a picture, blurred over bins: a lamp's flicker stays small."""
    step = max(1, max(pixels.shape[:2]) // SAMPLED_PX)
    sampled = pixels[::step, ::step].reshape(-1, 3).astype(np.int64)
    bins = sampled * BINS // 256
    counts = np.bincount(bins @ np.array([BINS * BINS, BINS, 1]), minlength=BINS**3).reshape(BINS, BINS, BINS)
    soft = counts.astype(np.float64)
    for _ in range(3):  # each turn blurs the first axis and puts it last
        soft = np.tensordot(soft, _BLUR, (0, 1))
    return (soft / max(soft.sum(), 1.0)).ravel()


def cells(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean brightness of a grid of 8 × 8 cells of a picture."""
    rows, columns = pixels.shape[0] // 8, pixels.shape[1] // 8
    if not rows or not columns:
        return np.zeros((8, 8))
    step = max(1, min(rows, columns) // 6)
    grey = pixels[: rows * 8, : columns * 8, 1].reshape(8, rows, 8, columns)
    return grey[:, ::step, :, ::step].mean((1, 3), dtype=np.float64)
