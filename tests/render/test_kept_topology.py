"""What a renderer knows of a mesh is found once, and anew once the mesh is another."""

import gc
from dataclasses import replace

import numpy as np

from facegpt.morphable.makehuman.head import load
from facegpt.render import drawn
from facegpt.types import Mesh

HEAD = load()


def head_mesh():
    triangles = np.array(HEAD.triangles)
    return Mesh(HEAD.mean_vertices, triangles, HEAD.uv, HEAD.uv_triangles, HEAD.part, HEAD.part_names, None)


def test_pictures_of_a_mesh_share_its_topology():
    mesh, every = head_mesh(), np.ones(len(HEAD.triangles), bool)
    first = drawn._topology(mesh, every)
    assert drawn._topology(replace(mesh, vertices=mesh.vertices + 1), every) is first
    some = every.copy()
    some[::2] = False
    assert len(drawn._topology(mesh, some).triangles) == some.sum()


def test_triangles_changed_in_place_are_another_mesh():
    mesh, every = head_mesh(), np.ones(len(HEAD.triangles), bool)
    first = drawn._topology(mesh, every)
    mesh.triangles[0] = mesh.triangles[0][[1, 2, 0]]
    second = drawn._topology(mesh, every)
    assert second is not first
    assert (second.triangles == mesh.triangles).all()


def test_what_is_known_goes_with_the_mesh():
    mesh = head_mesh()
    drawn._topology(mesh, np.ones(len(HEAD.triangles), bool))
    number = id(mesh.triangles)
    assert number in drawn._topologies
    del mesh
    gc.collect()
    assert number not in drawn._topologies
