"""A start for the network's reading of the person: identity and expression from points alone, learnt without pictures.

Points of made-up people in made-up poses cost a thousandth of a render, so what geometry says of a person is learnt
from a million of them before the first crop. Pictures then teach what points do not show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facegpt.assets import load_arrays
from facegpt.conventions import rotation_from_euler_deg
from facegpt.encode.landmark_network import CROP, DenseLandmarkNetwork
from facegpt.morphable.makehuman.head import DENSE_ASSET, MakeHumanHead
from facegpt.runtime.progress import Progress
from facegpt.types import Array
from facegpt_lab.train.landmarks.losses import SurfaceMetrics, squared_mm

#: SD of pitch and of what is left of roll, degrees; range of the camera's distance, mm.
PITCH_DEG, ROLL_DEG, DISTANCE_MM = 12.0, 6.0, (300.0, 3000.0)
#: Errors of points, mm: smooth ones, of each point, of groups that hair hides, of points that look away.
SMOOTH_MM, NOISE_MM, HIDDEN_MM, AWAY_MM = 0.6, 0.3, 2.0, 1.2
HIDDEN_GROUPS = ("ear", "scalp", "neck")


@dataclass(frozen=True)
class PointPeople:
    """Draws people as points.

    Attributes:
        mean: (P, 3). basis: (I + E, P * 3) mm, identity first. identity: I. normals: (P, 3) of the mean head.
        patterns: (P, K) smooth functions on the head. sigma_mm: (P,) smooth errors are as large as this.
        expressions: (N, E), yaw_deg: (N,) to draw from.
    """

    mean: Array
    basis: Array
    identity: int
    normals: Array
    patterns: Array
    sigma_mm: Array
    expressions: Array
    yaw_deg: Array

    @classmethod
    def of(cls, model: MakeHumanHead, expressions: Array, yaw_deg: Array) -> PointPeople:
        """Prepare a head model; expressions and yaws are those of training crops."""
        dense = model.embedding("dense")
        both = np.concatenate([model.identity_basis, model.expression_basis])
        mean = dense(model.mean_vertices).astype(np.float32)
        arrays = load_arrays(DENSE_ASSET)
        hidden = np.isin(arrays["group_names"][arrays["group"]], HIDDEN_GROUPS)
        centred = (mean - mean.mean(0)) / np.abs(mean - mean.mean(0)).max(0)
        waves = [wave(np.pi * k * axis) for axis in centred.T for k in (0.5, 1, 2) for wave in (np.sin, np.cos)]
        patterns = np.stack([*centred.T, *waves], 1)
        return cls(
            mean=mean,
            basis=dense(both).reshape(len(both), -1).astype(np.float32),
            identity=len(model.identity_basis),
            normals=(centred / np.linalg.norm(centred, axis=1, keepdims=True)).astype(np.float32),
            patterns=(patterns / np.sqrt(patterns.shape[1])).astype(np.float32),
            sigma_mm=np.where(hidden, HIDDEN_MM, SMOOTH_MM).astype(np.float32),
            expressions=np.asarray(expressions, np.float32),
            yaw_deg=np.asarray(yaw_deg),
        )

    def draw(self, rng: np.random.Generator, count: int) -> tuple[Array, Array, Array]:
        """Draw points (B, P, 2) in crop units about their middle, identity (B, I) and expression (B, E)."""
        identity = rng.standard_normal((count, self.identity), dtype=np.float32)
        row = rng.integers(0, len(self.expressions), count)
        expression = self.expressions[row]
        weights = np.concatenate([identity, expression], 1)
        points = (weights @ self.basis).reshape(count, -1, 3) + self.mean
        yaw = self.yaw_deg[row] * rng.choice((-1, 1), count)
        turn = np.stack(
            [
                rotation_from_euler_deg(float(y), float(p), float(r)).astype(np.float32)
                for y, p, r in zip(yaw, rng.normal(0, PITCH_DEG, count), rng.normal(0, ROLL_DEG, count), strict=True)
            ]
        )
        seen = points @ turn.transpose(0, 2, 1)
        nearest, farthest = np.log(DISTANCE_MM)
        distance = np.exp(rng.uniform(nearest, farthest, (count, 1))).astype(np.float32)
        depth = seen[..., 2]
        flat = seen[..., :2] * (distance / (distance + depth - depth.mean(1, keepdims=True)))[..., None]
        flat = flat + self._errors(rng, turn)
        box = np.ptp(flat[:, :468], axis=1).max(1)
        side = 1.4 * box * np.exp(rng.normal(0, 0.06, count)) * CROP / 144
        return flat * (2 / side)[:, None, None].astype(np.float32), identity, expression

    def _errors(self, rng: np.random.Generator, turn: Array) -> Array:
        """Draw errors in mm: of all points together and of each, larger where the head looks away."""
        count, size = len(turn), np.exp(rng.normal(0, 0.5, (len(turn), 1, 1)))
        weights = rng.standard_normal((count * 2, self.patterns.shape[1]), dtype=np.float32)
        mixed = (weights @ (self.patterns * self.sigma_mm[:, None]).T).reshape(count, 2, -1).transpose(0, 2, 1)
        away = turn[:, 2] @ self.normals.T > 0  # the camera looks along +z
        own = np.where(away, np.float32(AWAY_MM), np.float32(NOISE_MM))[..., None]
        return size.astype(np.float32) * (mixed + own * rng.standard_normal(mixed.shape, dtype=np.float32))


def lift_batches(people: PointPeople, steps: int, batch: int, seed: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield batches of points, identity and expression."""
    rng = np.random.default_rng([seed, 0, 4])
    for _ in range(steps):
        points, identity, expression = people.draw(rng, batch)
        yield torch.from_numpy(points), torch.from_numpy(identity), torch.from_numpy(expression)


def learn_lifting(
    network: DenseLandmarkNetwork, people: PointPeople, metrics: SurfaceMetrics, steps: int, seed: int, batch: int = 256
) -> float:
    """Teach the network's heads of identity and expression what points say; give the last mean squared error, mm².

    Only the columns of the first layer that read points are learnt; those of local features keep their start.
    """
    first, (identity, expression) = network.person_first, (network.identity, network.expression)
    rest = network.person_rest
    columns = torch.arange(network.sizes.points)[:, None] * (2 + network.sizes.summary) + torch.arange(2)
    weight = first.weight.detach()[:, columns.flatten()].clone().requires_grad_()
    learnt = [weight, first.bias, *rest.parameters(), *identity.parameters(), *expression.parameters()]
    optimizer = torch.optim.Adam(learnt, lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, 1e-5)
    error = 0.0
    with Progress("steps on points alone", steps) as show:
        for k, (points, z, e) in enumerate(lift_batches(people, steps, batch, seed)):
            middle = points.mean(1, keepdim=True)
            person = rest(functional.linear(((points - middle) * 3.0).flatten(1), weight, first.bias))
            found, log_sd = identity(person).chunk(2, 1)
            off = squared_mm(found, z, metrics.identity).mean()
            shapes = squared_mm(expression(person), e, metrics.expression).mean()
            spread = (log_sd + 0.5 * (found.detach() - z).square() * torch.exp(-2 * log_sd.clamp(-4, 1))).mean()
            optimizer.zero_grad()
            (off + 0.5 * shapes + 0.1 * spread).backward()
            optimizer.step()
            schedule.step()
            error = float(off.detach()) if k == 0 else 0.95 * error + 0.05 * float(off.detach())
            show(k + 1)
    with torch.no_grad():
        first.weight[:, columns.flatten()] = weight
    return error
