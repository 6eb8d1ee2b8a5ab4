"""An avatar as tracking and photos know it: the person's head, skin and descriptor, and the network tuned to them."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import asset_path
from facegpt.encode.base import Landmarker
from facegpt.encode.dense_landmarks import ASSET, DenseLandmarker
from facegpt.hair.accessories import Wishes
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.personal.avatar import Avatar, load_avatar
from facegpt.types import Array, FaceGPTError
from facegpt.video.people import KnownPerson

if TYPE_CHECKING:
    from facegpt.reconstruct.photo import PhotoModel

#: Names in an adapter: what the weights' begin with, the network that they were tuned from, and the SDs of the
#: expression's weights by the tuned one.
WEIGHTS, NETWORK, EXPRESSION_SD = "weights/", "network", "expression_sd"
#: An avatar, or the folder that one was saved in.
AvatarSource = Avatar | str | os.PathLike[str]


def opened(source: AvatarSource, base: MorphableModel) -> Avatar:
    """The avatar of a folder, or the one that is given.

    Raises:
        FaceGPTError: if the folder holds none, is damaged, or the avatar is for another head model than `base`.
    """
    if not isinstance(base, MakeHumanHead):
        raise FaceGPTError(f"avatars are of the default head, not of '{base.model_id}'")
    avatar = source if isinstance(source, Avatar) else load_avatar(Path(source), base)
    if avatar.head.base.model_id != base.model_id:
        raise FaceGPTError(
            f"the avatar of {avatar.name} was made for the head model '{avatar.head.base.model_id}', this is "
            f"'{base.model_id}': make it again from its clips with `facegpt personalize`"
        )
    return avatar


def known_from(model: PhotoModel, source: AvatarSource | None, wishes: Wishes) -> KnownPerson | None:
    """The person of an avatar or of the folder of one, if any, with the hair and glasses that are asked for.

    Raises FaceGPTError as `opened` and `known_person`.
    """
    return None if source is None else known_person(model, opened(source, model.head)).wearing(wishes)


def known_person(model: PhotoModel, avatar: Avatar, quick: bool = False) -> KnownPerson:
    """What following and fitting need of an avatar; `quick` halves the work of the dense network.

    Raises:
        FaceGPTError: if the avatar's network was tuned from another one than is installed.
    """
    tuned = _tuned(model, avatar, quick)
    sd = None if tuned is None or avatar.adapter is None else avatar.adapter.get(EXPRESSION_SD)
    look = (avatar.descriptor, avatar.texture, avatar.albedo)
    return KnownPerson(avatar.name, avatar.head, *look, tuned, sd, avatar.detail, avatar.accessories)


def fingerprint(avatar: Avatar) -> str:
    """What tells an avatar from all others, its own former states included."""
    digest = hashlib.sha256(avatar.head.model_id.encode())
    digest.update(repr(avatar.accessories).encode())
    for array in (avatar.texture, *(avatar.adapter or {}).values()):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _tuned(model: PhotoModel, avatar: Avatar, quick: bool) -> Landmarker | None:
    """The network with the avatar's own last layers, or None where there are none."""
    if avatar.adapter is None or not isinstance(model.landmarker, DenseLandmarker):
        return None
    told = avatar.adapter.get(NETWORK)
    if told is None or not np.array_equal(told, network_print()):
        raise FaceGPTError(
            f"the network tuned to {avatar.name} was tuned from another one than is installed: make the avatar again "
            "from its clips with `facegpt personalize`"
        )
    changes = {name.removeprefix(WEIGHTS): array for name, array in avatar.adapter.items() if name.startswith(WEIGHTS)}
    return DenseLandmarker(flip=not quick, device=model.device, changes=changes)


def adapter_of(weights: dict[str, NDArray[Any]], expression_sd: Array | None) -> dict[str, NDArray[Any]]:
    """What an avatar keeps of a tuned network: its weights, by the file's names, and which network they are for.

    expression_sd: (52,) by which the weights of expressions that it says are off; None: counted as the common network.
    """
    named = {WEIGHTS + name: array for name, array in weights.items()}
    own = {} if expression_sd is None else {EXPRESSION_SD: np.asarray(expression_sd, np.float32)}
    return {NETWORK: network_print(), **own, **named}


@cache
def network_print() -> NDArray[np.uint8]:
    """The sha256 of the installed network, (32,)."""
    return np.frombuffer(hashlib.sha256(asset_path(ASSET).read_bytes()).digest(), np.uint8)
