"""What a person of the studio wears and what is held before the face, as meshes. Head frame unless said, mm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import load_arrays
from facegpt.morphable.makehuman.head import ASSET as HEAD_ASSET
from facegpt.types import Array
from facegpt_lab.assets import load_arrays as lab_arrays
from facegpt_lab.synthesis.studio.hair_meshes import ASSET as HAIR_ASSET
from facegpt_lab.synthesis.studio.hair_meshes import HairStyle, load_style, near_skin
from facegpt_lab.synthesis.studio.materials import CARD, FLESH, HAIR_PART, LENS, NECK, OCCLUDER, PAINT, SHELL
from facegpt_lab.synthesis.studio.records import Body, Cloth, Glasses, HairLook, Hat, Occluder
from facegpt_lab.synthesis.studio.shapes import Shape, ball, box, capsule, disc, grid_triangles, tube


@cache
def studio_style(name: str) -> HairStyle:
    """Load a mesh style once per process: a studio uses all of them in turn."""
    return load_style(name)


@lru_cache(maxsize=1)
def _anchors() -> tuple[NDArray[np.int64], Array]:
    """The head's vertices that hair follows, and the mean head (V, 3)."""
    return lab_arrays(HAIR_ASSET)["anchors"].astype(np.int64), load_arrays(HEAD_ASSET)["mean_vertices"]


@dataclass(frozen=True, eq=False)
class Piece:
    """One mesh of a scene (P vertices, F triangles).

    Attributes:
        vertices: (P, 3) mm. triangles: (F, 3). uv: (P, 2), or (F, 3, 2) by corner; fabrics count it in mm.
        material, part: see photo_materials. cloth: its look, where the material is PAINT.
        normals: (P, 3), or None to take those of the triangles. extra: (P,) opacity of a shell.
        open: (P,) or a number, share of the light from around. thing: what it is in finer labels.
    """

    vertices: Array
    triangles: NDArray[np.integer]
    uv: Array
    material: int
    part: int
    cloth: Cloth | None = None
    normals: Array | None = None
    extra: Array | None = None
    open: Array | float = 1.0
    thing: int = 0

    def moved(self, rotation: Array, shift: Array) -> Piece:
        """The piece turned, then shifted."""
        normals = None if self.normals is None else (self.normals @ rotation.T).astype(np.float32)
        vertices = (self.vertices @ rotation.T + shift).astype(np.float32)
        return replace(self, vertices=vertices, normals=normals)


def _plain(
    vertices: Array, triangles: NDArray[np.integer], cloth: Cloth | None, part: int, material: int = PAINT
) -> Piece:
    vertices = np.asarray(vertices, np.float32)
    return Piece(vertices, triangles, np.ascontiguousarray(vertices[:, :2]), material, part, cloth)


def card_hair(look: HairLook, neutral: Array, neutral_normals: Array, hat: Hat | None) -> tuple[Piece, HairStyle]:
    """Grow hair of a mesh style on a person at rest (V, 3), with the look's length, volume and side."""
    style = studio_style(look.style)
    anchors, mean = _anchors()
    vertices = style.vertices + style.follow @ (neutral[anchors] - mean[anchors])
    skin, normal = neutral[style.skin_vertex], neutral_normals[style.skin_vertex]
    height = ((vertices - skin) * normal).sum(1)
    near = near_skin(style, mean)
    lift = np.where(near, np.maximum(np.maximum(style.height, 0.0) - height, 0.0), 0.0)
    vertices = vertices + lift[:, None] * normal
    out = (look.volume - 1) * np.clip(height, 0, 40)
    if hat is not None and hat.kind in ("beanie", "cap", "brim", "scarf"):
        squeezed = vertices[:, 1] > 10 if hat.kind != "scarf" else np.ones(len(vertices), bool)
        out = np.where(squeezed, -0.92 * np.maximum(height, 0), out)
    vertices = vertices + out[:, None] * normal
    low = np.minimum(vertices[:, 1] - 30.0, 0.0)
    vertices[:, 1] += (look.stretch - 1) * low
    if look.mirrored:
        vertices[:, 0] *= -1
    uv, normals = _card_constants(look.style, look.mirrored)
    piece = Piece(
        *(vertices.astype(np.float32), style.triangles, uv, CARD, HAIR_PART, None, normals),
        open=style.open_to_light,
    )
    return piece, style


@lru_cache(maxsize=32)
def _card_constants(name: str, mirrored: bool) -> tuple[Array, Array]:
    """What all hair of a mesh style has in common: uv (F, 3, 2) by corner and normals (P, 3)."""
    style = studio_style(name)
    normals = style.normals * [-1, 1, 1] if mirrored else style.normals
    return style.uv[style.uv_triangles].astype(np.float32), normals.astype(np.float32)


def shell_hair(
    look: HairLook,
    mean: Array,
    neutral: Array,
    normals: Array,
    triangles: NDArray[np.integer],
    scalp: NDArray[np.bool_],
) -> Piece:
    """Grow a smooth mass of hair: the scalp's own triangles moved outwards, its edge ragged. scalp: (V,) bool."""
    rows = np.flatnonzero(scalp)
    place = mean[rows]
    turn = np.abs(np.arctan2(place[:, 0], place[:, 2] - 5))
    share = np.clip(turn / 1.4, 0, 1)
    line = (40 + look.top_mm) * (1 - share**2) + look.side_mm * share**2
    line = np.where(turn > 1.8, min(look.side_mm, -35.0), line)
    line = line + 4 * np.sin(place[:, 0] * look.wave[0] + look.wave[1])
    above = place[:, 1] - line
    ripple = 1 + 0.25 * np.sin(place @ np.array([look.wave[2], look.wave[3], look.wave[2] - look.wave[3]]) * 3)
    depth = look.thickness_mm * np.clip(above / 22, 0, 1) ** 0.7 * ripple + 0.7
    vertices = neutral[rows] + normals[rows] * depth[:, None]
    faces = _faces_of(triangles, rows, len(mean), above > -8)
    uv = np.stack([np.arctan2(place[:, 0], place[:, 2] - 5) * 0.32, place[:, 1] / 300 + 1], 1)
    return Piece(
        *(vertices.astype(np.float32), faces, uv.astype(np.float32), SHELL, HAIR_PART),
        extra=np.clip(0.5 + above / 7, -0.5, 1.6).astype(np.float32),
    )


def _faces_of(
    triangles: NDArray[np.integer], rows: NDArray[np.integer], count: int, wanted: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The triangles that lie wholly in `rows` where `wanted`, numbered within rows."""
    number = np.full(count, -1)
    number[rows[wanted]] = np.flatnonzero(wanted)
    faces = number[triangles.astype(np.int64)]
    return faces[(faces >= 0).all(1)]


#: Shoulders: half width, half depth, height against the neck's lower end, how far forward, mm.
SHOULDERS = ((92, 70, -6, 0), (140, 80, -18, -4), (186, 92, -45, -6), (205, 108, -110, -8), (200, 116, -330, -8))


def body(look: Body, rim: Array) -> list[Piece]:
    """Chest and clothes around the neck; rim (R, 3) is the neck's lower end, around it."""
    turn = np.arange(28) * 2 * np.pi / 28 - np.pi  # the pattern's seam is behind
    middle = rim.mean(0)
    around = np.arctan2(rim[:, 0] - middle[0], rim[:, 2] - middle[2]) % (2 * np.pi)
    order = np.argsort(around)
    loop = np.stack([np.interp(turn, around[order], rim[order, k], period=2 * np.pi) for k in range(3)], 1)
    angle = np.radians(look.yaw_deg)
    spin = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    wide, deep, high, forward = (np.array(column)[:, None] for column in zip(*SHOULDERS, strict=True))
    rings = [look.width * wide * np.sin(turn), high + 0 * turn, look.width * deep * np.cos(turn) + forward]
    low = np.stack(rings, -1) @ spin.T + middle
    inside = middle + (loop - middle) * [0.8, 1.0, 0.8] + [0, 22, 0]  # hidden in the neck
    chest = np.concatenate([inside[None], loop[None], low])
    outwards = np.stack([np.sin(turn), 0 * turn, np.cos(turn)], 1)
    rises = (look.collar_mm - 4.0) * np.array([1.0, 0.55, 0.0])
    collar = [loop + outwards * (4.5 + 0.12 * rise) + [0, rise, 0] for rise in rises]
    cloth = np.concatenate([collar, low + outwards * 6])
    depth = look.neckline_mm * np.clip(np.cos(turn - angle), 0, 1) ** 2
    limit = middle[1] + max(look.collar_mm, 2.0) - depth
    for row in range(len(cloth) - 2):  # what lies above the neckline slides down the chest
        over = np.where(depth > 3, np.maximum(cloth[row][:, 1] - limit, 0), 0)
        share = np.clip(over / 90, 0, 1)[:, None]
        cloth[row] = cloth[row] * (1 - share) + (low[3] + outwards * 6) * share
    bare = Cloth((0.3, 0.2, 0.15), (0.3, 0.2, 0.15), "plain", 10.0, 0.03)
    return [_rings(chest, turn, bare, FLESH), _rings(cloth, turn, look.cloth, PAINT)]


def _rings(points: Array, turn: Array, cloth: Cloth, material: int) -> Piece:
    """The surface through rings (R, N, 3) of points."""
    uv = np.stack([np.tile(turn * 90, len(points)), points[..., 1].ravel()], 1).astype(np.float32)
    faces = grid_triangles(len(points), len(turn), True)
    return Piece(points.reshape(-1, 3).astype(np.float32), faces, uv, material, NECK, cloth)


def glasses(look: Glasses, eyes: Array, temples: Array, bridge: Array) -> tuple[list[Piece], list[Piece]]:
    """Rims and lenses. eyes (2, 3): middles of the eyeballs; temples (2, 3): above the ears; bridge (3,)."""
    frame = Cloth(look.colour, look.colour, "plain", 10.0, 0.25)
    turn = np.arange(26) * 2 * np.pi / 26
    wide = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (2 / look.power) * look.half_width
    high = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** (2 / look.power) * look.half_height
    rims, lenses, inner, outer = [], [], [], []
    front = max(float(eyes[:, 2].mean()) + 25.0, float(bridge[2]) + 2.0)
    for k, sign in enumerate((1.0, -1.0)):
        middle = np.array([eyes[k, 0] + sign * 0.5, eyes[k, 1] - look.drop * 0.6, front - 3])
        bend = -0.1 * np.abs(middle[0] + wide) + 4 - 0.0006 * wide**2
        outline = middle + np.stack([wide, high, bend], 1)
        points, faces = tube(outline, 0.3 if look.rimless else look.wire, True)
        rims.append(_plain(points, faces, frame, OCCLUDER))
        points, faces = disc(outline)
        lenses.append(_plain(points, faces, frame, OCCLUDER, LENS))
        inner.append(outline[np.argmin(sign * outline[:, 0])] + [0, 3, 0])
        outer.append(outline[np.argmax(sign * outline[:, 0])] + [0, 4, 0])
    middle = 0.5 * (inner[0] + inner[1]) + [0, 2, 1.5]
    points, faces = tube(
        np.stack(
            [inner[0], 0.5 * (inner[0] + middle) + [0, 1, 0], middle, 0.5 * (inner[1] + middle) + [0, 1, 0], inner[1]]
        ),
        look.wire,
        False,
    )
    rims.append(_plain(points, faces, frame, OCCLUDER))
    for k, sign in enumerate((1.0, -1.0)):
        ear = temples[k] + [sign * 3, 12, -6]
        hinge = outer[k] + [sign * 1.5, 0, -4]
        path = np.stack([outer[k], hinge, 0.5 * (hinge + ear) + [sign * 3, 0.5, 0], ear, ear - [sign * 2, 18, 16]])
        points, faces = tube(path, max(look.wire, 0.7), False)
        rims.append(_plain(points, faces, frame, OCCLUDER))
    return rims, lenses


def hat(
    look: Hat, neutral: Array, normals: Array, mean: Array, triangles: NDArray[np.integer], skin: NDArray[np.bool_]
) -> list[Piece]:
    """A hat, a scarf or a mask for a person at rest (V, 3); skin: (V,) bool of the outer skin."""
    if look.kind == "scarf":
        return _scarf(look, neutral, mean, skin)
    if look.kind == "mask":
        return _mask(look, neutral, normals, mean, triangles, skin)
    scalp = skin & (mean[:, 1] > 45) & (np.abs(mean[:, 0]) < 84)
    head = neutral[scalp]
    top, half_x = float(head[:, 1].max()), float(np.abs(head[:, 0]).max())
    front, back = float(head[:, 2].max()), float(head[:, 2].min())
    half_z, middle_z = 0.5 * (front - back), 0.5 * (front + back)
    turn = np.arange(32) * 2 * np.pi / 32 - np.pi
    gap = look.thickness_mm
    edge = 42 + look.height_mm - 17 * (1 - np.cos(turn)) - (8 if look.kind == "beanie" else 0)
    if look.kind == "band":
        share = np.array([0.0, 0.3, 0.55])
    else:
        share = np.array([-0.06, 0.0, 0.25, 0.45, 0.62, 0.77, 0.89, 0.97, 1.0])
    rise = np.sin(np.clip(share, 0, 1) * np.pi / 2)[:, None]
    high = edge + (top + gap + 3 - edge) * rise * (0.5 if look.kind == "band" else 1)
    high = high + np.where(share < 0, -4.0, 0.0)[:, None]
    grown = np.sqrt(np.clip(1 - (np.clip(high - 55, 0, None) / (top + gap + 3.1 - 55)) ** 2, 0, 1)) ** 0.8
    radius_x, radius_z = (half_x + gap) * grown, (half_z + gap + 1) * grown
    points = np.stack([radius_x * np.sin(turn), high, radius_z * np.cos(turn) + middle_z], -1).reshape(-1, 3)
    uv = np.stack([np.tile(turn * 80, len(share)), high.ravel()], 1).astype(np.float32)
    faces = grid_triangles(len(share), 32, True)[:, ::-1]
    pieces = [Piece(points.astype(np.float32), faces, uv, PAINT, OCCLUDER, look.cloth)]
    if look.kind in ("cap", "brim"):
        span = np.linspace(-1.25, 1.25, 17) if look.kind == "cap" else np.linspace(-np.pi, np.pi, 33)
        reach = look.brim_mm * (np.cos(span * 0.85) ** 0.6 if look.kind == "cap" else np.ones(33))
        low = 42 + look.height_mm - 17 * (1 - np.cos(span))
        rows = []
        for s in (0.0, 0.5, 1.0):
            out_x, out_z = half_x + gap + s * reach, half_z + gap + s * reach
            brim = [out_x * np.sin(span), low - s * 0.22 * reach, out_z * np.cos(span) + middle_z]
            rows.append(np.stack(brim, -1))
        points = np.concatenate(rows)
        uv = np.ascontiguousarray(points[:, [0, 2]], np.float32)
        pieces.append(
            Piece(points.astype(np.float32), grid_triangles(3, len(span), False), uv, PAINT, OCCLUDER, look.cloth)
        )
    return pieces


def _scarf(look: Hat, neutral: Array, mean: Array, skin: NDArray[np.bool_]) -> list[Piece]:
    """A scarf that leaves the face free: rings around head and neck, open in front at the height of the face."""
    head = neutral[skin & (mean[:, 1] > 45)]
    top, half_x = float(head[:, 1].max()), float(np.abs(head[:, 0]).max())
    front, back = float(head[:, 2].max()), float(head[:, 2].min())
    middle_z, gap = 0.5 * (front + back), look.thickness_mm
    high = np.array([-190, -165, -140, -118, -100, -80, -55, -30, 0, 30, 55, 75, 92, 106, 117, 125, 130, 133], float)
    high = np.where(high > 0, high * (top + gap + 3) / 133, high)[:, None]
    dome = np.sqrt(np.clip(1 - (np.clip(high - 15, 0, None) / (top + gap + 3.1 - 15)) ** 2, 0, 1))
    neck = np.clip((-45 - high) / 70, 0, 1) - 1.6 * np.clip((-125 - high) / 65, 0, 1)  # narrower, then over the chest
    wide = (max(half_x + gap, 88.0) * dome) * (1 - 0.22 * neck)
    lowest = -108 + 0.3 * look.height_mm
    oval = 1 - ((high - (66 + lowest) / 2) / ((66 - lowest) / 2)) ** 2  # the free face: from `lowest` to the forehead
    free = np.arctan2(64 * np.sqrt(np.clip(oval, 0, 1)), 58)
    turn = free + (2 * np.pi - 2 * free) * np.linspace(0, 1, 37)
    ahead = np.where(np.cos(turn) > 0, (front - middle_z + gap + 5) * (1 - 0.12 * (oval > 0.3)), middle_z - back + gap)
    deep = ahead * np.clip(dome + 0.06 * (dome > 0), 0, 1) * (1 - 0.12 * neck)
    fold = 1 + 0.018 * np.sin(5 * turn + 0.06 * high)
    points = np.stack([wide * fold * np.sin(turn), high + 0 * turn, deep * fold * np.cos(turn) + middle_z], -1)
    uv = np.stack([turn * 80, high + 0 * turn], -1).reshape(-1, 2).astype(np.float32)
    faces = grid_triangles(len(high), 37, False)[:, ::-1]
    return [Piece(points.reshape(-1, 3).astype(np.float32), faces, uv, PAINT, OCCLUDER, look.cloth)]


def _mask(
    look: Hat, neutral: Array, normals: Array, mean: Array, triangles: NDArray[np.integer], skin: NDArray[np.bool_]
) -> list[Piece]:
    """A mask over nose and mouth with its ribbons: it lies close to the skin."""
    x, y, z = mean.T
    top = -8.0 + 0.12 * np.abs(x)
    rows = np.flatnonzero(skin & (z > 18 + 0.25 * np.abs(x)) & (y < top) & (y > -112) & (np.abs(x) < 60))
    depth = 3.0 + 5.0 * np.exp(-((y[rows] + 52) ** 2) / 500)
    faces = _faces_of(triangles, rows, len(mean), np.ones(len(rows), bool))
    vertices = neutral[rows] + normals[rows] * depth[:, None]
    uv = np.ascontiguousarray(np.stack([x[rows] + z[rows], y[rows]], 1), np.float32)
    pieces = [Piece(vertices.astype(np.float32), faces, uv, PAINT, OCCLUDER, look.cloth)]
    for side in (1.0, -1.0):
        for low in (0.0, -52.0):
            ribbon = np.array([[54, -22 + low * 0.9, 52], [72, -2 + low * 0.5, 20], [76, 8 + low * 0.2, -6]])
            pieces.append(_plain(*tube(ribbon * [side, 1, 1], 1.0, False), look.cloth, OCCLUDER))
    return pieces


def occluder(look: Occluder, at: Array) -> list[Piece]:
    """Something held before a place (3,) of the face, camera frame."""
    towards = -at / np.linalg.norm(at)
    middle = at + look.lift_mm * towards
    turn, tilt = np.radians(look.turn_deg), np.radians(look.tilt_deg)
    about_z = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    frame = about_z @ about_x
    size = np.array(look.size_mm)
    if look.kind == "hand":
        return [_placed(shape, frame, middle, look.cloth, FLESH) for shape in _hand(look.shape, float(size[0]))]
    if look.kind == "stick":
        shape = tube(np.array([[0, 0, 0], [0, 0.2 * size[2], 0], [0, size[2], 0]]), 0.5 * size[0], False, 8)
        knob = ball()
        head = (knob[0] * size[0] * (0.7 + 1.6 * look.shape[0]), knob[1])
        return [_placed(s, frame, middle, look.cloth, PAINT) for s in (shape, head)]
    if look.kind == "box":
        return [_placed(box(size), frame, middle, look.cloth, PAINT)]
    if look.kind == "ball":
        points, faces = ball()
        return [_placed((points * size, faces), frame, middle, look.cloth, PAINT)]
    angle = np.arange(16) * 2 * np.pi / 16
    radius = 0.4 + np.array(look.shape)
    outline = np.stack([size[0] * radius * np.cos(angle), size[1] * radius * np.sin(angle), 0 * angle], 1)
    return [_placed(disc(outline), frame, middle, look.cloth, PAINT)]


def _placed(shape: Shape, frame: Array, middle: Array, cloth: Cloth, material: int) -> Piece:
    points, faces = shape
    uv = np.ascontiguousarray(points[:, :2], np.float32)
    return Piece((points @ frame.T + middle).astype(np.float32), faces, uv, material, OCCLUDER, cloth)


def _hand(shape: tuple[float, ...], scale: float) -> list[Shape]:
    """The capsules of a hand whose fingertips lie near the origin and whose wrist is at +y; mm times scale."""
    parts = []
    lengths, spread = (62, 72, 68, 54), 3 + 16 * shape[0]
    bend = 14 + 40 * shape[1]
    for k in range(4):
        side = (k - 1.5) * 19
        root = np.array([side, 40.0, 10 * abs(k - 1.5) / 1.5])
        lean = np.radians((k - 1.5) * spread * 0.6)
        knee = root + 0.5 * lengths[k] * np.array([np.sin(lean), -np.cos(lean), -0.15])
        tip = knee + 0.5 * lengths[k] * np.array(
            [np.sin(lean), -np.cos(lean) * np.cos(np.radians(bend)), np.sin(np.radians(bend))]
        )
        parts += [capsule(root * scale, knee * scale, 9.5 * scale), capsule(knee * scale, tip * scale, 8.2 * scale)]
    points, faces = ball()
    parts.append(((points * [42, 52, 15] + [0, 78, 6]) * scale, faces))
    parts.append(
        capsule(np.array([34.0, 84, 4]) * scale, np.array([58.0 + 20 * shape[2], 38, -6]) * scale, 10.5 * scale)
    )
    parts.append(capsule(np.array([0.0, 110, 8]) * scale, np.array([0.0, 330, 30]) * scale, 30 * scale))
    return [(p.astype(np.float32), f) for p, f in parts]
