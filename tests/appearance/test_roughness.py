"""The roughness of a person's skin, and the map of it that files carry."""

from __future__ import annotations

import io

import numpy as np
import pytest
from facing_params import facing_params
from PIL import Image

from facegpt.appearance.roughness import AGES, BY_AGE, BY_SEX, DRAWN_SD, LIMITS, rougher, skin_roughness
from facegpt.export.bundle import from_model
from facegpt.export.surface import surface_map


@pytest.fixture(scope="module")
def people(head):
    """A mean head's parameters with 300 identities of the population."""
    plain = facing_params(head, np.zeros((9, 3), np.float32))
    identities = np.random.default_rng(4).standard_normal((300, head.sizes.identity)).astype(np.float32)
    return [plain.replace(identity=each) for each in identities]


def test_old_skin_is_rougher_than_young_and_womens_than_mens(head, people):
    told = [head.attributes(each.identity, each.albedo) for each in people]
    columns = [np.clip([one["age_years"] for one in told], *AGES), [one["masculinity"] for one in told]]
    design = np.column_stack([*columns, np.ones(len(people))])
    logs = np.array([rougher(head, each) for each in people])
    (by_year, by_sex, _), *_ = np.linalg.lstsq(design, logs, rcond=None)
    assert 40 * by_year == pytest.approx(BY_AGE, abs=0.06) and by_sex == pytest.approx(-BY_SEX, abs=0.06)
    left = logs - design @ [by_year, by_sex, logs.mean() - (design[:, :2] @ [by_year, by_sex]).mean()]
    assert 0.7 * DRAWN_SD < left.std() < 1.3 * DRAWN_SD


def test_what_is_drawn_stays_with_the_person(head, people):
    anna = people[0]
    assert rougher(head, anna) == rougher(head, anna.replace(expression=anna.expression + 0.1))
    nearly = anna.replace(identity=anna.identity + 0.02)
    assert abs(rougher(head, anna) - rougher(head, nearly)) < 0.03


def test_the_map_is_the_models_scaled_and_no_skin_is_a_mirror(head, people):
    own = head.albedo.roughness(64)
    for each in people[:20]:
        found = skin_roughness(head, each, 64)
        assert found.shape == (64, 64) and found.min() >= LIMITS[0] - 1e-6 and found.max() <= LIMITS[1] + 1e-6
        inside = (found > LIMITS[0] + 0.01) & (found < LIMITS[1] - 0.01)
        assert np.ptp(np.log(found[inside] / own[inside])) < 1e-3


def test_files_carry_it(head, people):
    texture = np.full((64, 64, 4), 200, np.uint8)
    smooth, rough = sorted(people[:60], key=lambda each: rougher(head, each))[::59]
    maps = [
        np.asarray(Image.open(io.BytesIO(surface_map(from_model(head, each, texture)))))[..., 1].astype(float)
        for each in (smooth, rough)
    ]
    assert np.median(maps[1]) > np.median(maps[0]) + 10  # of 255
