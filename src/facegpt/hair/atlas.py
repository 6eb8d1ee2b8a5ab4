"""The picture of hair that cards show: strips of painted strands, roots at the top. All randomness is seeded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.hair.plan import smooth
from facegpt.morphable.kept_tables import kept_tables
from facegpt.render.scalar import INLINE, JIT, ONE, ZERO
from facegpt.render.srgb_bytes import bytes_of_linear
from facegpt.types import Array, Hair

F = np.float32
#: Texels: height and width of the picture, and of one strip.
HEIGHT, WIDTH, STRIP = 512, 512, 64
#: Strands in each of the strips, from a solid lock to single hairs, and how far a strip tapers towards its tip.
STRANDS = (150, 150, 120, 90, 60, 34, 14, 7)
TAPER = (0.45, 0.55, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
DENSE, MEDIUM, SPARSE, SINGLE = (0, 1, 2), (3, 4), (5,), (6, 7)
#: Straight hair is cut, blunt or in layers: where its tufts end, how much shorter strands of a tuft are (SD) and over
#: which share they thin, shares of the strip; how much of the taper is left, and over which share other strands thin.
CUT = {"straight": ((0.95, 1.0), 0.04, 0.2), "layered": ((0.88, 1.0), 0.08, 0.3)}
BLUNT_TAPER, THIN = 0.3, 0.3
#: Strands of a tuft, how far they lean to its middle at their tips, and over what power of the length.
TUFT, TUFT_LEANS, TUFT_LATE = 9, 0.4, 5.0
#: Strands of short hair stay apart and thin over more of their length: cards that run to a point look like shards.
SHORT_THIN = 0.45
#: Sheaves that a strip's strands lie in, and how much these differ in brightness (log).
SHEAVES, SHEAF_TONE = 9, 0.18
#: Sine of the lean of a normal at the rim of a strand: less than 1, for cards are lit as a lock's surface.
NORMAL_LEANS = 0.7
#: Where strands of short hair begin at the latest, as a share of the strip: cards that begin as one lie like tiles.
ROOTS = {"beard": 0.4, "short": 0.35}
#: How much lighter tips are than the middle, and where along strands they begin to be: they are older.
FADED, FADES = 0.15, (0.4, 1.0)
#: No texel is brighter in any channel, linear.
BRIGHTEST = 0.9
#: Linear albedo of white hair.
WHITE = np.array([0.40, 0.385, 0.36], np.float32)
KINDS = ("straight", "wavy", "coily", "short", "braid", "loc", "beard", "curly", "ringlets", "layered")
#: Roughness of kinds of hair whose windings send light everywhere, where it is not as of others.
ROUGHNESS = {"coily": 0.88, "curly": 0.72, "ringlets": 0.72, "loc": 0.88}
#: Turns that strands wind along a strip, by kind; ringlets across a strip; how wide they wind, in halves of a strip;
#: how much their turns differ in phase, radians.
PAINTED_TURNS = {"wavy": 4.0, "curly": 8.0, "ringlets": 14.0}
RINGLETS, PAINTED_RADIUS = {"wavy": 9, "curly": 5, "ringlets": 5}, {"wavy": 0.26, "curly": 0.34, "ringlets": 0.34}
PHASES = {"wavy": 0.5, "curly": 1.2, "ringlets": 2.0}
#: How much brighter the outer side of a turn is than the mean; the share of a solid strip's strands that lie below its
#: ringlets, and how bright these are: depth between curls.
TURN_TONE, BELOW, BELOW_TONE = {"wavy": 0.3, "curly": 0.45, "ringlets": 0.45}, 0.35, 0.5


@dataclass(frozen=True, eq=False)
class Atlas:
    """Planes (HEIGHT, WIDTH) float32 in 0..1.

    Attributes:
        alpha: cover. tone: brightness of the strand, 1 on average. chance: uniform, the same along a strand: which
            strands are grey or highlighted. along: 0 root … 1 tip.
        lean: -1..1, how far the round of a strand leans to the right there.
    """

    alpha: Array
    tone: Array
    chance: Array
    along: Array
    lean: Array


@lru_cache(maxsize=4)
def atlas_of_kind(kind: str) -> Atlas:
    """The strips of a kind of hair, one of KINDS; they are painted once and kept from process to process."""
    return Atlas(*kept_tables("hair_strips", [kind], ["hair"], lambda: _painted(kind)))


def _painted(kind: str) -> tuple[Array, ...]:
    """Alpha, tone, chance, place along and lean of an atlas."""
    rng = np.random.default_rng(KINDS.index(kind) + 40)
    alpha, tone = np.zeros((HEIGHT, WIDTH), np.float32), np.zeros((HEIGHT, WIDTH), np.float32)
    chance, lean = np.zeros((HEIGHT, WIDTH), np.float32), np.zeros((HEIGHT, WIDTH), np.float32)
    for strip, (count, taper) in enumerate(zip(STRANDS, TAPER, strict=True)):
        lines, numbers, shade = _strands(kind, count, taper, rng)
        view = (slice(None), slice(strip * STRIP, (strip + 1) * STRIP))
        planes = [np.zeros((HEIGHT, STRIP), np.float32) for _ in range(4)]
        _paint(lines.astype(np.float32), numbers.astype(np.float32), shade.astype(np.float32), *planes)
        for plane in planes[1:]:  # painted over nothing: edges would be dark
            plane /= np.maximum(planes[0], 1e-4)
        if kind in ("braid", "loc"):
            _twist(kind, planes[0], planes[1])
        alpha[view], tone[view], chance[view], lean[view] = planes
    for plane in (tone, chance):  # what is between strands has the colour of those near it
        spread, mass = gaussian_filter(plane * alpha, 3), gaussian_filter(alpha, 3)
        usual = float((plane * alpha).sum() / alpha.sum())  # far from all strands: else thin strips darken when small
        plane[...] = np.where(alpha > 0.02, plane, (spread + 1e-2 * usual) / (mass + 1e-2))
    tone /= max(float((tone * alpha).sum() / alpha.sum()), 1e-6)
    along = np.repeat(np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None], WIDTH, 1)
    return alpha, tone, chance, along, lean


def _strands(kind: str, count: int, taper: float, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Middle lines (count, HEIGHT) in texels across; numbers (count, 6): width, start, end, tone, chance, thinning.

    And how bright each is along its length (count, HEIGHT), 1 on average.
    """
    v: Array = np.linspace(0, 1, HEIGHT)
    shade: Array = np.ones((count, HEIGHT))
    blunt = kind in CUT and count > 20
    taper = taper * BLUNT_TAPER if blunt or kind in ("beard", "short") else taper
    root = rng.normal(0.0, 0.42, count).clip(-0.92, 0.92) if count > 40 else rng.uniform(-0.85, 0.85, count)
    tips = root * (1 - taper) + 0.25 * rng.normal(0, 0.5, count)
    way: Array = root[:, None] + (tips - root)[:, None] * v**1.3
    phase, rate = rng.uniform(0, 2 * np.pi, (count, 1)), rng.uniform(0.5, 1.6, (count, 1))
    way += 0.07 * np.sin(2 * np.pi * rate * v + phase) * np.sqrt(v)
    if kind in PAINTED_TURNS:
        way, shade = _wound(kind, way, rng)
    tuft = np.zeros(count, int)
    if blunt:
        way, tuft = _in_tufts(way, rng)
    if kind == "coily":
        turns = rng.uniform(13, 22, (count, 1))
        size = rng.uniform(0.10, 0.22, (count, 1))
        way = 0.8 * way + size * np.sin(2 * np.pi * turns * v + phase) * np.minimum(8 * v, 1)
    middle = (STRIP - 1) / 2 * (1 + 0.92 * np.clip(way, -0.98, 0.98))
    end = rng.uniform(0.72, 1.0, count) if kind != "short" else rng.uniform(0.55, 1.0, count)
    if kind in PAINTED_TURNS:
        end = rng.uniform(0.6, 1.0, count)
    if kind == "coily":
        end = rng.uniform(0.82, 1.0, count)
    if kind == "beard":  # wiry, every hair its own way and length
        way = 0.9 * way + rng.uniform(0.03, 0.16, (count, 1)) * np.sin(2 * np.pi * 1.6 * rate * v + phase) * np.sqrt(v)
        middle = (STRIP - 1) / 2 * (1 + 0.92 * np.clip(way, -0.98, 0.98))
        end = rng.uniform(0.5, 1.0, count)
    if blunt:
        end = rng.uniform(*CUT[kind][0], tuft.max() + 1)[tuft] - CUT[kind][1] * np.abs(rng.standard_normal(count))
    end[: count // 8] = rng.uniform(0.6, 0.9, count // 8) if blunt else rng.uniform(0.4, 0.75, count // 8)
    begin = rng.uniform(0.0, ROOTS.get(kind, 0.012), count)
    width = rng.uniform(0.8, 1.5, count) * (1.15 if kind != "coily" else 0.9)
    tone = np.exp(0.20 * rng.standard_normal(count) + SHEAF_TONE * _sheaves(root, rng))
    thin = np.full(count, CUT[kind][2] if blunt else SHORT_THIN if kind == "short" else THIN)
    return middle, np.stack([width, begin, end, tone, rng.random(count), thin], 1), shade


def _in_tufts(way: Array, rng: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
    """Strands (N, HEIGHT), -1..1 across, that draw together to tufts at their tips, and the tuft (N,) of each."""
    count, v = len(way), np.linspace(0, 1, HEIGHT)
    tufts = max(3, count // TUFT)
    middle = np.quantile(way[:, -1], rng.uniform(0.02, 0.98, tufts))
    tuft = np.abs(way[:, -1:] - middle).argmin(1)
    leans = TUFT_LEANS * rng.uniform(0.5, 1.2, count) * (middle[tuft] - way[:, -1])
    return way + leans[:, None] * v**TUFT_LATE, tuft


def _wound(kind: str, way: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Strands (N, HEIGHT) of a strip, -1..1 across, in ringlets that wind; and how bright each is along its length."""
    count, v = len(way), np.linspace(0, 1, HEIGHT)
    ringlets = min(RINGLETS[kind], max(3, count // 4))
    mine = rng.integers(0, ringlets, count)
    turns = PAINTED_TURNS[kind] * np.exp(0.07 * rng.standard_normal(ringlets))
    phase = rng.uniform(0, 2 * np.pi) + PHASES[kind] * rng.standard_normal(ringlets)
    radius = PAINTED_RADIUS[kind] * rng.uniform(0.7, 1.2, ringlets)
    centre = np.linspace(-0.66, 0.66, ringlets) + 0.08 * rng.standard_normal(ringlets)
    place = 0.5 * (centre[mine, None] + way) if kind == "wavy" else centre[mine, None] * (1 - 0.25 * v)
    angle = 2 * np.pi * turns[mine, None] * v + phase[mine, None] + 0.25 * rng.standard_normal((count, 1))
    full = np.minimum(v * PAINTED_TURNS[kind], 1)
    wound = place + full * radius[mine, None] * np.sin(angle) + 0.07 * rng.standard_normal((count, 1))
    shade = 1 + TURN_TONE[kind] * full * np.cos(angle)
    below = int(BELOW * count) if count > STRIP and kind != "wavy" else 0
    wound[:below], shade[:below] = way[:below], BELOW_TONE
    return wound, shade


def _sheaves(root: Array, rng: np.random.Generator) -> Array:
    """A brightness (count,) that strands with near roots share, of mean 0: single ones are finer than a pixel."""
    shared = np.interp(root, np.linspace(-1, 1, SHEAVES), rng.standard_normal(SHEAVES))
    return shared - shared.mean()


def _twist(kind: str, alpha: Array, tone: Array) -> None:
    """Shade a strip as a plait or a loc, in place: lobes from either side, or one winding round."""
    y, x = np.mgrid[0:HEIGHT, 0:STRIP]
    across = (x - (STRIP - 1) / 2) / ((STRIP - 1) / 2)
    turns = 34.0 if kind == "braid" else 22.0
    lean = 0.7 * np.abs(across) if kind == "braid" else 0.8 * across
    phase = turns * y / HEIGHT - lean + (0.5 * (across > 0) if kind == "braid" else 0.0)
    lobe = np.abs(np.sin(np.pi * phase)) ** (0.5 if kind == "braid" else 0.8)
    tone *= (0.45 + 0.75 * lobe) * (1.1 - 0.5 * across**2)
    alpha[...] = np.maximum(alpha, np.clip((1.0 - np.abs(across) - 0.06) / 0.1, 0, 1) * (y < HEIGHT - 8))


@njit(cache=True)
def _paint(lines, numbers, bright, alpha, tone, chance, lean):  # type: ignore[no-untyped-def]
    """Paint strands (S, H) with numbers (S, 6), so bright (S, H), over the planes (H, W) of one strip."""
    height, width = alpha.shape
    for s in range(len(lines)):
        thick, begin, end = numbers[s, 0], numbers[s, 1], numbers[s, 2]
        for y in range(height):
            v = y / (height - 1)
            if v < begin or v > end:
                continue
            left = end - v
            half = 0.5 * thick * min(1.0, 0.25 + left / numbers[s, 5])
            strength = min(1.0, left / (0.17 * numbers[s, 5])) * min(1.0, (v - begin + 0.004) / 0.012)
            middle = lines[s, y]
            slope = abs(lines[s, min(y + 1, height - 1)] - lines[s, max(y - 1, 0)]) / 2
            half *= np.sqrt(1 + slope * slope)
            for x in range(max(int(middle - half - 1), 0), min(int(middle + half + 2), width)):
                away = abs(x - middle) / max(half, 0.3)
                cover = min(max(half + 0.5 - abs(x - middle), 0.0), 1.0) * strength
                if cover <= 0:
                    continue
                shade = numbers[s, 3] * bright[s, y] * (1.08 - 0.35 * min(away, 1.0))
                tone[y, x] += cover * (shade - tone[y, x])
                chance[y, x] += cover * (numbers[s, 4] - chance[y, x])
                round_at = min(max((x - middle) / max(half + 0.5, 0.8), -1.0), 1.0)
                lean[y, x] += cover * (round_at - lean[y, x])
                alpha[y, x] += cover * (1 - alpha[y, x])


@lru_cache(maxsize=4)
def strand_normals(atlas: Atlas) -> NDArray[np.uint8]:
    """Tangent-space normals (HEIGHT / 4, WIDTH, 3) uint8 of strands as cylinders: they change little along strands."""
    lean = NORMAL_LEANS * atlas.lean.reshape(HEIGHT // 4, 4, WIDTH).mean(1)
    normal = np.dstack([lean, np.zeros_like(lean), np.sqrt(1 - lean**2)])
    return np.round(127.5 * (normal + 1)).astype(np.uint8)


def coloured(atlas: Atlas, hair: Hair, times: float = 1.0, even: float = 0.0) -> NDArray[np.uint8]:
    """Colour an atlas, so many times as bright: (H, W, 4) uint8 sRGB with alpha. White goes with the strand.

    even: 0..1 how alike strands and their roots are; half of the share of grey hairs at least.
    """
    colours = np.array([hair.colour, hair.highlight_colour, WHITE], np.float32)
    faded, alpha = _kept_of(atlas)
    amounts = np.array([hair.highlights, hair.roots, hair.grey, faded, times, even], np.float32)
    linear = np.empty((*atlas.tone.shape, 3), np.float32)
    _colour(atlas.along, atlas.chance, atlas.tone, colours, amounts, linear)
    out = np.empty((*atlas.tone.shape, 4), np.uint8)
    out[..., :3], out[..., 3] = bytes_of_linear(linear), alpha
    return out


@lru_cache(maxsize=8)
def _kept_of(atlas: Atlas) -> tuple[float, NDArray[np.uint8]]:
    """How far strands are faded on average, and their cover (H, W) in bytes."""
    return float(smooth(atlas.along, *FADES).mean()), np.round(atlas.alpha * 255).astype(np.uint8)


@njit(**INLINE)
def _smooth(value, low, high):  # type: ignore[no-untyped-def]
    """`smooth` of one number."""
    t = min(max((value - low) / (high - low), ZERO), ONE)
    return t * t * (F(3) - F(2) * t)


@njit(**JIT)
def _colour(along, chance, tone, colours, amounts, out):  # type: ignore[no-untyped-def]
    """Write the linear light of strands to out (H, W, 3). colours: (3, 3) of hair, highlights, grey; amounts: (6,)."""
    highlights, roots, grey = amounts[0], amounts[1], amounts[2]
    mean_fade, times, even = amounts[3], amounts[4], amounts[5]
    dark, reach = (F(0.35) + F(0.45) * roots) * (ONE - even), F(0.10) + F(0.25) * roots
    lit = white = ZERO
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            own, place, peak = chance[y, x], along[y, x], ZERO
            shade = ONE - dark * (ONE - _smooth(place, ZERO, reach))
            shade *= ONE + F(FADED) * (_smooth(place, F(FADES[0]), F(FADES[1])) - mean_fade)
            if highlights > 0:
                lit = _smooth((highlights * F(1.1) - (own * F(7.3)) % ONE) / F(0.1), ZERO, ONE)
            bright = tone[y, x] ** (ONE - max(F(0.5) * grey, even))
            if grey > 0:
                white = _smooth((grey * F(1.12) - own) / F(0.12), ZERO, ONE)
            for c in range(3):
                albedo = (colours[0, c] * (ONE - lit) + colours[1, c] * lit) * shade
                out[y, x, c] = times * (albedo * (ONE - white) + colours[2, c] * white) * bright
                peak = max(peak, out[y, x, c])
            if peak > F(BRIGHTEST):  # channels that are clipped one by one change the hue
                for c in range(3):
                    out[y, x, c] *= F(BRIGHTEST) / peak


def picture_of(kind: str, hair: Hair, times: float = 1.0) -> NDArray[np.uint8]:
    """The coloured atlas of a kind of hair, so many times as bright; twice as wide where temples are greyer.

    Those of the temples are on the right.
    """
    atlas = atlas_of_kind(kind)
    if hair.temples <= hair.grey:
        return coloured(atlas, hair, times)
    return np.concatenate([coloured(atlas, hair, times), coloured(atlas, replace(hair, grey=hair.temples), times)], 1)


def relief_of(kind: str, hair: Hair) -> NDArray[np.uint8]:
    """The normals of a kind of hair, over its picture."""
    normals = strand_normals(atlas_of_kind(kind))
    return normals if hair.temples <= hair.grey else np.concatenate([normals, normals], 1)
