"""PLY (binary): the head as in the photo (posed) with a colour a vertex, in millimetres; MeshLab, CloudCompare, Open3D.

The vertices are the model's own, in its order; hair and corneas are left out: PLY has no texture and no glass.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.export.bundle import UNITS_AND_AXES, HeadExport
from facegpt.morphable.normals import vertex_normals
from facegpt.runtime.atomic_files import make_folder, write_bytes

_VERTEX = np.dtype([("place", "<f4", 3), ("normal", "<f4", 3), ("colour", "u1", 3)])
_TRIANGLE = np.dtype([("count", "u1"), ("corners", "<i4", 3)])
_HEADER = """ply
format binary_little_endian 1.0
comment a head by FaceGPT (model {model_id}), posed as in the photo
comment {frame}
element vertex {vertices}
property float x
property float y
property float z
property float nx
property float ny
property float nz
property uchar red
property uchar green
property uchar blue
element face {triangles}
property list uchar int vertex_indices
end_header
"""


def write_ply(path: str | Path, head: HeadExport) -> Path:
    """Write the posed head (V vertices in mm with normals and sRGB colours, F triangles) as one binary PLY.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    path = Path(path)
    make_folder(path.parent)
    vertices = np.zeros(len(head.posed), _VERTEX)
    vertices["place"] = head.posed
    vertices["normal"] = vertex_normals(head.posed, head.triangles)
    vertices["colour"] = vertex_colours(head)
    triangles = np.zeros(len(head.triangles), _TRIANGLE)
    triangles["count"], triangles["corners"] = 3, head.triangles
    counts = {"vertices": len(vertices), "triangles": len(triangles)}
    header = _HEADER.format(model_id=head.model_id, frame=UNITS_AND_AXES, **counts)
    return write_bytes(path, header.encode("ascii", "replace") + vertices.tobytes() + triangles.tobytes())


def vertex_colours(head: HeadExport) -> NDArray[np.uint8]:
    """Colour of the texture at each vertex, (V, 3) uint8 sRGB; of those on a seam, at one of its places."""
    place = np.zeros((len(head.posed), 2))
    place[head.triangles.ravel()] = np.asarray(head.uv)[head.uv_triangles.ravel()]
    # Vertices are some 10 texels apart in a texture of 1024²: a mean over pores, but not over the borders of islands.
    small = np.asarray(Image.fromarray(head.texture[..., :3]).reduce(max(1, head.texture.shape[0] // 512)))
    height, width = small.shape[:2]
    columns = np.clip(place[:, 0] * width, 0, width - 1).astype(int)
    rows = np.clip((1 - place[:, 1]) * height, 0, height - 1).astype(int)
    return small[rows, columns]
