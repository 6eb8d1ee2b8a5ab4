"""Photos that show a person as a mirror does (some selfies): found by skin that fits the wrong way round.

Moles, pores and stubble of the two halves of a face differ. So the mirror image of a mirrored photo shares more places
of the skin with a true photo than the photo itself does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.parallax.skin import face_texels, skin_view
from facegpt.parallax.tracks import follow
from facegpt.runtime.side_by_side import in_order
from facegpt.types import FaceParams, Pose

#: A photo is taken for mirrored whose mirror image shares so many times more places, and so many at least.
TIMES_MORE, FEWEST_PLACES = 1.5, 150
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


def mirrored_rows(model: MakeHumanHead, photos: Sequence[tuple[NDArray[np.uint8], FaceParams]]) -> tuple[int, ...]:
    """Rows of the photos that show the person the other way round than most of the others; () where none does.

    photos: image (H, W, 3) uint8 sRGB and the head fitted to it; all are compared with the first. Of two photos that
    differ nobody can say which one is mirrored: the second one is named.
    """
    turned = [(np.ascontiguousarray(image[:, ::-1]), in_mirror(params)) for image, params in photos[1:]]
    views = [view for _, view in in_order(lambda one: skin_view(model, one[1], one[0]), [*photos, *turned])]
    shared = follow(face_texels(model), views, 0).seen.sum(0)
    plain, other = shared[1 : len(photos)], shared[len(photos) :]
    odd = [j + 1 for j in np.flatnonzero((other >= FEWEST_PLACES) & (other > TIMES_MORE * plain))]
    if 2 * len(odd) <= len(photos):
        return tuple(int(j) for j in odd)
    return (0, *(j for j in range(1, len(photos)) if j not in odd))
