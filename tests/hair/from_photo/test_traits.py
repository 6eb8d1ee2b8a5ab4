"""The kind of hair in a photo, against pictures of stripes whose course is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from facegpt.encode.parts import HAIR, MAP_PX, FaceParts
from facegpt.hair.from_photo.choose import unlike, unlikely
from facegpt.hair.from_photo.fit import as_curly
from facegpt.hair.from_photo.strands import NAMES, SIDE, strand_features, strands_of
from facegpt.hair.from_photo.traits import FEATURES, KINDS, HairTraits, kind_of, traits_of
from facegpt.hair.presets import FAMILIES, LENGTHS, PRESETS
from facegpt.types import Hair
from facegpt_lab.evaluate.hair.photo_labels import COVERED, agrees, photo_labels

OWN = np.zeros((96, 96), np.float32)
OWN[20:70, 25:75] = 1


def read(grey: np.ndarray) -> dict[str, float]:
    """Features by name of a grey picture (SIDE, SIDE), the map of which covers all of it."""
    image = np.round(np.clip(grey, 0, 1)[..., None].repeat(3, 2) * 255).astype(np.uint8)
    probabilities = np.zeros((MAP_PX, MAP_PX, 9), np.float32)
    probabilities[..., HAIR] = 1
    scale = MAP_PX / SIDE
    to_map = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    parts = FaceParts(probabilities, np.ones((MAP_PX, MAP_PX), bool), to_map)
    return dict(zip(NAMES, strand_features(strands_of(image, parts, OWN)), strict=True))


def strands(bend_px: float, long_px: float = 60.0, turned: bool = False) -> np.ndarray:
    """Strands 5 px apart that swing by bend_px over long_px: straight for 0."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    if turned:
        x, y = y, x
    return 0.4 + 0.15 * np.sin(2 * np.pi * (x + bend_px * np.sin(2 * np.pi * y / long_px)) / 5)


def coils() -> np.ndarray:
    """Spots without any course."""
    noise = gaussian_filter(np.random.default_rng(0).standard_normal((SIDE, SIDE)), 1.5)
    return 0.4 + 0.15 * noise / noise.std()


def test_straight_strands_run_one_way_and_waves_bend_along_themselves():
    straight, wavy, coily = read(strands(0)), read(strands(12)), read(coils())
    assert straight["one_way"] > 0.95 > wavy["one_way"] > coily["one_way"]
    assert straight["bend_along"] < wavy["bend_along"] < coily["bend_along"]


def test_upright_and_level_strands_are_told_apart():
    assert read(strands(0))["upright"] > 0.95
    assert read(strands(0, turned=True))["upright"] < 0.05


def test_neither_brightness_nor_colour_of_hair_says_how_it_runs():
    bright = read(strands(12))
    dark = read(strands(12) * 0.5)
    for name in ("one_way", "bend_along", "bend_across", "upright"):
        assert dark[name] == pytest.approx(bright[name], abs=0.05)


def test_too_little_hair_tells_nothing():
    image = np.full((SIDE, SIDE, 3), 90, np.uint8)
    parts = FaceParts(np.zeros((MAP_PX, MAP_PX, 9), np.float32), np.ones((MAP_PX, MAP_PX), bool), np.eye(2, 3))
    assert np.isnan(strand_features(strands_of(image, parts, np.zeros((96, 96))))).all()


def test_shares_sum_to_one_and_what_is_unknown_counts_as_usual():
    traits = traits_of(np.full(len(FEATURES), np.nan))
    assert traits.kinds.sum() == pytest.approx(1) and traits.families.sum() == pytest.approx(1)
    assert traits.kinds.argmax() == KINDS.index("straight")


@pytest.mark.parametrize(
    ("style", "kind"),
    [("bob", "straight"), ("long_wavy", "wavy"), ("ringlets", "curly"), ("afro", "coily"), ("box_braids", "coily")],
)
def test_styles_are_of_the_kind_that_they_are_called(style, kind):
    assert kind_of(PRESETS[style].groom) == kind


def slope(groom) -> float:
    """How steeply a strand winds: radius over pitch."""
    return groom.curl_radius_mm / groom.curl_pitch_mm


def likely_of_kinds(*kinds: float) -> HairTraits:
    """Traits of hair whose kinds are so likely."""
    return HairTraits(np.array(kinds), np.full(len(FAMILIES), 0.1))


def test_hair_winds_as_much_as_it_likely_does_whatever_its_style():
    told = [likely_of_kinds(1 - wavy, wavy, 0, 0) for wavy in (0.0, 0.3, 0.7, 1.0)]
    for style in ("long", "long_wavy", "shoulder_wavy"):
        groom = PRESETS[style].groom
        wound = [as_curly(groom, traits) for traits in told]
        assert list(map(slope, wound)) == sorted(map(slope, wound)) and slope(wound[0]) < slope(wound[-1])
        assert slope(wound[0]) <= 0.7 * slope(groom)
    assert kind_of(as_curly(PRESETS["long"].groom, told[0])) == "straight"
    assert as_curly(PRESETS["long_wavy"].groom, told[-1]) == PRESETS["long_wavy"].groom


def test_waves_are_faint_where_hair_may_as_well_be_straight():
    groom, sure, unsure = PRESETS["long_beach"].groom, likely_of_kinds(0, 1, 0, 0), likely_of_kinds(0.4, 0.6, 0, 0)
    assert slope(as_curly(groom, unsure)) < 0.75 * slope(as_curly(groom, sure))


@pytest.mark.parametrize("style", ["afro", "box_braids", "braid", "crew", "bob_curly"])
def test_curls_coils_plaits_and_cropped_hair_keep_their_curl(style):
    for kinds in ((0.25, 0.25, 0.25, 0.25), (0.5, 0.5, 0.0, 0.0)):
        assert as_curly(PRESETS[style].groom, likely_of_kinds(*kinds)) == PRESETS[style].groom


def test_a_style_of_another_kind_or_family_loses_but_cropped_hair_shows_no_kind():
    families = np.full(len(FAMILIES), 0.02)
    families[FAMILIES.index("bob")] = 1 - families[:-1].sum()
    traits = HairTraits(np.array([0.9, 0.06, 0.03, 0.01]), families)
    assert unlike("bob", traits) == 0 and unlikely("bob", traits) == 0
    assert unlike("bob_curly", traits) > 0.9 and unlikely("afro", traits) > 2
    assert unlike("cropped", replace(traits, kinds=traits.kinds[::-1])) == 0


def test_labels_are_of_known_words():
    labels = photo_labels()
    for label in labels.values():
        if label.families == (COVERED,):
            continue
        assert set(label.families) <= set(FAMILIES) and set(label.lengths) <= set(LENGTHS)
        assert set(label.kinds) <= {*KINDS, "plaited"} and label.lengths


def test_hair_agrees_with_a_label_of_its_family_kind_and_length():
    label = replace(
        next(iter(photo_labels().values())), families=("bob", "medium"), kinds=("straight",), lengths=("chin",)
    )
    right, curly, none = (agrees(label, hair) for hair in (Hair("bob"), Hair("long_curly"), None))
    assert right.family and right.kind and right.length
    assert not curly.family and not curly.kind
    assert none.family is False and none.kind is False
    assert agrees(replace(label, families=(COVERED,)), Hair("bob")).family is None
