"""Square windows of a photo, resampled without aliasing: what every network of the detector looks through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from facegpt.conventions import srgb_to_linear
from facegpt.render.scalar import INLINE
from facegpt.runtime.arrays import unwritable

Array = NDArray[np.floating]

#: A photo is read at the level of its pyramid where the samples of a window lie at most this many pixels apart:
#: bilinear reading stays nearly free of aliasing up to there.
MAX_STRIDE_PX = 1.5
#: A row or column repeats its neighbour where their mean difference is this small, levels. That tells of filling where
#: its own levels differ this much, or where it has one colour and so large a share of the first other row differs from
#: it by as much: beside a head before a white wall less does. What is filled up is at most a share of a side.
REPEATED, TELLING, BAR_ENDS, MOST_FILLED = 0.1, 8.0, 0.5, 0.45
#: Crops that a photo keeps for those who ask for them again.
KEPT_CROPS = 3
_UNIT, _THREE = np.float32(1.0 / 255.0), np.uintp(3)


@dataclass(frozen=True)
class Window:
    """A square of the photo, turned and perhaps mirrored.

    Attributes:
        x, y: centre in pixels of the photo (the centre of its first pixel is (0, 0)).
        side: length of an edge in pixels of the photo.
        roll_rad: turn of the window's x axis in the photo, positive clockwise as seen.
        mirrored: the window's x axis runs the other way, as in a mirror.
    """

    x: float
    y: float
    side: float
    roll_rad: float = 0.0
    mirrored: bool = False

    @classmethod
    def around(cls, width: int, height: int, scale: float = 1.0, roll_rad: float = 0.0) -> Window:
        """The smallest window that holds a whole photo, times `scale`."""
        return cls((width - 1) / 2, (height - 1) / 2, max(width, height) * scale, roll_rad)

    def with_middle_at(self, place: ArrayLike) -> Window:
        """The window moved so that what was in its middle lies at a place in it, in shares of its side."""
        off = self.to_photo(place) - (self.x, self.y)
        return replace(self, x=float(self.x - off[0]), y=float(self.y - off[1]))

    def axes(self) -> Array:
        """(2, 2): columns are the steps in the photo, in pixels, that cross the window along x and along y."""
        cosine, sine = self.side * np.cos(self.roll_rad), self.side * np.sin(self.roll_rad)
        flip = -1.0 if self.mirrored else 1.0
        return np.array([[flip * cosine, -sine], [flip * sine, cosine]])

    def of_pixels(self, size: int) -> Array:
        """(2, 3): the affine map from columns and rows of size × size pixels of the window to pixels of the photo."""
        steps = self.axes() / size
        return np.column_stack([steps, np.array([self.x, self.y]) - steps.sum(1) * (size - 1) / 2])

    def to_photo(self, points: ArrayLike) -> Array:
        """Take points (..., 2 or 3) from the window, whose corners are (0, 0) and (1, 1), to pixels of the photo.

        A third coordinate is depth in units of the window's side and becomes pixels.
        """
        inside = np.asarray(points, np.float64)
        moved = (inside[..., :2] - 0.5) @ self.axes().T + (self.x, self.y)
        return np.concatenate([moved, inside[..., 2:] * self.side], -1)


class Photo:
    """An sRGB image (H, W, 3) uint8 with its halved copies, made when first needed."""

    def __init__(self, image: NDArray[np.uint8]) -> None:
        self.height, self.width = image.shape[:2]
        self._levels = [np.ascontiguousarray(image)]
        self._cut: dict[int, NDArray[np.uint8]] = {}
        self._kept: dict[tuple[Window, int, bool], NDArray[np.float32]] = {}

    @classmethod
    def of(cls, image: NDArray[np.uint8] | Photo) -> Photo:
        """The photo itself, or that of an image (H, W, 3): whoever reads one twice keeps its copies."""
        return image if isinstance(image, Photo) else cls(image)

    def within(self, ends: tuple[int, int, int, int]) -> Photo:
        """The same photo, of which nothing is shown beyond columns and rows (left, top, right, bottom)."""
        cut = Photo(self._levels[0])
        cut._levels = self._levels
        own = self.ends
        cut.ends = max(own[0], ends[0]), max(own[1], ends[1]), min(own[2], ends[2]), min(own[3], ends[3])
        return cut

    @cached_property
    def ends(self) -> tuple[int, int, int, int]:
        """Columns and rows (left, top, right, bottom) between which the photo shows something.

        Beyond them it repeats its last row or column, or has bars of one colour, as pictures do that were filled up.
        """
        pixels = self._levels[0]
        top, bottom = (_filled(pixels[::step]) for step in (1, -1))
        left, right = (_filled(pixels.transpose(1, 0, 2)[::step]) for step in (1, -1))
        return left, top, self.width - right, self.height - bottom

    def level(self, number: int) -> NDArray[np.uint8]:
        """The photo halved `number` times; its pixel i covers pixels 2^n i … 2^n (i + 1) - 1 of the photo."""
        while len(self._levels) <= number:
            halved = Image.fromarray(self._levels[-1]).reduce(2)
            self._levels.append(np.asarray(halved))
        return self._levels[number]

    def kept_crop(self, window: Window, size: int, linear: bool = False) -> NDArray[np.float32]:
        """A window (size, size, 3), the edge repeated; those of the last windows are kept, and must not be changed.

        linear: in linear light.
        """
        key = window, size, linear
        if key not in self._kept:
            while len(self._kept) >= KEPT_CROPS:
                self._kept.pop(next(iter(self._kept)), None)
            if linear:
                crop = srgb_to_linear(self.kept_crop(window, size))
            else:
                crop = np.ascontiguousarray(self.crop(window, size, repeat_border=True).transpose(1, 2, 0))
            crop.flags.writeable = False
            self._kept[key] = crop
        return self._kept[key]

    def crop(self, window: Window, size: int, repeat_border: bool = False) -> NDArray[np.float32]:
        """Resample a window to (3, size, size), sRGB 0..1; beyond the ends black, or what is at the ends repeated."""
        stride, number = window.side / size, 0
        while stride > MAX_STRIDE_PX and min(self.height, self.width) >> number > 2:
            stride, number = stride / 2, number + 1
        scale = 1.0 / 2**number
        axes = window.axes() * (scale / size)
        corner = np.array([window.x + 0.5, window.y + 0.5]) * scale - 0.5 - axes @ np.array([size / 2, size / 2])
        result = np.empty((3, size, size), np.float32)
        image, first = self._shown(number)
        _resample(unwritable(image), axes, corner - first, repeat_border, result)
        return result

    def _shown(self, number: int) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        """A level of the photo between its ends, and the column and row of the level where that begins."""
        level, (left, top, right, bottom) = self.level(number), self.ends
        if (left, top, right, bottom) == (0, 0, self.width, self.height):
            return level, (0, 0)
        step = 2**number
        low, high = (-(-left // step), -(-top // step)), (max(right // step, 1), max(bottom // step, 1))
        if number not in self._cut:
            self._cut[number] = np.ascontiguousarray(level[low[1] : high[1], low[0] : high[0]])
        cut = self._cut[number]
        return (cut, low) if cut.size else (level, (0, 0))


def _filled(lines: NDArray[np.uint8]) -> int:
    """How many lines (N, M, 3) from the first on fill a picture up: repeat one another, or are a bar of one colour."""
    count, most = 0, int(MOST_FILLED * len(lines))
    bar = lines[0].std(0).mean() < TELLING
    if bar and np.ptp(lines[0].astype(np.int16), axis=0).max() > 2:
        return 0
    while count < most and np.abs(lines[count].astype(np.int16) - lines[count + 1]).mean() < REPEATED:
        count += 1
    if not bar:
        return count
    after = lines[min(count + 2 + len(lines) // 40, len(lines) - 1)].astype(np.int16)  # JPEG blurs the ends of bars
    ends = (np.abs(after - lines[0]).max(-1) > TELLING).mean() > BAR_ENDS
    return count + 1 if ends and 2 <= count < most else 0


@numba.njit(**INLINE)
def corners(height, width, x, y):  # type: ignore[no-untyped-def]
    """Columns left and right of a place, rows above and below it, and how far it lies behind the first of each.

    A place beyond the edges of a map (height, width) counts as the nearest one on them.
    """
    x, y = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
    left, top = int(x), int(y)
    return left, min(left + 1, width - 1), top, min(top + 1, height - 1), x - left, y - top


@numba.njit(**INLINE)
def mixed(first, right, below, last, fx, fy):  # type: ignore[no-untyped-def]
    """What lies between four corners, so far behind the first in x and in y (0..1)."""
    above = first * (1 - fx) + right * fx
    return above * (1 - fy) + (below * (1 - fx) + last * fx) * fy


@numba.njit(**INLINE)
def read_at(plane, x, y):  # type: ignore[no-untyped-def]
    """A plane (H, W) at a place, bilinear; beyond its edges what the edges have."""
    left, right, top, bottom, fx, fy = corners(plane.shape[0], plane.shape[1], x, y)
    return mixed(plane[top, left], plane[top, right], plane[bottom, left], plane[bottom, right], fx, fy)


@numba.njit(cache=True, nogil=True, fastmath=True)
def _resample(image, axes, corner, repeat_border, result):  # type: ignore[no-untyped-def]
    """Fill result (3, S, S) with bilinear readings of image (H, W, 3) uint8.

    The window's corner is at `corner`, and a step of one result pixel is a column of `axes`, in pixels of `image`.
    """
    height, width = image.shape[:2]
    size, flat, step_x, step_y = result.shape[1], image.reshape(-1), axes[0, 0], axes[1, 0]
    for row in range(size):
        x_row = corner[0] + step_x * 0.5 + axes[0, 1] * (row + 0.5)
        y_row = corner[1] + step_y * 0.5 + axes[1, 1] * (row + 0.5)
        first, last = _span(x_row, step_x, width - 1.001, size)
        above, below = _span(y_row, step_y, height - 1.001, size)
        first = max(first, above)
        last = max(min(last, below), first)
        _read_inside(flat, width, (x_row, y_row, step_x, step_y), first, last, result[:, row])
        for column in range(size - (last - first)):
            column += (column >= first) * (last - first)
            x, y = x_row + step_x * column, y_row + step_y * column
            if not repeat_border and (x < -0.5 or y < -0.5 or x > width - 0.5 or y > height - 0.5):
                result[0, row, column] = result[1, row, column] = result[2, row, column] = np.float32(0.0)
                continue
            left, right, top, bottom, behind_x, behind_y = corners(height, width, x, y)
            fx, fy = np.float32(behind_x), np.float32(behind_y)
            for channel in range(3):
                one, four = image[top, left, channel], image[bottom, right, channel]
                two, three = image[top, right, channel], image[bottom, left, channel]
                result[channel, row, column] = mixed(one, two, three, four, fx, fy) * _UNIT


@numba.njit(**INLINE)
def _span(start, step, highest, size):  # type: ignore[no-untyped-def]
    """The first of `size` columns that lies in 0..highest, and the one behind the last; columns begin at `start`."""
    if abs(step) < 1e-12:
        return (0, size) if 0 <= start <= highest else (0, 0)
    one, other = -start / step, (highest - start) / step
    return max(int(np.ceil(min(one, other))), 0), min(int(np.floor(max(one, other))) + 1, size)


@numba.njit(cache=True, nogil=True, fastmath=True)
def _read_inside(flat, width, line, first, last, out):  # type: ignore[no-untyped-def]
    """Fill columns first..last of out (3, S) from a picture in a row (H W 3,), whose edges they do not reach.

    line: where column 0 lies, x and y, and the step to the next one. Unsigned places are read without a check of their
    sign, which takes a third of the time.
    """
    x_row, y_row, step_x, step_y = line
    down = _THREE * np.uintp(width)
    for column in range(first, last):
        x, y = x_row + step_x * column, y_row + step_y * column
        left, top = np.int32(x), np.int32(y)
        fx, fy = np.float32(x - left) * _UNIT, np.float32(y - top)
        last_share = fx * fy
        below_share, right_share = fy * _UNIT - last_share, fx - last_share
        share = _UNIT - fx - below_share
        at = np.uintp(top) * down + np.uintp(left) * _THREE
        for channel in range(3):
            one, two = np.float32(flat[at]), np.float32(flat[at + _THREE])
            three, four = np.float32(flat[at + down]), np.float32(flat[at + down + _THREE])
            out[channel, column] = share * one + right_share * two + below_share * three + last_share * four
            at += np.uintp(1)


@numba.njit(cache=True, nogil=True)
def read_bilinear(maps, places):  # type: ignore[no-untyped-def]
    """Read maps (H, W, C) float32 at places (N, 2), x and y in pixels; beyond their edges what the edges have."""
    height, width, count = maps.shape
    out = np.empty((len(places), count), np.float32)
    for n in range(len(places)):
        left, right, top, bottom, fx, fy = corners(height, width, places[n, 0], places[n, 1])
        for c in range(count):
            first, last = maps[top, left, c], maps[bottom, right, c]
            out[n, c] = mixed(first, maps[top, right, c], maps[bottom, left, c], last, fx, fy)
    return out


@numba.njit(cache=True, nogil=True)
def read_grid(values, to_map, out):  # type: ignore[no-untyped-def]
    """Fill out (R, C) with a map (H, W) read where an affine map (2, 3) takes column and row; beyond it its edge."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            x = to_map[0, 0] * column + to_map[0, 1] * row + to_map[0, 2]
            y = to_map[1, 0] * column + to_map[1, 1] * row + to_map[1, 2]
            out[row, column] = read_at(values, x, y)


@numba.njit(cache=True, nogil=True)
def read_grid_inside(values, to_map, to_photo, width, height, out):  # type: ignore[no-untyped-def]
    """`read_grid`, with 0 beyond the map's edges, and where a second affine map leads out of a photo of that size."""
    rows, columns = values.shape
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            x = to_map[0, 0] * column + to_map[0, 1] * row + to_map[0, 2]
            y = to_map[1, 0] * column + to_map[1, 1] * row + to_map[1, 2]
            px = to_photo[0, 0] * column + to_photo[0, 1] * row + to_photo[0, 2]
            py = to_photo[1, 0] * column + to_photo[1, 1] * row + to_photo[1, 2]
            off_map = x < 0 or y < 0 or x > columns - 1 or y > rows - 1
            if off_map or px <= -0.5 or py <= -0.5 or px >= width - 0.5 or py >= height - 0.5:
                out[row, column] = 0
                continue
            out[row, column] = read_at(values, x, y)
