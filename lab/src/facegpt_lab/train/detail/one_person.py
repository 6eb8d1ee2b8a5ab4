"""Photos of one person at several expressions, whose folds at rest and in motion are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.detail.from_photo import relief_seen, visible
from facegpt.detail.network import DetailNetwork
from facegpt.detail.skin_window import Maps
from facegpt.types import Array, FaceParams
from facegpt_lab.synthesis.relief.living_skin import LivingSkin
from facegpt_lab.synthesis.relief.marks import painted_marks
from facegpt_lab.synthesis.relief.relief_photo import draw_lamps, draw_view, relief_photo
from facegpt_lab.train.detail.examples import Studio

#: Error of an expression's weights as a fit gives them, SD.
WEIGHT_SD = 0.05


@dataclass(frozen=True, eq=False)
class Shown:
    """What the network of the relief gives for one photo.

    Attributes:
        found: (HEIGHT, WIDTH) mm. trust: (HEIGHT, WIDTH) 0..1, how well the photo shows each texel.
        true: (52,) the expression. fitted: (52,) as a fit gives it.
    """

    found: Maps
    trust: Maps
    true: Array
    fitted: Array


def shown(
    studio: Studio, network: DetailNetwork, person: FaceParams, skin: LivingSkin, expression: Array,
    rng: np.random.Generator, seed: int,
) -> Shown | None:  # fmt: skip
    """Photograph a person at an expression (52,) in a light and from a place drawn by rng, and look at it.

    seed: of the person's marks. None where the photo bears no relief.
    """
    pose, camera = draw_view(rng)
    params = person.replace(expression=np.asarray(expression, np.float32), pose=pose, camera=camera)
    marks = painted_marks(studio.canvas, np.random.default_rng([9, seed]))
    relief, lamps = skin.relief(expression), draw_lamps(rng)
    photo = relief_photo(studio.model, studio.renderer, params, relief, marks, studio.open_to_light, lamps, rng)
    seen = studio.seen(photo, rng).observation
    found, share = relief_seen(seen, network)
    if share < 0.3:
        return None
    fitted = np.clip(expression + rng.normal(0, WEIGHT_SD, len(expression)) * (np.asarray(expression) > 0), 0, 1)
    trust = share * visible(seen.weight) * network.mask.numpy()
    return Shown(found, trust.astype(np.float32), np.asarray(expression), fitted.astype(np.float32))
