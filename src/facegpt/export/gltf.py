"""glTF 2.0 binary (GLB): the rigged head, for Blender, browsers and game engines.

Convention: metres, +y up, the face towards +z; v of texture coordinates runs down (all as glTF 2.0 demands).

The mesh is the person at rest. Its 52 morph targets carry the ARKit names and add up linearly; the weights found in
the photo are in `meshes[0].extras.photoWeights` and the turned joints in `photoJointRotations` (rotation vectors,
radians), not in the default weights: an animator wants a face at rest, and whoever wants the photo's look copies them.

One primitive with one material holds all parts, because readers disagree about several: Blender merges primitives into
one object, but three.js and Babylon.js make a mesh with its own influences of each, so that one slider would open the
jaw and leave the teeth where they were. What materials would differ in comes from textures instead: gloss of eyes and
teeth and the dark of the mouth from the surface texture (surface.py), holes between lashes from alpha (MASK).

Hair and corneas are meshes and nodes of their own, stiff on their joints, without targets. Hair is cut out by its alpha
(MASK: drawn right in any order), darker where little light gets in (vertex colours); a cornea is nearly clear (BLEND).
"""

from __future__ import annotations

import json
import struct
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.export.animation_glb import HeadAnimation, animation_of
from facegpt.export.bundle import HeadExport
from facegpt.export.images import png_bytes, texture_file
from facegpt.export.surface import surface_map
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import Proxy
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.types import Array

#: No file is larger than this: the texture is halved until it fits.
MAX_BYTES = 12_000_000
#: Movements below this (metres) are left out of a morph target: a thousandth of a millimetre at most.
_STILL = 5e-7
#: Vertex colour of hair that no light from around reaches; opacity of a cornea, whose mirror image is what shows.
_DARKEST, _CLEAR = 0.25, 0.04
_FLOAT, _UINT8, _UINT16, _UINT32 = 5126, 5121, 5123, 5125
_VERTEX_DATA, _INDEX_DATA = 34962, 34963


def write_glb(
    path: str | Path, head: HeadExport, png: bytes | None = None, motion: HeadAnimation | None = None
) -> Path:
    """Write a head as GLB: skinned mesh, joints, 52 sparse morph targets, embedded texture. At most 12 MB.

    Args:
        path: the file.
        head: what to write.
        png: the texture already encoded as PNG, to save encoding it twice.
        motion: an animation of the head, which comes on top of the 12 MB.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    path = Path(path)
    make_folder(path.parent)
    return write_bytes(path, glb_bytes(head, png, motion))


def glb_bytes(head: HeadExport, png: bytes | None = None, motion: HeadAnimation | None = None) -> bytes:
    """Give the GLB file of a head as bytes (see `write_glb`)."""
    buffer = _Buffer()
    nodes, skin = _skeleton(buffer, head)
    rigged = [{"name": head.name, "mesh": 0, "skin": 0}]
    rigged += [{"name": proxy.name, "mesh": i + 1, "skin": 0} for i, proxy in enumerate(head.worn)]
    meshes = [_mesh(buffer, head)]
    meshes += [_worn_mesh(buffer, proxy, material=i + 1) for i, proxy in enumerate(head.worn)]
    pictures = [_hair_picture(buffer, proxy) for proxy in head.worn]
    gloss = buffer.image(surface_map(head), "image/png", "surface")
    room = MAX_BYTES - len(buffer.data) - 60_000  # the JSON part is some 30 kB
    color = buffer.image(*texture_file(head, room, png), "texture")
    images = [gloss, color, *(picture for picture in pictures if picture is not None)]
    materials = [_material(head, 1, 0)]
    for proxy, picture in zip(head.worn, pictures, strict=True):
        materials.append(_glass(proxy) if picture is None else _hair_material(proxy, images.index(picture)))
    moving = {}
    if motion is not None:
        moving["animations"] = [animation_of(buffer, motion, list(head.joint_names), len(nodes))]
    document = {
        "asset": {"version": "2.0", "generator": f"facegpt {version('facegpt')}"},
        "extras": {"model_id": head.model_id, "units": "metres", "source_units": "millimetres"},
        "scene": 0,
        "scenes": [{"name": head.name, "nodes": [0, *range(len(nodes), len(nodes) + len(rigged))]}],
        "nodes": nodes + rigged,
        "skins": [skin],
        "meshes": meshes,
        "materials": materials,
        "textures": [{"source": image, "sampler": 0} for image in images],
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
        **moving,
        **buffer.document(),
    }
    return _container(document, bytes(buffer.data))


class _Buffer:
    """The one binary buffer of the file, with the views, accessors and images that point into it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self.images: list[dict[str, Any]] = []

    def document(self) -> dict[str, Any]:
        parts = {"bufferViews": self.views, "accessors": self.accessors, "images": self.images}
        return {"buffers": [{"byteLength": len(self.data)}], **parts}

    def view(self, data: bytes, target: int | None = None) -> int:
        self.data += bytes(-len(self.data) % 4)
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)}
        self.views.append(view if target is None else {**view, "target": target})
        self.data += data
        return len(self.views) - 1

    def dense(self, values: NDArray[Any], component: int, kind: str, target: int | None, limits: bool = False) -> int:
        """Add an accessor; `kind` is glTF's "SCALAR", "VEC2", …; `limits` adds min and max."""
        accessor = {"componentType": component, "count": len(values), "type": kind}
        accessor["bufferView"] = self.view(np.ascontiguousarray(values).tobytes(), target)
        return self._add(accessor, values if limits else None)

    def sparse(self, values: Array) -> int:
        """Add a (N, 3) float32 accessor that stores only the rows that differ from zero."""
        moved = np.flatnonzero((np.abs(values) > _STILL).any(1))
        moved = moved if len(moved) else np.array([0])  # glTF wants at least one
        kept = np.zeros_like(values)
        kept[moved] = values[moved]
        index, component = (moved.astype("<u2"), _UINT16) if len(values) <= 0xFFFF else (moved.astype("<u4"), _UINT32)
        sparse = {
            "count": len(moved),
            "indices": {"bufferView": self.view(index.tobytes()), "componentType": component},
            "values": {"bufferView": self.view(values[moved].astype("<f4").tobytes())},
        }
        return self._add({"componentType": _FLOAT, "count": len(values), "type": "VEC3", "sparse": sparse}, kept)

    def image(self, data: bytes, mime: str, name: str) -> int:
        self.images.append({"name": name, "mimeType": mime, "bufferView": self.view(data)})
        return len(self.images) - 1

    def _add(self, accessor: dict[str, Any], bounded: NDArray[Any] | None) -> int:
        if bounded is not None:
            accessor |= {"min": bounded.min(0).tolist(), "max": bounded.max(0).tolist()}
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def _split_at_seams(triangles: NDArray[Any], uv_triangles: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Give (N,) vertex and (N,) texture coordinate of each vertex of the file, and the file's indices (3 F,).

    glTF has one index for all: a vertex on a texture seam is written once for each of its texture coordinates.
    """
    corners = np.stack([triangles.ravel(), uv_triangles.ravel()], 1).astype(np.int64)
    pairs, index = np.unique(corners, axis=0, return_inverse=True)
    return pairs[:, 0], pairs[:, 1], index.ravel()


def _indices(buffer: _Buffer, index: NDArray[Any], count: int) -> int:
    narrow = count <= 0xFFFF
    return buffer.dense(
        np.asarray(index, "<u2" if narrow else "<u4"), _UINT16 if narrow else _UINT32, "SCALAR", _INDEX_DATA
    )


def _attributes(
    buffer: _Buffer, places: Array, normals: Array, uv: Array | None, skin_weights: Array
) -> dict[str, int]:
    """Write what every vertex has (N rows each): places in mm, normals, v-up texture coordinates if any, joints."""
    joints, weights = _four_joints(np.asarray(skin_weights))
    attributes = {
        "POSITION": buffer.dense(np.asarray(places / 1000, "<f4"), _FLOAT, "VEC3", _VERTEX_DATA, limits=True),
        "NORMAL": buffer.dense(np.asarray(normals, "<f4"), _FLOAT, "VEC3", _VERTEX_DATA),
        "JOINTS_0": buffer.dense(joints, _UINT8, "VEC4", _VERTEX_DATA),
        "WEIGHTS_0": buffer.dense(weights, _FLOAT, "VEC4", _VERTEX_DATA),
    }
    if uv is not None:
        flipped = np.stack([uv[:, 0], 1 - uv[:, 1]], 1).astype("<f4")
        attributes["TEXCOORD_0"] = buffer.dense(flipped, _FLOAT, "VEC2", _VERTEX_DATA)
    return attributes


def _mesh(buffer: _Buffer, head: HeadExport) -> dict[str, Any]:
    """Write the neutral mesh and its targets."""
    vertex, uv, index = _split_at_seams(head.triangles, head.uv_triangles)
    normals = vertex_normals(head.neutral, head.triangles)[vertex]
    weights = np.asarray(head.skin_weights)[vertex]
    targets = [np.asarray(delta[vertex] / 1000, "<f4") for delta in np.asarray(head.expression_basis)]
    primitive = {
        "attributes": _attributes(buffer, head.neutral[vertex], normals, head.uv[uv], weights),
        "indices": _indices(buffer, index, len(vertex)),
        "material": 0,
        "targets": [{"POSITION": buffer.sparse(delta)} for delta in targets],
    }
    extras = {
        "targetNames": list(head.expression_names),
        "photoWeights": np.asarray(head.expression, np.float64).round(5).tolist(),
        "photoJointRotations": np.asarray(head.joint_rotations, np.float64).round(5).tolist(),
    }
    return {"name": head.name, "primitives": [primitive], "weights": [0.0] * len(targets), "extras": extras}


def _worn_mesh(buffer: _Buffer, proxy: Proxy, material: int) -> dict[str, Any]:
    """Write hair or a cornea of the person at rest."""
    vertex, uv, index = _split_at_seams(proxy.mesh.triangles, proxy.mesh.uv_triangles)
    weights = np.asarray(proxy.skin_weights)[vertex]
    places, normals = proxy.rest_vertices[vertex], proxy.rest_normals[vertex]
    attributes = _attributes(buffer, places, normals, None if proxy.glass else proxy.mesh.uv[uv], weights)
    if not proxy.glass:
        left = np.round(255 * (_DARKEST + (1 - _DARKEST) * np.asarray(proxy.open_to_light)[vertex]))
        color = np.stack([left, left, left, np.full_like(left, 255)], 1).astype(np.uint8)
        attributes["COLOR_0"] = buffer.dense(color, _UINT8, "VEC4", _VERTEX_DATA)
        buffer.accessors[-1]["normalized"] = True
    primitive = {"attributes": attributes, "indices": _indices(buffer, index, len(vertex)), "material": material}
    return {"name": proxy.name, "primitives": [primitive]}


def _hair_picture(buffer: _Buffer, proxy: Proxy) -> int | None:
    """Embed the texture of hair; glass has none."""
    if proxy.glass or proxy.mesh.texture is None:
        return None
    return buffer.image(png_bytes(proxy.mesh.texture), "image/png", proxy.name)


def _four_joints(weights: Array) -> tuple[NDArray[np.uint8], Array]:
    """Keep the four strongest joints of each vertex: (N, J) → indices (N, 4) uint8, weights (N, 4) summing to 1.

    An unused slot has joint 0 and weight 0, as glTF wants it.
    """
    padded = np.pad(np.asarray(weights, np.float64), ((0, 0), (0, max(0, 4 - weights.shape[1]))))
    joints = np.argsort(-padded, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(padded, joints, 1)
    kept = (kept / kept.sum(1, keepdims=True)).astype("<f4")
    return np.where(kept > 0, joints, 0).astype(np.uint8), kept


def _skeleton(buffer: _Buffer, head: HeadExport) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """One node a joint, unrotated at rest, so that the inverse bind matrices are translations only."""
    centres = np.asarray(head.joint_centres, np.float64) / 1000
    nodes: list[dict[str, Any]] = []
    for j, (name, parent) in enumerate(zip(head.joint_names, head.joint_parents, strict=True)):
        offset = centres[j] - (centres[parent] if parent >= 0 else 0)
        children = [child for child, above in enumerate(head.joint_parents) if above == j]
        node = {"name": name, "translation": offset.round(8).tolist()}
        nodes.append({**node, "children": children} if children else node)
    inverse = np.tile(np.eye(4), (len(centres), 1, 1))
    inverse[:, 3, :3] = -centres  # glTF stores matrices column by column
    matrices = buffer.dense(inverse.reshape(-1, 16).astype("<f4"), _FLOAT, "MAT4", None)
    joints = list(range(len(nodes)))
    return nodes, {"name": "rig", "joints": joints, "skeleton": 0, "inverseBindMatrices": matrices}


def _material(head: HeadExport, color: int, gloss: int) -> dict[str, Any]:
    surface = {
        "baseColorTexture": {"index": color},
        "metallicRoughnessTexture": {"index": gloss},
        "metallicFactor": 0.0,
        "roughnessFactor": 1.0,
    }
    material: dict[str, Any] = {"name": head.name, "pbrMetallicRoughness": surface}
    material["occlusionTexture"] = {"index": gloss}
    if head.see_through:
        material |= {"alphaMode": "MASK", "alphaCutoff": 0.5, "doubleSided": True}
    return material


def _hair_material(proxy: Proxy, texture: int) -> dict[str, Any]:
    surface = {"baseColorTexture": {"index": texture}, "metallicFactor": 0.0, "roughnessFactor": proxy.roughness}
    cut_out = {"alphaMode": "MASK", "alphaCutoff": 0.45, "doubleSided": True}
    return {"name": proxy.name, "pbrMetallicRoughness": surface, **cut_out}


def _glass(proxy: Proxy) -> dict[str, Any]:
    surface = {"baseColorFactor": [1.0, 1.0, 1.0, _CLEAR], "metallicFactor": 0.0, "roughnessFactor": proxy.roughness}
    return {"name": proxy.name, "pbrMetallicRoughness": surface, "alphaMode": "BLEND"}


def _container(document: dict[str, Any], data: bytes) -> bytes:
    """Join the JSON and the binary part (glTF 2.0, section 4.4: little endian, chunks of whole 4 bytes)."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    data += bytes(-len(data) % 4)
    length = 12 + 8 + len(text) + 8 + len(data)
    header = struct.pack("<4sII", b"glTF", 2, length)
    return header + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
