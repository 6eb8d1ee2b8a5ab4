"""What a change is told to have done is what the head shows; the rest is told as not shown further."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.attribute_readings import read_attributes, read_face
from facegpt.face import Face
from facegpt.generate.decoder import Decoder
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.shape.shown_changes import NO_FURTHER, told_unshown, unshown
from facegpt.language.dialogue.made_heads import changed_head
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES


def request(attributes: dict[str, float] | None = None, is_edit: bool = True, **more) -> HeadRequest:
    mean, spread = np.zeros(len(ATTRIBUTES)), np.full(len(ATTRIBUTES), 0.0 if is_edit else 1.0)
    for name, degree in (attributes or {}).items():
        mean[ATTRIBUTES.index(name)], spread[ATTRIBUTES.index(name)] = degree, 0.3
    return HeadRequest(mean, spread, is_edit=is_edit, **more)


@pytest.fixture(scope="module")
def somebody(head):
    return imagine_params(head, request({"beard": -1.0}, is_edit=False, man=1.0, age_years=(35, 35)), 3)


def readings(**moved: float) -> np.ndarray:
    found = np.zeros(len(ATTRIBUTES))
    for name, value in moved.items():
        found[ATTRIBUTES.index(name)] = value
    return found


def test_a_trait_that_hardly_moves_is_told_and_one_that_moves_is_not(somebody):
    asked = request({"nose_width": 1.0, "forehead_height": -1.0, "hair_lightness": 1.0, "eye_size": 0.1})
    after = readings(nose_width=1.8, forehead_height=-0.3, hair_lightness=0.1)
    told = unshown(asked, (somebody, readings()), (somebody, after))
    assert told == ["forehead_height -1 SD", "hair_lightness +1 step"]
    assert told_unshown(told) == [f"lower forehead: {NO_FURTHER}", f"lighter hair: {NO_FURTHER}"]


def test_a_movement_that_is_there_already_is_told(somebody):
    smiles = np.array([name.startswith("mouthSmile") for name in ARKIT_NAMES])
    asked = request(expression=0.7 * smiles, expression_named=smiles)
    grinning = somebody.replace(expression=(0.65 * smiles).astype(np.float32))
    after = somebody.replace(expression=(0.7 * smiles).astype(np.float32))
    assert unshown(asked, (grinning, readings()), (after, readings())) == ["mouthSmile 0.7"]
    assert unshown(asked, (somebody, readings()), (after, readings())) == []


def test_hair_that_is_as_asked_already_is_told(somebody):
    asked = request(hair=HairWish({"beard": "none"}))
    assert unshown(asked, (somebody, readings()), (somebody, readings())) == ["beard: none"]
    other = somebody.replace(hair=None)
    assert unshown(asked, (other, readings()), (somebody, readings())) == []


def test_a_changed_head_says_what_it_shows(head, somebody):
    decoder = Decoder(imagine_params, edit_params, read_attributes, read_face, lambda weights: [])
    after = changed_head(decoder, Face(head, somebody), request({"nose_width": 1.0, "beard": -1.0}), 0)
    assert after.understood_parts == ["nose_width +1 SD"]
    assert after.ignored == [f"clean-shaven: {NO_FURTHER}"]
