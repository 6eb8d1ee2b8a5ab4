"""What an age lends to new heads, and how much of a trait shows at it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.describe.attribute_readings import gauge_of
from facegpt.generate.degrees import EMPHASIS, emphasis_of
from facegpt.generate.identities import imagine_identity
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES


def identity_of(head, years: float, seed: int, named: dict[str, tuple[float, float]] | None = None) -> np.ndarray:
    request = HeadRequest(np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES)), man=0.95)
    return imagine_identity(head, request, named or {}, "M", years, np.random.default_rng(seed)).identity


def test_words_mean_more_of_weight_in_adults_than_in_children():
    assert emphasis_of("heaviness", 5.0) == emphasis_of("nose_width", 40.0) == 1.0
    assert emphasis_of("heaviness", 40.0) == emphasis_of("heaviness", None) == EMPHASIS["heaviness"]
    assert 1 < emphasis_of("heaviness", 13.0) < EMPHASIS["heaviness"]


def test_a_fat_man_is_outside_what_men_are_and_a_chubby_baby_is_still_a_baby(head):
    gauge = gauge_of(head)
    row = gauge.index("heaviness")
    fat = {"heaviness": (1.0, 0.3)}
    men = [float(gauge.read(identity_of(head, 40, k, fat)[None])[0, row]) for k in range(3)]
    assert min(men) > 4.0
    plain, chubby = (identity_of(head, 0.7, 7, named) for named in ({}, fat))
    moved = np.linalg.norm(np.tensordot(chubby - plain, np.asarray(head.identity_basis), 1), axis=1)
    assert np.quantile(moved, 0.95) < 8.0


@pytest.mark.parametrize("years", [9.0, 12.0])
def test_a_child_of_school_age_has_a_lower_nose_and_larger_eyes_for_its_face_than_adults(head, years):
    def shares(age: float) -> np.ndarray:
        found = []
        for k in range(4):
            face = mean_head(head)
            identity = identity_of(head, age, k).astype(np.float32)
            mm = replace(face, params=face.params.replace(identity=identity)).measure()
            whole = mm["face_height_nasion_gnathion"].value_mm
            found.append((mm["nose_protrusion"].value_mm / whole, mm["palpebral_fissure_length"].value_mm / whole))
        return np.mean(found, 0)

    child, adult = shares(years), shares(35.0)
    assert child[0] < 0.95 * adult[0]
    assert child[1] > 1.05 * adult[1]
