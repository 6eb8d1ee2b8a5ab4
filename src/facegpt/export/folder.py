"""The output folder of one face (README, "Files"): every format side by side, each file replaced in one step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.export.gltf.document import write_glb
from facegpt.export.images import png_bytes
from facegpt.export.landmarks_json import write_landmarks
from facegpt.export.obj import hair_texture_path, write_obj
from facegpt.export.params_json import write_params
from facegpt.runtime.atomic_files import make_folder, remove, write_bytes
from facegpt.types import FaceParams, Landmarks


@dataclass(frozen=True)
class FaceFiles:
    """What the folder is written from.

    Attributes:
        params: goes to params.json. head: goes to face.glb, face.obj, face.mtl, texture.png and face_hair.png.
        landmarks: go to landmarks.json.
        preview: (H, W, 3 or 4) uint8 sRGB, the rendered head.
        overlay: (H, W, 3 or 4) uint8 sRGB, the head drawn over the photo; None when there is no photo.
    """

    params: FaceParams
    head: HeadExport
    landmarks: tuple[Landmarks, ...]
    preview: NDArray[np.uint8]
    overlay: NDArray[np.uint8] | None = None


def write_folder(folder: str | Path, face: FaceFiles) -> tuple[Path, ...]:
    """Write all files of a face and give their paths; files of an earlier run are replaced, others are left alone.

    params.json comes last: where it is there and new, the rest is complete.

    Raises:
        FaceGPTError: if the folder cannot be made or written.
    """
    folder = make_folder(folder)
    png = png_bytes(face.head.texture)
    write_obj(folder / "face.obj", face.head, "texture.png", png)
    paths = [folder / name for name in ("face.obj", "face.mtl", "texture.png")]
    hair = hair_texture_path(folder / "face.obj")
    if face.head.hair is None:
        remove(hair)  # of an earlier face that had hair
    else:
        paths.append(hair)
    paths.append(write_glb(folder / "face.glb", face.head, png))
    paths.append(write_bytes(folder / "preview.png", png_bytes(face.preview)))
    if face.overlay is None:
        remove(folder / "overlay.png")  # of an earlier face that had a photo
    else:
        paths.append(write_bytes(folder / "overlay.png", png_bytes(face.overlay)))
    paths.append(write_landmarks(folder / "landmarks.json", face.landmarks))
    paths.append(write_params(folder / "params.json", face.params))
    return tuple(paths)
