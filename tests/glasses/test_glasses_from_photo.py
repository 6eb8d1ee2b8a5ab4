"""Glasses found in pictures of heads that wear known ones, and none where there are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from dressed_people import person

from facegpt.encode.eyewear import NONE, eyewear
from facegpt.encode.parts import GLASSES, HAIR, PARTS, FaceParts
from facegpt.face import Face
from facegpt.glasses.colours import glasses_like
from facegpt.glasses.contour import STYLE_CONTOURS, contour_outline
from facegpt.glasses.fit import fit_front, wearer_of
from facegpt.glasses.frames import FRAMES, outline
from facegpt.glasses.from_photo import FoundGlasses, _frame_colour, check_glasses, glasses_from_photo
from facegpt.glasses.glasses_json import glasses_from_json, glasses_to_json
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.reconstruct.glasses import with_shared_glasses
from facegpt.types import FaceGPTError, Glasses

SIDE = 192


def parts_of(image, seen=None):
    """Parts of a whole picture: glasses where `seen` (H, W), skin elsewhere."""
    probabilities = np.zeros((SIDE, SIDE, len(PARTS)), np.float32)
    probabilities[..., 1] = 1.0
    scale = SIDE / image.shape[1]
    if seen is not None:
        rows = np.minimum((np.arange(SIDE) / scale).astype(int), len(image) - 1)
        probabilities[..., GLASSES] = seen[rows][:, rows]
        probabilities[..., 1] -= probabilities[..., GLASSES]
    to_map = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]])
    return FaceParts(probabilities, np.ones((SIDE, SIDE), bool), to_map)


@pytest.fixture(scope="module")
def bare(head):
    params = person(head, "bald")
    return Face(head, params.replace(camera=params.camera.scaled(2)))


def with_lenses(face, look):
    return Face(face.model, face.params.replace(glasses=look))


def test_a_bare_face_has_none_and_an_asked_frame_is_the_usual_one(bare):
    params, image = bare.params, bare.image
    assert glasses_from_photo(image, bare.model, params, parts_of(image)).look is None
    asked = glasses_from_photo(image, bare.model, params, parts_of(image), "oval").look
    assert asked.style == "oval" and asked.darkness == 0
    with pytest.raises(FaceGPTError, match=r"'monocle'.*aviator"):
        check_glasses("monocle")


@pytest.mark.parametrize("style", ["round", "square", "rectangular"])
def test_a_dark_frame_that_was_drawn_is_found_again(bare, style):
    image = bare.with_glasses(style, color="black").image
    found = glasses_from_photo(image, bare.model, bare.params, parts_of(image)).look
    assert found is not None and found.style == style
    assert found.darkness == 0 and max(found.colour) < 0.08
    assert abs(found.size - 1) < 0.12 and abs(found.drop_mm) < 3


#: Lenses that are none of the eight frames, on which nothing was chosen: nearly round, low and wide, drop-shaped.
PANTOS = (0.88, 2.3, 2.1, 0.12, 0.02, 0.04)
LOW = (0.55, 3.0, 2.4, 0.04, 0.0, 0.08)
DROP = (0.86, 3.4, 2.2, 0.25, 0.06, 0.0)


def apart_mm(one, other) -> float:
    """Mean distance of two lenses' edges, mm, both ways."""
    across = np.linalg.norm(one[:, None] - other, axis=-1)
    return float(across.min(0).mean() + across.min(1).mean()) / 2


@pytest.mark.parametrize(("lens", "rim_mm"), [(PANTOS, 1.5), (LOW, 3.0), (DROP, 2.4)])
def test_a_lens_of_a_contour_of_its_own_is_found_with_its_rims(bare, lens, rim_mm):
    truth = Glasses("square", (0.012, 0.012, 0.013), lens=lens, rims_mm=(rim_mm, rim_mm))
    image = with_lenses(bare, truth).image
    found = glasses_from_photo(image, bare.model, bare.params, parts_of(image)).look
    assert found is not None and len(found.lens) == 8
    wearer = wearer_of(bare.model, bare.params.identity)
    fronts = [fit_front(look, wearer) for look in (truth, found)]
    edges = [front.edge + np.array([0.0, front.origin[1]]) for front in fronts]
    assert apart_mm(*edges) < 1.6
    assert abs(found.rims_mm[0] - rim_mm) < 1.0


@pytest.mark.parametrize("bridge_mm", [13.0, 22.0])
def test_the_gap_between_lenses_is_the_drawn_one_and_not_the_one_that_the_nose_asks_for(bare, bridge_mm):
    truth = Glasses("square", (0.012, 0.012, 0.013), lens=PANTOS, rims_mm=(2.0, 2.0), size=0.95, bridge_mm=bridge_mm)
    image = with_lenses(bare, truth).image
    found = glasses_from_photo(image, bare.model, bare.params, parts_of(image)).look
    assert found is not None and abs(found.bridge_mm - bridge_mm) < 2.0
    wearer = wearer_of(bare.model, bare.params.identity)
    assert abs(fit_front(found, wearer).lens_mm - fit_front(truth, wearer).lens_mm) < 2.5


def test_a_dark_bar_above_the_lenses_that_is_hair_is_no_rim(bare):
    truth = Glasses("round", (0.012, 0.012, 0.013), lens=LOW, rims_mm=(2.0, 2.0))
    image = with_lenses(bare, truth).image.copy()
    wearer = wearer_of(bare.model, bare.params.identity)
    front = fit_front(truth, wearer)
    tops = front.place(np.array([[-40.0, 18.0], [40.0, 18.0], [40.0, 23.0], [-40.0, 23.0]]))
    corners = bare.params.camera.project(bare.params.pose.apply(tops))
    (left, high), (right, low) = corners.min(0).astype(int), corners.max(0).astype(int)
    image[high:low, left:right] = 25
    hair = np.zeros(image.shape[:2], np.float32)
    hair[high:low, left:right] = 1.0
    parts = parts_of(image, hair)
    probabilities = parts.probabilities.copy()
    probabilities[..., HAIR], probabilities[..., GLASSES] = probabilities[..., GLASSES], 0.0
    found = glasses_from_photo(image, bare.model, bare.params, replace(parts, probabilities=probabilities)).look
    assert found is not None
    edges = [one.edge + np.array([0.0, one.origin[1]]) for one in (front, fit_front(found, wearer))]
    assert apart_mm(*edges) < 2.0


def test_wires_on_the_tip_of_the_nose_are_found_there_by_the_network_of_eyewear(bare):
    truth = Glasses("round", (0.05, 0.05, 0.05), lens=PANTOS, rims_mm=(1.3, 1.3), drop_mm=15.0)
    image = with_lenses(bare, truth).image
    seen = eyewear(image, bare.landmarks("mediapipe478", space="image"))
    found = glasses_from_photo(image, bare.model, bare.params, replace(parts_of(image), eyewear=seen)).look
    assert found is not None and found.darkness == 0 and max(found.colour) < 0.2
    wearer = wearer_of(bare.model, bare.params.identity)
    heights = [float(fit_front(look, wearer).place(np.zeros((1, 2)))[0, 1]) for look in (truth, found)]
    assert abs(heights[0] - heights[1]) < 4.0
    none = replace(seen, worn=NONE - 1)
    assert glasses_from_photo(image, bare.model, bare.params, replace(parts_of(image), eyewear=none)).look is None


def test_a_half_rim_has_none_below(bare):
    truth = Glasses("rectangular", (0.012, 0.012, 0.013), lens=LOW, rims_mm=(0.0, 2.6))
    image = with_lenses(bare, truth).image
    seen = eyewear(image, bare.landmarks("mediapipe478", space="image"))
    found = glasses_from_photo(image, bare.model, bare.params, replace(parts_of(image), eyewear=seen)).look
    assert found is not None and found.rims_mm[0] == 0.0 and found.rims_mm[1] > 1.2


#: A lens whose corners towards the temple are sharper than those towards the nose.
SHARP = (0.7, 2.4, 2.6, 0.1, 0.0, 0.0, 6.0, 5.0)


def corner_mm(edge, side):
    """How far the upper corner of the box of an edge (N, 2) lies from the edge, towards the temple (1) or nose (-1)."""
    at = edge - (edge.min(0) + edge.max(0)) / 2
    box = np.array([side, 1.0]) * at.max(0)
    return float(np.linalg.norm(at - box, axis=1).min())


def test_corners_towards_the_temple_stay_sharper_than_those_towards_the_nose(bare):
    truth = Glasses("square", (0.012, 0.012, 0.013), lens=SHARP, rims_mm=(2.0, 2.0))
    image = with_lenses(bare, truth).image
    found = glasses_from_photo(image, bare.model, bare.params, parts_of(image)).look
    wearer = wearer_of(bare.model, bare.params.identity)
    true, own = (fit_front(look, wearer).edge for look in (truth, found))
    for side in (1, -1):
        assert corner_mm(own, side) == pytest.approx(corner_mm(true, side), abs=1.2)
    assert corner_mm(own, 1) < corner_mm(own, -1) - 1.0


@pytest.mark.parametrize("wide_mm", [1.2, 2.4, 4.0])
def test_wires_are_told_from_thick_rims(bare, wide_mm):
    truth = Glasses("square", (0.012, 0.012, 0.013), lens=PANTOS, rims_mm=(wide_mm, wide_mm))
    image = with_lenses(bare, truth).image
    seen = eyewear(image, bare.landmarks("mediapipe478", space="image"))
    found = glasses_from_photo(image, bare.model, bare.params, replace(parts_of(image), eyewear=seen)).look
    assert found.rims_mm[0] == pytest.approx(wide_mm, abs=0.5)


def test_glasses_pushed_up_on_the_forehead_are_not_worn_before_the_eyes(bare):
    points = bare.landmarks("mediapipe478", space="image")
    worn = with_lenses(bare, Glasses("round", (0.02, 0.02, 0.02), lens=PANTOS, rims_mm=(2.0, 2.0))).image
    up = round(50 / 95 * float(np.linalg.norm(points[33, :2] - points[263, :2])))  # 50 mm
    changed = np.abs(worn.astype(int) - bare.image).max(-1) > 6
    image = bare.image.copy()
    image[:-up][changed[up:]] = worn[up:][changed[up:]]
    found = glasses_from_photo(image, bare.model, bare.params, replace(parts_of(image), eyewear=eyewear(image, points)))
    assert found.look is None


def test_the_eight_frames_are_contours_within_a_millimetre():
    for style, frame in FRAMES.items():
        assert apart_mm(contour_outline(STYLE_CONTOURS[style], 50.0), outline(style, 50.0, 50.0 * frame.height)) < 1.0


def test_fitted_glasses_come_back_from_json_the_same_and_keep_their_contour_when_recoloured():
    fitted = Glasses("round", lens=PANTOS, rims_mm=(1.5, 1.8), bridge_mm=17.5)
    assert glasses_from_json(glasses_to_json(fitted), "a file") == fitted
    assert "lens" not in glasses_to_json(Glasses())
    assert glasses_like("round", "gold", now=fitted).lens == PANTOS
    with pytest.raises(FaceGPTError, match="no contour"):
        glasses_from_json({"lens": [9.0] * 6}, "a file")


def test_sunglasses_are_found_by_the_area_that_is_seen_as_glasses(bare):
    image = bare.with_glasses("aviator", color="black", tint="dark").image
    seen = np.abs(image.astype(int) - bare.image).max(-1) > 20
    found = glasses_from_photo(image, bare.model, bare.params, parts_of(image, seen)).look
    assert found is not None and found.darkness > 0.5 and max(found.tint) < 0.2


def test_mirrored_lenses_hide_the_eyes_though_they_are_as_bright_as_skin(bare):
    tint = (0.08, 0.42, 0.22)
    image = with_lenses(bare, Glasses("square", (0.02, 0.02, 0.02), tint=tint, darkness=0.97)).image
    seen = np.abs(image.astype(int) - bare.image).max(-1) > 12
    found = glasses_from_photo(image, bare.model, bare.params, parts_of(image, seen)).look
    assert found is not None and found.darkness > 0.8
    assert found.tint[1] > 1.5 * max(found.tint[0], found.tint[2])


@pytest.mark.parametrize(
    ("shown", "worn"), [("wws", True), ("w--", False), ("w-", False), ("ws-", True), ("---", False)]
)
def test_a_person_of_several_photos_wears_what_most_of_them_show(monkeypatch, head, shown, worn):
    """w: found well, s: found less well and smaller, -: a bare face."""
    kinds = {
        "w": FoundGlasses(Glasses("round", size=1.02), 0.2, 0.5),
        "s": FoundGlasses(Glasses("round", size=0.9), 0.1, 0.4),
        "-": FoundGlasses(None),
    }
    found = iter([kinds[letter] for letter in shown])
    monkeypatch.setattr("facegpt.reconstruct.glasses._found", lambda *_: next(found))
    views = with_shared_glasses([mean_head(head)] * len(shown), [None] * len(shown), "auto")
    assert {view.glasses for view in views} == {kinds["w"].look if worn else None}


def test_a_rims_hue_is_believed_as_far_as_it_is_strong_in_the_photo_and_without_its_light():
    warm = np.array([1.6, 1.3, 0.8])
    black = _frame_colour(np.array([0.028, 0.026, 0.027]), warm)
    assert black.max() < 1.15 * black.min()  # freed of its light it would be blue
    navy, tortoise = np.array([0.02, 0.03, 0.09]), np.array([0.07, 0.02, 0.008])
    for colour in (navy, tortoise):
        found = _frame_colour(colour * warm, warm)
        assert np.abs(found - colour).max() < 0.2 * colour.max()
    assert _frame_colour(np.full(3, 0.003), warm).max() < 0.006  # what lacquer mirrors is drawn besides
    gold = np.array([0.5, 0.35, 0.12])
    assert _frame_colour(gold, np.ones(3)) == pytest.approx(gold, abs=0.03)
