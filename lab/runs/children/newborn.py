"""How a newborn's head differs, anew: `python -m lab.runs.children.newborn`, a few seconds, after build.py.

Solved for its measures alone from MakeHuman's baby, the youngest head is crumpled: 18 squared SDs beyond the next one,
a mouth drawn down, a chin in the neck. A newborn is here what a child of one year is, made smaller as a whole, and then
led towards the measures of measures.csv as gently as GENTLE says.
"""

from __future__ import annotations

import numpy as np

from facegpt import assets
from facegpt.morphable.makehuman.attributes import ADULT_YEARS, MIDDLE_YEARS, YEARS_PER_SD, child_share
from facegpt.morphable.makehuman.head import CHILDREN_ASSET, MakeHumanHead, load
from facegpt.morphable.measure import MEASURES
from lab.runs.children.build import CLOSE, DIFFERENCE, STEPS, measured, measures_of
from lab.runs.shared.sources import Array

#: Squared mm that one SD of identity may cost where the head is made smaller; by which share; and how much a measure
#: that is off counts beside one SD of identity (build.STRICT for the other ages),
#: and the size of the head as a whole beside others.
SMALLER_RIDGE, SMALLER, GENTLE, SIZE = 0.3, 0.22, 0.3, 10.0


def smaller(model: MakeHumanHead, identity: Array) -> Array:
    """The step of identity (I,) that makes a whole head smaller by its full size, as nearly as the basis can."""
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    basis = model.identity_basis[:, skin].astype(float)
    field = model.mean_vertices[skin] + np.tensordot(identity, basis, 1)
    basis, field = basis - basis.mean(1, keepdims=True), field - field.mean(0)
    inner = np.einsum("ivk,jvk->ij", basis, basis) / len(skin)
    along = np.einsum("ivk,vk->i", basis, field) / len(skin)
    return -np.linalg.solve(inner + SMALLER_RIDGE * np.eye(len(inner)), along)


def newborn(model: MakeHumanHead, gentle: float = GENTLE) -> Array:
    """What the age of 0 changes beside the axes (I,)."""
    axes, measures, means = model.axes, measures_of(model), measured()[0.0]
    assert axes.grown is not None
    free = np.eye(len(axes.male)) - np.linalg.pinv(axes.unread) @ axes.unread
    grown = (ADULT_YEARS - MIDDLE_YEARS) / YEARS_PER_SD * axes.age
    one, none = (grown + child_share(years) * axes.child for years in (1.0, 0.0))
    start = free @ (one + axes.grown[1] + SMALLER * smaller(model, one + axes.grown[1]) - none)
    means = {name: told for name, told in means.items() if told[1] == 1.0}  # what was published
    rows = [MEASURES.index(name) for name in means]
    target, trust = np.array(list(means.values())).T
    trust = np.where([name == "head_circumference" for name in means], SIZE, trust)
    spread = measures(axes.sample(np.random.default_rng(7), 400)).std(0)[rows]
    weight = trust * gentle / np.minimum(spread, CLOSE * target) ** 2
    now = start
    for _ in range(STEPS):
        near = np.concatenate([np.zeros((1, len(now))), DIFFERENCE * np.eye(len(now))])
        values = measures(none + now + near)[:, rows]
        slopes = ((values[1:] - values[0]) / DIFFERENCE).T @ free
        right = slopes.T @ (weight * (target - values[0])) + start - now
        now = free @ (now + np.linalg.solve((slopes.T * weight) @ slopes + np.eye(len(now)), right))
    off = measures((none + now)[None])[0, rows] / target - 1
    print(f"newborn: off by {np.abs(off).mean():.1%}, at most {np.abs(off).max():.1%}")
    return np.asarray(now)


def main() -> None:
    """Put the newborn into the asset of children, and list its checksum."""
    model = load()
    assert model.axes.grown is not None
    grown = np.concatenate([newborn(model)[None], model.axes.grown[1:]])
    np.savez(assets.FOLDER / CHILDREN_ASSET, grown=np.round(grown, 5).astype(np.float32))
    print(f"{CHILDREN_ASSET}: sha256 {assets.register(CHILDREN_ASSET)}")


if __name__ == "__main__":
    main()
