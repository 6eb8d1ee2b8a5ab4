"""Folds in motion: what an expression's share is, and whether a head tears, flips or grows spikes as it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.detail.network import detail_network
from facegpt.detail.relief import Detail, split
from facegpt.detail.skin_window import skin_geometry, skin_window
from facegpt.morphable.base import head_vertices
from facegpt.types import Array
from facegpt_lab.evaluate.registry import Row, figure
from facegpt_lab.evaluate.shared_networks import head
from facegpt_lab.evaluate.skin_relief.parted_folds import over_all, products, sitters
from facegpt_lab.evaluate.skin_relief.sculptures import SEED, studio

#: A relief as steep as this turns a normal by more than 75°: a spike.
LEAST_COSINE = 0.26
#: Age by which a sculpted relief is parted, and depth of the folds that no photo showed.
SWEPT_AGE, SWEPT_INVENTED = 55.0, 0.7


def parted(seed: int) -> Array | None:
    """What parts folds of person number `seed`, of another sculptor (parted_folds.py); None if the photo bears none."""
    people = sitters([seed])
    return products(people[0], split) if people else None


def parted_rows(told: Sequence[Array | None]) -> list[Row]:
    """How well what stays at rest is told from one photo of an expression."""
    found = over_all([one for one in told if one is not None])
    said = "folds of an expression"
    return [
        figure(f"{said}: squared error of what it made, over that of leaving all at rest", found.made, "ratio",
               at_most=1.0),
        figure(f"{said}: correlation of what it made with the truth", found.correlation, ""),
        figure(f"{said}: share that is left at rest", 100 * found.left, "%"),
        figure(f"{said}: share of lasting folds that is kept", 100 * found.kept, "%"),
        figure(f"{said}: squared error of the change to another expression, over changing nothing", found.other,
               "ratio", at_most=1.0),
    ]  # fmt: skip


@dataclass(frozen=True)
class Swept:
    """The steepest place (cosine of the turn of its normal) and the largest displacement over all units of a person."""

    cosine: float
    deepest_mm: float


def swept(person: int) -> Swept:
    """Move all units of a person with deep sculpted folds."""
    model, window = head(), skin_window(head())
    mask, steepest, deepest = detail_network().mask.numpy(), 1.0, 0.0
    rng = np.random.default_rng([SEED, person])
    params = studio().person(rng).replace(joints=np.zeros((model.sizes.joints, 3), np.float32))
    static, dynamic = split(studio().relief(rng) * mask, params.expression, SWEPT_AGE)
    detail = Detail(static, dynamic, params.expression, SWEPT_INVENTED)
    judged = (mask > 0) & (window.triangle >= 0)
    for weights in np.eye(len(ARKIT_NAMES), dtype=np.float32):
        geometry = skin_geometry(window, head_vertices(model, params.replace(expression=weights)))
        displacement = detail.displacement(weights)
        cosine = (geometry.displaced_normal(displacement) * geometry.normal).sum(-1)[judged]
        steepest, deepest = min(steepest, float(cosine.min())), max(deepest, float(np.abs(displacement).max()))
    return Swept(steepest, deepest)


def swept_rows(told: Sequence[Swept]) -> list[Row]:
    """The worst over all people."""
    said = f"52 units × {len(told)} people"
    return [
        figure(f"{said}: steepest relief, cosine to the coarse normal", min(one.cosine for one in told), "",
               at_least=LEAST_COSINE),
        figure(f"{said}: largest displacement", max(one.deepest_mm for one in told), "mm", at_most=4.0),
    ]  # fmt: skip
