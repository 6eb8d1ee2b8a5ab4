"""All that one person's head wears: corneas, glasses, headwear, and the hair that grows from its groom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import linear_of_bytes
from facegpt.glasses.worn import glasses_of
from facegpt.hair.beard import facial_hair
from facegpt.hair.grow import grown
from facegpt.hair.painted import paint_scalp, shine_below
from facegpt.hair.presets import groom_of, length_step
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.cornea import corneas
from facegpt.morphable.makehuman.local_shapes import shaped, unshaped
from facegpt.morphable.proxies import Proxy, RestProxy, posed
from facegpt.render.srgb_bytes import repainted
from facegpt.types import FaceParams, Groom, Hair
from facegpt.wear.worn import beneath, headwear_of, is_wrapped


@dataclass(frozen=True, eq=False)
class WornHair:
    """The hair that a head wears.

    Attributes:
        style: a preset's name, or "custom". length: one of `presets.LENGTHS`. colour: (3,) linear RGB.
        groom: the settings that it grew by. meshes: its cards; () where it is bald, or painted on the skin.
    """

    style: str
    length: str
    colour: tuple[float, float, float]
    groom: Groom
    meshes: tuple[Proxy, ...]


def worn_hair(hair: Hair | None, proxies: tuple[Proxy, ...]) -> WornHair | None:
    """What is told of the hair of a head that wears `proxies`; None where nothing is known of any."""
    if hair is None:
        return None
    groom = groom_of(hair)
    meshes = tuple(proxy for proxy in proxies if proxy.name == "hair")
    return WornHair(hair.style, length_step(groom), hair.colour, groom, meshes)


def worn(model: MorphableModel, params: FaceParams, lod: int | None = 0) -> tuple[Proxy, ...]:
    """The corneas, the glasses, the headwear, the beard and the hair of `params`; nothing for models that lack them.

    lod: level of detail of the hair, 0 the finest of three; None leaves it out.
    """
    eyes = corneas(model, params)
    rests = [*eyes, glasses_of(model, params), headwear_of(model, params)]
    if lod is not None:
        hair = None if is_wrapped(params) else hair_of(model, params, lod)
        if hair is None and eyes and params.hair is not None and grows_hair(model):  # no cards that say it
            dull = shine_below(unshaped(model), groom_of(params.hair))  # type: ignore[arg-type]
            rests[0] = replace(eyes[0], head_shine=dull)
        rests += [*beard_of(model, params, lod), None if hair is None else beneath(hair, model, params)]
    return tuple(posed(rest, model, params) for rest in rests if rest is not None)


def grows_hair(model: MorphableModel) -> bool:
    """Whether hair grows on a head model: only on the default one."""
    return model.model_id.startswith("makehuman-head/")


def hair_of(model: MorphableModel, params: FaceParams, lod: int = 0) -> RestProxy | None:
    """The hair of a person at rest; None where there is none, or none that is long enough for a mesh.

    Raises:
        FaceGPTError: for a style that there is not.
    """
    if params.hair is None or not grows_hair(model):
        return None
    groom_of(params.hair)  # told of first, whoever wears it
    model, identity = shaped(model, params.local), np.asarray(params.identity, np.float32).tobytes()
    return _hair(model, identity, params.hair, lod)  # type: ignore[arg-type]


def beard_of(model: MorphableModel, params: FaceParams, lod: int = 0) -> tuple[RestProxy, ...]:
    """Beard and moustache of a person at rest, as far as they are long enough for meshes."""
    if params.hair is None or not grows_hair(model):
        return ()
    identity, hair = np.asarray(params.identity, np.float32).tobytes(), replace(params.hair, style="bald", groom=None)
    return _beard(shaped(model, params.local), identity, hair, lod)  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def _beard(model: MorphableModel, identity: bytes, hair: Hair, lod: int) -> tuple[RestProxy, ...]:
    return facial_hair(hair, model, np.frombuffer(identity, np.float32), lod)


@lru_cache(maxsize=8)
def _hair(model: MorphableModel, identity: bytes, hair: Hair, lod: int) -> RestProxy | None:
    groom = groom_of(hair)
    found = grown(groom, model, np.frombuffer(identity, np.float32), lod, hair)
    if found is None:
        return None
    return replace(found, head_shine=shine_below(unshaped(model), groom))  # type: ignore[arg-type]


def with_roots(model: MorphableModel, skin: NDArray[np.uint8], hair: Hair | None) -> NDArray[np.uint8]:
    """A photo's skin (S, S, 4) uint8 sRGB with the roots of hair on its scalp; as it is without hair."""
    if hair is None or not grows_hair(model):
        return skin
    bare = linear_of_bytes(skin[..., :3])
    return repainted(skin, bare, paint_scalp(model, bare, groom_of(hair), hair))
