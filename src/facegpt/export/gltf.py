"""glTF 2.0: the rigged head, for Blender, browsers and game engines. GLB is one file, .gltf has its pictures beside it.

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
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.export.gltf_buffer import FLOAT, UINT8, VERTEX_DATA, Buffer, Picture
from facegpt.export.images import png_bytes, texture_file
from facegpt.export.surface import surface_map
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import Proxy
from facegpt.runtime.atomic_files import make_folder, write_bytes, write_text
from facegpt.types import Array

#: No file is larger than this: the texture is halved until it fits.
MAX_BYTES = 12_000_000
#: Room that is kept for the JSON part of a GLB.
_JSON_BYTES = 300_000
#: Movements below this (metres) are left out of a morph target: a thousandth of a millimetre at most.
_STILL = 5e-7
#: Vertex colour of hair that no light from around reaches; opacity of a cornea, whose mirror image is what shows.
_DARKEST, _CLEAR = 0.25, 0.04


def write_glb(path: str | Path, head: HeadExport, png: bytes | None = None) -> Path:
    """Write a head as GLB: skinned mesh, joints, 52 sparse morph targets, embedded texture. At most 12 MB.

    Args:
        path: the file.
        head: what to write.
        png: the texture already encoded as PNG, to save encoding it twice.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    path = Path(path)
    make_folder(path.parent)
    return write_bytes(path, glb_bytes(head, png))


def glb_bytes(head: HeadExport, png: bytes | None = None) -> bytes:
    """Bytes of the GLB file of a head (see `write_glb`)."""
    document, buffer = _document(head, MAX_BYTES, png)
    views = [buffer.view(picture.data) for picture in buffer.pictures]
    images = [
        {"name": picture.name, "mimeType": picture.mime, "bufferView": view}
        for picture, view in zip(buffer.pictures, views, strict=True)
    ]
    return _container({**document, **_stored(buffer), "images": images}, bytes(buffer.data))


def write_gltf(path: str | Path, head: HeadExport) -> tuple[Path, ...]:
    """Write the same head as NAME.gltf with NAME.bin and its pictures beside it, of full size: their paths.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    path = Path(path)
    make_folder(path.parent)
    document, buffer = _document(head)
    numbers = write_bytes(path.with_suffix(".bin"), bytes(buffer.data))
    pictures = [write_bytes(_beside(path, picture), picture.data) for picture in buffer.pictures]
    images = [
        {"name": picture.name, "mimeType": picture.mime, "uri": quote(file.name)}
        for picture, file in zip(buffer.pictures, pictures, strict=True)
    ]
    document = {**document, **_stored(buffer, quote(numbers.name)), "images": images}
    text = json.dumps(document, indent=1, allow_nan=False)
    return write_text(path, text), numbers, *pictures


def _beside(path: Path, picture: Picture) -> Path:
    """Place of a picture beside NAME.gltf: NAME_texture.png."""
    return path.with_name(f"{path.stem}_{picture.name}.{'png' if picture.mime == 'image/png' else 'jpg'}")


def _document(head: HeadExport, max_bytes: int = 2**31, png: bytes | None = None) -> tuple[dict[str, Any], Buffer]:
    """All of the JSON but what depends on where numbers and pictures are stored, and those."""
    buffer = Buffer()
    nodes, skin = _skeleton(buffer, head)
    rigged = [{"name": head.name, "mesh": 0, "skin": 0}]
    rigged += [{"name": proxy.name, "mesh": i + 1, "skin": 0} for i, proxy in enumerate(head.worn)]
    meshes = [_mesh(buffer, head)]
    meshes += [_worn_mesh(buffer, proxy, material=i + 1) for i, proxy in enumerate(head.worn)]
    document = {
        "asset": {"version": "2.0", "generator": f"facegpt {version('facegpt')}"},
        "extras": {"model_id": head.model_id, "units": "metres", "source_units": "millimetres"},
        "scene": 0,
        "scenes": [{"name": head.name, "nodes": [0, *range(len(nodes), len(nodes) + len(rigged))]}],
        "nodes": nodes + rigged,
        "skins": [skin],
        "meshes": meshes,
        "materials": _materials(buffer, head, max_bytes, png),
        "textures": [{"source": image, "sampler": 0} for image in range(len(buffer.pictures))],
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
    }
    return document, buffer


def _stored(buffer: Buffer, uri: str | None = None) -> dict[str, Any]:
    """The JSON of the buffer: inside the file, or in the file `uri`."""
    place = {"byteLength": len(buffer.data)} if uri is None else {"byteLength": len(buffer.data), "uri": uri}
    return {"buffers": [place], "bufferViews": buffer.views, "accessors": buffer.accessors}


def _materials(buffer: Buffer, head: HeadExport, max_bytes: int, png: bytes | None) -> list[dict[str, Any]]:
    """Materials of the head and of what it wears; the head's texture takes the room that is left."""
    gloss = buffer.picture("surface", surface_map(head))
    worn = [_worn_material(buffer, proxy) for proxy in head.worn]
    room = max_bytes - len(buffer.data) - sum(len(picture.data) for picture in buffer.pictures) - _JSON_BYTES
    data, mime = texture_file(head, room, png)
    return [_material(head, buffer.picture("texture", data, mime), gloss), *worn]


def _split_at_seams(triangles: NDArray[Any], uv_triangles: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Give (N,) vertex and (N,) texture coordinate of each vertex of the file, and the file's indices (3 F,).

    glTF has one index for all: a vertex on a texture seam is written once for each of its texture coordinates.
    """
    corners = np.stack([triangles.ravel(), uv_triangles.ravel()], 1).astype(np.int64)
    pairs, index = np.unique(corners, axis=0, return_inverse=True)
    return pairs[:, 0], pairs[:, 1], index.ravel()


def _attributes(buffer: Buffer, places: Array, normals: Array, uv: Array | None, skin_weights: Array) -> dict[str, int]:
    """Write what every vertex has (N rows each): places in mm, normals, v-up texture coordinates if any, joints."""
    joints, weights = _four_joints(np.asarray(skin_weights))
    attributes = {
        "POSITION": buffer.dense(np.asarray(places / 1000, "<f4"), FLOAT, "VEC3", VERTEX_DATA, limits=True),
        "NORMAL": buffer.dense(np.asarray(normals, "<f4"), FLOAT, "VEC3", VERTEX_DATA),
        "JOINTS_0": buffer.dense(joints, UINT8, "VEC4", VERTEX_DATA),
        "WEIGHTS_0": buffer.dense(weights, FLOAT, "VEC4", VERTEX_DATA),
    }
    if uv is not None:
        flipped = np.stack([uv[:, 0], 1 - uv[:, 1]], 1).astype("<f4")
        attributes["TEXCOORD_0"] = buffer.dense(flipped, FLOAT, "VEC2", VERTEX_DATA)
    return attributes


def _mesh(buffer: Buffer, head: HeadExport) -> dict[str, Any]:
    """Write the neutral mesh and its targets."""
    vertex, uv, index = _split_at_seams(head.triangles, head.uv_triangles)
    normals = vertex_normals(head.neutral, head.triangles)[vertex]
    weights = np.asarray(head.skin_weights)[vertex]
    targets = [np.asarray(delta[vertex] / 1000, "<f4") for delta in np.asarray(head.expression_basis)]
    primitive = {
        "attributes": _attributes(buffer, head.neutral[vertex], normals, head.uv[uv], weights),
        "indices": buffer.indices(index, len(vertex)),
        "material": 0,
        "targets": [{"POSITION": buffer.sparse(delta, _STILL)} for delta in targets],
    }
    extras = {
        "targetNames": list(head.expression_names),
        "photoWeights": np.asarray(head.expression, np.float64).round(5).tolist(),
        "photoJointRotations": np.asarray(head.joint_rotations, np.float64).round(5).tolist(),
    }
    return {"name": head.name, "primitives": [primitive], "weights": [0.0] * len(targets), "extras": extras}


def _worn_mesh(buffer: Buffer, proxy: Proxy, material: int) -> dict[str, Any]:
    """Write hair or a cornea of the person at rest."""
    vertex, uv, index = _split_at_seams(proxy.mesh.triangles, proxy.mesh.uv_triangles)
    weights = np.asarray(proxy.skin_weights)[vertex]
    places, normals = proxy.rest_vertices[vertex], proxy.rest_normals[vertex]
    attributes = _attributes(buffer, places, normals, None if proxy.glass else proxy.mesh.uv[uv], weights)
    if not proxy.glass:
        left = np.round(255 * (_DARKEST + (1 - _DARKEST) * np.asarray(proxy.open_to_light)[vertex]))
        color = np.stack([left, left, left, np.full_like(left, 255)], 1).astype(np.uint8)
        attributes["COLOR_0"] = buffer.dense(color, UINT8, "VEC4", VERTEX_DATA)
        buffer.accessors[-1]["normalized"] = True
    primitive = {"attributes": attributes, "indices": buffer.indices(index, len(vertex)), "material": material}
    return {"name": proxy.name, "primitives": [primitive]}


def _four_joints(weights: Array) -> tuple[NDArray[np.uint8], Array]:
    """Keep the four strongest joints of each vertex: (N, J) → indices (N, 4) uint8, weights (N, 4) summing to 1.

    An unused slot has joint 0 and weight 0, as glTF wants it.
    """
    padded = np.pad(np.asarray(weights, np.float64), ((0, 0), (0, max(0, 4 - weights.shape[1]))))
    joints = np.argsort(-padded, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(padded, joints, 1)
    kept = (kept / kept.sum(1, keepdims=True)).astype("<f4")
    return np.where(kept > 0, joints, 0).astype(np.uint8), kept


def _skeleton(buffer: Buffer, head: HeadExport) -> tuple[list[dict[str, Any]], dict[str, Any]]:
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
    matrices = buffer.dense(inverse.reshape(-1, 16).astype("<f4"), FLOAT, "MAT4", None)
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


def _worn_material(buffer: Buffer, proxy: Proxy) -> dict[str, Any]:
    """Material of a clear cornea, or of hair with its picture."""
    surface: dict[str, Any] = {"metallicFactor": 0.0, "roughnessFactor": proxy.roughness}
    if proxy.glass or proxy.mesh.texture is None:
        surface["baseColorFactor"] = [1.0, 1.0, 1.0, _CLEAR]
        return {"name": proxy.name, "pbrMetallicRoughness": surface, "alphaMode": "BLEND"}
    surface["baseColorTexture"] = {"index": buffer.picture(proxy.name, png_bytes(proxy.mesh.texture))}
    cut_out = {"alphaMode": "MASK", "alphaCutoff": 0.45, "doubleSided": True}
    return {"name": proxy.name, "pbrMetallicRoughness": surface, **cut_out}


def _container(document: dict[str, Any], data: bytes) -> bytes:
    """Join the JSON and the binary part (glTF 2.0, section 4.4: little endian, chunks of whole 4 bytes)."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    data += bytes(-len(data) % 4)
    length = 12 + 8 + len(text) + 8 + len(data)
    header = struct.pack("<4sII", b"glTF", 2, length)
    return header + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
