"""Pictures for people: one head, supersampled, with highlights and see-through lashes, on a transparent background.

Not differentiable; for fitting use a Renderer. Frames and units: conventions.py; light: render/base.py.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.render.base import Rendered, Topology, View
from facegpt.render.lighting import default_studio_lighting, sh_basis
from facegpt.render.numba_cpu import NumbaRenderer
from facegpt.render.numba_shade import solve_pixel
from facegpt.render.scalar import JIT, irradiance, texel_address
from facegpt.types import Array, Camera, Mesh, Pose

#: Highlights by a word in the part's name: strength of the lobe, exponent of Blinn and Phong, how far the highlight is
#: drawn towards the viewer, for a lamp so large that its near edge shows (a catch-light below the lid). Skin is last.
HIGHLIGHTS = {
    "lash": (0.0, 1.0, 0.0),
    "eye": (0.8, 500.0, 1.0),
    "teeth": (0.20, 60.0, 0.0),
    "tongue": (0.15, 40.0, 0.0),
    "": (0.07, 14.0, 0.0),
}

#: Linear albedo of a mesh without a texture, by a word in the part's name; 0 is left out. Skin is the default.
PLAIN_ALBEDO = {"lash": 0.0, "eye": 0.55, "teeth": 0.55, "tongue": 0.30, "": 0.42}

#: How much of the light reaches parts in hollows, which the lighting model knows nothing about. 1 is the default.
EXPOSED = {"mouth": 0.25, "socket": 0.45, "teeth": 0.85, "tongue": 0.60, "": 1.0}


def draw_picture(
    mesh: Mesh, pose: Pose, camera: Camera, lighting: Array | None = None, supersample: int = 2
) -> NDArray[np.uint8]:
    """Draw a textured mesh: (H, W, 4) uint8 sRGB with straight alpha, H and W those of the camera.

    lighting: (9, 3); the studio light when None. A mesh without a texture is drawn in grey.
    """
    lighting = np.ascontiguousarray(default_studio_lighting() if lighting is None else lighting, np.float32)
    fine = camera.scaled(supersample)
    fine = Camera(fine.focal_px, fine.principal_px, camera.width * supersample, camera.height * supersample)
    if mesh.texture is None:
        mesh = _with_plain_texture(mesh)
    texture = _linear_planes(np.asarray(mesh.texture))
    clear = _has_see_through_texels(mesh)
    vertices = np.ascontiguousarray(pose.apply(mesh.vertices), np.float32)
    image = _draw_opaque(mesh, ~clear, vertices, texture, lighting, fine)
    color = image.color[0].numpy()
    _darken_hollows(mesh, np.flatnonzero(~clear), image.triangle[0].numpy(), color)
    color += _highlights(mesh, np.flatnonzero(~clear), image, lighting, fine)
    coverage = image.coverage[0].numpy()
    _draw_see_through(mesh, np.flatnonzero(clear), vertices, texture, lighting, fine, image, color, coverage)
    return _to_srgb(color, coverage, supersample)


def _with_plain_texture(mesh: Mesh) -> Mesh:
    """Give each part one grey: a texture with a column per part."""
    count = max(len(mesh.part_names), 1)
    greys = [_by_name(PLAIN_ALBEDO, name) for name in mesh.part_names] or [PLAIN_ALBEDO[""]]
    shown = np.array(greys) > 0
    row = np.concatenate([np.repeat(linear_to_srgb(greys)[:, None], 3, 1), shown[:, None]], 1)
    texture = np.repeat(np.round(row * 255).astype(np.uint8)[None], 4, axis=0).repeat(8, axis=1).repeat(2, axis=0)
    uv = np.stack([(np.arange(count) + 0.5) / count, np.full(count, 0.5)], 1)
    corners = np.repeat(mesh.part.astype(np.int32)[:, None], 3, 1)
    return Mesh(mesh.vertices, mesh.triangles, uv, corners, mesh.part, mesh.part_names, texture)


def _by_name(table: dict, part_name: str):
    """Look up a part by the first word of the table that its name contains."""
    return next(value for word, value in table.items() if word in part_name)


def _linear_planes(texture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn a (H, W, 3 or 4) uint8 sRGB texture into (4, H, W) linear RGB and alpha."""
    table = srgb_to_linear(np.arange(256) / 255.0)
    alpha = texture[..., 3] if texture.shape[-1] == 4 else np.full(texture.shape[:2], 255, np.uint8)
    planes = [table[texture[..., k]] for k in range(3)]
    return np.ascontiguousarray(np.stack([*planes, alpha.astype(np.float32) / 255.0]), np.float32)


def _has_see_through_texels(mesh: Mesh) -> NDArray[np.bool_]:
    """Mark the triangles (F,) whose texture is see-through at one of ten points."""
    texture = np.asarray(mesh.texture)
    if texture.shape[-1] < 4 or texture[..., 3].min() == 255:
        return np.zeros(len(mesh.triangles), bool)
    thirds = [(i / 3, j / 3, 1 - (i + j) / 3) for i in range(4) for j in range(4 - i)]
    points = np.einsum("pc,fcx->fpx", np.array(thirds), mesh.uv[mesh.uv_triangles])
    height, width = texture.shape[:2]
    column = np.clip((points[..., 0] * width).astype(int), 0, width - 1)
    row = np.clip(((1 - points[..., 1]) * height).astype(int), 0, height - 1)
    return (texture[row, column, 3] < 250).any(1)


def _draw_opaque(
    mesh: Mesh, kept: NDArray[np.bool_], vertices: Array, texture: Array, lighting: Array, camera: Camera
) -> Rendered:
    topology = Topology(
        torch.from_numpy(np.ascontiguousarray(mesh.triangles[kept], np.int32)),
        torch.from_numpy(np.ascontiguousarray(mesh.uv, np.float32)),
        torch.from_numpy(np.ascontiguousarray(mesh.uv_triangles[kept], np.int32)),
    )
    view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
    batch = (torch.from_numpy(a[None]) for a in (vertices, texture[:3], lighting))
    placed, colors, light = batch
    return NumbaRenderer().render(placed, topology, colors, light, view)


def _darken_hollows(mesh: Mesh, opaque: NDArray, index: NDArray, color: Array) -> None:
    """Scale color (H, W, 3) of the parts that are sheltered from the light, in place."""
    exposed = np.array([_by_name(EXPOSED, name) for name in mesh.part_names] or [1.0], np.float32)
    drawn = index >= 0
    color[drawn] *= exposed[mesh.part[opaque[index[drawn]]]][:, None]


def _highlights(mesh: Mesh, opaque: NDArray, image: Rendered, lighting: Array, camera: Camera) -> Array:
    """Add the mirror-like part of the reflection of the strongest light: (H, W, 3), 0 where nothing is."""
    index = image.triangle[0].numpy()
    drawn = index >= 0
    strengths = [_by_name(HIGHLIGHTS, name) for name in mesh.part_names] or [HIGHLIGHTS[""]]
    part = mesh.part[opaque[index[drawn]]]
    strength, exponent, drawn_near = np.array(strengths, np.float32)[part].T
    rows, columns = np.nonzero(drawn)
    sight = np.stack([columns, rows, np.full(len(rows), camera.focal_px)], 1).astype(np.float32)
    sight -= np.array([*camera.principal_px, 0.0], np.float32)
    sight /= np.linalg.norm(sight, axis=1, keepdims=True)
    towards = lighting[[3, 1, 2]].mean(1)
    towards = (towards / max(np.linalg.norm(towards), 1e-6)).astype(np.float32)
    half = towards - sight
    half = half / np.linalg.norm(half, axis=1, keepdims=True) - drawn_near[:, None] * sight
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    normal = image.normal[0].numpy()[drawn]
    lobe = np.clip((normal * half).sum(1), 0.0, 1.0) ** exponent * np.clip(normal @ towards, 0.0, 1.0) ** 0.5
    lamp = np.clip(sh_basis(towards) @ lighting, 0.0, None)
    result = np.zeros((*index.shape, 3), np.float32)
    result[drawn] = (strength * lobe)[:, None] * lamp * image.coverage[0].numpy()[drawn][:, None]
    return result


def _draw_see_through(
    mesh: Mesh, clear: NDArray, vertices: Array, texture: Array, lighting: Array, camera: Camera, image: Rendered,
    color: Array, coverage: Array,
) -> None:  # fmt: skip
    """Blend the see-through triangles over color and coverage, back to front."""
    corners = vertices[mesh.triangles[clear]]
    in_front = corners[..., 2].min(1) > 1.0 if len(corners) else np.zeros(0, bool)
    clear, corners = clear[in_front], corners[in_front]
    order = clear[np.argsort(-corners[..., 2].mean(1))]
    normals = _vertex_normals(vertices, mesh.triangles)
    intrinsics = np.array([camera.focal_px, *camera.principal_px], np.float32)
    blend_triangles(
        *(vertices, normals, np.asarray(mesh.triangles[order], np.int32), np.asarray(mesh.uv, np.float32)),
        *(np.asarray(mesh.uv_triangles[order], np.int32), intrinsics, texture, lighting),
        *(image.depth[0].numpy(), color, coverage),
    )


def _vertex_normals(vertices: Array, triangles: NDArray) -> Array:
    corners = vertices[triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], across)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


@njit(**JIT)
def blend_triangles(vertices, normals, triangles, uv, uv_triangles, camera, texture, light, depth, color, coverage):
    """Lay triangles with texture (4, Ht, Wt) over the image in their order, where no surface (depth, mm) hides them."""
    height, width = depth.shape
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        x_lo, x_hi, y_lo, y_hi = width, -1, height, -1
        for v in (a, b, c):
            px = vertices[v, 0] / vertices[v, 2] * camera[0] + camera[1]
            py = vertices[v, 1] / vertices[v, 2] * camera[0] + camera[2]
            x_lo, x_hi = min(x_lo, max(math.ceil(px), 0)), max(x_hi, min(math.floor(px), width - 1))
            y_lo, y_hi = min(y_lo, max(math.ceil(py), 0)), max(y_hi, min(math.floor(py), height - 1))
        for y in range(y_lo, y_hi + 1):
            for x in range(x_lo, x_hi + 1):
                solved = solve_pixel(x, y, a, b, c, vertices, camera)
                b1, b2 = solved[0], solved[1]
                b0 = 1.0 - b1 - b2
                if not (b0 >= 0.0 and b1 >= 0.0 and b2 >= 0.0):
                    continue
                z = b0 * vertices[a, 2] + b1 * vertices[b, 2] + b2 * vertices[c, 2]
                if coverage[y, x] > 0.0 and depth[y, x] > 0.0 and z > depth[y, x] + 0.2:
                    continue
                _blend_pixel(f, b0, b1, b2, normals, triangles, uv, uv_triangles, texture, light, color, coverage, x, y)


@njit(**JIT)
def _blend_pixel(f, b0, b1, b2, normals, triangles, uv, uv_triangles, texture, light, color, coverage, x, y):
    a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
    ta, tb, tc = uv_triangles[f, 0], uv_triangles[f, 1], uv_triangles[f, 2]
    u = b0 * uv[ta, 0] + b1 * uv[tb, 0] + b2 * uv[tc, 0]
    v = b0 * uv[ta, 1] + b1 * uv[tb, 1] + b2 * uv[tc, 1]
    x0, x1, y0, y1, fx, fy = texel_address(u, v, texture.shape[1], texture.shape[2])
    normal = b0 * normals[a] + b1 * normals[b] + b2 * normals[c]
    normal = normal / max(math.sqrt((normal * normal).sum()), 1e-9)
    values = (texture[:, y0, x0] * (1 - fx) + texture[:, y0, x1] * fx) * (1 - fy)
    values = values + (texture[:, y1, x0] * (1 - fx) + texture[:, y1, x1] * fx) * fy
    alpha = values[3]
    for k in range(3):
        lit = values[k] * max(irradiance(light, k, normal[0], normal[1], normal[2]), 0.0)
        color[y, x, k] = color[y, x, k] * (1 - alpha) + alpha * lit
    coverage[y, x] = coverage[y, x] * (1 - alpha) + alpha


def _to_srgb(color: Array, coverage: Array, supersample: int) -> NDArray[np.uint8]:
    """Average the samples of each pixel in linear light and encode with straight alpha."""
    color, alpha = _average(color, supersample), np.clip(_average(coverage, supersample), 0.0, 1.0)
    straight = color / np.maximum(alpha, 1e-4)[..., None]
    rgba = np.concatenate([linear_to_srgb(np.clip(straight, 0.0, 1.0)), alpha[..., None]], -1)
    return np.round(rgba * 255).astype(np.uint8)


def _average(samples: Array, block: int) -> Array:
    """Average blocks of block × block pixels of an image (H, W, …)."""
    total = np.zeros_like(samples[::block, ::block])
    for row in range(block):
        for column in range(block):
            total += samples[row::block, column::block]
    return total / np.float32(block * block)
