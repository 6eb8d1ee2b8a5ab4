"""Hair that grows from a groom: as long as asked, where asked, and never through the head that it grows on."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from facegpt.conventions import ARKIT_NAMES
from facegpt.hair.body import body_of, carried_by
from facegpt.hair.grow import DETAIL, grown, locks_of
from facegpt.hair.lines.curls import curled, of_cards, stretch, wound
from facegpt.hair.lines.guides import arc_mm, resampled
from facegpt.hair.lines.trim import unkinked
from facegpt.hair.plan import mirrored
from facegpt.hair.presets import FAMILIES, LENGTHS, PRESETS, groom_of, length_step
from facegpt.hair.scalp import MIDDLE, hairline, inside_mm, scalp_of
from facegpt.hair.strands import strands
from facegpt.morphable.makehuman.head import load
from facegpt.morphable.proxies import posed
from facegpt.types import Camera, FaceGPTError, FaceParams, Groom, Hair, Pose

HEAD = load()
NOBODY = np.zeros(HEAD.sizes.identity, np.float32)
SKIN = HEAD.triangles[HEAD.part == HEAD.part_names.index("skin")]
#: One style of each way of growing.
SORTS = ("short_parted", "bob_fringe", "long", "long_curly", "afro", "ponytail", "box_braids", "cornrows", "two_braids")


def all_lines(groom, identity=NOBODY, lod=0):
    return [locks.lines for locks in locks_of(groom, HEAD, identity, lod).sets]


@pytest.mark.parametrize("name", ["ponytail_low", "bun_low", "braid"])
def test_no_lock_of_hair_that_is_tied_low_crosses_the_face(name):
    groom = replace(PRESETS[name].groom, hairline=(-15.0,) * 11, lift_mm=9.0)
    points = np.concatenate([lines.reshape(-1, 3) for lines in all_lines(groom)])
    before = (points[:, 2] > 60) & (points[:, 1] < 65) & (np.abs(points[:, 0]) < 45)  # brows, eyes, nose and chin
    assert not before.any()


@pytest.mark.parametrize("name", ["bun_low", "ponytail_low", "ponytail_high"])
def test_tied_hair_leaves_the_ears_free(name):
    points = np.concatenate([lines.reshape(-1, 3) for lines in all_lines(PRESETS[name].groom)])
    beside = (points[:, 2] > -12) & (np.abs(points[:, 0]) > 55)  # the ear's front half and what is before it
    assert beside.sum() > 100 and points[beside, 1].min() > 25  # ears reach up to 40 mm


def test_tied_hair_stands_as_high_as_its_outline_and_stays_at_ears_and_tie():
    groom = PRESETS["ponytail"].groom
    flat, high = (all_lines(replace(groom, bulge=bulge))[0].astype(float) for bulge in ((), (20.0,) * 72))
    moved = np.linalg.norm(high - MIDDLE, axis=2) - np.linalg.norm(flat - MIDDLE, axis=2)
    crown = (flat[..., 1] > 110) & (arc_mm(flat) > 30) & (np.linspace(0, 1, flat.shape[1]) < 0.5)
    assert np.median(moved[crown]) > 3
    assert np.abs(moved[:, -1]).max() < 0.5 and np.median(np.abs(moved[flat[..., 1] < 35])) < 1


def test_an_afro_is_dense_below_its_coils():
    within, around = locks_of(PRESETS["afro_short"].groom, HEAD, NOBODY).sets
    nearest = cKDTree(within.lines[:, -1]).query(around.lines[:, around.lines.shape[1] // 2])[0]
    assert np.quantile(nearest, 0.9) < 25  # mm: nowhere does one look through it


def test_locks_are_as_long_as_asked():
    groom = Groom(top_mm=120, sides_mm=120, back_mm=120, layers=1.0, frizz=0.0)
    lines, *_ = all_lines(groom)
    length = arc_mm(lines)[:, -1]
    inner = np.abs(np.degrees(np.arctan2(lines[:, 0, 0], lines[:, 0, 2] + 8))) > 100
    assert abs(np.median(length[inner]) - 120) < 6
    assert np.quantile(length[inner], 0.9) < 120 * 1.2


def test_a_coil_has_the_radius_and_the_pitch_that_were_asked():
    straight = np.zeros((1, 400, 3), np.float32)
    straight[0, :, 1] = -np.linspace(0, 200, 400)
    one = np.ones(1)
    lines, away = curled(straight, 6.0 * one, 40.0 * one, 0.3 * one, 0.0, one)
    wound = lines[0].astype(float)
    settled = wound[wound[:, 1] < -60]
    assert np.allclose(np.hypot(settled[:, 0], settled[:, 2]), 6.0, atol=0.05)
    turns = np.abs(np.unwrap(np.arctan2(settled[:, 2], settled[:, 0]))[[0, -1]] @ [-1, 1]) / (2 * np.pi)
    assert abs((settled[0, 1] - settled[-1, 1]) / turns - 40.0) < 0.5
    along = np.linalg.norm(np.diff(settled, axis=0), axis=1).sum() / (settled[0, 1] - settled[-1, 1])
    assert abs(along - stretch(6.0, 40.0)) < 0.01
    outside = away[0, wound[:, 1] < -60][:, [0, 2]]
    assert np.allclose(outside * 6.0, settled[:, [0, 2]] * np.linalg.norm(outside, axis=1, keepdims=True), atol=0.05)


def test_no_curl_of_a_long_lock_is_a_polygon():
    groom = replace(PRESETS["coily_medium"].groom, curl_start=0.0)
    lines = np.zeros((8, 30, 3), np.float32)
    lines[..., 1] = -np.linspace(0, 250, 30)
    found, _ = wound(lines, of_cards(groom), 12, 1.0, np.full((8, 8), 0.5))
    places = found[:, 8:, [0, 2]].astype(float)  # where curls are full
    turns = np.abs(np.diff(np.unwrap(np.arctan2(places[..., 1], places[..., 0]), axis=1), axis=1))
    assert np.degrees(turns.mean()) < 75


@pytest.mark.parametrize("name", ["short_parted", "bob_layered", "comb_over"])
def test_a_mirrored_groom_grows_mirrored_hair(name):
    groom = PRESETS[name].groom
    (here, *_), (there, *_) = all_lines(groom), all_lines(mirrored(groom))
    # The mean head is symmetric to a fraction of a millimetre only, and a lock may fall to either side of an ear.
    away = np.abs(here * [-1, 1, 1] - there).max((1, 2))
    assert np.quantile(away, 0.97) < 3.0 and np.median(away) < 0.3
    assert mirrored(mirrored(groom)) == groom


@pytest.mark.parametrize("name", ["bob_layered", "bowl", "shag", "locs_short", "long_fringe"])
def test_fringes_leave_the_pupils_free(name):
    identity = HEAD.sample(1, seed=11)[0]
    eyes = [HEAD.part == HEAD.part_names.index(side) for side in ("left_eye", "right_eye")]
    rest = HEAD.mean_vertices + np.tensordot(identity, HEAD.identity_basis, 1)
    for eye in eyes:
        middle = rest[np.unique(HEAD.triangles[eye])].mean(0)
        for lines in all_lines(PRESETS[name].groom, identity=identity):
            fine = resampled(lines, np.ones(len(lines)), 100)
            away = fine - middle
            before = (np.hypot(away[..., 0], away[..., 1]) < 8) & (away[..., 2] > 0)
            assert before.any(1).sum() <= 1


def test_a_ball_of_coils_shows_no_strands_that_run_outward():
    _, around = locks_of(PRESETS["afro"].groom, HEAD, NOBODY).sets
    run = around.lines[:, -1] - around.lines[:, 0]
    outward = around.lines.mean(1) - MIDDLE
    cosine = (run * outward).sum(1) / np.linalg.norm(run, axis=1) / np.linalg.norm(outward, axis=1)
    assert np.median(np.abs(cosine)) < 0.75


def crown_mm(groom):
    """How high hair stands over the middle of the crown, and over the lower of the places at either side of it, mm."""
    points = np.concatenate([lines.reshape(-1, 3) for lines in all_lines(groom)])
    points = points[np.abs(points[:, 2]) < 40]
    tops = [np.percentile(points[np.abs(points[:, 0] - x) < 6, 1], 98) for x in range(-60, 61, 12)]
    return tops[5], min(max(tops[:5]), max(tops[6:]))


@pytest.mark.parametrize("name", ["bob_curly", "shoulder_curly", "curly", "coily_medium"])
def test_a_crown_of_curls_without_a_part_has_no_valley(name):
    middle, beside = crown_mm(replace(PRESETS[name].groom, part=0.0, parted=0.0, lift_mm=24.0))
    assert middle > beside - 2


def test_a_parted_crown_keeps_its_valley():
    middle, beside = crown_mm(replace(PRESETS["bob_curly"].groom, part=0.0, parted=0.9, lift_mm=24.0))
    assert middle < beside - 4


def test_a_kink_is_taken_out_and_a_bow_stays():
    bow = np.stack([np.sin(np.linspace(0, 1.5, 12)), -np.cos(np.linspace(0, 1.5, 12)), np.zeros(12)], 1) * 100
    kinked = bow.copy()
    kinked[6] += [30, 40, 20]
    found = unkinked(np.stack([bow, kinked]))
    assert np.allclose(found[0], bow, atol=1e-4)
    step = np.diff(found[1], axis=0)
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    assert (step[1:] * step[:-1]).sum(1).min() > 0.5
    assert np.allclose(found[1, [0, -1]], bow[[0, -1]])


def test_hair_roots_inside_the_hairline_only():
    lines, *_ = all_lines(PRESETS["short"].groom)
    mean = HEAD.mean_vertices
    inside = inside_mm(lines[:, 0], hairline(HEAD))
    assert np.quantile(inside, 0.01) > -4.0 and (inside < -6).mean() < 0.01
    assert len(mean) == HEAD.sizes.vertices


def test_a_higher_hairline_takes_hair_from_the_forehead():
    fronts = []
    for height in (-8.0, 0.0, 15.0):
        lines, *_ = all_lines(replace(PRESETS["short"].groom, hairline_mm=height))
        middle = np.abs(lines[:, 0, 0]) < 15
        fronts.append(lines[middle, 0, 2].max())
    assert fronts[0] > fronts[1] > fronts[2]


@pytest.mark.parametrize("name", SORTS)
def test_cards_face_where_their_normals_do(name):
    """Viewers turn the normals of a card's other side round: hair would be dark in the light and light in the dark."""
    hair = grown(groom_of(Hair(name)), HEAD, NOBODY)
    a, b, c = (hair.vertices[hair.triangles[:, k]] for k in range(3))
    shaded = hair.normals[hair.triangles].sum(1)
    assert ((np.cross(b - a, c - a) * shaded).sum(1) > 0).mean() > 0.9


def test_each_level_of_detail_has_fewer_triangles():
    counts = [len(grown(PRESETS["long"].groom, HEAD, NOBODY, lod).triangles) for lod in range(len(DETAIL))]
    assert counts[1] < 0.55 * counts[0] and counts[2] < 0.5 * counts[1]
    assert counts[0] * 24 + counts[0] * 44 < 3_000_000  # indices, and vertices as in a GLB, bytes


def depth_below(points, vertices, triangles=SKIN):
    """How far points (N, 3) lie below a skin, mm, by the plane of the nearest triangles; independent of the grid."""
    corners = vertices[triangles]
    centre = corners.mean(1)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    _, near = cKDTree(centre).query(points, k=6)
    away = np.einsum("nkc,nkc->nk", points[:, None] - centre[near], normal[near])
    return -away.max(1)


def neck_end():
    """Vertices where the skin is open at the end of the neck: below it there is nothing to pass through."""
    edges = np.sort(np.concatenate([SKIN[:, [0, 1]], SKIN[:, [1, 2]], SKIN[:, [2, 0]]]), axis=1)
    once, count = np.unique(edges, axis=0, return_counts=True)
    rim = np.unique(once[count == 1])
    return rim[HEAD.mean_vertices[rim, 1] < -120]


def share_inside(lines, vertices):
    """The share of the points of lines near a head (V, 3) that lie more than 1 mm below its skin."""
    points = np.concatenate([each[:, 1:].reshape(-1, 3) for each in lines])
    near = cKDTree(vertices[np.unique(SKIN)]).query(points)[0] < 25
    end = vertices[neck_end()]
    near &= points[:, 1] > end[cKDTree(end[:, ::2]).query(points[:, ::2])[1], 1] + 5
    return float((depth_below(points[near], vertices) > 1.0).mean())


def test_the_check_itself_sees_hair_that_is_inside():
    inside = [
        lines - 4 * locks.out
        for locks in locks_of(PRESETS["slicked_back"].groom, HEAD, NOBODY).sets
        for lines in [locks.lines]
    ]
    assert share_inside(inside, HEAD.mean_vertices) > 0.2


@pytest.mark.parametrize("name", SORTS)
def test_nothing_passes_through_the_head_of_anybody(name):
    for seed in (1, 2):
        identity = HEAD.sample(1, seed=seed)[0]
        found = share_inside(all_lines(PRESETS[name].groom, identity), HEAD.neutral_vertices(identity))
        assert found < 0.002, (name, seed, found)


@cache
def grown_once(name):
    return grown(PRESETS[name].groom, HEAD, HEAD.sample(1, seed=3)[0], 2)


def moved(name, expression=None, yaw_deg=0.0):
    """Share of a style's cards inside the head of one person who makes a face or turns the head."""
    identity = HEAD.sample(1, seed=3)[0]
    hair = grown_once(name)
    joints = np.zeros((HEAD.sizes.joints, 3), np.float32)
    joints[1, 1] = np.radians(yaw_deg)
    weights = np.zeros(HEAD.sizes.expression, np.float32)
    if expression is not None:
        weights[expression] = 1.0
    worn = posed(hair, HEAD, at_rest_params(identity, joints, weights))
    given = (torch.from_numpy(np.asarray(a, np.float32))[None] for a in (identity, weights, joints))
    vertices = HEAD.vertices(*given)[0].numpy()
    middle = 0.5 * (worn.mesh.vertices[0::2] + worn.mesh.vertices[1::2])
    start = 0.5 * (hair.vertices[0::2] + hair.vertices[1::2])
    off = cKDTree(HEAD.neutral_vertices(identity)[np.unique(SKIN)]).query(start)[0] > 3.0
    return share_inside([np.repeat(middle[off][:, None], 2, 1)], vertices)


def at_rest_params(identity, joints, expression):
    pose, camera = Pose(np.eye(3), np.array([0.0, 0.0, 900.0])), Camera(900.0, (255.5, 255.5), 512, 512)
    albedo, light = np.zeros(HEAD.sizes.albedo, np.float32), np.zeros((9, 3), np.float32)
    return FaceParams(HEAD.model_id, identity, expression, joints, pose, albedo, light, camera)


@pytest.mark.parametrize("name", ["shoulder", "long_curly", "ponytail_low"])
@pytest.mark.parametrize("yaw_deg", [-60.0, 60.0])
def test_nothing_passes_through_a_head_that_turns(name, yaw_deg):
    assert moved(name, None, yaw_deg) < 0.015  # some points lie within the rounding of two machines


@pytest.mark.parametrize("name", ["bob", "long_fringe", "bowl"])
def test_nothing_passes_through_a_face_that_moves(name):
    worst = {ARKIT_NAMES[unit]: moved(name, unit) for unit in range(len(ARKIT_NAMES))}
    assert max(worst.values()) < 0.005, max(worst, key=worst.get)


def test_hair_that_is_carried_by_the_skin_has_its_shares():
    body = body_of(HEAD, NOBODY)
    skin = np.unique(SKIN)
    weights = carried_by(HEAD, body, body.vertices[skin] + 2 * body.normals[skin])
    assert np.allclose(weights.sum(1), 1, atol=1e-5)
    assert np.abs(weights - HEAD.skin_weights[skin]).max() < 0.35
    assert np.abs(weights - HEAD.skin_weights[skin]).mean() < 0.02


def test_presets_are_named_and_of_known_families():
    assert len(PRESETS) >= 60
    assert {preset.family for preset in PRESETS.values()} == set(FAMILIES)
    assert {length_step(preset.groom) for preset in PRESETS.values()} == set(LENGTHS)
    old = "bald cropped short short_tousled short_parted short_swept bob bob_layered long ponytail braid curly"
    assert set(old.split()) <= set(PRESETS)


def test_an_unknown_style_is_told_with_those_there_are():
    with pytest.raises(FaceGPTError, match="faux_hawk"):
        groom_of(Hair("beehive"))


def test_strands_run_from_the_scalp():
    made = strands(PRESETS["bob"].groom, HEAD, NOBODY, per_lock=4)
    assert made.points.shape[0] == len(made.widths) == len(made.chance)
    away = cKDTree(scalp_of(HEAD).on(HEAD.mean_vertices)).query(made.points[:, 0])[0]
    assert np.quantile(away, 0.95) < 12
