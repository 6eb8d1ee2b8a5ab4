"""The contestants of `facegpt bench render`: one frontal head, the same camera, forward and backward, by each renderer.

None of the other renderers is needed by the package: `pip install deodr trimesh mitsuba` to race them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.morphable.makehuman import head as makehuman
from facegpt.render.base import Renderer, Topology, View
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Array

DISTANCE_MM = 1000.0
MITSUBA_SAMPLES = 16


@dataclass(frozen=True)
class Task:
    """What is drawn: the default head's mean, filling about a third of a square image.

    Attributes:
        vertices: (V, 3) mm, camera frame. triangles, uv, uv_triangles: of the head. texture: (3, Ht, Wt) linear.
        size: of the image in pixels. batch: how many images.
    """

    vertices: Array
    triangles: NDArray[np.int32]
    uv: Array
    uv_triangles: NDArray[np.int32]
    texture: Array
    size: int
    batch: int

    @property
    def focal_px(self) -> float:
        """The focal length at which the head fills the image as described."""
        return 3.0 * self.size


@dataclass(frozen=True)
class Contestant:
    """A renderer at work on a task: `forward` draws, `both` draws and carries a fixed gradient of the image back."""

    name: str
    forward: Callable[[], object]
    both: Callable[[], object]


def make_task(size: int, batch: int) -> Task:
    """Place the default head before a camera."""
    head = makehuman.load()
    vertices = head.mean_vertices
    middle = (vertices.min(0) + vertices.max(0)) / 2
    placed = (vertices - middle) * [1, -1, -1] + [0, 0, DISTANCE_MM]
    texture = head.albedo_texture(torch.zeros(1, head.sizes.albedo))[0].detach().numpy()
    return Task(placed, head.triangles, head.uv, head.uv_triangles, texture, size, batch)


def ours(task: Task, renderer: Renderer, name: str) -> Contestant:
    """Race one of the package's renderers: gradients to vertices, texture, light and focal length."""
    topology = Topology(
        *(torch.from_numpy(np.ascontiguousarray(a)) for a in (task.triangles, task.uv, task.uv_triangles))
    )
    vertices = torch.from_numpy(task.vertices.astype(np.float32)).repeat(task.batch, 1, 1)
    texture, light = torch.from_numpy(task.texture)[None], torch.from_numpy(default_studio_lighting())[None]
    middle = (task.size - 1) / 2
    focal, principal = torch.full((task.batch,), task.focal_px), torch.full((task.batch, 2), middle)
    towards = torch.rand(task.batch, task.size, task.size, 3)

    def draw(wanted: bool) -> torch.Tensor:
        leaves = [x.detach().requires_grad_(wanted) for x in (vertices, texture, light, focal)]
        eye = View(leaves[3], principal, task.size, task.size)
        return renderer.render(leaves[0], topology, leaves[1], leaves[2], eye).color

    return Contestant(name, lambda: draw(False), lambda: torch.autograd.backward(draw(True), towards))


def deodr(task: Task) -> Contestant:
    """Race DEODR's Scene3D: gradients to vertices, vertex colours and light.

    Its textured meshes have no backward pass, so it draws vertex colours, interpolated without perspective.
    """
    from deodr.differentiable_renderer import Camera, Scene3D
    from deodr.triangulated_mesh import ColoredTriMesh

    vertices = task.vertices.astype(np.float64)
    mesh = ColoredTriMesh(task.triangles.astype(np.int64), vertices=vertices, colors=np.random.rand(len(vertices), 3))
    middle = (task.size - 1) / 2
    intrinsic = np.array([[task.focal_px, 0, middle], [0, task.focal_px, middle], [0, 0, 1]])
    camera = Camera(np.eye(3, 4), intrinsic, height=task.size, width=task.size)
    scene = Scene3D(sigma=1)
    scene.set_light(np.array([0.2, 0.3, 0.6]), 0.3)
    scene.set_mesh(mesh)
    scene.set_background_color(np.zeros(3))
    towards = np.random.rand(task.size, task.size, 3)

    def forward() -> None:
        for _ in range(task.batch):
            mesh.set_vertices(vertices)
            scene.render(camera)

    def both() -> None:
        for _ in range(task.batch):
            mesh.set_vertices(vertices)
            scene.render(camera)
            scene.clear_gradients()
            scene.render_backward(towards.copy())

    return Contestant("DEODR", forward, both)


def deodr_kernels(task: Task) -> Contestant:
    """Race DEODR's C++ code alone: texture and shading, but projection, normals, light and silhouettes are given."""
    from deodr.differentiable_renderer import Scene2D
    from deodr.triangulated_mesh import ColoredTriMesh

    vertices, count = task.vertices.astype(np.float64), len(task.triangles)
    middle = (task.size - 1) / 2
    places = vertices[:, :2] / vertices[:, 2:] * task.focal_px + middle
    mesh = ColoredTriMesh(task.triangles.astype(np.int64), vertices=vertices, colors=np.ones((len(vertices), 3)))
    texture = np.ascontiguousarray(task.texture.transpose(1, 2, 0), np.float64)
    texels = np.stack([task.uv[:, 0] * texture.shape[1], (1 - task.uv[:, 1]) * texture.shape[0]], 1) - 0.5
    scene = Scene2D(
        faces=task.triangles.astype(np.uint32),
        faces_uv=task.uv_triangles.astype(np.uint32),
        ij=places,
        depths=vertices[:, 2].copy(),
        textured=np.ones(count, bool),
        uv=np.clip(texels, 0, [texture.shape[1] - 1.001, texture.shape[0] - 1.001]),
        shade=np.random.rand(len(vertices)),
        colors=np.zeros((len(vertices), 3)),
        shaded=np.ones(count, bool),
        edgeflags=mesh.edge_on_silhouette(places),
        height=task.size,
        width=task.size,
        nb_colors=3,
        texture=texture,
        background_color=np.zeros(3),
        backface_culling=True,
    )
    towards = np.random.rand(task.size, task.size, 3)

    def forward() -> None:
        for _ in range(task.batch):
            scene.render()

    def both() -> None:
        for _ in range(task.batch):
            scene.render()
            scene.clear_gradients()
            scene.render_backward(towards.copy())

    return Contestant("DEODR, C++ part only", forward, both)


def mitsuba(task: Task, threads: int) -> Contestant:
    """Race Mitsuba 3: its "direct" integrator, diffuse texture, one lamp and a constant sky; 16 samples per pixel.

    Gradients to vertices and texture; that integrator has none through silhouettes.
    """
    import drjit
    import mitsuba as mi

    mi.set_variant("llvm_ad_rgb")
    drjit.set_thread_count(threads)
    scene = mi.load_dict(
        {
            "type": "scene",
            "integrator": {"type": "direct"},
            "sensor": _mitsuba_sensor(mi, task),
            "sky": {"type": "constant", "radiance": 0.3},
            "lamp": {"type": "directional", "direction": [0.4, 0.6, 0.7], "irradiance": 2.0},
            "head": _mitsuba_mesh(mi, task),
        }
    )
    values = mi.traverse(scene)
    wanted = [name for name, _ in values if name.endswith("vertex_positions") or name.endswith("reflectance.data")]

    def forward() -> None:
        for _ in range(task.batch):
            drjit.eval(mi.render(scene, values, spp=MITSUBA_SAMPLES))
            drjit.sync_thread()

    def both() -> None:
        for _ in range(task.batch):
            for name in wanted:
                drjit.enable_grad(values[name])
            values.update()
            drjit.backward(drjit.sum(mi.render(scene, values, spp=MITSUBA_SAMPLES), axis=None))
            drjit.eval([drjit.grad(values[name]) for name in wanted])
            drjit.sync_thread()

    return Contestant(f"mitsuba, direct, {MITSUBA_SAMPLES} spp", forward, both)


@lru_cache(maxsize=1)
def mitsuba_problem() -> str:
    """Try mitsuba in a process of its own, since an LLVM too old for it ends the process: "" or what is wrong."""
    trial = f"from {__name__} import make_task, mitsuba; mitsuba(make_task(16, 1), 1).both()"
    try:
        done = subprocess.run([sys.executable, "-c", trial], capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return "mitsuba takes too long to start"
    if done.returncode == 0:
        return ""
    if "No module named" in done.stderr:
        return "mitsuba is not installed"
    return "mitsuba fails here; its LLVM may be too old (name the library of a newer one in DRJIT_LIBLLVM_PATH)"


def _mitsuba_sensor(mi, task: Task) -> dict:
    return {
        "type": "perspective",
        "fov": float(np.degrees(2 * np.arctan(task.size / 2 / task.focal_px))),
        "near_clip": 10.0,
        "far_clip": 10000.0,
        "to_world": mi.ScalarTransform4f().look_at(origin=[0, 0, 0], target=[0, 0, 1], up=[0, -1, 0]),
        "film": {"type": "hdrfilm", "width": task.size, "height": task.size, "rfilter": {"type": "box"}},
        "sampler": {"type": "independent", "sample_count": MITSUBA_SAMPLES},
    }


def _mitsuba_mesh(mi, task: Task):
    """Build the head as a mesh whose vertices are split at texture seams, as mitsuba wants it."""
    corners = np.stack([task.triangles.reshape(-1), task.uv_triangles.reshape(-1)], 1)
    pairs, triangles = np.unique(corners, axis=0, return_inverse=True)
    properties = mi.Properties()
    bitmap = mi.Bitmap(np.ascontiguousarray(task.texture.transpose(1, 2, 0), np.float32))
    texture = {"type": "bitmap", "bitmap": bitmap, "raw": True}
    properties["bsdf"] = mi.load_dict({"type": "twosided", "nested": {"type": "diffuse", "reflectance": texture}})
    mesh = mi.Mesh(
        "head", len(pairs), len(task.triangles), props=properties, has_vertex_normals=True, has_vertex_texcoords=True
    )
    values = mi.traverse(mesh)
    values["vertex_positions"] = task.vertices[pairs[:, 0]].astype(np.float32).ravel()
    values["vertex_texcoords"] = task.uv[pairs[:, 1]].astype(np.float32).ravel()
    values["faces"] = triangles.astype(np.uint32).ravel()
    values.update()
    return mesh
