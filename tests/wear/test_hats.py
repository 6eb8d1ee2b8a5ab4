"""Hats by name: they cover what they are said to cover, and words put on what they name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.generate.put_on_headwear import with_wished_headwear
from facegpt.generate.understood import understood, without
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.language.head_request import HeadRequest
from facegpt.language.headwear_wish import HeadwearWish
from facegpt.language.reading.headwear_words import headwear_wish, takes_off_headwear, without_headwear
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.proxies import HEADWEAR
from facegpt.types import FaceGPTError, Hair
from facegpt.wear.cloth import unpacked
from facegpt.wear.hats import CLOTH_COLOURS, hats, headwear_like
from facegpt.wear.headwear_json import headwear_from_json, headwear_to_json
from facegpt.wear.worn import headwear_of, person_below


def mesh_of(head, name: str) -> np.ndarray:
    params = mean_head(head).params
    look = headwear_like(name, "", person_below(head, params, hats()[name].kind))
    found = headwear_of(head, params.replace(headwear=look))
    assert found is not None
    assert np.isfinite(found.vertices).all()
    assert np.allclose(np.linalg.norm(found.normals, axis=1), 1, atol=1e-3)
    return np.asarray(found.vertices)


@pytest.mark.parametrize("name", sorted(hats()))
def test_every_hat_covers_the_crown_and_leaves_the_eyes_free(head, name):
    vertices, skin = mesh_of(head, name), np.asarray(head.mean_vertices)
    assert vertices[:, 1].max() > skin[:, 1].max()
    before_the_eyes = (
        (np.abs(vertices[:, 0]) < 35) & (vertices[:, 1] < 35) & (vertices[:, 1] > 0) & (vertices[:, 2] > 60)
    )
    assert not before_the_eyes.any()


def test_a_hijab_hides_the_hair(head):
    green = Hair("short_swept", (0.0, 0.8, 0.0), brow_colour=(0.05, 0.04, 0.03))

    def green_share(kind: str) -> float:
        face = mean_head(head)
        params = face.params.replace(hair=green)
        look = headwear_like(kind, "black", person_below(head, params, hats()[kind].kind))
        picture = replace(face, params=params.replace(headwear=look)).render(200)[..., :3].astype(int)
        return float((picture[..., 1] > picture[..., [0, 2]].max(2) + 40).mean())

    assert green_share("hijab") < 0.001 < 0.004 < green_share("beanie")


def test_folds_of_a_turban_cross_at_the_front(head):
    params = mean_head(head).params
    look = headwear_like("turban", "", person_below(head, params, "cap"))
    picture = unpacked(look.cloth).astype(float).mean(2)
    assert picture.std() > 8
    mirrored = np.roll(picture[:, ::-1], 1, axis=1)
    assert np.abs(picture - mirrored).mean() < 0.2 * picture.std()
    edge = np.abs(np.diff(picture, axis=0)).argmax(0)  # a valley's height as it winds round
    assert np.ptp(edge) > 3


def test_a_brim_is_as_wide_as_the_table_says(head):
    level, bare = mesh_of(head, "straw"), mesh_of(head, "beanie")
    brim = hats()["straw"].brim_mm[0]
    assert level[:, 0].max() - bare[:, 0].max() == pytest.approx(brim, abs=12)


def test_the_crown_of_a_top_hat_is_as_high_as_the_table_says(head):
    top = np.asarray(head.mean_vertices)[:, 1].max()
    assert mesh_of(head, "top_hat")[:, 1].max() - top == pytest.approx(hats()["top_hat"].crown_mm, abs=12)


def test_a_hat_is_kept_in_files_exactly(head):
    params = mean_head(head).params
    for name in ("cowboy", "beanie"):
        look = headwear_like(name, "red", person_below(head, params, "cap"))
        kept = headwear_to_json(look)
        assert headwear_from_json(kept, "a file") == look
        assert ("brim_mm" in kept) == (name == "cowboy")


def test_a_scarf_hides_the_hair(head):
    face = mean_head(head)
    long = face.params.replace(hair=Hair(style="long"))
    names = [proxy.name for proxy in replace(face, params=long).proxies]
    wrapped = with_wished_headwear(head, long, HeadwearWish("hijab"), off=False)
    hidden = [proxy.name for proxy in replace(face, params=wrapped).proxies]
    assert "hair" in names
    assert "hair" not in hidden
    assert HEADWEAR in hidden
    assert with_wished_headwear(head, wrapped, None, off=True).headwear is None


def test_other_hats_and_colours_are_told():
    with pytest.raises(FaceGPTError, match="there is no headwear"):
        headwear_like("crown of thorns", "", None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name", "colour", "rest"),
    [
        ("a man in a black cowboy hat", "cowboy", "black", "a man"),
        ("an old farmer wearing a wide-brimmed straw hat, smiling", "straw", "", "an old farmer, smiling"),
        ("a nurse in a white hijab", "hijab", "white", "a nurse"),
        ("put a red beanie on her", "beanie", "red", "the hat"),
        ("a woman with blue eyes and a turban", "turban", "", "a woman with blue eyes"),
        ("a soldier with helmet and beard", "helmet", "", "a soldier and beard"),
        ("an Englishman in a bowler hat", "bowler", "", "an Englishman"),
    ],
)
def test_words_name_what_is_put_on(text, name, colour, rest):
    assert headwear_wish(text) == HeadwearWish(name, colour)
    assert without_headwear(text) == rest


@pytest.mark.parametrize(
    "text", ["no hat", "a man without a cap", "take off the hat", "remove his hat", "capped teeth"]
)
def test_words_that_deny_or_take_off_put_nothing_on(text):
    assert headwear_wish(text) is None
    assert without_headwear(text) == text
    assert takes_off_headwear(text) == ("teeth" not in text)


def test_what_was_put_on_is_told_and_can_be_taken_out():
    zeros, ones = np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))
    request = HeadRequest(zeros, ones, headwear=HeadwearWish("top_hat", "black"))
    assert understood(request) == ["headwear: black top hat"]
    assert without(request, ["headwear: black top hat"]).headwear is None
    assert set(hat.colour for hat in hats().values()) <= set(CLOTH_COLOURS)
