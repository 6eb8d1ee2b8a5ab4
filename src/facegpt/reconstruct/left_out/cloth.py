"""Cloth of a photo that its head does not wear: about the neck, on the head, hanging from headwear; and its pattern."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter

from facegpt.describe.colour_names import lab_of
from facegpt.detect.geometry import FACE_POINTS
from facegpt.encode.parts import CLOTHES, HAT, FaceParts
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.normals import vertex_normals
from facegpt.render.uv import visible_vertices
from facegpt.types import FaceParams, Headwear
from facegpt.wear.cloth import HEIGHT, OLD, unpacked

#: Areas over that of the face's box: of headwear where none is worn, and of what the drawn headwear does not cover.
LEAST_HAT, LEAST_HANGING = 0.15, 0.1
#: Pixels around what is drawn that count as covered.
NEAR_PX = 3
#: Below the chin, shares of the face's height, and to both sides, of its width; the share of it that cloth covers.
NECK, NECK_WIDE, LEAST_NECK = (0.02, 0.14), 0.28, 0.35
#: Fewest pixels of a neck that tell.
FEWEST = 30
#: How far colours of cloth are from those around (Lab, on average) where it has a pattern; the part of its picture in
#: front that a photo shows; pixels of what is around.
PATTERNED, IN_FRONT, AROUND_PX = 3.2, 0.2, 6.0
CHIN = 152
#: Below the chin on the mean head, mm; how far to both sides and how far behind the ears at most; the share of it that
#: cloth covers (of 295 labelled pictures every second chose it); fewest places that tell.
THROAT_MM, THROAT_WITHIN_MM, LEAST_THROAT, FEWEST_PLACES = (12.0, 20.0), (50.0, -10.0), 0.4, 4
#: Longer side of the picture in which what is hidden is told, px, and how far before skin something hides it, mm.
SIDE_PX, BEFORE_MM = 512, 3.0


def is_lost(parts: FaceParts) -> bool:
    """Whether a photo shows headwear, of a head that is drawn without any."""
    return area(parts, _hat(parts)) > LEAST_HAT


def hangs(parts: FaceParts, drawn: NDArray[np.bool_]) -> bool:
    """Whether a photo shows more of what is worn on the head than is drawn (S, S)."""
    return area(parts, _hat(parts) & ~binary_dilation(drawn, iterations=NEAR_PX)) > LEAST_HANGING


def is_at_neck(parts: FaceParts) -> bool:
    """Whether something covers the neck right under the chin."""
    if parts.points is None:
        return False
    points = _on_map(parts)
    low, high = points[:FACE_POINTS].min(0), points[:FACE_POINTS].max(0)
    wide, tall = high - low
    rows, columns = np.indices(parts.seen.shape)
    below = (rows - points[CHIN, 1]) / tall
    neck = parts.seen & (below > NECK[0]) & (below < NECK[1])
    neck &= np.abs(columns - points[CHIN, 0]) < NECK_WIDE * wide
    return bool(neck.sum() > FEWEST and parts.share(CLOTHES, HAT)[neck].mean() > LEAST_NECK)


def lies_on_neck(model: MakeHumanHead, params: FaceParams, parts: FaceParts) -> bool:
    """Whether cloth lies on the head's own neck right below the chin, as scarves do and collars of T-shirts don't.

    params: of the head, in pixels of the photo.
    """
    vertices = params.pose.apply(head_vertices(model, params))
    normals = vertex_normals(vertices, model.triangles)
    camera = params.camera.scaled(min(1.0, SIDE_PX / max(params.camera.width, params.camera.height)))
    seen = visible_vertices(vertices.astype(np.float32), model.triangles, camera, BEFORE_MM)
    seen &= (normals * vertices).sum(1) < 0
    rows = _throat(model)
    pixels = params.camera.project(vertices[rows[seen[rows]]])
    inside = ((pixels > 0) & (pixels < [params.camera.width - 1, params.camera.height - 1])).all(1)
    if inside.sum() < FEWEST_PLACES:
        return False
    return float(parts.at(pixels[inside])[:, [CLOTHES, HAT]].sum(1).mean()) > LEAST_THROAT


@lru_cache(maxsize=2)
def _throat(model: MakeHumanHead) -> NDArray[np.intp]:
    """Vertices of the front of the neck right below the chin."""
    mean = np.asarray(model.mean_vertices, np.float64)
    chin = model.landmarks.points(mean)[model.landmarks.row["menton"]]
    skin = np.zeros(len(mean), bool)
    skin[np.unique(model.triangles[model.part == model.part_names.index("skin")])] = True
    below, (wide, behind) = chin[1] - mean[:, 1], THROAT_WITHIN_MM
    near = (below > THROAT_MM[0]) & (below <= THROAT_MM[1]) & (np.abs(mean[:, 0]) < wide) & (mean[:, 2] > behind)
    return np.flatnonzero(skin & near)


def is_patterned(headwear: Headwear) -> bool:
    """Whether the cloth has a pattern, which is seen in front only."""
    if not headwear.cloth:
        return False
    picture = unpacked(headwear.cloth)
    step = HEIGHT // OLD[0] if len(picture) == HEIGHT else 1  # so coarse a picture the bounds are of
    blocks = picture.reshape(OLD[0], step, OLD[1], step, 3)
    picture = np.round(blocks.mean((1, 3))).astype(np.uint8)
    lab = lab_of(picture.reshape(-1, 3)).reshape(picture.shape)
    fine = lab - gaussian_filter(lab, (AROUND_PX, AROUND_PX, 0))
    turn = np.arange(OLD[1]) / OLD[1]
    front = fine[:, np.minimum(turn, 1 - turn) < IN_FRONT]
    return float(np.linalg.norm(front, axis=-1).mean()) > PATTERNED


def area(parts: FaceParts, where: NDArray[np.bool_]) -> float:
    """How much some pixels (S, S) cover, over the area of the face's box; 0 where no points tell of it."""
    if parts.points is None:
        return 0.0
    face = np.ptp(_on_map(parts)[:FACE_POINTS], axis=0)
    return float((where & parts.seen).sum() / max(np.prod(face), 1e-6))


def _hat(parts: FaceParts) -> NDArray[np.bool_]:
    return parts.seen & (parts.probabilities[..., HAT] > 0.5)


def _on_map(parts: FaceParts) -> NDArray[np.float64]:
    return parts.on_map(np.asarray(parts.points)[:, :2])
