"""Materials of a glTF file, one a part that an artist may want to replace, and their pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from facegpt.export.bundle import HeadExport
from facegpt.export.gltf.buffer import Buffer
from facegpt.export.images import kept_png, png_bytes, texture_file
from facegpt.export.materials import SKIN, Group
from facegpt.export.surface import surface_map
from facegpt.morphable.proxies import Proxy, Surface

#: Opacity of a cornea, whose mirror image is what shows.
_CLEAR = 0.04
#: How much longer a highlight is across strands than along them, for viewers that know this extension.
ANISOTROPY, _STRETCH = "KHR_materials_anisotropy", 0.65
#: Room that is kept for the JSON part of a GLB.
_JSON_BYTES = 400_000


def add_materials(
    buffer: Buffer, head: HeadExport, groups: Sequence[Group], max_bytes: int, png: bytes | None
) -> list[dict[str, Any]]:
    """Materials of the groups, then of what is worn (see `worn_materials`); all of the head share its two pictures.

    The texture takes the room that is left in `max_bytes` when all else has its place.
    """
    gloss = buffer.picture("surface", surface_map(head))
    worn: dict[str, dict[str, Any]] = {}
    for proxy in head.worn:
        for surface in proxy.surfaces:
            worn.setdefault(surface.name, {"name": surface.name, **_plain(surface)})
        for name in worn_materials(proxy):
            if name not in worn:
                worn[name] = {"name": name, **(_glass(proxy) if is_glass(proxy) else _hair(buffer, proxy))}
    relief = None if head.detail is None else buffer.picture("normal", png_bytes(head.detail.normal_at_rest))
    reliefs = (relief if has_relief(head, group) else None for group in groups)
    room = max_bytes - buffer.size - sum(len(picture.data) for picture in buffer.pictures) - _JSON_BYTES
    data, mime = texture_file(head, room, png)
    color = buffer.picture("texture", data, mime)
    of_head = [_of_head(group, color, gloss, relief) for group, relief in zip(groups, reliefs, strict=True)]
    return [*of_head, *worn.values()]


def has_relief(head: HeadExport, group: Group) -> bool:
    """Whether the material of a group has a normal map, for which its mesh needs tangents."""
    return head.detail is not None and group.name == SKIN


def worn_materials(proxy: Proxy) -> tuple[str, ...]:
    """Names of the materials of what is worn: its surfaces, or that of its node.

    Both eyes share one "cornea", beard and moustache one "beard".
    """
    if proxy.surfaces:
        return tuple(dict.fromkeys(surface.name for surface in proxy.surfaces))
    if is_glass(proxy):
        return (proxy.name.removeprefix("left_").removeprefix("right_"),)
    return ("beard" if proxy.name == "moustache" else proxy.name,)


def is_glass(proxy: Proxy) -> bool:
    """Whether it is drawn clear: glass, or hair that has no picture."""
    return proxy.glass or proxy.mesh.texture is None


def _of_head(group: Group, color: int, gloss: int, relief: int | None) -> dict[str, Any]:
    surface = {
        "baseColorTexture": {"index": color},
        "metallicRoughnessTexture": {"index": gloss},
        "metallicFactor": 0.0,
        "roughnessFactor": 1.0,
    }
    material: dict[str, Any] = {"name": group.name, "pbrMetallicRoughness": surface}
    # Two-sided: the neck is open, and so are teeth and eyeballs at their backs.
    material |= {"occlusionTexture": {"index": gloss}, "doubleSided": True}
    if relief is not None:
        material["normalTexture"] = {"index": relief}
    return material | ({"alphaMode": "MASK", "alphaCutoff": 0.5} if group.holes else {})


def _hair(buffer: Buffer, proxy: Proxy) -> dict[str, Any]:
    picture = buffer.picture(worn_materials(proxy)[0], kept_png(np.asarray(proxy.mesh.texture)))
    surface = {"baseColorTexture": {"index": picture}, "metallicFactor": 0.0, "roughnessFactor": proxy.roughness}
    material: dict[str, Any] = {"pbrMetallicRoughness": surface, "doubleSided": True}
    if np.asarray(proxy.mesh.texture)[..., 3].min() < 255:  # cloth has no holes
        material |= {"alphaMode": "MASK", "alphaCutoff": 0.45}
    if proxy.relief is not None:
        normals = buffer.picture(f"{worn_materials(proxy)[0]}_normal", png_bytes(proxy.relief))
        material["normalTexture"] = {"index": normals}
    if proxy.tangents is not None:
        # Strands run along v of the texture, so viewers get their direction from it.
        material["extensions"] = {ANISOTROPY: {"anisotropyStrength": _STRETCH, "anisotropyRotation": math.pi / 2}}
    return material


def _plain(surface: Surface) -> dict[str, Any]:
    """A part of glasses: opaque, or blended with what is behind it and seen from both sides."""
    look = {
        "baseColorFactor": [*(round(float(value), 5) for value in surface.colour), round(float(surface.opacity), 4)],
        "metallicFactor": surface.metallic,
        "roughnessFactor": surface.roughness,
    }
    clear = {"alphaMode": "BLEND", "doubleSided": True} if surface.opacity < 1 else {}
    return {"pbrMetallicRoughness": look} | clear


def _glass(proxy: Proxy) -> dict[str, Any]:
    surface = {"baseColorFactor": [1.0, 1.0, 1.0, _CLEAR], "metallicFactor": 0.0, "roughnessFactor": proxy.roughness}
    return {"pbrMetallicRoughness": surface, "alphaMode": "BLEND"}
