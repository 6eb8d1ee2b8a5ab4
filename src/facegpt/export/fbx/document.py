"""FBX 7.4, binary: the rigged head at rest, or in motion, for Unreal, Unity, Maya, 3ds Max, MotionBuilder and iClone.

Convention: centimetres (UnitScaleFactor 1), +y up, the face towards +z, and v of texture coordinates up.

The mesh is the person at rest, in the model's own order of vertices, with the 52 units as blend shapes by their ARKit
names. Skin, eyes, teeth, tongue, mouth and lashes are materials of one mesh; corneas, hair, beard and glasses are
meshes of their own. Joints are limb nodes, unrotated at rest. Pictures are inside the file.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from facegpt.conventions import linear_to_srgb
from facegpt.export.bundle import HeadExport
from facegpt.export.fbx.materials import Look, add_material, add_picture, roughness_of
from facegpt.export.fbx.meshes import Surface, add_surface
from facegpt.export.fbx.motion import TAKE, add_motion
from facegpt.export.fbx.records import Long, file_bytes
from facegpt.export.fbx.rig import add_bind_pose, add_rig
from facegpt.export.fbx.scene import Scene
from facegpt.export.gltf.document import MAX_BYTES
from facegpt.export.gltf.materials import has_relief, is_glass, worn_materials
from facegpt.export.gltf.motion import HeadAnimation, checked_times
from facegpt.export.images import png_bytes, texture_file
from facegpt.export.materials import material_groups
from facegpt.export.targets import Targets, worn_moves
from facegpt.morphable.proxies import Proxy
from facegpt.runtime.atomic_files import make_folder, write_bytes

#: Opacity of a cornea: what shows is its mirror image of the light.
_CLEAR = 0.04
#: Texture coordinates where a picture of one colour will do, and the side of that picture.
_ANYWHERE, _PLAIN_PX = np.array([[0.5, 0.5]], np.float32), 4


def write_fbx(
    path: str | Path, head: HeadExport, png: bytes | None = None, motion: HeadAnimation | None = None
) -> Path:
    """Write a head as FBX: skinned mesh, joints, blend shapes, materials, its motion if there is one.

    png: the texture already encoded as PNG, to save encoding it twice.

    Raises:
        FaceGPTError: if the folder cannot be written, or the motion has no frame.
    """
    path = Path(path)
    make_folder(path.parent)
    return write_bytes(path, fbx_bytes(head, png, motion))


def fbx_bytes(head: HeadExport, png: bytes | None = None, motion: HeadAnimation | None = None) -> bytes:
    """Bytes of the FBX file of a head (see `write_fbx`)."""
    if motion is not None:
        checked_times(motion.time_s)
    scene, targets = Scene(), Targets(head)
    rig = add_rig(scene, head)
    surfaces = [_of_head(scene, targets, png)]
    materials: dict[str, int] = {}
    surfaces += [_of_worn(scene, targets, proxy, materials) for proxy in head.worn]
    channels = [found for surface in surfaces if (found := add_surface(scene, rig, surface))]
    add_bind_pose(scene, rig)
    span, rate = (Long(0), Long(0)), 24.0
    if motion is not None:
        span, rate = add_motion(scene, rig, channels, tuple(targets.names), motion)
    return file_bytes(scene.records(span, rate, "" if motion is None else TAKE))


def _of_head(scene: Scene, targets: Targets, png: bytes | None) -> Surface:
    """The head's own mesh, with a material a group."""
    head, groups = targets.head, material_groups(targets.head, targets)
    data, mime = texture_file(head, MAX_BYTES // 2, png)
    file_name = "texture.png" if mime == "image/png" else "texture.jpg"
    picture = add_picture(scene, "texture", file_name, data, has_alpha=mime == "image/png")
    relief = None
    if head.detail is not None:
        relief = add_picture(scene, "normal", "normal.png", png_bytes(head.detail.normal_at_rest))
    material = np.zeros(len(head.triangles), np.int32)
    numbers = []
    for index, group in enumerate(groups):
        material[group.triangles] = index
        own = relief if has_relief(head, group) else None
        rough = roughness_of(head, group.name)
        look = Look(group.name, roughness=rough, picture=picture, relief=own, cut_out=group.holes)
        numbers.append(add_material(scene, look))
    shapes = tuple(targets.names), targets.moves, targets.turns
    return Surface(
        head.name, head.neutral, targets.rest_normals, head.triangles, head.uv, head.uv_triangles,
        tuple(numbers), material, head.skin_weights, *shapes,
    )  # fmt: skip


def _of_worn(scene: Scene, targets: Targets, proxy: Proxy, materials: dict[str, int]) -> Surface:
    """The mesh of hair, a beard, glasses or a cornea; materials: those that are there already, by their names."""
    names = worn_materials(proxy)
    for name in names:
        if name not in materials:
            materials[name] = add_material(scene, _worn_look(scene, proxy, name))
    mesh = proxy.mesh
    material = np.zeros(len(mesh.triangles), np.int32)
    if proxy.surfaces:
        index = np.array([names.index(surface.name) for surface in proxy.surfaces], np.int32)
        material = index[np.asarray(mesh.part)]
    pictured = not is_glass(proxy) and not proxy.surfaces
    uv, uv_triangles = (mesh.uv, mesh.uv_triangles) if pictured else (_ANYWHERE, np.zeros_like(mesh.triangles))
    moves = worn_moves(targets.head, proxy)
    return Surface(
        proxy.name, proxy.rest_vertices, proxy.rest_normals, mesh.triangles, uv, uv_triangles,
        tuple(materials[name] for name in names), material, proxy.skin_weights,
        tuple(targets.names) if moves is not None else (), moves,
    )  # fmt: skip


def _worn_look(scene: Scene, proxy: Proxy, name: str) -> Look:
    for surface in proxy.surfaces:
        if surface.name == name:
            look = Look(name, surface.colour, surface.opacity, surface.roughness, surface.metallic)
            return look if look.opacity == 1 else _as_picture(scene, look)
    if is_glass(proxy):
        return _as_picture(scene, Look(name, opacity=_CLEAR, roughness=proxy.roughness))
    picture = add_picture(scene, name, f"{name}.png", png_bytes(proxy.plain_texture), has_alpha=True)
    relief = None
    if proxy.relief is not None:
        relief = add_picture(scene, f"{name}_normal", f"{name}_normal.png", png_bytes(proxy.relief))
    return Look(name, roughness=proxy.roughness, picture=picture, relief=relief, cut_out=True)


def _as_picture(scene: Scene, look: Look) -> Look:
    """The same with a picture of its colour and opacity: Blender 5 and others read opacity from pictures alone."""
    texel = np.array([*linear_to_srgb(np.asarray(look.colour)), look.opacity])
    pixels = np.tile(np.round(255 * texel).astype(np.uint8), (_PLAIN_PX, _PLAIN_PX, 1))
    picture = add_picture(scene, look.name, f"{look.name}.png", png_bytes(pixels), has_alpha=True)
    return replace(look, picture=picture, cut_out=True)
