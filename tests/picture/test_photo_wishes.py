"""What may be asked of a photo: read right, or refused in a sentence; and changed pictures say that they are."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PIL import Image

from facegpt.assets import asset_path
from facegpt.conventions import ARKIT_NAMES
from facegpt.data.provenance import is_marked, marked_image, marked_jpeg, marked_png
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.picture.wishes import PhotoWishes, arkit_of, as_shown, check_turn, read_pair, read_weights
from facegpt.types import FaceGPTError


def test_weights_are_read():
    assert read_weights("jawOpen=.4, browInnerUp=0.6") == {"jawOpen": 0.4, "browInnerUp": 0.6}
    assert read_pair("12,-5") == (12.0, -5.0)


@pytest.mark.parametrize("text", ["", "jawOpen", "jawOpen=wide", "=.4", ","])
def test_what_are_no_weights_is_refused(text):
    with pytest.raises(ValueError):
        read_weights(text)


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        (PhotoWishes({"jawopen": 0.4}), "none of the 52"),
        (PhotoWishes({"jawOpen": 1.4}), "0 to 1"),
        (PhotoWishes({"jawOpen": float("nan")}), "0 to 1"),
        (PhotoWishes(action_units={"99": 0.5}), "no action unit"),
        (PhotoWishes(action_units={"smile": 0.5}), "no action unit"),
    ],
)
def test_units_that_there_are_not_are_refused(wishes, says):
    with pytest.raises(FaceGPTError, match=says):
        _ = wishes.weights


def test_action_units_are_the_units_of_facs():
    assert set(arkit_of("12")) == {"mouthSmileLeft", "mouthSmileRight"}
    assert arkit_of("L12") == ("mouthSmileLeft",)
    assert arkit_of("1") == ("browInnerUp",)
    assert PhotoWishes({"mouthSmileLeft": 0.1}, {"12": 0.6}).weights == {"mouthSmileLeft": 0.1, "mouthSmileRight": 0.6}


def test_every_action_unit_of_the_table_is_a_unit_of_the_head():
    text = asset_path("tables/arkit_to_au.csv").read_text("utf-8")
    assert {row["arkit_name"] for row in csv.DictReader(text.splitlines())} <= set(ARKIT_NAMES)


def test_turns_are_drawn_warned_of_or_refused():
    assert check_turn(12, -8) is None
    assert "may look" in str(check_turn(20, 0)) and "may look" in str(check_turn(0, 12))
    assert all("will look wrong" in str(check_turn(*turn)) for turn in ((25, 0), (-25, 0), (0, 20)))
    with pytest.raises(FaceGPTError, match="25°"):
        check_turn(0, 40)


@pytest.mark.parametrize("encode", [marked_png, marked_jpeg])
def test_changed_pictures_say_so_in_their_metadata(encode):
    image = marked_image(np.full((8, 8, 3), 90, np.uint8))
    assert is_marked(encode(image))
    plain = io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "PNG")
    assert not is_marked(plain.getvalue())


def test_a_picture_saved_as_jpeg_by_its_user_keeps_the_mark():
    data = io.BytesIO()
    image = marked_image(np.full((8, 8, 3), 90, np.uint8))
    image.save(data, "JPEG", xmp=image.info["xmp"])
    assert is_marked(data.getvalue())


def test_what_pictures_show_little_of_is_drawn_stronger_than_it_is_asked_for(head):
    params = as_shown(mean_head(head).params, {"browDownLeft": 0.6, "jawOpen": 0.6})
    drawn = dict(zip(ARKIT_NAMES, params.expression, strict=True))
    assert drawn["jawOpen"] == pytest.approx(0.6)
    assert 0.6 < drawn["browDownLeft"] <= 1.2
    assert drawn["browDownRight"] == 0


def test_brows_raised_as_a_whole_are_drawn_less_far_than_each_part_alone(head):
    params = mean_head(head).params
    alone = as_shown(params, {"browInnerUp": 0.8}).expression.max()
    both = as_shown(params, {"browInnerUp": 0.8, "browOuterUpLeft": 0.8}).expression.max()
    assert 0.8 < both < alone
