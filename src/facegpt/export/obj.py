"""Wavefront OBJ with its MTL and texture: the head as in the photo (posed), in millimetres, without a rig."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facegpt.export.bundle import UNITS_AND_AXES, HeadExport
from facegpt.export.images import kept_png, png_bytes
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import Proxy
from facegpt.runtime.atomic_files import make_folder, write_bytes, write_text, written_whole
from facegpt.runtime.text_rows import text_of_rows
from facegpt.types import Array, Mesh

#: Normals have their vertex's number: one each.
_FACE = "f %d/%d/%d %d/%d/%d %d/%d/%d\n"
_PLAIN_FACE = "f %d//%d %d//%d %d//%d\n"
_HEADER = """# {name}: a head by FaceGPT (model {model_id})
# {frame}
# the pose is that of the photo: expression and turned eyes included (face.glb holds the head at rest, with its rig)
"""


def write_obj(path: str | Path, head: HeadExport, texture_name: str | None = None, png: bytes | None = None) -> Path:
    """Write NAME.obj, NAME.mtl and the texture beside it.

    The vertices are `head.posed`, in the model's own order, so line i of "v" is vertex i, and so are normals; one group
    ("g") a part. Hair
    follows as a group with a material and a texture of its own, NAME_hair.png; glasses as one object, "glasses", with a
    group a part. Corneas are left out.

    Args:
        path: the OBJ file.
        head: what to write.
        texture_name: file name of the texture; NAME_texture.png by default.
        png: the texture already encoded as PNG, to save encoding it twice.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    path = Path(path)
    texture_name = texture_name or f"{path.stem}_texture.png"
    make_folder(path.parent)
    write_bytes(path.with_name(texture_name), png if png is not None else png_bytes(head.texture))
    write_text(
        path.with_suffix(".mtl"), _material(head, texture_name) + _hair_material(head, path) + _glasses_materials(head)
    )
    for proxy in head.cards:
        write_bytes(hair_texture_path(path, proxy.name), kept_png(proxy.plain_texture))
    name = _word(head.name)
    header = _HEADER.format(name=name, model_id=head.model_id, frame=UNITS_AND_AXES)
    lines: list[str | bytes] = [header, f"mtllib {path.stem}.mtl\no {name}\n"]
    lines += _surface(head.mesh(head.posed), name)
    vertices, coordinates = len(head.posed), len(head.uv)
    for proxy in head.cards:
        lines += _hair(proxy, vertices, coordinates)
        vertices, coordinates = vertices + len(proxy.mesh.vertices), coordinates + len(proxy.mesh.uv)
    if head.glasses is not None:
        lines += _glasses(head.glasses, vertices)
    return _written(path, lines)


def write_detailed_obj(path: Path, fine: HeadExport) -> Path:
    """Write a subdivided head as in the photo (head frame, mm); it shares the material face.mtl with face.obj.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    name = _word(fine.name)
    header = _HEADER.format(name=name, model_id=fine.model_id, frame=UNITS_AND_AXES)
    first = [header, f"# subdivided, with the skin's relief as geometry\nmtllib face.mtl\no {name}_detail\n"]
    return _written(path, [*first, *_surface(fine.mesh(fine.posed), name)])


def _written(path: Path, lines: Sequence[str | bytes]) -> Path:
    """Write a file of these lines one by one: a file is several megabytes, and a whole text would be as much again."""
    with written_whole(path) as file:
        for each in lines:
            file.write(each if isinstance(each, bytes) else each.encode())
    return path


def _surface(mesh: Mesh, material: str) -> list[str | bytes]:
    """The lines of a mesh: places, normals, texture coordinates, and the triangles, one group a part."""
    lines = _points(mesh.vertices, vertex_normals(mesh.vertices, mesh.triangles))
    lines += [*_rows("vt %.7f %.7f\n", mesh.uv), f"usemtl {material}\ns 1\n"]
    corners = _corners(mesh.triangles, mesh.uv_triangles)
    for index, part in enumerate(mesh.part_names):
        lines.append(f"g {part}\n")
        lines += _rows(_FACE, corners[np.asarray(mesh.part) == index])
    return lines


def hair_texture_path(path: Path, name: str = "hair") -> Path:
    """The place of the texture of hair, beard or moustache beside an OBJ file: NAME_hair.png."""
    return path.with_name(f"{path.stem}_{name}.png")


def _hair(proxy: Proxy, vertices_before: int, uv_before: int) -> list[str | bytes]:
    mesh = proxy.mesh
    lines: list[str | bytes] = [*_points(mesh.vertices, proxy.normals), *_rows("vt %.7f %.7f\n", mesh.uv)]
    lines.append(f"usemtl {proxy.name}\ng {proxy.name}\n")
    return lines + _rows(_FACE, _corners(mesh.triangles + vertices_before, mesh.uv_triangles + uv_before))


def _glasses(proxy: Proxy, vertices_before: int) -> list[str | bytes]:
    """The glasses as an object of their own, without texture coordinates: they have plain colours."""
    mesh = proxy.mesh
    lines: list[str | bytes] = ["o glasses\n", *_points(mesh.vertices, proxy.normals), "s 1\n"]
    corners = np.asarray(mesh.triangles, np.int64) + vertices_before + 1
    for index, (part, surface) in enumerate(zip(mesh.part_names, proxy.surfaces, strict=True)):
        lines.append(f"g {part}\nusemtl {surface.name}\n")
        lines += _rows(_PLAIN_FACE, corners[np.asarray(mesh.part) == index].repeat(2, 1))
    return lines


def _glasses_materials(head: HeadExport) -> str:
    if head.glasses is None:
        return ""
    template = "newmtl {}\nKa 0 0 0\nKd {:.4f} {:.4f} {:.4f}\nKs {:.2f} {:.2f} {:.2f}\nNs 200\nd {:.3f}\nillum 2\n"
    kinds = {surface.name: surface for surface in head.glasses.surfaces}.values()
    return "".join(template.format(s.name, *s.colour, *(3 * [0.3 + 0.4 * s.metallic]), s.opacity) for s in kinds)


def _hair_material(head: HeadExport, path: Path) -> str:
    template = "newmtl {0}\nKa 0 0 0\nKd 1 1 1\nKs 0.1 0.1 0.1\nNs 20\nillum 2\nmap_Kd {1}\nmap_d {1}\n"
    return "".join(template.format(proxy.name, hair_texture_path(path, proxy.name).name) for proxy in head.cards)


def _word(name: str) -> str:
    """Make a name fit for a line of OBJ, whose fields end at white space."""
    return "_".join(name.split()) or "head"


def _points(places: Array, normals: Array) -> list[str | bytes]:
    """Lines of vertices (N, 3) and of their normals."""
    return [*_rows("v %.5f %.5f %.5f\n", places), *_rows("vn %.4f %.4f %.4f\n", normals)]


def _corners(triangles: np.ndarray, uv_triangles: np.ndarray) -> np.ndarray:
    """The numbers (F, 9) in lines of triangles: place, texture coordinate and normal of each corner, from 1 on."""
    return np.stack([triangles, uv_triangles, triangles], -1).reshape(-1, 9).astype(np.int64) + 1


def _rows(template: str, values: np.ndarray) -> list[str | bytes]:
    """A line for each row, as one text."""
    return [text_of_rows(template, values)]


def _material(head: HeadExport, texture_name: str) -> str:
    """Describe the one material; `map_d` takes the holes between lashes from the texture's alpha."""
    text = f"newmtl {_word(head.name)}\nKa 0 0 0\nKd 1 1 1\nKs 0.2 0.2 0.2\nNs 30\nillum 2\nmap_Kd {texture_name}\n"
    return text + (f"map_d {texture_name}\n" if head.see_through else "")
