"""Glasses on heads: sizes that opticians sell, where they sit, and that no part of a frame goes into the skin."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from facegpt.glasses.build import parts_of
from facegpt.glasses.fit import fit_front, wearer_of
from facegpt.glasses.frames import BRIDGE_MM, LENS_MM, STYLES, TEMPLE_MM, TILT_DEG, outline
from facegpt.morphable.closest_point import closest_weights
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Glasses

PEOPLE = 30


def depth_in_skin(head, identity, points):
    """How deep points (N, 3) lie in the skin, mm, negative outside: by the nearest place of the nearest triangles."""
    vertices = np.asarray(head.neutral_vertices(identity), np.float64)
    skin = head.triangles[head.part == head.part_names.index("skin")]
    normals = vertex_normals(vertices, skin)
    tree = cKDTree(vertices[skin].mean(1))
    depth = np.empty(len(points))
    for k, (point, rows) in enumerate(zip(points, tree.query(points, 24)[1], strict=True)):
        nearest = np.inf
        for corners in skin[rows]:
            weights = np.array(closest_weights(*point, *vertices[corners]))
            away = point - weights @ vertices[corners]
            if away @ away < nearest:
                nearest = away @ away
                depth[k] = -np.sign(away @ (weights @ normals[corners])) * np.sqrt(nearest)
    return depth


def measured(head, identity, look):
    """Pieces of a fitted frame by name, and its front."""
    wearer = wearer_of(head, identity)
    front = fit_front(look, wearer)
    return {piece.name: piece for piece in parts_of(front, wearer)}, front, wearer


@pytest.mark.slow
def test_no_frame_goes_deep_into_the_skin_of_thirty_people(head):
    deepest, before = {}, []
    for k, identity in enumerate(head.sample(PEOPLE, seed=7)):
        style = STYLES[k % len(STYLES)]
        pieces, front, wearer = measured(head, identity, Glasses(style))
        solid = np.concatenate([p.vertices for name, p in pieces.items() if "lens" not in name])
        near = wearer.skin.distance(solid) < 3.0  # the others are told by a sum that need not be sharp
        deepest[k, style] = depth_in_skin(head, identity, solid[near][::3]).max()
        pupil = np.array([np.abs(wearer.pupils[:, 0]).mean(), front.frame.drop_mm])
        before.append(front.place(pupil, -front.depth_mm / 4)[2] - wearer.cornea)
        assert sum(len(p.triangles) for p in pieces.values()) < 12_000
    depths = np.array(list(deepest.values()))
    assert np.sum(depths > 1.0) <= 1 and depths.max() < 1.2, max(deepest, key=deepest.get)
    # A lens sits 12 to 14 mm before the cornea; deep eyes below a strong brow leave no room for that.
    inside = (np.array(before) > 11.9) & (np.array(before) < 14.1)
    assert inside.mean() >= 0.8 and max(before) < 20.0 and min(before) > 11.5


def test_sizes_are_those_that_are_sold(head):
    for k, identity in enumerate(head.sample(6, seed=3)):
        pieces, front, _ = measured(head, identity, Glasses(STYLES[k]))
        assert LENS_MM[0] <= front.lens_mm <= LENS_MM[1] and BRIDGE_MM[0] <= front.bridge_mm <= BRIDGE_MM[1]
        # A temple is measured along its bend, from the hinge: by the middles of the rings that it is swept through.
        rings = pieces["left_temple"].vertices[:-2].reshape(-1, 8, 3).mean(1)
        behind = rings[rings[:, 2] < rings[:, 2].max() - 3]
        length = np.linalg.norm(np.diff(behind, axis=0), axis=1).sum()
        assert TEMPLE_MM[0] - 8 < length < TEMPLE_MM[1] + 8


@pytest.mark.parametrize("style", STYLES)
def test_lenses_stand_before_the_eyes_and_lean_to_the_cheeks(head, style):
    pieces, front, wearer = measured(head, np.zeros(head.sizes.identity), Glasses(style))
    lens = pieces["left_lens"].vertices
    low, high = lens.min(0), lens.max(0)
    pupil = wearer.pupils[0]
    assert low[0] < pupil[0] - 8 and high[0] > pupil[0] + 8
    assert abs((low[1] + high[1]) / 2 - pupil[1]) < 6.0  # centred in height on the pupil, a little below
    column = lens[np.abs(lens[:, 0] - (low[0] + high[0]) / 2) < 4]
    top, bottom = column[column[:, 1].argmax()], column[column[:, 1].argmin()]
    lean = np.degrees(np.arctan2(top[2] - bottom[2], top[1] - bottom[1]))
    assert front.tilt_deg == TILT_DEG and abs(lean - TILT_DEG) < 4.0
    inner, outer = lens[lens[:, 0].argmin()], lens[lens[:, 0].argmax()]
    assert 1.0 < np.degrees(np.arctan2(inner[2] - outer[2], outer[0] - inner[0])) < 15.0  # face form


def test_pads_rest_on_the_nose_and_temples_on_the_ears(head):
    identity = head.sample(1, seed=11)[0]
    pieces, _, wearer = measured(head, identity, Glasses("round"))
    for side, row in (("left", 0), ("right", 1)):
        away = -depth_in_skin(head, identity, pieces[f"{side}_pad"].vertices)
        assert -0.5 < away.min() < 0.8
        temple, crease = pieces[f"{side}_temple"].vertices, wearer.creases[row]
        over = temple[(np.abs(temple[:, 2] - crease[2, 2]) < 4)]
        assert 0.0 < over[:, 1].min() - crease[:, 1].max() < 3.0
        assert (temple[:, 1].min() < crease[:, 1].min() - 8) and temple[:, 2].min() < crease[:, 2].min() - 8


def flat_share(piece, front):
    """Share of a piece's area towards the viewer that looks within 20° where the frame looks."""
    corners = piece.vertices[piece.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2
    middle = np.array([front.middle, 0.0])
    ahead = normals @ (front.place(middle, 1.0) - front.place(middle))
    area = np.linalg.norm(normals, axis=1)
    return area[ahead > np.cos(np.radians(20)) * area].sum() / area[ahead > 0.3 * area].sum()


def test_frames_of_acetate_are_cut_from_a_sheet_and_wires_are_round(head):
    identity = head.sample(1, seed=11)[0]
    for style in ("square", "round"):
        pieces, front, _ = measured(head, identity, Glasses(style))
        assert (flat_share(pieces["left_rim"], front) > 0.55) == (style == "square")
        bridge = pieces["bridge"].vertices
        tall = [np.ptp(bridge[near, 1]) for near in (np.abs(bridge[:, 0]) < 1.5, bridge[:, 0] > bridge[:, 0].max() - 1)]
        assert (tall[1] > 1.5 * tall[0]) == (style == "square"), tall  # it grows into the rims


def test_a_symmetric_head_has_symmetric_glasses(head):
    pieces, _, _ = measured(head, np.zeros(head.sizes.identity), Glasses("square"))
    for name in ("rim", "lens", "temple", "hinge", "pad"):
        left, right = pieces[f"left_{name}"].vertices, pieces[f"right_{name}"].vertices * [-1, 1, 1]
        assert cKDTree(right).query(left)[0].max() < 0.35, name


def test_width_follows_the_head(head):
    people = [*head.sample(12, seed=5)]
    heads = [np.ptp(wearer_of(head, z).creases[:, 1, 0]) for z in people]
    frames = [measured(head, z, Glasses("oval"))[0] for z in people]
    worn = [pieces["left_rim"].vertices[:, 0].max() - pieces["right_rim"].vertices[:, 0].min() for pieces in frames]
    assert np.corrcoef(heads, worn)[0, 1] > 0.8


def test_every_outline_fills_its_box_and_winds_once():
    for style in STYLES:
        edge = outline(style, 50.0, 40.0, 128)
        assert np.allclose([*edge.max(0), *edge.min(0)], [25, 20, -25, -20], atol=0.6)
        turn = np.unwrap(np.arctan2(edge[:, 1], edge[:, 0]))
        assert turn[-1] - turn[0] == pytest.approx(2 * np.pi, abs=0.2)
    circle = outline("round", 50.0, 50.0, 128)
    assert np.linalg.norm(circle, axis=1) == pytest.approx(25.0, abs=0.1)
