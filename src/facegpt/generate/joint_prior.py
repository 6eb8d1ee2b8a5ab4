"""Skin, hair, eyes and descent of one person, drawn together: what words leave open fits what they say.

A person has a family of peoples, a natural colour of hair, a colour of eyes, a curl and a skin. Families are as common
as people in the world (UN 2022; peoples_of_the_world.csv), hair and eyes as common as in them (rounded after Katsara
and Nothnagel 2019; curl after Loussouarn et al. 2007). Within a family hair and eyes hang together by the odds ratios
of Snee (1974), and who has red or fair hair and light eyes has the fairer skin. What words say weighs families and
colours by Bayes' rule; nothing is ruled out, so the rarest combination is made if it is asked for.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

import numpy as np

from facegpt.morphable.makehuman.peoples import LOOKS, PeopleLook, look_of
from facegpt.types import Array

TABLE = "peoples_of_the_world.csv"
#: Natural colours of hair → readings of hair_lightness, hair_redness and freckles of adults.
HAIR = {
    **{"black": (-1.8, 0.0, -1.6), "dark_brown": (-1.25, 0.1, -1.2), "brown": (-0.6, 0.15, -0.7)},
    **{"light_brown": (0.1, 0.1, -0.3), "blond": (0.9, 0.0, -0.1), "red": (-0.1, 1.15, 0.9)},
}
#: Colours of eyes → readings of iris_lightness and iris_hue.
EYES = {"brown": (-0.85, -1.1), "hazel": (0.15, -0.4), "green": (0.5, 0.15), "blue": (1.05, 1.1)}
CURLS = ("straight", "wavy", "curly", "coily")
_HAIR_CENTRES, _EYE_CENTRES = np.array(list(HAIR.values())), np.array(list(EYES.values()))
#: Students by hair (rows: black, brown, red, blond) and eyes (as EYES), Snee 1974; the rows that each of HAIR has.
_STUDENTS = np.array([[68, 15, 5, 20], [119, 54, 29, 84], [26, 14, 14, 17], [7, 10, 16, 94]], float)
_ROWS = ((0,), (1,), (1,), (1, 3), (3,), (2,))
#: How much fairer the skin is with a colour of HAIR and of EYES, in SDs of the family's skins; how many of their SDs
#: skins lie from the mean at most.
_FAIRER_HAIR, _FAIRER_EYES, _SKINS_WITHIN = (-0.4, -0.2, 0.0, 0.2, 0.4, 0.9), (-0.2, 0.0, 0.1, 0.25), 2.0
#: SDs of readings within a colour: as people vary, and as far as words for one are from another.
_VARIES = {"hair_lightness": 0.15, "hair_redness": 0.12, "freckles": 0.6, "iris_lightness": 0.2, "iris_hue": 0.2}
_MEANT = {"hair_lightness": 0.35, "hair_redness": 0.4, "freckles": 0.7, "iris_lightness": 0.35, "iris_hue": 0.5}
_SKIN_MEANT = 0.35
#: The least probability of anything that is said; weight of dark hair and eyes where parents are of several peoples.
_LEAST, _DOMINANT = 1e-9, 2.0
_DARK_HAIR, _DARK_EYES = 3, 1
#: Children have fairer hair by so much at birth, less up to the age in years, if it is not black; no freckles at first.
_FAIRER_CHILD, _CHILD_UP_TO, _BLACK_UP_TO, _FRECKLES_FROM = 0.45, 14.0, -1.5, (2.0, 6.0, -1.6)


@dataclass(frozen=True)
class Said:
    """What words say of somebody's skin, hair and eyes.

    Attributes:
        peoples: families of peoples. readings: name (hair_lightness, hair_redness, freckles, iris_lightness, iris_hue,
            skin_lightness) → SDs. curl: one of CURLS, or "".
    """

    peoples: tuple[str, ...] = ()
    readings: Mapping[str, float] = field(default_factory=dict)
    curl: str = ""


@dataclass(frozen=True)
class Appearance:
    """One person's skin, hair and eyes.

    Attributes:
        look: of the family, or of the families that words name. curl: one of CURLS. hair: lightness and redness, SDs.
        skin: readings of skin and irises by name (skin.SKIN_CONTROLS), SDs.
    """

    look: PeopleLook
    curl: str
    hair: tuple[float, float]
    skin: Mapping[str, float]


@dataclass(frozen=True)
class _Families:
    """Families of peoples: P(family, hair, eyes) (F, H, E), P(curl) (F, C), their looks, and their skins.

    Attributes:
        skins: mean lightness of the skin by hair and eyes (F, H, E), SDs; over a family it is the look's.
        spreads: (F, 1, 1) of the lightness, SDs.
    """

    looks: tuple[PeopleLook, ...]
    colours: Array
    curls: Array
    skins: Array
    spreads: Array


def draw_appearance(
    said: Said, rng: np.random.Generator, age_years: float = 30.0, whole: Said | None = None
) -> Appearance:
    """Draw a person's skin, hair and eyes given what words say.

    Readings that are said come back as they are. The same dice are thrown whatever is said.

    Args:
        said: what is known.
        rng: decides about the rest.
        age_years: children have fairer hair and no freckles at first.
        whole: what was said of the person of whom `said` is a part: the family is theirs, so that the person stays,
            unless peoples are what differs.
    """
    dice, noise = rng.random(3), np.clip(rng.standard_normal(8), -2.5, 2.5)
    known = whole if whole is not None and whole.peoples == said.peoples else said
    families = _families(said.peoples)
    family = _chosen(_posterior(families, known).sum((1, 2, 3)), dice[0])
    cells = _posterior(families, said)[family]
    hair, eyes, curl = np.unravel_index(_chosen(cells.ravel(), dice[1]), cells.shape)
    look = families.looks[family]
    light, red, freckles = HAIR[list(HAIR)[hair]]
    iris = EYES[list(EYES)[eyes]]
    if light > _BLACK_UP_TO:
        light += _FAIRER_CHILD * max(1 - age_years / _CHILD_UP_TO, 0.0)
    youngest, oldest, none = _FRECKLES_FROM
    freckles = float(np.interp(age_years, (youngest, oldest), (none, freckles)))
    _, spread, redness, yellowness = look.skin
    drawn = {
        "skin_lightness": families.skins[family, hair, eyes]
        + spread * np.clip(noise[0], -_SKINS_WITHIN, _SKINS_WITHIN),
        "skin_redness": redness + 0.35 * noise[1],
        "skin_yellowness": yellowness + 0.35 * noise[2],
        **_varied({"iris_lightness": iris[0], "iris_hue": iris[1], "freckles": freckles}, noise[3:6]),
        **_varied({"hair_lightness": light, "hair_redness": red}, noise[6:8]),
    }
    found = {name: float(said.readings.get(name, value)) for name, value in drawn.items()}
    colour = found.pop("hair_lightness"), found.pop("hair_redness")
    return Appearance(look, said.curl or CURLS[curl], colour, found)


def _varied(means: Mapping[str, float], noise: Array) -> dict[str, float]:
    return {name: mean + _VARIES[name] * float(n) for (name, mean), n in zip(means.items(), noise, strict=True)}


def _chosen(weights: Sequence[float] | Array, dice: float) -> int:
    """Which of several by their weights; dice: uniform 0..1."""
    ends = np.cumsum(weights)
    return min(int(np.searchsorted(ends, dice * ends[-1], side="right")), len(ends) - 1)


def _posterior(families: _Families, said: Said) -> Array:
    """How probable families, hair, eyes and curl (F, H, E, C) are with what is said; not normed."""
    known = said.readings
    hair = _likeness(_HAIR_CENTRES, ("hair_lightness", "hair_redness", "freckles"), known)
    eyes = _likeness(_EYE_CENTRES, ("iris_lightness", "iris_hue"), known)
    colours = families.colours * np.outer(hair, eyes)
    if "skin_lightness" in known:
        away = (known["skin_lightness"] - families.skins) / np.hypot(families.spreads, _SKIN_MEANT)
        colours = colours * np.maximum(np.exp(-0.5 * away**2), _LEAST)
    curls = np.array([name == said.curl for name in CURLS], float) if said.curl else np.ones(len(CURLS))
    return np.asarray(colours[..., None] * (families.curls * curls)[:, None, None])


def _likeness(centres: Array, names: Sequence[str], known: Mapping[str, float]) -> Array:
    """How well each colour (N,) with readings (N, K) fits the readings that are known; 1 if none is."""
    away = [((known[n] - centres[:, k]) / _MEANT[n]) ** 2 for k, n in enumerate(names) if n in known]
    return np.maximum(np.exp(-0.5 * np.sum(away, 0)), _LEAST) if away else np.ones(len(centres))


@lru_cache(maxsize=64)
def _families(peoples: tuple[str, ...] = ()) -> _Families:
    """All families of the world; or the one that words name, of parents of several peoples if they name several."""
    named, table = [name for name in peoples if name in LOOKS], _table()
    if not named:
        return _together([(table[name], LOOKS[name], table[name]["people"], 1.0) for name in table])
    look = look_of(tuple(named))
    assert look is not None
    mixed = {key: float(np.mean([table[name][key] for name in named])) for key in table[named[0]]}
    mixed |= dict(
        zip(CURLS, _between([np.array([table[name][curl] for curl in CURLS]) for name in named]), strict=True)
    )
    return _together([(mixed, look, 1.0, _DOMINANT if len(set(named)) > 1 else 1.0)])


def _together(rows: Sequence[tuple[Mapping[str, float], PeopleLook, float, float]]) -> _Families:
    """Families of rows of the table, looks, shares of people, and weights of dark hair and eyes."""
    colours, curls, skins = [], [], []
    fairer = np.add.outer(np.array(_FAIRER_HAIR), np.array(_FAIRER_EYES))
    for row, look, people, dominant in rows:
        hair = np.array([row[name] for name in HAIR]) * np.where(np.arange(len(HAIR)) < _DARK_HAIR, dominant, 1.0)
        iris = [row[f"{name}_eyes"] for name in EYES]
        eyes = np.array(iris) * np.where(np.arange(len(EYES)) < _DARK_EYES, dominant, 1.0)
        both, curl = _raked(hair / hair.sum(), eyes / eyes.sum()), np.array([row[name] for name in CURLS])
        colours.append(people * both)
        curls.append(np.maximum(curl / curl.sum(), _LEAST))
        skins.append(look.skin[0] + look.skin[1] * (fairer - float((both * fairer).sum())))
    looks = tuple(look for _, look, _, _ in rows)
    spreads = np.array([look.skin[1] for look in looks])[:, None, None]
    return _Families(looks, np.array(colours), np.array(curls), np.array(skins), spreads)


def _between(parents: Sequence[Array]) -> Array:
    """P(curl) (C,) of children whose curl lies between that of their parents, of whom it is given (C,)."""
    found = parents[0]
    for other in parents[1:]:
        both, pair = np.zeros(len(found)), np.outer(found, other)
        for sum_of_two in range(2 * len(found) - 1):
            share = float(np.trace(np.flipud(pair), offset=sum_of_two - len(found) + 1))
            both[[sum_of_two // 2, (sum_of_two + 1) // 2]] += share / (1 + sum_of_two % 2)
        found = both / both.sum()
    return found


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, float]]:
    """Family → column → percent."""
    text = (resources.files("facegpt.generate") / TABLE).read_text(encoding="utf-8")
    rows = {row.pop("family"): row for row in csv.DictReader(text.splitlines())}
    return {family: {name: float(value) for name, value in row.items()} for family, row in rows.items()}


def _raked(hair: Array, eyes: Array) -> Array:
    """P(hair, eyes) (H, E) with these shares (H,) and (E,), and with the odds ratios of _STUDENTS (raking)."""
    found = np.array([np.exp(np.log(_STUDENTS[list(rows)]).mean(0)) for rows in _ROWS])
    hair, eyes = (np.maximum(shares, _LEAST) / np.maximum(shares, _LEAST).sum() for shares in (hair, eyes))
    for _ in range(60):
        found = found * (hair / found.sum(1))[:, None]
        found = found * (eyes / found.sum(0))
    return np.asarray(found)
