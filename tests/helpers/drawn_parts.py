"""Maps of parts that are drawn from known grooms, and pictures of them, for tests of hair from photos."""

from __future__ import annotations

import numpy as np
from facing_params import SIDE

from facegpt.encode.parts import BACKGROUND, HAIR, HAT, MAP_PX, SKIN, FaceParts
from facegpt.hair.from_photo.drawer import Drawer
from facegpt.hair.from_photo.seen import HairSeen, hair_seen
from facegpt.types import Groom


def parts_with(hair: np.ndarray, skin: np.ndarray, hat: np.ndarray | None = None) -> FaceParts:
    """A map of parts of masks (96, 96) that covers the whole picture."""
    big = [np.kron(mask, np.ones((2, 2), bool)) for mask in (hair, skin)]
    probabilities = np.zeros((MAP_PX, MAP_PX, 9), np.float32)
    probabilities[..., BACKGROUND] = 1
    for mask, part in ((big[1], SKIN), (big[0], HAIR)):
        probabilities[mask] = np.eye(9)[part]
    if hat is not None:
        probabilities[np.kron(hat, np.ones((2, 2), bool))] = np.eye(9)[HAT]
    scale = MAP_PX / SIDE
    return FaceParts(
        probabilities,
        np.ones((MAP_PX, MAP_PX), bool),
        np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]]),
    )


def seen_of(model, params, groom: Groom | None, hat: bool = False) -> tuple[HairSeen, FaceParts]:
    """What is seen of a head on which a known groom grows, drawn exactly."""
    nothing = np.zeros((96, 96), bool)
    bare = hair_seen(model, params, parts_with(nothing, nothing))
    skin = bare.view.head
    hair = nothing if groom is None else Drawer.of(model, params, bare).draw(groom).cover > 0.5
    rows = np.arange(96)[:, None] < np.flatnonzero(skin.any(1))[0] + 22
    parts = parts_with(hair & ~(rows if hat else nothing), skin, (skin | hair) & rows if hat else None)
    return hair_seen(model, params, parts), parts


def photo(parts: FaceParts, colour: tuple[int, int, int]) -> np.ndarray:
    """A picture of one colour where hair is."""
    image = np.full((SIDE, SIDE, 3), 180, np.uint8)
    rows = (np.arange(SIDE) * MAP_PX // SIDE).clip(0, MAP_PX - 1)
    image[parts.probabilities[np.ix_(rows, rows)].argmax(-1) == HAIR] = colour
    return image


def map_of_drawn(hair, skin):
    """The map of parts of a picture (SIDE, SIDE) that shows hair and skin there (SIDE, SIDE), and nothing else."""
    probabilities = np.zeros((MAP_PX, MAP_PX, 9), np.float32)
    x = np.minimum((np.arange(MAP_PX) + 0.5) * SIDE / MAP_PX, SIDE - 1).astype(int)
    for part, mask in ((BACKGROUND, ~hair & ~skin), (SKIN, skin), (HAIR, hair)):
        probabilities[..., part] = mask[np.ix_(x, x)]
    scale = MAP_PX / SIDE
    to_map = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    return FaceParts(probabilities, np.ones((MAP_PX, MAP_PX), bool), to_map)
