"""Whether a photo's light is coloured: skin in white light has hues from reddish to yellow, and is never vivid."""

from __future__ import annotations

import numpy as np

from facegpt.describe.colour_names import lab_of
from facegpt.detect.geometry import FACE_POINTS
from facegpt.detect.outlines import in_hull
from facegpt.detect.windows import Photo
from facegpt.encode.parts import SKIN, FaceParts, map_crop

#: Hues of skin in white light, degrees in CIELAB; how vivid and how red (a*) it is at most, of 148 CC0 pictures 45 and
#: 30; below so little it has no hue to tell.
HUES_DEG, MOST_CHROMA, MOST_RED, LEAST_CHROMA = (5.0, 85.0), 50.0, 32.0, 8.0
#: What hues are called, by where they begin; the first is of what lies before.
NAMES = ((-180, "green"), (-150, "blue"), (-50, "purple"), (-15, "red"), (50, "orange"), (70, "yellow"), (105, "green"))
#: Fewest pixels of skin that tell.
FEWEST = 200
#: Of single pixels: chroma from which their hue tells, and hues of skin then, degrees; chroma of yellow that no skin
#: has.
HUE_TELLS, HUES_OF_PIXELS_DEG, VIVID_YELLOW, YELLOW_DEG = 12.0, (-25.0, 100.0), 62.0, 45.0


def colour_of_light(image: Photo, parts: FaceParts) -> str:
    """The colour in which the face is lit or painted, "" for one that skin may have."""
    skin = parts.seen & (parts.share(SKIN) > 0.9)
    if skin.sum() < FEWEST:
        return ""
    pixels = np.round(255 * np.clip(map_crop(image, parts)[skin], 0, 1)).astype(np.uint8)
    _, a, b = lab_of(pixels).mean(0)
    hue, chroma = float(np.degrees(np.arctan2(b, a))), float(np.hypot(a, b))
    usual = HUES_DEG[0] < hue < HUES_DEG[1] and chroma < MOST_CHROMA and a < MOST_RED
    if chroma < LEAST_CHROMA or usual:
        return ""
    return [name for start, name in NAMES if hue >= start][-1]


def painted_share(image: Photo, parts: FaceParts) -> float:
    """The share of a face's skin in colours that skin has in no white light."""
    if parts.points is None:
        return 0.0
    rows, columns = np.nonzero(parts.seen & (parts.share(SKIN) > 0.9))
    points = parts.on_map(np.asarray(parts.points)[:FACE_POINTS, :2])
    face = in_hull(np.column_stack([columns, rows]).astype(float), points)
    if face.sum() < FEWEST:
        return 0.0
    colours = map_crop(image, parts)[rows[face], columns[face]]
    _, a, b = lab_of(np.round(255 * np.clip(colours, 0, 1)).astype(np.uint8)).T
    hue, chroma = np.degrees(np.arctan2(b, a)), np.hypot(a, b)
    other = (chroma > HUE_TELLS) & ((hue < HUES_OF_PIXELS_DEG[0]) | (hue > HUES_OF_PIXELS_DEG[1]))
    return float((other | ((chroma > VIVID_YELLOW) & (hue > YELLOW_DEG))).mean())
