"""The distances from a body that hair keeps, beside a ball's own, scipy's transform and a mirrored mesh."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import distance_transform_edt

from facegpt.bust.shirt import collar_plane
from facegpt.bust.torso import breadth_mm, torso_of
from facegpt.bust.worn import bust_of
from facegpt.hair.body import BAND, LOW, STEP, _discs, _near_distances, body_of, distance_grid, squared_steps
from facegpt.morphable.makehuman.head import load
from facegpt.morphable.neck import neck_of
from facegpt.morphable.normals import vertex_normals

HEAD = load()


def ball(radius_mm, rings=48, spokes=96):
    """A closed ball: unit normals (V, 3) and triangles (F, 3), wound outwards."""
    turns = np.linspace(0, 2 * np.pi, spokes, endpoint=False)
    up, turn = np.meshgrid(np.linspace(0, np.pi, rings), turns, indexing="ij")
    places = np.stack([np.sin(up) * np.sin(turn), np.cos(up), np.sin(up) * np.cos(turn)], -1).reshape(-1, 3)
    at = np.arange(rings * spokes).reshape(rings, spokes)
    a, b, c, d = at[:-1], np.roll(at, -1, 1)[:-1], at[1:], np.roll(at, -1, 1)[1:]
    faces = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])
    return places.astype(np.float32), faces


def test_distances_near_a_ball_are_its_own():
    normals, faces = ball(80)
    distance = np.full((69, 90, 69), BAND, np.float32)
    corners, turned = 80 * normals[faces], normals[faces]
    low, step, band = np.array(LOW, np.float32), np.float32(STEP), np.float32(BAND)
    _near_distances(corners, turned, _discs(corners), low, step, band, distance)
    axes = [start + STEP * np.arange(n) for start, n in zip(LOW, distance.shape, strict=True)]
    true = np.linalg.norm(np.stack(np.meshgrid(*axes, indexing="ij"), -1), axis=-1) - 80
    near = np.abs(true) < BAND - 1
    assert near.sum() > 10000
    assert np.abs(distance - true)[near].max() < 0.2  # mm: the ball has flat faces
    assert np.abs(distance[np.abs(true) > BAND + 1]).min() == BAND


def test_steps_to_the_nearest_cell_are_scipys():
    far = np.random.default_rng(3).random((23, 31, 17)) > 0.01
    assert np.abs(np.sqrt(squared_steps(far)) - distance_transform_edt(far)).max() < 1e-5


def test_a_mirrored_body_is_that_of_the_mirrored_mesh():
    identity = np.random.default_rng(1).normal(0, 0.7, HEAD.sizes.identity).astype(np.float32)
    flip = np.array([-1, 1, 1], np.float32)
    plain, found = body_of(HEAD, identity, swells=False), body_of(HEAD, identity, mirrored=True, swells=False)
    mesh = (plain.vertices[HEAD.mirror] * flip).astype(np.float32)
    assert np.abs(found.vertices - mesh).max() == 0
    normals = vertex_normals(mesh, plain.triangles)
    neck, bust = neck_of(mesh, HEAD.triangles, HEAD.part, HEAD.part_names), bust_of(HEAD, identity)
    torso = torso_of(neck, breadth_mm(HEAD, identity))
    other = replace(bust, torso=torso, band=collar_plane(neck, torso.scale))
    assert np.abs(found.distance - distance_grid(mesh, normals, plain.triangles, other)).max() < 1e-3  # mm
    assert np.abs(found.normals - normals).max() < 5e-5  # lids have thin triangles: sums round in another order
