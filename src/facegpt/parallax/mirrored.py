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
from facegpt.parallax.skin import SkinView, face_texels, skin_view
from facegpt.parallax.tracks import Tracks, follow, followed_count
from facegpt.runtime.side_by_side import in_order
from facegpt.types import FaceParams, Pose

#: A photo is taken for mirrored whose mirror image shares so many times more places, and so many at least.
TIMES_MORE, FEWEST_PLACES = 1.5, 150
#: A photo that shares so much of the followed places as it is, is not mirrored: of mirrored ones chance likeness leaves
#: half of that.
SURE = 0.3
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
    model: MakeHumanHead, photos: Sequence[tuple[NDArray[np.uint8], FaceParams]], plain: Tracks | None = None
) -> tuple[int, ...]:
    """Rows of the photos that show the person the other way round than most of the others; () where none does.

    photos: image (H, W, 3) uint8 sRGB and the head fitted to it; all are compared with the first. Of two photos that
    differ nobody can say which one is mirrored: the second one is named. plain: the photos as they are, followed from
    the first, if that is known. A photo that shares much of the skin as it is need not be looked at in a mirror.
    """
    reference = skin_view(model, photos[0][1], photos[0][0])
    if plain is None:
        plain = follow(face_texels(model), [reference, *_views(model, photos[1:])], 0)
    shared = plain.seen.sum(0)
    asked = [j for j in range(1, len(photos)) if shared[j] < SURE * followed_count(reference)]
    if not asked:
        return ()
    turned = [(np.ascontiguousarray(photos[j][0][:, ::-1]), in_mirror(photos[j][1])) for j in asked]
    other = follow(face_texels(model), [reference, *_views(model, turned)], 0).seen.sum(0)[1:]
    odd = [j for j, count in zip(asked, other, strict=True) if count >= max(FEWEST_PLACES, TIMES_MORE * shared[j])]
    if 2 * len(odd) <= len(photos):
        return tuple(odd)
    return (0, *(j for j in range(1, len(photos)) if j not in odd))


def _views(model: MakeHumanHead, photos: Sequence[tuple[NDArray[np.uint8], FaceParams]]) -> list[SkinView]:
    return [view for _, view in in_order(lambda one: skin_view(model, one[1], one[0]), photos)]
