"""A face that was saved: its parameters and what stands beside them, read again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.data.images import read_texture
from facegpt.detail.relief import Detail
from facegpt.export.detail_files import read_detail
from facegpt.export.params_json import head_of_file, read_doubt, read_params
from facegpt.morphable.base import MorphableModel
from facegpt.types import FaceGPTError, FaceParams, IdentityDoubt, SkinSeen


@dataclass(frozen=True)
class SavedFace:
    """What a folder or a params.json holds of a face; fields as those of `Face`."""

    model: MorphableModel
    params: FaceParams
    photo_texture: NDArray[np.uint8] | None
    detail: Detail | None
    doubt: IdentityDoubt
    skin_seen: SkinSeen | None
    ignored: list[str]


def read_saved(path: str | Path, model: MorphableModel | None = None) -> SavedFace:
    """Read what `Face.save` wrote (see `Face.load`).

    Args:
        path: folder or params.json.
        model: the head model, if it is loaded already.
    """
    file = Path(path) / "params.json" if Path(path).is_dir() else Path(path)
    params = read_params(file)
    model = head_of_file(params, model, file)
    texture = file.with_name("texture.png")
    skin = read_texture(texture) if texture.is_file() else None
    left_out = [] if params.worn is None else list(params.worn.left_out)
    return SavedFace(model, params, skin, read_detail(file), read_doubt(file), read_skin_seen(file), left_out)


def read_skin_seen(path: str | Path) -> SkinSeen | None:
    """How much of the skin its photo shows, of a params.json that can be read; None where it does not say.

    Raises:
        FaceGPTError: if that is damaged.
    """
    found = json.loads(Path(path).read_text("utf-8")).get("skin")
    if found is None:
        return None
    shares: list[Any] = [found.get(name) for name in ("seen", "mirrored")] if isinstance(found, dict) else []
    if not shares or not all(type(share) in (int, float) and 0 <= share <= 1 for share in shares):
        raise FaceGPTError(f"'{path}' is damaged: 'skin' does not say how much of it was seen, 0 to 1")
    if (grey := found.get("grey")) not in (True, False, None):
        raise FaceGPTError(f"'{path}' is damaged: whether the photo is 'grey' is true, false or null")
    return SkinSeen(float(shares[0]), float(shares[1]), None if grey is None else bool(grey))
