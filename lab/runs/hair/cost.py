"""What each style costs: bytes in a GLB, and time of our renderer at 512 px.

python -m lab.runs.hair.cost OUT.csv [STYLE …]
"""

from __future__ import annotations

import sys
import time

import numpy as np

from facegpt.export.gltf.buffer import Buffer
from facegpt.export.gltf.meshes import add_worn_mesh
from facegpt.export.images import png_bytes
from facegpt.export.targets import Targets
from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman import head as makehuman
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, Mesh, Pose
from lab.runs.hair.passing_through import dressed, write_table

SIZE, TIMES = 512, 7


def draw_ms(mesh: Mesh, worn: tuple, pose: Pose, camera: Camera) -> float:
    """Processor time of one picture, of all threads, ms: the least of TIMES."""
    took = []
    for _ in range(TIMES):
        start = time.process_time()
        draw_picture(mesh, pose, camera, default_studio_lighting(), worn=worn)
        took.append(1000 * (time.process_time() - start))
    return min(took)


def main() -> None:
    """Measure styles and write the table, the slowest first."""
    head, rows = makehuman.load(), []
    camera = Camera(1.75 * SIZE, ((SIZE - 1) / 2,) * 2, SIZE, SIZE)
    pose = Pose(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 10.0, 760.0]))
    for style in sys.argv[2:] or PRESETS:
        made = dressed(head, style)
        hair = made.hair
        if hair is None:
            continue
        buffer = Buffer()
        add_worn_mesh(buffer, Targets(made), hair, {"hair": 0})
        pictures = (hair.mesh.texture, hair.relief)
        size = len(buffer.data) + sum(len(png_bytes(np.asarray(each))) for each in pictures)
        mesh = made.mesh(np.asarray(made.neutral))
        plain = draw_ms(mesh, (), pose, camera)
        took = draw_ms(mesh, (hair,), pose, camera) - plain
        rows.append({"style": style, "mb": size / 1e6, "ms": took, "triangles": len(hair.mesh.triangles)})
        print(rows[-1], flush=True)
    write_table(rows, sys.argv[1], worst="ms")


if __name__ == "__main__":
    main()
