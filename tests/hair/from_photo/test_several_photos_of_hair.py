"""Hair of one person in several photos, against grooms that are known and drawn from several sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_parts import parts_with, photo, seen_of

from facegpt.conventions import rotation_from_euler_deg
from facegpt.hair.accessories import Accessories, Wishes, accessories_from_json, accessories_to_json
from facegpt.hair.from_photo.drawer import Drawer
from facegpt.hair.from_photo.found import hair_from_photos
from facegpt.hair.from_photo.looks import HairPhoto
from facegpt.hair.from_photo.seen import hair_seen
from facegpt.hair.groom import varied
from facegpt.hair.presets import PRESETS
from facegpt.types import BULGE_GRID, FaceGPTError, Glasses, Hair, Pose, Worn

BROWN = (90, 60, 45)


def turned(params, yaw_deg):
    return params.replace(pose=Pose(rotation_from_euler_deg(yaw_deg, 0.0, 0.0), params.pose.translation))


def photo_from(model, params, groom, hat=False):
    """A photo of the head with a groom, None for bald, or with a hat on."""
    _, parts = seen_of(model, params, groom, hat)
    return HairPhoto(photo(parts, BROWN), params, parts)


def silhouette(model, params, groom):
    nothing = np.zeros((96, 96), bool)
    return Drawer.of(model, params, hair_seen(model, params, parts_with(nothing, nothing))).draw(groom).cover > 0.5


def groom_of(hair):
    return PRESETS[hair.style].groom if hair.groom is None else hair.groom


def iou(one, other):
    return (one & other).sum() / max((one | other).sum(), 1)


@pytest.mark.slow
def test_hair_of_three_photos_is_as_good_from_new_sides_as_that_of_the_best_one(model, params):
    several, best, mean = [], [], []
    for seed, style in enumerate(("bob", "long", "short", "curly", "lob")):
        truth = varied(PRESETS[style].groom, np.random.default_rng(seed))
        photos = [photo_from(model, turned(params, yaw), truth) for yaw in (-45.0, 0.0, 45.0)]
        unseen = [turned(params, yaw) for yaw in (-20.0, 25.0, 80.0)]

        def from_new_sides(hair, truth=truth, unseen=unseen):
            return np.mean([iou(silhouette(model, p, groom_of(hair)), silhouette(model, p, truth)) for p in unseen])

        single = [from_new_sides(hair_from_photos(model, [one]).hair) for one in photos]
        several.append(from_new_sides(hair_from_photos(model, photos).hair))
        best.append(max(single))
        mean.append(np.mean(single))
    print(f"from new sides: three photos {np.mean(several):.3f}, best {np.mean(best):.3f}, single {np.mean(mean):.3f}")
    assert np.mean(several) > np.mean(mean)
    assert np.mean(several) > np.mean(best) - 0.02


def test_a_hat_in_the_first_photo_hides_no_hair_that_others_show(model, params):
    groom = PRESETS["bob"].groom
    hatted = photo_from(model, params, groom, hat=True)
    assert hair_from_photos(model, [hatted], "fast").worn.headwear
    found = hair_from_photos(model, [hatted, photo_from(model, turned(params, 15.0), groom)], "fast")
    assert found.hair is not None and not found.worn.headwear


def test_after_a_haircut_the_first_photos_hair_is_taken(model, params):
    short, long = (photo_from(model, params, PRESETS[style].groom) for style in ("crew", "waist"))
    alone = hair_from_photos(model, [short], "fast").hair
    assert hair_from_photos(model, [short, long, long], "fast").hair == alone


def test_a_head_is_bald_where_most_photos_show_it_so(model, params):
    bald, haired = (photo_from(model, params, groom) for groom in (None, PRESETS["bob"].groom))
    assert hair_from_photos(model, [haired, bald, bald], "fast").hair is None
    assert hair_from_photos(model, [bald, haired, haired], "fast").hair is not None


def test_accessories_come_back_from_text():
    groom = varied(PRESETS["bob"].groom, np.random.default_rng(1))
    bulge = tuple(float(k % 7) for k in range(BULGE_GRID[0] * BULGE_GRID[1]))
    hair = Hair("bob", (0.1, 0.06, 0.04), grey=0.2, groom=replace(groom, bulge=bulge))
    accessories = Accessories(hair, Glasses("round", (0.1, 0.2, 0.3), darkness=0.8), Worn("fitted", False, "dark"))
    assert accessories_from_json(accessories_to_json(accessories), "a.json") == accessories
    assert accessories_from_json({}, "a.json") == Accessories()


@pytest.mark.parametrize("content", [3, {"hair": {"length": 3}}, {"glasses": {"style": "monocle"}}, {"worn": 2}])
def test_damaged_accessories_are_told_of(content):
    with pytest.raises(FaceGPTError, match=r"a\.json"):
        accessories_from_json(content, "a.json")


def test_wishes_change_what_is_worn_and_keep_the_colour():
    worn = Accessories(Hair("bob", (0.1, 0.06, 0.04)), Glasses("round"))
    assert worn.as_wished(Wishes()) == worn
    assert worn.as_wished(Wishes("none", "none")) == Accessories()
    other = worn.as_wished(Wishes("long", "aviator"))
    assert other.hair == Hair("long", (0.1, 0.06, 0.04)) and other.glasses.style == "aviator"
    for wrong in ({"hair": "mop"}, {"glasses": "monocle"}):
        with pytest.raises(FaceGPTError):
            Wishes(**wrong)
