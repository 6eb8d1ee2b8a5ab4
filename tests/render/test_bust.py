"""Pictures of a head without a shirt end softly at the neck; its mesh does not."""

from dataclasses import replace

import numpy as np

from facegpt.api import load
from facegpt.render.bust import opacity_of_neck

FACE = load().mean_face().with_shirt(None)


def test_the_neck_is_gone_at_its_edge_and_whole_below_the_chin():
    left = opacity_of_neck(FACE.mesh)
    assert left is not None
    chin = FACE.landmarks("ibug68", space="head")[8, 1]
    places = FACE.vertices()
    assert (left[(places[:, 1] > chin - 10) & (places[:, 2] > 30)] == 1).all()
    assert left.min() == 0


def test_a_picture_fades_downwards_without_a_step():
    alpha = FACE.render(256)[..., 3].astype(int)[:, 128]
    below = alpha[np.nonzero(alpha == 255)[0].max() :]
    fading = below[below > 0]
    assert len(fading) >= 10
    assert (np.diff(fading) <= 0).all()
    assert np.abs(np.diff(fading)).max() < 40


def test_no_line_is_left_where_the_neck_ends():
    """Smooth edges reach a pixel beyond the mesh: there, too, nothing is seen of it."""
    for size in (256, 512):
        most = FACE.render(size)[..., 3].astype(int).max(1)
        last = most[: np.nonzero(most)[0].max() + 1][-12:]
        assert (np.diff(last) <= 0).all() and last[-1] < 8


def test_the_mesh_keeps_its_neck():
    low = FACE.vertices()[:, 1].min()
    left = opacity_of_neck(FACE.mesh)
    assert left[FACE.vertices()[:, 1].argmin()] < 1e-3
    assert len(left) == len(FACE.vertices()) and low < -100


def test_a_mesh_without_skin_ends_as_it_is():
    assert opacity_of_neck(replace(FACE.mesh, part_names=tuple("part" for _ in FACE.mesh.part_names))) is None
