"""Photos that are of one person and yet unlike each other: what they say of the head is no worse than saying nothing.

Truth: the head that drew them. Fits take every photo for the mean head at rest, so what is given back comes from skin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from made_up_views import drawn, params_of
from scipy.ndimage import uniform_filter1d
from test_parallax import YAWS_DEG, pictures, share

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import head_vertices
from facegpt.parallax.person import agreement
from facegpt.render.uv import first_surface

__all__ = ["pictures"]
#: Skin about each of these points (of 68) is painted, mm.
NEAR_MM = 14.0
#: A head that gives back less than this, share of the deviation from the mean head, is worse than the mean head.
WORSE = -0.02


def given_back(head, photos, true) -> float:
    """Share of the person's deviation from the mean head; 0 where the photos say nothing together."""
    count = head.sizes.identity
    found = agreement(head, photos, np.zeros(count), np.eye(count))
    return 0.0 if found is None else share(head, found.identity, true)


def painted(head, view, other: int, where: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """A picture in which skin at places (N, 3) mm that `where` names is of another noise."""
    vertices = head_vertices(head, view)
    index, weights = first_surface(view.pose.apply(vertices), head.triangles, view.camera)
    there = index >= 0
    places = np.einsum("nkc,nk->nc", vertices[head.triangles[index[there]]], weights[there])
    mask = np.zeros(index.shape, bool)
    mask[there] = where(places)
    return np.where(mask[..., None], drawn(head, view, seed=other), drawn(head, view))


def below_the_nose(head) -> Callable[[np.ndarray], np.ndarray]:
    """Where a full beard grows."""
    base = head.embedding("ibug68")(head.mean_vertices)[33, 1]
    return lambda places: places[:, 1] < base - 4.0


def spots(head, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    """A quarter of the 68 points are painted over, others for every seed, as filters and make-up do."""
    marks = head.embedding("ibug68")(head.mean_vertices)
    some = marks[np.random.default_rng(seed).choice(68, 17, replace=False)]
    return lambda places: np.linalg.norm(places[:, None] - some, axis=2).min(1) < NEAR_MM


@pytest.mark.parametrize("kind", ["a beard since", "make-up that moves"])
def test_skin_that_changed_in_places_makes_no_head_worse_than_none(head, pictures, kind):
    true, photos = pictures
    views = [params_of(head, true, yaw) for yaw in YAWS_DEG]
    if kind == "a beard since":
        changed = [
            photos[0],
            *(replace(photos[k], image=painted(head, views[k], 70, below_the_nose(head))) for k in (1, 2)),
        ]
    else:
        changed = [
            replace(one, image=painted(head, view, 70 + k, spots(head, k)))
            for k, (one, view) in enumerate(zip(photos, views, strict=True))
        ]
    assert given_back(head, changed, true) > WORSE


def test_motion_blur_in_all_photos_makes_no_head_worse_than_none(head, pictures):
    true, photos = pictures
    blurred = [replace(one, image=uniform_filter1d(one.image, 7 + 2 * k, axis=k % 2)) for k, one in enumerate(photos)]
    assert given_back(head, blurred, true) > WORSE


def test_a_grimace_that_the_fit_missed_takes_nothing_from_what_the_other_photos_tell(head, pictures):
    true, photos = pictures
    view = params_of(head, true, YAWS_DEG[1])
    pulled = np.zeros(head.sizes.expression, np.float32)
    for name in ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "browInnerUp", "eyeBlinkLeft", "cheekPuff"):
        pulled[ARKIT_NAMES.index(name)] = 0.9
    grimace = replace(photos[1], image=drawn(head, view.replace(expression=pulled)))
    others = given_back(head, [photos[0], photos[2]], true)
    assert others > 0.3 and given_back(head, [photos[0], grimace, photos[2]], true) > 0.8 * others
