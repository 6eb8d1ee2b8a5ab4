"""The renderer for NVIDIA GPUs: numba kernels (render/numba_cuda/kernels.py) around which torch does what it does well.

Vertex normals, mipmaps and the sums of the light's gradient are torch's; what is drawn stays on the device. Tensors
may come from any device; images are given back on that of the vertices. With NUMBA_ENABLE_CUDASIM=1 everything runs,
slowly, on any machine, which is how the contract suite holds it to the reference.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

import numba
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from facegpt.render.base import Lobe, Rendered, Topology, View, parts_of
from facegpt.render.inputs import camera_rows, check_inputs, lobe_rows
from facegpt.render.lighting import SH_CONSTANTS
from facegpt.render.topology import connectivity
from facegpt.runtime.device import gpu_number, gpu_problem
from facegpt.types import FaceGPTError

_THREADS = 128  #: of a block; the simulator, where each is a thread of Python's, gets a few


class NumbaCudaRenderer:
    """Renderer for NVIDIA GPUs (render/base.py), differentiable.

    Args:
        device: "cuda:N", where tensors that are on no GPU are drawn; others are drawn where they are.
    """

    name = "numba-cuda"

    def __init__(self, device: str = "cuda"):
        self.device = device

    @property
    def problem(self) -> str:
        """Why it cannot run here; "" if it can."""
        simulated = bool(getattr(numba.config, "ENABLE_CUDASIM", False))
        return "" if simulated else gpu_problem(gpu_number(self.device))

    @property
    def is_available(self) -> bool:
        """Say whether it can run here."""
        return not self.problem

    def render(
        self,
        vertices_camera: Tensor,
        topology: Topology,
        texture: Tensor,
        lighting: Tensor,
        view: View,
        lobe: Lobe | None = None,
    ) -> Rendered:
        """Draw a batch: see Renderer.render. One texture, light or camera may serve the whole batch: (1, …).

        Raises:
            FaceGPTError: where there is no GPU that numba and torch can use.
        """
        if self.problem:
            raise FaceGPTError(f"the renderer numba-cuda cannot run: {self.problem}; use numba-cpu")
        check_inputs(vertices_camera, topology, texture, lighting, view, lobe)
        batch, home = len(vertices_camera), vertices_camera.device
        device = _device(home, self.device)
        vertices = vertices_camera.to(device, torch.float32)
        mesh = _mesh_on(topology, device)
        flat, levels = flatten_pyramid(texture.to(device, torch.float32))
        lobes = vertices.new_zeros(batch, 0) if lobe is None else lobe_rows(lobe, batch).to(device, torch.float32)
        cameras = camera_rows(view, batch).to(device, torch.float32)
        lights = lighting.expand(batch, 9, 3).to(device, torch.float32)
        scene = _Scene(mesh, levels, view.height, view.width)
        normals = vertex_normals(vertices, mesh.triangles.long())
        blended, index, geometry = _Draw.apply(vertices, normals, flat, lights, lobes, cameras, scene)
        size = (batch, view.height, view.width)
        blended, index, geometry = (
            x.reshape(*size, *x.shape[2:]).to(home, vertices_camera.dtype if x.is_floating_point() else x.dtype)
            for x in (blended, index, geometry)
        )
        named = (geometry[..., 0], geometry[..., 1:4], geometry[..., 4:6], index, geometry[..., 6:9])
        return Rendered(blended[..., :3], blended[..., 3], *named, parts_of(topology, index))


@dataclass(frozen=True, eq=False)
class _Mesh:
    """Connectivity (see there) as tensors on a device."""

    triangles: Tensor
    uv: Tensor
    uv_triangles: Tensor
    edges: Tensor
    edge_triangles: Tensor
    edge_fold: Tensor


@dataclass(frozen=True, eq=False)
class _Scene:
    """What is not differentiable: levels (L, 3) of flatten_pyramid, and the images' size."""

    mesh: _Mesh
    levels: Tensor
    height: int
    width: int


_meshes: weakref.WeakKeyDictionary[Topology, dict[torch.device, _Mesh]] = weakref.WeakKeyDictionary()


def _mesh_on(topology: Topology, device: torch.device) -> _Mesh:
    """Bring a topology's connectivity to a device, once."""
    known = _meshes.setdefault(topology, {})
    if device not in known:
        found = connectivity(topology)
        numbers = (found.triangles, found.uv_triangles, found.edges, found.edge_triangles)
        triangles, uv_triangles, edges, edge_triangles = (torch.from_numpy(x.astype("int32")) for x in numbers)
        tensors = (triangles, torch.from_numpy(found.uv), uv_triangles, edges, edge_triangles)
        known[device] = _Mesh(*(x.to(device) for x in (*tensors, torch.from_numpy(found.edge_fold))))
    return known[device]


def _device(home: torch.device, own: str) -> torch.device:
    """Where to draw: where the vertices are, else on the renderer's own GPU; in the simulator the processor."""
    from facegpt.render.numba_cuda.kernels import SIMULATED

    if SIMULATED:
        return torch.device("cpu")
    return home if home.type == "cuda" else torch.device("cuda", gpu_number(own))


def flatten_pyramid(texture: Tensor) -> tuple[Tensor, Tensor]:
    """Put the planes of textures (T, 3, Ht, Wt) and of their mipmaps one after another: (T, N), differentiable.

    The second result, (L, 3) int64, gives each level's offset, height and width.
    """
    pyramid, offset, rows = [texture], 0, []
    while min(pyramid[-1].shape[2:]) >= 8:
        pyramid.append(avg_pool2d(pyramid[-1], 2))
    for level in pyramid:
        rows.append((offset, level.shape[2], level.shape[3]))
        offset += level[0].numel()
    flat = torch.cat([level.reshape(len(texture), -1) for level in pyramid], 1)
    return flat, torch.tensor(rows, dtype=torch.int64, device=texture.device)


def vertex_normals(vertices: Tensor, triangles: Tensor) -> Tensor:
    """The unit mean of the area-weighted normals around each vertex: (B, V, 3); 0 where there is none."""
    a, b, c = (vertices[:, triangles[:, k]] for k in range(3))
    across = torch.linalg.cross(b - a, c - a)
    total = torch.zeros_like(vertices)
    for k in range(3):
        total = total.index_add(1, triangles[:, k], across)
    return total / total.square().sum(2, keepdim=True).clamp(min=1e-20).sqrt()


def _launch(kernel: Any, count: int, *arguments: Tensor | int) -> None:
    """Run a kernel over `count` things, on the device and in torch's stream of its tensors."""
    from numba import cuda

    from facegpt.render.numba_cuda.kernels import SIMULATED

    if count == 0:
        return
    if SIMULATED:
        kernel[2, 2](*(x.detach().numpy() if isinstance(x, Tensor) else x for x in arguments))
        return
    device = next(x.device.index for x in arguments if isinstance(x, Tensor))
    with torch.cuda.device(device), cuda.gpus[device]:
        stream = cuda.external_stream(torch.cuda.current_stream().cuda_stream)
        arrays = (cuda.as_cuda_array(x.detach()) if isinstance(x, Tensor) else x for x in arguments)
        kernel[min(-(-count // _THREADS), 1 << 16), _THREADS, stream](*arrays)


class _Draw(torch.autograd.Function):
    """The op: (vertices, normals, flat, lights, lobes, cameras) → image (B, P, 4), index, geometry of `shade`."""

    @staticmethod
    def forward(ctx, vertices, normals, flat, lights, lobes, cameras, scene):
        """Draw. Only the image carries a gradient."""
        from facegpt.render.numba_cuda import kernels as kernels

        inputs = [x.detach().contiguous() for x in (vertices, normals, flat, lights, lobes, cameras)]
        vertices, normals, flat, lights, lobes, cameras = inputs
        batch, pixels, mesh, width = len(vertices), scene.height * scene.width, scene.mesh, scene.width
        screen = torch.empty_like(vertices)
        keys = torch.zeros(batch, pixels, dtype=torch.int64, device=vertices.device)
        slots = torch.zeros(batch, 2 * pixels, dtype=torch.int64, device=vertices.device)
        index = torch.empty(batch, pixels, dtype=torch.int32, device=vertices.device)
        image, geometry = vertices.new_zeros(batch, pixels, 4), vertices.new_zeros(batch, pixels, 9)
        total = vertices.new_zeros(batch, pixels)
        surface = (mesh.triangles, mesh.uv, mesh.uv_triangles)
        _launch(kernels.project, screen.numel() // 3, vertices, cameras, screen)
        _launch(kernels.rasterize, batch * len(mesh.triangles), vertices, screen, mesh.triangles, cameras, width, keys)
        _launch(
            *(kernels.shade, keys.numel(), vertices, screen, normals, *surface, cameras, lights, lobes),
            *(flat, scene.levels, keys, width, index, image, geometry),
        )
        _launch(
            *(kernels.mark_edges, batch * len(mesh.edges), screen, mesh.triangles, mesh.edges, mesh.edge_triangles),
            *(mesh.edge_fold, keys, index, width, slots),
        )
        blended = image.clone()
        _launch(kernels.sum_shares, slots.numel(), slots, width, total)
        _launch(kernels.blend, slots.numel(), slots, width, total, image, blended)
        ctx.save_for_backward(*inputs, screen, index, slots, total, image, geometry)
        ctx.mark_non_differentiable(index, geometry)
        ctx.set_materialize_grads(False)
        ctx.scene = scene
        return blended, index, geometry

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad_blended, *_):
        """The gradients of the six tensors."""
        from facegpt.render.numba_cuda import backward as kernels

        if grad_blended is None:
            return (None,) * 7
        vertices, normals, flat, lights, lobes, cameras, screen, index, slots, total, image, geometry = (
            ctx.saved_tensors
        )
        scene, mesh = ctx.scene, ctx.scene.mesh
        grad_blended = grad_blended.contiguous()
        grad_image = grad_blended.clone()
        grad_vertices, grad_normals = torch.zeros_like(vertices), torch.zeros_like(normals)
        grad_flat = torch.zeros_like(flat) if ctx.needs_input_grad[2] else flat.new_zeros(len(flat), 0)
        pieces = vertices.new_zeros(*index.shape, 13 if lobes.shape[1] else 3)
        _launch(
            *(kernels.blend_backward, slots.numel(), slots, scene.width, total, image, screen, mesh.edges, cameras),
            *(grad_blended, grad_image, grad_vertices),
        )
        _launch(
            *(
                kernels.shade_backward,
                index.numel(),
                vertices,
                screen,
                normals,
                mesh.triangles,
                mesh.uv,
                mesh.uv_triangles,
            ),
            *(cameras, lights, lobes, flat, scene.levels, index, scene.width),
            *(grad_image, grad_vertices, grad_normals, grad_flat, pieces),
        )
        basis = sh_terms(geometry[..., 1:4]) * vertices.new_tensor(SH_CONSTANTS)
        grad_lights = torch.einsum("bpk,bpc->bkc", basis, pieces[..., :3])
        # Moving the surface by x/f as the camera's focal length grows by 1 looks the same, and so for its centre.
        pushed = grad_vertices[..., :2] / cameras[:, None, :1]
        grad_focal = (pushed * vertices[..., :2]).sum((1, 2))[:, None]
        grad_cameras = torch.cat([grad_focal, (pushed * vertices[..., 2:]).sum(1)], 1)
        own = pieces[..., 3:].sum(1)
        grad_lobes = own[:, :7] if lobes.shape[1] else None
        if lobes.shape[1]:
            grad_cameras = grad_cameras + own[:, 7:]
        wanted = grad_flat if ctx.needs_input_grad[2] else None
        return grad_vertices, grad_normals, wanted, grad_lights, grad_lobes, grad_cameras, None


def sh_terms(normal: Tensor) -> Tensor:
    """Evaluate the nine basis functions but for their constants at unit normals (…, 3): (…, 9)."""
    x, y, z = normal.unbind(-1)
    return torch.stack((torch.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y), -1)
