"""A plain shirt with a round neck, as a mesh: a ribbed band around the neck, shoulders, and a cut below them.

It is made of rings around the neck's upright axis, from the band's inside down. Head frame, mm.
R, C: rings and places on each. Azimuths are counted from the face to the subject's left, radians.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.bust.torso import Torso
from facegpt.conventions import linear_to_srgb
from facegpt.morphable.neck import Neck
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Array

#: Places on a ring, rings from the band to the middle of the shoulders, and from there down.
COLUMNS, SLOPE_ROWS, SIDE_ROWS = 50, 10, 5
#: Azimuths of the places on a ring: nearer to each other at the shoulders, which are farther away.
_EVEN = np.arange(COLUMNS) * (2 * np.pi / COLUMNS)
AZIMUTHS = _EVEN + 0.2 * np.sin(2 * _EVEN)
#: How far the band's top lies above the neck's edge in front and behind, mm on a man; its height; and how far it stays
#: above the edge, which the shirt hides.
FRONT_MM, BACK_MM, BAND_MM, HIDES_MM = 21.0, 32.0, 14.0, 3.0
#: The band ring by ring: share of its height from its top, mm off the skin, mm up from there.
BAND = ((0.15, -2.0, 0.0), (0.0, 0.8, 0.6), (0.0, 2.6, 1.2), (0.12, 4.0, 0.0), (0.55, 4.6, 0.0), (0.93, 4.4, 0.0))
#: The same of the shirt's own cloth below the band; and how far off the skin it lies from there to the neck's edge, mm.
SEAM, OFF_SKIN_MM = (1.0, 3.4, -0.5), 3.0
#: Over how many mm the shirt comes from the band to the shoulders; how round its lower end is, mm.
SETTLES_MM, HEM_MM = 24.0, 5.0
#: Ribs around the band, texels of each, and texels from ring to ring; how dark grooves of ribs and the seam are.
RIBS, RIB_TEXELS, ROW_TEXELS, GROOVE, SEAM_SHADE = 150, 4, 4, 0.9, 0.72
#: What hides the sky from cloth is looked for so far off it, mm; how much of it counts.
REACHES_MM, HIDDEN = (6.0, 14.0, 30.0, 60.0, 110.0), 0.55
#: The skull and jaw that hide the sky from the shoulders: middle and radii, mm on the mean head.
_SKULL, _SKULL_RADII = np.array([0.0, 5.0, 10.0]), np.array([76.0, 118.0, 96.0])
#: Light that cloth gets which looks down, beside that which looks up.
FROM_BELOW = 0.72


@dataclass(frozen=True, eq=False)
class Cut:
    """A shirt on one person.

    Attributes:
        vertices, normals: (R C + 1, 3), ring by ring; the last one closes it below.
        triangles, uv_triangles: (F, 3). uv: (U, 2). shade: (R, C) 0..1, the share of the light that reaches it.
    """

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    triangles: NDArray[np.int32]
    uv: NDArray[np.float32]
    uv_triangles: NDArray[np.int32]
    shade: Array


def cut(neck: Neck, torso: Torso) -> Cut:
    """Cut a shirt for a neck and the shoulders below it."""
    band = _band(neck, torso.scale)
    rings = np.concatenate([band, _shoulders(band[-1], torso)])
    triangles, uv, corners = _joined(len(rings))
    low = rings[-1].mean(0)
    vertices = np.concatenate([rings.reshape(-1, 3), low[None]]).astype(np.float32)
    normals = vertex_normals(vertices, triangles)
    shade = _shade(rings, normals[:-1].reshape(rings.shape), neck, torso)
    return Cut(vertices, normals, triangles, uv, corners, shade)


def collar_plane(neck: Neck, scale: float) -> Array:
    """The plane y = a x + b z + c (3,) of the band's top, mm."""
    low, high = neck.edge[:, 2].min(), neck.edge[:, 2].max()
    tilt = (FRONT_MM - BACK_MM) * scale / max(high - low, 1.0)
    plane = neck.plane + np.array([0.0, tilt, FRONT_MM * scale - tilt * high])
    above = plane[2] + neck.edge[:, [0, 2]] @ plane[:2] - neck.edge[:, 1]
    return plane + np.array([0.0, 0.0, max(BAND_MM * scale + HIDES_MM - above.min(), 0.0)])


def _band(neck: Neck, scale: float) -> Array:
    """The rings (R, C, 3) of the band around the neck, and of the shirt below it as far as the neck's edge."""
    top = collar_plane(neck, scale)
    rounds = [(top - np.array([0.0, 0.0, share * BAND_MM * scale]), off, up) for share, off, up in (*BAND, SEAM)]
    last = neck.plane + np.array([0.0, 0.0, neck.above_edge(neck.edge).max() + 0.2])
    rounds += [((rounds[-1][0] + last) / 2, OFF_SKIN_MM, 0.0), (last, OFF_SKIN_MM, 0.0)]
    rings = []
    for plane, off, up in rounds:
        reach = neck.radius(plane, AZIMUTHS)
        reach = np.maximum(reach, (np.roll(reach, 1) + reach + np.roll(reach, -1)) / 3) + off
        x, z = reach * np.sin(AZIMUTHS), neck.middle_z + reach * np.cos(AZIMUTHS)
        rings.append(np.stack([x, plane[0] * x + plane[1] * z + plane[2] + up, z], -1))
    return np.array(rings)


def _shoulders(start: Array, torso: Torso) -> Array:
    """The rings (R, C, 3) from the band's lower end (C, 3) over the shoulders to the cut, and its turned-in hem."""
    way = np.stack([np.sin(AZIMUTHS), np.zeros(COLUMNS), np.cos(AZIMUTHS)], -1)
    from_axis = start - torso.axis
    polar, reach = np.arctan2((from_axis * way).sum(-1), from_axis[:, 1]), np.linalg.norm(from_axis, axis=-1)
    share = ((np.arange(SLOPE_ROWS) + 1) / SLOPE_ROWS)[:, None] ** 1.15
    turned = polar + (np.pi / 2 - polar) * share
    rays = np.sin(turned)[..., None] * way + np.cos(turned)[..., None] * np.array([0.0, 1.0, 0.0])
    off = reach - _outside(torso, torso.axis, np.sin(polar)[:, None] * way + np.cos(polar)[:, None] * [0, 1, 0])
    slope = _outside(torso, torso.axis, rays)
    slope = slope + off * np.exp(-slope * (turned - polar) / SETTLES_MM)
    found = [torso.axis + rays * slope[..., None]]
    heights = np.linspace(torso.axis[1], torso.bottom, SIDE_ROWS + 1)[1:]
    for height, in_by in zip([*heights, torso.bottom - HEM_MM], [0.0] * SIDE_ROWS + [HEM_MM], strict=True):
        origin = np.array([torso.axis[0], height, torso.axis[2]])
        found.append((origin + way * (_outside(torso, origin, way) - in_by)[..., None])[None])
    return np.concatenate(found)


def _outside(torso: Torso, origin: Array, ways: Array) -> Array:
    """How far (...) from a place (3,) within the shoulders along unit ways (..., 3) their outside is, mm."""
    reach = np.full(ways.shape[:-1], 300.0 * torso.scale)
    for _ in range(14):
        reach = reach - torso.distance(origin + ways * reach[..., None])
    return reach


def _joined(rows: int) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int32]]:
    """Triangles (F, 3), texture coordinates (U, 2) and their triangles of rings, closed by one vertex below."""
    ring, place = np.meshgrid(np.arange(rows - 1), np.arange(COLUMNS), indexing="ij")

    def joined(columns: int, beside: NDArray[np.integer]) -> NDArray[np.integer]:
        a, b, c, d = (r * columns + k for r in (ring, ring + 1) for k in (place, beside))
        return np.concatenate([np.stack([a, c, d], -1).reshape(-1, 3), np.stack([a, d, b], -1).reshape(-1, 3)])

    last, k = (rows - 1) * COLUMNS, np.arange(COLUMNS)
    closed = np.stack([last + k, np.full(COLUMNS, rows * COLUMNS), last + (k + 1) % COLUMNS], -1)
    u = np.append(AZIMUTHS / (2 * np.pi), 1.0)
    v = 1 - (ROW_TEXELS * np.arange(rows) + 0.5) / _height(rows)
    uv = np.stack(np.broadcast_arrays(u[None, :], v[:, None]), -1).reshape(-1, 2)
    uv_last = (rows - 1) * (COLUMNS + 1)
    uv_closed = np.stack([uv_last + k, uv_last + k, uv_last + k + 1], -1)
    triangles = np.concatenate([joined(COLUMNS, (place + 1) % COLUMNS), closed]).astype(np.int32)
    corners = np.concatenate([joined(COLUMNS + 1, place + 1), uv_closed]).astype(np.int32)
    return triangles, uv.astype(np.float32), corners


def _height(rows: int) -> int:
    return ROW_TEXELS * (rows - 1) + 1


def _shade(rings: Array, normals: Array, neck: Neck, torso: Torso) -> Array:
    """The share (R, C) of the light from around that head, neck and shoulders leave to the cloth."""
    left = np.ones(rings.shape[:2])
    for weight, reach in zip(HIDDEN * 0.5 ** np.arange(len(REACHES_MM)), REACHES_MM, strict=True):
        places = rings + reach * normals
        skull = np.linalg.norm((places - _SKULL) / _SKULL_RADII, axis=-1)
        away = np.minimum(torso.distance(places), (skull - 1) * _SKULL_RADII.min())
        left -= weight * np.clip(1 - away / reach, 0, 1)
    sky = FROM_BELOW + (1 - FROM_BELOW) * (0.5 + 0.5 * normals[..., 1])
    return np.clip(left, 0.25, 1.0) * sky


def picture(shade: Array, colour: tuple[float, float, float]) -> NDArray[np.uint8]:
    """The shirt's texture (H, W, 4) uint8 sRGB in a linear colour, with the band's ribs and the seam below it."""
    rows = np.linspace(0, len(shade) - 1, _height(len(shade)))
    top, share = np.minimum(rows.astype(int), len(shade) - 2), rows - np.minimum(rows.astype(int), len(shade) - 2)
    fine = shade[top] * (1 - share[:, None]) + shade[top + 1] * share[:, None]
    turns = (np.arange(RIBS * RIB_TEXELS) + 0.5) / (RIBS * RIB_TEXELS)
    columns = np.interp(turns, np.append(AZIMUTHS / (2 * np.pi), 1.0), np.arange(COLUMNS + 1))
    left, right = np.floor(columns).astype(int), columns % 1
    fine = fine[:, left] * (1 - right) + fine[:, (left + 1) % COLUMNS] * right
    rib = 1 - (1 - GROOVE) * (np.arange(RIBS * RIB_TEXELS) % RIB_TEXELS < RIB_TEXELS / 2)
    banded = (rows < len(BAND) - 0.5)[:, None]
    seam = 1 - (1 - SEAM_SHADE) * np.exp(-(((rows - len(BAND)) / 0.25) ** 2))[:, None]
    lit = fine * np.where(banded, rib, 1.0) * seam
    srgb = np.round(255 * linear_to_srgb(np.clip(lit[..., None] * np.array(colour), 0, 1)))
    return np.dstack([srgb, np.full(lit.shape, 255)]).astype(np.uint8)
