"""A GLB of the subdivided head whose relief is geometry: as in the photo, still, without rig, hair or normal map."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from facegpt.export.bundle import HeadExport
from facegpt.export.gltf.buffer import FLOAT, VERTEX_DATA, Buffer
from facegpt.export.gltf.document import MAX_BYTES, container, stored
from facegpt.export.gltf.meshes import split_at_seams
from facegpt.export.images import texture_file
from facegpt.export.surface import surface_map
from facegpt.morphable.normals import vertex_normals
from facegpt.runtime.atomic_files import write_bytes
from facegpt.types import Mesh


def write_detailed_glb(path: Path, head: HeadExport, mesh: Mesh) -> Path:
    """Write a finer mesh (head frame, mm) with the head's texture; metres, as all glTF.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    buffer = Buffer()
    vertex, uv, index = split_at_seams(mesh.triangles, mesh.uv_triangles)
    flipped = (mesh.uv[uv] * [1, -1] + [0, 1]).astype("<f4")
    normals = vertex_normals(mesh.vertices, mesh.triangles)[vertex].astype("<f4")
    places = (mesh.vertices[vertex] / 1000).astype("<f4")
    attributes = {
        "POSITION": buffer.dense(places, FLOAT, "VEC3", VERTEX_DATA, limits=True),
        "NORMAL": buffer.dense(normals, FLOAT, "VEC3", VERTEX_DATA),
        "TEXCOORD_0": buffer.dense(flipped, FLOAT, "VEC2", VERTEX_DATA),
    }
    primitive = {"attributes": attributes, "indices": buffer.indices(index, len(vertex)), "material": 0}
    gloss = surface_map(head)
    color, mime = texture_file(head, MAX_BYTES - len(buffer.data) - len(gloss))
    images = [
        {"name": name, "mimeType": kind, "bufferView": buffer.view(data)}
        for name, kind, data in (("texture", mime, color), ("surface", "image/png", gloss))
    ]
    surface = {"baseColorTexture": {"index": 0}, "metallicRoughnessTexture": {"index": 1}, "metallicFactor": 0.0}
    material = {"name": head.name, "pbrMetallicRoughness": surface, "occlusionTexture": {"index": 1}}
    holes = {"alphaMode": "MASK", "alphaCutoff": 0.5} if head.see_through else {}
    document = {
        "asset": {"version": "2.0", "generator": f"facegpt {version('facegpt')}"},
        "extras": {"model_id": head.model_id, "units": "metres", "source_units": "millimetres"},
        "scene": 0,
        "scenes": [{"name": head.name, "nodes": [0]}],
        "nodes": [{"name": f"{head.name}_detail", "mesh": 0}],
        "meshes": [{"name": f"{head.name}_detail", "primitives": [primitive]}],
        "materials": [{**material, "doubleSided": True, **holes}],
        "textures": [{"source": image, "sampler": 0} for image in range(2)],
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
        "images": images,
    }
    return write_bytes(path, container({**document, **stored(buffer)}, bytes(buffer.data)))
