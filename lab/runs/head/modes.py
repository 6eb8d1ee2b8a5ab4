"""MakeHuman's shape targets as modes of the head: regional controls, and macros for sex, age, weight and ancestry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab.runs.head.template import Template
from lab.runs.shared.sources import Array, data_folder, read_target

ANCESTRIES, SEXES, AGES = ("african", "asian", "caucasian"), ("female", "male"), ("child", "young", "old")
REGIONS = ("head", "forehead", "eyes", "eyebrows", "nose", "mouth", "ears", "chin", "cheek", "neck")
OPPOSITES = (("decr", "incr"), ("down", "up"), ("in", "out"), ("backward", "forward"))
OPPOSITES += (("concave", "convex"), ("compress", "uncompress"))
#: Targets that only move the head as a whole.
RIGID = ("head-trans", "head-angle", "measure-neck-height")


@dataclass(frozen=True)
class Modes:
    """Displacements of the head's vertices.

    Attributes:
        average: (V, 3) source mm; halfway between MakeHuman's young woman and man of mixed ancestry.
        regional: name → (V, 3), symmetric, half of the way from one extreme to the other.
        uneven: name → (V, 3), the antisymmetric part: left minus right, or a shift to the side.
        macro: name → (V, 3), from the average: "male" (half the difference of the sexes), "old", "child", "heavy",
            "thin", "african", "asian", "caucasian".
    """

    average: Array
    regional: dict[str, Array]
    uneven: dict[str, Array]
    macro: dict[str, Array]


class _Reader:
    """Reads targets onto the head's vertices."""

    def __init__(self, wheel: Path, template: Template) -> None:
        self.folder = data_folder(wheel) / "mpfb2" / "targets"
        self.blend = template.blend

    def __call__(self, name: str) -> Array:
        return self.blend @ read_target(self.folder / f"{name}.target.gz")

    def names(self, region: str) -> list[str]:
        """Targets of a region's folder, sorted."""
        return sorted(p.name.removesuffix(".target.gz") for p in (self.folder / region).glob("*.target.gz"))


def _macros(read: _Reader, base: Array) -> tuple[Array, dict[str, Array]]:
    """The average head and the macro displacements around it."""

    def kind(ancestry: str, sex: str, age: str) -> Array:
        return read(f"macrodetails/{ancestry}-{sex}-{age}")

    def body(sex: str, age: str, weight: str = "averageweight") -> Array:
        return read(f"macrodetails/universal-{sex}-{age}-averagemuscle-{weight}")

    full = {(s, a): sum(kind(r, s, a) for r in ANCESTRIES) / 3 + body(s, a) for s in SEXES for a in AGES}

    def both(field: Callable[[str], Array]) -> Array:
        return 0.5 * (field("female") + field("male"))

    macro = {"male": 0.5 * (full["male", "young"] - full["female", "young"])}
    macro["old"] = both(lambda s: full[s, "old"] - full[s, "young"])
    macro["child"] = both(lambda s: full[s, "child"] - full[s, "young"])
    macro["heavy"] = both(lambda s: body(s, "young", "maxweight") - body(s, "young"))
    macro["thin"] = both(lambda s: body(s, "young", "minweight") - body(s, "young"))
    for r in ANCESTRIES:
        macro[r] = both(lambda s, r=r: kind(r, s, "young") - sum(kind(q, s, "young") for q in ANCESTRIES) / 3)
    return base + both(lambda s: full[s, "young"]), macro


def _paired(names: list[str]) -> list[tuple[str, str, float]]:
    """List (control, target, factor): a pair of opposites is one control, as in MakeHuman ("nose-trans-down-up")."""
    found = []
    for name in names:
        for low, high in OPPOSITES:
            stem = name.removesuffix(f"-{low}").removesuffix(f"-{high}")
            if stem != name and f"{stem}-{low}" in names and f"{stem}-{high}" in names:
                found.append((f"{stem}-{low}-{high}", name, 0.5 if name.endswith(high) else -0.5))
                break
        else:
            found.append((name, name, 1.0))
    return found


def _regional(read: _Reader, region: str) -> tuple[dict[str, Array], dict[str, Array]]:
    """Fields of a region's controls: both sides together, and left minus right (or a shift sideways)."""
    both: dict[str, Array] = {}
    apart: dict[str, Array] = {}
    for control, target, factor in _paired(read.names(region)):
        plain = control.removeprefix("l-").removeprefix("r-")
        if plain.startswith(RIGID):
            continue
        field = factor * read(f"{region}/{target}")
        both[plain] = both.get(plain, 0) + field
        apart[plain] = apart.get(plain, 0) + (-field if control.startswith("r-") else field)
    return both, apart


def rigid_motions(vertices: Array, centre: Array) -> Array:
    """Three shifts, three turns (per 0.01 rad) and one scaling (per 1 %) about a centre: (7, V, 3)."""
    arm = vertices - centre
    shifts = np.broadcast_to(np.eye(3)[:, None], (3, len(vertices), 3))
    turns = np.stack([np.cross(axis, arm) / 100 for axis in np.eye(3)])
    return np.concatenate([shifts, turns, arm[None] / 100])


def without_rigid(fields: Array, vertices: Array, reference: Array, scale: bool = False) -> Array:
    """Remove from each field (K, V, 3) the rigid motion (and scale) that it has on the reference vertices."""
    rigid = rigid_motions(vertices, vertices[reference].mean(0))[: 7 if scale else 6]
    part = rigid[:, reference].reshape(len(rigid), -1)
    amount = np.linalg.lstsq(part.T, fields[:, reference].reshape(len(fields), -1).T, rcond=None)[0]
    return fields - np.einsum("rk,rvi->kvi", amount, rigid)


def read_modes(wheel: Path, template: Template, base: Array) -> Modes:
    """Read every shape target onto the head; `base` (V, 3) is the head of MakeHuman's base mesh, in source mm."""
    read = _Reader(wheel, template)
    average, macro = _macros(read, base)
    regional: dict[str, Array] = {}
    apart: dict[str, Array] = {}
    for region in REGIONS:
        both, halves = _regional(read, region)
        regional.update(both)
        apart.update(halves)
    mirror = template.mirror
    skin = np.unique(template.triangles[template.part == 0])
    above = skin[average[skin, 1] > average[skin, 1].max() - 232]

    def clean(fields: dict[str, Array], sign: float) -> dict[str, Array]:
        """Symmetric (sign 1) or antisymmetric (-1) part of each field without rigid motion; tiny ones are dropped."""
        halves = {n: 0.5 * (f + sign * f[mirror] * [-1, 1, 1]) for n, f in fields.items()}
        free = {n: without_rigid(f[None], average, above)[0] for n, f in halves.items()}
        return {n: f for n, f in free.items() if np.linalg.norm(f[skin], axis=1).max() > 0.8}

    average = 0.5 * (average + average[mirror] * [-1, 1, 1])
    return Modes(average, clean(regional, 1), clean(apart, -1), clean(macro, 1))
