"""How high each eye lies beside what the identity says, by the outline of its lids in a photo.

A fit gives one answer for all of a face, and its eyes end up to a millimetre above or below the photo's, by a person
and not by a habit: detector and network agree on that better than the head does with either, and on drawn heads of
another model they are right (lab/log/likeness.md). Of the lids' outlines only this is so: how long, open or slanted an
eye is, and where brows, lips, nostrils and jaw lie, the head tells better than the points. Each eye, with its eyeball,
is moved on its own, so that uneven eyes stay uneven.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.dense import agreed_points
from facegpt.fitting.embedded import densely_embedded
from facegpt.fitting.eye_opening import EYES, LIDS
from facegpt.fitting.landmark_fit import eye_visibility, eyes_shown
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.local_shapes import LOCAL_SHAPES, takes_local_shapes
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.types import DensePoints, Detection, FaceParams, Fit

Floats = NDArray[np.float64]

#: The local shapes, in the order of EYES.
SHAPES = ("left_eye_height", "right_eye_height")
RANGE_MM = LOCAL_SHAPES[SHAPES[0]].least, LOCAL_SHAPES[SHAPES[0]].most
#: How much higher the points lie than the heads in mean, mm, which is theirs or the heads' and moves nothing; and the
#: SD about it: 37 photos of the training half.
HABIT_MM, SPREAD_MM = -0.26, 0.6
#: Error of a height by the points over the network's SD of a lid point: by judgement, after a look at 32 drawn heads.
ERROR_OVER_SIGMA = 0.2
#: Less than this is left as it is, mm.
LEAST_MM = 0.05


def with_eye_heights(model: MorphableModel, seen: SeenFace, fit: Fit) -> Fit:
    """A fit whose eyes lie as high as the photo's; the fit itself where no network has looked."""
    if not takes_local_shapes(model) or not isinstance(seen.fitted_to, DensePoints):
        return fit
    found = eye_heights_mm(model, fit.params, seen.detection, seen.fitted_to)
    local = {name: float(mm) for name, mm in zip(SHAPES, found, strict=True) if abs(mm) >= LEAST_MM}
    return replace(fit, params=fit.params.replace(local={**fit.params.local, **local})) if local else fit


def eye_heights_mm(model: MorphableModel, params: FaceParams, detection: Detection, dense: DensePoints) -> Floats:
    """How much higher the left and the right eye of a photo lie than those drawn, mm, as far as it is believed: (2,).

    An eye that is hidden or turned away does as the other. params: in pixels of the photo of the points.
    """
    face, pose = densely_embedded(model), params.pose  # type: ignore[arg-type]
    theta = np.concatenate([params.identity, params.expression]).astype(np.float64)
    placed = pose.apply(face.lids(theta))
    px_per_mm = params.camera.focal_px / float(placed[:, 2].mean())
    seen_px = agreed_points(dense, detection, px_per_mm)[LIDS]
    rotation = np.asarray(pose.rotation, np.float64)
    up = rotation[:2, 1]
    missing = (seen_px - params.camera.project(placed)) @ up / (up @ up) / px_per_mm
    sigma = dense.sigma_px[LIDS] / px_per_mm
    higher, doubt = (np.array([of_lids[eye].mean() for eye in EYES]) for of_lids in (missing, sigma))
    shown = eyes_shown(seen_px, dense) * np.minimum(2 * eye_visibility(rotation), 1.0)
    own = (higher - HABIT_MM) * SPREAD_MM**2 / (SPREAD_MM**2 + (ERROR_OVER_SIGMA * doubt) ** 2)
    told = shown * own + ((1 - shown) * shown[::-1]) * own[::-1]
    return np.clip(told, *RANGE_MM)
