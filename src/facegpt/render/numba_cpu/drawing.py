"""The forward pass of the renderer for processors: numba kernels on arrays, shared out among a few threads."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.render.numba_cpu import edges as numba_edges
from facegpt.render.numba_cpu import forward as numba_forward
from facegpt.render.numba_cpu import shade as numba_shade
from facegpt.render.numba_cpu import shade_rows as numba_shade_rows
from facegpt.render.numba_cpu.scene import Float32, Scene, build_scene
from facegpt.render.numba_cpu.threads import bands_of, run_all


@lru_cache(maxsize=1)
def announce_compilation() -> None:
    """Say on stderr, once, that kernels are about to be compiled, if no earlier run left them on disk."""
    folder, source = numba_shade.shade.stats.cache_path, Path(numba_shade.__file__).stem
    if folder is None or not any(Path(folder).glob(f"{source}.shade-*.nbi")):
        text = "compiling the renderer for this machine, once (20 seconds; up to a minute or two on a busy machine)"
        print(f"facegpt: {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Drawn:
    """What the forward pass leaves behind: images and what the backward pass needs again.

    Attributes:
        screen, normals: (B, V, 3). inverse_length: (B, V) of the vertex normals before they were made unit.
        nearest, index, coverage: (B, H, W). color: (B, H, W, 3).
        facing: (B, F): see numba_forward. places: per band, see numba_shade.shade. pairs: per image, see
            numba_edges.find_pairs.
    """

    screen: Float32
    normals: Float32
    inverse_length: Float32
    nearest: Float32
    index: NDArray[np.int32]
    color: Float32
    coverage: Float32
    facing: NDArray[np.uint8]
    places: list[NDArray[np.uint32]]
    pairs: list[tuple[NDArray, ...]]


def draw(scene: Scene, threads: int) -> Drawn:
    """Run the forward pass of a batch; images, or bands of one image, are shared out among threads."""
    batch, vertex_count = scene.vertices.shape[:2]
    height, width = scene.height, scene.width
    size = (batch, height, width)
    bands = bands_of(batch, height, threads)
    drawn = Drawn(
        screen=np.empty((batch, vertex_count, 3), np.float32),
        normals=np.empty((batch, vertex_count, 3), np.float32),
        inverse_length=np.empty((batch, vertex_count), np.float32),
        nearest=np.empty(size, np.float32),
        index=np.empty(size, np.int32),
        color=np.empty((*size, 3), np.float32),
        facing=np.empty((batch, len(scene.mesh.triangles)), np.uint8),
        coverage=np.empty(size, np.float32),
        places=[np.empty(0, np.uint32)] * len(bands),
        pairs=[()] * batch,
    )

    def prepare(b: int) -> None:
        numba_forward.project(scene.vertices[b], scene.cameras[b], drawn.screen[b])
        numba_forward.facings(drawn.screen[b], scene.mesh.triangles, drawn.facing[b])
        numba_forward.vertex_normals(scene.vertices[b], scene.mesh.triangles, drawn.normals[b], drawn.inverse_length[b])

    def rows(number: int) -> None:
        drawn.places[number] = _draw_rows(scene, drawn, *bands[number])

    def finish(b: int) -> None:
        drawn.pairs[b] = _antialias(scene, drawn, b)

    run_all(prepare, batch, threads)
    run_all(rows, len(bands), threads)
    run_all(finish, batch, threads)
    return drawn


def chunk(index_rows: int) -> tuple[NDArray, ...]:
    """Make the working memory of a shading kernel."""
    numbers = [np.empty(numba_shade_rows.CHUNK, np.uint32) for _ in range(index_rows)]
    return np.empty(numba_shade_rows.FIELDS * numba_shade_rows.CHUNK, np.float32), *numbers


def _draw_rows(scene: Scene, drawn: Drawn, b: int, row0: int, row1: int) -> NDArray[np.uint32]:
    """Draw some rows of one image; give the places of the pixels drawn."""
    mesh, camera = scene.mesh, scene.cameras[b]
    touched = np.empty(len(mesh.triangles), np.uint8)
    numba_forward.rasterize(
        *(scene.vertices[b], drawn.screen[b], mesh.triangles, drawn.facing[b], camera),
        *(drawn.nearest[b], drawn.index[b], touched, row0, row1),
    )
    return _shade_rows(scene, drawn, touched, drawn.color, drawn.coverage, b, row0, row1)


def _shade_rows(
    scene: Scene, drawn: Drawn, touched: NDArray[np.uint8], color: Float32, coverage: Float32, b: int, row0: int,
    row1: int,
) -> NDArray[np.uint32]:  # fmt: skip
    """Fill some rows of color (B, H, W, 3) and coverage (B, H, W) of one image; give the places of the pixels drawn."""
    mesh, camera, texture = scene.mesh, scene.cameras[b], min(b, len(scene.texture) - 1)
    places = np.empty((row1 - row0) * scene.width + 1, np.uint32)
    count = numba_shade.shade(
        *(scene.vertices[b], drawn.screen[b], drawn.normals[b], mesh.triangles, mesh.uv, mesh.uv_triangles, camera),
        *(scene.lighting[b], scene.lobes[b], scene.texture[texture], scene.texture_shape, scene.mipmaps[texture]),
        *(scene.levels, drawn.index[b], touched, color[b], coverage[b], *chunk(0), places, row0, row1),
    )
    return places[:count]


def recolored(scene: Scene, drawn: Drawn, threads: int, texture: Float32, lighting: Float32) -> Float32:
    """The color (B, H, W, 3) of what was `drawn` of a scene with another texture (1 or B, 3, Ht, Wt) and light."""
    size = scene.height, scene.width
    other = build_scene(scene.mesh, scene.vertices, texture, lighting, scene.cameras, size, scene.lobes)
    color, coverage = np.empty_like(drawn.color), np.empty_like(drawn.coverage)
    bands = bands_of(len(color), scene.height, threads)

    def rows(number: int) -> None:
        b, row0, row1 = bands[number]
        shown = drawn.index[b, row0:row1]
        touched = np.zeros(len(scene.mesh.triangles), np.uint8)
        touched[shown[shown >= 0]] = 1
        _shade_rows(other, drawn, touched, color, coverage, b, row0, row1)

    def finish(b: int) -> None:
        pixels, share, _, delta = drawn.pairs[b]
        area = scene.height * scene.width
        planes = color[b].reshape(area, 3), coverage[b].reshape(area)
        # Shares were scaled to 1 in the first picture, so that their sum asks for no more of it here.
        numba_edges.blend_pairs(len(share), pixels, share.copy(), np.empty_like(delta), zeros(area), *planes)

    run_all(rows, len(bands), threads)
    run_all(finish, len(color), threads)
    return color


def _antialias(scene: Scene, drawn: Drawn, b: int) -> tuple[NDArray, ...]:
    """Blend the silhouettes of one image in place; give (pixels, share, edge, delta) of its pairs."""
    mesh, room = scene.mesh, 8 * (scene.height + scene.width)
    slots = np.empty((scene.height * scene.width, 2), np.int32)
    while True:
        pixels, share = np.empty((room, 2), np.int32), np.empty(room, np.float32)
        edge, delta = np.empty((room, 2), np.int32), np.empty((room, 4), np.float32)
        count = numba_edges.find_pairs(
            *(drawn.screen[b], mesh.edges, mesh.edge_triangles, mesh.edge_fold, drawn.facing[b]),
            *(drawn.nearest[b], drawn.index[b], slots, pixels, share, edge),
        )
        if count <= room:
            break
        room = count
    area = scene.height * scene.width
    total, color, coverage = (
        zeros(area),
        drawn.color[b].reshape(area, 3),
        drawn.coverage[b].reshape(area),
    )
    numba_edges.blend_pairs(count, pixels, share, delta, total, color, coverage)
    return pixels[:count], share[:count], edge[:count], delta[:count]


def zeros(*shape: int) -> Float32:
    """Make zeros in memory that was in use before, where np.zeros would take fresh pages, each with its first touch."""
    array = np.empty(shape, np.float32)
    array.fill(0.0)
    return array


def geometry(scene: Scene, drawn: Drawn, threads: int, with_uv: bool = True) -> dict[str, Float32]:
    """The geometric outputs of a batch, by their names in Rendered; uv is empty where it is not asked for."""
    size = drawn.index.shape
    depth, normal = np.empty(size, np.float32), np.empty((*size, 3), np.float32)
    barycentric = np.empty((*size, 3), np.float32)
    uv = np.empty((*size, 2) if with_uv else (size[0], 0, 0, 2), np.float32)
    mesh, bands = scene.mesh, bands_of(size[0], size[1], threads)

    def rows(number: int) -> None:
        b, row0, row1 = bands[number]
        numba_shade.fill_buffers(
            *(scene.vertices[b], drawn.normals[b], mesh.triangles, mesh.uv, mesh.uv_triangles, scene.cameras[b]),
            *(drawn.index[b], depth[b], normal[b], uv[b], barycentric[b], row0, row1),
        )

    run_all(rows, len(bands), threads)
    return {"depth": depth, "normal": normal, "uv": uv, "barycentric": barycentric}
