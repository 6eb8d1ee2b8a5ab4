"""Identity modes learnt from ICT-FaceKit's people: MakeHuman's controls fitted in closed form, plus what they miss.

The fit is linear in ICT's coefficients, so the covariance of its people carries over exactly, without sampling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl

from lab.runs.head.modes import Modes, rigid_motions
from lab.runs.head.register import Registration
from lab.runs.head.template import Template
from lab.runs.shared.sources import Array, IctHead
from lab.runs.shared.surface import edges_of, gradient

RIDGE, SCALE_RIDGE, RESIDUAL_MODES = 100.0, 30.0, 30


@dataclass(frozen=True)
class Learnt:
    """What ICT's identity modes are on our topology.

    Attributes:
        modes: (100, V, 3) mm per SD of ICT's coefficient, its rigid motion removed.
        weight: (V,) trust in each vertex: 1 face, less elsewhere, 0 hidden.
        face: (V,) bool, the face in the narrow sense, where errors are reported.
    """

    modes: Array
    weight: Array
    face: np.ndarray


def trust(registration: Registration, mirror: Array) -> tuple[Array, np.ndarray]:
    """Weight of each vertex in the fit, and the mask of the face."""
    mean, match = registration.mean, registration.match
    shown = registration.seen >= 5
    good = shown & (match.distance < 2.5) & ~registration.ear
    face = good & (mean[:, 2] > 25) & (np.abs(mean[:, 1]) < 85)
    weight = np.zeros(len(mean))
    weight[good] = 0.35
    weight[face] = 1.0
    weight[registration.ear & (match.distance < 12)] = 0.1
    weight[good & (mean[:, 1] < -95)] *= 0.3
    return 0.5 * (weight + weight[mirror]), face & face[mirror]


def ict_displacements(ict_fields: Array, ict: IctHead, registration: Registration) -> Array:
    """Carry ICT's displacement fields (K, W, 3) to our vertices: (K, V, 3) at the registered points."""
    surface_triangles = ict.triangles[np.isin(ict.part, [0, 1])]
    corners = surface_triangles[registration.match.triangle]
    return np.einsum("vc,kvci->kvi", registration.match.weights, ict_fields[:, corners].astype(np.float64))


def _residual_extension(registration: Registration, template: Template, weight: Array, face: np.ndarray):
    """Solver that spreads a field known on trusted vertices smoothly and lets it fade on skull, neck and ears."""
    mean, count = registration.mean, len(registration.mean)
    trusted = weight > 0.1
    share = np.where(trusted, 1.0, 0.0)
    rest = trusted & ~face
    share[rest] = np.clip(1 - np.maximum(20 - mean[rest, 2], 0) / 40, 0, 1) * np.clip((mean[rest, 1] + 110) / 30, 0, 1)
    skin = np.zeros(count, bool)
    skin[registration.skin] = True
    still = ((mean[:, 2] < -30) | (mean[:, 1] < -115) | registration.ear) & skin
    edges = edges_of(template.skin_quads)
    length = np.linalg.norm(mean[edges[:, 0]] - mean[edges[:, 1]], axis=1)
    stretch = gradient(edges, count, 1 / np.sqrt(np.maximum(length, 0.3)))
    plain = gradient(edges, count)
    laplacian = plain.T @ plain
    bend = laplacian @ sp.diags(1 / np.maximum(laplacian.diagonal(), 1)) @ laplacian
    system = sp.diags(share + still + 1e-6) + 0.15 * (stretch.T @ stretch) + 0.15 * bend
    solver = spl.splu(system.tocsc())
    return lambda field: solver.solve(share[:, None] * field)


def learn_identity(registration: Registration, modes: Modes, template: Template, ict: IctHead) -> Learnt:
    """Fit every ICT identity mode with MakeHuman's controls (ridge), then add the strongest residual modes."""
    mean = registration.mean
    weight, face = trust(registration, template.mirror)
    ids = np.flatnonzero(weight > 0)
    root = np.sqrt(weight[ids])[:, None]
    fields = registration.displacement(np.stack([*modes.regional.values(), *modes.uneven.values()]))
    rigid = rigid_motions(mean, mean[face].mean(0))
    basis = np.concatenate([fields, rigid])
    target = ict_displacements(ict.identity, ict, registration)
    design = (basis[:, ids] * root).reshape(len(basis), -1)
    ridge = np.r_[np.full(len(fields), RIDGE), np.full(6, 1e-4), SCALE_RIDGE]
    amount = np.linalg.solve(
        design @ design.T + np.diag(ridge), design @ (target[:, ids] * root).reshape(len(target), -1).T
    ).T
    pose = np.einsum("kr,rvi->kvi", amount[:, len(fields) : -1], rigid[:6])
    shape = np.einsum("km,mvi->kvi", amount, basis) - pose
    missing = target - pose - shape
    extend = _residual_extension(registration, template, weight, face)
    residual = np.stack([extend(field) for field in missing])
    flat = (residual[:, ids] * root).reshape(len(residual), -1)
    directions = np.linalg.svd(flat, full_matrices=False)[0][:, :RESIDUAL_MODES]
    total = shape + np.einsum("ka,la,lvi->kvi", directions, directions, residual)
    error = np.linalg.norm(
        np.einsum(
            "nk,kvi->nvi", np.random.default_rng(7).standard_normal((100, len(total))), (target - pose - total)[:, face]
        ),
        axis=2,
    )
    print(
        f"identity: {len(fields)} controls + {RESIDUAL_MODES} residual modes; ICT people's faces within "
        f"{np.median(error):.2f} mm (median), {np.percentile(error, 95):.2f} mm (95 %)"
    )
    return Learnt(total, weight, face)
