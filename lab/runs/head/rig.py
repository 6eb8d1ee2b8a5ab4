"""Joints of the head: where they sit, how identity moves them, and which vertices they carry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.runs.head.prior import Prior
from lab.runs.head.template import Template
from lab.runs.shared.sources import Array

TRAGION_RIGHT = 5446
JOINT_NAMES, JOINT_PARENTS = ("neck", "head", "left_eye", "right_eye"), (-1, 0, 1, 1)
#: The head nods about the joint of skull and spine: this far below and behind the middle of the tragia.
HEAD_JOINT_MM = (0.0, -14.0, -8.0)
#: The neck bends about a point this far above and in front of the middle of its lower edge.
NECK_JOINT_MM = (0.0, 18.0, -12.0)
#: Heights (mm below the tragia) between which the skin passes from the neck to the head.
NECK_HEIGHTS_MM = (-140.0, -62.0)


@dataclass(frozen=True)
class Rig:
    """Joint centres in the head frame, their motion with identity, skin weights, and the head frame's origin."""

    origin: Array
    centres: Array
    basis: Array
    weights: Array

    def arrays(self) -> dict[str, np.ndarray]:
        """Arrays of the asset."""
        return {
            "joint_names": np.array(JOINT_NAMES),
            "joint_parents": np.array(JOINT_PARENTS, np.int8),
            "joint_centres": np.round(self.centres, 4).astype(np.float32),
            "joint_basis": np.round(self.basis, 5).astype(np.float32),
            "skin_weights": np.round(self.weights, 5).astype(np.float32),
        }


def build_rig(prior: Prior, template: Template, place: dict[int, int]) -> Rig:
    """Place the joints on the prior's mean; `origin` is midway between its tragia, in the frame of `prior.mean`."""
    right = place[TRAGION_RIGHT]
    tragia = [int(template.mirror[right]), right]
    origin = prior.mean[tragia].mean(0)
    mean = prior.mean - origin
    anchors = [template.neck_loop, np.array(tragia), *(np.arange(e.start, e.stop) for e in template.eye)]
    offsets = [NECK_JOINT_MM, HEAD_JOINT_MM]
    centres = [mean[a].mean(0) + o for a, o in zip(anchors, offsets, strict=False)]
    ring = template.grid[template.eye[0]][:, 1]
    full = np.arange(len(ring))[1:]
    for eye in template.eye:
        # The ball is open behind: its centre is one radius behind the pupil, not the mean of its vertices.
        pupil, others = mean[eye.start], mean[eye][full]
        radius = np.linalg.norm(others - pupil, axis=1) / (2 * np.sin(ring[1:] / 2))
        centres.append(pupil - [0, 0, radius.mean()])
    basis = np.stack([prior.basis[:, a].mean(1) for a in anchors], 1)
    basis[:, 2:] = np.stack([prior.basis[:, e.start] for e in template.eye], 1)
    low, high = NECK_HEIGHTS_MM
    share = np.clip((mean[:, 1] - low) / (high - low), 0, 1)
    share = share * share * (3 - 2 * share)
    share[np.unique(template.triangles[template.part > 0])] = 1
    weights = np.stack([1 - share, share, 0 * share, 0 * share], 1)
    for k, eye in enumerate(template.eye):
        weights[eye] = np.eye(4)[2 + k]
    return Rig(origin, np.stack(centres), basis, np.round(weights, 4))
