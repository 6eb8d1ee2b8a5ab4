"""The files that a head can be had as."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True)
class Format:
    """One format: what people call it, the ending of its file, its media type, and what a head needs to have for it."""

    label: str
    extension: str
    media: str
    needs_photo: bool = False
    needs_detail: bool = False
    needs_doubt: bool = False
    needs_matches: bool = False
    module: str = ""

    @property
    def available(self) -> bool:
        """Whether the extra that it needs is installed."""
        return not self.module or find_spec(self.module) is not None


#: File of a head's folder: the photo as it was uploaded.
PHOTO = "photo.upload"
#: Every format by its name in addresses. `module`: of the extra that it needs.
FORMATS = {
    "glb": Format("GLB: rig, blend shapes, textures, hair (Blender, Unity, Godot, web)", ".glb", "model/gltf-binary"),
    "gltf": Format("Folder with a glTF and its files", ".zip", "application/zip"),
    "fbx": Format("FBX: rig, blend shapes, textures (Unreal, Unity, Maya)", ".fbx", "application/octet-stream"),
    "usdz": Format("USDZ (film tools, Apple AR)", ".usdz", "model/vnd.usdz+zip", module="pxr"),
    "obj": Format("OBJ with material and textures", ".zip", "application/zip"),
    "ply": Format("PLY with colours of vertices", ".ply", "application/octet-stream"),
    "stl": Format("STL for printing", ".stl", "model/stl"),
    "params": Format("parameters as JSON, to load again", ".json", "application/json"),
    "folder": Format("folder with all files", ".zip", "application/zip"),
    "preview": Format("picture of the head", ".png", "image/png"),
    "picture": Format("picture of the head on grey", ".png", "image/png"),
    "overlay": Format("picture of the head over the photo", ".png", "image/png", needs_photo=True),
    "plot": Format("photo, overlay and head side by side", ".png", "image/png"),
    "turntable": Format("video of one turn", ".mp4", "video/mp4", module="av"),
    "texture": Format("texture", ".png", "image/png"),
    "relief": Format("picture of wrinkles and folds", ".png", "image/png", needs_detail=True),
    "doubt": Format("picture of how sure each place of the head is", ".png", "image/png", needs_doubt=True),
    "matches": Format("picture of what was matched between photos", ".png", "image/png", needs_matches=True),
    "sureness": Format("texture of how sure each place is, to 2 mm", ".png", "image/png", needs_doubt=True),
    "photo": Format("the photo", ".jpg", "image/jpeg", needs_photo=True),
}
