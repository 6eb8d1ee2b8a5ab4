"""How far the outline of a turned head's nose lies beside the photo's: seen from the side, its shape is a guess.

Points and shading say little of how far a nose stands out there, and outlines as residuals of the fit did not mend it
(lab/LOG.md); but the edge of the face against what is behind tells where the head's nose is not the photo's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.parallax.outlines import outline
from facegpt.types import DensePoints, FaceParams

#: Skin up to this far from the tip of the nose is its outline, mm; fewest points of it that tell.
REACH_MM, FEWEST = 40.0, 10
NOSE_TIP = 30


def nose_off_mm(
    model: MakeHumanHead, params: FaceParams, image: NDArray[np.uint8], dense: DensePoints | None
) -> float | None:
    """How far a head's outline about the nose lies beside the edge in its photo, mm, median; None if none is seen.

    Args:
        model: the head.
        params: its fit, in pixels of the photo.
        image: (H, W, 3) uint8 sRGB.
        dense: what is seen of the face: edges count where skin lies on one side of them and background on the other.
    """
    seen = outline(model, params, image, dense)
    vertices = head_vertices(model, params)
    places = np.einsum("kcx,kc->kx", vertices[seen.pairs], seen.weights)
    tip = model.embedding("ibug68")(vertices)[NOSE_TIP]
    near = np.linalg.norm(places - tip, axis=1) < REACH_MM
    if near.sum() < FEWEST:
        return None
    in_camera = params.pose.apply(places[near])
    off_px = (params.camera.project(in_camera) * seen.normal[near]).sum(1) - seen.edge[near]
    return float(np.median(np.abs(off_px * in_camera[:, 2] / params.camera.focal_px)))
