"""What kind of hair a photo shows: how curly, and of which family of styles, by the look of strands and outline.

Two small logistic regressions and one of least squares (traits.csv), learnt by `python -m lab.runs.hair.learn_traits`
from photos whose hair was labelled by eye and from drawn heads with known grooms. Neither skin nor face nor the colour
of hair has a say.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from facegpt.hair.from_photo.seen import EAR_TOP_MM, HairSeen
from facegpt.hair.from_photo.strands import NAMES, Strands, strand_features
from facegpt.hair.presets import FAMILIES
from facegpt.types import Array, Groom

#: Kinds of hair from straight to coily; the pitch of curls that ends each curled one, mm.
KINDS = ("straight", "wavy", "curly", "coily")
WAVY_MM, CURLY_MM = 60.0, 24.0
#: Hair that winds less than this is straight: radius over pitch, times 2π.
LEAST_SLOPE = 0.15
#: The curl that is told of straight, wavy and curly hair on average, and its spread (SD), by photos left out.
#: A regression from few photos says too little: what is told counts beside these.
USUALLY_TOLD, TOLD_SD = (0.33, 0.55, 0.77), 0.23
#: What is told of the outline, in this order.
OUTLINE = (
    *("rooted", "rooted_top", "rooted_side", "forehead", "highest", "cut", "lowest", "lowest_other"),
    *("outside", "soft_edge", "rough_edge"),
)
FEATURES = NAMES + OUTLINE
#: Features count up to so many standard deviations.
MOST_SD = 3.0
#: Spread of log brightness up to which hair is one flat colour; of 205 photos the least is .06.
FLAT = 0.03
#: Curls on a straight head are seen at once, less so straight hair on a curly one: what is left of the odds of curls.
CAREFUL = 0.6
#: Gathers that look plaited: of no kind.
PLAITED = ("locs", "box_braids", "cornrows", "plait", "two_plaits")


@dataclass(frozen=True, eq=False)
class HairTraits:
    """How likely hair is of each kind (4,) of KINDS, and each family (10,) of FAMILIES; both sum to 1.

    one_way: 0..1, coherence of its strands' direction (`strands.NAMES`); nan if unknown.
    man: how likely its wearer is a man, 0..1. plaited: how likely coily hair is plaited or locked (kinds/plaits.py);
    nan if nobody looked.
    """

    kinds: NDArray[np.float64]
    families: NDArray[np.float64]
    one_way: float = float("nan")
    man: float = 0.5
    plaited: float = float("nan")

    def kind(self, groom: Groom) -> float:
        """How likely the hair is as curly as a groom's, of coily hair less if it is plaited otherwise: 0..1.

        The likelier of plaits and coils is as likely as coily hair, so that no straight hair gains by their doubt.
        """
        share = float(self.kinds[KINDS.index(kind_of(groom))])
        if kind_of(groom) != "coily" or not np.isfinite(self.plaited):
            return share
        own = self.plaited if groom.gather in PLAITED else 1 - self.plaited
        return share * own / max(self.plaited, 1 - self.plaited)

    @property
    def plaits(self) -> float:
        """How likely the hair is coily and plaited, 0 where nobody looked."""
        return float(self.kinds[KINDS.index("coily")] * np.nan_to_num(self.plaited))

    @property
    def curl(self) -> float:
        """How much the hair curls if it is not coily, 0 straight, 1 wavy, 2 curly: the mean of what is likely."""
        shares = self.kinds[: KINDS.index("coily")]
        return float(shares @ np.arange(len(shares)) / max(float(shares.sum()), 1e-9))

    def family(self, name: str) -> float:
        """How likely the hair is of a family."""
        return float(self.families[FAMILIES.index(name)])


#: Of hair that nobody looked at so closely: what is usual.
USUAL = HairTraits(np.array([0.6, 0.22, 0.06, 0.12]), np.full(len(FAMILIES), 1 / len(FAMILIES)))


def kind_of(groom: Groom) -> str:
    """How curly a groom is, one of KINDS; plaits are coily as a rule."""
    if groom.gather in PLAITED:
        return "coily" if groom.gather in ("locs", "box_braids", "cornrows") else "straight"
    if 2 * np.pi * groom.curl_radius_mm < LEAST_SLOPE * groom.curl_pitch_mm:
        return "straight"
    return "wavy" if groom.curl_pitch_mm >= WAVY_MM else "curly" if groom.curl_pitch_mm >= CURLY_MM else "coily"


def hair_traits(strands: Strands | None, seen: HairSeen) -> HairTraits:
    """Tell the traits of one head's hair by its strands and its outline."""
    shown = strand_features(strands)
    if not shown[NAMES.index("contrast")] > FLAT:  # one flat colour, as of a drawing, shows no strands
        shown = np.full(len(NAMES), np.nan)
    return traits_of(np.concatenate([shown, outline_features(seen)]))


def mean_traits(traits: Sequence[HairTraits], weights: Sequence[float]) -> HairTraits:
    """Traits of one person's hair in several photos, each by its weight; what a photo does not tell has no say."""
    if len(traits) == 1:
        return traits[0]
    shares = np.asarray(weights, np.float64) / np.sum(weights)

    def told(values: Array) -> float:
        known = np.isfinite(values)
        return float(values[known] @ shares[known] / shares[known].sum()) if known.any() else float("nan")

    kinds, families = (shares @ np.stack([getattr(one, name) for one in traits]) for name in ("kinds", "families"))
    return HairTraits(kinds, families, told(np.array([one.one_way for one in traits])))


def without_family(traits: HairTraits, name: str) -> HairTraits:
    """The traits of hair that is surely not of a family, as bald where hair is seen on top."""
    families = np.where(np.array(FAMILIES) == name, 0.0, traits.families)
    return replace(traits, families=families / max(float(families.sum()), 1e-9))


def outline_features(seen: HairSeen) -> NDArray[np.float64]:
    """The outline of one head's hair in numbers of about 1 (11,), see OUTLINE."""
    lows = sorted(low if np.isfinite(low) else EAR_TOP_MM for low in seen.lowest_mm)
    mask, size = seen.mask, max(int(seen.mask.sum()), 20)
    beyond = float((mask & ~seen.view.head).sum()) / max(seen.view.px_per_mm, 1e-6) ** 2
    soft = float(((seen.hair > 0.15) & (seen.hair < 0.85)).sum()) / size
    rough = float((mask ^ binary_erosion(mask)).sum()) / size**0.5 / 10
    shares = (seen.rooted, seen.rooted_top, seen.rooted_side, seen.forehead, seen.highest_mm / 30, float(seen.cut))
    return np.array([*shares, lows[0] / 100, lows[1] / 100, np.log1p(beyond / 1000), soft, rough])


def traits_of(features: Array) -> HairTraits:
    """Traits by features (19,) in the order of FEATURES; those that are nan count as usual."""
    weights = _weights()
    scaled = np.nan_to_num(np.clip((features - weights.mean) / weights.sd, -MOST_SD, MOST_SD))
    kinds, families = (scaled @ table[:-1] + table[-1] for table in (weights.kinds, weights.families))
    kinds[KINDS.index("curly") :] += np.log(CAREFUL)
    families[FAMILIES.index("coily_afro_locs")] += np.log(CAREFUL)
    curl = float(np.clip(scaled @ weights.curl[:-1] + weights.curl[-1], 0, KINDS.index("curly")))
    one_way = float(features[FEATURES.index("one_way")])
    return HairTraits(_as_curled(_shares(kinds), curl), _shares(families), one_way)


def _as_curled(kinds: Array, curl: float) -> NDArray[np.float64]:
    """Chances of kinds (4,), those of straight, wavy and curly hair weighed by how usual the curl told is of each."""
    near = np.exp(-0.5 * ((curl - np.array(USUALLY_TOLD)) / TOLD_SD) ** 2) * kinds[:3]
    return np.array([*(near / near.sum() * kinds[:3].sum()), kinds[3]])


def _shares(logits: Array) -> NDArray[np.float64]:
    raised = np.exp(logits - logits.max())
    return raised / raised.sum()


@dataclass(frozen=True, eq=False)
class _Weights:
    """mean, sd: (19,). kinds: (20, 4), families: (20, 10), curl: (20,), the last row of each what is added."""

    mean: Array
    sd: Array
    kinds: Array
    families: Array
    curl: Array


@cache
def _weights() -> _Weights:
    with open(Path(__file__).with_name("traits.csv"), encoding="utf-8", newline="") as file:
        rows = {row["feature"]: row for row in csv.DictReader(file)}

    def columns(names: tuple[str, ...], features: tuple[str, ...]) -> NDArray[np.float64]:
        return np.array([[float(rows[feature][name]) for name in names] for feature in features])

    mean, sd = columns(("mean", "sd"), FEATURES).T
    kinds, families, curl = (columns(names, (*FEATURES, "added")) for names in (KINDS, FAMILIES, ("curl",)))
    return _Weights(mean, sd, kinds, families, curl[:, 0])
