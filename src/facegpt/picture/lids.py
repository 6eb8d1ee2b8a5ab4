"""Shut eyes shut: what the head's lids miss of each other at a full blink is made up for, in step with the blink.

Unit and registration leave lids some pixels apart or over each other, by person and photo. The gap at a full blink is
measured on the head once; the upper lid then takes its share of it as far as the eye is shut beyond the photo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

from facegpt.appearance.atlas import atlas_of
from facegpt.conventions import ARKIT_NAMES, linear_to_srgb, srgb_to_linear
from facegpt.morphable.base import MorphableModel, with_weights
from facegpt.picture.registration import vertices_of
from facegpt.types import Array, FaceParams

Floats = NDArray[np.float32]

#: The detector's points along the lids, (upper, lower) in pairs: of the right eye, of the left one.
PAIRS = (
    ((246, 7), (161, 163), (160, 144), (159, 145), (158, 153), (157, 154), (173, 155)),
    ((466, 249), (388, 390), (387, 373), (386, 374), (385, 380), (384, 381), (398, 382)),
)
#: Units that shut them.
BLINKS = tuple(ARKIT_NAMES.index(name) for name in ("eyeBlinkRight", "eyeBlinkLeft"))
#: Reach of an edge point's move over the lid, and the lid's height, mm. Shut lids overlap by so much, mm.
REACH_MM, HEIGHT_MM, OVERLAP_MM = 2.5, 9.0, 0.4
#: The eyeballs, and how far they give way backwards to a lid that shuts, mm: fitted ones stand before some lids.
EYES, BACK_MM = ("right_eye", "left_eye"), 5.0
#: Skin below the lower lid, mm from its edge: its tone is the upper lid's, which photos of open eyes show little of.
BELOW_MM = (5.0, 12.0)
#: How much of that tone, in log units, and how dark an upper lid is beside it.
TONED, LID_SHADE = 0.9, 1.02
#: Distance from the lids' edges, mm, up to which that holds, and where it ends; the blur that tells tone from detail,
#: as a share of the skin's side.
TONED_MM, LID_BLUR = (4.0, 11.0), 0.008


@dataclass(frozen=True, eq=False)
class Lids:
    """What shuts the eyes of one photo: moves (2, V, 3) mm, camera frame, of full blinks; the photo's blinks (2,)."""

    moves: Floats
    blinks: Floats

    def shut(self, params: FaceParams) -> Floats:
        """What is added to the vertices (V, 3) mm for the blinks of `params`."""
        now = np.asarray(params.expression)[list(BLINKS)]
        share = np.clip((now - self.blinks) / np.maximum(1 - self.blinks, 0.05), 0, 1).astype(np.float32)
        return np.einsum("s,svx->vx", share, self.moves) if share.any() else np.zeros((), np.float32)


def lids_of(model: MorphableModel, params: FaceParams, placed: Callable[[FaceParams], Array]) -> Lids:
    """Measure a full blink of a photo's head. placed: the vertices (V, 3) mm, camera frame, of parameters."""
    shut = placed(with_weights(params, {"eyeBlinkRight": 1.0, "eyeBlinkLeft": 1.0}))
    points = model.embedding("mediapipe478")(shut)
    spread = lid_shares(model)  # type: ignore[arg-type]
    moves = []
    for side, pairs in enumerate(PAIRS):
        upper, lower = (np.array([points[pair[k]] for pair in pairs]) for k in (0, 1))
        down = np.asarray(params.pose.rotation)[:, 1] * -1.0  # the head's own down, camera frame
        along = ((lower - upper) @ down + OVERLAP_MM)[:, None] * down
        move = spread[side] @ along
        move[vertices_of(model, EYES[side])] = (0.0, 0.0, BACK_MM)
        moves.append(move)
    return Lids(np.asarray(moves, np.float32), np.asarray(params.expression, np.float32)[list(BLINKS)])


def shut_by(model: MorphableModel, before: Array, after: Array) -> Floats:
    """How far the right and the left eye are more shut than they were, (2,) 0..1, of projected vertices (V, 2) px."""
    embedding = model.embedding("mediapipe478")
    openings = []
    for pixels in (before, after):
        points = embedding(np.column_stack([pixels, np.zeros(len(pixels))]))[:, :2]
        ends = [np.linalg.norm(points[33] - points[133]), np.linalg.norm(points[263] - points[362])]
        gaps = [np.linalg.norm(np.diff(points[np.array(pairs)[2:5]], axis=1)[:, 0], axis=1).mean() for pairs in PAIRS]
        openings.append(np.array(gaps) / np.maximum(ends, 1e-6))
    return np.clip(2.2 * (1 - openings[1] / np.maximum(openings[0], 1e-3)) - 0.1, 0, 1).astype(np.float32)


@lru_cache(maxsize=2)
def lid_shares(model: Any) -> Floats:
    """How far each vertex of an upper lid follows each point of its edge: (2, V, 7), rows sum to 0..1."""
    vertices = np.asarray(model.mean_vertices)
    points = model.embedding("mediapipe478")(vertices)
    skin = np.zeros(len(vertices), bool)
    wanted = [k for k, name in enumerate(model.part_names) if name == "skin" or name.endswith("_socket")]
    skin[np.unique(model.triangles[np.isin(model.part, wanted)])] = True
    shares = []
    for pairs in PAIRS:
        above, below = (cdist(vertices, points[[pair[k] for pair in pairs]]) for k in (0, 1))
        near = np.exp(-0.5 * (above / REACH_MM) ** 2) + 1e-12
        reach = np.clip(1 - (above.min(1) - 1.0) / HEIGHT_MM, 0, 1)
        own = np.clip(0.5 + (below.min(1) - above.min(1)) / 2.0, 0, 1)
        share = reach * reach * (3 - 2 * reach) * own * skin
        shares.append(near / near.sum(1, keepdims=True) * share[:, None])
    return np.asarray(shares, np.float32)


def with_lids_toned(model: MorphableModel, texture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A skin (S, S, 4) uint8 sRGB whose lids have the tone of the skin below the eyes; their fine detail stays."""
    atlas = atlas_of(model, len(texture))
    skin = (atlas.texel >= 0) & (atlas.part == model.part_names.index("skin"))
    shares = atlas.interpolate(np.concatenate([_around_eyes(model, pairs) for pairs in PAIRS], 1))
    out, blur = texture.copy(), LID_BLUR * len(texture)
    for lid, below in (shares[..., :2].transpose(2, 0, 1), shares[..., 2:].transpose(2, 0, 1)):
        rows, columns = np.nonzero(skin & (lid > 0.01))
        near = skin & (below > 0.5)
        if not len(rows) or not near.any():
            continue
        y0, y1, x0, x1 = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
        colour, mask = srgb_to_linear(texture[y0:y1, x0:x1, :3] / 255.0), skin[y0:y1, x0:x1, None]
        weight = gaussian_filter(mask.astype(np.float32), (blur, blur, 0)) + 1e-4
        tone = gaussian_filter(colour * mask, (blur, blur, 0)) / weight
        wanted = LID_SHADE * np.median(srgb_to_linear(texture[near][:, :3] / 255.0), axis=0)
        share = lid[y0:y1, x0:x1, None] * mask * TONED
        toned = colour * np.exp(share * np.log(np.maximum(wanted, 1e-3) / np.maximum(tone, 1e-3)))
        out[y0:y1, x0:x1, :3] = np.round(linear_to_srgb(np.clip(toned, 0, 1)) * 255)
    return out


def _around_eyes(model: MorphableModel, pairs: tuple[tuple[int, int], ...]) -> Floats:
    """(V, 2) 0..1: the lids of one eye, and the skin below it."""
    vertices = np.asarray(model.mean_vertices)
    points = model.embedding("mediapipe478")(vertices)
    above, below = (cdist(vertices, points[[pair[k] for pair in pairs]]).min(1) for k in (0, 1))
    lid = np.clip(1 - (np.minimum(above, below) - TONED_MM[0]) / (TONED_MM[1] - TONED_MM[0]), 0, 1)
    lower = points[[pair[1] for pair in pairs], 1].min()
    ring = (below > BELOW_MM[0]) & (below < BELOW_MM[1]) & (vertices[:, 1] < lower)
    return np.column_stack([lid * lid * (3 - 2 * lid), ring]).astype(np.float32)
