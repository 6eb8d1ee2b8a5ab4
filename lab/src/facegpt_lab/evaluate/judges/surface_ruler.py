"""A ruler that the product does not aim at: breadths, areas, volumes and lengths of patches of the head's surface.

The solver of shapes (generate/shape_solve.py) moves a head until distances between single points read as asked; who
measures by the same points finds what was put there. Here patches of skin are chosen once on the mean head, by where
they lie, and measured as a whole: how broad, how large, how full. No measuring point of the product is used but the 68
landmarks of the mean head, to say where a patch begins. Frame: head frame, mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array
from facegpt_lab.evaluate.judges.penetration import uncovered

Ints = NDArray[np.int64]
#: Height of the forehead's patch above the brows, and what is left out right above them, mm.
FOREHEAD_MM, BROW_MM = 48.0, 8.0
#: Reach of a patch about a point, mm; height of the lowest part of the chin.
PATCH_MM, CHIN_TIP_MM = 11.0, 9.0
#: Radius of an eyeball, and how far apart the rays are that look for it between the lids, mm.
EYE_RADIUS_MM, RAY_STEP_MM = 12.6, 0.3


@dataclass(frozen=True, eq=False)
class Patches:
    """Parts of the mean head's skin: triangles (n, 3), or vertices (n,), as rows of the whole mesh.

    Attributes:
        face, low_face, forehead, nose, nose_base, upper_lip, lower_lip, above_eyes, around_eyes: triangles.
        face_slabs, jaw_slabs, neck_slabs: vertices of bands, one above the other.
        nose_wings, forehead_slab, chin_front, chin, glabella, brows: vertices.
        chin_line, nose_to_lip, midline: vertices of the plane of symmetry in front, top to bottom.
        lids: rims of both openings of the eyes, in order. mouth_line: where the lips meet.
    """

    face: Ints
    low_face: Ints
    forehead: Ints
    nose: Ints
    nose_base: Ints
    upper_lip: Ints
    lower_lip: Ints
    above_eyes: Ints
    around_eyes: Ints
    face_slabs: tuple[Ints, ...]
    jaw_slabs: tuple[Ints, ...]
    neck_slabs: tuple[Ints, ...]
    nose_wings: Ints
    forehead_slab: Ints
    chin_front: Ints
    chin_line: Ints
    nose_to_lip: Ints
    chin: Ints
    glabella: Ints
    brows: Ints
    lids: tuple[Ints, Ints]
    mouth_line: Ints
    midline: Ints


class _Mean:
    """The mean head: where things lie on it, to choose patches by. Columns of vertices and of middles of triangles."""

    def __init__(self, model: MakeHumanHead) -> None:
        self.model = model
        self.vertices = np.asarray(model.mean_vertices, np.float64)
        self.marks = np.asarray(model.embedding("ibug68")(self.vertices), np.float64)
        self.eyes = np.asarray(model.arrays["joint_centres"][2:], np.float64)
        self.skin = model.triangles[model.part == model.part_names.index("skin")].astype(np.int64)
        self.rows = np.unique(self.skin)
        self.x, self.y, self.z = self.vertices[self.rows].T
        self.middle = self.vertices[self.skin].mean(1)
        self.brow_y, self.chin_y, self.nose_y = self.marks[17:27, 1].mean(), self.marks[8, 1], self.marks[33, 1]

    def rim_with(self, part: str) -> Ints:
        """Vertices where the skin meets another part."""
        return np.intersect1d(self.rows, self.model.triangles[self.model.part == self.model.part_names.index(part)])

    def band(self, low: float, high: float, behind: float) -> Ints:
        """Vertices between two heights, in front of z = behind."""
        return self.rows[(self.y > low) & (self.y <= high) & (self.z > behind)]

    def bands(self, low: float, high: float, count: int, behind: float) -> tuple[Ints, ...]:
        """Bands of equal height, one above the other."""
        return tuple(self.band(a, b, behind) for a, b in pairwise(np.linspace(low, high, count + 1)))

    def patch(self, low: float, high: float, behind: float) -> Ints:
        """Triangles between two heights, in front of z = behind."""
        _, y, z = self.middle.T
        return self.skin[(y > low) & (y < high) & (z > behind)]

    def near(self, point: Array, reach: float = PATCH_MM) -> Ints:
        """Vertices of the front about a point."""
        return self.rows[(self.z > 25) & (np.linalg.norm(self.vertices[self.rows] - point, axis=1) < reach)]

    def midline(self) -> Ints:
        """Vertices of the plane of symmetry in front, top to bottom."""
        front = (np.abs(self.x) < 0.05) & (self.z > 40) & (self.y < self.brow_y + FOREHEAD_MM + 5)
        found = np.setdiff1d(self.rows[front], self.rim_with("mouth"))
        return found[np.argsort(-self.vertices[found, 1])]


def patches_of(model: MakeHumanHead) -> Patches:
    """Choose the patches on the mean head."""
    on = _Mean(model)
    chin, brow, marks = on.chin_y, on.brow_y, on.marks
    line = on.midline()
    y, z = on.vertices[line, 1], on.vertices[line, 2]
    x_middle, y_middle, z_middle = on.middle.T
    lids = tuple(_in_order(on.rim_with(f"{side}_socket"), on.vertices) for side in ("left", "right"))
    over_lids = max(on.vertices[rim, 1].max() for rim in lids)
    beside_nose = (np.abs(x_middle) > 17) & (np.abs(x_middle) < 46)
    return Patches(
        face=on.patch(chin - 4, brow + FOREHEAD_MM, 25.0),
        low_face=on.patch(chin - 4, on.nose_y + 15, 25.0),
        forehead=on.patch(brow + BROW_MM, brow + FOREHEAD_MM, 45.0),
        above_eyes=on.skin[beside_nose & (y_middle > over_lids) & (y_middle < brow + 2) & (z_middle > 55)],
        around_eyes=on.skin[np.linalg.norm(on.middle[:, None] - on.eyes, axis=2).min(1) < 30],
        face_slabs=on.bands(on.nose_y, marks[27, 1], 4, 25.0),
        jaw_slabs=on.bands(chin + 18, marks[48, 1], 3, 35.0),
        neck_slabs=on.bands(chin - 45, chin - 20, 3, -200.0),
        forehead_slab=on.band(brow + 15, brow + 40, 35.0),
        chin_front=on.band(chin - 6, marks[57, 1] - 6, 75.0),
        chin_line=line[(y < marks[57, 1] - 3) & (z > 78)],
        nose_to_lip=line[(y < on.nose_y + 1) & (y > marks[51, 1] - 1)],
        chin=on.near(marks[8] + np.array([0, 12, 8])),
        glabella=on.near((marks[21] + marks[22]) / 2),
        brows=np.unique(np.concatenate([on.near(mark, 6.0) for mark in marks[17:27]])),
        lids=(lids[0], lids[1]),
        midline=line,
        **_nose_patches(on),
        **_lip_patches(on),
    )


def _nose_patches(on: _Mean) -> dict[str, Ints]:
    """The nose: narrow at its root, as wide as its wings below; its wings; and what of it looks down."""
    x, y, z = on.middle.T
    root, base = on.marks[27, 1], on.nose_y
    half_width = np.interp(y, [base - 2, base + 6, root], [17.0, 17.0, 7.0])
    nose = on.skin[(np.abs(x) < half_width) & (y > base - 2) & (y < root) & (z > 75)]
    height = on.vertices[nose].mean(1)[:, 1]
    looks_down = _normals(on.vertices, nose)[:, 1] < -0.3
    return {
        "nose": nose,
        "nose_wings": np.unique(nose[height < base + 8]),
        "nose_base": nose[(height < on.marks[30, 1] - 3) & looks_down],
    }


def _lip_patches(on: _Mean) -> dict[str, Ints]:
    """The red of both lips that is seen from the front, and the line where they meet."""
    line = on.rim_with("mouth")
    outline, seen = on.marks[48:60, :2], _normals(on.vertices, on.skin)[:, 2] > 0
    lips = on.skin[_inside(on.middle[:, :2], outline) & (on.middle[:, 2] > 75) & seen]
    middle = on.vertices[lips].mean(1)
    upper = middle[:, 1] > np.interp(middle[:, 0], *_sorted_line(on.vertices[line]))
    return {"upper_lip": lips[upper], "lower_lip": lips[~upper], "mouth_line": line}


def surface_measures(patches: Patches, vertices: Array, eye_centres: Array) -> dict[str, float]:
    """Measures of one neutral head (V, 3) mm with eyes at (2, 3): mm, mm², mm³, degrees or ratios by name."""
    v = np.asarray(vertices, np.float64)
    return {
        **_face(patches, v),
        **_jaw_and_chin(patches, v),
        **_nose(patches, v),
        **_eyes(patches, v, np.asarray(eye_centres, np.float64)),
        **_mouth(patches, v),
    }


def _face(p: Patches, v: Array) -> dict[str, float]:
    """Breadth and height of the face, how round its outline is, how full it is below the eyes; the forehead."""
    outline = v[np.unique(p.face)][:, :2]
    hull = ConvexHull(outline)
    breadth = float(np.mean([_extent(v[slab], 0) for slab in p.face_slabs]))
    height = _extent(v[np.unique(p.face)], 1)
    return {
        "face_breadth": breadth,
        "face_height": height,
        "elongation": height / breadth,
        "roundness": 4 * np.pi * hull.volume / hull.area**2,  # in 2D: area and perimeter
        "low_face_girth": float(np.mean([ConvexHull(v[slab][:, [0, 2]]).area for slab in p.jaw_slabs])),
        "neck_girth": float(np.mean([ConvexHull(v[slab][:, [0, 2]]).area for slab in p.neck_slabs])),
        "low_face_area": _area(v, p.low_face),
        "forehead_area": _area(v, p.forehead),
        "forehead_rise": _area(v, p.forehead) / _extent(v[p.forehead_slab], 0),
        "forehead_breadth": _extent(v[p.forehead_slab], 0),
    }


def _jaw_and_chin(p: Patches, v: Array) -> dict[str, float]:
    """Breadth of the jaw, alone and beside the face; the chin's height along the skin, breadth and place."""
    jaw = float(np.mean([_extent(v[slab], 0) for slab in p.jaw_slabs]))
    face = float(np.mean([_extent(v[slab], 0) for slab in p.face_slabs]))
    front = v[p.chin_front]
    tip = front[front[:, 1] < front[:, 1].min() + CHIN_TIP_MM]
    return {
        "jaw_breadth": jaw,
        "jaw_share": jaw / face,
        "chin_length": _length(v[p.chin_line]),
        "chin_breadth": _extent(tip, 0),
        "chin_before_brow": float(v[p.chin][:, 2].mean() - v[p.glabella][:, 2].mean()),
        "chin_before_lips": float(v[p.chin][:, 2].mean() - v[np.unique(p.upper_lip)][:, 2].mean()),
    }


def _nose(p: Patches, v: Array) -> dict[str, float]:
    """Volume, area, breadth, length along the ridge, mean height over the cheeks, how much of its base is seen."""
    rows = np.unique(p.nose)
    volume, ground = _volume_over_rim(v, p.nose)
    ridge = p.midline[np.isin(p.midline, rows)]
    ridge = ridge[: int(np.argmax(v[ridge][:, 2])) + 1]
    normal, area = _normals(v, p.nose_base), _areas(v, p.nose_base)
    height = _extent(v[rows], 1)
    return {
        "nose_volume": volume,
        "nose_area": _area(v, p.nose),
        "nose_breadth": _extent(v[p.nose_wings], 0),
        "nose_mean_breadth": ground / height,
        "nose_ridge": _length(v[ridge]),
        "nose_rise": height,
        "nose_relief": volume / ground,
        "nose_base_tilt": float(np.degrees(np.arctan2(normal[:, 2] @ area, -(normal[:, 1] @ area)))),
    }


def _eyes(p: Patches, v: Array, centres: Array) -> dict[str, float]:
    """Area of the eyeballs seen from ahead, its height, distance of the eyes, slope of their long axes; the brows."""
    rims = [v[rim] for rim in p.lids]
    skin = np.ascontiguousarray(v[p.around_eyes])
    area = float(np.mean([uncovered(skin, c, EYE_RADIUS_MM, RAY_STEP_MM) for c in centres]) * RAY_STEP_MM**2)
    breadth = float(np.mean([_extent(rim, 0) for rim in rims]))
    middles = [rim.mean(0) for rim in rims]
    return {
        "eye_area": area,
        "eye_breadth": breadth,
        "eye_mean_opening": area / breadth,
        "eye_roundness": area / breadth**2,
        "eyes_apart": float(np.linalg.norm(middles[0] - middles[1])),
        "eye_slope": float(np.mean([_slope_deg(rim) for rim in rims])),
        "brow_rise": float(v[p.brows][:, 1].mean() - np.mean([middle[1] for middle in middles])),
        "above_eyes_area": _area(v, p.above_eyes),
    }


def _mouth(p: Patches, v: Array) -> dict[str, float]:
    """Breadth and area of the red of the lips, where the corners are, length of the skin between nose and lip."""
    upper, lower = np.unique(p.upper_lip), np.unique(p.lower_lip)
    line = v[p.mouth_line]
    far = np.abs(line[:, 0]) > 0.75 * np.abs(line[:, 0]).max()
    near = np.abs(line[:, 0]) < 0.3 * np.abs(line[:, 0]).max()
    return {
        "mouth_breadth": _extent(v[np.r_[upper, lower]], 0),
        "upper_lip_area": _area(v, p.upper_lip),
        "lower_lip_area": _area(v, p.lower_lip),
        "lips_height": (_area(v, p.upper_lip) + _area(v, p.lower_lip)) / _extent(v[np.r_[upper, lower]], 0),
        "corners_rise": float(line[far][:, 1].mean() - line[near][:, 1].mean()),
        "nose_to_lip": _length(v[p.nose_to_lip]),
    }


# Geometry


def _extent(points: Array, axis: int) -> float:
    return float(np.ptp(points[:, axis]))


def _length(path: Array) -> float:
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def _vectors(v: Array, triangles: Ints) -> Array:
    a, b, c = (v[triangles[:, k]] for k in range(3))
    return np.cross(b - a, c - a) / 2


def _areas(v: Array, triangles: Ints) -> Array:
    return np.linalg.norm(_vectors(v, triangles), axis=1)


def _area(v: Array, triangles: Ints) -> float:
    return float(_areas(v, triangles).sum())


def _normals(v: Array, triangles: Ints) -> Array:
    vectors = _vectors(v, triangles)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _volume_over_rim(v: Array, triangles: Ints) -> tuple[float, float]:
    """Volume mm³ between a patch and the plane that fits its rim best, and the area mm² of what the plane cuts off."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    rim = v[np.unique(unique[count == 1])]
    centre = rim.mean(0)
    normal = np.linalg.svd(rim - centre)[2][-1]
    normal = normal * np.sign(normal[2])
    ground = _vectors(v, triangles) @ normal
    height = (v[triangles].mean(1) - centre) @ normal
    return float((ground * height).sum()), float(ground.sum())


def _slope_deg(loop: Array) -> float:
    """Angle over the horizontal of the long axis of a loop (N, 3) seen from the front; the outer end up is positive."""
    flat = loop[:, :2] - loop[:, :2].mean(0)
    axis = np.linalg.svd(flat, full_matrices=False)[2][0]
    axis = axis * np.sign(axis[0]) * np.sign(loop[:, 0].mean())
    return float(np.degrees(np.arctan2(axis[1], abs(axis[0]))))


def _in_order(rows: Ints, mean: Array) -> Ints:
    """Sort the vertices of a rim around its middle."""
    away = mean[rows][:, :2] - mean[rows][:, :2].mean(0)
    return rows[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]


def _sorted_line(points: Array) -> tuple[Array, Array]:
    order = np.argsort(points[:, 0])
    return points[order, 0], points[order, 1]


def _inside(points: Array, polygon: Array) -> NDArray[np.bool_]:
    """Mark the points (N, 2) inside a polygon (K, 2), by counting edges to the right of each."""
    a, b = polygon, np.roll(polygon, -1, axis=0)
    crosses = (a[None, :, 1] > points[:, None, 1]) != (b[None, :, 1] > points[:, None, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = a[:, 0] + (points[:, 1, None] - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])
    return (crosses & (points[:, 0, None] < at)).sum(1) % 2 == 1
