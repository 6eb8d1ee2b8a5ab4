"""A mesh that is rounded bends as the surface that its vertices are of, and stays whole."""

from dataclasses import replace

import numpy as np
import pytest

from facegpt.face.rounded import rounded, rounded_with
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import Proxy
from facegpt.render.shelter import kept_shelter
from facegpt.render.topology import edges_of
from facegpt.types import Mesh
from tests.helpers.renderer_scenes import sphere

RADIUS_MM = 90.0


@pytest.fixture
def globe() -> Mesh:
    """A ball as large as a skull with edges of up to 47 mm: (V, 3) around the origin, its texture a plain net."""
    vertices, net = sphere(9, 12, RADIUS_MM, 0.0)
    triangles = net.triangles.numpy()
    return Mesh(
        vertices[0].numpy(),
        triangles,
        net.uv.numpy(),
        net.uv_triangles.numpy(),
        np.zeros(len(triangles), np.uint8),
        ("skin",),
    )


def _off_mm(mesh: Mesh) -> float:
    """How far the middles of edges are off the ball, mm."""
    edges = edges_of(mesh.triangles)[0]
    return float((RADIUS_MM - np.linalg.norm(mesh.vertices[edges].mean(1), axis=1)).mean())


def _volume(mesh: Mesh) -> float:
    a, b, c = (mesh.vertices[mesh.triangles[:, k]].astype(float) for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def test_a_ball_gets_rounder_and_keeps_its_vertices(globe):
    found = rounded(globe)
    assert np.array_equal(found.vertices[: len(globe.vertices)], globe.vertices)
    new = np.linalg.norm(found.vertices[len(globe.vertices) :], axis=1)
    assert np.abs(new - RADIUS_MM).max() < 0.25 * _off_mm(globe)
    assert _off_mm(found) < 0.3 * _off_mm(globe)
    whole = 4 / 3 * np.pi * RADIUS_MM**3
    assert 0 < whole - abs(_volume(found)) < 0.35 * (whole - abs(_volume(globe)))


def test_triangles_stay_closed_and_turn_as_they_did(globe):
    found = rounded(globe)
    closed = edges_of(globe.triangles)[1].min() >= 0
    assert (edges_of(found.triangles)[1].min() >= 0) == closed
    assert edges_of(found.triangles)[3].all() == edges_of(globe.triangles)[3].all()
    assert np.sign(_volume(found)) == np.sign(_volume(globe))
    assert len(found.part) == len(found.triangles) == len(found.uv_triangles)
    assert _texture_area(found) == pytest.approx(_texture_area(globe), rel=1e-5)


def _texture_area(mesh: Mesh) -> float:
    a, b, c = (mesh.uv[mesh.uv_triangles[:, k]] for k in range(3))
    one, other = b - a, c - a
    return float(np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]).sum())


def test_what_does_not_bend_stays_itself(globe):
    flat = replace(globe, vertices=globe.vertices * np.array([1, 1, 0], np.float32))
    assert rounded(replace(globe, part_names=("teeth",))).triangles is globe.triangles
    small = replace(globe, vertices=globe.vertices / 20)
    assert rounded(small).triangles is globe.triangles
    inner = rounded(flat).vertices[len(globe.vertices) :]
    assert np.abs(inner[:, 2]).max(initial=0) < 1e-6


def test_new_vertices_lie_between_those_of_the_edges_that_are_told(globe):
    found = rounded(globe)
    assert found.whole is globe
    straight = globe.vertices[found.edges].mean(1)
    off = np.linalg.norm(found.vertices[len(globe.vertices) :] - straight, axis=1)
    assert len(off) == len(found.edges) and off.max() < 4.0  # edges of 47 mm rise by 3.1 mm over a ball of 90


def test_middles_see_what_the_whole_mesh_lets_them_see(globe):
    """Of a ball beside a smaller one: its shelter is found on the whole mesh and differs little from that of the cut
    one, which is looked at on its own."""
    small = globe.vertices / 2 + np.array([125.0, 0, 0], np.float32)
    triangles = np.concatenate([globe.triangles, globe.triangles + len(small)])
    two = replace(
        globe,
        vertices=np.concatenate([globe.vertices, small]),
        triangles=triangles,
        uv_triangles=np.concatenate([globe.uv_triangles] * 2),
        part=np.concatenate([globe.part] * 2),
    )
    cut, turn = rounded(two), np.eye(3)
    own, whole = (
        kept_shelter(mesh.vertices, vertex_normals(mesh.vertices, mesh.triangles), mesh.triangles, turn).open
        for mesh in (cut, two)
    )
    taken = kept_shelter(two.vertices, vertex_normals(two.vertices, triangles), triangles, turn)
    found = taken.with_middles(cut.edges).open
    assert np.array_equal(found[: len(whole)], whole) and found.shape == own.shape
    assert np.abs(found.mean(1) - own.mean(1)).mean() < 0.1 * own.mean(1).std() + 0.05


def test_one_mesh_is_cut_once(globe):
    one, other = rounded(globe), rounded(replace(globe, vertices=globe.vertices * np.float32(1.001)))
    assert one.triangles is other.triangles and one.uv is other.uv


def test_shade_that_is_linear_over_a_ball_is_so_on_its_new_vertices(globe):
    """A plane's shade is known at every middle of an edge; what tells nothing of the head's vertices stays as it is."""
    shade = (0.5 + globe.vertices[:, 1] / (4 * RADIUS_MM)).astype(np.float32)
    normals, weights = globe.vertices / RADIUS_MM, np.ones((len(shade), 1))
    given = globe, normals, globe.vertices, normals, weights, 0.5, False, np.ones(len(shade))
    found, (hair, other) = rounded_with(globe, [Proxy("hair", *given, shade), Proxy("other", *given, np.zeros(0))])
    assert np.array_equal(found.vertices, rounded(globe).vertices)
    assert np.array_equal(hair.head_open_to_light[: len(shade)], shade)
    wanted = 0.5 + found.vertices[:, 1] / (4 * RADIUS_MM)
    bulge = np.linalg.norm(found.vertices, axis=1).max() - np.linalg.norm(globe.vertices, axis=1).min()
    assert len(hair.head_open_to_light) == len(wanted)
    assert np.abs(hair.head_open_to_light - wanted).max() < 0.05 + bulge / (4 * RADIUS_MM)
    assert len(other.head_open_to_light) == 0
