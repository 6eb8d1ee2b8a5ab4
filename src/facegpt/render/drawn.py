"""One pass of a renderer as arrays: a mesh that hides what is behind it, whole or in a window, and its highlights.

Frames and units: conventions.py; light: render/base.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, finalize

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.base import Renderer, Topology, View
from facegpt.render.lighting import SHEEN, lamp_share, sh_basis
from facegpt.render.scalar import INLINE, KERNEL, ONE, ZERO, irradiance
from facegpt.types import Array, Camera, Mesh

if TYPE_CHECKING:
    from torch import Tensor

F = np.float32
#: Topologies that are kept of one array of triangles.
MOST_TOPOLOGIES = 4
#: Share of the sheen's whiteness that skin takes all over; photos have the rest in their highlights.
PALE = 0.25


@dataclass(frozen=True, eq=False)
class Drawn:
    """One image of a renderer as arrays (H, W, …), float32 but for the triangle's number: see render/base.py."""

    color: Array
    coverage: Array
    depth: Array
    normal: Array
    triangle: NDArray[np.integer]
    barycentric: Array


def draw_opaque(
    renderer: Renderer,
    mesh: Mesh,
    kept: NDArray[np.bool_],
    vertices: Array,
    texture: Array,
    lighting: Array,
    camera: Camera,
) -> Drawn:
    """Draw the triangles `kept` (F,) of a mesh whose vertices (V, 3) are given in the camera frame."""
    image = _rendered(renderer, mesh, kept, vertices, texture, lighting, camera)
    return Drawn(*(getattr(image, field.name) for field in fields(Drawn)))


def draw_in_each(
    renderer: Renderer,
    mesh: Mesh,
    kept: NDArray[np.bool_],
    vertices: Array,
    skins: Sequence[tuple[Array, Array]],
    camera: Camera,
) -> tuple[Drawn, Iterator[Array]]:
    """As `draw_opaque` with the first of some textures and lights (9, 3), and the color (H, W, 3) with the others.

    Colors are made when they are asked for; a renderer that keeps what it has drawn does not look for triangles again.
    """
    image = _rendered(renderer, mesh, kept, vertices, *skins[0], camera)
    again = getattr(image, "color_in", None)
    first = Drawn(*(getattr(image, field.name) for field in fields(Drawn)))
    if again is not None:
        return first, (again(texture[:3], light) for texture, light in skins[1:])
    return first, (_rendered(renderer, mesh, kept, vertices, *skin, camera).color for skin in skins[1:])


def _rendered(
    renderer: Renderer,
    mesh: Mesh,
    kept: NDArray[np.bool_],
    vertices: Array,
    texture: Array,
    lighting: Array,
    camera: Camera,
) -> Any:
    """One image, by the names of Rendered, as arrays; a renderer that needs no torch for that draws it so."""
    topology = _topology(mesh, kept)
    draws_arrays = getattr(renderer, "render_arrays", None)
    if draws_arrays is not None:
        return draws_arrays(vertices, topology, texture[:3], lighting, camera)
    import torch

    view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
    placed, colors, light = (torch.from_numpy(a[None]) for a in (vertices, texture[:3], lighting))
    return _Arrays(renderer.render(placed, _of_tensors(topology), colors, light, view))


class _Arrays:
    """The first of a batch of images as arrays, each made when it is asked for."""

    def __init__(self, images: Any) -> None:
        self._images = images

    def __getattr__(self, name: str) -> NDArray:
        return _array(getattr(self._images, name))


#: Topologies of tensors, by those of arrays that they were made of.
_tensors: WeakKeyDictionary[Topology, Topology] = WeakKeyDictionary()


def _of_tensors(topology: Topology) -> Topology:
    """The same topology for a renderer of tensors: one object as long as the other lives."""
    import torch

    found = _tensors.get(topology)
    if found is None:
        arrays = (topology.triangles, topology.uv, topology.uv_triangles)
        found = _tensors[topology] = Topology(*(torch.from_numpy(array) for array in arrays))
    return found


#: Of triangles that live, by their id: the topologies drawn of them, by the other arrays' ids and the triangles kept.
_topologies: dict[int, dict[tuple[int, int, bytes], Topology]] = {}


def _topology(mesh: Mesh, kept: NDArray[np.bool_]) -> Topology:
    """The topology of the triangles `kept` (F,) of a mesh: one object as long as the mesh's arrays live.

    A renderer keeps what it derives from it, so that a head's second picture need not look for edges again.
    """
    first = id(mesh.triangles) not in _topologies
    known = _topologies.setdefault(id(mesh.triangles), {})
    if first:
        finalize(mesh.triangles, _topologies.pop, id(mesh.triangles), None)
    key = id(mesh.uv), id(mesh.uv_triangles), np.packbits(kept).tobytes()
    found = known.get(key)
    if found is None or not _is_of(found, mesh, kept):
        while len(known) >= MOST_TOPOLOGIES:
            known.pop(next(iter(known)))
        found = known[key] = Topology(
            np.ascontiguousarray(mesh.triangles[kept], np.int32),
            np.ascontiguousarray(mesh.uv, np.float32),
            np.ascontiguousarray(mesh.uv_triangles[kept], np.int32),
        )
    return found


def _is_of(known: Topology, mesh: Mesh, kept: NDArray[np.bool_]) -> bool:
    """Whether a topology is still that of a mesh: another array may have come to an id since."""
    return (
        np.array_equal(known.triangles, mesh.triangles[kept])
        and np.array_equal(known.uv, mesh.uv)
        and np.array_equal(known.uv_triangles, mesh.uv_triangles[kept])
    )


def _array(images: Tensor) -> NDArray:
    """The first of a batch of images, wherever it is; without a copy where possible."""
    values = images[0].detach().cpu().numpy()
    return np.ascontiguousarray(values, np.float32 if values.dtype.kind == "f" else None)


def draw_in_window(
    renderer: Renderer,
    mesh: Mesh,
    kept: NDArray[np.bool_],
    vertices: Array,
    texture: Array,
    lighting: Array,
    camera: Camera,
    margin: int = 1,
) -> tuple[Drawn, Camera, tuple[slice, slice]] | None:
    """Draw a mesh where it is seen only: its image, the camera of that window, and the window's rows and columns.

    margin: pixels of the picture that the window has around the mesh. None where nothing of it is in the picture, or it
    reaches behind the camera.
    """
    if not kept.any() or vertices[:, 2].min() <= 1.0:
        return None
    pixels = camera.project(vertices[np.unique(mesh.triangles[kept])])
    low = np.maximum(np.floor(pixels.min(0)).astype(int) - margin, 0)
    high = np.minimum(np.ceil(pixels.max(0)).astype(int) + 1 + margin, (camera.width, camera.height))
    if (low >= high).any():
        return None
    (x0, y0), (x1, y1) = low.tolist(), high.tolist()
    window = Camera(camera.focal_px, (camera.principal_px[0] - x0, camera.principal_px[1] - y0), x1 - x0, y1 - y0)
    image = draw_opaque(renderer, mesh, kept, vertices, texture, lighting, window)
    return image, window, (slice(y0, y1), slice(x0, x1))


def draw_with_room(
    renderer: Renderer,
    mesh: Mesh,
    kept: NDArray[np.bool_],
    vertices: Array,
    texture: Array,
    lighting: Array,
    camera: Camera,
    room_mm: float,
) -> tuple[Drawn, Camera, tuple[slice, slice]]:
    """As `draw_in_window`, with so many mm of room around the mesh; the whole picture where there is no window."""
    told = renderer, mesh, kept, vertices, texture, lighting, camera
    margin = int(np.ceil(room_mm * camera.focal_px / max(float(vertices[:, 2].min()), 1.0)))
    found = draw_in_window(*told, margin)
    return found or (draw_opaque(*told), camera, (slice(0, camera.height), slice(0, camera.width)))


def placed(values: Array, place: tuple[slice, slice], camera: Camera) -> Array:
    """Values (h, w, …) of a window in a whole picture (H, W, …), 0 around it; themselves where it is all of it."""
    if values.shape[:2] == (camera.height, camera.width):
        return values
    whole = np.zeros((camera.height, camera.width, *values.shape[2:]), np.float32)
    whole[place] = values
    return whole


def sight_of(drawn: NDArray[np.bool_], camera: Camera) -> NDArray[np.float32]:
    """Unit directions (N, 3) from the camera through the pixels that `drawn` (H, W) marks."""
    rows, columns = np.nonzero(drawn)
    sight = np.stack([columns, rows, np.full(len(rows), camera.focal_px)], 1).astype(np.float32)
    sight -= np.array([*camera.principal_px, 0.0], np.float32)
    return np.asarray(sight / np.linalg.norm(sight, axis=1, keepdims=True), np.float32)


def add_sheen(color: Array, image: Drawn, skin: NDArray[np.bool_], lighting: Array) -> None:
    """Add to colour (H, W, 3), in place, what the skin's surface sends back of light from everywhere.

    It is as much as usual on skin of its mean albedo, and goes with the albedo elsewhere: hollows send back less.

    image: of the head, before anything takes light from it. skin: (F,) of its triangles.
    """
    told = image.triangle, np.ascontiguousarray(skin), image.normal, np.ascontiguousarray(lighting, np.float32)
    own, light = np.zeros((2, 3), np.float64)
    _lit_skin(*told, image.coverage, color, own, light)
    if own.min() > 0:
        gain = 1 + SHEEN * light / own
        gain *= (gain.mean() / gain) ** (1 - PALE)
        _times(image.triangle, told[1], gain.astype(np.float32), color)


@njit(**KERNEL)
def _lit_skin(triangle, skin, normal, light, coverage, color, own, total):  # type: ignore[no-untyped-def]
    """Add up the colour (H, W, 3) of the pixels that show skin into own (3,), and their light into total (3,)."""
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            if triangle[y, x] < 0 or not skin[triangle[y, x]]:
                continue
            nx, ny, nz = normal[y, x, 0], normal[y, x, 1], normal[y, x, 2]
            for k in range(3):
                own[k] += color[y, x, k]
                total[k] += max(irradiance(light, k, nx, ny, nz), ZERO) * coverage[y, x]


@njit(**KERNEL)
def _times(triangle, skin, factor, color):  # type: ignore[no-untyped-def]
    """Multiply the colour (H, W, 3) of pixels that show skin by a factor (3,)."""
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            if triangle[y, x] >= 0 and skin[triangle[y, x]]:
                for k in range(3):
                    color[y, x, k] *= factor[k]


def highlights(strengths: Array, image: Drawn, lighting: Array, camera: Camera) -> Array:
    """The mirror-like part of the reflection of the strongest lamp: (H, W, 3), 0 where nothing is.

    strengths: (drawn pixels, 3), strength, exponent and pull towards the viewer (portrait.HIGHLIGHTS).
    """
    towards = lighting[[3, 1, 2]].mean(1)
    towards = (towards / max(np.linalg.norm(towards), 1e-6)).astype(np.float32)
    lamp = (lamp_share(lighting) * np.clip(sh_basis(towards) @ lighting, 0.0, None)).astype(np.float32)
    result = np.zeros((*image.triangle.shape, 3), np.float32)
    told = np.ascontiguousarray(strengths, np.float32)
    middle = np.array(camera.principal_px, np.float32)
    _lobes(told, image.triangle, image.normal, image.coverage, towards, lamp, middle, F(camera.focal_px), result)
    return result


@njit(**INLINE)
def _power(base, exponent):  # type: ignore[no-untyped-def]
    """A power; whole exponents, which all of portrait.HIGHLIGHTS are, by squaring: a third of the library's time."""
    left = np.int32(exponent)
    if F(left) != exponent:
        return base**exponent
    result = ONE
    while left:
        if left & 1:
            result *= base
        base *= base
        left >>= 1
    return result


@njit(**KERNEL)
def _lobes(told, triangle, normal, coverage, towards, lamp, middle, focal, result):  # type: ignore[no-untyped-def]
    """Write the lobes of a lamp (3,) towards (3,) into result (H, W, 3); told: as `strengths`, in the pixels' order."""
    n = 0
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            if triangle[y, x] < 0:
                continue
            strength, exponent, near = told[n, 0], told[n, 1], told[n, 2]
            n += 1
            nx, ny, nz = normal[y, x, 0], normal[y, x, 1], normal[y, x, 2]
            facing = min(nx * towards[0] + ny * towards[1] + nz * towards[2], ONE)
            if facing <= ZERO or strength == ZERO:
                continue
            sx, sy = (F(x) - middle[0]) / focal, (F(y) - middle[1]) / focal
            sz = ONE / math.sqrt(sx * sx + sy * sy + ONE)
            sx, sy = sx * sz, sy * sz
            hx, hy, hz = towards[0] - sx, towards[1] - sy, towards[2] - sz
            per = ONE / math.sqrt(hx * hx + hy * hy + hz * hz)
            hx, hy, hz = hx * per - near * sx, hy * per - near * sy, hz * per - near * sz
            per = ONE / math.sqrt(hx * hx + hy * hy + hz * hz)
            mirrored = min((nx * hx + ny * hy + nz * hz) * per, ONE)
            if mirrored <= ZERO:
                continue
            lobe = strength * _power(mirrored, exponent) * math.sqrt(facing) * coverage[y, x]
            for k in range(3):
                result[y, x, k] = lobe * lamp[k]
