"""What hair covers of a face, told on drawn masks whose line is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.encode.parts import FaceParts
from facegpt.hair.from_photo.seen import hair_seen, seen_places
from facegpt.hair.scalp import scalp_of
from facegpt.morphable.base import head_vertices
from facegpt_lab.evaluate.hair.over_face import face_of, over_face
from facegpt_lab.evaluate.hair.photo import SIDE, head, known_head


@pytest.fixture(scope="module")
def bald():
    """A head from the front, and its view with no hair seen."""
    params = known_head(91_003)[0]
    params = params.replace(pose=replace(params.pose, rotation=np.diag([1.0, -1.0, -1.0])), hair=None)
    to_map = np.array([[192 / SIDE, 0, 0], [0, 192 / SIDE, 0]], float)
    to_map[:, 2] = 96 / SIDE - 0.5
    parts = FaceParts(np.zeros((192, 192, 9), np.float32), np.ones((192, 192), bool), to_map)
    return params, hair_seen(head(), params, parts)


def hair_above(bald, mm):
    """Hair (S, S) wherever the scalp lies so far inside the usual hairline."""
    params, seen = bald
    scalp = scalp_of(head())
    at, shown = seen_places(seen.view, scalp.on(head_vertices(head(), params)))
    grows, places = np.zeros_like(seen.hair), np.zeros_like(seen.hair)
    np.add.at(places, (at[shown, 1], at[shown, 0]), 1.0)
    np.add.at(grows, (at[shown, 1], at[shown, 0]), scalp.inside[shown] > mm)
    return (grows / np.maximum(places, 1.0)).astype(np.float32)


def test_hair_that_is_drawn_as_seen_covers_the_same_of_a_face(bald):
    seen = replace(bald[1], hair=hair_above(bald, 0.0))
    same = over_face(head(), bald[0], seen, seen.hair)
    assert same.iou == 1.0 and same.missing == same.extra == 0.0 and np.abs(same.gaps_mm).max() == 0.0


def test_a_hairline_that_is_drawn_too_high_is_told_in_mm(bald):
    seen = replace(bald[1], hair=hair_above(bald, 0.0))
    high = over_face(head(), bald[0], seen, hair_above(bald, 12.0))
    assert high.iou < 0.95 and high.missing > 0 and high.extra == 0.0
    assert abs(np.median(high.gaps_mm) - 12.0) < 4.0


def test_hair_beside_a_head_is_not_on_its_face(bald):
    seen = bald[1]
    assert not (face_of(seen) & ~seen.view.head).any()
    beside = np.where(seen.view.head, 0.0, 1.0)
    told = over_face(head(), bald[0], seen, beside)
    assert np.isnan(told.iou) and told.extra == 0.0
