"""Frames compared with a photo: how well the edges and the area of each lie where glasses are seen.

Convention: the band is a small upright picture of what is about the eyes, of BAND_PX pixels a side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from facegpt.conventions import euler_deg_from_rotation, srgb_to_linear
from facegpt.detect.windows import Photo, Window
from facegpt.encode.eyewear import Eyewear
from facegpt.encode.parts import GLASSES, FaceParts
from facegpt.glasses.fit import TRIAL_BRIDGE_MM, Wearer, trial_front
from facegpt.glasses.score_kernel import compare, cover, place
from facegpt.glasses.trust import trust_beside_brows, trust_beside_hair
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.proxies import head_motion
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array, Camera, FaceParams, Glasses, Pose

#: Side of the band, mm of the head and pixels.
BAND_MM, BAND_PX = 180.0, 300
#: Pixels of the finer picture for one of the band.
FINER = 2
#: How far beside a rim skin and lens are looked at, mm.
BESIDE_MM = 1.8
#: Belief in glasses that is none.
UNSEEN = 0.2
#: What one place of a rim may count for at most, and against: a glint or a brow is not a frame.
MOST, LEAST = 0.25, -0.06
#: How much a difference of hue counts beside one of brightness.
HUE_SAYS = 1.0
#: Overlap from which what lenses cover begins to count, and counts in full: then it alone may make glasses sure.
FILLED = (0.2, 0.4)
#: How far from the middle of a lens to its edge the belief in glasses is read, as shares of the way.
SHARES = np.array([0.3, 0.55, 0.75, 0.93])


@dataclass(frozen=True, eq=False)
class Band:
    """What a photo shows about the eyes of a fitted head.

    Attributes:
        window: of the photo. image: (3, S, S) sRGB 0..1. belief: (S, S) of the parts network in glasses.
        pose: head at rest → camera, its turned neck included. camera: of the photo.
        weights: (2,) how far the left and the right half of a frame are turned to the camera, 0..1.
        parts: of the face; None for a drawing of rims. photo: that it was cut out of, if that is known.
    """

    window: Window
    image: Array
    belief: Array
    pose: Pose
    camera: Camera
    weights: Array
    parts: FaceParts | None
    photo: Photo | None = None

    @cached_property
    def fine(self) -> Array:
        """The image, FINER times as fine where the photo is known."""
        if self.photo is None:
            return self.image
        return np.asarray(self.photo.crop(self.window, FINER * BAND_PX), np.float32)

    @cached_property
    def grey(self) -> Array:
        """Its brightness (S, S), sRGB 0..1."""
        return np.asarray(self.image.mean(0))

    @cached_property
    def soft(self) -> Array:
        """The same, blurred by a millimetre."""
        return np.asarray(gaussian_blur(self.grey, BAND_PX / BAND_MM))

    @cached_property
    def hues(self) -> tuple[Array, Array]:
        """How red rather than green, and how yellow rather than blue, it is: (S, S) each, sRGB -1..1."""
        red, green, blue = self.image
        return np.asarray(red - green), np.asarray((red + green) / 2 - blue)

    @cached_property
    def soft_hues(self) -> tuple[Array, Array]:
        """The same, blurred by a millimetre."""
        red, yellow = (np.asarray(gaussian_blur(plane, BAND_PX / BAND_MM)) for plane in self.hues)
        return red, yellow

    @cached_property
    def trust(self) -> Array:
        """How far an edge may be a rim's: (S, S) in 0..1."""
        if self.parts is None:
            return np.ones((BAND_PX, BAND_PX))
        return np.asarray(self.hairless * trust_beside_brows(self.parts, _grid(self.window), BAND_PX))

    @cached_property
    def hairless(self) -> Array:
        """The same where brows and lashes hide nothing: (S, S) in 0..1."""
        if self.parts is None:
            return np.ones((BAND_PX, BAND_PX))
        return trust_beside_hair(self.parts, _grid(self.window), BAND_PX)

    @property
    def eyewear(self) -> Eyewear | None:
        """What the network of eyewear says of the face, if it looked."""
        return None if self.parts is None else self.parts.eyewear

    def drawing(self, worn: Eyewear) -> Band:
        """The same with rims and lenses as the network of eyewear sees them, rims dark on white."""
        rims, lenses = (worn.read(plane, self.window, BAND_PX) for plane in (worn.rims, worn.lenses))
        return replace(self, image=np.repeat(1 - MOST * rims[None], 3, axis=0), belief=lenses, parts=None)

    def outlined(self) -> Band:
        """A drawing with the outline of what glasses cover in the place of the rims."""
        edge = 4 * self.belief * (1 - self.belief)
        return replace(self, image=np.repeat(1 - MOST * edge[None], 3, axis=0))

    @property
    def sharp(self) -> float:
        """Pixels of the photo for a mm of the head."""
        return self.window.side / BAND_MM

    def colours(self, points: Array) -> Array:
        """Linear RGB (N, 3) of the photo at points (N, 3) of the head at rest."""
        return self.linear(self.place(points))

    def linear(self, places: Array) -> Array:
        """Linear RGB (..., 3) of the photo at places (..., 2) of the band."""
        return srgb_to_linear(np.stack([self.read_fine(places, channel) for channel in range(3)], -1))

    def moved(self, aside_mm: float, roll_deg: float, about: Array) -> Band:
        """The same for a frame that lies aside and crooked: moved to the subject's left and rolled about (3,)."""
        cosine, sine = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
        roll = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        shift = about - roll @ about + np.array([aside_mm, 0.0, 0.0])
        own = np.asarray(self.pose.rotation)
        return replace(self, pose=Pose(own @ roll, own @ shift + np.asarray(self.pose.translation)))

    @cached_property
    def view(self) -> Array:
        """(3, 4) from a point of the head at rest, and 1, to its pixel of the band times its depth, and the depth."""
        turn = np.column_stack([self.pose.rotation, self.pose.translation])
        focal, middle = self.camera.focal_px, np.asarray(self.camera.principal_px)
        inverse = np.linalg.inv(self.window.axes()) * BAND_PX
        beside = inverse @ (middle - (self.window.x, self.window.y)) + (BAND_PX - 1) / 2
        return np.ascontiguousarray(np.vstack([inverse * focal @ turn[:2] + np.outer(beside, turn[2]), turn[2]]))

    def place(self, points: Array) -> Array:
        """Points (..., 3) of the head at rest in pixels (..., 2) of the band."""
        flat = self.camera.project(self.pose.apply(points.reshape(-1, 3)))
        inside = (flat - (self.window.x, self.window.y)) @ np.linalg.inv(self.window.axes()).T + 0.5
        return np.asarray(inside * BAND_PX - 0.5).reshape(*points.shape[:-1], 2)

    def read_fine(self, places: Array, channel: int) -> Array:
        """A channel of the finer picture at places (..., 2) of the band, sRGB 0..1."""
        finer = self.fine.shape[1] / BAND_PX
        return self.read((places + 0.5) * finer - 0.5, self.fine[channel])

    def read(self, places: Array, plane: Array) -> Array:
        """A plane (S, S) at places (..., 2)."""
        return np.asarray(map_coordinates(plane, (places[..., 1], places[..., 0]), order=1, mode="nearest"))


def band_of(
    image: NDArray[np.uint8] | Photo, model: MorphableModel, params: FaceParams, parts: FaceParts, wearer: Wearer
) -> Band:
    """Cut the band out of a photo (H, W, 3) of `params.camera`."""
    turn, shift = head_motion(model, params)
    own = np.asarray(params.pose.rotation)
    pose = Pose(own @ turn, own @ shift + np.asarray(params.pose.translation))
    middle = wearer.pupils.mean(0)
    across = params.camera.project(pose.apply(np.stack([middle, *wearer.pupils])))
    axis = across[1] - across[2]
    roll = float(np.arctan2(axis[1], axis[0])) if np.hypot(*axis) > 1 else 0.0
    depth = float(pose.apply(middle[None])[0, 2])
    side = BAND_MM * params.camera.focal_px / max(depth, 1.0)
    window = Window(float(across[0, 0]), float(across[0, 1]), side, roll)
    photo = Photo.of(image)
    crop = photo.crop(window, BAND_PX)
    belief = parts.belief_in(window, BAND_PX, GLASSES)
    yaw = np.sin(np.radians(euler_deg_from_rotation(pose.rotation)[0]))
    weights = np.clip([1 - 1.4 * yaw, 1 + 1.4 * yaw], 0.0, 1.0)
    return Band(window, np.asarray(crop, np.float32), belief, pose, params.camera, weights, parts, photo)


def _grid(window: Window) -> Array:
    """The band's pixels in those of the photo, row by row: (S * S, 2)."""
    middles = (np.arange(BAND_PX) + 0.5) / BAND_PX
    return np.asarray(window.to_photo(np.stack(np.meshgrid(middles, middles), -1))).reshape(-1, 2)


@dataclass(frozen=True, eq=False)
class Outlines:
    """M frames laid out, N places along each left edge.

    Attributes:
        looks: M of them.
        rings: (M, 4, N, 3) head at rest, mm: on the rim, outside it, inside the lens, and its outer edge.
        rims: (M, N) width of the rim, mm.
    """

    looks: tuple[Glasses, ...]
    rings: Array
    rims: Array

    def lowered(self, drops_mm: tuple[float, ...]) -> Outlines:
        """Each frame at so many mm below where it lies."""
        looks = tuple(replace(look, drop_mm=look.drop_mm + drop) for look in self.looks for drop in drops_mm)
        rings = np.repeat(self.rings, len(drops_mm), axis=0)
        rings[..., 1] -= np.tile(drops_mm, len(self.looks))[:, None, None]
        return Outlines(looks, rings, np.repeat(self.rims, len(drops_mm), axis=0))


@dataclass(frozen=True, eq=False)
class Scores:
    """How well each of M frames lies on a photo: (M,) each.

    Attributes:
        dark, bright: how much darker or brighter than both sides the rims are, in mean; sRGB 0..1.
        step: how much darker lenses or rims are than what is outside.
        overlap: soft IoU of the lenses' area with the belief in glasses.
        hued: how much more or less red, or yellow, than both sides rims are: gold on skin is neither dark nor bright.
    """

    dark: Array
    bright: Array
    step: Array
    overlap: Array
    hued: Array

    @property
    def rims(self) -> Array:
        """How much rims stand out from both of their sides."""
        return np.asarray(np.maximum(np.maximum(self.dark, self.bright), HUE_SAYS * self.hued))

    @property
    def total(self) -> Array:
        """What frames are compared by."""
        filled = np.interp(self.overlap, FILLED, (0, 1)) * (0.6 * self.step + 0.2 * self.overlap)
        return np.asarray(np.maximum(self.rims, filled) + 0.15 * self.overlap)


def outlines_of(looks: tuple[Glasses, ...], wearer: Wearer, count: int, bridge_mm: float = TRIAL_BRIDGE_MM) -> Outlines:
    """Lay out frames; those that differ in `drop_mm` alone share one outline, which is moved."""
    kept: dict[tuple[Any, ...], tuple[Array, Array]] = {}
    rings, rims = [], []
    for look in looks:
        key = tuple(value for name, value in vars(look).items() if name != "drop_mm")
        if key not in kept:
            front = trial_front(replace(look, drop_mm=0.0), wearer, bridge_mm)
            every = len(front.edge) // count
            edge, outward, width = front.edge[::every], front.outward[::every], front.rims[::every, None]
            rim = np.maximum(width, 1.0)
            steps = np.stack([0.5 * rim, rim + BESIDE_MM, np.full_like(rim, -BESIDE_MM), width])
            kept[key] = front.place(edge + outward * steps), front.rims[::every]
        placed, width = kept[key]
        rings.append(placed)
        rims.append(width)
    laid = np.stack(rings)
    laid[..., 1] -= np.array([look.drop_mm for look in looks])[:, None, None]
    return Outlines(looks, laid, np.stack(rims))


def scores(band: Band, frames: Outlines, aside_mm: float = 0.0, soft: bool = False) -> Scores:
    """Lay frames on the band, moved by `aside_mm` to the subject's left; a soft band forgives what lies beside."""
    count, kinds, number, _ = frames.rings.shape
    places = np.empty((count, 2, kinds, number, 2))
    place(np.ascontiguousarray(frames.rings, np.float64), aside_mm, band.view, places)
    weights = np.asarray(band.weights / max(float(band.weights.sum()), 1e-6), np.float64)
    planes = (band.soft, *band.soft_hues) if soft else (band.grey, *band.hues)
    stands, overlap = np.empty((count, 4)), np.zeros(count)
    compare(places, *(np.ascontiguousarray(plane, np.float32) for plane in planes), weights, LEAST, MOST, stands)
    if band.belief.max() >= UNSEEN:
        belief = np.ascontiguousarray(band.belief, np.float32)
        cover(np.ascontiguousarray(places[:, :, 3]), belief, float(band.belief.sum()), SHARES, overlap)
    dark, bright, step, hued = stands.T
    return Scores(dark, bright, step, overlap, hued)


def plainly_scored(band: Band, frames: Outlines, aside_mm: float = 0.0, soft: bool = False) -> Scores:
    """`scores`, the slow way: the reference of its kernels."""
    left = frames.rings
    both = np.stack([left, left * [-1.0, 1.0, 1.0]], 1) + np.array([aside_mm, 0.0, 0.0])  # (M, 2, 4, N, 3)
    places = band.place(both)

    def beside(plane: Array) -> tuple[Array, Array, Array]:
        """A plane on the rims, outside and inside of them, (M, 2, N) each."""
        read = band.read(places[:, :, :3], plane)
        return read[:, :, 0], read[:, :, 1], read[:, :, 2]

    on, outside, inside = beside(band.soft if soft else band.grey)
    weights = band.weights / max(float(band.weights.sum()), 1e-6)

    def mean(values: Array) -> Array:
        return np.clip(values, LEAST, MOST).mean(2) @ weights

    low, high = np.minimum(outside, inside), np.maximum(outside, inside)
    step = mean(outside - np.minimum(inside, on + 0.1))
    hued = []
    for plane in band.soft_hues if soft else band.hues:
        rim, *sides = beside(plane)
        hued += [mean(np.minimum(*sides) - rim), mean(rim - np.maximum(*sides))]
    return Scores(mean(low - on), mean(on - high), step, _overlap(band, places[:, :, 3]), np.max(hued, axis=0))


def _overlap(band: Band, outer: Array) -> Array:
    """Soft intersection over union (M,) of areas within outlines (M, 2, N, 2), px, with the belief in glasses."""
    if band.belief.max() < UNSEEN:
        return np.zeros(len(outer))
    middle = outer.mean(2, keepdims=True)
    within = middle[:, :, None] + SHARES[:, None, None] * (outer - middle)[:, :, None]
    seen = np.einsum("meks,k->mes", band.read(within, band.belief), SHARES / SHARES.sum()).mean(2)
    after = np.roll(outer, -1, 2)
    area = 0.5 * np.abs((outer[..., 0] * after[..., 1] - after[..., 0] * outer[..., 1]).sum(2))
    both = (seen * area).sum(1)
    return both / np.maximum(area.sum(1) + float(band.belief.sum()) - both, 1e-6)
