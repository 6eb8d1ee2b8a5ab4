"""Pointed ears: read in words, drawn out on the head, told where hair hides them; weight lies under the chin."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.shape.shown_changes import POINTED, hidden
from facegpt.generate.shape.weight import FAT_MM, weighed_mm
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.beyond.pointed_ears import with_pointed_ears
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.local_shapes import shaped

EARS = [k for k, name in enumerate(ATTRIBUTES) if name.startswith("ear_")]


def request(is_edit=False, **more) -> HeadRequest:
    spread = np.full(len(ATTRIBUTES), 0.0 if is_edit else 1.0)
    return HeadRequest(np.zeros(len(ATTRIBUTES)), spread, is_edit=is_edit, **more)


def ear_top_mm(head, params) -> float:
    """The highest vertex that stands out from the skull by the ears, mm above the line between the ears."""
    vertices = shaped(head, params.local).mean_vertices
    outside = (np.abs(vertices[:, 0]) > 79) & (np.abs(vertices[:, 2] + 28) < 20)
    return float(vertices[outside, 1].max())


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("a man with pointed ears", True), ("give her elf ears", True), ("elven, slightly pointed ears", True),
        ("his ears end in a point", True), ("ears that are long and pointy", True), ("no pointed ears", False),
        ("don't give him elf ears", False), ("not old, with pointed ears", True),
        ("a pointed chin, big ears", None), ("she points at her ears", None), ("a pointed nose and small ears", None),
        ("he is all ears", None), ("an elf with big ears", None),
    ],
)  # fmt: skip
def test_pointed_ears_are_read_and_nothing_else_that_is_pointed(text, points):
    read = with_pointed_ears(request(), text).ear_points
    assert read is None if points is None else bool(read) is points


def test_the_size_that_was_read_into_pointed_ears_goes_unless_words_say_it():
    large = request()
    large.attribute_mean[EARS] = 1.0
    assert not with_pointed_ears(large, "pointed ears").attribute_mean[EARS].any()
    assert with_pointed_ears(large, "huge pointed ears").attribute_mean[EARS].all()


def test_round_ears_of_an_edit_ask_for_no_other_size():
    large = request(True)
    large.attribute_mean[EARS] = 1.0
    read = with_pointed_ears(large, "make the ears round ears again")
    assert read.ear_points == 0.0 and not read.attribute_mean[EARS].any()


def test_tips_of_ears_are_drawn_out_and_made_round_again(head):
    plain = imagine_params(head, request(man=0.95), 3)
    pointed = edit_params(head, plain, request(True, ear_points=18.0))
    assert ear_top_mm(head, pointed) > ear_top_mm(head, plain) + 12
    assert np.array_equal(pointed.identity, plain.identity)
    again = edit_params(head, pointed, request(True, ear_points=0.0))
    assert "ear_points" not in again.local


def test_pointed_ears_below_long_hair_are_told(head):
    asked = request(man=0.05, ear_points=18.0, hair=HairWish({"length": "long", "curl": "curly"}))
    covered = imagine_params(head, asked, 0)
    bald = request(man=0.95, ear_points=18.0, hair=HairWish({"kind": "bald"}))
    assert hidden(head, covered, asked) == [POINTED]
    assert hidden(head, imagine_params(head, bald, 0), bald) == []


def test_weight_lies_under_the_chin_of_grown_ups_and_comes_off_again():
    fat = weighed_mm({"nose_hump": 2.0}, 1.0, 40.0)
    assert fat["under_chin"] == FAT_MM["under_chin"] and fat["nose_hump"] == 2.0
    slim = weighed_mm(fat, -1.0, 40.0)
    assert slim == {"nose_hump": 2.0}
    assert weighed_mm({"cheek_fill": 4.0}, 1.0, 6.0) == {"cheek_fill": 4.0}  # children have it in the cheeks
    assert weighed_mm({}, -1.0, None) == {}
