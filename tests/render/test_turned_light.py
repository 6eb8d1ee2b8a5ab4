"""A light told in another frame lights what it lit before."""

import numpy as np

from facegpt.conventions import rotation_from_euler_deg
from facegpt.render.lighting import sh_basis, turned_light


def test_a_turned_light_sends_to_a_direction_what_it_sent_to_the_turned_one():
    rng = np.random.default_rng(4)
    light, rotation = rng.normal(size=(9, 3)), rotation_from_euler_deg(35.0, -20.0, 10.0)
    normals = rng.normal(size=(50, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    sent = sh_basis(normals @ np.asarray(rotation).T) @ light
    assert np.allclose(sh_basis(normals) @ turned_light(light, rotation), sent, atol=1e-5)
