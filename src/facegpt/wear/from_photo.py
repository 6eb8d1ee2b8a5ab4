"""Headwear of a photo: where it ends, how far it stands off the head, and what its cloth looks like.

The map of parts says where cloth is seen. What no photo shows is its mirror image, or goes on smoothly behind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, gaussian_filter1d, grey_erosion, map_coordinates

from facegpt.appearance.light import shading
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.detect.windows import Photo, read_bilinear
from facegpt.encode.parts import BACKGROUND, BEARD, CLOTHES, EAR, HAIR, HAT, MAP_PX, SKIN, FaceParts, map_crop
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import Array, FaceParams, Headwear
from facegpt.wear.behind import lowest_behind, outline_rays
from facegpt.wear.brim import is_peak
from facegpt.wear.brim_colour import brim_colour, crown_beside, dyed_by_brim, with_peak_rows
from facegpt.wear.brim_from_photo import HatSeen, before_head, with_seen_brim
from facegpt.wear.cloth import COLUMNS, ROWS, coarser, finer, on_map, packed
from facegpt.wear.cloth_mask import cloth_mask, crowned, hangs_low, like_cloth, scarf_below, surrounded, unlike_rest
from facegpt.wear.dye import unfolded
from facegpt.wear.pattern import ClothGrid, completed, pattern_samples
from facegpt.wear.peak_from_photo import CapSeen, has_peak, with_peak
from facegpt.wear.rim_from_photo import open_below, rim_of
from facegpt.wear.shell import MIDDLE, OFF_SKIN_MM, Underneath, cloth_mm, directions_of, edge_of, grid_normals
from facegpt.wear.sun_on_cloth import without_glare, without_sun
from facegpt.wear.worn import person_below, wears_headwear

#: Directions in which the edge is looked for around the pole, and steps from the pole to the opening, degrees.
EDGES, STEP_DEG = 48, 2.0
#: Rows and columns of the thickness; how far cloth may stand off, mm; its usual thickness, by kind.
OFF_ROWS, OFF_COLUMNS, OFF_STEP_MM, USUAL_MM = 13, 24, 2.0, {"cap": 7.0, "hood": 9.0}
OFF_MM = np.arange(-10.0, 120.0, OFF_STEP_MM)
#: Concentration of a neighbourhood on the sphere; weight of the mirrored side and of the usual.
NEAR, MIRRORED, PRIOR = 12.0, 0.3, 0.02
#: How far the crown of a cap stands off at most while its peak, which is part of the outline, is looked for, mm.
MOST_BEHIND_PEAK_MM = 14.0
#: Weight of a ray that the photo's end cuts off within the cloth.
CUT_SAYS = 0.5
#: Where edges of headwear lie at most and at least and usually, degrees from the pole: by turn, from the face (cap) or
#: from above (hood), to behind or below.
USUAL_EDGE = {"cap": ((0.0, 0.25, 0.5), (66.0, 84.0, 104.0)), "hood": ((0.0, 0.25, 0.5), (118.0, 112.0, 118.0))}
EDGE_DEG = {"cap": (40.0, 128.0), "hood": (70.0, 164.0)}
#: Belief from which a place shows cloth, and light below which its colour is not told.
SURE, DARK = 0.5, 0.05
#: How much of differences of the light and of its hue is believed of cloth, as a power.
LIGHT_SAYS = 0.5
#: Of the first coefficient of light, what falls on cloth of any side in the mean: the first harmonic itself.
AMBIENT = 0.2821
#: Albedo that hardly any cloth exceeds.
BRIGHTEST = 0.6
#: Pixels a side in which the photo is read for a pixel of the map; cells of cloth that have to be seen for a picture.
CROP, LEAST_TEXELS = 3, 5.0
#: Belief in hair from which a place is no sample of cloth.
HAIRLESS = 0.15
#: Share of directions around a face in which cloth is seen, from which it wears a hood: of 295 CC0 pictures the twelve
#: above wear one, and the next, .72, is bare. Least of the photo that is cloth then.
SURROUNDED, LEAST_CLOTH = 0.8, 0.05
#: The same of directions above a face, from which a hat lies on hair that is seen before it.
CROWNED = 0.8
#: The same around a face, from which cloth above it is wound around the head, and no brim.
WRAPPED = 0.9
#: Cosine to the camera from which a place is seen plainly; steps of bare skin along a direction from which it
#: tells where a hood ends at most.
PLAINLY, FEWEST_BARE = 0.35, 5
#: Pixels of the map along the photo's end that tell nothing: parts end there as well.
EDGE_PX = 3
#: Share of headwear among what is seen beside the lower face, from which it is a hood; the ring that is looked at, in
#: sizes of the face, and degrees from above.
HOOD, RING, BESIDE_DEG = 0.55, (1.12, 1.2, 1.3), (65.0, 135.0)


@dataclass(frozen=True, eq=False)
class ClothView:
    """One photo's view of the cloth.

    Attributes:
        params: of the head in it. parts: what is seen.
        belief: (S, S) that a pixel of the map of parts is of what is worn. dyed: (S, S) that it shows its cloth.
        inside: (S, S) what lies well inside the photo.
    """

    params: FaceParams
    parts: FaceParts
    belief: NDArray[np.float32]
    dyed: NDArray[np.float32]
    inside: NDArray[np.float32]

    def at(self, places: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Belief in cloth at head-frame places (..., 3) mm, and whether the photo has them (...)."""
        x, y = self.on_map(places)
        cloth = map_coordinates(self.belief, (y, x), order=1, mode="nearest")
        return cloth, np.asarray(map_coordinates(self.inside, (y, x), order=1, mode="constant") > 0.5)

    def on_map(self, places: Array) -> tuple[Array, Array]:
        """Pixels of the map (...), (...) where head-frame places (..., 3) are seen."""
        pixels = on_map(self.params, self.parts.to_map, places)
        return pixels[..., 0], pixels[..., 1]

    def facing(self, places: Array, normals: Array) -> Array:
        """Cosine between normals (..., 3) and the way to the camera (...)."""
        at = self.params.pose.apply(np.asarray(places, np.float64).reshape(-1, 3))
        turned = np.asarray(normals).reshape(-1, 3) @ np.asarray(self.params.pose.rotation).T
        cosine = -(at * turned).sum(1) / np.maximum(np.linalg.norm(at, axis=1), 1e-9)
        return np.asarray(cosine.reshape(np.shape(places)[:-1]))


def headwear_from_photo(
    image: NDArray[np.uint8] | Photo, model: MorphableModel, params: FaceParams, parts: FaceParts
) -> Headwear | None:
    """The headwear that a photo shows on a head that was fitted to it; None for head models that wear none.

    Args:
        image: (H, W, 3) uint8 sRGB of params.camera.
        model: the head.
        params: its fit; the lighting is what frees the cloth of the photo's light.
        parts: of the face; whether they show headwear is for the caller to tell.
    """
    if not wears_headwear(model):
        return None
    dyed = cloth_mask(map_crop(image, parts), parts)
    kind = kind_of(parts, dyed)
    below = person_below(model, params, kind)
    # Below a hood no hair is drawn: what is seen of it before the cloth is painted on its rim.
    cloth, belief = dyed, dyed
    if kind == "hood":
        colours = map_crop(image, parts)
        scarf = scarf_below(colours, parts)
        alike = like_cloth(colours, dyed, parts) if scarf is None else 1 - scarf
        cloth = dyed * alike  # what is below may be another's cloth: a scarf, a coat
        dyed = np.maximum(cloth, parts.share(HAIR))
        belief = np.maximum(dyed, parts.share(CLOTHES) * alike)
    inside = binary_erosion(parts.seen, iterations=EDGE_PX).astype(np.float32)
    view = ClothView(params, parts, belief, dyed, inside)
    look = None  # brims lie farther off than colours of the head are believed: the network alone tells them
    if kind == "cap" and not surrounded(belief, parts) > WRAPPED:
        rough = replace(view, belief=parts.share(HAT))
        look = with_seen_brim(
            _shaped(rough, below, None), below, _hat(image, rough, model), partial(_shaped, rough, below)
        )
    if look is None or not look.brim_mm:
        look = _shaped(view, below, Headwear(kind, _edge(view, below, behind=True), (USUAL_MM[kind],), 1))
        if kind == "hood":
            if scarf is not None:
                look = replace(look, edge_deg=open_below(look.edge_deg))
            within = np.maximum(parts.share(HAIR), unlike_rest(colours, cloth))
            look = replace(look, rim_deg=rim_of(view, below, look, within))
        if kind == "cap":
            look = _peaked(image, view, below, look)
    return _dyed(image, view, below, look)


def _peaked(image: NDArray[np.uint8] | Photo, view: ClothView, below: Underneath, look: Headwear) -> Headwear:
    """The cap with its peak, if it has one."""
    skin, colours = view.parts.share(SKIN), map_crop(image, view.parts)
    bright = np.log(srgb_to_linear(colours).mean(-1) + 1e-3)

    def pixels(places: Array) -> Array:
        return np.stack(view.on_map(places), -1)

    def look_at(at: Array) -> tuple[Array, Array]:
        read = [map_coordinates(plane, at.T[::-1], order=1, mode="nearest") for plane in (bright, skin)]
        return read[0], read[1]

    if not has_peak(look, below, pixels, look_at):
        return look
    cap = CapSeen(view.params, view.parts.to_map, view.belief > SURE, view.inside > SURE, colours)
    thin = replace(look, off_mm=tuple(np.minimum(look.off_mm, MOST_BEHIND_PEAK_MM).tolist()))
    look = with_peak(thin, below, cap)
    return _shaped(view, below, look, before_head(look, below, view.params, view.parts.to_map, len(cap.cloth)))


def _shaped(
    view: ClothView, below: Underneath, tried: Headwear | None, brim: NDArray[np.bool_] | None = None
) -> Headwear:
    """Headwear (`tried`, or of the edge that is seen) with the thickness that is seen beside its brim (S, S)."""
    if tried is None:
        tried = Headwear(below.kind, _edge(view, below), (USUAL_MM[below.kind],), 1)
    crown = view if brim is None else replace(view, belief=np.where(brim, np.float32(0), view.belief))
    return replace(tried, off_mm=_off(crown, below, tried), columns=OFF_COLUMNS)


def _hat(image: NDArray[np.uint8] | Photo, view: ClothView, model: MorphableModel) -> HatSeen:
    head = head_vertices(model, view.params)
    skin = np.unique(np.asarray(model.triangles)[np.asarray(model.part) == model.part_names.index("skin")])
    colours = map_crop(image, view.parts)
    return HatSeen(view.params, view.parts.to_map, view.belief, view.inside > SURE, head[skin], colours)


def cloth_over_hair(image: NDArray[np.uint8] | Photo, parts: FaceParts) -> str:
    """Where cloth lies though hair is believed inside it: "around" a face or "above" it; "" for none, or no telling."""
    if parts.points is None or parts.share(HAT)[parts.seen].mean() < LEAST_CLOTH:
        return ""
    cloth = cloth_mask(map_crop(image, parts), parts)
    if surrounded(cloth, parts) > SURROUNDED:
        return "around"
    return "above" if crowned(cloth, parts) > CROWNED else ""


def kind_of(parts: FaceParts, cloth: NDArray[np.float32] | None = None) -> str:
    """Whether cloth lies beside the lower face as well ("hood"), or above it only ("cap"), as where no points tell.

    cloth: (S, S) `cloth_mask` of the photo, where it was asked: a face that it surrounds wears a hood, and a turban
            hangs no lower than the ears.
    """
    if parts.points is None:
        return "cap"
    if cloth is not None and not hangs_low(cloth, parts):
        return "cap"
    if cloth is not None and surrounded(cloth, parts) > SURROUNDED:
        return "hood"
    points = parts.on_map(np.asarray(parts.points[:, :2]))
    low, high = points.min(0), points.max(0)
    middle, half = (low + high) / 2, (high - low) / 2
    turn = np.radians(np.arange(*BESIDE_DEG, 5.0))
    turn = np.concatenate([turn, -turn])
    ring = np.stack([np.sin(turn), -np.cos(turn)], 1)
    places = np.concatenate([middle + scale * half * ring for scale in RING])
    at = np.clip(np.rint(places).astype(int), 0, MAP_PX - 1)
    told = parts.probabilities[at[:, 1], at[:, 0]][parts.seen[at[:, 1], at[:, 0]]]
    own = told[:, [HAT, HAIR, SKIN, EAR]].sum() + 1e-6
    return "hood" if told[:, HAT].sum() / own > HOOD and (1 - told[:, BACKGROUND]).mean() > 0.2 else "cap"


def _edge(view: ClothView, below: Underneath, behind: bool = False) -> tuple[float, ...]:
    """Where the cloth ends, degrees from the pole: the split of what is seen into cloth and other things.

    behind: whether a cap comes as low there as beside the head, which a brim may look like.
    """
    turn = np.arange(EDGES) / EDGES
    low, high = EDGE_DEG[below.kind]
    polar = np.arange(low, high + STEP_DEG, STEP_DEG)
    grid = np.meshgrid(polar, turn, indexing="ij")
    ways = directions_of(below.kind, *grid)
    places = MIDDLE + ways * (below.skin_mm(*grid) + OFF_SKIN_MM)[..., None]
    cloth, inside = view.at(places)
    facing = view.facing(places, ways)
    shown = inside & (facing > 0.05)
    told = np.where(shown, 2 * cloth - 1, 0.0)  # + for cloth
    total = np.vstack([np.zeros(EDGES), np.cumsum(told, 0)])
    score = 2 * total - total[-1]
    best = score.argmax(0)
    clear = (told > 0).any(0) & (told < 0).any(0) & (best > 0) & (best < len(polar))
    found = np.where(clear, low + STEP_DEG * (best - 0.5), np.nan)
    found = np.where((best == len(polar)) & (told[-1] > 0), high, found)  # cloth to the end of what is looked at
    rest = np.interp(np.minimum(turn, 1 - turn), *USUAL_EDGE[below.kind])
    mirrored = found[(-np.arange(EDGES)) % EDGES]
    off = np.where(np.isfinite(found), found, mirrored) - rest
    known = np.isfinite(off)
    if known.any():  # what is not seen goes on as what is seen beside it, less and less
        rows = np.arange(EDGES)
        apart = np.abs((rows[:, None] - rows[known] + EDGES / 2) % EDGES - EDGES / 2) / EDGES
        weight = np.exp(-((apart / 0.08) ** 2))
        sums = weight.sum(1)
        near = weight @ off[known] / np.maximum(sums, 1e-9)
        off = np.where(known, off, near * np.clip(sums / 0.5, 0, 1))
    else:
        off = np.zeros(EDGES)
    least = lowest_behind(view, below, turn) if behind and below.kind == "cap" else np.zeros(EDGES)
    middle = _median(np.maximum(rest + off, least))
    smooth = gaussian_filter1d(middle, 1.0, mode="wrap")
    if below.kind == "hood":
        skin = map_coordinates(view.parts.share(SKIN, BEARD), view.on_map(places)[::-1], order=1, mode="nearest")
        bare = inside & (facing > PLAINLY) & (skin > SURE) & (cloth < SURE)
        usual = np.where(np.isfinite(mirrored), (mirrored + rest) / 2, rest)
        first = np.where(bare.sum(0) > FEWEST_BARE, np.maximum(polar[bare.argmax(0)], usual), np.inf)
        most = np.where(np.isfinite(found), middle + STEP_DEG, first)
        smooth = gaussian_filter1d(np.minimum(smooth, most), 0.8, mode="wrap")  # the face that is seen stays open
    return tuple(round(float(v), 2) for v in np.clip(smooth, low, high))


def _median(values: Array) -> Array:
    """The median of five neighbours around a ring (N,)."""
    return np.asarray(np.median([np.roll(values, k) for k in range(-2, 3)], axis=0))


def _off(view: ClothView, below: Underneath, look: Headwear) -> tuple[float, ...]:
    """How far the cloth stands off the head, by the outline that the photo shows: OFF_ROWS × OFF_COLUMNS."""
    polar, turn = np.meshgrid(np.linspace(0, 180, OFF_ROWS), np.arange(OFF_COLUMNS) / OFF_COLUMNS, indexing="ij")
    ways, known = directions_of(look.kind, polar, turn), []
    fine, hull, fine_polar, fine_turn, across = outline_rays(view.params, below)
    seen = fine_polar < edge_of(look, fine_turn) - 8
    rays = MIDDLE + fine[seen][:, None] * (hull[seen][:, None] + OFF_MM)[..., None]
    cloth, inside = view.at(rays)
    covered = (cloth > SURE) & inside
    start = int(np.searchsorted(OFF_MM, 0))
    for way, row, within, under, share in zip(fine[seen], covered, inside, hull[seen], across[seen], strict=True):
        if not row[: start + 3].any():
            continue
        first = int(np.argmax(row))
        ends = np.flatnonzero(~row[first:])
        if not len(ends):
            continue
        reach = share * (under + OFF_MM[first + ends[0]] - OFF_STEP_MM / 2)  # what stands out is seen from aside
        if within[first + ends[0]]:
            known.append((*way, reach - under, 1.0))
            known.append((-way[0], way[1], way[2], reach - under, MIRRORED))
        elif reach - under > USUAL_MM[look.kind]:  # cut off by the photo's end, it goes on at least so far
            known.append((*way, reach - under, CUT_SAYS))
    # What no photo shows is as thick as what is seen, and no thinner than usual: a wrap's pile lies on its crown.
    usual = max(USUAL_MM[look.kind], float(np.mean([each[3] for each in known])) if known else 0.0)
    if not known:
        return tuple([usual] * polar.size)
    told = np.array(known)
    weight = np.exp(NEAR * (ways.reshape(-1, 3) @ told[:, :3].T - 1)) * told[:, 4]
    off = (weight @ told[:, 3] + PRIOR * usual) / (weight.sum(1) + PRIOR)
    return tuple(round(float(v), 2) for v in np.clip(off, 1.0, OFF_MM[-1]))


def _dyed(image: NDArray[np.uint8] | Photo, view: ClothView, below: Underneath, look: Headwear) -> Headwear:
    """The same with the picture and the mean colour of its cloth."""
    share, turn = np.meshgrid((np.arange(ROWS) + 0.5) / ROWS, (np.arange(COLUMNS) + 0.5) / COLUMNS, indexing="ij")
    polar = share * edge_of(look, turn)
    ways = directions_of(look.kind, polar, turn)
    flush, places = (
        MIDDLE + ways * cloth_mm(one, below, polar, turn)[..., None] for one in (replace(look, rim_deg=()), look)
    )
    grid = ClothGrid(places, grid_normals(places), polar, turn)
    pixels, facing = np.stack(view.on_map(places), -1), np.clip((view.facing(places, grid.normals) - 0.25) / 0.35, 0, 1)
    crop = map_crop(image, view.parts, CROP * MAP_PX)
    sure = grey_erosion(view.dyed, 3) * (view.inside > SURE)

    def seen(at: Array, sure: Array = sure) -> tuple[Array, Array]:  # linear colour (..., 3), belief in cloth (...)
        flat = np.ascontiguousarray(at.reshape(-1, 2), np.float32)
        colour = read_bilinear(crop, flat * CROP + np.float32((CROP - 1) / 2)).reshape(*at.shape[:-1], 3)
        cloth = read_bilinear(sure[..., None], flat).reshape(at.shape[:-1])
        return np.maximum(srgb_to_linear(np.clip(colour, 0, 1)), 0.002), np.clip(2 * cloth - 0.8, 0, 1)

    def unlit(factor: Array | float, at: Array) -> tuple[Array, Array]:
        shown, cloth = seen(np.stack(view.on_map(at), -1))
        return shown * factor, cloth

    sure *= without_glare(crop, sure)
    crown = sure  # what a brim hides of the crown shows the brim
    if look.brim_mm:
        brim = before_head(look, below, view.params, view.parts.to_map, len(sure))
        crown = crown_beside(sure, brim, crop[CROP // 2 :: CROP, CROP // 2 :: CROP])
    weight = facing * seen(pixels, crown)[1]
    if weight.sum() < LEAST_TEXELS:
        level = max(float(np.asarray(view.params.lighting)[0].mean()) * AMBIENT, DARK)
        return dyed_by_brim(look, below, partial(unlit, 1 / level))
    light = _light(view, grid_normals(flush), weight)  # a rim lies in what light its hood has
    colour, cloth = seen(finer(pixels), crown)
    weight = finer(facing) * cloth
    own = without_sun(colour / finer(light), weight, finer(light))
    told = weight > 0.5
    brightest = float(np.quantile(own[told].mean(-1), 0.9)) if told.any() else 0.0
    own = np.clip(own * min(1.0, BRIGHTEST / max(brightest, 1e-6)), 0.002, 0.9)  # cloth in the sun, a face in the shade
    logs = np.log(unfolded(own, weight))
    mean = np.exp(np.average(logs.reshape(-1, 3), axis=0, weights=weight.ravel()))
    lit = np.average((np.log(colour) - logs).reshape(-1, 3), axis=0, weights=weight.ravel())
    mirrored = 0.6 * weight[:, ::-1] * np.clip(1 - 4 * weight, 0, 1)  # two patterns at once would be none
    total = weight + mirrored
    logs = (logs * weight[..., None] + logs[:, ::-1] * mirrored[..., None]) / np.maximum(total, 1e-6)[..., None]
    hairless = np.where(view.parts.share(HAIR) > HAIRLESS, 0, crown)

    def look_at(at: Array) -> tuple[Array, Array]:  # log colour without the usual light (..., 3), belief in cloth (...)
        shown, cloth = seen(np.stack(view.on_map(at), -1), hairless)
        return np.log(shown) - lit, cloth

    samples = pattern_samples(grid, coarser(weight), look_at)
    srgb = linear_to_srgb(np.clip(np.exp(completed(logs, total, grid, samples)), 0, 1)) * 255
    if is_peak(look):
        peak = brim_colour(look, below, partial(unlit, np.exp(-lit)))
        srgb = with_peak_rows(srgb, look, peak)
    red, green, blue = (round(float(v), 5) for v in mean)
    return replace(look, colour=(red, green, blue), cloth=packed(np.round(srgb).astype(np.uint8)))


def _light(view: ClothView, normals: Array, weight: Array) -> Array:
    """What falls on cloth of normals (H, W, 3), RGB; weight (H, W) says which of it is seen.

    What was fitted to a face says little of light on what looks another way, and its hue is skin's in part.
    """
    turned = normals.reshape(-1, 3) @ np.asarray(view.params.pose.rotation).T
    light = np.maximum(shading(turned, view.params.lighting), DARK).reshape(normals.shape)
    level = light.mean(-1, keepdims=True)
    usual = float(np.median(level[weight > 0.5])) if (weight > 0.5).any() else 1.0
    hue = np.median(light[weight > 0.5] / level[weight > 0.5], axis=0) if (weight > 0.5).any() else np.ones(3)
    return np.asarray(usual * (level / usual) ** LIGHT_SAYS * hue**LIGHT_SAYS)
