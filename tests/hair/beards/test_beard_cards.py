"""Beard and moustache as cards: rooted on the skin, carried along by it, as long and where they are asked for."""

from __future__ import annotations

import numpy as np
import pytest
from dressed_people import person
from glb_reader import Glb
from scipy.spatial import cKDTree

from facegpt.cielab import lab_from_linear
from facegpt.conventions import ARKIT_NAMES, srgb_to_linear
from facegpt.face import Face
from facegpt.generate.hair_colours import colour_of_facial_hair
from facegpt.hair.atlas import picture_of
from facegpt.hair.beard import beard_mm, beard_texture, facial_hair
from facegpt.hair.lines.guides import arc_mm
from facegpt.hair.whiskers import whiskers_of
from facegpt.hair.worn import worn
from facegpt.morphable.makehuman.head import load
from facegpt.morphable.rooted import Rooted
from facegpt.types import Hair

HEAD = load()
NOBODY = np.zeros(HEAD.sizes.identity, np.float32)
FULL = Hair("bald", beard=0.85, moustache=0.85)


def middles(proxy):
    """The middle lines (N, K, 3) of a proxy's cards."""
    points = int((proxy.rooted.card == 0).sum()) // 2
    return (0.5 * (proxy.vertices[0::2] + proxy.vertices[1::2])).reshape(-1, points, 3)


def test_stubble_is_painted_and_a_full_beard_is_two_meshes():
    assert facial_hair(Hair("bald", beard=0.3, moustache=0.3), HEAD, NOBODY) == ()
    assert [each.name for each in facial_hair(FULL, HEAD, NOBODY)] == ["beard", "moustache"]
    assert [each.name for each in facial_hair(Hair("bald", moustache=0.9), HEAD, NOBODY)] == ["moustache"]


@pytest.mark.parametrize("mm", [20.0, 90.0])
def test_the_longest_hair_of_a_beard_is_as_long_as_asked(mm):
    (beard,) = facial_hair(Hair("bald", beard=1.0, beard_mm=mm), HEAD, NOBODY)
    lines = middles(beard)
    chin = (lines[:, 0, 2] > 85) & (lines[:, 0, 1] < -55)
    assert beard_mm(Hair("bald", beard=1.0, beard_mm=mm)) == mm
    assert abs(np.quantile(arc_mm(lines[chin])[:, -1], 0.7) - mm) < 0.25 * mm


def test_a_goatee_grows_on_the_chin_alone_and_sideburns_beside_it():
    (goatee,) = facial_hair(Hair("bald", beard=0.85, beard_shape="goatee"), HEAD, NOBODY)
    (chops,) = facial_hair(Hair("bald", beard=0.85, beard_shape="chops"), HEAD, NOBODY)
    assert np.abs(middles(goatee)[:, 0, 0]).max() < 32
    assert np.abs(middles(chops)[:, 0, 0]).min() > 20


def test_before_the_ears_a_short_beard_is_painted_and_no_dots_stand_there():
    (cards,) = facial_hair(Hair("bald", beard=1.0, beard_mm=12.0), HEAD, NOBODY)
    height, roots = whiskers_of(HEAD, "beard").place[:, 1], middles(cards)[:, 0, 1]
    assert (height > -40).mean() > 0.1
    assert (roots > -40).mean() < 0.25 * (height > -40).mean()
    assert (roots < -60).mean() > 0.7


def test_cards_root_on_the_skin_of_anybody():
    identity = HEAD.sample(1, seed=6, sex="M")[0]
    skin = HEAD.neutral_vertices(identity)[HEAD.triangles[HEAD.part == HEAD.part_names.index("skin")]]
    grid = [np.array([i, j, 10 - i - j]) / 10 for i in range(11) for j in range(11 - i)]
    tree = cKDTree(np.concatenate([np.tensordot(skin, g, (1, 0)) for g in grid]))
    for proxy in facial_hair(FULL, HEAD, identity):
        assert tree.query(middles(proxy)[:, 0])[0].max() < 1.5  # mm; the skin is sampled that coarsely


def test_cards_turn_stiffly_about_a_hinge_as_their_skin_does():
    rng = np.random.default_rng(3)
    rest = rng.normal(0, 20, (40, 3))
    angle = np.radians(23)
    hinge = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    moved = rest @ hinge.T + [1.0, -4.0, 2.0]
    near = np.tile(np.arange(12), (2, 1))
    rooted = Rooted(
        np.array([0, 0, 1]), np.array([[0, 1, 2], [3, 4, 5]]), np.full((2, 3), 1 / 3), near, near * 0 + 1 / 12
    )
    points = rng.normal(0, 50, (3, 3))
    assert np.allclose(points + rooted.moves(points, rest, moved), points @ hinge.T + [1.0, -4.0, 2.0], atol=1e-4)


def test_a_beard_follows_the_jaw_and_is_carried_by_the_pose_of_a_face(head):
    still = person(head, "bald").replace(hair=FULL)
    weights = np.zeros(len(ARKIT_NAMES), np.float32)
    weights[ARKIT_NAMES.index("jawOpen")] = 1.0
    before, after = ({p.name: p for p in worn(head, params)} for params in (still, still.replace(expression=weights)))
    chin = before["beard"].mesh.vertices[:, 2] > 80
    drop = (after["beard"].mesh.vertices - before["beard"].mesh.vertices)[chin, 1]
    assert np.median(drop) < -10  # mm
    lip = np.abs(after["moustache"].mesh.vertices - before["moustache"].mesh.vertices)
    assert np.median(lip) < 3
    np.testing.assert_array_equal(before["beard"].rest_vertices, after["beard"].rest_vertices)


def test_in_a_glb_beard_and_moustache_are_nodes_with_the_faces_targets(head, tmp_path):
    params = person(head, "short").replace(hair=Hair("short", beard=1.0, moustache=0.9, beard_mm=60))
    glb = Glb(Face(head, params).save(tmp_path / "face.glb")[0])
    names = [node["name"] for node in glb.json["nodes"]]
    for name in ("beard", "moustache"):
        mesh = glb.json["meshes"][glb.json["nodes"][names.index(name)]["mesh"]]
        assert tuple(mesh["extras"]["targetNames"]) == tuple(ARKIT_NAMES)
        (primitive,) = mesh["primitives"]
        assert len(primitive["targets"]) == len(ARKIT_NAMES)
    mesh = glb.json["meshes"][glb.json["nodes"][names.index("beard")]["mesh"]]["primitives"][0]
    move = glb.numbers(mesh["targets"][ARKIT_NAMES.index("jawOpen")]["POSITION"])
    assert np.median(move[:, 1]) < -0.005  # metres
    assert not glb.numbers(mesh["targets"][ARKIT_NAMES.index("eyeBlinkLeft")]["POSITION"]).any()
    clip = next(clip for clip in glb.json["animations"] if clip["name"] == "expression")
    moved = {names[c["target"]["node"]] for c in clip["channels"] if c["target"]["path"] == "weights"}
    assert moved == {"face_mesh", "beard", "moustache"}
    shares = glb.numbers(mesh["attributes"]["WEIGHTS_0"])
    assert np.allclose(shares.sum(1), 1, atol=1e-6)


def test_hair_of_the_face_lies_downward_on_the_chin_and_beside_the_mouth():
    places = whiskers_of(HEAD, "beard")
    front = (places.place[:, 2] > 80) & (places.place[:, 1] < -60) & (places.place[:, 1] > -90)
    assert (places.flow[front, 1] < 0).mean() > 0.95
    assert np.allclose(np.linalg.norm(places.flow, axis=1), 1, atol=1e-5)


def shown(picture) -> np.ndarray:
    """Linear light (N, 3) of the covered texels of a picture."""
    return srgb_to_linear(picture[picture[..., 3] > 200][:, :3] / 255.0)


def test_white_of_a_beard_is_as_white_as_white_hair():
    white = Hair("short", (0.02, 0.02, 0.02), grey=1.0)
    beard = Hair("short", colour_of_facial_hair("white"))
    scalp, chin = (
        lab_from_linear(np.median(shown(each), 0)) for each in (picture_of("short", white), beard_texture(beard))
    )
    assert abs(scalp[0] - chin[0]) < 5


def test_light_goes_through_pale_beards_and_evens_them_out():
    dark, pale = (np.log(shown(beard_texture(Hair("bald", (c, c, c)))).mean(1)).std() for c in (0.02, 0.4))
    assert pale < 0.6 * dark
    black, white = (facial_hair(Hair("bald", (c, c, c), beard=0.85), HEAD, NOBODY)[0] for c in (0.02, 0.4))
    assert np.ptp(white.open_to_light) < 0.6 * np.ptp(black.open_to_light)
