"""Grooms are written and read without loss, and nonsense is refused in words."""

import json
from dataclasses import replace

import numpy as np
import pytest

from facegpt.hair.groom import BOUNDS, SERIES, Groom, check_groom, groom_from_json, groom_to_json
from facegpt.types import FaceGPTError


def drawn(seed: int) -> Groom:
    rng = np.random.default_rng(seed)
    values = {name: float(rng.uniform(*span)) for name, span in BOUNDS.items() if name not in SERIES}
    series = {name: tuple(rng.uniform(*BOUNDS[name], count).tolist()) for name, count in SERIES.items()}
    return Groom(**values, **series, gather="plait", seed=seed)


@pytest.mark.parametrize("seed", range(5))
def test_a_groom_comes_back_from_json_as_it_was(seed):
    groom = drawn(seed)
    assert groom_from_json(json.loads(json.dumps(groom_to_json(groom)))) == groom


def test_what_is_left_out_is_usual():
    assert groom_from_json({"top_mm": 90}) == replace(Groom(), top_mm=90.0)


@pytest.mark.parametrize(
    "content, told",
    [
        ([1, 2], "names with numbers"),
        ({"wings": 1.0}, "wings"),
        ({"density": 2.0}, "0 to 1"),
        ({"density": "full"}, "density"),
        ({"density": True}, "density"),
        ({"top_mm": float("nan")}, "top_mm"),
        ({"gather": "antlers"}, "antlers"),
        ({"bulge": [0.0, 1.0]}, "expected none or"),
        ({"bulge": 3}, "bulge"),
        ({"hairline": [0.0]}, "expected none or"),
        ({"seed": -1}, "seed"),
    ],
)
def test_nonsense_is_refused_by_name(content, told):
    with pytest.raises(FaceGPTError, match=told):
        groom_from_json(content, "file.json")


def test_the_default_groom_is_within_its_bounds():
    check_groom(Groom())
