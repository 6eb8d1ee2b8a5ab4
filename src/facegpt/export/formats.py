"""Which kind of file a path asks for: those that are written, and what to do about those that are not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from facegpt.data.files import PHOTO_SUFFIXES
from facegpt.export.bundle import HeadExport
from facegpt.export.fbx.document import write_fbx
from facegpt.export.gltf.document import write_glb, write_gltf
from facegpt.export.obj import hair_texture_path, write_obj
from facegpt.export.ply import write_ply
from facegpt.export.stl import write_stl
from facegpt.export.usd import write_usdz
from facegpt.types import FaceGPTError


def _obj(path: Path, head: HeadExport) -> tuple[Path, ...]:
    write_obj(path, head)
    beside = (hair_texture_path(path, proxy.name) for proxy in head.cards)
    return path, path.with_suffix(".mtl"), path.with_name(f"{path.stem}_texture.png"), *beside


#: What writes a head as a file of each ending, with the files beside it: all their paths.
HEAD_WRITERS: dict[str, Callable[[Path, HeadExport], tuple[Path, ...]]] = {
    ".glb": lambda path, head: (write_glb(path, head),),
    ".gltf": write_gltf,
    ".fbx": lambda path, head: (write_fbx(path, head),),
    ".usdz": lambda path, head: (write_usdz(path, head),),
    ".usd": lambda path, head: (write_usdz(path.with_suffix(".usdz"), head),),
    ".obj": _obj,
    ".ply": lambda path, head: (write_ply(path, head),),
    ".stl": lambda path, head: (write_stl(path, head),),
}
#: The ending of a file of parameters.
PARAMS = ".json"
_WRITTEN = ".glb, .gltf, .fbx, .usdz, .obj, .ply, .stl and .json (and a folder of files, for a name without an ending)"

#: Formats that are known but not written, and the way there.
_OPENED = "save '{stem}.glb', which "
_INSTEAD = {
    ".abc": _OPENED + "Blender opens with rig and shape keys, and exports {kind} from there",
    ".blend": _OPENED + "Blender opens with rig and shape keys, and saves as {kind}",
    ".vrm": _OPENED + "the VRM add-on of Blender, or UniVRM, makes a VRM of",
    **dict.fromkeys((".dae", ".x3d", ".wrl", ".3ds", ".dxf", ".lwo"), _OPENED + "a 3D program converts to {kind}"),
    **dict.fromkeys(
        (".c4d", ".max", ".ma", ".mb", ".hip", ".ztl", ".uasset"), "save '{stem}.fbx', which the program imports"
    ),
    **dict.fromkeys((".usda", ".usdc"), "save '{stem}.usdz', which usdcat converts to {kind}"),
    **dict.fromkeys((".3mf", ".step", ".stp", ".iges", ".igs", ".amf"), "save '{stem}.stl' and import it there"),
    **dict.fromkeys((".off", ".xyz", ".pcd", ".pts", ".vtk", ".vtp"), "save '{stem}.ply', which MeshLab converts"),
    **dict.fromkeys((".npz", ".npy", ".pkl", ".mat"), "for arrays, take face.vertices() and face.triangles"),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".webm", ".mkv"), "save '{stem}.glb' and film it in a 3D program"),
    **dict.fromkeys((".zip", ".tar", ".gz", ".7z", ".rar"), "save a folder and pack it"),
}
_PICTURES = PHOTO_SUFFIXES | {".exr", ".hdr", ".psd", ".pdf", ".ico", ".svg"}


def file_ending(path: str | Path) -> str | None:
    """The ending ('.glb', in small letters) of the file that a path asks for, or None where it asks for a folder.

    A folder is: a path that ends in a separator, one without an ending, and one whose ending belongs to no file format
    that is known here ("anna.v2").

    Raises:
        FaceGPTError: if the ending is that of a 3D, picture or other file that is not written, with what to do instead.
    """
    ending = Path(path).suffix.lower()
    if os.fspath(path).endswith(("/", os.sep)):
        return None
    if ending == PARAMS or ending in HEAD_WRITERS:
        return ending
    for_a_picture = "for a picture, save what face.render() or face.plot() gives, or take preview.png of the folder"
    way_round = _INSTEAD.get(ending, for_a_picture if ending in _PICTURES else None)
    if way_round is None:
        return None
    way_round = way_round.format(stem=Path(path).stem, kind=ending[1:].upper())
    raise FaceGPTError(f"cannot write '{path}': FaceGPT writes {_WRITTEN}; {way_round}")
