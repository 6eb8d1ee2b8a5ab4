"""Glasses found in pictures of heads that wear known ones, and none where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from dressed_people import person

from facegpt.encode.parts import GLASSES, PARTS, FaceParts
from facegpt.face import Face
from facegpt.glasses.from_photo import FoundGlasses, _frame_colour, check_glasses, glasses_from_photo
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


def test_a_dark_rims_hue_is_believed_as_far_as_it_is_bright_and_purple_is_grey():
    red, green, blue = _frame_colour(np.array([0.018, 0.011, 0.031]))
    assert green >= 0.99 * min(red, blue) and blue < 1.3 * red  # a black rim in warm light
    gold = _frame_colour(np.array([0.5, 0.35, 0.12]))
    assert gold == pytest.approx([0.5, 0.35, 0.12], abs=0.03)
    brown = _frame_colour(np.array([0.06, 0.03, 0.015]))
    assert brown[0] > 1.2 * brown[1] > 1.2 * brown[2]
