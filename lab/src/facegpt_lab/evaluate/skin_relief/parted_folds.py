"""Folds that rest and folds that an expression made, parted from one photo: people of another sculptor.

The network of the relief is timid (one factor a photo, by least squares) and takes marks for relief that stay, whatever
the face does. So the truth is: the expression made that factor times what it added to the sculpture, the rest stays.
Judged is where the expression presses and the photo shows skin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.detail.network import detail_network
from facegpt.detail.relief import Detail, fold_fields
from facegpt.detail.skin_window import Maps
from facegpt.types import Array
from facegpt_lab.synthesis.relief.living_skin import LivingSkin
from facegpt_lab.synthesis.relief.other_folds import other_living_skin
from facegpt_lab.train.detail.examples import Studio
from facegpt_lab.train.detail.one_person import Shown, shown

#: What people do in the photo, and in the one that is asked for from it.
SMILE = {"mouthSmile*": 0.8, "cheekSquint*": 0.5, "eyeSquint*": 0.4}
FROWN = {"browDown*": 0.8, "noseSneer*": 0.3, "mouthFrown*": 0.4}
RAISED = {"browInnerUp": 0.7, "browOuterUp*": 0.7}
PAIRS = ((SMILE, FROWN), (FROWN, RAISED), (RAISED, SMILE), ({**SMILE, **RAISED}, SMILE))
#: Press from which a place is judged, and trust.
PRESSED, TRUSTED = 0.25, 0.5
Parting = Callable[[Maps, Array, float], tuple[Maps, Maps]]


@dataclass(frozen=True, eq=False)
class Sitter:
    """One person with a photo at an expression, and what another expression would show; age as it is estimated."""

    skin: LivingSkin
    photo: Shown
    other: Array
    age_years: float


def weights(units: dict[str, float]) -> Array:
    """An expression (52,) of named units; * for both sides."""
    out = np.zeros(len(ARKIT_NAMES), np.float32)
    for unit, weight in units.items():
        for side in ("Left", "Right") if unit.endswith("*") else ("",):
            out[ARKIT_NAMES.index(unit.replace("*", side))] = weight
    return out


def sitters(seeds: Sequence[int]) -> list[Sitter]:
    """People of the other sculptor whose photo bears a relief."""
    studio, network, found = Studio.ready(), detail_network(), []
    for seed in seeds:
        rng = np.random.default_rng([21, seed])
        person, age = studio.aged_person(rng)
        skin = other_living_skin(studio.model, rng, age)
        shows, other = (weights(units) * rng.uniform(0.6, 1.2) for units in PAIRS[seed % len(PAIRS)])
        photo = shown(studio, network, person, skin, np.clip(shows, 0, 1), rng, seed)
        if photo is not None:
            found.append(Sitter(skin, photo, np.clip(other, 0, 1), age + float(rng.normal(0, 7))))
    return found


@dataclass(frozen=True)
class Parted:
    """Over all people, as shares.

    made: squared error of what the expression made, over that of saying that it made nothing.
    correlation: of what it made with the truth.
    left, kept: shares of the expression's folds and of the lasting ones that are there at rest.
    other: squared error of the change to another expression, over that of changing nothing.
    """

    made: float
    correlation: float
    left: float
    kept: float
    other: float


def judged(people: Sequence[Sitter], parting: Parting) -> Parted:
    """Judge a way of parting: (displacement, expression, age) → what stays, what was made."""
    return over_all([products(one, parting) for one in people])


def products(one: Sitter, parting: Parting) -> Array:
    """Sums (8, 8) over one person's texels of the products of two of eight maps, in which `over_all` knows its way.

    They are what was said to stay, said to be made, found, the truth of both, the change to another expression as said
    and its truth, and 1.
    """
    fields, photo, skin = fold_fields(), one.photo, one.skin
    static, dynamic = parting(photo.found, photo.fitted, one.age_years)
    changed = Detail(static, dynamic, photo.fitted, 0.0).displacement(one.other) - photo.found
    resting, made, then = (photo.trust * t for t in (skin.static, skin.made(photo.true), skin.made(one.other)))
    where = (fields.pressed(photo.true) * fields.regions).sum(0) > PRESSED
    where &= photo.trust > TRUSTED
    total = (resting + made)[where]
    gain = float((photo.found[where] * total).sum() / max((total**2).sum(), 1e-9))
    maps = (static, dynamic, photo.found, gain * resting, gain * made, changed, gain * (then - made))
    columns = np.stack([*(each[where] for each in maps), np.ones(len(total))]).astype(np.float64)
    return np.asarray(columns @ columns.T)


def over_all(people: Sequence[Array]) -> Parted:
    """Judge the `products` of all people."""
    sums = np.sum(people, axis=0)
    static, dynamic, found, resting, made, changed, truly, one = range(8)

    def error(said: int, true: int) -> float:
        return float((sums[said, said] - 2 * sums[said, true] + sums[true, true]) / sums[true, true])

    covariance = sums - np.outer(sums[one], sums[one]) / sums[one, one]
    spread = np.sqrt(covariance[dynamic, dynamic] * covariance[made, made])
    both = [resting, made]
    shares = [np.linalg.lstsq(sums[np.ix_(both, both)], sums[both, each], rcond=None)[0] for each in (static, found)]
    (kept, left), (whole_kept, whole_made) = shares
    return Parted(
        made=error(dynamic, made),
        correlation=float(covariance[dynamic, made] / spread) if spread > 0 else 0.0,
        left=float(left / whole_made),
        kept=float(kept / whole_kept),
        other=error(changed, truly),
    )
