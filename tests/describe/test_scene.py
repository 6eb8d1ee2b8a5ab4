"""What a photo shows around a face: colours, sides and sharpness of drawn pictures, whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from facegpt.describe.colour_names import colour_name, main_colours
from facegpt.describe.scene import SOFT, Scene, scene_of
from facegpt.describe.scene_words import SIGHTS, Place, all_sights, headwear_words, sight_words
from facegpt.encode.objects import Thing
from facegpt.encode.parts import BACKGROUND, CLOTHES, HAT, PARTS, SKIN, FaceParts
from facegpt.types import Headwear

BOX = np.array([70.0, 60.0, 130.0, 140.0])


def drawn(light: tuple[int, int] = (180, 180), hat: bool = False) -> tuple[np.ndarray, FaceParts]:
    """A person in navy before a wall: white on the left, green on the right; brightness of the face's two halves."""
    photo = np.zeros((200, 200, 3), np.uint8)
    photo[:, :100], photo[:, 100:] = (240, 240, 240), (60, 130, 60)
    labels = np.full((200, 200), BACKGROUND)
    labels[150:, 40:160], photo[150:, 40:160] = CLOTHES, (30, 40, 100)
    labels[60:140, 70:130] = SKIN
    noise = np.random.default_rng(0).integers(-25, 25, (80, 60, 1))
    face = np.repeat(np.where(np.arange(60) < 30, *light)[None, :, None], 80, 0)
    photo[60:140, 70:130] = np.clip(face + noise, 0, 255)
    if hat:
        labels[30:60, 65:135], photo[30:60, 65:135] = HAT, (200, 30, 40)
    probabilities = np.eye(len(PARTS), dtype=np.float32)[labels]
    return photo, FaceParts(probabilities, np.ones((200, 200), bool), np.eye(2, 3))


def scene(photo: np.ndarray, parts: FaceParts):
    return scene_of(photo, parts, BOX, (400, 400), [])


@pytest.mark.parametrize(
    ("srgb", "name"),
    [
        ((255, 255, 255), "white"),
        ((10, 10, 10), "black"),
        ((128, 128, 128), "grey"),
        ((200, 30, 40), "red"),
        ((30, 40, 100), "dark blue"),
        ((60, 130, 60), "green"),
        ((230, 205, 60), "yellow"),
        ((105, 65, 40), "brown"),
    ],
)
def test_colours_have_their_plain_names(srgb, name):
    assert colour_name(srgb) == name


def test_of_two_colours_both_are_told_and_never_their_mean():
    pixels = np.repeat([[200, 30, 40], [255, 255, 255]], [300, 100], 0)
    assert main_colours(pixels) == ("red", "white")


def test_clothes_and_backdrop_are_told_by_region():
    found = scene(*drawn())
    assert found.clothes == ("dark blue",) and found.headwear == ()
    assert found.backdrop["left"] == ("white",) and found.backdrop["right"] == ("green",) and not found.plain
    assert found.face_px == 160 and found.has_colour


def test_a_hat_is_told_by_its_colour():
    found = scene(*drawn(hat=True))
    assert found.headwear == ("red",) and "something red on the head" in sight_words("headwear", found, None)


@pytest.mark.parametrize(("light", "side"), [((220, 90), "left"), ((90, 220), "right"), ((170, 170), "")])
def test_the_lighter_side_is_told(light, side):
    assert scene(*drawn(light)).lighter == side


def test_a_blurred_photo_is_softer_than_a_sharp_one():
    photo, parts = drawn()
    blurred = np.asarray(Image.fromarray(photo).filter(ImageFilter.GaussianBlur(6)))
    assert scene(blurred, parts).sharpness < SOFT < scene(photo, parts).sharpness


def test_every_sight_has_a_sentence_and_none_names_what_is_not_known():
    found = scene(*drawn())
    for name in SIGHTS:
        assert sight_words(name, found, None).endswith(".")
    assert len(all_sights(found, None)) == len(SIGHTS) - 1
    assert "3 faces; this is number 2" in sight_words("others", found, None, Place(2, 3))


def hinted(*words: tuple[str, str], **facts) -> Scene:
    """A scene in which these (word, kind) are hinted at."""
    known = {"clothes": ("black",), "backdrop": {"left": ("white",), "right": ("grey",)}}
    return Scene(**{**known, **facts}, things=tuple(Thing(word, kind, 0.5) for word, kind in words))


def test_hints_are_told_as_perhaps_where_they_belong():
    worn = hinted(("a suit", "clothes"), ("a tie", "clothes"), ("the inside of a car", "place"), ("a guitar", "held"))
    assert sight_words("clothes", worn, None) == "The clothes below the face are black: perhaps a suit and a tie."
    assert sight_words("backdrop", worn, None).endswith("grey on the right: perhaps the inside of a car.")
    assert sight_words("hands", worn, None).endswith("The photo shows perhaps a guitar.")
    assert "perhaps a suit, a tie and a guitar." in sight_words("elsewhere", worn, None)
    assert sight_words("headwear", worn, None) == "It wears nothing on the head that I can see."


def test_the_kind_of_a_hat_and_of_glasses_is_told_where_they_are_seen():
    hat = hinted(("a knitted cap", "headwear"), headwear=("red",))
    assert sight_words("headwear", hat, None) == "It wears something red on the head, perhaps a knitted cap."
    form = Headwear("cap", brim_mm=(60.0,) * 8)
    told = sight_words("headwear", replace(hat, things=None), None, headwear=form)
    assert told == "It wears something red on the head, by its form a hat with a brim all around."
    grey = hinted(("a knitted cap", "headwear"), headwear=("grey",), has_colour=False)
    assert sight_words("headwear", grey, None) == "It wears something on the head, perhaps a knitted cap."
    unseen = hinted(("a fur hat or hood", "headwear"))
    assert unseen.wears_headwear and not hinted(("a suit", "clothes")).wears_headwear
    assert sight_words("headwear", unseen, None) == "It wears perhaps a fur hat or hood on the head."
    dark = hinted(("sunglasses", "glasses"), glasses=True)
    assert "may be glasses, perhaps sunglasses; the head is made without" in sight_words("glasses", dark, None)


@pytest.mark.parametrize("things", [None, ()])
def test_without_hints_kinds_stay_unknown(things):
    bare = Scene(clothes=("black",), headwear=("red",), backdrop={"left": ("white",)}, things=things)
    for name in ("clothes", "headwear", "backdrop"):
        assert "I can't tell" in sight_words(name, bare, None) and "perhaps" not in sight_words(name, bare, None)


@pytest.mark.parametrize(
    ("headwear", "told"),
    [
        (None, "It wears nothing on the head."),
        (
            Headwear("cap", colour=(0.6, 0.01, 0.01)),
            "It wears something red on the head: a cap, a turban or another hat without a brim.",
        ),
        (Headwear("cap", brim_mm=(60.0,) * 8), "It wears something black on the head: a hat with a brim all around."),
        (Headwear("cap", brim_mm=(0.0, 60.0)), "It wears something black on the head: a cap with a peak."),
        (Headwear("hood", colour=(0.9, 0.9, 0.9)), "It wears something white on the head: a hood or a scarf."),
    ],
)
def test_what_a_head_without_a_photo_wears_is_told(headwear, told):
    assert headwear_words(headwear).replace("dark grey", "black") == told


def test_a_shirt_that_the_parts_network_does_not_see_is_told_by_its_colour_where_a_body_is():
    photo, parts = drawn()
    blind = np.eye(len(PARTS), dtype=np.float32)[np.where(parts.probabilities.argmax(-1) == CLOTHES, BACKGROUND, 1)]
    seen = scene(photo, FaceParts(blind, parts.seen, parts.to_map))
    assert seen.clothes == () and seen.below == ("dark blue",)
    assert sight_words("clothes", seen, None).startswith("The clothes below the face are dark blue")


def test_bare_skin_is_called_no_clothes_and_nothing_is_said_of_what_is_not_seen():
    photo, parts = drawn()
    photo[140:, 30:170] = 180
    seen = scene(
        photo, FaceParts(np.eye(len(PARTS), dtype=np.float32)[np.full((200, 200), SKIN)], parts.seen, parts.to_map)
    )
    assert seen.below == () and sight_words("clothes", seen, None) == "I can't make out the clothes in this photo."
