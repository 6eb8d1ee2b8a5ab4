"""The judges of hair and of relit skin, on heads whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.encode.parts import HAIR, SKIN, FaceParts
from facegpt.face import Face
from facegpt.hair.presets import PRESETS
from facegpt.render.base import AMBIENT_WHITE
from facegpt.types import Hair
from facegpt_lab.evaluate.hair import photo as judge
from facegpt_lab.evaluate.hair.picture_judge import LENGTHS, SWATCHES, Seen, Views, colours_seen, length_seen, views_of
from facegpt_lab.evaluate.hair.words import Asked, judged, sentences
from facegpt_lab.evaluate.shared_networks import head
from facegpt_lab.evaluate.skin_light.relight import RelitPhotos, _drawn_head, errors_of


@pytest.fixture(scope="module")
def known():
    return judge.known_head(91_500)


def test_a_known_head_is_the_same_for_its_seed_and_wears_a_moved_style(known):
    params, style = known
    again, same = judge.known_head(91_500)
    other, _ = judge.known_head(91_501)
    assert same == style and again.hair == params.hair
    np.testing.assert_array_equal(again.identity, params.identity)
    assert not np.array_equal(other.identity, params.identity)
    assert params.hair.groom != PRESETS[style].groom
    assert params.hair.groom.gather == PRESETS[style].groom.gather


def test_a_head_with_itself_has_an_iou_of_1_and_with_no_hair_0(known):
    params, _ = known
    for turn in (0.0, 30.0):
        assert judge._iou(params, params, params.hair.groom, turn) == 1.0
    assert judge._iou(params, params, PRESETS["bald"].groom, 0.0) == 0.0
    assert judge._iou(params, params, PRESETS["waist"].groom, 0.0) < 1.0


def test_silhouettes_are_those_of_the_photos_view_and_of_heads_turned_about_their_own_axis(known):
    params, _ = known
    groom = PRESETS["waist"].groom
    facing = params.replace(pose=replace(params.pose, rotation=np.diag([1.0, -1.0, -1.0])))
    front, left, right = (judge._hair_mask(facing, groom, turn) for turn in (0.0, -30.0, 30.0))
    rows = np.flatnonzero(front.any(1))
    width = [front[row].sum() for row in (rows[0] + 1, rows[-1] - 8)]
    assert rows[0] > 0 and width[1] > 1.2 * width[0]  # it hangs down
    middle = params.camera.project(facing.pose.apply(np.array([[0.0, 20.0, 95.0]])))[0] * 96 / params.camera.width
    assert not front[round(middle[1]), round(middle[0])]  # and the face looks out of it
    assert (left & right[:, ::-1]).sum() / (left | right[:, ::-1]).sum() > 0.8


def test_a_picture_of_a_known_head_found_again_exactly_scores_in_full(known, monkeypatch):
    params, _ = known

    class Finds:
        """A system that finds what was drawn."""

        def __init__(self, *found):
            self.found = found

        def reconstruct(self, image, **_):
            assert image.shape == (judge.SIDE, judge.SIDE, 3)
            return [Face(head(), one) for one in self.found]

    monkeypatch.setattr(judge, "loaded", lambda: Finds(params))
    right = judge.found_again(91_500)
    assert right.fitted == right.aside == 1.0 and right.family and right.length and right.colour == 0.0
    monkeypatch.setattr(judge, "loaded", lambda: Finds(params.replace(hair=None)))
    none = judge.found_again(91_500)
    assert none.fitted == 0.0 and not none.family
    monkeypatch.setattr(judge, "loaded", lambda: Finds())
    assert judge.found_again(91_500) is None


def test_shares_of_known_heads_are_means_of_those_that_were_found():
    one = judge.FoundAgain(1.0, 0.8, 0.9, True, True, 4.0)
    rows = {row.metric: row.value for row in judge.known_rows([one, replace(one, fitted=0.5, family=False), None])}
    assert rows["known heads found"] == pytest.approx(2 / 3)
    assert rows["hair IoU in the photo's view"] == pytest.approx(0.75) and rows["family right"] == 50


def test_the_silhouette_of_what_is_seen_agrees_with_itself():
    params, _ = judge.known_head(91_501)  # all of its hair touches: a strand that hangs apart counts as another's
    size = params.camera.width
    scale = 192 / size
    empty = np.zeros((192, 192, 9), np.float32)
    to_map = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    blank = FaceParts(empty, np.ones((192, 192), bool), to_map)
    seen = judge.hair_seen(head(), params, blank)
    hair = judge._hair_mask(params, params.hair.groom, 0.0)
    beliefs = empty.copy()
    for mask, part in ((seen.view.head & ~hair, SKIN), (hair, HAIR)):
        beliefs[np.kron(mask, np.ones((2, 2), bool)), part] = 1.0
    drawn = replace(blank, probabilities=beliefs)
    assert judge.head_iou(params, drawn) > 0.97
    assert judge.head_iou(params.replace(hair=None), drawn) < judge.head_iou(params, drawn) - 0.05


def views(colour: tuple[int, int, int], rows: slice) -> Views:
    """Pictures of a plate of hair of one colour, sRGB levels, in some rows before an empty bald head."""
    bald, worn = np.zeros((3, 208, 208, 4), np.float32), np.zeros((3, 208, 208, 4), np.float32)
    worn[:, rows, 60:150, :3] = np.array(colour) / 255
    worn[:, rows, 60:150, 3] = 1
    return Views(worn, bald, np.abs(worn).max(-1) > 0.06, -100.0)


@pytest.mark.parametrize(
    ("lowest_mm", "step"), [(-20.0, "short"), (-90.0, "chin"), (-180.0, "shoulder"), (-330.0, "long")]
)
def test_length_is_how_far_down_hair_reaches_beside_the_chin(lowest_mm, step):
    row = round((215.0 - lowest_mm) / (720 / 208))  # the chin lies 100 mm below the ears
    assert length_seen(views((60, 40, 30), slice(20, row))) == step
    assert length_seen(views((60, 40, 30), slice(20, 20))) == "none"


@pytest.mark.parametrize(
    ("colour", "name"), [((20, 18, 18), "black"), ((250, 250, 250), "white"), ((20, 60, 135), "blue")]
)
def test_colours_are_those_of_the_pixels(colour, name):
    seen = colours_seen(views(colour, slice(20, 120)))
    assert seen[0] == name and sorted(seen) == sorted(SWATCHES)


def test_longer_styles_are_seen_longer_on_drawn_heads(known):
    params, _ = known
    faces = [Face(head(), params.replace(hair=Hair(style))) for style in ("crew", "bob", "waist")]
    steps = [LENGTHS.index(length_seen(views_of(face))) for face in faces]
    assert steps[0] < steps[1] < steps[2]


def test_only_what_a_sentence_asks_is_judged():
    seen = Seen("chin", ("black", "brown"), ("bob", "long"))
    asked = Asked("a black bob", "imagine", {}, {"family": ["bob"], "colour": ["blond"]})
    assert judged(asked, seen) == {"family": True, "colour": False}
    every = {"length": [LENGTHS.index("chin")]}
    assert judged(replace(asked, accept=every), seen) == {"length": True}


def test_the_blind_sentences_are_a_hundred_and_ask_for_what_can_be_seen():
    rows = sentences()
    assert len(rows) >= 100 and len({row.text for row in rows}) == len(rows)
    for row in rows:
        assert set(row.accept) <= {"family", "length", "colour"} and any(row.accept.values())
        assert set(row.accept.get("colour", [])) <= set(SWATCHES)
        assert row.task in ("imagine", "edit") and (row.task == "imagine" or row.start["style"] in PRESETS)


def test_a_texture_that_is_the_truth_relights_without_error(known):
    params = known[0].replace(hair=None)
    size = params.camera.width
    light = np.zeros((9, 3), np.float32)
    light[0] = AMBIENT_WHITE
    texture = np.full((64, 64, 4), 255, np.uint8)
    texture[..., :3] = (150, 110, 90)
    albedo, _, part = _drawn_head(params, texture)
    names = head().part_names
    kind = np.where(part == names.index("skin"), 1, np.where(np.isin(part, [8, 9]), 2, 0)).astype(np.uint8)
    assert names[8].endswith("_eye") and names[9].endswith("_eye")
    pair = RelitPhotos(np.zeros((size, size, 3), np.uint8), np.zeros((size, size, 3), np.uint8), albedo, kind)
    found = errors_of(pair, params, texture, light, (1.0, 0.5))
    assert found.albedo < 1e-5 and found.tone < 1e-5
    assert (found.border, found.skin_border) == (1.0, 0.5)
    brighter = replace(pair, albedo=albedo * np.float32(np.exp(0.3)))
    off = errors_of(brighter, params, texture, light, (1.0, 0.5))
    assert off.albedo == pytest.approx(0.3, abs=1e-3) and off.tone == pytest.approx(0.3, abs=1e-3)
    assert off.albedo_without_tone < 1e-3
