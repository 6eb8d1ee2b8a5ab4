"""glTF 2.0: the rigged head, for Blender, browsers and game engines. GLB is one file, .gltf has its pictures beside it.

Convention: metres, +y up, the face towards +z; v of texture coordinates runs down (all as glTF 2.0 demands).

The mesh is the person at rest. Its morph targets are the 52 units by their ARKit names and add up linearly
(targets.py). An animator wants a face at rest, so the look of the photo is a clip, "expression"
(gltf/clips.py); its weights are also in `meshes[0].extras.photoWeights`, and the turned joints in
`photoJointRotations` (rotation vectors, radians).

All that morphs is one mesh with a primitive a material (skin, mouth, teeth, tongue, lashes), so that one weight on its
node opens the jaw with its teeth: Blender makes one object with several materials of it, three.js and Babylon.js a
mesh a primitive, each with all targets, whose influences an animation sets together. Materials share one texture and
one map of occlusion and roughness (surface.py); lashes are cut out by alpha (MASK).

Eyes, corneas, glasses and hair move by their joints only: meshes and nodes of their own, without targets. Beard and
moustache ("beard", "moustache") have the face's targets too, whose weights clips set as on the face. Hair is cut
out by its alpha (MASK: drawn right in any order), darker where little light gets in (vertex colours); a cornea is
nearly clear (BLEND). Glasses are one node, "glasses", with a primitive a material: lenses are blended, frames are not.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from facegpt.export.bundle import HeadExport
from facegpt.export.gltf.buffer import FLOAT, Buffer, Picture
from facegpt.export.gltf.clips import add_clips
from facegpt.export.gltf.materials import ANISOTROPY, add_materials, worn_materials
from facegpt.export.gltf.meshes import add_face_mesh, add_still_mesh, add_worn_mesh
from facegpt.export.gltf.motion import HeadAnimation, animation_of
from facegpt.export.materials import SKIN, Group, material_groups
from facegpt.export.targets import Targets
from facegpt.runtime.atomic_files import make_folder, write_bytes, write_text

#: No file is larger than this: the texture is halved until it fits.
MAX_BYTES = 12_000_000
#: The same for a subdivided head, whose folds move.
FINE_BYTES = 48_000_000


def write_glb(
    path: str | Path,
    head: HeadExport,
    png: bytes | None = None,
    motion: HeadAnimation | None = None,
    max_bytes: int = MAX_BYTES,
) -> Path:
    """Write a head as GLB: skinned mesh, joints, morph targets (sparse unless `head.dense`), embedded textures.

    Args:
        path: the file.
        head: what to write.
        png: the texture already encoded as PNG, to save encoding it twice.
        motion: an animation of the head, which comes on top of `max_bytes`.
        max_bytes: of the file; the texture is halved until it fits.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    path = Path(path)
    make_folder(path.parent)
    return write_bytes(path, glb_bytes(head, png, motion, max_bytes))


def glb_bytes(
    head: HeadExport,
    png: bytes | None = None,
    motion: HeadAnimation | None = None,
    max_bytes: int = MAX_BYTES,
) -> bytes:
    """Bytes of the GLB file of a head (see `write_glb`)."""
    document, buffer = _document(head, max_bytes, png, motion)
    views = [buffer.view(picture.data) for picture in buffer.pictures]
    images = [
        {"name": picture.name, "mimeType": picture.mime, "bufferView": view}
        for picture, view in zip(buffer.pictures, views, strict=True)
    ]
    return _container({**document, **_stored(buffer), "images": images}, buffer)


def write_gltf(path: str | Path, head: HeadExport) -> tuple[Path, ...]:
    """Write the same head as NAME.gltf with NAME.bin and its pictures beside it, of full size: their paths.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    path = Path(path)
    make_folder(path.parent)
    document, buffer = _document(head)
    numbers = write_bytes(path.with_suffix(".bin"), b"".join(buffer.parts))
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


def _document(
    head: HeadExport, max_bytes: int = 2**31, png: bytes | None = None, motion: HeadAnimation | None = None
) -> tuple[dict[str, Any], Buffer]:
    """All of the JSON but what depends on where numbers and pictures are stored, and those."""
    buffer, targets = Buffer(all_rows=head.dense), Targets(head)
    joints, skin = _skeleton(buffer, head)
    groups = material_groups(head, targets)
    meshes = _meshes(buffer, targets, groups)
    # Blender makes an empty of a node whose weights a clip moves, and an object of its mesh: that is to be "face".
    names = [f"{head.name}_mesh", *(mesh["name"] for mesh in meshes[1:])]
    nodes = [*joints, *({"name": name, "mesh": index, "skin": 0} for index, name in enumerate(names))]
    morphing = [len(joints) + index for index, mesh in enumerate(meshes) if "weights" in mesh]
    if motion is None:
        clips = add_clips(buffer, targets, morphing, root=joints[0]["translation"])
    else:
        clips = [animation_of(buffer, motion, list(head.joint_names), morphing)]
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": _generator()},
        "extras": {"model_id": head.model_id, "units": "metres", "source_units": "millimetres"},
        "scene": 0,
        "scenes": [{"name": head.name, "nodes": [0, *range(len(joints), len(nodes))]}],
        "nodes": nodes,
        "skins": [skin],
        "meshes": meshes,
        "animations": clips,
        "materials": add_materials(buffer, head, groups, max_bytes, png),
        "textures": [{"source": image, "sampler": 0} for image in range(len(buffer.pictures))],
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
    }
    if any(ANISOTROPY in material.get("extensions", {}) for material in document["materials"]):
        document["extensionsUsed"] = [ANISOTROPY]
    return document, buffer


@cache
def _generator() -> str:
    return f"facegpt {version('facegpt')}"


def _meshes(buffer: Buffer, targets: Targets, groups: Sequence[Group]) -> list[dict[str, Any]]:
    """The face's mesh, those of groups that never move, and those that are worn; materials are numbered as added."""
    moving = {k: group for k, group in enumerate(groups) if group.moves or group.name == SKIN}
    meshes = [add_face_mesh(buffer, targets, moving)]
    meshes += [add_still_mesh(buffer, targets, group, k) for k, group in enumerate(groups) if k not in moving]
    names = list(dict.fromkeys(name for proxy in targets.head.worn for name in worn_materials(proxy)))
    for proxy in targets.head.worn:
        materials = {name: len(groups) + names.index(name) for name in worn_materials(proxy)}
        meshes.append(add_worn_mesh(buffer, targets, proxy, materials))
    return meshes


def _stored(buffer: Buffer, uri: str | None = None) -> dict[str, Any]:
    """The JSON of the buffer: inside the file, or in the file `uri`."""
    place = {"byteLength": buffer.size} if uri is None else {"byteLength": buffer.size, "uri": uri}
    return {"buffers": [place], "bufferViews": buffer.views, "accessors": buffer.accessors}


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


def _container(document: dict[str, Any], buffer: Buffer) -> bytes:
    """Join the JSON and the binary part (glTF 2.0, section 4.4: little endian, chunks of whole 4 bytes)."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    size = buffer.size + -buffer.size % 4
    header = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + size)
    marks = struct.pack("<I4s", len(text), b"JSON"), struct.pack("<I4s", size, b"BIN\0")
    return b"".join((header, marks[0], text, marks[1], *buffer.parts, bytes(-buffer.size % 4)))
