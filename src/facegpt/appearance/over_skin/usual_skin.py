"""What people's skins have beyond the statistics of textures: edges and red of lips, lines of lids, warm noses.

The median over photos of the log of a finished skin over what the texture model says of it, without what is wider
than a finger: `lab/runs/usual_skin`. A photo's own skin has it already; heads without one get it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.assets import load_arrays
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel

ASSET = "usual_skin.npz"


def with_usual_skin(texture: NDArray[np.floating], model: MorphableModel) -> NDArray[np.float32]:
    """A texture (S, S, 3), linear RGB, times what skins usually have; of other heads than the default one as it is."""
    out = np.array(texture, np.float32)
    if isinstance(getattr(model, "albedo", None), AlbedoModel):
        place, factor = _factor(len(out))
        out[place] *= factor
    return out


@lru_cache(maxsize=3)
def _factor(size: int) -> tuple[tuple[slice, slice], NDArray[np.float32]]:
    """Rows and columns of a texture of a size, and the factor there (h, w, 3)."""
    stored = load_arrays(ASSET)
    side, top, left = (int(stored[name]) for name in ("side", "top", "left"))
    half = stored["half"].astype(np.float32) * stored["unit"]
    log = np.concatenate([half, half[:, ::-1]], 1)  # the atlas is its own mirror image
    bottom, right = top + log.shape[0], left + log.shape[1]
    y0, y1, x0, x1 = (round(at * size / side) for at in (top, bottom, left, right))
    planes = [Image.fromarray(np.ascontiguousarray(log[..., k])) for k in range(3)]
    resized = [np.asarray(each.resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR)) for each in planes]
    return (slice(y0, y1), slice(x0, x1)), np.exp(np.stack(resized, -1))
