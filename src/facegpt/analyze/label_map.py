"""What each pixel of a photo shows of one face, by name: skin, brows, eyes, nose, lips, hair, glasses, headwear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.appearance.features import INNER_LIPS, OUTER_LIPS
from facegpt.encode.parts import PARTS, SKIN, FaceParts
from facegpt.fitting.mediapipe_points import BROWS, LEFT_LIDS, NOSE, RIGHT_LIDS
from facegpt.types import Array, FaceGPTError

#: Names of the labels by their number: those of the parts' network, where a "hat" is any headwear, then what the
#: detector's points outline on the skin.
NAMES = (
    *("background", "skin", "ears", "hair", "beard", "glasses", "headwear", "hand", "clothes"),
    *("left_brow", "right_brow", "left_eye", "right_eye", "nose", "lips", "inner_mouth"),
)
assert len(PARTS) < len(NAMES)
#: Colours of the labels in pictures, sRGB.
COLOURS = (
    *((0, 0, 0), (233, 196, 166), (214, 139, 111), (92, 64, 51), (138, 104, 80), (66, 133, 244), (171, 71, 188)),
    *((255, 167, 38), (84, 110, 122), (46, 125, 50), (102, 187, 106), (0, 188, 212), (77, 208, 225)),
    *((255, 213, 79), (229, 57, 53), (136, 14, 79)),
)
#: What may lie before the skin: outlines are painted only where none of these is.
BEFORE = tuple(NAMES.index(name) for name in ("hair", "glasses", "headwear", "hand", "background", "clothes"))
#: Eyes are seen through glasses.
THROUGH = NAMES.index("glasses")
_LID_ROUND = (0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 14, 13, 12, 11, 10, 9)


@dataclass(frozen=True, eq=False)
class LabelMap:
    """What each pixel shows of one face.

    Attributes:
        labels: (H, W) uint8, numbers of `names`, as large as the photo is kept (`scale` of its pixels).
        names: of the labels.
        scale: pixels here for one of the whole photo.
        belief: (H, W) float16, 0..1, how likely the network's label is right; 1 outside its window.
    """

    labels: NDArray[np.uint8]
    belief: NDArray[np.float16]
    scale: float = 1.0
    names: tuple[str, ...] = NAMES

    def mask(self, *names: str) -> NDArray[np.bool_]:
        """(H, W) where one of some parts is seen; "brows", "eyes" mean both. Raises FaceGPTError for other names."""
        wanted = [each for name in names for each in BOTH.get(name, (name,))]
        unknown = [name for name in wanted if name not in self.names]
        if unknown:
            raise FaceGPTError(f"there is no part '{unknown[0]}'; there are: {', '.join((*self.names, *BOTH))}")
        return np.isin(self.labels, [self.names.index(name) for name in wanted])

    @property
    def shares(self) -> dict[str, float]:
        """The share of the photo that each part covers; parts that are not seen are left out."""
        counts = np.bincount(self.labels.ravel(), minlength=len(self.names)) / self.labels.size
        return {name: float(count) for name, count in zip(self.names, counts, strict=True) if count}

    def picture(self) -> Image.Image:
        """The labels as colours."""
        return Image.fromarray(np.array(COLOURS, np.uint8)[self.labels])


BOTH = {"brows": ("left_brow", "right_brow"), "eyes": ("left_eye", "right_eye"), "mouth": ("lips", "inner_mouth")}


def label_map(parts: FaceParts, points: Array, size: tuple[int, int], scale: float = 1.0) -> LabelMap:
    """Label the pixels around one face.

    Args:
        parts: of the face.
        points: (478, 2+) of the same face, pixels of the photo as kept.
        size: width and height of that.
        scale: its pixels for one of the whole photo.
    """
    width, height = size
    labels, belief = np.zeros((height, width), np.uint8), np.ones((height, width), np.float16)
    corners = parts.to_photo(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) * (len(parts.seen) - 1.0))
    x0, y0 = np.clip(np.floor(corners.min(0)).astype(int), 0, (width, height))
    x1, y1 = np.clip(np.ceil(corners.max(0)).astype(int) + 1, 0, (width, height))
    rows, columns = np.mgrid[y0:y1, x0:x1]
    places = np.column_stack([columns.ravel(), rows.ravel()])
    on_map = parts.on_map(places)
    within = ((on_map > -0.5) & (on_map < len(parts.seen) - 0.5)).all(1).reshape(rows.shape)
    found = parts.at(places).reshape(*rows.shape, -1)
    labels[y0:y1, x0:x1] = np.where(within, found.argmax(-1), 0)
    belief[y0:y1, x0:x1] = np.where(within, found.max(-1), 1)
    _outlined(labels, np.asarray(points, float)[:, :2])
    return LabelMap(labels, belief, scale)


def _outlined(labels: NDArray[np.uint8], points: Array) -> None:
    """Paint brows, eyes, nose and mouth over the skin that they lie on."""
    shape = labels.shape
    outlines = {
        "nose": _hull(points[list(NOSE)]),
        "left_brow": _hull(points[list(BROWS[10:])]),
        "right_brow": _hull(points[list(BROWS[:10])]),
        "left_eye": points[[LEFT_LIDS[k] for k in _LID_ROUND]],
        "right_eye": points[[RIGHT_LIDS[k] for k in _LID_ROUND]],
        "lips": points[list(OUTER_LIPS)],
        "inner_mouth": points[list(INNER_LIPS)],
    }
    free = ~np.isin(labels, BEFORE)
    through = free | (labels == THROUGH)
    beneath = (labels == SKIN) | (labels == NAMES.index("beard"))
    for name, outline in outlines.items():
        where = through if name.endswith(("eye", "brow")) else free
        where = where & beneath if name == "nose" else where
        labels[_filled(outline, shape) & where] = NAMES.index(name)


def _hull(points: Array) -> Array:
    from scipy.spatial import ConvexHull

    return points[ConvexHull(points).vertices]


def _filled(outline: Array, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which pixels lie in an outline (P, 2)."""
    image = Image.new("1", (shape[1], shape[0]))
    ImageDraw.Draw(image).polygon([tuple(point) for point in outline], fill=1)
    return np.asarray(image)
