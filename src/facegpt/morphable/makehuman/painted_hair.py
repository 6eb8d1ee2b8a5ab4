"""Hair that lies on the skin, painted strand by strand: brows, stubble and beard, moustache, cropped hair.

Where hair grows and which way are fields of the albedo asset (AlbedoModel.growth). All randomness is seeded: the same
hair gives the same texels. Colours are linear RGB albedo.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

from facegpt.morphable.kept_tables import kept_tables
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.brow_bridge import BROW_LENGTH_MM, bridge_at, millimetres_between
from facegpt.morphable.makehuman.strand_paint import draw_strands, shade_under
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array, Hair, ShapeError

#: Textures up to this side have texels far wider than strands: so much fewer ones, as much wider, cover them alike.
COARSE_SIDE, FEWER = 256, 0.25
#: Colour of grey hairs, linear RGB.
GREY = np.array([0.42, 0.41, 0.39], np.float32)
#: The picture that brow hairs are drawn in: pixels per mm, half its height and the margin past a brow's length, mm.
_BROW_PX, _BROW_HALF_MM, _BROW_MARGIN_MM = 24, 13.0, 6.0
#: Brows turn grey later than the head (exponent), to this share of GREY's brightness, and lose this share of cover.
_BROW_GREY_LATER, _BROW_GREY, _BROW_THINS = 1.5, 1.15, 0.15
#: Places along a brow from which its tail thins, and where it has ended.
_BROW_TAIL, _TAIL_HANGS = (0.6, 0.95), 0.4
#: Texels of a texture of 1024 by which a brow's tail may reach past the places that are known of it.
_TAIL_RIM = 8.0
#: From this height on a texel has no brow, mm.
_NO_BROW_MM = 50.0
#: Thickness of brows, SDs, at which none is left, and down to which they are whole.
BROW_GONE = (-5.0, -3.0)
#: Brows of a colour of their own cover the skin as that many layers do: a colour that is asked for is to be seen.
_NAMED_COVERS = 1.8
#: How dark the skin between the hairs of a brow is.
_BROW_SHADE = 0.85
#: Reach of the brow's own hairs around its middle line, mm: full, and none.
_BROW_CLEARED_MM = (5.5, 8.5)
#: How far from the middle hair between the brows is cleared, mm: in full, and not at all.
_BRIDGE_MM = (5.0, 11.0)
#: A SD of thickness makes a brow so much wider (logarithm), and its own hairs so much denser where they are a photo's.
_BROW_WIDER, _BROW_DENSER = 0.20, 0.12


@dataclass(frozen=True)
class Coat:
    """One kind of hair on the skin.

    Attributes:
        layer: row of the growth field `hair_density`.
        per_mm2: strands per mm² where the density is 1. width_mm: of a strand.
        length_mm: mean length. spread: SD of its logarithm. curl: SD of a strand's turn from the flow, radians.
        shade: share 0..1 by which roots and shadows cover the skin below.
        drawn: share of the strands that are drawn, as much wider: where hair lies over them few are seen.
    """

    layer: int
    per_mm2: float
    width_mm: float
    length_mm: float
    spread: float
    curl: float
    shade: float
    drawn: float = 1.0


def groom_texture(
    linear_rgb: Array, hair: Hair, size: int | None = None, keep_brows: bool = False, beard_share: Array | None = None
) -> NDArray[np.float32]:
    """Paint the hair that lies on the skin over a texture (S, S, 3) linear RGB of the default head's atlas.

    Brows are painted anew in their colour (unless keep_brows, for a photo's own), then beard and moustache, and
    the scalp of the style "cropped". Other styles are meshes. beard_share: (h, h) 0..1 over the growth fields, how much
    of a full beard grows there, for beards of a shape; None = all of it.

    Raises:
        ShapeError: if the texture is no square of a power of two.
    """
    picture = np.array(linear_rgb, np.float32)
    side = len(picture) if size is None else size
    if picture.shape != (side, side, 3) or side & (side - 1):
        raise ShapeError(f"a texture to groom must be (S, S, 3) with S a power of two, not {picture.shape}")
    growth = AlbedoModel.load().growth
    colour = np.asarray(hair.colour, np.float32)
    if hair.style == "cropped":
        grow_coat(picture, growth, Coat(2, 1.3, 0.14, 3.2, 0.25, 0.25, 0.85), colour, hair.grey, 5)
    if not keep_brows:
        _paint_brows(picture, growth, hair.of_brows)
    beard = hair.of_beard
    facial = np.clip(np.asarray(beard.colour) * [1.12, 1.0, 0.92], 0, 1).astype(np.float32)  # redder than the scalp
    if hair.beard > 0.01:
        shaped = growth if beard_share is None else _shaped(growth, beard_share)
        grow_coat(picture, shaped, _facial_coat(0, hair.beard), facial, beard.grey, 6)
    if hair.moustache > 0.01:
        grow_coat(picture, growth, _facial_coat(1, hair.moustache), facial, beard.grey, 7)
    return picture


def _shaped(growth: dict[str, NDArray], beard_share: Array) -> dict[str, NDArray]:
    """The growth fields with a beard of so much (h, h) of its density."""
    density = growth["hair_density"].copy()
    density[0] = np.round(density[0] * beard_share)
    return {**growth, "hair_density": density}


def _facial_coat(layer: int, amount: float) -> Coat:
    """Stubble at 0.3, a plain beard at 1; a moustache lies closer."""
    length = float(np.interp(amount, [0, 0.15, 0.3, 0.5, 1.0, 2.0], [0.3, 0.6, 1.1, 3.0, 9.0, 15.0]))
    dense = float(np.interp(amount, [0, 0.3, 0.6, 1.0], [0.05, 0.55, 0.95, 1.15]))
    shade = float(np.interp(amount, [0, 0.3, 0.6, 1.0], [0.0, 0.26, 0.5, 0.72]))
    return Coat(layer, dense, 0.13, 0.8 * length if layer == 1 else length, 0.3, 0.28, shade)


def grow_coat(picture: Array, growth: dict[str, NDArray], coat: Coat, colour: Array, grey: float, seed: int) -> None:
    """Shade the skin below a coat of hair and draw its strands over it, in place."""
    rng = np.random.default_rng(seed)
    density = growth["hair_density"][coat.layer].astype(np.float32) / 255
    side, coarse = len(picture), len(density)
    below = np.asarray(0.75 * (colour * (1 - grey) + GREY * grey), np.float64)
    shade_under(picture, _enlarged(density, side), coat.shade, below)
    fewer = min(coat.drawn, FEWER if side <= COARSE_SIDE else 1.0)
    expected = density * growth["texel_area"].astype(np.float32) * (fewer * coat.per_mm2)
    count = rng.poisson(expected)
    rows, columns = np.nonzero(count)
    repeats = count[rows, columns]
    roots = np.stack([np.repeat(columns, repeats), np.repeat(rows, repeats)], 1) + rng.random((int(repeats.sum()), 2))
    roots = roots[np.argsort(-roots[:, 1], kind="stable")] / coarse  # upper hair lies on lower hair
    number = len(roots)
    local = _at(density, roots)
    length = coat.length_mm * np.exp(coat.spread * rng.standard_normal(number)) * (0.15 + 0.85 * local)
    texel_mm2 = _at(growth["texel_area"].astype(np.float32), roots) * (coarse / side) ** 2
    tint = _strand_colours(rng, number, colour, grey)
    turn = coat.curl * rng.standard_normal((number, 2))
    cover = coat.width_mm / fewer * rng.uniform(0.7, 1.2, number)
    draw_strands(
        *(picture, roots.astype(np.float32), length.astype(np.float32), cover.astype(np.float32)),
        *(tint, turn.astype(np.float32), growth["hair_flow"].astype(np.float32), texel_mm2.astype(np.float32)),
    )


def _strand_colours(rng: np.random.Generator, number: int, colour: Array, grey: float) -> NDArray[np.float32]:
    """Every strand (N, 3) its own tone, some of them grey."""
    tone = np.exp(0.32 * rng.standard_normal((number, 1)))
    tint = np.where(rng.random((number, 1)) < grey, GREY, colour) * tone
    return np.clip(tint, 0, 0.9).astype(np.float32)


def _paint_brows(picture: Array, growth: dict[str, NDArray], hair: Hair) -> None:
    """Take the texture's own brows away and draw new ones, in place."""
    side = len(picture)
    view, place, above = _brow_view(picture, growth)
    _clear(view, _cleared_to(growth, above, picture), side)
    lifted = above - _lift_mm(place, hair.brow_arch)
    reduction = brow_reduction(side)
    shown, tone = (
        plane[..., None] for plane in sample_brow(place, lifted, brow_picture(hair.brow_thickness, reduction))
    )
    bare, _ = sample_brow(place, lifted, brow_picture(hair.brow_thickness, reduction, soft=0.0))
    left = np.float32(np.interp(hair.brow_thickness, BROW_GONE, (0.0, 1.0)))
    _lay_brow(view, shown * left, bare[..., None] * left, tone, hair)
    if hair.brow_bridge > 0:
        _lay_bridge(view, place, above, hair)


def _lay_bridge(view: Array, place: Array, above: Array, hair: Hair) -> None:
    """Draw the hair between brows that meet over a brow view (see `_brow_view`), in place."""
    between = bridge_at(place, above, hair.brow_bridge, hair.brow_thickness)
    _lay_brow(view, between.shaded[..., None], between.hairs[..., None], between.tone[..., None], hair)


def with_brow_bridge(linear_rgb: Array, hair: Hair) -> NDArray[np.float32]:
    """A photo's texture (S, S, 3) linear RGB with the hair between the brows that `hair` has, and no other change."""
    picture = np.array(linear_rgb, np.float32)
    _lay_bridge(*_brow_view(picture, AlbedoModel.load().growth), hair.of_brows)
    return picture


def without_brow_bridge(linear_rgb: Array) -> NDArray[np.float32]:
    """A photo's texture (S, S, 3) linear RGB with bare skin between the brows."""
    picture = np.array(linear_rgb, np.float32)
    view, place, above = _brow_view(picture, AlbedoModel.load().growth)
    across, height = millimetres_between(place, above)
    beyond = np.maximum(np.abs(across) - _BRIDGE_MM[0], 0) * (_BROW_CLEARED_MM[1] / np.ptp(_BRIDGE_MM))
    _clear(view, np.where(np.abs(across) < _BRIDGE_MM[1], np.hypot(height, beyond), _NO_BROW_MM), len(picture))
    return picture


def _lay_brow(view: Array, shown: Array, bare: Array, tone: Array, hair: Hair) -> None:
    """Lay hairs of a brow over a view (h, w, 3) of a texture, in place.

    shown: (h, w, 1) cover of hairs and of the shade below them. bare: of the hairs alone. tone: of each hair, 0..1.
    """
    grey = hair.grey**_BROW_GREY_LATER
    # Which hairs are grey goes with their tone; skin between them is in shade, but does not turn grey.
    share = np.clip((grey * 1.3 - (tone - 0.27) / 0.47) / 0.3, 0, 1)
    colour = np.asarray(hair.colour, np.float32) * 0.8
    colour = (colour * (1 - share) + _BROW_GREY * GREY * share) * (0.6 + 0.8 * tone)
    hairs = bare * (1 - _BROW_THINS * grey)
    if hair.brow_colour is not None:
        hairs = 1 - (1 - hairs) ** _NAMED_COVERS
    under = np.clip((shown - bare) / np.maximum(1 - bare, 1e-3), 0, 1)
    view *= 1 - _BROW_SHADE * (1 - 0.6 * grey) * under
    view *= 1 - hairs
    view += hairs * colour


def _brow_view(picture: Array, growth: dict[str, NDArray]) -> tuple[Array, NDArray[np.float32], NDArray[np.float32]]:
    """The part of a texture (S, S, 3) with both brows, a view of it; place along them and mm above their middle."""
    place, above = _along_brows(growth, len(picture))
    rows, columns = np.nonzero(np.abs(above) < _BROW_HALF_MM)
    box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    return picture[box], place[box], above[box]


def _along_brows(growth: dict[str, NDArray], side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Place along the brows and mm above their middle (side, side), far above wherever there is none.

    Between places that have a brow and those that have none nothing may be interpolated: it would pass through all of
    the brow on a texel, as a dark dot at its tail and stray lines below.
    """
    return _usual_brows(side) if growth is AlbedoModel.load().growth else _brows_of(growth, side)


@lru_cache(maxsize=2)
def _usual_brows(side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What `_along_brows` gives of the albedo model's own fields, found once a side; read-only."""
    found = _brows_of(AlbedoModel.load().growth, side)
    for plane in found:
        plane.flags.writeable = False
    return found


def _brows_of(growth: dict[str, NDArray], side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    place, above = (plane.astype(np.float32) for plane in growth["brow"])
    known = _enlarged((np.abs(above) < _NO_BROW_MM).astype(np.float32), side) > 0.999
    return _enlarged(place, side), np.where(known, _enlarged(above, side), np.float32(_NO_BROW_MM))


def _cleared_to(growth: dict[str, NDArray], above: Array, picture: Array) -> NDArray[np.float32]:
    """The heights `above` of a brow view, and beyond the brows' ends mm from there: own hairs go on past the tail."""
    coarse = growth["brow"][1].astype(np.float32)
    known = np.abs(coarse) < _NO_BROW_MM
    texel_mm = float(np.sqrt(np.median(growth["texel_area"][known].astype(np.float32))))
    away, nearest = distance_transform_edt(~known, return_indices=True)
    beyond = np.hypot(texel_mm * away, coarse[tuple(nearest)]).astype(np.float32)
    _, known_here = _along_brows(growth, len(picture))
    rows, columns = np.nonzero(np.abs(known_here) < _BROW_HALF_MM)
    box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    return np.where(np.abs(above) < _NO_BROW_MM, above, _enlarged(beyond, len(picture))[box]).astype(np.float32)


def _lift_mm(place: Array, arch: float) -> Array:
    """How much higher a brow lies at places 0..1 along it, of an arch in SDs."""
    return 1.15 * arch * (np.exp(-(((place - 0.6) / 0.26) ** 2)) - 0.30)


def reshaped_brows(linear_rgb: Array, thicker: float, arched: float) -> NDArray[np.float32]:
    """A photo's texture (S, S, 3) linear RGB whose own brows are thicker and more arched by so many SDs of adults.

    Its hairs are moved and not painted anew: what they take from the light of the skin below lies elsewhere then.
    """
    picture = np.array(linear_rgb, np.float32)
    view, place, above = _brow_view(picture, AlbedoModel.load().growth)
    bare = view.copy()
    _clear(bare, above, len(picture))
    bare = np.maximum(bare, 1e-4)
    hairs = np.log(np.maximum(view, 1e-4) / bare)
    from_mm = (above - _lift_mm(place, arched)) * np.exp(-_BROW_WIDER * thicker)
    uphill = np.stack([np.gradient(above, axis=axis) for axis in (0, 1)])  # mm a texel
    steps = (from_mm - above) * uphill / np.maximum((uphill**2).sum(0), 1e-6)
    at = np.mgrid[: above.shape[0], : above.shape[1]] + steps
    moved = np.stack([map_coordinates(hairs[..., c], at, order=1, mode="nearest") for c in range(3)], -1)
    near = (np.abs(above) < _BROW_HALF_MM)[..., None]
    view[...] = np.where(near, bare * np.exp(moved * np.exp(_BROW_DENSER * thicker)), view)
    return picture


def tapered_brows(picture: Array) -> NDArray[np.float32]:
    """A texture (S, S, 3) linear RGB whose brows end softly at the temples: their tails are pencil lines otherwise."""
    growth, out = AlbedoModel.load().growth, np.array(picture, np.float32)
    place, above = _along_brows(growth, len(out))
    missing = np.abs(above) >= _NO_BROW_MM  # the last texels of a tail lie past what is known of it, and would be dots
    away, nearest = distance_transform_edt(missing, return_indices=True)
    rim = missing & (away < _TAIL_RIM * len(out) / 1024)
    place, above = (np.where(rim, plane[tuple(nearest)], plane) for plane in (place, above))
    start, end = _BROW_TAIL
    tail = np.clip((place - start) / (end - start), 0, 1) * (np.abs(above) < _BROW_HALF_MM)
    _clear(out, above * (1 - _TAIL_HANGS * tail), len(out))  # a tail ends below the middle line
    return np.asarray(picture + (out - picture) * tail[..., None], np.float32)


def _clear(view: Array, above: Array, side: int) -> None:
    """Fill the brows' place with the skin around it, keeping the skin's grain, in place."""
    full, none = _BROW_CLEARED_MM
    away = np.clip((np.abs(above) - full) / (none - full), 0, 1)
    sigma = 9.0 * side / 1024
    outside = (np.abs(above) > none) & (np.abs(above) < 14.5)
    near = np.abs(above) < max(none, 14.5)
    if not near.any():  # nothing is read or changed elsewhere
        return
    box = tuple(slice(int(k.min()), int(k.max()) + 1) for k in np.nonzero(near))
    seen = outside[box].astype(np.float32)[..., None]
    skin = np.concatenate([view[box] * seen, seen], -1).astype(np.float32)
    total = np.zeros_like(skin)
    for width, share in ((sigma, 1.0), (2.5 * sigma, 1e-3)):  # near skin where there is some, else farther
        reach = int(4 * width + 0.5)
        room = np.pad(skin, ((reach, reach), (reach, reach), (0, 0)))
        total += share * gaussian_blur(room, width)[reach : reach + len(skin), reach : reach + skin.shape[1]]
    fill = total[..., :-1] / np.maximum(total[..., -1:], 1e-9)
    grain = np.exp(0.035 * np.random.default_rng(8).standard_normal(above.shape))[box][..., None]
    kept = away[box][..., None]
    view[box] = view[box] * kept + fill * grain * (1 - kept)


def brow_reduction(side: int) -> int:
    """By how much a brow's picture is reduced for a texture of this side: to about a pixel a texel."""
    return max(1, round(_BROW_PX * 0.32 * 1024 / side))


def sample_brow(
    place: Array, above: Array, picture: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Read cover and tone (...,) of a brow's picture at a place 0..1 and a height in mm (...,)."""
    scale = picture[0].shape[0] / (2 * _BROW_HALF_MM)
    along = (np.asarray(place) * BROW_LENGTH_MM + _BROW_MARGIN_MM) * scale - 0.5
    at = np.stack([(_BROW_HALF_MM - above) * scale - 0.5, along])
    cover, tone = (map_coordinates(plane, at, order=1, mode="constant") for plane in picture)
    return np.where(np.abs(above) < _BROW_HALF_MM, cover, 0), tone


@lru_cache(maxsize=16)
def brow_picture(thickness: float, reduce: int, soft: float = 0.55) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw one brow, inner end left: cover and tone (h, w) in 0..1, reduced by a whole factor.

    thickness: SDs. soft: how much of the skin between the hairs lies in their shadow, which counts as cover.
    """
    hairs, shades = _brow_hairs(thickness, reduce)
    shadow = gaussian_filter(hairs, 0.9 * _BROW_PX / reduce) if soft else 0.0
    return (1 - (1 - hairs) * (1 - soft * shadow)).astype(np.float32), shades


@lru_cache(maxsize=4)
def _brow_hairs(thickness: float, reduce: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The hairs of one brow alone: cover and tone (h, w) in 0..1; usual ones are kept from process to process."""
    if thickness:
        return _drawn_brow(thickness, reduce)
    cover, tone = kept_tables("brow_hairs", [str(reduce)], ["morphable/makehuman"], lambda: _drawn_brow(0.0, reduce))
    return cover, tone


def _drawn_brow(thickness: float, reduce: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(9)
    width = int((BROW_LENGTH_MM + 2 * _BROW_MARGIN_MM) * _BROW_PX)
    height = int(2 * _BROW_HALF_MM * _BROW_PX)
    cover, tone = Image.new("L", (width, height), 0), Image.new("L", (width, height), 128)
    pens = ImageDraw.Draw(cover), ImageDraw.Draw(tone)
    wide = float(np.exp(_BROW_WIDER * np.clip(thickness, -4, 4)))
    for _ in range(int(560 * wide**0.7)):
        line = [((x + _BROW_MARGIN_MM) * _BROW_PX, (_BROW_HALF_MM - y) * _BROW_PX) for x, y in _brow_hair(rng, wide)]
        strength, shade = int(rng.uniform(150, 245)), int(rng.uniform(70, 190))
        for k in range(5):
            pens[0].line(line[k : k + 2], fill=int(strength * (1 - 0.55 * (k / 4) ** 2)), width=4 if k < 3 else 3)
            pens[1].line(line[k : k + 2], fill=shade, width=4)
    found: NDArray[np.float32] = np.asarray(cover.reduce(reduce), np.float32) / np.float32(255)
    shades: NDArray[np.float32] = (np.asarray(tone.reduce(reduce), np.float32) / np.float32(255)).astype(np.float32)
    return found, shades


def _brow_hair(rng: np.random.Generator, wide: float) -> NDArray[np.float64]:
    """One hair (6, 2): mm from the brow's inner end outwards and above its middle line."""
    place = rng.beta(1.15, 1.15)
    half = wide * np.interp(place, [0, 0.1, 0.35, 0.7, 1], [1.6, 2.9, 3.3, 2.5, 0.9])
    row = np.clip(rng.normal(-0.1, 0.5), -1, 1)  # -1 the lower rim, 1 the upper rim
    lean = np.interp(place, [0, 0.12, 0.3, 0.6, 1], [74, 56, 36, 14, -14]) - 24 * row * min(place / 0.15, 1)
    angle = np.radians(lean + rng.normal(0, 7))
    length = rng.uniform(4.0, 7.5) * np.interp(place, [0, 0.15, 0.5, 1], [0.55, 0.75, 1.0, 0.7]) * wide**0.35
    bend = (angle - 0.35 * np.linspace(0, 1, 6) * np.sign(angle))[1:]
    x = place * BROW_LENGTH_MM + np.r_[0, np.cumsum(np.cos(bend))] * length / 5
    y = row * half - 0.25 * length * np.sin(angle) + np.r_[0, np.cumsum(np.sin(bend))] * length / 5
    return np.stack([x, y], 1)


def _enlarged(plane: Array, side: int) -> NDArray[np.float32]:
    """Resize a plane (h, h) bilinearly to (side, side), texel areas aligned."""
    image = Image.fromarray(np.asarray(plane, np.float32))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR), np.float32)


def _at(plane: Array, places: Array) -> NDArray:
    """Read a plane (h, h) at texture places (N, 2), u right and v down in 0..1."""
    return map_coordinates(plane, (places[:, ::-1] * len(plane) - 0.5).T, order=1, mode="nearest")
