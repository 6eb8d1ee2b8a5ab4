"""Brows and beards of a colour of their own: read in words, painted on the skin, kept in files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.appearance.atlas import atlas_of
from facegpt.export.params_json import params_from_json, params_to_json
from facegpt.generate.draw_hair import Wearer, change_hair
from facegpt.generate.hair_colours import colour_of_brows
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.shape.hidden_parts import hidden_parts
from facegpt.hair.from_photo.regrown import regrown
from facegpt.hair.painted import groomed
from facegpt.hair.presets import PRESETS
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.colours_of_parts import BROW_COLOURS, brow_colour, uncoloured, with_colours
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import Hair

SIDE, SKIN = 512, 0.35
BROWN, WHITE = (0.05, 0.03, 0.02), (0.6, 0.6, 0.58)


@pytest.fixture(scope="module")
def plain_params(head):
    return imagine_params(head, request(), 1)


def request(is_edit=False) -> HeadRequest:
    return HeadRequest(np.zeros(len(ATTRIBUTES)), np.full(len(ATTRIBUTES), 0.0 if is_edit else 1.0), is_edit=is_edit)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("dark eyebrows", "dark"),
        ("make the eyebrows darker", "dark"),
        ("bushy white eyebrows", "white"),
        ("blond hair, dark brown brows", "dark_brown"),
        ("dark hair and green eyes", ""),
        ("no dark eyebrows", ""),
    ],
)
def test_colours_of_brows_are_read(text, colour):
    assert with_colours(request(), text).brow_colour == colour
    assert uncoloured(text) == []


@pytest.mark.parametrize("text", ["wider jaw and blonde eyebrows", "a blond brow"])
def test_a_colour_of_brows_is_no_colour_of_hair(text):
    asked = request(is_edit=True)
    mean = np.array(asked.attribute_mean)
    mean[ATTRIBUTES.index("hair_lightness")] = 1.1
    asked = replace(asked, attribute_mean=mean, hair=HairWish({"colour": "blond"}))
    found = with_colours(asked, text)
    assert found.brow_colour == "blond" and not found.hair.said and not np.any(found.attribute_mean)
    both = with_colours(asked, "blond hair and blond eyebrows")
    assert both.brow_colour == "blond" and both.hair.said == {"colour": "blond"}


def test_a_head_whose_hair_is_not_known_gets_brows_and_no_hair(head, plain_params):
    asked = replace(request(is_edit=True), brow_colour="white")
    hidden = plain_params.replace(hair=None)
    hair = edit_params(head, hidden, asked).hair
    assert hair.style == "bald" and hair.beard == 0 and min(hair.brow_colour) > 0.3
    thick = change_hair(None, {"brow_thickness": 1.0}, Wearer(False, 30.0), np.random.default_rng(0))
    assert thick.style == "bald" and thick.brow_thickness >= 1
    assert edit_params(head, hidden, request(is_edit=True)).hair is None


def test_a_beard_that_is_coloured_leaves_the_hair_of_a_given_head():
    asked = request(is_edit=True)
    mean = np.array(asked.attribute_mean)
    mean[ATTRIBUTES.index("hair_greyness")] = 1.5
    found = with_colours(replace(asked, attribute_mean=mean), "a white beard")
    assert found.hair.said["beard_colour"] == "white" and not np.any(found.attribute_mean)


def darkest_of_brows(head, texture) -> float:
    """The mean light of the texels of the brow ridge that differ from bare skin."""
    grid = atlas_of(head, SIDE)
    place = grid.interpolate(np.asarray(head.mean_vertices, np.float32))
    near = (grid.part == head.part_names.index("skin")) & (np.abs(place[..., 1] - 33) < 10) & (place[..., 2] > 70)
    light = np.asarray(texture)[near].mean(1)
    return float(light[np.abs(light - SKIN) > 0.03].mean())


def test_brows_have_their_own_colour_beside_the_hair(head):
    skin = np.full((SIDE, SIDE, 3), SKIN, np.float32)
    own, white, black = (
        darkest_of_brows(head, groomed(head, skin, Hair("bald", BROWN, brow_colour=colour)))
        for colour in (None, WHITE, (0.01, 0.01, 0.01))
    )
    assert black < own < SKIN < white


def test_brows_of_a_photo_take_the_colour_that_is_asked_for(head):
    skin = np.full((SIDE, SIDE, 4), 160, np.uint8)
    before = Hair("bald", BROWN)
    same, white, black = (
        regrown(skin, head, mean_head(head).params, before, replace(before, brow_colour=colour))[..., :3]
        for colour in (None, WHITE, (0.0, 0.0, 0.0))
    )
    assert np.array_equal(same, skin[..., :3])
    assert (white > 170).sum() > 100 and (black < 100).sum() > 100 and not (black > 170).any()


@pytest.mark.parametrize("words", sorted(BROW_COLOURS))
def test_every_colour_of_brows_that_is_read_can_be_drawn(words):
    assert all(0 <= share <= 1 for share in colour_of_brows(brow_colour(words), Hair("bald", BROWN)))


def test_dark_brows_are_darker_than_those_there_are_and_light_ones_lighter():
    hair = Hair("bald", BROWN)
    assert sum(colour_of_brows("dark", hair)) < sum(BROWN) < sum(colour_of_brows("light", hair))


def test_files_keep_own_colours_and_have_none_where_there_are_none(head, plain_params):
    coloured = plain_params.replace(hair=Hair("bald", BROWN, brow_colour=WHITE, beard_colour=(0.1, 0.2, 0.3)))
    found = params_from_json(params_to_json(coloured)).hair
    assert found == coloured.hair
    assert "brow_colour" not in params_to_json(plain_params.replace(hair=Hair("bald", BROWN)))


@pytest.mark.parametrize(("style", "hides"), [("long", True), ("bald", False)])
def test_long_hair_hides_ears_and_no_hair_does_not(head, plain_params, style, hides):
    worn = plain_params.replace(hair=Hair(style, BROWN, groom=PRESETS[style].groom))
    assert ("ears" in hidden_parts(head, worn)) == hides
