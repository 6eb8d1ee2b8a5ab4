"""Parts of a request taken out again: what they asked for goes, all else stays as the dice fell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.attribute_readings import read_attributes
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.understood import understood, without
from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.hair_wish import HairLength, HairWish
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import FaceGPTError


def full_request() -> HeadRequest:
    """A request that asks for something of every kind."""
    mean, spread = np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))
    for name, degree in (("nose_width", 1.2), ("ear_size", -1.0), ("freckles", 1.5), ("mouth_width", 0.8)):
        mean[ATTRIBUTES.index(name)], spread[ATTRIBUTES.index(name)] = degree, 0.4
    weights, named = np.zeros(52), np.zeros(52, bool)
    for name in ("mouthSmileLeft", "mouthSmileRight", "jawOpen"):
        weights[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = 0.5, True
    return HeadRequest(
        mean,
        spread,
        man=1.0,
        age_years=(30.0, 34.0),
        expression=weights,
        expression_named=named,
        millimetres=(MillimetreGoal("lip_length", "value", 52.0),),
        hair=HairWish({"colour": "auburn", "beard": "full"}, (HairLength("top", "value", 40.0),)),
        glasses=GlassesWish(style="round"),
    )


def test_every_part_can_be_taken_out_and_no_other_goes_with_it():
    request = full_request()
    labels = understood(request)
    assert len(labels) == len(set(labels)) == 13
    for label in labels:
        assert understood(without(request, [label])) == [other for other in labels if other != label]
    assert understood(without(request, labels)) == []
    with pytest.raises(FaceGPTError, match="no part 'a hat'"):
        without(request, ["a hat"])


@pytest.fixture(scope="module")
def whole(head):
    return imagine_params(head, full_request(), 3)


def same(one, other, *names: str) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def part(head, *labels: str):
    request = full_request()
    return imagine_params(head, without(request, labels), 3, request)


def test_nothing_taken_out_is_the_same_head(head, whole):
    again = part(head)
    assert same(again, whole, "identity", "expression", "albedo") and again.hair == whole.hair


def test_what_is_worn_and_felt_goes_alone(head, whole):
    bare = part(head, "glasses: round")
    assert whole.glasses is not None and bare.glasses is None
    assert same(bare, whole, "identity", "expression", "albedo") and bare.hair == whole.hair
    still = part(head, "jawOpen 0.5")
    jaw = ARKIT_NAMES.index("jawOpen")
    assert np.flatnonzero(still.expression != whole.expression).tolist() == [jaw] and still.expression[jaw] == 0
    assert same(still, whole, "identity", "albedo") and still.hair == whole.hair
    shaved = part(head, "beard: full")
    assert shaved.hair.beard < whole.hair.beard
    kept = ("style", "colour", "grey", "brow_thickness", "brow_arch")
    assert all(getattr(shaved.hair, name) == getattr(whole.hair, name) for name in kept)
    dyed = part(head, "hair colour: auburn")
    assert dyed.hair.colour != whole.hair.colour and dyed.hair.style == whole.hair.style


def test_a_look_goes_and_the_person_stays(head, whole):
    before, after = (read_attributes(head, params) for params in (whole, part(head, "ear_size -1 SD")))
    moved = dict(zip(ATTRIBUTES, after - before, strict=True))
    assert moved["ear_size"] > 0.3
    others = [abs(change) for name, change in moved.items() if not name.startswith("ear_")]
    stranger = read_attributes(head, imagine_params(head, full_request(), 4)) - before
    assert np.mean(others) < 0.2 * np.abs(stranger).mean()
    fair = part(head, "freckles +1.5 SD")
    assert same(fair, whole, "identity", "expression") and fair.hair == whole.hair


def test_a_part_of_an_edit_leaves_what_it_named_as_it_was(head, whole):
    request = replace(full_request(), is_edit=True, attribute_spread=np.zeros(len(ATTRIBUTES)), age_years=None)
    request = without(request, ["sex: man", "lip_length 52 mm"])
    looks = [label for label in understood(request) if label.endswith("SD")]
    assert len(looks) == 4
    rest = edit_params(head, whole, without(request, [label for label in looks if label[:4] != "frec"]))
    assert np.allclose(rest.identity, whole.identity, atol=1e-5)
    assert not np.array_equal(rest.albedo, whole.albedo)
