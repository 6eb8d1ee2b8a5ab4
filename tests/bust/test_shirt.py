"""The shirt that a head's neck ends in: its size, what it hides, its colour, and where it is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from facegpt.api import load
from facegpt.bust.colours import UNSEEN
from facegpt.bust.shirt import cut
from facegpt.bust.torso import breadth_mm, torso_of
from facegpt.bust.worn import bust_of, shirt_of
from facegpt.encode.parts import BACKGROUND, CLOTHES, MAP_PX, PARTS, SKIN, FaceParts
from facegpt.export.params_json import params_from_json, params_to_json
from facegpt.morphable.neck import neck_of
from facegpt.reconstruct.shirt import in_shirt, with_shared_shirt, with_shirt
from facegpt.types import FaceGPTError, Shirt
from facegpt.wear.clothes import shirt_from_photo

FACE = load().mean_face()
HEAD = FACE.model


def winding(point, vertices, triangles) -> float:
    """How often a surface goes around a point: its solid angle over 4 π (Van Oosterom and Strackee 1983)."""
    a, b, c = (vertices[triangles[:, k]].astype(float) - point for k in range(3))
    la, lb, lc = (np.linalg.norm(each, axis=1) for each in (a, b, c))
    volume = (a * np.cross(b, c)).sum(1)
    rest = la * lb * lc + (a * b).sum(1) * lc + (b * c).sum(1) * la + (c * a).sum(1) * lb
    return float(np.arctan2(volume, rest).sum() / (2 * np.pi))


def person(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, HEAD.sizes.identity).astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
def test_the_neck_ends_inside_the_shirt(seed):
    vertices = HEAD.mean_vertices + np.tensordot(person(seed), HEAD.identity_basis, 1)
    neck = neck_of(vertices, HEAD.triangles, HEAD.part, HEAD.part_names)
    made = bust_of(HEAD, person(seed)).shirt
    for place in neck.edge:
        assert winding(place, made.vertices, made.triangles) > 0.5


@pytest.mark.parametrize("seed", range(4))
def test_no_skin_between_the_band_and_the_edge_pokes_through(seed):
    vertices = HEAD.mean_vertices + np.tensordot(person(seed), HEAD.identity_basis, 1)
    bust = bust_of(HEAD, person(seed))
    a, b, c = bust.band
    skin = np.unique(HEAD.triangles[HEAD.part == HEAD.part_names.index("skin")])
    low = vertices[skin][vertices[skin, 1] < vertices[skin] @ [a, 0, b] + c - 3]
    assert len(low) > 40
    assert min(winding(place, bust.shirt.vertices, bust.shirt.triangles) for place in low) > 0.5


def test_shoulders_are_as_broad_as_people_s():
    """ANSUR II: bideltoid breadth 510 mm of men, 450 mm of women; here arms are cut off above the widest place."""
    neck = neck_of(HEAD.mean_vertices, HEAD.triangles, HEAD.part, HEAD.part_names)
    for biacromial, bideltoid in ((415.7, 510.4), (365.3, 450.2)):
        made = cut(neck, torso_of(neck, biacromial))
        assert np.ptp(made.vertices[:, 0]) == pytest.approx(bideltoid, rel=0.08)
    assert 365 < breadth_mm(HEAD, FACE.params.identity) < 416


def test_a_child_has_narrow_shoulders():
    child = load().imagine("a boy of 6 years", seed=1)
    adult = load().imagine("a man", seed=1)
    wide = [np.ptp(bust_of(one.model, one.params.identity).shirt.vertices[:, 0]) for one in (child, adult)]
    assert wide[0] < 0.75 * wide[1]


def test_it_is_a_small_mesh_that_looks_outward_and_is_even():
    made = bust_of(HEAD, FACE.params.identity).shirt
    assert len(made.triangles) <= 2600
    a, b, c = (made.vertices[made.triangles[:, k]].astype(float) for k in range(3))
    assert (a * np.cross(b, c)).sum() > 0
    mirrored = made.vertices * [-1, 1, 1]
    apart = np.linalg.norm(mirrored[:, None] - made.vertices[None], axis=-1).min(1)
    assert apart.max() < 0.5  # mm


def test_a_head_without_an_open_neck_has_none():
    assert neck_of(HEAD.mean_vertices, HEAD.triangles, HEAD.part, tuple("part" for _ in HEAD.part_names)) is None
    assert shirt_of(HEAD, FACE.with_shirt(None).params) == ()


def test_pictures_of_the_head_alone_show_it_and_its_colour():
    low = FACE.with_shirt("#c01010").render(128, light="even")[-6:]
    seen = low[low[..., 3] == 255].astype(int)
    assert len(seen) > 400
    assert (seen[:, 0] > 2.5 * seen[:, 1]).all()


def test_photos_are_overlaid_without_it():
    bare = replace(FACE.params, shirt=None)
    assert np.array_equal(FACE.image, replace(FACE, params=bare).image)


def test_files_hold_it_as_a_node_of_its_own(tmp_path):
    FACE.save(tmp_path / "head.glb")
    FACE.with_shirt(None).save(tmp_path / "bare.glb")
    names = []
    for name in ("head.glb", "bare.glb"):
        data = (tmp_path / name).read_bytes()
        content = json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])
        names.append({node.get("name") for node in content["nodes"]})
    assert "shirt" in names[0] and "shirt" not in names[1]


def test_parameters_keep_it():
    for shirt in (Shirt(), Shirt((0.25, 0.5, 0.125)), None):
        params = FACE.params.replace(shirt=shirt)
        assert params_from_json(params_to_json(params)).shirt == shirt
    assert "shirt" not in params_to_json(FACE.params)
    damaged = params_to_json(FACE.params).replace("{\n", '{\n  "shirt": {"colour_linear_rgb": [1, 2]},\n', 1)
    with pytest.raises(FaceGPTError, match="shirt"):
        params_from_json(damaged)
    with pytest.raises(FaceGPTError, match="colour"):
        FACE.with_shirt("colourless")


def seen_parts(rows: slice) -> FaceParts:
    """A map of a photo of its own size that shows clothes in these rows, skin in its middle."""
    shown = np.full((MAP_PX, MAP_PX), BACKGROUND)
    shown[60:120, 60:130] = SKIN
    shown[rows] = CLOTHES
    return FaceParts(np.eye(len(PARTS), dtype=np.float32)[shown], np.ones((MAP_PX, MAP_PX), bool), np.eye(3)[:2])


def looked_at(clothes: tuple[slice, slice]) -> SimpleNamespace:
    """A photo with a patch of red clothes, as it is seen around a face."""
    parts = seen_parts(slice(MAP_PX, MAP_PX))
    parts.probabilities[clothes] = np.eye(len(PARTS), dtype=np.float32)[CLOTHES]
    photo = np.full((MAP_PX, MAP_PX, 3), (180, 140, 110), np.uint8)
    photo[clothes] = (150, 20, 20)
    return SimpleNamespace(parts=parts, levels=photo, photo=SimpleNamespace(scale=1.0))


def test_a_shirt_whose_colour_is_not_the_photo_s_is_told_and_a_corner_of_a_collar_is_enough():
    few, enough = ((slice(0, side), slice(0, side)) for side in (5, 9))
    told = with_shirt(FACE, looked_at(few))
    assert told.params.worn.left_out == (UNSEEN,) and told.params.shirt == FACE.params.shirt
    red, green, _ = with_shirt(FACE, looked_at(enough)).params.shirt.colour
    assert red > 3 * green
    for asked in ("none", "navy"):
        assert with_shirt(FACE, looked_at(few), asked).params.worn is None
    assert with_shared_shirt([FACE, FACE], [looked_at(enough), looked_at(few)], 1)[1].params.worn.left_out == (UNSEEN,)


def test_nothing_is_said_of_the_photo_s_clothes_once_another_shirt_is_asked_for():
    told = replace(with_shirt(FACE, looked_at((slice(0), slice(0)))), ignored=["Another.", UNSEEN])
    blue = in_shirt(told, "navy")
    assert blue.ignored == ["Another."] and blue.params.worn.left_out == ()


def test_the_photo_s_clothes_tell_its_colour_without_the_light():
    """Cloth of a known albedo in light that is the same from everywhere, once bright and once dim."""
    albedo = np.array([0.30, 0.08, 0.05])
    even = np.concatenate([np.full((1, 3), np.sqrt(4 * np.pi)), np.zeros((8, 3))])
    for level in (0.5, 1.0):
        linear = np.full((MAP_PX, MAP_PX, 3), albedo * level)
        linear[60:120, 60:130] = np.array([0.45, 0.3, 0.22]) * level  # the skin
        srgb = np.where(linear < 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        photo = np.round(srgb * 255).astype(np.uint8)
        params = FACE.params.replace(lighting=(level * even).astype(np.float32))
        found = shirt_from_photo(photo, FACE.model, params, seen_parts(slice(150, MAP_PX)))
        assert found is not None
        assert np.abs(np.array(found.colour) - albedo).max() < 0.03
    assert shirt_from_photo(photo, FACE.model, params, seen_parts(slice(MAP_PX, MAP_PX))) is None
