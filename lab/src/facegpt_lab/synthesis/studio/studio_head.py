"""The default head made ready for a studio: what never changes, and the fast evaluation of one person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, rotation_from_rotvec
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.ears import in_ears
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.skinning import pose_one
from facegpt.render.numba_cpu.forward import facings, rasterize, vertex_normals
from facegpt.render.scalar import KERNEL
from facegpt.render.topology import edges_of
from facegpt.types import Array, LandmarkEmbedding
from facegpt_lab.synthesis.studio.materials import (
    BARE,
    EAR,
    EYE,
    EYES,
    LASH,
    MOUTH,
    NECK,
    PART_MOUTH,
    SKIN,
    SKIN_PART,
    TEETH,
)

#: Radius of the eyeballs, mm.
EYEBALL_MM = 12.6
#: Directions and picture side (px) by which the light from around that reaches each vertex is found.
AMBIENT_DIRECTIONS, AMBIENT_PX = 96, 256


@dataclass(frozen=True, eq=False)
class StudioHead:
    """What a studio needs of the head (V vertices, F triangles, P points), computed once.

    Attributes:
        mean, basis, units: (V * 3,) mm, and (I, V * 3), (E, V * 3) in steps of step_mm as int16.
        triangles: (F, 3) uint32. corner_uv: (F, 3, 2); of eyeballs x and y on the unit ball instead.
        material, part: (F,) uint8, see photo_materials. open: (V,) 0..1 share of the light from around.
        shares: (J, V) skin weights, joint by joint. points: the dense embedding. ibug: the 68.
        neck_places: (N, 2) places of the neck in the texture, right and down in 0..1.
        outer: (V,) bool, the outer skin. thing: (F,) uint8, BARE or EAR.
        scalp: (V,) bool, where a mass of hair may lie.
        neck_rim: (R,) vertices of the neck's lower end, around it.
    """

    model: MakeHumanHead
    mean: Array
    basis: NDArray[np.int16]
    units: NDArray[np.int16]
    step_mm: float
    triangles: NDArray[np.uint32]
    corner_uv: Array
    material: NDArray[np.uint8]
    part: NDArray[np.uint8]
    open: Array
    shares: Array
    points: LandmarkEmbedding
    ibug: LandmarkEmbedding
    neck_places: Array
    outer: NDArray[np.bool_]
    thing: NDArray[np.uint8]
    scalp: NDArray[np.bool_]
    neck_rim: NDArray[np.int64]

    def neutral(self, identity: Array) -> NDArray[np.float32]:
        """Evaluate a person at rest: (V, 3) mm."""
        out = self.mean.copy()
        add_rows(out, identity.astype(np.float32) * np.float32(self.step_mm), self.basis)
        return out.reshape(-1, 3)

    def vertices(self, neutral: Array, identity: Array, expression: Array, joints: Array, centres: Array) -> Array:
        """Evaluate expression and joints on a person at rest: (V, 3) mm, equal to head_vertices().

        centres: (J, 3) of joint_centres.
        """
        flat = neutral.reshape(-1).copy()
        add_rows(flat, expression.astype(np.float32) * np.float32(self.step_mm), self.units)
        head = flat.reshape(-1, 3)
        self._correct(head, identity, expression)
        if not joints.any():
            return head
        return pose_one(head, centres, joints, self.model.joint_parents.tolist(), self.shares)

    def joint_centres(self, identity: Array) -> Array:
        """The rest position of each joint (J, 3) mm."""
        arrays = self.model.arrays
        return arrays["joint_centres"] + np.tensordot(identity, arrays["joint_basis"].reshape(60, -1, 3), 1)

    def head_move(self, centres: Array, joints: Array) -> tuple[Array, Array]:
        """The rotation (3, 3) and shift (3,) of what the joint of the head carries stiffly."""
        neck, head = rotation_from_rotvec(joints[0]), rotation_from_rotvec(joints[1])
        shift = centres[1] - head @ centres[1]
        return neck @ head, neck @ shift + centres[0] - neck @ centres[0]

    def _correct(self, head: Array, identity: Array, expression: Array) -> None:
        """Add the corrective shapes in place (see Correctives.add_to)."""
        given = self.model.correctives
        products = expression[given.units[:, 0]] * expression[given.units[:, 1]]
        pairs = np.flatnonzero(products)
        if len(pairs):
            head[given.vertices] += np.tensordot(products[pairs], given.shapes[pairs], 1)
        for unit, vertices, shapes in zip(given.own_units, given.own_vertices, given.own_shapes, strict=False):
            others = given.overrulers.get(int(unit), ())
            weight = expression[unit] * np.prod([1 - expression[other] for other in others])
            if weight:
                head[vertices] += (np.float32(weight) * (identity @ shapes.reshape(len(shapes), -1))).reshape(-1, 3)


@njit(**KERNEL, fastmath=True)
def add_rows(out, weights, rows):
    """Add Σ weights · rows (K, N) int16 to out (N,)."""
    for k in range(len(weights)):
        w = weights[k]
        if w != np.float32(0.0):
            for j in range(rows.shape[1]):
                out[j] += w * np.float32(rows[k, j])


@lru_cache(maxsize=1)
def studio_head() -> StudioHead:
    """Make the default head ready; the same object each time."""
    model = makehuman.load()
    material, part = _classes(model)
    corner_uv = model.uv[model.uv_triangles].astype(np.float32)
    centres = model.arrays["joint_centres"]
    for name in ("left_eye", "right_eye"):
        rows = model.part == model.part_names.index(name)
        local = (model.mean_vertices - centres[model.joint_names.index(name)]) / EYEBALL_MM
        corner_uv[rows] = local[model.triangles[rows]][..., :2]
    points = model.embedding("dense")
    neck = np.unique(model.uv_triangles[part == NECK])
    outer = np.zeros(model.sizes.vertices, bool)
    outer[np.unique(model.triangles[model.part == model.part_names.index("skin")])] = True
    texels = np.stack([model.uv[neck][:, 0], 1 - model.uv[neck][:, 1]], 1)
    return StudioHead(
        model=model,
        mean=model.mean_vertices.reshape(-1).astype(np.float32),
        basis=_in_steps(model.identity_basis.reshape(model.sizes.identity, -1), float(model.arrays["step_mm"])),
        units=np.ascontiguousarray(model.arrays["expression_basis"].reshape(model.sizes.expression, -1)),
        step_mm=float(model.arrays["step_mm"]),
        triangles=np.ascontiguousarray(model.triangles, np.uint32),
        corner_uv=np.ascontiguousarray(corner_uv),
        material=material,
        part=part,
        open=_open_to_light(model),
        shares=np.ascontiguousarray(model.skin_weights.T),
        points=points,
        ibug=model.embedding("ibug68"),
        neck_places=texels[::25],
        outer=outer,
        thing=_things(model),
        scalp=_scalp(model.mean_vertices, outer),
        neck_rim=_neck_rim(model),
    )


def _in_steps(basis: NDArray[np.float32], step_mm: float) -> NDArray[np.int16]:
    """Displacements in mm as multiples of a step."""
    return np.round(basis / np.float32(step_mm)).astype(np.int16)


def _classes(model: MakeHumanHead) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Material and part (F,) of the head's triangles."""
    material = np.zeros(len(model.triangles), np.uint8)
    part = np.full(len(model.triangles), SKIN_PART, np.uint8)
    for word, kind, label in (
        *(("mouth", MOUTH, PART_MOUTH), ("tongue", MOUTH, PART_MOUTH), ("teeth", TEETH, PART_MOUTH)),
        *(("socket", SKIN, SKIN_PART), ("lash", LASH, EYES), ("eye", EYE, EYES)),
    ):
        for k, name in enumerate(model.part_names):
            if word in name and not (word == "eye" and "socket" in name):
                material[model.part == k], part[model.part == k] = kind, label
    middle = model.mean_vertices[model.triangles].mean(1)
    jaw = model.embedding("ibug68")(model.mean_vertices)[:17]
    turn = np.arctan2(np.abs(middle[:, 0]), middle[:, 2])
    half = jaw[8:]  # from the chin to the subject's left ear
    line = np.interp(turn, np.arctan2(np.abs(half[:, 0]), half[:, 2]), half[:, 1]) - 4
    line = np.where(turn > np.arctan2(half[-1, 0], half[-1, 2]), -38, np.minimum(line, -12))
    neck = (model.part == model.part_names.index("skin")) & (middle[:, 1] < line)
    part[neck & ((turn > 1.2) | (middle[:, 1] < line))] = NECK
    return material, part


def _things(model: MakeHumanHead) -> NDArray[np.uint8]:
    """Say which triangles (F,) are ears; all else of the head is bare."""
    return np.where(in_ears(model.mean_vertices[model.triangles].mean(1)), EAR, BARE).astype(np.uint8)


def _neck_rim(model: MakeHumanHead) -> NDArray[np.int64]:
    """The vertices of the neck's lower end, around it from the front to the subject's left."""
    edges, _, sides, _ = edges_of(model.triangles[model.part == model.part_names.index("skin")])
    single = np.unique(edges[sides[:, 0] == sides[:, 1]].astype(np.int64))
    rim = single[model.mean_vertices[single, 1] < -90]
    place = model.mean_vertices[rim]
    return rim[np.argsort(np.arctan2(place[:, 0], place[:, 2] - place[:, 2].mean()) % (2 * np.pi))]


def _scalp(mean: Array, outer: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say where a mass of hair may lie (V,): skull and nape, without face and ears."""
    turn = np.abs(np.arctan2(mean[:, 0], mean[:, 2] - 5))
    ear = (np.abs(mean[:, 0]) > 70.5) & (mean[:, 1] > -45) & (mean[:, 1] < 42)
    return outer & ~ear & ((mean[:, 1] > 50) | ((turn > 1.15) & (mean[:, 1] > -100)))


def _open_to_light(model: MakeHumanHead) -> Array:
    """Find the share of the light from around that reaches each vertex (V,): the mean head, its mouth half open.

    The head is rasterised from many directions; a vertex counts as lit from one where nothing lies in front of it.
    """
    rest = model.mean_vertices.astype(np.float32)
    jaw = model.expression_basis[ARKIT_NAMES.index("jawOpen")]
    opened = rest + 0.55 * jaw
    inner = np.zeros(len(rest), bool)
    for name in ("mouth", "upper_teeth", "lower_teeth", "tongue"):
        inner[np.unique(model.triangles[model.part == model.part_names.index(name)])] = True
    lashes = model.part == model.part_names.index("lashes")
    triangles = np.ascontiguousarray(model.triangles[~lashes], np.uint32)
    found = [_openness(shape.astype(np.float32), triangles) for shape in (rest, opened)]
    return np.where(inner, found[1], found[0]).astype(np.float32)


def _openness(vertices: Array, triangles: NDArray[np.uint32]) -> Array:
    normals, lengths = np.empty_like(vertices), np.empty(len(vertices), np.float32)
    vertex_normals(vertices, triangles, normals, lengths)
    turn = np.arange(AMBIENT_DIRECTIONS) * np.pi * (3 - np.sqrt(5))
    height = 1 - 2 * (np.arange(AMBIENT_DIRECTIONS) + 0.5) / AMBIENT_DIRECTIONS
    ring = np.sqrt(1 - height**2)
    lit, total = np.zeros(len(vertices)), np.zeros(len(vertices))
    for direction in np.stack([ring * np.cos(turn), height, ring * np.sin(turn)], 1):
        cosine = np.maximum(normals @ direction, 0)
        lit += cosine * _lit_from(vertices, triangles, direction)
        total += cosine
    return lit / np.maximum(total, 1e-3)


def _lit_from(vertices: Array, triangles: NDArray[np.uint32], direction: Array) -> NDArray[np.bool_]:
    """Say which vertices (V,) a parallel beam from `direction` reaches."""
    side = np.cross(direction, [0.0, 0.0, 1.0] if abs(direction[2]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    frame = np.stack([side, np.cross(direction, side), direction])
    placed = (vertices @ frame.T).astype(np.float32)
    scale = (AMBIENT_PX - 3) / np.ptp(placed[:, :2], axis=0).max()
    screen = np.ascontiguousarray(
        np.concatenate([(placed[:, :2] - placed[:, :2].min(0)) * scale + 1, placed[:, 2:] + 1000], 1), np.float32
    )
    facing = np.empty(len(triangles), np.uint8)
    nearest = np.empty((AMBIENT_PX, AMBIENT_PX), np.float32)
    index, touched = np.empty(nearest.shape, np.int32), np.empty(len(triangles), np.uint8)
    facings(screen, triangles, facing)
    rasterize(placed, screen, triangles, facing, np.ones(3, np.float32), nearest, index, touched, 0, AMBIENT_PX)
    column, row = np.round(screen[:, 0]).astype(int), np.round(screen[:, 1]).astype(int)
    return screen[:, 2] > nearest[row, column] - 1.5
