"""The mean head at rest: lips closed, eyeballs seated behind the lids, lids relaxed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from lab.runs.head.follow import eye_rims, part_vertices
from lab.runs.head.parts import EYE_RADIUS_MM, TEETH_PER_JAW, eyeball
from lab.runs.head.seams import LID_LOOP, LIP_LOOPS, Seam, base_loop, split_loop
from lab.runs.head.template import Template
from lab.runs.shared.sources import Array, BaseMesh
from lab.runs.shared.surface import Ints, vertex_normals

#: Lids stay this far outside the eyeball; their inner border lies on it.
LID_CLEARANCE_MM, RIM_CLEARANCE_MM = 0.5, 0.05
#: MakeHuman's tooth strips and tongue, scaled about their middle and shifted: the upper incisors end 2 to 3 mm below
#: the closed lips' line, as adults' do, the lower ones 2 mm higher behind them.
MOUTH_PARTS = {
    "upper_teeth": ((0.85, 1.0, 1.0), (0.0, -4.0, 4.3)),
    "lower_teeth": ((0.85, 1.0, 1.0), (0.0, 0.6, 1.8)),
    "tongue": ((0.84, 0.6, 0.95), (0.0, -6.8, -0.5)),
}
#: The tongue's sides hang by this much; its tip is narrower by this share and rises to the edge of the lower teeth,
#: so that on its way out it passes over them.
TONGUE_SIDES_MM, TONGUE_TIP, TONGUE_RISE_MM = 4.0, 0.3, 9.0
#: Relief of the teeth: how much each bulges and how much the gum stands out.
TOOTH_BULGE_MM, GUM_MM = 0.55, 0.4
#: Scanned people stare: the share of the lids' opening that is taken away.
LIDS_RELAXED = 0.09
#: The lower lid's margin is this far below the pupil's centre: the lower edge of the iris, a little covered.
PUPIL_ABOVE_LOWER_LID_MM = 5.5


@dataclass(frozen=True)
class Rest:
    """The mean head with its seams.

    Attributes:
        mean: (V, 3) mm. eye_centres: (2, 3) left, right. lips, lids: seams of the mouth and of the two eyes.
    """

    mean: Array
    eye_centres: Array
    lips: Seam
    lids: tuple[Seam, Seam]


def settled(rest: Rest, mean: Array, template: Template) -> Rest:
    """The same head with the vertices (V, 3) of the calibrated mean: units are made for that one."""
    shift = [mean[eye].mean(0) - rest.mean[eye].mean(0) for eye in template.eye]
    return Rest(mean, rest.eye_centres + np.stack(shift), rest.lips, rest.lids)


def close_lips(mean: Array, lips: Seam) -> Array:
    """Bring the lips together: they touch where they should; in front they keep a crease."""
    opening = lips.opening(mean)
    half = len(opening) // 2  # rows of the front loop come first
    wanted = np.zeros_like(opening)
    wanted[:half, 1] = np.minimum(np.abs(opening[:half, 1]), 0.35)
    wanted[half:, 1] = -0.3
    wanted[:, [0, 2]] = opening[:, [0, 2]]
    return mean + lips.closing(opening - wanted)


def eye_centre(mean: Array, margin: Ints) -> Array:
    """Place the left eyeball: centred between the corners, the pupil above the lower lid, the rim on its surface."""
    upper, lower = split_loop(margin, mean)
    x = 0.5 * (mean[upper[0], 0] + mean[upper[-1], 0])
    lowest = np.interp(x, mean[lower, 0], mean[lower, 1])
    y = lowest + PUPIL_ABOVE_LOWER_LID_MM
    side = ((mean[margin, :2] - [x, y]) ** 2).sum(1)
    inside = side < (0.8 * EYE_RADIUS_MM) ** 2
    depth = mean[margin, 2] - np.sqrt(np.maximum((EYE_RADIUS_MM + LID_CLEARANCE_MM) ** 2 - side, 0))
    return np.array([x, y, np.percentile(depth[inside], 40)])


def seat_eyeball(mean: Array, template: Template, rim: Ints, centre: Array) -> Array:
    """Lay the inner border of the lids on the eyeball and push lids that are inside it out, smoothly."""
    skin = np.unique(template.skin_quads)
    arm = mean[skin] - centre
    reach = np.linalg.norm(arm, axis=1)
    front = (reach < EYE_RADIUS_MM + 9) & (arm[:, 2] > 0)
    moved = np.zeros_like(mean)
    to_rim = mean[rim] - centre
    length = np.linalg.norm(to_rim, axis=1, keepdims=True)
    pull = to_rim / length * (EYE_RADIUS_MM + RIM_CLEARANCE_MM - length)
    distance, near = cKDTree(mean[rim]).query(mean[skin[front]])
    moved[skin[front]] = pull[near] * np.exp(-((distance / 1.6) ** 2))[:, None]
    moved[rim] = pull
    placed = mean + moved
    arm = placed[skin] - centre
    reach = np.linalg.norm(arm, axis=1)
    lids = np.setdiff1d(skin[front], rim)
    index = np.searchsorted(skin, lids)
    short = np.maximum(EYE_RADIUS_MM + LID_CLEARANCE_MM - reach[index], 0)
    visible_side = np.isin(lids, np.unique(template.triangles[template.part == 0]))
    placed[lids] += (arm[index] / reach[index, None]) * (short * visible_side)[:, None]
    return placed


def place_mouth_parts(mean: Array, template: Template) -> None:
    """Move teeth and tongue to their place and give the teeth their relief, in place."""
    for name, (scale, shift) in MOUTH_PARTS.items():
        ids = part_vertices(template, name)
        middle = mean[ids].mean(0)
        mean[ids] = middle + (mean[ids] - middle) * scale + shift
    tongue = part_vertices(template, "tongue")
    side = np.abs(mean[tongue, 0]) / np.abs(mean[tongue, 0]).max()
    ahead = (mean[tongue, 2] - mean[tongue, 2].min()) / np.ptp(mean[tongue, 2])
    mean[tongue, 1] -= TONGUE_SIDES_MM * side**3
    front = np.clip((ahead - 0.45) / 0.55, 0, 1) ** 2
    mean[tongue, 0] *= 1 - TONGUE_TIP * front
    mean[tongue, 1] += TONGUE_RISE_MM * front
    teeth = part_vertices(template, "upper_teeth", "lower_teeth")
    along, row = template.grid[teeth].T
    tooth = np.abs(np.sin(np.pi * along * TEETH_PER_JAW))
    row = row * 3  # 0 gum outside, 2 biting edge, 3 gum inside
    crown = np.clip((row - 0.6) / 0.4, 0, 1) * np.clip((2.3 - row) / 0.3, 0, 1)
    relief = TOOTH_BULGE_MM * crown * (np.sqrt(tooth) - 0.6) + GUM_MM * np.clip(1 - row / 0.8, 0, 1)
    mean[teeth] += relief[:, None] * vertex_normals(mean, template.triangles)[teeth]


def make_rest(mean: Array, template: Template, base: BaseMesh, place: dict[int, int]) -> Rest:
    """Correct the registered mean; everything stays symmetric."""
    lip_loops = [base_loop(base, place, v) for v in LIP_LOOPS]
    lips = Seam(template, mean, lip_loops, 13.0)
    closed = close_lips(mean, lips)
    margin = base_loop(base, place, *LID_LOOP)
    for loop in (margin, template.mirror[margin]):
        seam = Seam(template, closed, [loop], 9.0)
        closed = closed + seam.closing(seam.opening(closed) * [0, LIDS_RELAXED, 0])
    centre = eye_centre(closed, margin)
    centres = np.stack([centre, centre * [-1, 1, 1]])
    rims = eye_rims(template)
    seated = closed
    for rim, middle in zip(rims, centres, strict=True):
        seated = seat_eyeball(seated, template, rim, middle)
    place_mouth_parts(seated, template)
    seated = 0.5 * (seated + seated[template.mirror] * [-1, 1, 1])
    ball = eyeball().vertices
    for side, eye in enumerate(template.eye):
        seated[eye] = ball * [1 - 2 * side, 1, 1] + centres[side]
    margins = (margin, template.mirror[margin])
    lids = tuple(Seam(template, seated, [m], 9.0) for m in margins)
    return Rest(seated, centres, lips, lids)  # type: ignore[arg-type]
