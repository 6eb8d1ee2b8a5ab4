"""The glasses of a photo: whether there are any, the contour of their lenses, their colours and their size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from facegpt.cielab import lab_from_linear, linear_from_lab
from facegpt.detect.windows import Photo
from facegpt.encode.eyewear import NONE, SURE
from facegpt.encode.parts import FaceParts
from facegpt.glasses.contour_fit import with_contour
from facegpt.glasses.fit import Front, Wearer, trial_front, wearer_of
from facegpt.glasses.frames import FRAMES, STYLES, check_style
from facegpt.glasses.rim_colour import rim_colour
from facegpt.glasses.rims_seen import LOW, rim_profiles, width_of
from facegpt.glasses.silhouettes import FILLED, Band, Scores, band_of, outlines_of, scores
from facegpt.morphable.base import MorphableModel
from facegpt.render.glasses import LACQUER, METAL_SHOWN
from facegpt.render.lighting import sh_basis
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, FaceGPTError, FaceParams, Glasses

#: Sizes and heights on the nose that are tried for each frame, and what refines them.
SIZES, DROPS_MM = (0.86, 0.93, 1.0, 1.08, 1.17), (-3.0, 0.0, 3.0, 6.0, 9.0)
#: Heights that are tried besides where glasses are sure: they may be worn on the tip of the nose.
LOWER_MM = (12.0, 15.0, 18.0, 21.0, 24.0)
#: Frames that a photo can show: a lens without a rim is no edge that can be told from a wrinkle.
SHOWN = tuple(style for style in STYLES if style != "rimless")
NEAR_SIZES, NEAR_DROPS_MM = (-0.06, -0.03, 0.0, 0.03, 0.06), (-2.1, -1.4, -0.7, 0.0, 0.7, 1.4, 2.1)
NEAR_ASIDE_MM = (-2.0, -1.0, 0.0, 1.0, 2.0)
FINER = {"size": (-0.015, 0.015), "drop_mm": (-0.4, 0.4), "aside": (-0.6, 0.6)}
#: How much less of the lenses seen a fitted contour covers at most than the likeliest frame (soft IoU).
LOOSER = 0.06
#: How often frames are refined.
ROUNDS = 2
#: Rims stand out by so much from the skin on both sides, sRGB 0..1; or lenses cover so much of what the parts network
#: takes for glasses, and then their edges stand out a little. Below the first, nothing is refined.
PROMISING, RIMS, COVERED, EDGES = 0.02, 0.055, FILLED[1], 0.03
#: Belief in glasses over the lenses from which they begin to hide the eyes, and hide them; least and most darkness.
OPAQUE, DARKNESS = (0.5, 0.9), (0.6, 0.98)
#: Chroma (CIELAB) from which half of a rim's hue is believed; the darkest of frames, linear.
HUE_FROM, DARKEST = 7.0, 0.004
#: Brightness, linear, from which half of a rim's purple is believed.
PURPLE_FROM = 0.04
#: Where flat fronts face, and where wires do, which are round: (N, 3) unit, head frame.
FRONT = np.array([[0.0, 0.0, 1.0]])
WIRE_FACES = np.array([[0.0, 0.0, 1.0], [0.8, 0.0, 0.6], [-0.8, 0.0, 0.6], [0.0, 0.8, 0.6], [0.0, -0.8, 0.6]])
#: Faces whose band is coarser than this show no rims, photo pixels for a mm; and turned farther, only dark lenses.
COARSEST, MOST_TURNED = 0.55, 0.35

#: A frame as it lies on the band: glasses, how far aside (mm), and how well.
Placed = tuple[Glasses, float, Scores]


@dataclass(frozen=True)
class FoundGlasses:
    """The glasses of a photo: None where there are none or it is unsure; how well rims and lenses lie on it."""

    look: Glasses | None
    rims: float = 0.0
    overlap: float = 0.0


def check_glasses(glasses: str) -> None:
    """Raise FaceGPTError if `glasses` is neither "auto", "none" nor the name of a frame."""
    if glasses not in ("auto", "none", *STYLES):
        raise FaceGPTError(f"glasses are 'auto', 'none' or a frame, not '{glasses}'; frames: {', '.join(STYLES)}")


@one_thread()
def glasses_from_photo(
    image: NDArray[np.uint8] | Photo, model: MorphableModel, params: FaceParams, parts: FaceParts, style: str = "auto"
) -> FoundGlasses:
    """Find the glasses of a head that was fitted to a photo.

    Args:
        image: (H, W, 3) uint8 sRGB of params.camera.
        model: the head.
        params: its fit; the lighting frees colours of the photo's light.
        parts: of the face.
        style: "auto", or the name of a frame, which then has the photo's colours where it shows any.

    Raises:
        FaceGPTError: if there is no such frame.
    """
    if style != "auto":
        check_style(style)
    if parts.eyewear is not None and parts.eyewear.worn < NONE:
        return FoundGlasses(None if style == "auto" else Glasses(style, FRAMES[style].colour))
    wearer = wearer_of(model, params.identity)
    band = band_of(image, model, params, parts, wearer)
    return glasses_in(band, wearer, params, style)


def common_glasses(found: Sequence[FoundGlasses]) -> Glasses | None:
    """The glasses of one person in several photos: the best seen of the commonest frame; None if most show none."""
    by_style: dict[str, list[FoundGlasses]] = defaultdict(list)
    for one in found:
        if one.look is not None:
            by_style[one.look.style].append(one)
    if 2 * sum(map(len, by_style.values())) <= len(found):
        return None
    common = max(by_style.values(), key=len)
    return max(common, key=lambda one: one.rims + one.overlap).look


def glasses_in(band: Band, wearer: Wearer, params: FaceParams, style: str = "auto") -> FoundGlasses:
    """The same, from what the photo shows about the eyes."""
    styles = SHOWN if style == "auto" else (style,)
    usual = None if style == "auto" else Glasses(style, FRAMES[style].colour)
    worn = band.eyewear
    if worn is not None and worn.worn > SURE:
        return _worn(band, band.drawing(worn), wearer, params, styles)
    if worn is not None and worn.worn < NONE:
        return FoundGlasses(usual)
    tried = _nearest(band, wearer, styles)
    if not tried:
        return FoundGlasses(usual)
    look, aside, found = tried[0]
    rims, overlap = float(found.rims[0]), float(found.overlap[0])
    clear, filled = _sure(found, band)
    if not (clear or filled):
        return FoundGlasses(usual, rims, overlap)
    if style == "auto" and not filled:
        look, band, front = with_contour(band, wearer, look, found)
        aside = 0.0
    else:
        front = trial_front(look, wearer)
    return FoundGlasses(_coloured(band, front, look, aside, params, filled), rims, overlap)


def _worn(band: Band, drawing: Band, wearer: Wearer, params: FaceParams, styles: tuple[str, ...]) -> FoundGlasses:
    """Glasses that are sure, of one of some styles. drawing: the band's rims and lenses as the network sees them."""
    tried = _nearest(drawing, wearer, styles, DROPS_MM + LOWER_MM)
    if not tried:
        return FoundGlasses(None)
    look, aside, found = tried[0]
    front = trial_front(look, wearer)
    filled = _opaque(band, front, aside) > 0.5
    if len(styles) > 1:
        fitted, about, edge = with_contour(band, wearer, look, found, drawing, filled)
        there = scores(replace(drawing, pose=about.pose), outlines_of((fitted,), wearer, 64))
        if there.overlap[0] > found.overlap[0] - LOOSER:
            look, aside, band, front = fitted, 0.0, about, edge
        else:  # a rim was lost on the way, as on far sides of turned heads: the likeliest frame lies better
            look, aside, found = next(one for one in tried if one[0].style != "browline")
            front = trial_front(look, wearer)
    look = _coloured(band, front, look, aside, params, filled)
    return FoundGlasses(look, float(found.rims[0]), float(found.overlap[0]))


def _nearest(
    band: Band, wearer: Wearer, styles: tuple[str, ...], drops_mm: tuple[float, ...] = DROPS_MM
) -> list[Placed]:
    """The frames as they lie best on the band, sure ones before others, then the best first; [] if none promises."""
    frames = outlines_of(tuple(Glasses(style, size=size) for style, size in product(styles, SIZES)), wearer, 16)
    frames = frames.lowered(drops_mm)
    looks, found = frames.looks, scores(band, frames, soft=True)
    if found.total.max() < PROMISING or max(found.rims.max(), found.overlap.max() - 0.2) < PROMISING:
        return []
    order = np.argsort(-found.total)
    likeliest = {looks[k].style: looks[k] for k in order[::-1]}  # of each frame the last, its best, stays
    tried = [_refined(band, wearer, look) for look in likeliest.values()]
    return sorted(tried, key=lambda one: (any(_sure(one[2], band)), float(one[2].total[0])), reverse=True)


def _sure(found: Scores, band: Band) -> tuple[bool, bool]:
    """Whether one place of a frame is sure by its rims, and by what its lenses cover."""
    rims, overlap = float(found.rims[0]), float(found.overlap[0])
    clear = rims > RIMS and band.sharp > COARSEST and band.weights.min() > MOST_TURNED
    return bool(clear), overlap > COVERED and max(float(found.step[0]), rims) > EDGES


def _refined(band: Band, wearer: Wearer, look: Glasses) -> Placed:
    """The same frame moved and sized until it lies better nowhere near: first on a grid, then step by step."""
    near = product(NEAR_SIZES, NEAR_DROPS_MM)
    looks = tuple(replace(look, size=look.size + size, drop_mm=look.drop_mm + drop) for size, drop in near)
    outlines = outlines_of(looks, wearer, 32)
    totals = np.stack([scores(band, outlines, aside).total for aside in NEAR_ASIDE_MM])
    column, row = np.unravel_index(int(totals.argmax()), totals.shape)
    look, aside = looks[row], NEAR_ASIDE_MM[column]
    best = scores(band, outlines_of((look,), wearer, 64), aside)
    for round_ in range(ROUNDS):
        share = 0.6**round_
        for name, steps in FINER.items():
            for step in steps:
                moved = aside + step * share if name == "aside" else aside
                other = look if name == "aside" else replace(look, **{name: getattr(look, name) + step * share})
                found = scores(band, outlines_of((other,), wearer, 64), moved)
                if found.total[0] > best.total[0]:
                    look, aside, best = other, moved, found
    return look, aside, best


def _coloured(band: Band, front: Front, look: Glasses, aside: float, params: FaceParams, filled: bool) -> Glasses:
    """The frame in the photo's colours: median pixels of rims and lenses, freed of the light that falls on them."""
    side = int(band.weights[1] > band.weights[0] + 0.2)  # the half that is turned to the camera
    flip = np.array([1.0 - 2.0 * side, 1.0, 1.0])
    low = front.edge[:, 1] < LOW * front.height_mm / 2  # brows lie beside what is above
    width = width_of(rim_profiles(band, front, aside)[:, low], filled)
    rims = np.maximum(front.rims, 1.0)
    thinnest, thickest = (0.8, 1.25) if filled else (0.6, 2.0)  # a rim beside a dark lens hardly shows its width
    thickness = 1.0 if look.lens else float(np.clip(width / max(float(rims[low].mean()), 0.5), thinnest, thickest))
    light = _light(band, params)
    on_rims = METAL_SHOWN * _light(band, params, WIRE_FACES) if front.metal and look.style != "browline" else light
    colour = _frame_colour(rim_colour(band, front, aside), on_rims)
    inner = _within(front)
    lens = np.median(band.colours(inner * flip + [aside, 0, 0]), 0) / light
    beside = front.place(front.edge[low] + front.outward[low] * (rims[low, None] * thickness + 3.0))
    skin = np.median(band.colours(beside * flip + [aside, 0, 0]), 0) / light
    tint, dark = _tint(lens, skin, _opaque(band, front, aside)) if filled else (look.tint, 0.0)
    return replace(look, colour=_triple(colour), tint=tint, darkness=dark, thickness=round(thickness, 3))


def _within(front: Front) -> Array:
    """Places (N, 3) within the left lens, head frame."""
    middle = np.array([front.middle, 0.0])
    return front.place(middle + np.linspace(0.1, 0.75, 5)[:, None, None] * (front.edge - middle)).reshape(-1, 3)


def _opaque(band: Band, front: Front, aside: float) -> float:
    """How sure the parts network is, 0..1, that lenses hide what is behind them, on the half turned to the camera."""
    flip = np.array([1.0 - 2.0 * (band.weights[1] > band.weights[0] + 0.2), 1.0, 1.0])
    return float(np.median(band.read(band.place(_within(front) * flip + [aside, 0, 0]), band.belief)))


def _frame_colour(seen: Array, light: Array) -> Array:
    """A rim's colour (3,) linear as frames have it, from what is seen of it in a light (3,).

    What a rim mirrors is drawn by itself. A faint hue is that of what it mirrors, or of skin that its pixels mix with:
    it is believed as far as it is strong in the photo and stays so without the light, which a black rim mirrors less of
    than skin does. The purple of dark rims, which frames hardly have and such mixtures do, is grey or blue.
    """
    tone, *own = lab_from_linear(np.maximum(seen / light - LACQUER[0], DARKEST))
    hue = lab_from_linear(seen)[1:]
    strong = max(float(hue @ own), 0.0)
    believed = strong / (strong + HUE_FROM**2)
    colour = linear_from_lab([tone, *(believed * np.array(own))])
    purple = max(min(colour[0], colour[2]) - colour[1], 0.0)
    colour[1] += purple * PURPLE_FROM / (PURPLE_FROM + float(colour.mean()))
    return np.clip(colour, DARKEST, 0.85)


def _light(band: Band, params: FaceParams, faces: Array = FRONT) -> Array:
    """What falls on a frame whose surface faces (N, 3), head frame: (3,) linear RGB, the mean."""
    towards = np.asarray(faces @ np.asarray(band.pose.rotation).T, np.float32)
    fallen = np.clip(sh_basis(towards) @ np.asarray(params.lighting), 0.05, None)
    return np.asarray(fallen.mean(0), np.float64)


def _tint(lens: Array, skin: Array, opaque: float) -> tuple[tuple[float, float, float], float]:
    """Colour and darkness of lenses that look like `lens` (3,) before skin (3,): linear, freed of light.

    opaque: 0..1, how sure it is that nothing is seen through them: mirrored ones are bright and hide the eyes all the
    same.
    """
    ratio = float(lens.mean() / max(float(skin.mean()), 1e-3))
    seen_through = float(np.interp(opaque, OPAQUE, DARKNESS))
    dark = float(np.clip(max(1 - 0.7 * ratio, seen_through), *DARKNESS))
    tint = np.clip((lens - (1 - dark) * skin) / dark, 0.006, 0.9)
    return _triple(tint), round(dark, 3)


def _triple(colour: Array) -> tuple[float, float, float]:
    red, green, blue = (round(float(value), 4) for value in colour)
    return red, green, blue
