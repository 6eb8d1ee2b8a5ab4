"""The output folder of one face (README, "Files"): every format side by side, each file replaced in one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import CARDS, HeadExport
from facegpt.export.detail_files import write_detail
from facegpt.export.gltf.document import write_glb
from facegpt.export.images import png_bytes
from facegpt.export.landmarks_json import write_landmarks
from facegpt.export.obj import hair_texture_path, write_obj
from facegpt.export.params_json import write_params
from facegpt.runtime.atomic_files import make_folder, remove, write_bytes
from facegpt.runtime.processes import give_back
from facegpt.runtime.side_by_side import both
from facegpt.types import FaceParams, IdentityDoubt, Landmarks, SkinSeen


@dataclass(frozen=True)
class Drawn:
    """The pictures of a folder, each (H, W, 3 or 4) uint8 sRGB.

    Attributes:
        preview: the rendered head.
        overlay: the head drawn over the photo; None when there is no photo.
        sides: the head lit from three sides, with and without detail; None without detail.
        unsure: how unsure each place of the head is; None where nobody asked.
    """

    preview: NDArray[np.uint8]
    overlay: NDArray[np.uint8] | None = None
    sides: NDArray[np.uint8] | None = None
    unsure: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class FaceFiles:
    """What the folder is written from.

    Attributes:
        params: goes to params.json. head: goes to face.glb, face.obj, face.mtl, texture.png and face_hair.png
            (face_beard.png, …).
        landmarks: go to landmarks.json.
        draw: gives the pictures; called once, while the head is written by another thread.
        doubt: how sure the identity is, goes to params.json.
        skin_seen: how much of the skin the photo shows, goes there too; None where there was none.
        fbx: whether face.fbx is written too.
    """

    params: FaceParams
    head: HeadExport
    landmarks: Sequence[Landmarks]
    draw: Callable[[], Drawn]
    doubt: IdentityDoubt = field(default_factory=IdentityDoubt)
    skin_seen: SkinSeen | None = None
    fbx: bool = False


def write_folder(folder: str | Path, face: FaceFiles) -> tuple[Path, ...]:
    """Write all files of a face and give their paths; files of an earlier run are replaced, others are left alone.

    params.json comes last: where it is there and new, the rest is complete.

    Raises:
        FaceGPTError: if the folder cannot be made or written.
    """
    folder = make_folder(folder)
    give_back()  # what making the head has left, before as much again is taken
    paths, drawn = both(partial(_write_head, folder, face), face.draw)
    pictures = {
        "preview.png": drawn.preview,
        "overlay.png": drawn.overlay,
        "preview_detail.png": drawn.sides,
        "doubt.png": drawn.unsure,
    }
    for name, picture in pictures.items():
        if picture is None:
            remove(folder / name)  # of an earlier face that had a photo, detail, or was asked for its doubt
        else:
            paths.append(write_bytes(folder / name, png_bytes(picture)))
    paths.append(write_landmarks(folder / "landmarks.json", face.landmarks))
    facts = None if face.head.detail is None else face.head.detail.facts
    paths.append(write_params(folder / "params.json", face.params, facts, face.doubt, face.skin_seen))
    give_back()
    return tuple(paths)


def _write_head(folder: Path, face: FaceFiles) -> list[Path]:
    """Write the files of the head itself: meshes, rig, textures and detail."""
    png = png_bytes(face.head.texture)
    write_obj(folder / "face.obj", face.head, "texture.png", png)
    paths = [folder / name for name in ("face.obj", "face.mtl", "texture.png")]
    worn = {proxy.name for proxy in face.head.cards}
    for name in CARDS:
        strip = hair_texture_path(folder / "face.obj", name)
        if name in worn:
            paths.append(strip)
        else:
            remove(strip)  # of an earlier face that had hair
    paths.append(write_glb(folder / "face.glb", face.head, png))
    if face.fbx:
        from facegpt.export.fbx.document import write_fbx

        paths.append(write_fbx(folder / "face.fbx", face.head, png))
    else:
        remove(folder / "face.fbx")  # of an earlier face
    return [*paths, *write_detail(folder, face.head)]
