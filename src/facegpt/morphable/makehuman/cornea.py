"""The clear cap of each eye, which catches the light. It bulges out of the eyeball and turns with it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.base import MorphableModel, joint_places
from facegpt.morphable.proxies import RestProxy
from facegpt.types import Array, FaceParams

#: Radius of the eyeball and of the cornea's front, mm (Gullstrand's eye: 7.7; Navarro's: 7.72).
EYEBALL_MM, CORNEA_MM = 12.6, 7.8
#: Radius of the circle where cornea and eyeball meet, mm: half the iris' visible width (conventions.IRIS_DIAMETER_MM).
LIMBUS_MM = 5.85
RINGS, SPOKES = 6, 24
#: Colour and opacity of the cornea where a viewer wants one; what it shows is its mirror image of the light.
CLEAR = (255, 255, 255, 10)


@lru_cache(maxsize=1)
def _cap() -> tuple[Array, Array, NDArray[np.int32]]:
    """The cap about the eyeball's centre, looking along +z: vertices (P, 3) mm, normals (P, 3), triangles."""
    depth = np.sqrt(EYEBALL_MM**2 - LIMBUS_MM**2) - np.sqrt(CORNEA_MM**2 - LIMBUS_MM**2)
    widest = np.arcsin(LIMBUS_MM / CORNEA_MM)
    tilt = np.linspace(0, widest, RINGS + 1)[1:, None]
    spin = np.linspace(0, 2 * np.pi, SPOKES, endpoint=False)[None]
    ring = np.stack([np.sin(tilt) * np.cos(spin), np.sin(tilt) * np.sin(spin), np.cos(tilt) + 0 * spin], -1)
    normals = np.concatenate([[[0.0, 0.0, 1.0]], ring.reshape(-1, 3)])
    spoke = np.arange(SPOKES)
    following = (spoke + 1) % SPOKES
    triangles = [np.stack([0 * spoke, 1 + spoke, 1 + following], 1)]
    for inner in range(RINGS - 1):
        a, b = 1 + inner * SPOKES + spoke, 1 + inner * SPOKES + following
        triangles += [np.stack([a, a + SPOKES, b + SPOKES], 1), np.stack([a, b + SPOKES, b], 1)]
    vertices = normals * CORNEA_MM + [0.0, 0.0, depth]
    return vertices.astype(np.float32), normals.astype(np.float32), np.concatenate(triangles).astype(np.int32)


def corneas(model: MorphableModel, params: FaceParams) -> tuple[RestProxy, ...]:
    """The corneas of both eyes of a person at rest; none for models without eyeballs that turn."""
    names = [name for name in ("left_eye", "right_eye") if name in model.joint_names and name in model.part_names]
    if len(names) < 2 or not model.model_id.startswith("makehuman-head/"):
        return ()
    centres = joint_places(model, params.identity)
    vertices, normals, triangles = _cap()
    uv = 0.5 + 0.5 * normals[:, :2]
    texture = np.full((4, 4, 4), CLEAR, np.uint8)
    return tuple(
        RestProxy(
            name=name.replace("eye", "cornea"),
            vertices=vertices + centres[model.joint_names.index(name)],
            normals=normals,
            triangles=triangles,
            uv=uv,
            uv_triangles=triangles,
            texture=texture,
            joint=name,
            roughness=0.05,
            glass=True,
            open_to_light=np.ones(len(vertices), np.float32),
            head_open_to_light=np.ones(model.sizes.vertices, np.float32),
        )
        for name in names
    )
