"""What words call the parts of a face, measured on the neutral head: raw values in mm, degrees or ratios.

Each value follows the `definition` column of attributes.csv and uses only where the surface lies, never the named
controls of the head model, so it can judge them. Measuring points are chosen once by rules on the mean head and are
then fixed to the surface. Frame: head frame, mm; "level" values are taken with the Frankfurt plane (tragia and lower
orbital rims) horizontal.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import numpy as np
from numpy.typing import NDArray

from facegpt.describe.shape.point_formula import cut_edges, loop_area, measured, profile_axes, soft_peak, unit
from facegpt.language.targets import attribute_rows
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.measure import measure_mm
from facegpt.types import Array

Ints = NDArray[np.int64]

#: Attributes that are a published measure without sides: attribute → name in measure.py.
PUBLISHED = {
    "head_size": "head_circumference",
    "face_width": "bizygomatic_breadth",
    "face_length": "menton_sellion_length",
    "jaw_width": "bigonial_breadth",
    "forehead_width": "minimum_frontal_breadth",
    "nose_width": "nose_breadth",
    "nose_length": "nose_height_nasion_subnasale",
    "nose_protrusion": "nose_protrusion",
    "eye_spacing": "inner_canthal_distance",
    "mouth_width": "lip_length",
    "upper_lip_fullness": "upper_vermilion_height",
    "lower_lip_fullness": "lower_vermilion_height",
    "philtrum_length": "philtrum_length",
    "neck_width": "neck_circumference",
}
#: Straight distances of which the mean of both sides is meant.
BOTH_SIDES = {
    "eye_width": ("endocanthion", "exocanthion"),
    "ear_size": ("superaurale", "subaurale"),
    "ear_protrusion": ("mastoid", "ear_edge"),
}
#: The published measures of one side that those attributes are.
SIDED_MEASURES = ("palpebral_fissure_length", "ear_length", "ear_protrusion")
#: Rim of the left nostril, vertices of the default head's topology (from the wing forward and back along the septum).
NOSTRIL = (2541, 2544, 2543, 2542, 2562, 2545, 2546, 2547, 2548, 2549, 2550, 2551)
#: Middle of the upper and lower lid margin and the brow (upper edge, lower edge, twice) of MediaPipe's mesh, left side.
UPPER_LID, LOWER_LID, BROW = 386, 374, (334, 282, 296, 295)
#: Heights above the upper lid's margin at which the lid is sampled, mm, up to the brow.
LID_HEIGHTS_MM = np.arange(0.5, 10.5, 0.5)
SIDES = ("left", "right")
EYE_PARTS = ("left_eye", "right_eye")
#: Heights of points on the forehead above the glabella: trichion (the hairline's usual place) and half-way, mm.
TRICHION_MM = 55.0


class ShapeGauge:
    """Measures heads of one model. Dimension letters: conventions.py; N is the number of fixed points."""

    def __init__(self, model: MakeHumanHead) -> None:
        self.model = model
        self._skin = model.triangles[model.part == model.part_names.index("skin")].astype(np.int64)
        # Points are chosen on the population's mean, so that a head of one's own has the same.
        self._mean = np.asarray(getattr(model, "population_mean", model.mean_vertices), np.float64)
        outline = self._mean[self._skin][..., :2]
        self._boxes = outline.min(1), outline.max(1)
        self._corners: list[Ints] = []
        self._weights: list[Array] = []
        self._row: dict[str, int] = {}
        anatomy = model.landmarks.points(self._mean)
        self._anatomy = {name: anatomy[row] for name, row in model.landmarks.row.items()}
        self._midline = self._midline_rows()
        self._place_points()
        self._face = self._face_region()
        self._eyeballs = [np.unique(model.triangles[model.part == model.part_names.index(n)]) for n in EYE_PARTS]
        rim = np.array(NOSTRIL)
        self._nostrils = (rim, model.mirror[rim].astype(np.int64))
        self._jaw_edges = self._edges(lambda v: (v[:, 1] < -45) & (v[:, 2] > 15))
        tip = self._anatomy["pronasale"]
        self._tip_edges = self._edges(lambda v: np.linalg.norm(v - tip, axis=1) < 16)

    # Points fixed to the surface

    def _place_points(self) -> None:
        """Choose the points that anthropometry has no name for, on the mean head."""
        a, lids = self._anatomy, self.model.embedding("mediapipe478")(self._mean)
        pupil, glabella = a["pupil_left"], a["glabella"]
        brow_y = float(lids[list(BROW), 1].mean())
        self._fix("trichion", 0, glabella[1] + TRICHION_MM)
        self._fix("forehead_middle", 0, glabella[1] + TRICHION_MM / 2)
        bridge_y = (a["nasion"][1] + a["pronasale"][1]) / 2
        third = a["pronasale"][1] + (a["nasion"][1] - a["pronasale"][1]) / 3
        cheek = (a["alare_left"] + a["cheilion_left"] + a["gonion_left"]) / 3
        chin = self._mean[self._midline["chin"]]
        chin_y = float(chin[np.argmax(chin[:, 2]), 1])  # pogonion
        self._fix("chin_middle", 0, chin_y)
        upper, lower = lids[UPPER_LID], lids[LOWER_LID]
        for side, sign in (("left", 1.0), ("right", -1.0)):
            self._fix(f"bridge_{side}", sign * self._half_depth(bridge_y), bridge_y)
            self._fix(f"brow_{side}", sign * pupil[0], brow_y)
            self._fix(f"ridge_{side}", sign * 0.7 * pupil[0], brow_y)
            self._fix(f"above_ridge_{side}", sign * 0.7 * pupil[0], brow_y + 20)
            self._fix(f"rim_above_{side}", sign * pupil[0], brow_y - 2)
            self._fix(f"orbitale_{side}", sign * pupil[0], pupil[1] - 20)
            self._fix(f"malar_{side}", sign * a["exocanthion_left"][0], third)
            self._fix(f"cheek_{side}", sign * cheek[0], cheek[1])
            self._fix(f"chin_{side}", sign * 7.0, chin_y)
            self._fix(f"upper_lid_{side}", sign * upper[0], upper[1])
            self._fix(f"lower_lid_{side}", sign * lower[0], lower[1])
            self._fix(f"bag_{side}", sign * lower[0], lower[1] - 10)
            self._fix(f"below_bag_{side}", sign * lower[0], lower[1] - 22)
            for k, height in enumerate(LID_HEIGHTS_MM):
                self._fix(f"lid{k}_{side}", sign * upper[0], upper[1] + height)

    def _half_depth(self, y: float, base: float = 14.0) -> float:
        """The x where the side of the mean's nose at height y is half as deep as at x = `base` mm."""
        xs = np.linspace(0, base, 29)
        depth = [self._foremost(x, y)[2] for x in xs]
        return float(np.interp(-(depth[0] + depth[-1]) / 2, -np.array(depth), xs))

    def _fix(self, name: str, x: float, y: float) -> None:
        """Fix a point to the foremost skin of the mean head at (x, y)."""
        corners, weights, _ = self._foremost(x, y)
        self._row[name] = len(self._corners)
        self._corners.append(corners)
        self._weights.append(weights)

    def _foremost(self, x: float, y: float) -> tuple[Ints, Array, float]:
        """The corners, weights and z of the mean's foremost skin at (x, y) mm."""
        at = np.array([x, y])
        near = np.flatnonzero(((self._boxes[0] <= at + 1e-6) & (self._boxes[1] >= at - 1e-6)).all(1))
        corners = self._mean[self._skin[near]]
        p, q, r = corners[:, 0, :2], corners[:, 1, :2], corners[:, 2, :2]
        area = _cross(q - p, r - p)
        area = np.where(np.abs(area) < 1e-9, np.nan, area)
        weights = np.stack([_cross(q - at, r - at), _cross(r - at, p - at), _cross(p - at, q - at)], -1) / area[:, None]
        inside = np.flatnonzero((weights > -1e-6).all(1))
        depth = (weights[inside] * corners[inside, :, 2]).sum(1)
        hit = inside[np.argmax(depth)]
        return self._skin[near[hit]], weights[hit], float(depth.max())

    def _midline_rows(self) -> dict[str, Ints]:
        """Vertices of the mean's plane of symmetry in front, top to bottom, by stretch of the profile."""
        skin = np.unique(self._skin)
        middle = skin[(np.abs(self._mean[skin, 0]) < 0.05) & (self._mean[skin, 2] > 20)]
        middle = middle[np.argsort(-self._mean[middle, 1])]
        height = self._mean[middle, 1]

        def between(top: str, bottom: str) -> Ints:
            a = self._anatomy
            return middle[(height <= a[top][1] + 0.01) & (height >= a[bottom][1] - 0.01)]

        neck = self._mean[self.model.arrays["neck_loop"].astype(np.int64), 1].mean()
        below = middle[(height <= self._anatomy["menton"][1] + 0.01) & (height > neck + 5)]
        nose, columella = between("nasion", "pronasale"), between("pronasale", "subnasale")
        return {"nose": nose, "columella": columella, "chin": between("sublabiale", "menton"), "throat": below}

    def _face_region(self) -> Ints:
        """Vertices of the face in front of the ears, from chin to hairline."""
        a = self._anatomy
        skin = np.unique(self._skin)
        v = self._mean[skin]
        return skin[(v[:, 2] > 45) & (v[:, 1] > a["menton"][1]) & (v[:, 1] < a["glabella"][1] + TRICHION_MM)]

    def _edges(self, chosen: Callable[[Array], NDArray[np.bool_]]) -> Ints:
        """The edges (N, 2) of the skin whose ends both lie where `chosen` is true of the mean head."""
        t = self._skin
        edges = np.unique(np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), axis=1), axis=0)
        keep = chosen(self._mean)
        return edges[keep[edges].all(1)]

    # Values

    def raw(self, vertices: Array) -> dict[str, Array]:
        """Measure neutral heads (B, V, 3) mm: attribute (or other measure) → (B,) in mm, degrees, mm² or a ratio."""
        v = np.asarray(vertices, np.float64)
        found = _Points(self, v)
        values: dict[str, Array] = {}
        measured = measure_mm(self.model.landmarks, v)
        values.update({n: mm for n, mm in measured.items() if n not in PUBLISHED.values() and n not in SIDED_MEASURES})
        values.update({name: measured[measure] for name, measure in PUBLISHED.items()})
        for name, (a, b) in BOTH_SIDES.items():
            left, right = (_distance(found[f"{a}_{side}"], found[f"{b}_{side}"]) for side in SIDES)
            values[name] = (left + right) / 2
        values.update(_of_table(found))
        for part in (self._head, self._jaw, self._nose, self._eyes_and_brows, self._symmetry):
            values.update(part(v, found))
        return values

    def of_table(self, identity: Array) -> dict[str, Array]:
        """Measure adults (B, I) as the column `points` of attributes.csv says: attribute → (B,) mm or degrees.

        Quicker than `raw`: the points are linear in the identity.
        """
        units = np.concatenate([np.zeros((1, identity.shape[1])), np.eye(identity.shape[1])])
        return _of_table(_Points(self, self.model.neutral_vertices(units)).mixed(identity))

    def _head(self, v: Array, p: _Points) -> dict[str, Array]:
        glabella, middle, trichion = p["glabella"], p["forehead_middle"], p["trichion"]
        rises = [p.level(top - glabella) for top in (middle, trichion)]
        slope = np.mean([np.arctan2(-rise[:, 2], rise[:, 1]) for rise in rises], axis=0)
        neck = v[:, self.model.arrays["neck_loop"].astype(np.int64)]
        front = neck[:, np.argmax(self._mean[self.model.arrays["neck_loop"].astype(np.int64), 2])]
        return {
            "forehead_height": _distance(glabella, trichion),
            "forehead_slope": np.degrees(slope),
            "cheekbone_prominence": _sides(lambda s: p.before_plane("malar", ("exocanthion", "alare", "gonion"), s)),
            "cheek_fullness": _sides(lambda s: p.before_plane("cheek", ("zygion", "cheilion", "gonion"), s)),
            "neck_length": p["menton"][:, 1] - front[:, 1],
        }

    def _jaw(self, v: Array, p: _Points) -> dict[str, Array]:
        menton, stomion = p["menton"], p["stomion"]
        chin = v[:, self._midline["chin"]]
        bulges = (p["chin_left"] + p["chin_right"])[:, 2] / 2
        half = (stomion[:, 1] + menton[:, 1]) / 2
        ear = (p["tragion_left"] + p["tragion_right"])[:, 2] / 2
        return {
            "chin_height": stomion[:, 1] - menton[:, 1],
            "chin_protrusion": p.level(chin)[..., 2].max(1) - p.level(p["subnasale"])[:, 2],
            "chin_cleft": bulges - p["chin_middle"][:, 2],
            "chin_width": self._outline_width(v, menton[:, 1] + 10, menton[:, 2] - 15),
            "jaw_squareness": self._outline_width(v, half, ear + 30) / _distance(p["zygion_left"], p["zygion_right"]),
            "jawline_definition": -self._throat_angle(v[:, self._midline["throat"]], menton),
            "mouth_corners": (p["cheilion_left"] + p["cheilion_right"])[:, 1] / 2 - stomion[:, 1],
        }

    def _outline_width(self, v: Array, y: Array, z: Array) -> Array:
        """Width (B,) of the front outline at height y (B,): of the lower face in front of z (B,), mm.

        What lies behind z counts less by what it lies behind, so that the width has no jumps.
        """
        a, b = v[:, self._jaw_edges[:, 0]], v[:, self._jaw_edges[:, 1]]
        crossing, at = cut_edges(a, b, y, axis=1)
        behind = np.maximum(z[:, None] - at[..., 2], 0)
        left = np.where(crossing, at[..., 0] - behind, -np.inf).max(1)
        right = np.where(crossing, -at[..., 0] - behind, -np.inf).max(1)
        return left + right

    def _throat_angle(self, throat: Array, menton: Array) -> Array:
        """Angle (B,) in degrees at the deepest point of the line (B, N, 3) under the chin and down the neck."""
        low = throat[:, -1]
        along = low - menton
        along = along / np.linalg.norm(along, axis=-1, keepdims=True)
        inward = np.stack([np.zeros(len(low)), -along[:, 2], along[:, 1]], -1)
        depth = np.einsum("bnx,bx->bn", throat - menton[:, None], inward)
        deepest = soft_peak(depth * np.sign(depth.mean(1, keepdims=True)), throat, 1.0)
        return _angle(menton - deepest, low - deepest)

    def _nose(self, v: Array, p: _Points) -> dict[str, Array]:
        nasion, tip, base = p["nasion"], p["pronasale"], p["subnasale"]
        ridge = v[:, self._midline["nose"]]
        along, forward = profile_axes(nasion, tip)
        t = np.einsum("bnx,bx->bn", ridge - nasion[:, None], along)
        bulge = np.einsum("bnx,bx->bn", ridge - nasion[:, None], forward)
        half = np.linalg.norm(tip - nasion, axis=-1) / 2
        convexity = np.array([np.interp(h, x, y) for h, x, y in zip(half, t, bulge, strict=True)])
        columella = v[:, self._midline["columella"]]
        reach = np.linalg.norm(columella - base[:, None], axis=-1)
        rows = list(zip(reach, columella, strict=True))
        front = np.array([[np.interp(5.0, r[::-1], c[::-1, k]) for k in range(3)] for r, c in rows])
        return {
            "nose_bridge_convexity": convexity,
            "nose_bridge_height": nasion[:, 2] - (p["endocanthion_left"] + p["endocanthion_right"])[:, 2] / 2,
            "nose_bridge_width": _distance(p["bridge_left"], p["bridge_right"]),
            "nose_tip_elevation": _angle(front - base, p["labrale_superius"] - base),
            "nose_tip_width": self._tip_width(v, tip),
            "nostril_size": (loop_area(v[:, self._nostrils[0]]) + loop_area(v[:, self._nostrils[1]])) / 2,
        }

    def _tip_width(self, v: Array, tip: Array) -> Array:
        """Breadth (B,) of the nose's tip 4 mm behind its foremost point, mm."""
        a, b = v[:, self._tip_edges[:, 0]], v[:, self._tip_edges[:, 1]]
        crossing, at = cut_edges(a, b, tip[:, 2] - 4, axis=2)
        return np.where(crossing, at[..., 0], -np.inf).max(1) + np.where(crossing, -at[..., 0], -np.inf).max(1)

    def _eyes_and_brows(self, v: Array, p: _Points) -> dict[str, Array]:
        corneas = dict(zip(SIDES, (v[:, ball, 2].max(1) for ball in self._eyeballs), strict=True))

        def tilt(side: str) -> Array:
            slit = p[f"exocanthion_{side}"] - p[f"endocanthion_{side}"]
            return np.degrees(np.arctan2(slit[:, 1], np.abs(slit[:, 0])))

        def bag(side: str) -> Array:
            margin, middle, cheek = (p[f"{n}_{side}"] for n in ("lower_lid", "bag", "below_bag"))
            share = (margin - middle)[:, 1] / (margin - cheek)[:, 1]
            return middle[:, 2] - margin[:, 2] - share * (cheek - margin)[:, 2]

        def rim(side: str) -> Array:
            return (p[f"rim_above_{side}"] + p[f"orbitale_{side}"])[:, 2] / 2 - corneas[side]

        return {
            "eye_height": _sides(lambda s: _distance(p[f"upper_lid_{s}"], p[f"lower_lid_{s}"])),
            "eye_tilt": _sides(tilt),
            "eye_depth": _sides(rim),
            "lid_hooding": -_sides(lambda s: self._lid_show(p, s)),
            "eye_bags": _sides(bag),
            "brow_height": _sides(lambda s: _distance(p[f"pupil_{s}"], p[f"brow_{s}"])),
            "brow_ridge": _sides(lambda s: (p[f"ridge_{s}"] - p[f"above_ridge_{s}"])[:, 2]),
        }

    def _lid_show(self, p: _Points, side: str) -> Array:
        """Height (B,) of the upper lid that is seen from in front: from its margin to the fold, mm."""
        lid = np.stack([p[f"lid{k}_{side}"] for k in range(len(LID_HEIGHTS_MM))], 1)
        margin, brow = p[f"upper_lid_{side}"], p[f"brow_{side}"]
        share = (lid - margin[:, None])[..., 1] / (brow - margin)[:, None, 1]
        depth = margin[:, None, 2] + share * (brow - margin)[:, None, 2] - lid[..., 2]
        fold = soft_peak(depth, lid, 0.5)[:, 1]
        # Skin that hangs over the fold hides the lid down to the lowest point of the skin above it.
        above = np.arange(lid.shape[1]) > depth.argmax(1)[:, None]
        hanging = np.where(above, lid[..., 1], np.inf).min(1)
        return np.minimum(fold, hanging) - margin[:, 1]

    def _symmetry(self, v: Array, p: _Points) -> dict[str, Array]:
        face = self._face
        points = v[:, face] - v[:, face].mean(1, keepdims=True)
        mirrored = v[:, self.model.mirror[face]] * (-1, 1, 1)
        mirrored = mirrored - mirrored.mean(1, keepdims=True)
        u, _, vt = np.linalg.svd(np.einsum("bnx,bny->bxy", mirrored, points))
        turn = u @ vt
        apart = np.linalg.norm(mirrored @ turn - points, axis=-1)
        names = ("exocanthion", "endocanthion", "zygion", "tragion", "gonion")
        across = np.sum([unit(p[f"{n}_left"] - p[f"{n}_right"]) for n in names], axis=0)
        middle = np.sum([p[f"{n}_left"] + p[f"{n}_right"] for n in names], axis=0) / (2 * len(names))
        ridge = v[:, self._midline["nose"]] - middle[:, None]
        crooked = np.abs(np.einsum("bnx,bx->bn", ridge, unit(across))).max(1)
        return {"asymmetry": np.sqrt((apart**2).mean(1)), "nose_crookedness": crooked}


def _of_table(points: _Points) -> dict[str, Array]:
    """What the column `points` of attributes.csv says how to measure: attribute → (B,) mm or degrees."""
    return {row["name"]: measured(row["points"], points) for row in attribute_rows() if row["points"]}


class _Points:
    """Named points of heads (B, V, 3): those of anthropometry and those of the gauge, each (B, 3) mm."""

    def __init__(self, gauge: ShapeGauge, vertices: Array) -> None:
        self.anatomy = gauge.model.landmarks.points(vertices)
        self.anatomy_row = gauge.model.landmarks.row
        self.own = np.einsum("bncx,nc->bnx", vertices[:, np.array(gauge._corners)], np.array(gauge._weights))
        self.own_row = gauge._row
        self._hold_level()

    def _hold_level(self) -> None:
        ear, eye = ((self[f"{n}_left"] + self[f"{n}_right"]) / 2 for n in ("tragion", "orbitale"))
        self.pitch = np.arctan2((eye - ear)[:, 1], (eye - ear)[:, 2])

    def mixed(self, identity: Array) -> _Points:
        """The points of identities (B, I) from those of the mean and of each unit vector (1 + I heads)."""
        mixed = copy(self)
        for name in ("anatomy", "own"):
            points = getattr(self, name)
            setattr(mixed, name, points[0] + np.tensordot(identity, points[1:] - points[0], 1))
        mixed._hold_level()
        return mixed

    def __getitem__(self, name: str) -> Array:
        if name in self.own_row:
            return self.own[:, self.own_row[name]]
        return self.anatomy[:, self.anatomy_row[name]]

    def level(self, points: Array) -> Array:
        """Points or directions (B, 3) or (B, N, 3) turned about x so that tragia and lower orbital rims are level."""
        pitch = self.pitch.reshape(-1, *[1] * (points.ndim - 2))
        cos, sin = np.cos(pitch), np.sin(pitch)
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        return np.stack([x, cos * y - sin * z, sin * y + cos * z], -1)

    def before_plane(self, point: str, corners: tuple[str, str, str], side: str) -> Array:
        """Distance (B,) of a point in front of and outside the plane of three landmarks of the same side, mm."""
        a, b, c = (self[f"{n}_{side}"] for n in corners)
        normal = unit(np.cross(b - a, c - a))
        normal = normal * np.sign(normal @ np.array([1.0 if side == "left" else -1.0, 0.0, 1.0]))[:, None]
        return np.einsum("bx,bx->b", self[f"{point}_{side}"] - a, normal)


def _cross(a: Array, b: Array) -> Array:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _distance(a: Array, b: Array) -> Array:
    return np.linalg.norm(a - b, axis=-1)


def _sides(value: Callable[[str], Array]) -> Array:
    return (value("left") + value("right")) / 2


def _angle(a: Array, b: Array) -> Array:
    """Angle (B,) between directions, degrees."""
    return np.degrees(np.arccos(np.clip((unit(a) * unit(b)).sum(-1), -1, 1)))
