"""Which kind of file a path asks for: those that are written, and what to do about those that are not."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from facegpt.data.files import PHOTO_SUFFIXES
from facegpt.export.bundle import HeadExport
from facegpt.types import FaceGPTError

Writer = Callable[[Path, HeadExport], tuple[Path, ...]]


def _by(module: str, function: str) -> Writer:
    """A writer of this folder, which is loaded when it writes first: few heads are written in every format."""

    def write(path: Path, head: HeadExport) -> tuple[Path, ...]:
        written = getattr(import_module(f"facegpt.export.{module}"), function)(path, head)
        return written if isinstance(written, tuple) else (written,)

    return write


def _obj(path: Path, head: HeadExport) -> tuple[Path, ...]:
    from facegpt.export.obj import hair_texture_path, write_obj

    write_obj(path, head)
    beside = (hair_texture_path(path, proxy.name) for proxy in head.cards)
    return path, path.with_suffix(".mtl"), path.with_name(f"{path.stem}_texture.png"), *beside


_usdz = _by("usd", "write_usdz")
#: What writes a head as a file of each ending, with the files beside it: all their paths.
HEAD_WRITERS: dict[str, Writer] = {
    ".glb": _by("gltf.document", "write_glb"),
    ".gltf": _by("gltf.document", "write_gltf"),
    ".fbx": _by("fbx.document", "write_fbx"),
    ".usdz": _usdz,
    ".usd": lambda path, head: _usdz(path.with_suffix(".usdz"), head),
    ".obj": _obj,
    ".ply": _by("ply", "write_ply"),
    ".stl": _by("stl", "write_stl"),
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
