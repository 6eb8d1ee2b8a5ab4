"""A mesh that is rounded bends as the surface that its vertices are of, and stays whole."""

from dataclasses import replace

import numpy as np
import pytest

from facegpt.face.rounded import rounded
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


def test_one_mesh_is_cut_once(globe):
    one, other = rounded(globe), rounded(replace(globe, vertices=globe.vertices * np.float32(1.001)))
    assert one.triangles is other.triangles and one.uv is other.uv
