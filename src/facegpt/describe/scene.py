"""What a photo shows around a measured face, as facts: clothes, backdrop by region, headwear, light, sharpness.

Colours and places are told as what they are. What things are called, only hints tell (encode/objects.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, laplace

from facegpt.describe.colour_names import lab_of, main_colours
from facegpt.encode.objects import Thing
from facegpt.encode.parts import BACKGROUND, BEARD, CLOTHES, GLASSES, HAIR, HAND, HAT, PARTS, SKIN, FaceParts
from facegpt.types import Array

#: A part is there from this share of what is seen of the map around the face on; a pixel shows the likeliest part, if
#: that is as likely as this; of a free backdrop.
LEAST_SHARE, LIKELY, FREE = {HAT: 0.03, CLOTHES: 0.02, HAND: 0.03, GLASSES: 0.008}, 0.45, 0.6
#: Regions of a photo beside the head: name → left, top, right, bottom as shares of its width and height.
REGIONS = {"left": (0.0, 0.0, 0.3, 0.75), "right": (0.7, 0.0, 1.0, 0.75), "top": (0.3, 0.0, 0.7, 0.18)}
#: A backdrop whose lightness differs by less than this (SD, L*) within its regions is plain.
PLAIN_SD = 7.0
#: Ratio of the light on both halves of the skin from which one side is the brighter; L* of skin that is dark, bright.
ONE_SIDED, DARK_SKIN, BRIGHT_PHOTO = 1.25, 22.0, 88.0
#: SD of the Laplacian over that of the picture itself, of a face shrunk to SHARP_PX, below which a photo is soft.
SHARP_PX, SOFT = 160, 0.035
#: How far down a body counts, of the face's height; its half breadth at the chin and how it grows, of the face's width;
#: how near in CIELAB to the face's skin (lightness counts a third) bare skin is; the least share that is no skin.
BODY_DEEP, BODY_WIDE, SKIN_LIKE, LEAST_BODY = 0.6, (0.5, 1.0), 9.0, 0.15
#: Faces of fewer pixels than this are small, mean chroma below which a photo has no colours.
SMALL_FACE_PX, NO_CHROMA = 80, 3.0


@dataclass(frozen=True)
class Scene:
    """What is seen around one face of a photo.

    Attributes:
        clothes, headwear: names of the colours, the most common first; () for none seen.
        below: names of the colours where a body is, that are not skin, hair or backdrop, whatever they belong to.
        backdrop: left, right or top of the photo → colours there. plain: whether that is all of one kind.
        covered: how much of the window around the face something covers that is no glasses and no hat, as a share.
        glasses: whether something like glasses is seen.
        lighter: "left", "right" (of the picture) or "": the side of the face that gets more light.
        lightness: mean CIE L* of the skin as pictured. photo_lightness: of the whole photo.
        sharpness: see SOFT. face_px: longer side of the face's box in the whole photo. size: of that, width and height.
        has_colour: whether the photo does. place: middle of the face as shares of width and height.
        turned_deg: yaw (to the subject's left), pitch (down), roll (top to the right of the picture) of the head.
        gaze_deg: how far the eyes look from the camera's direction: to the subject's left, down; None if unknown.
        things: hints at what is worn, held and around, the surest first; None where nothing knows things by name.
    """

    clothes: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    headwear: tuple[str, ...] = ()
    backdrop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plain: bool = False
    covered: float = 0.0
    glasses: bool = False
    lighter: str = ""
    lightness: float = 60.0
    photo_lightness: float = 50.0
    sharpness: float = 1.0
    face_px: int = 0
    size: tuple[int, int] = (0, 0)
    has_colour: bool = True
    place: tuple[float, float] = (0.5, 0.5)
    turned_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    gaze_deg: tuple[float, float] | None = None
    things: tuple[Thing, ...] | None = None

    @property
    def wears_headwear(self) -> bool:
        """Whether the parts network or a hint sees something on the head."""
        return bool(self.headwear) or any(thing.kind == "headwear" for thing in self.things or ())


def scene_of(
    photo: NDArray[np.uint8], parts: FaceParts, box: Array, size: tuple[int, int], others: list[Array]
) -> Scene:
    """Read the scene around a face.

    Args:
        photo: (H, W, 3) sRGB, perhaps reduced.
        parts: around this face, in pixels of `photo`.
        box: (4,) of the face, pixels of `photo`.
        size: width and height of the whole photo.
        others: boxes of the other faces, pixels of `photo`; the backdrop is not read there.
    """
    colours = _on_map(photo, parts)
    labels, sure = parts.probabilities.argmax(-1), parts.probabilities.max(-1) > LIKELY
    inside = parts.seen & sure
    seen = max(int(parts.seen.sum()), 1)
    shares = {part: float((inside & (labels == part)).sum() / seen) for part in range(len(PARTS))}

    def colours_of(part: int) -> tuple[str, ...]:
        there = shares[part] >= LEAST_SHARE[part]
        return main_colours(colours[inside & (labels == part)]) if there else ()

    sides, plain = _backdrop(photo, parts, others)
    around = {name for side in ("left", "right") for name in sides.get(side, ())}
    skin = inside & (labels == SKIN)
    lab = lab_of(photo[:: max(photo.shape[0] // 100, 1), :: max(photo.shape[1] // 100, 1)])
    scale = size[0] / photo.shape[1]
    x0, y0, x1, y1 = (float(value) for value in box)
    return Scene(
        clothes=colours_of(CLOTHES),
        below=tuple(name for name in _below(photo, parts, box) if name not in around),
        headwear=colours_of(HAT),
        backdrop=sides,
        plain=plain,
        covered=shares[HAND] if shares[HAND] >= LEAST_SHARE[HAND] else 0.0,
        glasses=shares[GLASSES] >= LEAST_SHARE[GLASSES],
        lighter=_lighter_side(colours, skin),
        lightness=float(lab_of(colours[skin])[:, 0].mean()) if skin.any() else 60.0,
        photo_lightness=float(lab[..., 0].mean()),
        sharpness=face_sharpness(photo, box),
        face_px=round(max(x1 - x0, y1 - y0) * scale),
        size=size,
        has_colour=shows_colours(photo),
        place=((x0 + x1) / 2 / photo.shape[1], (y0 + y1) / 2 / photo.shape[0]),
    )


def shows_colours(photo: NDArray[np.uint8]) -> bool:
    """Whether a photo (H, W, 3), sRGB, has colours; a grey one does not."""
    lab = lab_of(photo[:: max(photo.shape[0] // 100, 1), :: max(photo.shape[1] // 100, 1)])
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean()) >= NO_CHROMA


def _on_map(photo: NDArray[np.uint8], parts: FaceParts) -> NDArray[np.uint8]:
    """(S, S, 3) the photo's colours at the pixels of the map; the nearest ones beyond its edges."""
    rows, columns = np.indices(parts.seen.shape)
    places = parts.to_photo(np.column_stack([columns.ravel(), rows.ravel()]))
    x, y = np.rint(places).astype(int).T
    found = photo[np.clip(y, 0, photo.shape[0] - 1), np.clip(x, 0, photo.shape[1] - 1)]
    return found.reshape(*parts.seen.shape, 3)


def _backdrop(
    photo: NDArray[np.uint8], parts: FaceParts, others: list[Array]
) -> tuple[dict[str, tuple[str, ...]], bool]:
    """Colours beside and above the person, by region of the photo, and whether they are all of one kind."""
    height, width = photo.shape[:2]
    step = max(max(height, width) // 160, 1)
    ys, xs = np.mgrid[0:height:step, 0:width:step]
    places = np.column_stack([xs.ravel(), ys.ravel()]).astype(float)
    on_map = parts.on_map(places)
    within = ((on_map >= 0) & (on_map <= parts.seen.shape[0] - 1)).all(1)
    free = ~within | (parts.at(places)[:, BACKGROUND] > FREE)
    below = on_map[:, 1] > parts.seen.shape[0] - 1  # what is under the window is body, for all that is known
    free &= ~below
    for x0, y0, x1, _ in others:
        wide = x1 - x0
        near = (abs(places[:, 0] - (x0 + x1) / 2) < 1.2 * wide) & (places[:, 1] > y0 - 0.8 * wide)
        free &= ~near
    share = places / (width, height)
    pixels = photo[ys.ravel(), xs.ravel()]
    found, spread = {}, []
    for name, (x0, y0, x1, y1) in REGIONS.items():
        there = free & (share[:, 0] >= x0) & (share[:, 0] <= x1) & (share[:, 1] >= y0) & (share[:, 1] <= y1)
        if there.sum() >= 30:
            found[name] = main_colours(pixels[there])
            spread.append(lab_of(pixels[there])[:, 0].std())
    plain = bool(spread) and bool(max(spread) < PLAIN_SD) and len(set(found.values())) == 1
    return found, plain


def _below(photo: NDArray[np.uint8], parts: FaceParts, box: Array) -> tuple[str, ...]:
    """Colours where shoulders and chest are, without skin and hair: under the chin, wider the lower; () for too few."""
    x0, y0, x1, y1 = (float(value) for value in box)
    step = max(max(photo.shape[:2]) // 160, 1)
    ys, xs = np.mgrid[0 : photo.shape[0] : step, 0 : photo.shape[1] : step]
    places = np.column_stack([xs.ravel(), ys.ravel()]).astype(float)
    deep = (places[:, 1] - y1) / (y1 - y0)
    aside = np.abs(places[:, 0] - (x0 + x1) / 2) / (x1 - x0)
    body = (deep > 0) & (deep < BODY_DEEP) & (aside < BODY_WIDE[0] + BODY_WIDE[1] * deep)
    seen = parts.at(places)
    pixels = photo[ys.ravel(), xs.ravel()]
    face = lab_of(np.median(pixels[seen[:, SKIN] > FREE], 0)) if (seen[:, SKIN] > FREE).any() else np.full(3, 1e3)
    like_skin = np.linalg.norm((lab_of(pixels) - face) * (0.3, 1.0, 1.0), axis=1) < SKIN_LIKE
    found = body & ~like_skin & (seen[:, [SKIN, HAIR, BEARD]].max(1) < LIKELY)
    return main_colours(pixels[found]) if found.sum() > LEAST_BODY * body.sum() and found.sum() > 30 else ()


def _lighter_side(colours: NDArray[np.uint8], skin: NDArray[np.bool_]) -> str:
    """The side of the picture from which the face gets more light."""
    light = lab_of(colours)[..., 0]
    columns = np.indices(skin.shape)[1]
    if skin.sum() < 50:
        return ""
    middle = np.median(columns[skin])
    left, right = (float(light[skin & side].mean()) for side in (columns < middle, columns >= middle))
    if max(left, right) < ONE_SIDED * min(left, right):
        return ""
    return "left" if left > right else "right"


def face_sharpness(photo: NDArray[np.uint8], box: Array) -> float:
    """How much fine detail a face has beside its coarse light and dark, at a size of its own.

    box: (4,) x0 y0 x1 y1 of the face, pixels of the photo (H, W, 3).
    """
    x0, y0, x1, y1 = (round(value) for value in box)
    grey = photo[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1].mean(-1)
    if min(grey.shape, default=0) < 8:
        return 0.0
    step = max(grey.shape) / SHARP_PX
    fine = gaussian_filter(grey, 0.5 * step) if step > 1 else grey
    rows, columns = (np.arange(0, n, max(step, 1)).astype(int) for n in grey.shape)
    small = fine[np.ix_(rows, columns)]
    return float(laplace(small).std() / max(small.std(), 1.0) / 4)
