"""How far ears stand out, by the outline of head and ears against what is behind them in a photo.

Points of the detector and the identity tell nothing of ears. Seen from the front, an ear is where the skin beside the
cheek ends; the drawn ear ends elsewhere by as much as the real one stands out more. Both sides count together: a turn
of the head that the fit has missed moves them oppositely, and so says nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.encode.parts import BACKGROUND, EAR, SKIN, FaceParts
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.morphable.makehuman.local_shapes import LOCAL_SHAPES, local_fields, takes_local_shapes
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.types import Array, FaceParams, Fit

#: The local shape, mm; its range from photos; steps that it is told in: nobody sees less, and models of few are kept.
SHAPE, RANGE_MM, STEP_MM = "ears_out", (-4.0, 12.0), 2.0
#: Heads turned further aside, degrees, show one ear against the other's cheek.
MOST_TURNED_DEG = 12.0
#: Share of the difference that is believed: the two sides of 22 photos differ by half as much as people do.
BELIEVED = 0.8
#: Vertices that the shape moves by this share of its most are the ear; the share of its height, from the top, whose
#: outline is looked at, between the root above and the lobe; how far inside the drawn edge a look begins, mm.
OF_THE_EAR, LOOKED_AT, BEGUN_MM = 0.15, (0.1, 0.75), 6.0
#: Sides that differ by more than this are not both ears, mm.
MOST_APART_MM = 10.0
#: What must be background behind an edge, pixels of the map from it; the share of rows that must end so, and fewest.
BEHIND_PX, SHARE_OF_ROWS, FEWEST_ROWS = 3, 0.5, 6
#: Which row's edge stands for an ear: nearly the farthest one.
FARTHEST = 0.85


def with_ears(model: MorphableModel, seen: SeenFace, fit: Fit) -> Fit:
    """A fit whose ears stand out as the photo shows; the fit itself where it does not show both."""
    params = fit.params
    if not takes_local_shapes(model) or seen.parts is None or abs(_turned_deg(params.pose.rotation)) > MOST_TURNED_DEG:
        return fit
    mm = ears_out_mm(model, params, seen.parts)
    if mm is None or not (steps := round(BELIEVED * mm / STEP_MM)):
        return fit
    local = {**params.local, SHAPE: float(np.clip(steps * STEP_MM, *RANGE_MM))}
    return replace(fit, params=params.replace(local=local))


def ears_out_mm(model: MorphableModel, params: FaceParams, parts: FaceParts) -> float | None:
    """How much farther out than the drawn ears those of a photo end, mm; None where it does not show both.

    params: in pixels of the photo that `parts` were read from.
    """
    head = head_vertices(model, params)
    posed = params.pose.apply(head)
    places = parts.on_map(params.camera.project(posed))
    ear = np.linalg.norm(local_fields(model)[list(LOCAL_SHAPES).index(SHAPE)], axis=1) > OF_THE_EAR
    px_per_mm = float(np.ptp(places[:, 1]) / np.ptp(head[:, 1]))
    middle = float(places[:, 0].mean())
    right, left = (_farther_px(parts, places[ear & (side * head[:, 0] > 0)], middle, px_per_mm) for side in (-1, 1))
    if right is None or left is None or abs(left - right) > MOST_APART_MM * px_per_mm:
        return None
    return (left + right) / 2 / px_per_mm


def _farther_px(parts: FaceParts, ear: Array, middle: float, px_per_mm: float) -> float | None:
    """How much farther from the middle column the photo's ear ends than the drawn one (N, 2), pixels of the map."""
    skin, behind = parts.share(SKIN, EAR), parts.probabilities[..., BACKGROUND] * parts.seen
    outwards = 1 if ear[:, 0].mean() > middle else -1
    if outwards < 0:  # look to the right, always
        skin, behind, ear = skin[:, ::-1], behind[:, ::-1], ear * (-1, 1) + (skin.shape[1] - 1, 0)
    top, height = ear[:, 1].min(), np.ptp(ear[:, 1])
    rows = np.arange(int(np.ceil(top + LOOKED_AT[0] * height)), int(top + LOOKED_AT[1] * height) + 1)
    near = np.abs(ear[:, 1] - rows[:, None]) < max(1.2, 0.5 * px_per_mm)
    rows, near = rows[near.any(1)], near[near.any(1)]
    if not len(rows) or rows[0] < 0 or rows[-1] >= len(skin):
        return None
    drawn = np.where(near, ear[:, 0], -np.inf).max(1)
    ends = np.array(
        [_end(skin[y], behind[y], round(x - BEGUN_MM * px_per_mm)) for y, x in zip(rows, drawn, strict=True)]
    )
    good = np.isfinite(ends)
    if good.sum() < max(FEWEST_ROWS, SHARE_OF_ROWS * len(rows)):
        return None
    return float(np.quantile(ends[good], FARTHEST) - np.quantile(drawn[good], FARTHEST))


def _end(skin: NDArray[np.float32], behind: NDArray[np.float32], start: int) -> float:
    """Where skin that covers a pixel of a row (S,) ends to the right before the background, pixels; nan elsewhere."""
    if not 0 <= start < len(skin) - BEHIND_PX or skin[start] < 0.5:
        return np.nan
    after = np.flatnonzero(skin[start:] < 0.5)
    end = start + int(after[0]) if len(after) else len(skin)
    if end + BEHIND_PX > len(skin) or behind[end + BEHIND_PX - 1] < 0.5 or skin[end] + behind[end] < 0.5:
        return np.nan
    return float(end - 1 + (skin[end - 1] - 0.5) / (skin[end - 1] - skin[end]))


def _turned_deg(rotation: Array) -> float:
    """How far a head that is turned by a rotation (3, 3), head → camera, looks aside, degrees."""
    ahead = np.asarray(rotation)[:, 2]
    return float(np.degrees(np.arctan2(ahead[0], -ahead[2])))
