"""Parts of the face that hair or headwear hides on a head: what is asked of them is there, and is not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.worn import worn
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.local_shapes import LOCAL_SHAPES, local_fields, takes_local_shapes
from facegpt.types import FaceParams
from facegpt.wear.worn import is_wrapped

#: Part → the local shape that lies on it, and the share of that shape's most from which a vertex belongs to it.
ON_PART = {"ears": ("ears_out", 0.45), "brows": ("brow_bone", 0.5)}
#: The forehead between brows and hairline, on the mean head: mm from the middle, lowest, highest, and farthest back.
FOREHEAD_MM = (38.0, 45.0, 72.0, 55.0)
HIDEABLE = (*ON_PART, "forehead")
#: A part is hidden where less than this share of the light from around reaches it (0.3 where hair lies on it all over).
OPEN = 0.68


def hidden_parts(model: MorphableModel, params: FaceParams) -> frozenset[str]:
    """Those of ears, brows and forehead that hair hides on both sides; scarves and hoods hide the ears."""
    if not takes_local_shapes(model):
        return frozenset()
    wrapped = {"ears"} if is_wrapped(params) else set[str]()
    open_to_light = np.ones(len(model.mean_vertices))
    for proxy in worn(model, params, lod=2):
        if proxy.name == "hair":
            open_to_light *= proxy.head_open_to_light
    sides = np.asarray(model.mean_vertices)[:, 0] > 0
    shares = {
        part: max(open_to_light[on & sides].mean(), open_to_light[on & ~sides].mean())
        for part, on in _parts(model).items()
    }
    return frozenset(wrapped | {part for part, share in shares.items() if share < OPEN})


def _parts(model: MorphableModel) -> dict[str, NDArray[np.bool_]]:
    """Part → (V,) which vertices are its."""
    size, names = np.linalg.norm(local_fields(model), axis=2), list(LOCAL_SHAPES)
    found = {part: size[names.index(shape)] > share for part, (shape, share) in ON_PART.items()}
    x, y, z = np.asarray(getattr(model, "population_mean", model.mean_vertices)).T
    across, low, high, back = FOREHEAD_MM
    return found | {"forehead": (np.abs(x) < across) & (y > low) & (y < high) & (z > back)}
