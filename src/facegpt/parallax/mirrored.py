"""Photos that show a person as a mirror does (some selfies): found by skin that fits the wrong way round.

The two halves of a face differ: brows, folds, moles, stubble. So the skin of a true photo is more like that of another
true photo than like its mirror image, even where it is too blurred, or the face moves too much, to be matched place by
place. Each two photos are compared as they are and one of them in a mirror, by a flow too stiff to make unlike skins
alike; all comparisons together say which photos stand the other way round. What expressions move counts little: a
one-sided mouth is no side of the face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.parallax.comparison import turn_between_deg
from facegpt.parallax.flow import flow_between, halved
from facegpt.parallax.flow_kernels import sampled
from facegpt.parallax.skin import SkinView, face_texels, skin_view
from facegpt.runtime.side_by_side import in_order
from facegpt.types import FaceParams, Pose

Floats = NDArray[np.float64]
#: Pattern (h, w) and weight (h, w) 0..1 of a photo's skin, as `SkinView` has them.
Skin = tuple[NDArray[np.float32], NDArray[np.float32]]

#: Stiffness of the flow between skins that are compared, on half of the atlas' size.
STIFFNESS = 0.1
#: Photos that all others are compared with, at most.
COMPARED_WITH = 5
#: How much more like another photo, in a mirror than as it is, a mirrored photo is (on average over several: less, by
#: the root of their number), and for what share of them at least.
LEAST_MORE, MOST_AGREE = 0.06, 0.6
#: Skin that all units together (root of their squares) move by so many mm at full weight counts half.
MOBILE_MM = 5.0
#: Skins of heads that are turned alike are more alike whatever they show, by so much a degree.
ALIKE_A_DEGREE = 0.0015
#: Share of the skin that two photos must both show to be compared.
LEAST_SHOWN = 0.15
#: From one photo's frame to that of its mirror image.
_ACROSS = np.diag([-1.0, 1.0, 1.0])


def in_mirror(params: FaceParams) -> FaceParams:
    """The head of a photo as the photo's mirror image has it; the shape stays, whose two halves hardly differ."""
    swap = [ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES]
    turn = _ACROSS @ np.asarray(params.pose.rotation, np.float64) @ _ACROSS
    place = _ACROSS @ np.asarray(params.pose.translation, np.float64)
    across, down = params.camera.principal_px
    camera = replace(params.camera, principal_px=(params.camera.width - 1 - across, down))
    joints = np.asarray(params.joints) * np.array([1.0, -1.0, -1.0], np.float32)
    return params.replace(
        pose=Pose(turn, place), camera=camera, expression=np.asarray(params.expression)[swap], joints=joints
    )


def mirrored_rows(
    model: MakeHumanHead, photos: Sequence[tuple[NDArray[np.uint8], FaceParams]], first: Sequence[int] = ()
) -> tuple[int, ...]:
    """Rows of the photos that show the person the other way round than most of the others; () where none does.

    photos: image (H, W, 3) uint8 sRGB and the head fitted to it. Of two photos that differ nobody can say which one is
    mirrored: the second one is named. first: rows that the others are best compared with.
    """
    if len(photos) < 2:
        return ()
    return odd_rows(truer(model, photos, first))


def truer(
    model: MakeHumanHead, photos: Sequence[tuple[NDArray[np.uint8], FaceParams]], first: Sequence[int] = ()
) -> Floats:
    """How much more alike (J, J) each two photos are as they are than with one of them in a mirror; nan unknown."""
    order = [*first, *(k for k in range(len(photos)) if k not in first)]
    pairs = [(a, b) for a, b in combinations(order, 2) if a in order[:COMPARED_WITH]]
    turned = [(np.ascontiguousarray(image[:, ::-1]), in_mirror(params)) for image, params in photos]
    plain, other, rigid = _skins(model, photos), _skins(model, turned), _rigid(model)

    def compared(pair: tuple[int, int]) -> float:
        a, b = pair
        straight, across = (turn_between_deg(photos[a][1], side[b][1]) for side in (photos, turned))
        more = likeness(plain[a], plain[b], rigid) - likeness(plain[a], other[b], rigid)
        return more + ALIKE_A_DEGREE * (straight - across)

    out = np.full((len(photos),) * 2, np.nan)
    for (a, b), more in in_order(compared, pairs):
        out[a, b] = out[b, a] = more
    return out


def odd_rows(more: Floats) -> tuple[int, ...]:
    """The photos that stand the other way round, by `truer` of each two photos (J, J).

    They are those that the comparisons fit best, a photo being true unless they say more for the other side; and of
    these the ones that are surely unlike the rest.
    """
    odd = np.flatnonzero(_turned(np.nan_to_num(more)))
    rest = np.setdiff1d(np.arange(len(more)), odd)
    sure = []
    for row in odd:
        told = more[row, rest][np.isfinite(more[row, rest])]
        if len(told) and told.mean() < -LEAST_MORE / np.sqrt(len(told)) and (told < 0).mean() >= MOST_AGREE:
            sure.append(int(row))
    return tuple(sure)


def _turned(more: Floats) -> NDArray[np.bool_]:
    """Which photos (J,) to take for mirrored: the best of what each photo alone says, bettered one by one.

    Gained is what the comparisons across say for unlike sides; each photo costs as much as one sure comparison, the
    first a little more, since of two nobody can say which one is mirrored.
    """
    cost = 2 * LEAST_MORE * (1 + 1e-3 * (np.arange(len(more)) == 0))

    def gain(turned: NDArray[np.bool_]) -> float:
        return float(-2 * more[turned][:, ~turned].sum() - cost[turned].sum())

    best = np.zeros(len(more), bool)
    for start in (best, *(more < 0)):
        turned = start
        while True:
            tried = [turned ^ (np.arange(len(more)) == k) for k in range(len(more))]
            better = max([turned, *tried], key=gain)
            if gain(better) <= gain(turned) + 1e-9:
                break
            turned = better
        best = max(best, turned, key=gain)
    return best


def likeness(one: Skin, other: Skin, counts: NDArray[np.float32]) -> float:
    """Mean correlation -1..1 of two skins once one is moved onto the other; nan without overlap.

    counts: (h, w) how much each texel counts.
    """
    (pattern, shown), (beside, there) = one, other
    flow = flow_between(pattern, shown, beside, there, STIFFNESS)
    weight = shown * sampled(there, flow.shift)
    if weight.sum() < LEAST_SHOWN * max(shown.sum(), 1e-9):
        return float("nan")
    weight = weight * counts
    return float((weight * flow.likeness).sum() / max(float(weight.sum()), 1e-9))


@lru_cache(maxsize=2)
def _rigid(model: MakeHumanHead) -> NDArray[np.float32]:
    """How much each texel (h, w), at half of the atlas' size, counts: the less, the further expressions move it."""
    face = face_texels(model)
    moved = np.sqrt((np.asarray(model.expression_basis, np.float32) ** 2).sum((0, 2)))
    mobile, _ = halved(face.interpolate(moved[:, None])[..., 0], face.skin.astype(np.float32))
    return np.asarray(1 / (1 + (mobile / MOBILE_MM) ** 2), np.float32)


def _skins(model: MakeHumanHead, photos: Sequence[tuple[NDArray[np.uint8], FaceParams]]) -> list[Skin]:
    """Pattern and weight of each photo's skin, at half of the atlas' size."""

    def skin(photo: tuple[NDArray[np.uint8], FaceParams]) -> SkinView:
        return skin_view(model, photo[1], photo[0])

    return [halved(view.pattern, view.weight) for _, view in in_order(skin, photos)]
