"""Colours that words give to parts of the face, and the colours that are then drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.face import Face
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.language.looks.eye_colours import EYE_COLOURS
from facegpt.language.reading.colours_of_parts import (
    brow_colour,
    colours_of_parts,
    eye_colour,
    uncoloured,
    with_colours,
)
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.skin import skin_read
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("redhead with green eyes", [("eye", "green")]),
        ("shave him and make his eyes green", [("eye", "green")]),
        ("hazle eyes pls and a black mustache", [("eye", "hazel"), ("moustache", "black")]),
        ("dark brown almond-shaped eyes", [("eye", "dark brown")]),
        ("his eyes are a very light blue-grey", [("eye", "light blue grey")]),
        ("a black hat and brown eyes", [("eye", "brown")]),
        ("green glasses, big nose", []),
        ("no blue eyes", []),
        ("he has a black eye", []),
        ("blue-eyed blonde", [("eye", "blue")]),
    ],
)
def test_a_colour_belongs_to_the_part_behind_it_or_named_before_it(text, told):
    assert [(each.part, each.colour) for each in colours_of_parts(text)] == told


def test_every_colour_of_the_table_is_read_by_its_words():
    assert {eye_colour(name.replace("_", " ")) for name in EYE_COLOURS} == set(EYE_COLOURS)


def test_a_part_that_takes_no_colour_is_told():
    assert [line.split(":")[0] for line in uncoloured("purple ears and green eyes")] == ["purple ears"]


def test_a_colour_of_eyes_takes_the_place_of_a_degree_and_moves_nothing():
    read = open_request()
    read = replace(read, attribute_mean=np.full_like(read.attribute_mean, 0.9))
    asked = with_colours(read, "green eyes")
    assert asked.irises == "green" and np.flatnonzero(asked.attribute_mean != read.attribute_mean).size == 1


def change_of_eyes(colour):
    """A request that changes the colour of the eyes and nothing else."""
    none = np.zeros_like(open_request().attribute_mean)
    return replace(open_request(), irises=colour, is_edit=True, attribute_mean=none, attribute_spread=none.copy())


def eye_pixels(model, colours):
    """The median sRGB of the pixels in which a head with eyes of some colours differs, by colour."""
    before = imagine_params(model, open_request(), 5)
    heads = {name: Face(model, edit_params(model, before, change_of_eyes(name))) for name in colours}
    pictures = {name: head.render(size=384).astype(float)[..., :3] for name, head in heads.items()}
    eyes = np.ptp(list(pictures.values()), 0).max(-1) > 12
    return {name: np.median(picture[eyes], 0) for name, picture in pictures.items()}


def test_the_picture_shows_the_colour_that_words_name():
    seen = eye_pixels(makehuman.load(), ("brown", "green", "blue"))
    red, green, blue = 0, 1, 2
    assert seen["brown"][red] > seen["brown"][green] > seen["brown"][blue]
    assert seen["blue"][blue] > seen["blue"][red]
    assert seen["green"][green] > max(seen["green"][red], seen["green"][blue]) - 2
    assert seen["green"][blue] < seen["blue"][blue] and seen["green"][red] < seen["brown"][red] + 40


def test_a_change_of_the_eyes_colour_leaves_the_person_as_they_are():
    model = makehuman.load()
    before = imagine_params(model, open_request(), 5)
    after = edit_params(model, before, change_of_eyes("green"))
    np.testing.assert_array_equal(after.identity, before.identity)
    np.testing.assert_array_equal(after.expression, before.expression)
    assert after.hair == before.hair and not np.array_equal(after.albedo, before.albedo)


def test_freckles_that_are_asked_for_are_seen_on_a_skin_that_had_none():
    model = makehuman.load()
    before = imagine_params(model, open_request(), 5)
    asked = change_of_eyes("")
    asked.attribute_mean[ATTRIBUTES.index("freckles")] = 1.0
    assert skin_read(model.albedo, edit_params(model, before, asked).albedo)["freckles"] > 1.3


def test_bleached_brows_and_hair_are_shown():
    assert uncoloured("thin bleached eyebrows") == uncoloured("bleached hair") == []
    assert brow_colour("thin bleached") == brow_colour("bleached") != ""


def test_grey_of_temples_is_their_hairs():
    assert uncoloured("black hair and grey temples") == uncoloured("silver temples") == []
    assert uncoloured("green temples")
