"""Heads on disk, by their names alone: what a path is meant for, and which heads a folder holds."""

from __future__ import annotations

from pathlib import Path

from facegpt.errors import FaceGPTError

#: Files of heads that are written for other programs; what a head is made of is not in them.
_WRITTEN_ONLY = (".glb", ".gltf", ".obj", ".usdz", ".usd", ".fbx", ".ply", ".stl")


def holds_heads(path: Path) -> bool:
    """Whether a path is meant for saved heads, and not for a photo: a folder, or a .json."""
    return path.is_dir() or path.suffix.lower() == ".json"


def check_not_written_only(path: Path) -> None:
    """Raises FaceGPTError if a file is of a head, but for other programs only."""
    if path.suffix.lower() in _WRITTEN_ONLY and path.is_file():
        raise FaceGPTError(f"'{path}' is for other programs; give the folder or the .json that `save` wrote")


def saved_in(folder: Path) -> list[Path]:
    """Folders of the heads saved in a folder: itself, or those of the faces of a photo.

    Raises:
        FaceGPTError: if it holds none.
    """
    if (folder / "params.json").is_file():
        return [folder]
    several: list[Path] = []
    while (folder / f"face_{len(several)}" / "params.json").is_file():
        several.append(folder / f"face_{len(several)}")
    if not several:
        raise FaceGPTError(f"the folder '{folder}' holds no saved head (params.json)")
    return several
