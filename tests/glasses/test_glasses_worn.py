"""Glasses as a face wears them: chosen, drawn, kept in files, and taken off again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from dressed_people import person

from facegpt.conventions import srgb_to_linear
from facegpt.export.params_json import params_from_json, params_to_json
from facegpt.face import Face
from facegpt.glasses.frames import STYLES
from facegpt.types import FaceGPTError


@pytest.fixture(scope="module")
def bare(head):
    return Face(head, person(head, "bald"))


def seen(face, size=256):
    return face.render(size)[..., :3].astype(int)


def test_glasses_are_put_on_changed_and_taken_off(bare):
    worn = bare.with_glasses("round", color="gold")
    assert worn.glasses.style == "round" and worn.glasses.darkness == 0
    dark = worn.with_glasses("round", tint="brown")
    assert dark.glasses.colour == worn.glasses.colour and dark.glasses.darkness > 0.5
    assert dark.glasses.tint[0] > 2 * dark.glasses.tint[2]
    other = dark.with_glasses("square", tint=0.25)
    assert other.glasses.darkness == 0.25 and other.glasses.style == "square"
    assert bare.glasses is None and other.with_glasses(None).glasses is None
    assert np.array_equal(seen(other.with_glasses(None)), seen(bare))


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        (("monocle",), "round"),
        (("round", "plaid"), "gold"),
        (("round", None, "foggy"), "brown"),
        (("round", None, 2.0), "0 to 1"),
    ],
)
def test_what_there_is_not_is_said_with_what_there_is(bare, asked, word):
    with pytest.raises(FaceGPTError, match=word):
        bare.with_glasses(*asked)


def test_dark_lenses_darken_what_is_behind_them_and_clear_ones_hardly(bare):
    camera = bare.params.camera
    drawn = {tint: replace(bare.with_glasses("square", tint=tint), photo=None).image for tint in ("clear", "dark")}
    drawn, plain = {k: srgb_to_linear(v / 255) for k, v in drawn.items()}, srgb_to_linear(bare.image / 255)
    eye = np.rint(bare.landmarks("ibug68")[42:48].mean(0)).astype(int)
    assert 0 < eye[0] < camera.width
    window = np.s_[eye[1] - 6 : eye[1] + 7, eye[0] - 8 : eye[0] + 9]
    assert drawn["dark"][window].mean() < 0.6 * plain[window].mean()
    assert abs(drawn["clear"][window].mean() / plain[window].mean() - 1) < 0.2
    mouth = np.rint(bare.landmarks("ibug68")[62]).astype(int)
    below = np.s_[mouth[1] - 3 : mouth[1] + 4, mouth[0] - 3 : mouth[0] + 4]
    assert np.array_equal(drawn["dark"][below], plain[below])


def test_they_are_fitted_anew_to_a_head_that_changed_and_turn_with_it(bare, head):
    worn = bare.with_glasses("oval")
    wide = replace(worn, params=worn.params.replace(identity=head.sample(1, seed=2)[0]))
    mesh = {face: next(p for p in face.proxies if p.name == "glasses") for face in (worn, wide)}
    moved = np.abs(mesh[worn].rest_vertices - mesh[wide].rest_vertices).max()
    assert moved > 1.0
    joints = np.array(worn.params.joints, np.float32)
    joints[head.joint_names.index("head"), 1] = 0.4
    turned = replace(worn, params=worn.params.replace(joints=joints))
    after = next(p for p in turned.proxies if p.name == "glasses").mesh.vertices
    before = mesh[worn].mesh.vertices
    distances = [np.linalg.norm(v[::50, None] - v[None, ::50], axis=-1) for v in (before, after)]
    assert np.abs(after - before).max() > 10 and np.allclose(*distances, atol=1e-2)  # stiff


def test_params_keep_glasses_and_say_what_is_damaged(bare):
    for style in STYLES:
        params = bare.with_glasses(style, tint="green").params
        assert params_from_json(params_to_json(params)).glasses == params.glasses
    assert '"glasses"' not in params_to_json(bare.params)
    text = params_to_json(bare.with_glasses("round").params)
    for old, new in (('"round"', '"monocle"'), ('"darkness": 0.0', '"darkness": 7'), ('"size"', '"girth"')):
        with pytest.raises(FaceGPTError, match=r"made\.json"):
            params_from_json(text.replace(old, new), "made.json")
