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
from facegpt.synthesis.relief.living_skin import LivingSkin
from facegpt.synthesis.relief.other_folds import other_living_skin
from facegpt.train.detail.examples import Studio
from facegpt.train.detail.one_person import Shown, shown
from facegpt.types import Array

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
    fields = fold_fields()
    columns: list[list[Array]] = [[] for _ in range(7)]
    for one in people:
        photo, skin = one.photo, one.skin
        static, dynamic = parting(photo.found, photo.fitted, one.age_years)
        moved = Detail(static, dynamic, photo.fitted, 0.0).displacement(one.other)
        truths = [skin.static, skin.made(photo.true), skin.made(one.other)]
        resting, made, then = (photo.trust * truth for truth in truths)
        where = (fields.pressed(photo.true) * fields.regions).sum(0) > PRESSED
        where &= photo.trust > TRUSTED
        total = (resting + made)[where]
        gain = float((photo.found[where] * total).sum() / max((total**2).sum(), 1e-9))
        maps: tuple[Array, ...] = (static, dynamic, photo.found, moved, gain * resting, gain * made, gain * then)
        for column, values in zip(columns, maps, strict=True):
            column.append(values[where])
    static, dynamic, found, moved, resting, made, then = (np.concatenate(column) for column in columns)
    both = np.stack([resting, made], 1)
    (kept, left), (whole_kept, whole_made) = (np.linalg.lstsq(both, each, rcond=None)[0] for each in (static, found))
    return Parted(
        made=float(((dynamic - made) ** 2).sum() / (made**2).sum()),
        correlation=float(np.corrcoef(dynamic, made)[0, 1]) if dynamic.any() else 0.0,
        left=float(left / whole_made),
        kept=float(kept / whole_kept),
        other=float(((moved - found - then + made) ** 2).sum() / ((then - made) ** 2).sum()),
    )
