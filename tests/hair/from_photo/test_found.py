"""Hair of a fitted head, against grooms that are known and maps of parts that are drawn from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_parts import parts_with, photo, seen_of
from facing_params import SIDE
from scipy.ndimage import binary_erosion

from facegpt.describe.hair_words import is_seen_bald
from facegpt.encode.parts import BACKGROUND, HAIR, HAT, MAP_PX, SKIN, FaceParts
from facegpt.hair.from_photo.choose import seen_length
from facegpt.hair.from_photo.drawer import Drawer, soft_iou
from facegpt.hair.from_photo.fit import bulged, cell_directions, on_its_side, refined, with_length
from facegpt.hair.from_photo.found import check_style, hair_from_photo
from facegpt.hair.from_photo.looks import has_headwear, is_bald, is_wreath
from facegpt.hair.from_photo.seen import FACE_COUNTS, hair_seen, heights
from facegpt.hair.from_photo.strands import strand_directions, strands_of
from facegpt.hair.plan import mirrored
from facegpt.hair.presets import PRESETS
from facegpt.reconstruct.hair import NO_HAIR, _with_doubts
from facegpt.types import BULGE_GRID, HAIR_UNTOLD, FaceGPTError


def test_a_groom_agrees_with_itself_better_than_with_another(model, params):
    groom = PRESETS["bob"].groom
    seen, _ = seen_of(model, params, groom)
    drawer = Drawer.of(model, params, seen)
    assert drawer.agreement(groom) > 0.9 > drawer.agreement(PRESETS["crew"].groom)


@pytest.mark.parametrize(("style", "step"), [("short", "short"), ("bob", "chin"), ("long", "longer")])
def test_length_is_read_from_how_far_hair_hangs(model, params, style, step):
    seen, _ = seen_of(model, params, PRESETS[style].groom)
    steps = ("shaved", "short", "chin", "shoulder", "longer")
    assert abs(steps.index(seen_length(seen)) - steps.index(step)) <= 1


def test_lengths_are_recovered_from_the_silhouette(model, params):
    groom = PRESETS["bob"].groom
    truth = replace(groom, sides_mm=groom.sides_mm * 1.3, back_mm=groom.back_mm * 1.3, top_mm=groom.top_mm * 1.3)
    seen, _ = seen_of(model, params, truth)
    drawer = Drawer.of(model, params, seen)
    found = refined(drawer, groom, 20)
    assert drawer.agreement(found) > drawer.agreement(groom)
    assert abs(found.sides_mm - truth.sides_mm) < abs(groom.sides_mm - truth.sides_mm)


@pytest.mark.parametrize("style", ["lob", "long", "long_wavy"])
def test_hair_that_the_photo_cuts_off_ends_where_most_such_hair_does(model, params, style):
    _, parts = seen_of(model, params, PRESETS["waist"].groom)
    whole = hair_seen(model, params, parts)
    beyond = np.kron(heights(whole.view) < -115, np.ones((2, 2), bool))
    beliefs = parts.probabilities.copy()
    beliefs[beyond] = np.eye(9)[BACKGROUND]
    seen = hair_seen(model, params, replace(parts, probabilities=beliefs, seen=~beyond))
    assert seen.cut
    # 155 mm below the ears' tops are seen; of 24,300 people's hair as long as that a quarter ends within 30 mm more,
    # and three quarters within 150
    found = refined(Drawer.of(model, params, seen), with_length(PRESETS[style].groom, seen), 20)
    assert 185 < max(found.sides_mm, found.back_mm) < 305


def test_a_bulge_follows_a_wider_outline_and_never_makes_it_worse(model, params):
    groom = PRESETS["bob"].groom
    wide = replace(groom, bulge=(20.0,) * (BULGE_GRID[0] * BULGE_GRID[1]))
    seen, _ = seen_of(model, params, wide)
    drawer = Drawer.of(model, params, seen)
    found = bulged(drawer, groom)
    assert drawer.agreement(found) > drawer.agreement(groom) + 0.02
    assert np.mean(found.bulge) > 3


@pytest.mark.parametrize("angle_deg", [0, 30, 75, 120])
def test_directions_of_strands_are_those_that_were_drawn(angle_deg):
    everywhere = np.ones((96, 96), bool)
    parts = parts_with(everywhere, ~everywhere)
    y, x = np.mgrid[:SIDE, :SIDE]
    across = np.sin(np.radians(angle_deg)) * x - np.cos(np.radians(angle_deg)) * y
    image = np.repeat((120 + 60 * np.sin(across * 1.2))[..., None], 3, 2).astype(np.uint8)
    found = strand_directions(strands_of(image, parts, everywhere.astype(np.float32)))[20:-20, 20:-20].mean()
    assert abs(found) > 0.9
    assert abs(found / abs(found) - np.exp(2j * np.radians(angle_deg))) < 0.05


def test_strands_as_seen_agree_and_strands_across_them_do_not(model, params):
    seen, _ = seen_of(model, params, PRESETS["bob"].groom)
    picture = Drawer.of(model, params, seen).draw(PRESETS["bob"].groom)
    as_drawn, across = (Drawer.of(model, params, seen, sign * picture.along) for sign in (1, -1))
    assert as_drawn.alike(picture) == pytest.approx(1, abs=1e-5)
    assert across.alike(picture) == pytest.approx(-1, abs=1e-5)
    assert Drawer.of(model, params, seen).alike(picture) == 0


def test_strands_tell_which_way_hair_is_swept_where_the_outline_hardly_does(model, params):
    groom = PRESETS["short_swept"].groom
    seen, _ = seen_of(model, params, groom)
    along = Drawer.of(model, params, seen).draw(groom).along
    drawer = Drawer.of(model, params, seen, along)
    forward = replace(groom, sweep_back=-0.8)
    gap = [other.fit(groom) - other.fit(forward) for other in (drawer, Drawer.of(model, params, seen))]
    assert gap[0] > gap[1] + 0.1


def test_cells_of_the_bulge_point_where_the_groom_says(model):
    cells = np.array(list(cell_directions())).reshape(*BULGE_GRID, 3)
    assert np.allclose(np.linalg.norm(cells, axis=-1), 1)
    assert (cells[0, :, 1] < -0.9).all() and (cells[-1, :, 1] > 0.9).all()
    assert cells[3, 0, 2] > 0.9 and cells[3, 3, 0] > 0.9  # the face, then the subject's left


def test_colour_is_the_photos_freed_of_its_light(model, params):
    _, parts = seen_of(model, params, PRESETS["bob"].groom)
    dark, light = (
        hair_from_photo(photo(parts, colour), model, params, parts, "fast").hair
        for colour in ((40, 28, 20), (190, 150, 100))
    )
    assert sum(light.colour) > 4 * sum(dark.colour)
    assert light.colour[0] > light.colour[1] > light.colour[2]


def test_hair_of_grey_photos_has_the_hues_of_hair(model, params):
    """Brightness is all that they tell: young blond, brown and black hair are not grey."""
    _, parts = seen_of(model, params, PRESETS["bob"].groom)
    found = {}
    for level in (18, 60, 150):
        hair = hair_from_photo(photo(parts, (level,) * 3), model, params, parts, "fast", greyness=0.0).hair
        found[level] = hair.colour
        assert hair.colour[0] > 1.15 * hair.colour[2]
    assert sum(found[150]) > 2 * sum(found[60]) > 2 * sum(found[18])
    old = hair_from_photo(photo(parts, (150,) * 3), model, params, parts, "fast", greyness=0.9).hair
    assert old.colour[0] < 1.3 * old.colour[2] < 1.3 * found[150][0]


def test_bald_heads_stay_bald_and_headwear_is_known_above_hair(model, params):
    _, bare = seen_of(model, params, None)
    found = hair_from_photo(photo(bare, (0, 0, 0)), model, params, bare)
    assert found.hair is None and "bald" in found.worn.hair
    _, hatted = seen_of(model, params, PRESETS["bob"].groom, hat=True)
    found = hair_from_photo(photo(hatted, (30, 20, 10)), model, params, hatted)
    assert found.worn.headwear  # the hair that hangs out from below it stays


def test_a_head_whose_face_was_taken_for_hair_is_not_said_to_be_bald(model, params):
    _, bare = seen_of(model, params, None)
    image = photo(bare, (0, 0, 0))
    bald, untold = (hair_from_photo(image, model, params, replace(bare, false_hair=false)) for false in (False, True))
    assert untold.hair is None and untold.worn.hair in HAIR_UNTOLD
    assert _with_doubts(untold, "photo").left_out == (NO_HAIR,) and _with_doubts(bald, "photo").left_out == ()
    seen_bald, not_told = (replace(params, hair=None, worn=one.worn) for one in (bald, untold))
    assert is_seen_bald(seen_bald) and not is_seen_bald(not_told)


def test_what_is_behind_a_bald_head_that_was_fitted_too_large_is_no_hat(model, params):
    nothing = np.zeros((96, 96), bool)
    skin = hair_seen(model, params, parts_with(nothing, nothing)).view.head
    smaller = parts_with(nothing, binary_erosion(skin, iterations=2))
    found = hair_from_photo(photo(smaller, (0, 0, 0)), model, params, smaller)
    assert found.hair is None and not found.worn.headwear and "bald" in found.worn.hair


def test_hair_over_half_a_forehead_is_no_fringe(model, params):
    _, parts = seen_of(model, params, PRESETS["bob"].groom)
    skin, hair = (parts.probabilities[::2, ::2, part] > 0.5 for part in (SKIN, HAIR))
    over = np.zeros((96, 96), bool)
    place = hair_seen(model, params, parts).view.place(np.array([[0.0, 85, 90], [0, 50, 90]]))[:, :2]
    (middle, top), (_, low) = np.rint(place).astype(int)
    over[top : low + 1, : middle + 1] = True
    half, whole = (
        hair_seen(model, params, parts_with(hair | (mask & skin), skin)) for mask in (over, over | over[:, ::-1])
    )
    assert half.fringe < 0.3 < half.forehead < whole.forehead and whole.fringe > 0.7


def test_small_faces_get_a_plain_style_or_none(model, params):
    _, parts = seen_of(model, params, PRESETS["long"].groom)
    image = photo(parts, (60, 40, 30))
    for size, plain in ((48, True), (18, False)):
        factor = size / 130
        small = params.replace(camera=params.camera.scaled(factor))
        shrunk = FaceParts(parts.probabilities, parts.seen, parts.to_map / [[factor, factor, 1]])
        found = hair_from_photo(image[:: int(1 / factor), :: int(1 / factor)], model, small, shrunk)
        assert (found.hair is not None and found.hair.groom is None) if plain else found.hair is None
        assert "small" in found.worn.hair


def test_soft_iou_looks_only_where_hair_would_be_seen(model, params):
    seen, _ = seen_of(model, params, PRESETS["bob"].groom)
    unknown = replace(seen, known=seen.hair > 0.5)
    assert soft_iou(np.ones((96, 96), np.float32), unknown) > 0.95


@pytest.mark.parametrize(("above", "most"), [(FACE_COUNTS, 0.1), (1.0, 0.25)], ids=["eyes", "face"])
def test_hair_across_bare_eyes_or_a_bare_face_counts_more_than_as_much_of_it_elsewhere(model, params, above, most):
    seen, _ = seen_of(model, params, PRESETS["short"].groom)
    bare = seen.weight > above
    assert 20 < bare.sum() < most * bare.size and not (bare & seen.mask).any()
    over = seen.hair.copy()
    over[bare] = 1.0
    elsewhere = seen.hair.copy()
    free = np.flatnonzero((seen.hair < 0.05) & (seen.weight == 1) & seen.known)[: int(bare.sum())]
    elsewhere.flat[free] = 1.0
    assert soft_iou(over, seen, seen.weight) < soft_iou(elsewhere, seen, seen.weight) - 0.02
    assert soft_iou(over, seen) == pytest.approx(soft_iou(elsewhere, seen), abs=0.02)


def test_a_style_that_is_not_there_is_told(model, params):
    with pytest.raises(FaceGPTError, match="'auto', 'none' or a style"):
        check_style("helmet")


def test_a_groom_is_parted_on_the_side_where_the_photo_shows_it(model, params):
    groom = PRESETS["bob_side"].groom
    truth = mirrored(groom)
    seen, _ = seen_of(model, params, truth)
    along = Drawer.of(model, params, seen).draw(truth).along
    assert on_its_side(Drawer.of(model, params, seen, along), groom) == truth
    assert on_its_side(Drawer.of(model, params, seen, along), truth) == truth


def test_a_doubted_hat_is_hair_unless_it_covers_the_head(model, params):
    seen, parts = seen_of(model, params, PRESETS["bob"].groom)
    image = photo(parts, (60, 40, 30))
    hair = parts.probabilities[..., HAIR]
    left = hair * (np.arange(MAP_PX) < MAP_PX * 0.4)
    for doubted, covered in ((left, False), (hair, True)):
        beliefs = parts.probabilities.copy()
        beliefs[..., HAIR] -= doubted
        beliefs[..., HAT] += doubted
        hatted = replace(parts, probabilities=beliefs, doubted=doubted)
        found = hair_from_photo(image, model, params, hatted, "fast")
        assert found.worn.headwear == covered
    np.testing.assert_allclose(hatted.bareheaded().probabilities, parts.probabilities)
    assert seen.rooted > 0.5


@pytest.mark.parametrize(("style", "bare"), [("wreath", True), ("short", False), ("bob", False), ("crew", False)])
def test_a_wreath_of_hair_is_one_and_is_drawn_as_one(model, params, style, bare):
    seen, parts = seen_of(model, params, PRESETS[style].groom)
    assert is_wreath(seen) == bare and not is_bald(seen)
    if bare:
        found = hair_from_photo(photo(parts, (60, 40, 30)), model, params, parts)
        assert PRESETS[found.hair.style].family == "bald"
        assert found.hair.groom.crown_thinning == 1


def test_hair_that_stands_over_the_outline_of_a_crown_makes_no_wreath(model, params):
    seen, _ = seen_of(model, params, PRESETS["wreath"].groom)
    assert not is_wreath(replace(seen, over_mm=np.array([np.nan, 12.5, 4.6, 4.6])))
    assert is_wreath(replace(seen, over_mm=np.array([np.nan, 0.0, 4.6, 4.6])))


def test_a_crown_that_the_photo_cuts_off_is_neither_a_wreath_nor_bald(model, params):
    seen, _ = seen_of(model, params, PRESETS["wreath"].groom)
    cut = replace(seen, over_mm=np.array([np.nan, np.nan, 4.6, 4.6]))
    assert not is_wreath(cut) and not is_bald(cut) and not is_bald(replace(cut, rooted=0.05))


def test_the_wall_behind_a_scalp_is_no_headwear(model, params):
    seen, _ = seen_of(model, params, PRESETS["short"].groom)
    behind = replace(seen, covered=0.55, rooted=0.26, hatted=0.0)
    assert not has_headwear(behind) and has_headwear(replace(behind, hatted=0.4))
    assert has_headwear(replace(seen, covered=0.53, rooted=0.45, hatted=0.5))  # a rim of black cloth is taken for hair
    assert not has_headwear(replace(seen, covered=0.4, rooted=0.5, hatted=0.4))
