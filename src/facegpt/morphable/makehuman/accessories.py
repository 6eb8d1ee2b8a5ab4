"""All that one person's head wears: corneas and hair."""

from __future__ import annotations

from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.cornea import corneas
from facegpt.morphable.makehuman.hair import hair
from facegpt.morphable.proxies import Proxy, posed
from facegpt.types import FaceParams


def proxies(model: MorphableModel, params: FaceParams) -> tuple[Proxy, ...]:
    """The corneas, and the hair that `params.hair` names; nothing for models that lack them."""
    rests = [*corneas(model, params), hair(model, params)]
    return tuple(posed(rest, model, params) for rest in rests if rest is not None)
