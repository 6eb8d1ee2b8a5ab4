"""What each pixel around a face shows: skin, ears, hair, beard, glasses, a hat, a hand, clothes or what is behind.

Two networks run by onnxruntime look through the same upright window: a small one of our own that knows every part
(facegpt_lab.train.parts), and MediaPipe's hair segmenter, which draws the edge of hair better
(lab/runs/parts/README.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from facegpt.assets import asset_path
from facegpt.conventions import srgb_to_linear
from facegpt.detect.geometry import FACE_POINTS, derolled, upright_roll_rad
from facegpt.detect.outlines import in_hull
from facegpt.detect.windows import Photo, Window, read_bilinear, read_grid, read_grid_inside
from facegpt.encode.eyewear import SURE, Eyewear, eyewear
from facegpt.encode.false_hair import false_hair, looks_covered
from facegpt.fitting.occlusion import OCCLUDER, unhidden
from facegpt.runtime.start.kept_networks import open_kept
from facegpt.types import Array, AssetError, DensePoints

#: Parts by their number. A "hand" is any thing before the face that is neither glasses nor headwear.
PARTS = ("background", "skin", "ear", "hair", "beard", "glasses", "hat", "hand", "clothes")
BACKGROUND, SKIN, EAR, HAIR, BEARD, GLASSES, HAT, HAND, CLOTHES = range(9)
ASSET, HAIR_ASSET = "networks/face_parts.onnx", "networks/hair_mask.onnx"
#: Sides of the networks' inputs and of the map of parts, px.
INPUT_PX, HAIR_PX, MAP_PX = 192, 384, 192
#: Side of the segmenter's input for a quick look, whose map has half as many pixels of its own each way.
QUICK_HAIR_PX = 320
#: The window's side over the longer side of the box around the detector's face points.
SIDE_OVER_BOX = 2.4
MEAN_COLOUR, SD_COLOUR = 0.45, 0.25
#: A hat is doubted if so much of the belief in it, anywhere, stands where the segmenter takes it for hair.
DOUBT = 0.2
#: The networks disagree where ours believes in hair, a hat or clothes this much and the segmenter less in hair.
OURS, THEIRS = 0.5, 0.3
#: Pixels of the network of eyewear that a pixel of the map covers.
RIM_PX = 3
#: Outer corners of the eyes and the tip of the nose among the detector's points.
EYE_CORNERS, NOSE_TIP = (33, 263), 4
#: Hair around the lower face of somebody with a beard is beard, out to so many times the face's outline; amounts of
#: beard that are none, and surely one (`IdentityBelief.beard`: short ones are below a half).
BEARDED_OUT_TO, BEARDED_FROM = 1.2, (0.15, 0.35)


@dataclass(frozen=True, eq=False)
class FaceParts:
    """The parts around one face, on a square map that stands upright by the eye line.

    Attributes:
        probabilities: (S, S, 9) float32 in the order of PARTS; background where the photo ends.
        seen: (S, S) bool, where there is a photo.
        to_map: (2, 3) affine map from pixels of the photo to pixels of the map.
        doubted: (S, S) how much of the belief in a hat MediaPipe's segmenter takes for hair; None for none of it.
        points: (478, 2+) of the face's detection, px of the photo: where its eyes and lips are; None if not told.
        disputed: (S, S) bool, where our network sees hair, a hat or clothes and MediaPipe's segmenter no hair; None if
            not told.
        eyewear: what the network of eyewear says of the face; None if nobody looked.
        false_hair: whether networks took the face for hair, so that what hair it has is not known.
    """

    probabilities: NDArray[np.float32]
    seen: NDArray[np.bool_]
    to_map: Array
    doubted: NDArray[np.float32] | None = None
    points: Array | None = None
    disputed: NDArray[np.bool_] | None = None
    eyewear: Eyewear | None = None
    false_hair: bool = False

    def bareheaded(self) -> FaceParts:
        """The parts of a head that is known to wear nothing: what the segmenter takes for hair is hair."""
        if self.doubted is None:
            return self
        moved = np.minimum(self.doubted, self.probabilities[..., HAT])
        probabilities = self.probabilities.copy()
        probabilities[..., HAT] -= moved
        probabilities[..., HAIR] += moved
        return replace(self, probabilities=probabilities, doubted=None)

    def apart_from(self, own: Array, others: Sequence[Array]) -> FaceParts:
        """The parts of one head: what lies nearer to another face, in sizes of faces, is somebody else's, and unseen.

        own, others: points (478, 2+) of the detections, px.
        """
        if not others:
            return self
        rows, columns = np.indices(self.seen.shape)
        places = self.to_photo(np.column_stack([columns.ravel(), rows.ravel()])).reshape(*self.seen.shape, 2)
        theirs = np.min([_faces_away(places, one) for one in others], axis=0) < _faces_away(places, own)
        if not theirs.any():
            return self
        probabilities = self.probabilities.copy()
        probabilities[theirs] = np.eye(len(PARTS), dtype=np.float32)[BACKGROUND]
        doubted = None if self.doubted is None else np.where(theirs, np.float32(0), self.doubted)
        return replace(self, probabilities=probabilities, seen=self.seen & ~theirs, doubted=doubted)

    @property
    def px_per_photo_px(self) -> float:
        """How long a pixel of the photo is on the map."""
        return float(np.sqrt(abs(np.linalg.det(self.to_map[:, :2]))))

    def share(self, *parts: int) -> NDArray[np.float32]:
        """Probability (S, S) that one of some parts is seen."""
        return np.asarray(sum((self.probabilities[..., part] for part in parts), np.float32(0)))

    def at(self, pixels: Array) -> NDArray[np.float32]:
        """Probabilities (N, 9) at pixels (N, 2) of the photo, bilinear; outside the map those of its edge."""
        return read_bilinear(self.probabilities, self.on_map(pixels))

    def belief_at(self, pixels: Array, part: int) -> NDArray[np.float32]:
        """`at` for one part alone: (N,)."""
        return read_bilinear(np.ascontiguousarray(self.probabilities[..., part, None]), self.on_map(pixels))[:, 0]

    def belief_in(self, window: Window, side: int, *which: int) -> NDArray[np.float32]:
        """`share` of some parts at side × side pixels of a window of the photo: (side, side)."""
        out, to_map = np.empty((side, side), np.float32), self.to_map[:, :2] @ window.of_pixels(side)
        to_map[:, 2] += self.to_map[:, 2]
        read_grid(self.share(*which), to_map, out)
        return out

    def on_map(self, pixels: Array) -> NDArray[np.float64]:
        """Pixels (N, 2) of the photo in pixels of the map."""
        return np.ascontiguousarray(np.asarray(pixels, np.float64) @ self.to_map[:, :2].T + self.to_map[:, 2])

    def around(self, pixels: Array, part: int, reach: int, ends: tuple[float, float]) -> NDArray[np.float32]:
        """Whether a part lies within `reach` pixels of the map from pixels (N, 2) of the photo: (N,) in 0..1.

        ends: beliefs in the part that count as none, and as sure.
        """
        if self.probabilities[..., part].max() <= ends[0]:
            return np.zeros(len(pixels), np.float32)
        most = maximum_filter(self.probabilities[..., part], size=2 * reach + 1)
        belief = read_bilinear(most[..., None], self.on_map(pixels))[:, 0]
        return np.clip((belief - ends[0]) / (ends[1] - ends[0]), 0, 1).astype(np.float32)

    def to_photo(self, points: Array) -> Array:
        """Points (N, 2) of the map in pixels of the photo."""
        return np.linalg.solve(self.to_map[:, :2], (np.asarray(points, np.float64) - self.to_map[:, 2]).T).T


class PartsReader:
    """Tells the parts around faces. Safe to use from several threads. threads: cores that one call may use."""

    def __init__(self, threads: int = 1, device: str = "cpu") -> None:
        self._threads, self._device = threads, device

    @cached_property
    def _parts(self) -> Any:
        return self._opened(ASSET)

    @cached_property
    def _hair(self) -> Any:
        return self._opened(HAIR_ASSET)

    def _opened(self, name: str) -> Any:
        file = asset_path(name)
        try:
            return open_kept(file, self._threads, self._device)
        except Exception as error:  # onnxruntime raises many kinds, all of its own
            raise AssetError(f"the network '{file}' cannot be loaded ({error})") from None

    def read(
        self, image: NDArray[np.uint8] | Photo, points: Array, dense: DensePoints | None = None, quick: bool = False
    ) -> FaceParts:
        """Look at one face of an sRGB photo (H, W, 3) uint8 with the detector's points (478, 2+), px.

        dense: what the dense network says of the same face: it knows dark glasses well. quick: look less closely.
        """
        step = 2 if quick else 1
        side = MAP_PX // step
        photo, window = Photo.of(image), parts_window(points)
        logits = self.logits(photo.crop(window, INPUT_PX)[None])[0]
        hair = self.hair_in(photo, window, side, QUICK_HAIR_PX if quick else HAIR_PX)
        own = _softmax(_resized(logits, side))
        disputed = (own[..., [HAIR, HAT, CLOTHES]].sum(-1) > OURS) & (hair < THEIRS)
        probabilities = _with_hair(own, hair)
        probabilities, false = _without_false_hair(probabilities, photo, window, points)
        doubted = np.clip(hair - probabilities[..., HAIR], 0, probabilities[..., HAT])
        axes = window.axes() / MAP_PX
        to_map = np.linalg.inv(axes)
        offset = (MAP_PX - 1) / 2 - to_map @ (window.x, window.y)
        middles = (np.arange(side) + 0.5) / side
        places = window.to_photo(np.stack(np.meshgrid(middles, middles), -1))
        if dense is not None:
            probabilities = _with_glasses(probabilities, _before_eyes(places, points, dense))
            beard = 0.0 if dense.belief is None else dense.belief.beard or 0.0
            if beard > BEARDED_FROM[0]:
                probabilities = _with_beard(probabilities, beard, _lower_face(places, points))
        worn = eyewear(photo, points, self._device)
        probabilities = _with_rims(probabilities, worn, window)
        seen = _inside(places, photo)
        probabilities[~seen] = np.eye(len(PARTS), dtype=np.float32)[BACKGROUND]
        if quick:
            probabilities = probabilities.repeat(step, 0).repeat(step, 1)
            seen = seen.repeat(step, 0).repeat(step, 1)
            doubted = doubted.repeat(step, 0).repeat(step, 1)
            disputed = disputed.repeat(step, 0).repeat(step, 1)
        any_doubt = doubted if doubted.max() > DOUBT else None
        return FaceParts(
            probabilities, seen, np.column_stack([to_map, offset]), any_doubt, points, disputed, worn, false
        )

    def logits(self, crops: Array) -> NDArray[np.float32]:
        """Our network alone on windows (B, 3, 192, 192), sRGB 0..1: logits (B, 9, 96, 96)."""
        image = ((crops - MEAN_COLOUR) / SD_COLOUR).astype(np.float32)
        return self._parts.run(None, {"image": image})[0]

    def hair_in(self, photo: Photo, window: Window, side: int = MAP_PX, look_px: int = HAIR_PX) -> NDArray[np.float32]:
        """Probability of hair (side, side) in a window by MediaPipe's segmenter; 0 where the photo ends.

        It looks at what the photo has of the window, turned by quarters: past a photo's end, be it filled or
        repeated, it loses the hair that touches the end.
        """
        to_photo = window.of_pixels(side)
        at = np.array([[0, 0, 1], [side - 1, 0, 1], [0, side - 1, 1], [side - 1, side - 1, 1]]) @ to_photo.T
        first, last = np.array(photo.ends).reshape(2, 2)
        low = np.clip(np.floor(at.min(0)), first, last - 1)
        high = np.clip(np.ceil(at.max(0)) + 1, low + 1, last)
        extent = high - low
        middle, longest = (low + high - 1) / 2, float(extent.max())
        crop = photo.crop(Window(float(middle[0]), float(middle[1]), longest), look_px)
        wide = np.maximum(np.round(extent / longest * look_px / 32) * 32, 32).astype(int)
        start = ((look_px - wide) / 2).astype(int)
        crop = crop[:, start[1] : start[1] + wide[1], start[0] : start[0] + wide[0]]
        quarters = round(window.roll_rad / (np.pi / 2)) % 4
        found = self.hair(np.ascontiguousarray(np.rot90(crop, quarters, (1, 2)))[None])[0]
        whole = np.zeros((look_px, look_px), np.float32)
        whole[start[1] : start[1] + wide[1], start[0] : start[0] + wide[0]] = np.rot90(found, -quarters)
        to_map = to_photo * (look_px / longest)
        to_map[:, 2] += (look_px - 1) / 2 - middle * (look_px / longest)
        hair = np.empty((side, side), np.float32)
        read_grid_inside(whole, to_map, to_photo, photo.width, photo.height, hair)
        return hair

    def hair(self, crops: Array) -> NDArray[np.float32]:
        """MediaPipe's segmenter alone on windows (B, 3, H, W), sRGB 0..1: probability of hair (B, H, W)."""
        no_mask = np.zeros_like(crops[:, :1])
        name = self._hair.get_inputs()[0].name
        logits = self._hair.run(None, {name: np.concatenate([crops, no_mask], 1).astype(np.float32)})[0]
        return 1 / (1 + np.exp(np.clip(logits[:, 0] - logits[:, 1], -60, 60)))


@lru_cache(maxsize=2)
def parts_reader(device: str = "cpu") -> PartsReader:
    """The networks, opened once."""
    return PartsReader(device=device)


def parts(
    image: NDArray[np.uint8] | Photo,
    points: Array,
    dense: DensePoints | None = None,
    device: str = "cpu",
    quick: bool = False,
) -> FaceParts:
    """The parts around one face of an sRGB photo (H, W, 3) uint8; points (478, 2+) of its detection, px."""
    return parts_reader(device).read(image, points, dense, quick)


def map_crop(
    image: NDArray[np.uint8] | Photo, parts: FaceParts, side: int = MAP_PX, linear: bool = False
) -> NDArray[np.float32]:
    """The photo on the map of its parts (side, side, 3), sRGB 0..1, or linear."""
    back = np.linalg.inv(parts.to_map[:, :2])
    middle = back @ (np.full(2, (MAP_PX - 1) / 2) - parts.to_map[:, 2])
    length = float(np.hypot(*back[:, 0])) * MAP_PX
    window = Window(float(middle[0]), float(middle[1]), length, float(np.arctan2(back[1, 0], back[0, 0])))
    return Photo.of(image).kept_crop(window, side, linear)


def _faces_away(places: Array, points: Array) -> NDArray[np.float64]:
    """How many sizes of a face (its points (478, 2+), px) places (..., 2) lie from its middle."""
    face = np.asarray(points[:FACE_POINTS, :2], np.float64)
    low, high = face.min(0), face.max(0)
    return np.linalg.norm(places - (low + high) / 2, axis=-1) / max(float((high - low).max()), 1e-6)


def parts_window(points: Array) -> Window:
    """The upright window around a face that both networks look through."""
    roll = upright_roll_rad(points)
    upright = derolled(points[:FACE_POINTS, :2], roll)
    low, high = upright.min(0), upright.max(0)
    middle = derolled((low + high) / 2, -roll)
    return Window(float(middle[0]), float(middle[1]), float((high - low).max()) * SIDE_OVER_BOX, roll)


def _inside(at: Array, photo: Photo) -> NDArray[np.bool_]:
    """Which pixels (..., 2) a photo has."""
    first, last = np.array(photo.ends).reshape(2, 2)
    return np.asarray(((at > first - 0.5) & (at < last - 0.5)).all(-1))


def _resized(maps: Array, side: int) -> NDArray[np.float32]:
    """Maps (C, h, w) read bilinearly at the middles of side × side pixels."""
    size = maps.shape[-1]
    at = np.clip((np.arange(side) + 0.5) * size / side - 0.5, 0, size - 1)
    low = np.minimum(at.astype(int), size - 2)
    share = (at - low).astype(np.float32)
    across = maps[..., low] * (1 - share) + maps[..., low + 1] * share
    share = share[:, None]
    return (across[..., low, :] * (1 - share) + across[..., low + 1, :] * share).astype(np.float32)


def _before_eyes(places: Array, points: Array, dense: DensePoints) -> NDArray[np.float32]:
    """How likely the dense network sees something before the eyes, at pixels (S, S, 2); 0 farther off."""
    right, left = points[EYE_CORNERS[0], :2], points[EYE_CORNERS[1], :2]
    axis = left - right
    length = max(float(np.hypot(*axis)), 1e-6)
    away = (places - (left + right) / 2) @ np.array([[axis[0], -axis[1]], [axis[1], axis[0]]]) / length**2
    near = (np.abs(away[..., 0]) < 0.85) & (away[..., 1] > -0.3) & (away[..., 1] < 0.42)
    before = np.zeros(near.shape, np.float32)
    before[near] = 1 - unhidden(dense, places[near], (OCCLUDER,))
    return before


def _with_glasses(own: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.float32]:
    """Let what is sure to lie before the eyes be glasses."""
    share = np.clip(2 * before - 0.6, 0, 1)[..., None]
    return (own * (1 - share) + share * np.eye(len(PARTS), dtype=np.float32)[GLASSES]).astype(np.float32)


def _with_rims(own: NDArray[np.float32], worn: Eyewear, window: Window) -> NDArray[np.float32]:
    """Let rims of sure glasses before skin be glasses: finer than the map, whose pixels take the most of them."""
    if worn.worn < SURE:
        return own
    moved = worn.read(maximum_filter(worn.rims, RIM_PX), window, len(own)) * own[..., SKIN]
    own = own.copy()
    own[..., SKIN] -= moved
    own[..., GLASSES] += moved
    return own


def _lower_face(places: NDArray[np.float32], points: Array) -> NDArray[np.bool_]:
    """Which pixels (S, S, 2) lie about the face's outline, below the tip of the nose along the upright face."""
    face = np.asarray(points[:FACE_POINTS, :2], np.float64)
    middle = face.mean(0)
    right, left = face[EYE_CORNERS[0]], face[EYE_CORNERS[1]]
    across = left - right
    below = (places - face[NOSE_TIP]) @ np.array([-across[1], across[0]]) > 0
    return np.asarray(in_hull(places, middle + BEARDED_OUT_TO * (face - middle)) & below)


def _without_false_hair(
    own: NDArray[np.float32], photo: Photo, window: Window, points: Array
) -> tuple[NDArray[np.float32], bool]:
    """Let hair over a forehead that looks as the cheeks do be skin; and whether any was."""
    side = own.shape[0]
    back = np.linalg.inv(window.axes())
    places = ((np.asarray(points)[:, :2] - (window.x, window.y)) @ back.T + 0.5) * side - 0.5
    if not looks_covered(own[..., HAIR], places):
        return own, False
    colours = srgb_to_linear(photo.crop(window, side, repeat_border=True).transpose(1, 2, 0))
    rows = false_hair(own[..., HAIR], own[..., SKIN], places, colours)
    out = own.copy()
    out[rows, SKIN] += out[rows, HAIR]
    out[rows, HAIR] = 0
    return out, bool(rows.any())


def _with_beard(own: NDArray[np.float32], beard: float, lower: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Let what looks like hair around the lower face be beard, as surely as the face wears some, 0..1."""
    moved = own[..., HAIR] * lower * np.float32(np.interp(beard, BEARDED_FROM, (0, 1)))
    out = own.copy()
    out[..., HAIR] -= moved
    out[..., BEARD] += moved
    return out


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities (h, w, C) of logits (C, h, w). Plane by plane: reductions over so few channels take five times."""
    most = logits[0].copy()
    for plane in logits[1:]:
        np.maximum(most, plane, out=most)
    raised = np.exp(logits - most)
    total = raised[0].copy()
    for plane in raised[1:]:
        total += plane
    raised /= total
    return np.ascontiguousarray(np.moveaxis(raised, 0, -1))


def _with_hair(own: NDArray[np.float32], hair: NDArray[np.float32]) -> NDArray[np.float32]:
    """Let the segmenter say where hair is, but where our network is sure of headwear, glasses, a hand or a beard."""
    other = own[..., [BEARD, GLASSES, HAT, HAND]].sum(-1)
    hair = hair * (1 - np.clip(2 * other - 1, 0, 1))
    rest = 1 - own[..., HAIR]
    out = own * ((1 - hair) / np.maximum(rest, 1e-4))[..., None]
    out[..., HAIR] = hair
    return (out / np.maximum(out.sum(-1, keepdims=True), 1e-6)).astype(np.float32)
