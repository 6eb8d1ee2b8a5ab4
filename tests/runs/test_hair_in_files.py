"""Hair as files have it: it passes through nobody who turns, and stays small."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.export.gltf.buffer import Buffer
from facegpt.export.gltf.meshes import add_worn_mesh
from facegpt.export.images import png_bytes
from facegpt.export.targets import Targets
from lab.runs.hair.passing_through import checked, depth_below, dressed


def test_depth_is_told_from_a_flat_skin():
    flat = np.array([[[0, 0, 0], [9, 0, 0], [0, 9, 0]], [[9, 0, 0], [9, 9, 0], [0, 9, 0]]], float)
    flat = np.concatenate([flat + np.array([9 * i, 9 * j, 0]) for i in range(3) for j in range(3)])
    assert np.allclose(depth_below(np.array([[10.0, 10.0, -2.5], [5.0, 12.0, 1.0]]), flat), [2.5, -1.0])


@pytest.mark.slow
@pytest.mark.parametrize("style", ["shoulder", "long_curly", "long"])
def test_long_hair_turns_on_its_bones_without_passing_through_the_neck(head, style):
    """With bones that took over the hair beside the neck wholly, 3 % of it lay up to 17 mm inside."""
    made = dressed(head, style)
    assert "hair_1" in made.joint_names
    found = checked(made)
    assert found["turn_pct"] < 0.2 and found["turn_mm"] < 1.0, found
    assert found["unit_pct"] < 0.2 and found["unit_mm"] < 1.0, found


@pytest.mark.parametrize("style", ["long_beach", "bob_curly", "afro"])
def test_hair_of_the_heaviest_styles_takes_less_than_3_mb(head, style):
    made = dressed(head, style)
    buffer = Buffer()
    add_worn_mesh(buffer, Targets(made), made.hair, {"hair": 0})
    pictures = sum(len(png_bytes(np.asarray(each))) for each in (made.hair.mesh.texture, made.hair.relief))
    assert buffer.size + pictures < 3_000_000
