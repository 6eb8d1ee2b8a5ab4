"""A small made-up head (782 vertices) that keeps the MorphableModel contract: tests run without the real one.

It has what tests trip over: a texture seam at the back, several parts, see-through lashes, eyes that turn, mirrored
units, and a jaw that opens. It is no likeness of a head beyond that. Frame and units are those of conventions.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from made_up_head_pieces import EYE_CENTRE, EYE_RADIUS, IRIS_RADIUS, Piece, ibug68, mediapipe478, pieces
from numpy.typing import NDArray
from torch import Tensor

from facegpt.conventions import ARKIT_NAMES, HEAD_TO_CAMERA_AXES, linear_to_srgb, mirror_arkit_name
from facegpt.export.bundle import HeadExport, from_model
from facegpt.morphable.base import Sizes
from facegpt.types import Camera, FaceParams, LandmarkEmbedding, Pose

PART_NAMES = ("skin", "left_eye", "right_eye", "upper_teeth", "lower_teeth", "tongue", "lashes")
#: Place of each part in the texture: u0, v0, u1, v1.
TILES = {
    "skin": (0.01, 0.01, 0.74, 0.99),
    "left_eye": (0.76, 0.76, 0.98, 0.98),
    "right_eye": (0.76, 0.51, 0.98, 0.73),
    "upper_teeth": (0.76, 0.40, 0.98, 0.48),
    "lower_teeth": (0.76, 0.30, 0.98, 0.38),
    "tongue": (0.76, 0.16, 0.98, 0.28),
    "lashes": (0.76, 0.02, 0.98, 0.13),
}
ALBEDO = {"skin": (0.55, 0.31, 0.22), "upper_teeth": (0.8, 0.76, 0.68), "lower_teeth": (0.8, 0.76, 0.68)}
ALBEDO |= {"tongue": (0.5, 0.12, 0.12), "lashes": (0.02, 0.015, 0.01), "left_eye": (0.8, 0.8, 0.8)}
ALBEDO |= {"right_eye": (0.8, 0.8, 0.8)}
TEXTURE_SIZE = 64
JOINT_NAMES, JOINT_PARENTS = ("neck", "head", "left_eye", "right_eye"), (-1, 0, 1, 1)

#: Where an expression unit acts (the subject's left side) and how far it reaches (mm), by the start of its name.
REGIONS = {
    "brow": ((30, 45, 85), 18),
    "cheek": ((50, -15, 70), 20),
    "eye": ((32, 25, 80), 14),
    "jaw": ((0, -95, 65), 32),
    "mouth": ((20, -50, 85), 18),
    "nose": ((10, -10, 100), 12),
    "tongue": ((0, -53, 70), 12),
}


def _units(vertices: NDArray, moves: NDArray, mirror: NDArray) -> NDArray:
    """(52, V, 3) mm: smooth bumps by region; left and right are mirror images. `moves` (V,) is 0 where all is stiff."""
    units = {}
    for k, name in enumerate(ARKIT_NAMES):
        place, reach = REGIONS[next(start for start in REGIONS if name.startswith(start))]
        rng = np.random.default_rng(k)
        direction = rng.normal(size=3) * (1, 1, 0.5)
        direction = {"jawOpen": (0, -28, -6), "tongueOut": (0, -2, 30)}.get(
            name, 7 * direction / np.linalg.norm(direction)
        )
        centre = np.array(place) + rng.normal(size=3) * 4 * (place[0] != 0, 1, 0)
        bump = np.exp(-(((vertices - centre) / reach) ** 2).sum(1))[:, None] * moves[:, None] * direction
        reflected = bump[mirror] * (-1, 1, 1)
        if mirror_arkit_name(name) == name:
            units[name] = (bump + reflected) / (1 if place[0] else 2)
        elif name.endswith("Left"):
            units[name], units[mirror_arkit_name(name)] = bump, reflected
    return np.stack([units[name] for name in ARKIT_NAMES]).astype(np.float32)


def _identity(vertices: NDArray, mirror: NDArray, modes: int) -> NDArray:
    """(I, V, 3) mm per SD: size (3 %), then smooth waves of 2 mm RMS without rigid motion, the last two asymmetric."""
    rng, centred = np.random.default_rng(52), vertices - vertices.mean(0)
    rigid = [np.broadcast_to(axis, vertices.shape).ravel() for axis in np.eye(3)]
    rigid += [np.cross(axis, centred).ravel() for axis in np.eye(3)]
    basis, taken = [vertices * 0.03], [*rigid, vertices.ravel()]
    for k in range(1, modes):
        wave = vertices @ rng.normal(size=(3, 3)) * 0.02 + rng.uniform(0, 2 * np.pi, 3)
        shape = np.sin(wave) * rng.normal(size=3)
        reflected = shape[mirror] * (-1, 1, 1)
        flat = (shape + (reflected if k < modes - 2 else -reflected)).ravel()
        known = np.stack(taken, 1)
        flat = flat - known @ np.linalg.lstsq(known, flat, rcond=None)[0]
        taken.append(flat)
        basis.append(2 * (flat / np.sqrt((flat**2).sum() / len(vertices))).reshape(-1, 3))
    return np.stack(basis).astype(np.float32)


def _texel_parts(size: int) -> dict[str, NDArray[np.bool_]]:
    """For each part the texels of its tile, widened by one texel, row 0 at v = 1."""
    v, u = np.meshgrid(1 - (np.arange(size) + 0.5) / size, (np.arange(size) + 0.5) / size, indexing="ij")
    pad = 1 / size
    return {
        name: (u > u0 - pad) & (u < u1 + pad) & (v > v0 - pad) & (v < v1 + pad)
        for name, (u0, v0, u1, v1) in TILES.items()
    }


def _mean_albedo(size: int) -> NDArray:
    """(3, H, W) linear RGB: flat colours by part, a brown iris and a black pupil, and redder lips."""
    image = np.full((size, size, 3), 0.3)
    for name, texels in _texel_parts(size).items():
        image[texels] = ALBEDO[name]
    rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    for eye in ("left_eye", "right_eye"):
        u0, v0, u1, v1 = TILES[eye]
        across, down = columns + 0.5 - (u0 + u1) / 2 * size, rows + 0.5 - (1 - (v0 + v1) / 2) * size
        from_centre = np.hypot(across, down) / (u1 - u0) / size * 2 * np.radians(140) * EYE_RADIUS
        image[from_centre < IRIS_RADIUS] = (0.15, 0.07, 0.03)
        image[from_centre < 2] = 0.005
    lips = np.hypot((columns + 0.5 - 0.375 * size) / 7, (rows + 0.5 - 0.67 * size) / 2) < 1
    image[lips] = (0.45, 0.15, 0.14)
    return image.transpose(2, 0, 1)


def _tints(modes: int, rng: np.random.Generator) -> NDArray:
    """(A, 3, H, W) changes of the albedo's logit: each mode one tint with a slow wave over the texture."""
    place = (np.arange(TEXTURE_SIZE) + 0.5) / TEXTURE_SIZE
    wave = np.stack([1 + 0.3 * k * np.cos(np.pi * (place[:, None] * k + place[None, :])) for k in range(modes)])
    return rng.normal(size=(modes, 3, 1, 1)) * 0.25 * wave[:, None]


def _area2(p: NDArray, q: NDArray) -> NDArray:
    """Twice the signed area between plane vectors (..., 2)."""
    return p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0]


def _on_surface(points: NDArray, vertices: NDArray, triangles: NDArray) -> tuple[NDArray, NDArray]:
    """Front-most triangle under each (L, 2) point of the x-y plane: corners (L, 3) and barycentric weights (L, 3)."""
    a, b, c = (vertices[triangles[:, k], :2] for k in range(3))
    area = _area2(b - a, c - a)
    corners, weights = [], []
    for point in points:
        with np.errstate(divide="ignore", invalid="ignore"):
            sides = ((c - b, b), (a - c, c), (b - a, a))
            w = np.stack([_area2(edge, point - start) for edge, start in sides], -1) / area[:, None]
        depth = np.where((w >= -1e-9).all(1) & (area > 1e-6), (w * vertices[triangles, 2]).sum(1), -np.inf)
        best = int(depth.argmax())
        if not np.isfinite(depth[best]):
            raise ValueError(f"no triangle in front at {point}")
        corners.append(triangles[best])
        weights.append(w[best])
    return np.array(corners), np.array(weights)


def _mirror(vertices: NDArray) -> NDArray[np.int32]:
    gap = np.abs(vertices[:, None] * (-1, 1, 1) - vertices[None]).sum(2)
    found = gap.argmin(1)
    assert gap[np.arange(len(vertices)), found].max() < 1e-6
    return found.astype(np.int32)


@dataclass(frozen=True, eq=False)
class MadeUpHead:
    """The contract's attributes as fields; build it with `made_up_head()`."""

    mean_vertices: NDArray
    identity_basis: NDArray
    expression_basis: NDArray
    triangles: NDArray[np.int32]
    uv: NDArray
    uv_triangles: NDArray[np.int32]
    part: NDArray[np.uint8]
    skin_weights: NDArray
    mirror: NDArray[np.int32]
    joint_regressor: NDArray
    albedo_mean: NDArray
    albedo_basis: NDArray
    opacity: NDArray
    embeddings: dict[str, LandmarkEmbedding]
    sizes: Sizes
    model_id: str = "made-up-head/1"
    part_names: tuple[str, ...] = PART_NAMES
    joint_names: tuple[str, ...] = JOINT_NAMES
    joint_parents: NDArray[np.int32] = field(default_factory=lambda: np.array(JOINT_PARENTS, np.int32))

    def _rest(self, identity: Tensor) -> Tensor:
        basis, mean = (
            torch.as_tensor(self.identity_basis).to(identity),
            torch.as_tensor(self.mean_vertices).to(identity),
        )
        return mean + torch.einsum("bi,ivx->bvx", identity, basis)

    def joint_centres(self, identity: Tensor) -> Tensor:
        return torch.einsum("jv,bvx->bjx", torch.as_tensor(self.joint_regressor).to(identity), self._rest(identity))

    def vertices(self, identity: Tensor, expression: Tensor, joints: Tensor) -> Tensor:
        """Linear blend skinning with each joint's motion written as one 4x4 matrix about its centre."""
        shift = torch.einsum("be,evx->bvx", expression, torch.as_tensor(self.expression_basis).to(expression))
        rest, centres = self._rest(identity) + shift, self.joint_centres(identity)
        x, y, z = joints.unbind(-1)
        none = torch.zeros_like(x)
        skew = torch.stack([none, -z, y, z, none, -x, -y, x, none], -1).unflatten(-1, (3, 3))
        turn = torch.linalg.matrix_exp(skew)
        offset = centres - torch.einsum("bjxy,bjy->bjx", turn, centres)
        motion: list[tuple[Tensor, Tensor]] = []
        for j, parent in enumerate(JOINT_PARENTS):
            rotation, move = turn[:, j], offset[:, j]
            if parent >= 0:
                above, above_move = motion[parent]
                rotation, move = above @ rotation, torch.einsum("bxy,by->bx", above, move) + above_move
            motion.append((rotation, move))
        weights = torch.as_tensor(self.skin_weights).to(rest)
        rotation = torch.einsum("vj,bjxy->bvxy", weights, torch.stack([m[0] for m in motion], 1))
        move = torch.einsum("vj,bjx->bvx", weights, torch.stack([m[1] for m in motion], 1))
        return torch.einsum("bvxy,bvy->bvx", rotation, rest) + move

    def albedo_texture(self, albedo: Tensor) -> Tensor:
        basis, mean = torch.as_tensor(self.albedo_basis).to(albedo), torch.as_tensor(self.albedo_mean).to(albedo)
        return torch.sigmoid(torch.logit(mean) + torch.einsum("ba,achw->bchw", albedo, basis))

    def opacity_texture(self) -> NDArray:
        return self.opacity

    def embedding(self, name: str) -> LandmarkEmbedding:
        return self.embeddings[name]


def _skin_weights(vertices: NDArray, owner: NDArray) -> NDArray[np.float32]:
    """(V, 4): the neck fades into the head between y = -125 and -95 mm; the eyes follow their own joints."""
    weights = np.zeros((len(vertices), 4), np.float32)
    head = np.clip((vertices[:, 1] + 125) / 30, 0, 1)
    weights[:, 0], weights[:, 1] = 1 - head, head
    for joint, part in ((2, 1), (3, 2)):
        weights[owner == part] = np.eye(4)[joint]
    return weights


def _joint_regressor(vertices: NDArray, owner: NDArray) -> NDArray[np.float32]:
    rows = [np.abs(vertices[:, 1] + 126) < 8, np.abs(vertices[:, 1] + 60) < 8]
    skin = [row & (owner == 0) for row in rows]
    fit = []  # eye centre: the open sphere's mean lies in front of it, so its outermost ring and its pole are balanced
    for part in (1, 2):
        eye = np.flatnonzero(owner == part)
        unit = vertices[eye] - EYE_CENTRE * (3 - 2 * part, 1, 1)
        system = np.vstack([unit.T, np.ones(len(eye))])
        row = np.zeros(len(vertices))
        row[eye] = np.linalg.lstsq(system, [0, 0, 0, 1], rcond=None)[0]
        fit.append(row)
    return np.stack([*(row / row.sum() for row in skin), *fit]).astype(np.float32)


def _joined() -> tuple[Piece, NDArray[np.uint8], NDArray[np.int64]]:
    """All parts as one piece in the texture's uv, the part of each triangle (F,) and of each vertex (V,)."""
    parts, vertices, triangles, uv, uv_triangles = pieces(), [], [], [], []
    for name in PART_NAMES:
        piece, (u0, v0, u1, v1) = parts[name], TILES[name]
        triangles.append(piece.triangles + sum(map(len, vertices)))
        uv_triangles.append(piece.uv_triangles + sum(map(len, uv)))
        vertices.append(piece.vertices)
        uv.append(piece.uv * (u1 - u0, v1 - v0) + (u0, v0))
    number = np.arange(len(PART_NAMES))
    whole = Piece(np.vstack(vertices), np.vstack(triangles), np.vstack(uv), np.vstack(uv_triangles))
    part = np.repeat(number, [len(t) for t in triangles]).astype(np.uint8)
    return whole, part, np.repeat(number, [len(v) for v in vertices])


def _embeddings(whole: Piece, part: NDArray[np.uint8]) -> dict[str, LandmarkEmbedding]:
    """The face's points lie on the skin, the ten points of the irises on the eyes."""
    skin, eyes, dense = whole.triangles[part == 0], whole.triangles[np.isin(part, (1, 2))], mediapipe478()
    face, irises = _on_surface(dense[:468], whole.vertices, skin), _on_surface(dense[468:], whole.vertices, eyes)
    both = [np.vstack(pair) for pair in zip(face, irises, strict=True)]
    return {
        "ibug68": LandmarkEmbedding("ibug68", *_on_surface(ibug68(), whole.vertices, skin)),
        "mediapipe478": LandmarkEmbedding("mediapipe478", *both),
    }


def _opacity() -> NDArray[np.float32]:
    """(H, W): every other column of the lashes is see-through."""
    opacity = np.ones((TEXTURE_SIZE, TEXTURE_SIZE), np.float32)
    rows, columns = np.nonzero(_texel_parts(TEXTURE_SIZE)["lashes"])
    opacity[rows, columns] = columns % 2
    return opacity


def made_up_head(identity_modes: int = 10, albedo_modes: int = 4) -> MadeUpHead:
    """Build the head; the same one every time."""
    whole, part, owner = _joined()
    points, mirror = whole.vertices, _mirror(whole.vertices)
    stiff = np.isin(owner, (1, 2))  # eyeballs turn by their joints only
    return MadeUpHead(
        mean_vertices=points.astype(np.float32),
        identity_basis=_identity(points, mirror, identity_modes),
        expression_basis=_units(points, np.where(stiff, 0.0, 1.0), mirror),
        triangles=whole.triangles.astype(np.int32),
        uv=whole.uv.astype(np.float32),
        uv_triangles=whole.uv_triangles.astype(np.int32),
        part=part,
        skin_weights=_skin_weights(points, owner),
        mirror=mirror,
        joint_regressor=_joint_regressor(points, owner),
        albedo_mean=_mean_albedo(TEXTURE_SIZE).astype(np.float32),
        albedo_basis=_tints(albedo_modes, np.random.default_rng(7)).astype(np.float32),
        opacity=_opacity(),
        embeddings=_embeddings(whole, part),
        sizes=Sizes(len(points), len(whole.triangles), len(whole.uv), identity_modes, 52, 4, albedo_modes),
    )


def made_up_params(model: MadeUpHead, seed: int = 0) -> FaceParams:
    """A random person with a mild expression, looking at a 640 x 480 camera half a metre away, in soft light."""
    rng = np.random.default_rng(seed)
    sizes, lighting = model.sizes, np.zeros((9, 3), np.float32)
    lighting[0], lighting[1:4] = 3.0, rng.normal(size=(3, 3)) * 0.3
    return FaceParams(
        model_id=model.model_id,
        identity=rng.normal(size=sizes.identity).astype(np.float32),
        expression=(rng.uniform(0, 0.5, sizes.expression) * (rng.random(sizes.expression) < 0.2)).astype(np.float32),
        joints=(rng.normal(size=(sizes.joints, 3)) * 0.05).astype(np.float32),
        pose=Pose(HEAD_TO_CAMERA_AXES.copy(), np.array([5.0, -10.0, 500.0])),
        albedo=rng.normal(size=sizes.albedo).astype(np.float32),
        lighting=lighting,
        camera=Camera(700.0, (319.5, 239.5), 640, 480),
    )


def made_up_texture(model: MadeUpHead, params: FaceParams) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 sRGB with alpha: what the model's albedo and opacity give."""
    with torch.no_grad():
        linear = model.albedo_texture(torch.as_tensor(params.albedo)[None])[0].permute(1, 2, 0).numpy()
    return (np.dstack([linear_to_srgb(linear), model.opacity]) * 255).round().astype(np.uint8)


def made_up_export(seed: int = 0) -> HeadExport:
    """A random person ready for the file formats."""
    model = made_up_head()
    params = made_up_params(model, seed)
    return from_model(model, params, made_up_texture(model, params))
