"""The backward pass of the renderer for processors: gradients of a picture, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.render.lighting import SH_CONSTANTS as LIGHT_SCALE
from facegpt.render.numba_cpu import backward as numba_backward
from facegpt.render.numba_cpu import edges as numba_edges
from facegpt.render.numba_cpu import mipmap as numba_mipmap
from facegpt.render.numba_cpu.drawing import Drawn, chunk, zeros
from facegpt.render.numba_cpu.scene import Float32, Scene
from facegpt.render.numba_cpu.threads import bands_of, run_all


@dataclass(frozen=True)
class Gradients:
    """Gradients of a batch: vertices (B, V, 3), lighting (B, 9, 3), lobes (B, 7), cameras (B, 3), texture as given."""

    vertices: Float32
    lighting: Float32
    lobes: Float32
    cameras: Float32
    texture: Float32 | None


def draw_backward(
    scene: Scene, drawn: Drawn, grad_color: Float32, grad_coverage: Float32, texture_wanted: bool, threads: int
) -> Gradients:
    """Run the backward pass of a batch. grad_color (B, H, W, 3) is overwritten; grad_coverage: (B, H, W)."""
    batch, vertex_count = scene.vertices.shape[:2]
    bands = bands_of(batch, scene.height, threads)
    gathered = zeros(len(bands), vertex_count, 6)
    light, lobes = np.zeros((len(bands), 9, 3), np.float32), np.zeros((len(bands), 10), np.float32)
    # Images that share a texture add to one gradient, as long as one thread draws them: see run_all.
    each = min(threads, len(bands)) if len(scene.texture) == 1 else len(bands) // batch
    texture, mipmaps = _texture_gradients(scene, each * len(scene.texture) if texture_wanted else 0)
    vertices, cameras = np.empty((batch, vertex_count, 3), np.float32), np.zeros((batch, 3), np.float32)
    per_image = len(bands) // batch

    def edges(b: int) -> None:
        numba_edges.pairs_backward(
            *(*drawn.pairs[b], drawn.screen[b], scene.vertices[b], scene.mesh.edges, scene.cameras[b]),
            *(
                grad_color[b],
                grad_coverage[b],
                gathered[b * per_image],
                np.empty((len(drawn.pairs[b][1]), 3), np.float32),
            ),
        )

    def rows(number: int) -> None:
        own = number % len(texture)
        _shade_backward(
            *(scene, drawn, number, bands[number], grad_color, gathered[number], light[number], lobes[number]),
            *(texture[own], mipmaps[own]),
        )

    def finish(b: int) -> None:
        total = gathered[b * per_image]
        for other in range(1, per_image):
            total += gathered[b * per_image + other]
        numba_backward.finish(
            *(scene.vertices[b], scene.mesh.triangles, drawn.normals[b], drawn.inverse_length[b], scene.cameras[b]),
            *(total, vertices[b], cameras[b]),
        )

    run_all(edges, batch, threads)
    run_all(rows, len(bands), threads)
    run_all(finish, batch, threads)
    light = light.reshape(batch, per_image, 9, 3).sum(1) * np.array(LIGHT_SCALE, np.float32)[:, None]
    lobes = lobes.reshape(batch, per_image, 10).sum(1)
    whole = _collect_texture(scene, texture, mipmaps, each) if texture_wanted else None
    return Gradients(vertices, light, lobes[:, :7], cameras + lobes[:, 7:], whole)


def _texture_gradients(scene: Scene, count: int) -> tuple[Float32, Float32]:
    """Make room for `count` gradients of the texture and its mipmaps; empty rows when count is 0."""
    if count == 0:
        return np.zeros((1, 0), np.float32), np.zeros((1, 0), np.float32)
    return zeros(count, scene.texture.shape[1]), zeros(count, scene.mipmaps.shape[1])


def _collect_texture(scene: Scene, texture: Float32, mipmaps: Float32, each: int) -> Float32:
    """Sum the gradients of textures, `each` of every one: (1 or B, 3·Ht·Wt)."""
    for first in range(0, len(texture), each):
        for other in range(first + 1, first + each):
            texture[first] += texture[other]
            mipmaps[first] += mipmaps[other]
        numba_mipmap.mipmaps_backward(texture[first], *scene.texture_shape, mipmaps[first], scene.levels)
    return texture[::each]


def _shade_backward(
    scene: Scene, drawn: Drawn, number: int, band: tuple[int, int, int], grad_color: Float32, gathered: Float32,
    light: Float32, lobe: Float32, texture: Float32, mipmaps: Float32,
) -> None:  # fmt: skip
    b, mesh = band[0], scene.mesh
    own = min(b, len(scene.texture) - 1)
    numba_backward.shade_backward(
        *(scene.vertices[b], drawn.screen[b], drawn.normals[b], mesh.triangles, mesh.uv, mesh.uv_triangles),
        *(scene.cameras[b], scene.lighting[b], scene.lobes[b], scene.texture[own], scene.texture_shape),
        *(scene.mipmaps[own], scene.levels, drawn.index[b], drawn.places[number], grad_color[b]),
        *(gathered, light, lobe, texture, mipmaps, *chunk(2)),
    )
