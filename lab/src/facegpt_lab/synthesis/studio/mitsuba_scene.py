"""Photos of coloured meshes by Mitsuba 3 (optional: pip install -e ".[mitsuba]"), a renderer that is not ours.

Path traced, with cast shadows and indirect light: the truth of evaluations must not come from the code under test.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import linear_to_srgb
from facegpt.runtime.extras import needed
from facegpt.types import Array, Camera, Pose

#: Which light `random_look` draws, for the names of kept pictures (in the first, most lamps stood behind the head).
LOOKS = 2


@dataclass(frozen=True)
class Look:
    """How a scene is lit and developed.

    Attributes:
        environment: (H, W, 3) linear radiance around the head, from the `directions` of its pixels.
        samples: paths per pixel.
        noise: SD of the sensor noise in sRGB levels / 255.
    """

    environment: Array
    samples: int = 24
    noise: float = 0.01


def directions(rows: int, columns: int) -> Array:
    """The unit directions of an environment's pixels, (rows, columns, 3): +x right, +y up, +z towards the camera.

    Mitsuba's map, as `upright` turns it: the first row is above, the first column behind the head as the camera sees
    it, a quarter on its right, half way the camera's own side.
    """
    polar = ((np.arange(rows) + 0.5) / rows * np.pi)[:, None]
    azimuth = (np.arange(columns) + 0.5) / columns * 2 * np.pi
    across = np.broadcast_to(np.cos(polar), (rows, columns))
    return np.stack([np.sin(polar) * np.sin(azimuth), across, -np.sin(polar) * np.cos(azimuth)], -1)


def random_look(rng: np.random.Generator) -> Look:
    """Make a random environment: a sky with a gradient, up to four lamps from small to large, and coloured walls.

    Lamps stand on all sides, two in three of them before the head and above it, as in photos.
    """
    direction = directions(32, 64)
    top, bottom = (rng.uniform(0.03, 0.4) * np.exp(rng.normal(0, 0.15, 3)) for _ in range(2))
    sky = bottom + (direction[..., 1:2] * 0.5 + 0.5) * (top - bottom)
    for _ in range(rng.integers(1, 5)):
        axis = rng.normal(0, 1, 3) * [1, 0.7, -1] + [0, 0.5, 0.4]
        axis /= np.linalg.norm(axis)
        spread = rng.uniform(0.12, 0.7)
        lobe = np.exp((direction @ axis - 1) / spread**2)
        sky = sky + lobe[..., None] * np.exp(rng.normal(0, 0.08, 3)) * rng.uniform(0.3, 1.4) / spread**1.6
    return Look(sky.astype(np.float32), noise=float(rng.uniform(0.002, 0.03)))


def render_photo(
    vertices: Array,
    triangles: NDArray[np.int32],
    colours: Array,
    pose: Pose,
    camera: Camera,
    look: Look,
    rng: np.random.Generator,
    exposure: float | None = None,
) -> NDArray[np.uint8]:
    """Render (V, 3) mm head-frame vertices with linear RGB colours (V, 3): (H, W, 3) uint8 sRGB, exposed for the face.

    exposure: what the median of the middle becomes, share of full scale; drawn when None.

    Raises:
        FaceGPTError: if Mitsuba is not installed.
    """
    mi = load_mitsuba()
    mesh = mi.Mesh(
        "head",
        len(vertices),
        len(triangles),
        has_vertex_normals=False,
        props=_properties(
            mi, {"type": "principled", "roughness": 0.5, "specular": 0.4, "base_color": _vertex_colour()}
        ),
    )
    mesh.add_attribute("vertex_color", 3, np.zeros(len(vertices) * 3, np.float32))
    values = mi.traverse(mesh)
    values["vertex_positions"] = pose.apply(vertices).astype(np.float32).ravel()
    values["faces"] = triangles.astype(np.uint32).ravel()
    values["vertex_color"] = colours.astype(np.float32).ravel()
    values.update()
    scene = mi.load_dict(
        {
            "type": "scene",
            "integrator": {"type": "path", "max_depth": 3},
            "sensor": sensor(mi, camera, look.samples),
            "sky": {"type": "envmap", "bitmap": mi.Bitmap(look.environment), "to_world": upright(mi)},
            "head": mesh,
        }
    )
    seed = int(rng.integers(2**31))
    radiance = np.asarray(mi.render(scene, seed=seed))[..., :3]
    centre = radiance[camera.height // 4 : -camera.height // 4, camera.width // 4 : -camera.width // 4]
    level = rng.uniform(0.22, 0.42) if exposure is None else exposure
    exposed = radiance * (level / max(float(np.median(centre)), 1e-4))
    developed = linear_to_srgb(np.clip(exposed, 0, 1)) + rng.normal(0, look.noise, radiance.shape)
    return (np.clip(developed, 0, 1) * 255 + 0.5).astype(np.uint8)


def load_mitsuba() -> Any:
    """The module of Mitsuba 3, ready for use. Raises FaceGPTError where it is not installed."""
    mitsuba = needed("mitsuba", "path tracing")
    mitsuba.set_variant("scalar_rgb")
    mitsuba.set_log_level(mitsuba.LogLevel.Error)
    sys.stdout.flush()
    return mitsuba


def _vertex_colour() -> dict[str, str]:
    return {"type": "mesh_attribute", "name": "vertex_color"}


def _properties(mi: Any, bsdf: dict[str, Any]) -> Any:
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict({"type": "twosided", "nested": bsdf})
    return properties


def upright(mi: Any) -> Any:
    """The turn of an environment: Mitsuba's has +y up; the camera frame here has +y down and +z forward."""
    return mi.ScalarTransform4f().scale([1, -1, -1])


def sensor(mi: Any, camera: Camera, samples: int) -> dict[str, Any]:
    """Describe a perspective sensor at the origin of the camera frame (x right, y down, z forward)."""
    cx, cy = camera.principal_px
    return {
        "type": "perspective",
        "fov": float(np.degrees(2 * np.arctan(camera.width / 2 / camera.focal_px))),
        "fov_axis": "x",
        "principal_point_offset_x": 0.5 - (cx + 0.5) / camera.width,
        "principal_point_offset_y": 0.5 - (cy + 0.5) / camera.height,
        "near_clip": 10.0,
        "far_clip": 20000.0,
        "to_world": mi.ScalarTransform4f().look_at(origin=[0, 0, 0], target=[0, 0, 1], up=[0, -1, 0]),
        "film": {"type": "hdrfilm", "width": camera.width, "height": camera.height, "rfilter": {"type": "gaussian"}},
        "sampler": {"type": "independent", "sample_count": samples},
    }
