"""Sculptures that the network was not trained on: folds found again, marks and things on the face left alone.

They come from the sculptor that the network was taught by, with other seeds. Each function measures one seed and gives
plain numbers; a second one makes rows of many.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter

from facegpt.detail.explained_light import Stiffness, explained
from facegpt.detail.from_photo import relief_seen, trusted
from facegpt.detail.network import detail_network
from facegpt.detail.observation import Observation
from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps
from facegpt.types import Array
from facegpt_lab.evaluate.registry import Row, figure
from facegpt_lab.evaluate.skin_relief.score import ReliefScore, fine, relief_score
from facegpt_lab.evaluate.skin_relief.worn_things import with_thing
from facegpt_lab.train.detail.examples import Example, Studio

#: First seed of what is judged, far from those of training.
SEED = 500_000
#: Shape from shading without a network: as soft everywhere as beside it in folds.
ALONE = Stiffness(smooth=1.0, folded=1.0, hollow=1.0)
#: Blur in texels that halves waves of 2 mm: what a photo of 640 pixels shows of a relief at best.
SHOWN_TEXELS = 0.53
#: A place counts as marked, or as lying under a thing, where that changes the photo by more, log units.
MARKED = 0.1
#: Ways to find a relief; the first is judged, the last is told the truth.
DETAIL, NETWORK, SHADING = "detail", "network alone", "shape from shading alone"
CEILING = "ceiling, the true relief as far as 2 mm show it"

studio = cache(Studio.ready)


@dataclass(frozen=True)
class Found:
    """What one way finds of one sculpture.

    Attributes:
        score: None where too little skin is seen.
        moments: sums over texels of 1, found, true, found², true², found · true; both without what a wide blur leaves.
        seconds: of one core.
    """

    score: ReliefScore | None
    moments: Array
    seconds: float

    @staticmethod
    def read(told: dict) -> Found:  # type: ignore[type-arg]
        """Make one of its JSON."""
        score = None if told["score"] is None else ReliefScore(**told["score"])
        return Found(score, np.asarray(told["moments"]), told["seconds"])


def sculpture(seed: int) -> dict[str, Found]:
    """Look for the relief of sculpture number `seed` in each of the ways."""
    example, network = studio().example(seed), detail_network()
    mask = network.mask.numpy()
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    ways: dict[str, Callable[[Observation], Maps]] = {
        DETAIL: lambda seen: relief_seen(seen, network)[0],
        NETWORK: lambda seen: relief_seen(seen, network, refined=False)[0],
        SHADING: lambda seen: explained(seen, none, trusted(seen, mask), ALONE) * mask,
        CEILING: lambda _: fine(gaussian_filter(example.relief, SHOWN_TEXELS)) * mask,
    }
    return {name: _found(example, find, mask) for name, find in ways.items()}


def _found(example: Example, find: Callable[[Observation], Maps], mask: Maps) -> Found:
    started = time.process_time()
    found = find(example.observation)
    seconds = time.process_time() - started
    where = _where(example.observation, mask)
    one, two = (fine(d)[where].astype(np.float64) for d in (found, example.relief))
    moments = np.array([len(one), one.sum(), two.sum(), (one**2).sum(), (two**2).sum(), (one * two).sum()])
    return Found(relief_score(example.observation.geometry, found, example.relief, where), moments, seconds)


def _where(seen: Observation, mask: Maps) -> np.ndarray:
    return (seen.weight > 0.5) & (mask > 0.5)


def sculpture_rows(told: Sequence[dict[str, Found]]) -> list[Row]:
    """Angles, correlations and times of each way over all sculptures."""
    return [row for name in told[0] for row in _way_rows(name, [one[name] for one in told])]


def _way_rows(name: str, told: Sequence[Found]) -> list[Row]:
    judged = name == DETAIL
    scores = [one.score for one in told if one.score is not None]
    coarse, found = (np.mean([getattr(s, key) for s in scores]) for key in ("coarse", "found"))
    deep, ours = (np.mean([getattr(s, key) for s in scores]) for key in ("coarse_folds", "found_folds"))
    rows = [
        figure(f"{name}: normal error lower than coarse ({coarse:.2f}°)", 100 * (1 - found / coarse), "%",
               at_least=30.0 if judged else None),
        figure(f"{name}: the same where skin is folded ({deep:.1f}°)", 100 * (1 - ours / deep), "%"),
    ]  # fmt: skip
    if name == CEILING:
        return rows
    return [
        *rows,
        figure(f"{name}: correlation of displacements, all texels", correlation([one.moments for one in told]), "",
               at_least=0.6 if judged else None),
        figure(f"{name}: the same, mean over heads", float(np.mean([s.correlation for s in scores])), ""),
        figure(f"{name}: time of a face, one core, median", float(np.median([one.seconds for one in told])), "s"),
    ]  # fmt: skip


def correlation(moments: Sequence[Array]) -> float:
    """Correlation over the texels of all heads together, of sums as `Found.moments` has them."""
    count, one, two, one_squared, two_squared, both = np.sum(moments, axis=0)
    spread = (one_squared - one**2 / count) * (two_squared - two**2 / count)
    return float((both - one * two / count) / np.sqrt(spread))


@dataclass(frozen=True)
class Mistaken:
    """How much of what is no relief was taken for one, on one head: sums over the texels that it changes.

    Attributes:
        explained: squared log units that the relief which came with it explains. drawn: squared log units of it.
        deepest_mm: of that relief.
    """

    explained: float
    drawn: float
    deepest_mm: float


def marked(seed: int) -> Mistaken:
    """Paint albedo marks on head number `seed`, on skin without any relief, and look for one."""
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    plain = studio().example(seed, none, np.zeros((HEIGHT, WIDTH, 3), np.float32)).observation
    return _mistaken(plain, studio().example(seed, none).observation)


def laid_over(seed: int) -> Mistaken:
    """Draw a wire, strands or a strap across smooth, plain head number `seed`, and look for a relief."""
    none, plain = np.zeros((HEIGHT, WIDTH), np.float32), np.zeros((HEIGHT, WIDTH, 3), np.float32)
    photo = studio().example(seed, none, plain).photo
    rows, columns = np.nonzero(np.isfinite(photo.texel[..., 0]))
    box = (float(columns.min()), float(rows.min()), float(columns.max()), float(rows.max()))
    worn = replace(photo, image=with_thing(photo.image, box, np.random.default_rng([SEED, seed])))
    seen = [studio().seen(each, np.random.default_rng([SEED, seed, 1])).observation for each in (photo, worn)]
    return _mistaken(*seen)


def _mistaken(before: Observation, after: Observation) -> Mistaken:
    network = detail_network()
    relief = relief_seen(after, network)[0] - relief_seen(before, network)[0]
    change = (after.channels[:3] - before.channels[:3]).mean(0) / 10
    down, across = np.gradient(relief)
    where = _where(after, network.mask.numpy()) & (np.abs(change) > MARKED)
    explains = (after.channels[5] * across + after.channels[6] * down)[where].astype(np.float64)
    drawn = change[where].astype(np.float64)
    return Mistaken(float((explains**2).sum()), float((drawn**2).sum()), float(np.abs(relief).max()))


def marked_rows(told: Sequence[Mistaken]) -> list[Row]:
    """What share of the contrast of marks became shape."""
    return [figure("albedo marks that became shape, share of their contrast", _share(told), "%", at_most=15)]


def laid_rows(told: Sequence[Mistaken]) -> list[Row]:
    """What share of the contrast of things became shape, and how deep."""
    said = "wires, strands and straps"
    deepest = float(np.mean([one.deepest_mm for one in told]))
    return [
        figure(f"{said} that became shape, share of their contrast", _share(told), "%", at_most=5),
        figure(f"{said}: deepest relief that they leave, mean over heads", deepest, "mm"),
    ]


def _share(told: Sequence[Mistaken]) -> float:
    return float(100 * np.sqrt(sum(one.explained for one in told) / sum(one.drawn for one in told)))
