"""Length, colour and family of hair read off pictures of a head with and without it, never off its parameters.

Three pictures of each (front, left side, back), drawn alike; hair is what differs. Length: how far it reaches down
beside the face in the front picture, against the bald head's own chin. Colour: of the lit half of its pixels, by
swatches. Family: the nearest of drawn examples (hair_gallery.npz, by lab/runs/hair/gallery.py on another head) by
outline and by how the strands run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter, zoom

from facegpt.cielab import lab_from_linear
from facegpt.conventions import HEAD_TO_CAMERA_AXES, srgb_to_linear
from facegpt.face import Face
from facegpt.render.portrait import draw_picture
from facegpt.types import Array, Camera, Pose

GALLERY = "hair_gallery.npz"
#: Side of a picture, pixels; what it spans and how much of that is above the ears, mm; distance of the camera, mm.
SIZE_PX, SPAN_MM, ABOVE_MM, DISTANCE_MM = 208, 720.0, 215.0, 1000.0
YAWS_DEG = (0.0, 90.0, 180.0)
LENGTHS = ("none", "short", "chin", "shoulder", "long")
#: Ends of the steps below the chin of the bald head, mm (up is positive), and what hair must stand out to be seen, mm².
_ENDS_MM, _SEEN_MM2 = (62.0, -22.0, -145.0), 1500.0
#: Hair below the ears counts where it is this wide in all, mm.
_WIDE_MM = 16.0
#: Pixels that differ by this much hold hair. Cells of the outline's grid a side. Weight of strands beside outline.
_DIFFERS, _CELLS, _STRANDS, _KINDS_OF_STRANDS = 0.06, 12, 0.05, 9
#: Pixels beside the head that tell a colour.
_ENOUGH_PX = 150
#: Area of the scalp that is darker where hair is shaved and not bald, mm².
_PAINTED_MM2 = 3500.0
#: CIE L*a*b* of hair as it shows in light: swatches by eye, and by the names of hair dyes.
SWATCHES: dict[str, tuple[float, float, float]] = {
    **{"black": (13, 1, 2), "dark_brown": (20, 6, 8), "brown": (31, 9, 15), "light_brown": (43, 8, 21)},
    **{"blond": (60, 6, 29), "platinum": (78, 1, 18), "ginger": (42, 27, 34), "auburn": (24, 17, 14)},
    **{"bright_red": (36, 50, 32), "grey": (50, 0, 3), "white": (74, 0, 4), "blue": (30, 4, -38)},
    **{"turquoise": (50, -30, -12), "green": (40, -36, 28), "pink": (58, 42, -3), "purple": (33, 33, -36)},
    **{"orange": (55, 40, 52)},
}


@dataclass(frozen=True)
class Seen:
    """What the pictures show: the step of LENGTHS, names of swatches from the nearest on, families likewise."""

    length: str
    colours: tuple[str, ...]
    families: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Views:
    """Pictures (3, S, S, 4) of a head with hair and without, where hair is (3, S, S), and the chin's height, mm."""

    worn: Array
    bald: Array
    mask: NDArray[np.bool_]
    chin_mm: float


def bare(face: Face) -> Face:
    """The same head without hair on it; beard and brows stay."""
    assert face.params.hair is not None
    hair = replace(face.params.hair, style="bald", groom=None)
    return replace(face, params=face.params.replace(hair=hair))


def views_of(face: Face) -> Views:
    """Draw a head with and without its hair, at rest."""
    face = face.neutral()
    bald = bare(face)
    worn, plain = (np.stack([_drawn(one, yaw) for yaw in YAWS_DEG]) for one in (face, bald))
    mask = np.abs(worn - plain).max(-1) > _DIFFERS
    return Views(worn, plain, mask, float(bald.landmarks("ibug68", "head")[8, 1]))


def _drawn(face: Face, yaw_deg: float) -> Array:
    cos, sin = np.cos(np.radians(yaw_deg)), np.sin(np.radians(yaw_deg))
    turned = HEAD_TO_CAMERA_AXES @ np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    focal = SIZE_PX * DISTANCE_MM / SPAN_MM
    camera = Camera(focal, ((SIZE_PX - 1) / 2, SIZE_PX * ABOVE_MM / SPAN_MM), SIZE_PX, SIZE_PX)
    pose = Pose(turned, np.array([0.0, 0.0, DISTANCE_MM]))
    picture = draw_picture(face.mesh, pose, camera, worn=face.proxies, supersample=1)
    return picture.astype(np.float32) / 255


def look_at(face: Face) -> Seen:
    """Read a head's hair off its pictures."""
    return look_at_views(views_of(face))


def look_at_views(views: Views) -> Seen:
    """Read the hair of drawn views."""
    length = length_seen(views)
    colours = colours_seen(views)
    if length == "none":
        painted = views.mask[1:].sum() * _mm_per_px() ** 2 / 2 > _PAINTED_MM2
        return Seen(length, colours, ("shaved",) if painted else ("bald",))
    return Seen(length, colours, families_seen(views))


def _mm_per_px() -> float:
    return SPAN_MM / SIZE_PX


def length_seen(views: Views) -> str:
    """The step of length: by what stands out from the bald head, and how far down it reaches beside the face."""
    out = (views.worn[..., 3] > 0.5) & (views.bald[..., 3] < 0.5)
    if out[:2].sum() * _mm_per_px() ** 2 / 2 < _SEEN_MM2:
        return "none"
    wide = views.mask[0].sum(1) * _mm_per_px()
    height = ABOVE_MM - (np.arange(SIZE_PX) + 0.5) * _mm_per_px() - views.chin_mm
    below = [h for h, w in zip(height, wide, strict=True) if w >= _WIDE_MM]
    lowest = min(below, default=200.0)
    return LENGTHS[1 + sum(lowest < end for end in _ENDS_MM)]


def colours_seen(views: Views) -> tuple[str, ...]:
    """Swatches from the nearest on, of the lit half of the hair's pixels."""
    sure = views.worn[..., 3] > 0.9
    found = sure & (views.bald[..., 3] < 0.1)  # beside the head: roots painted on skin are half skin
    if found.sum() < _ENOUGH_PX:
        found = sure & views.mask
    pixels = views.worn[..., :3][found]
    if len(pixels) < 20:
        return tuple(SWATCHES)
    light = pixels.mean(1)
    lit = pixels[light >= np.quantile(light, 0.5)]
    lab = np.asarray(lab_from_linear(srgb_to_linear(lit).mean(0)), float)
    away = {name: _distance(lab, np.array(swatch, float)) for name, swatch in SWATCHES.items()}
    return tuple(sorted(away, key=lambda name: away[name]))


def _distance(lab: Array, swatch: Array) -> float:
    """Distance of colours in which hue counts more than lightness, which the light changes."""
    return float(np.sqrt(((lab - swatch) ** 2 * (0.55, 1.0, 1.0)).sum()))


def features(views: Views) -> Array:
    """Outline (share of hair in cells of 60 mm, and outside the head) and run of the strands, of each view."""
    found = []
    for worn, bald, mask in zip(views.worn, views.bald, views.mask, strict=True):
        out = (worn[..., 3] > 0.5) & (bald[..., 3] < 0.5)
        step = _CELLS / SIZE_PX
        found += [zoom(gaussian_filter(m.astype(np.float32), 6), step, order=1).ravel() for m in (mask, out)]
        found.append(_strands(worn, mask))
    return np.concatenate(found)


def _strands(picture: Array, mask: NDArray[np.bool_]) -> Array:
    """How strands run within a mask: coherence, share of each of six directions, contrast, roughness of the edge."""
    if mask.sum() < 30:
        return np.zeros(_KINDS_OF_STRANDS)
    light = picture[..., :3].mean(-1)
    light = light / max(float(light[mask].mean()), 0.02)
    gy, gx = np.gradient(light)
    xx, yy, xy = (gaussian_filter(a, 1.5) for a in (gx * gx, gy * gy, gx * gy))
    coherence = np.hypot(xx - yy, 2 * xy) / (xx + yy + 1e-6)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    hist = np.histogram(angle[mask], 6, (-np.pi / 2, np.pi / 2), weights=(xx + yy)[mask])[0]
    edge = (binary_dilation(mask) & ~mask).sum() / np.sqrt(mask.sum())
    contrast = np.sqrt((xx + yy)[mask].mean())
    return np.array([2 * coherence[mask].mean(), *(hist / max(hist.sum(), 1e-6)), 2 * contrast, 0.1 * edge])


def families_seen(views: Views, nearest: int = 3) -> tuple[str, ...]:
    """Families of the nearest examples, by vote."""
    examples, names = gallery()
    scale = _scales()
    away = (((examples - features(views)) * scale) ** 2).sum(1)
    order = np.argsort(away)[:nearest]
    votes: dict[str, float] = {}
    for k in order:
        votes[names[k]] = votes.get(names[k], 0.0) + 1.0 / float(away[k] + 0.05)
    return tuple(sorted(votes, key=lambda name: -votes[name]))


@cache
def _scales() -> Array:
    """(D,) what each feature counts: outlines in all 1, strands in all _STRANDS."""
    examples, _ = gallery()
    view = np.arange(examples.shape[1]) % (2 * _CELLS**2 + _KINDS_OF_STRANDS)
    strands = view >= 2 * _CELLS**2
    scale = np.where(strands, 1 / (examples.std(0) + 1e-6), 1.0)
    for kind, weight in ((strands, _STRANDS), (~strands, 1.0)):
        spread = 2 * ((examples[:, kind] * scale[kind]).std(0) ** 2).sum()
        scale[kind] *= np.sqrt(weight / spread)
    return np.asarray(scale, np.float32)


@cache
def gallery() -> tuple[Array, Sequence[str]]:
    """Features of the examples (N, D), and the family of each."""
    from facegpt_lab.assets import load_arrays

    arrays = load_arrays(GALLERY)
    return arrays["features"].astype(np.float32) / 200.0, bytes(arrays["families"]).decode().split()
