"""The renderer for processors: numba kernels, one fused differentiable op, its own few threads."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from facegpt.render.base import Lobe, Rendered, Topology, View, parts_of
from facegpt.render.inputs import check_inputs, lobe_rows
from facegpt.render.lighting import SH_CONSTANTS as LIGHT_SCALE
from facegpt.render.numba_cpu import backward as numba_backward
from facegpt.render.numba_cpu import edges as numba_edges
from facegpt.render.numba_cpu import forward as numba_forward
from facegpt.render.numba_cpu import mipmap as numba_mipmap
from facegpt.render.numba_cpu import shade as numba_shade
from facegpt.render.numba_cpu import shade_rows as numba_shade_rows
from facegpt.render.numba_cpu.scene import Float32, Scene, as_array, build_scene
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


def _chunk(index_rows: int) -> tuple[NDArray, ...]:
    """Make the working memory of a shading kernel."""
    numbers = [np.empty(numba_shade_rows.CHUNK, np.uint32) for _ in range(index_rows)]
    return np.empty(numba_shade_rows.FIELDS * numba_shade_rows.CHUNK, np.float32), *numbers


def _draw_rows(scene: Scene, drawn: Drawn, b: int, row0: int, row1: int) -> NDArray[np.uint32]:
    """Draw some rows of one image; give the places of the pixels drawn."""
    mesh, camera, texture = scene.mesh, scene.cameras[b], min(b, len(scene.texture) - 1)
    touched = np.empty(len(mesh.triangles), np.uint8)
    places = np.empty((row1 - row0) * scene.width + 1, np.uint32)
    numba_forward.rasterize(
        *(scene.vertices[b], drawn.screen[b], mesh.triangles, drawn.facing[b], camera),
        *(drawn.nearest[b], drawn.index[b], touched, row0, row1),
    )
    count = numba_shade.shade(
        *(scene.vertices[b], drawn.screen[b], drawn.normals[b], mesh.triangles, mesh.uv, mesh.uv_triangles, camera),
        *(scene.lighting[b], scene.lobes[b], scene.texture[texture], scene.texture_shape, scene.mipmaps[texture]),
        *(scene.levels, drawn.index[b], touched, drawn.color[b], drawn.coverage[b], *_chunk(0), places, row0, row1),
    )
    return places[:count]


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
        _zeros(area),
        drawn.color[b].reshape(area, 3),
        drawn.coverage[b].reshape(area),
    )
    numba_edges.blend_pairs(count, pixels, share, delta, total, color, coverage)
    return pixels[:count], share[:count], edge[:count], delta[:count]


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
    gathered = _zeros(len(bands), vertex_count, 6)
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
    return _zeros(count, scene.texture.shape[1]), _zeros(count, scene.mipmaps.shape[1])


def _zeros(*shape: int) -> Float32:
    """Make zeros in memory that was in use before, where np.zeros would take fresh pages, each with its first touch."""
    array = np.empty(shape, np.float32)
    array.fill(0.0)
    return array


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
        *(gathered, light, lobe, texture, mipmaps, *_chunk(2)),
    )


class _Draw(torch.autograd.Function):
    """The fused op: (vertices, texture, lighting, focal, principal, lobes or None) → (color, coverage)."""

    @staticmethod
    def forward(ctx, vertices, texture, lighting, focal, principal, lobes, scene, drawn, threads):
        """Hand over the images already drawn. The inputs are saved to notice changes in place before backward."""
        ctx.save_for_backward(vertices, texture, lighting, focal, principal, lobes)
        ctx.set_materialize_grads(False)
        ctx.scene, ctx.drawn, ctx.threads = scene, drawn, threads
        return torch.from_numpy(drawn.color), torch.from_numpy(drawn.coverage)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad_color, grad_coverage):
        """The gradients of the six tensors."""
        inputs, shape = ctx.saved_tensors, ctx.drawn.coverage.shape
        # The kernels change the gradient of the colour, which is not theirs: they get a copy.
        color = _zeros(*shape, 3) if grad_color is None else np.array(grad_color.numpy(), np.float32, order="C")
        coverage = _zeros(*shape) if grad_coverage is None else as_array(grad_coverage)
        grads = draw_backward(ctx.scene, ctx.drawn, color, coverage, ctx.needs_input_grad[1], ctx.threads)
        found = (grads.vertices, grads.texture, grads.lighting, grads.cameras[:, 0], grads.cameras[:, 1:], grads.lobes)
        return (*(_fit(f, x) for f, x in zip(found, inputs, strict=True)), None, None, None)


def _fit(gradient: Float32 | None, like: Tensor | None) -> Tensor | None:
    """A gradient the shape and dtype of its tensor; where one entry served the whole batch, sum over it."""
    if gradient is None or like is None:
        return None
    tensor = torch.from_numpy(gradient)
    if tensor.numel() != like.numel():
        tensor = tensor.sum(0, keepdim=True)
    return tensor.reshape(like.shape).to(like.dtype)


class NumbaRenderer:
    """Renderer for CPUs (render/base.py), differentiable. Safe to use from several threads at once.

    Args:
        threads: how many threads one call may use; torch.get_num_threads() of the moment when None.
    """

    name = "numba-cpu"

    def __init__(self, threads: int | None = None):
        self.threads = threads

    def render(
        self,
        vertices_camera: Tensor,
        topology: Topology,
        texture: Tensor,
        lighting: Tensor,
        view: View,
        lobe: Lobe | None = None,
    ) -> Rendered:
        """Draw a batch: see Renderer.render. One texture, light or camera may serve the whole batch: (1, …)."""
        threads = self.threads or torch.get_num_threads()
        announce_compilation()
        mesh = check_inputs(vertices_camera, topology, texture, lighting, view, lobe)
        lobes = None if lobe is None else lobe_rows(lobe, len(vertices_camera))
        scene = build_scene(vertices_camera, mesh, texture, lighting, view, lobes)
        drawn = draw(scene, threads)
        inputs = (vertices_camera, texture, lighting, view.focal_px, view.principal_px, lobes)
        color, coverage = _Draw.apply(*inputs, scene, drawn, threads)
        return _LazyRendered(color, coverage, topology, scene, drawn, threads)


class _LazyRendered(Rendered):
    """A Rendered whose geometric outputs are computed when they are first asked for: fits seldom do."""

    def __init__(self, color: Tensor, coverage: Tensor, topology: Topology, scene: Scene, drawn: Drawn, threads: int):
        fields = {"color": color, "coverage": coverage, "triangle": torch.from_numpy(drawn.index)}
        geometry = partial(_geometry, scene, drawn, threads)
        self.__dict__.update(fields, _geometry=geometry, _part=partial(parts_of, topology, fields["triangle"]))

    def __getattr__(self, name: str) -> Tensor:
        """Compute the missing outputs; only called for attributes that are not there yet."""
        if name == "part" and "_part" in self.__dict__:
            self.__dict__["part"] = self.__dict__["_part"]()
            return self.__dict__["part"]
        if name not in ("depth", "normal", "uv", "barycentric") or "_geometry" not in self.__dict__:
            raise AttributeError(name)
        self.__dict__.update(self.__dict__["_geometry"]())
        return self.__dict__[name]


def _geometry(scene: Scene, drawn: Drawn, threads: int) -> dict[str, Tensor]:
    """Compute the geometric outputs of a batch."""
    size = drawn.index.shape
    depth, normal = np.empty(size, np.float32), np.empty((*size, 3), np.float32)
    uv, barycentric = np.empty((*size, 2), np.float32), np.empty((*size, 3), np.float32)
    mesh, bands = scene.mesh, bands_of(size[0], size[1], threads)

    def rows(number: int) -> None:
        b, row0, row1 = bands[number]
        numba_shade.fill_buffers(
            *(scene.vertices[b], drawn.normals[b], mesh.triangles, mesh.uv, mesh.uv_triangles, scene.cameras[b]),
            *(drawn.index[b], depth[b], normal[b], uv[b], barycentric[b], row0, row1),
        )

    run_all(rows, len(bands), threads)
    named = {"depth": depth, "normal": normal, "uv": uv, "barycentric": barycentric}
    return {name: torch.from_numpy(array) for name, array in named.items()}
