"""The 52 units and their correctives on the default head: what each must do, on the mean and on random people."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt_lab.evaluate.judges.expression_samples import closed_eyes, expression
from facegpt_lab.evaluate.protocols.intersections import Anatomy, bare_eye_mm2


def made(head, weights, identity=None):
    """Vertices (V, 3) mm of an expression such as {"mouthSmile": 1, "jawOpen": 0.4}."""
    z = torch.zeros(1, head.sizes.identity) if identity is None else torch.as_tensor(identity)[None]
    with torch.no_grad():
        return head.rest_vertices(z, torch.from_numpy(expression(weights))[None])[0].numpy()


def base_vertex(head, number):
    """Our vertex for a vertex of MakeHuman's base mesh."""
    return int(np.flatnonzero(head.arrays["source_vertex"] == number)[0])


def corrective(head, k):
    """Corrective shape number k on all vertices: (V, 3) mm."""
    whole = np.zeros((head.sizes.vertices, 3))
    whole[head.correctives.vertices] = head.correctives.shapes[k]
    return whole


def part(head, name):
    return np.unique(head.triangles[head.part == head.part_names.index(name)])


def test_left_and_right_units_are_exact_mirror_images(head):
    for k, name in enumerate(ARKIT_NAMES):
        twin = head.expression_basis[ARKIT_NAMES.index(mirror_arkit_name(name))]
        assert np.abs(twin[head.mirror] * [-1, 1, 1] - head.expression_basis[k]).max() < 0.005, name  # mm


def test_brows_come_down_and_sneers_lift_the_nose_visibly(head):
    units = {name: head.expression_basis[ARKIT_NAMES.index(name)] for name in ("browDownLeft", "noseSneerLeft")}
    assert units["browDownLeft"][:, 1].min() < -4.5  # mm
    assert units["noseSneerLeft"][:, 1].max() > 3.5


@pytest.mark.parametrize("seed", range(2))
def test_no_eyeball_shows_between_closed_lids_of_random_people(head, seed):
    people = head.sample(5, seed=202 + seed)
    assert bare_eye_mm2(Anatomy(head), people, closed_eyes()).max() < 1.0  # mm²


def test_open_eyes_show_their_eyeballs(head):
    resting = [closed_eyes()[0].__class__("rest", expression({}))]
    seen = bare_eye_mm2(Anatomy(head), np.zeros((1, head.sizes.identity), np.float32), resting)[0, 0]
    assert 150 < seen < 600  # mm², both eyes


def test_an_open_jaw_shows_upper_teeth_and_tongue_above_the_lower_lip(head):
    opened = made(head, {"jawOpen": 1})
    upper_lip, lower_lip = (opened[base_vertex(head, n), 1] for n in (474, 493))
    assert opened[part(head, "upper_teeth"), 1].min() < upper_lip - 0.7  # mm, incisors below the lip
    front = part(head, "lower_teeth")
    front = front[np.abs(head.mean_vertices[front, 0]) < 5]
    assert opened[front, 1].max() > lower_lip + 1
    assert opened[part(head, "tongue"), 1].max() > lower_lip + 5


@pytest.mark.parametrize("weight", [0.3, 0.6, 1.0])
def test_mouth_close_shuts_the_jaw_at_every_opening(head, weight):
    shut = made(head, {"jawOpen": weight, "mouthClose": weight})
    for upper, lower in ((474, 493), (520, 523)):
        u, v = base_vertex(head, upper), base_vertex(head, lower)
        assert abs((shut[u] - shut[v] - head.mean_vertices[u] + head.mean_vertices[v])[1]) < 0.5  # mm


def test_puffed_cheeks_are_wider_and_the_tongue_comes_out_between_the_lips(head):
    puffed = made(head, {"cheekPuff": 1}) - head.mean_vertices
    assert puffed[:, 0].max() > 6  # mm
    out = made(head, {"tongueOut": 1, "jawOpen": 0.5})
    tip = out[part(head, "tongue")]
    tip = tip[tip[:, 2] > out[base_vertex(head, 496), 2]]
    assert len(tip) > 10
    assert tip[:, 1].max() < out[base_vertex(head, 474), 1]


def test_each_corrective_needs_both_of_its_units(head):
    c = head.correctives
    assert 0 < len(c.units) <= 12
    rest, identity = torch.zeros(1, head.sizes.vertices, 3), torch.zeros(1, head.sizes.identity)
    for k, (one, other) in enumerate(c.units):
        weights = torch.zeros(1, head.sizes.expression)
        weights[0, one] = 0.5
        assert not c.add_to(rest, identity, weights).any()
        weights[0, other] = 0.8
        added = c.add_to(rest, identity, weights)[0].numpy()
        np.testing.assert_allclose(added, 0.4 * corrective(head, k), atol=1e-4)  # mm


def test_correctives_are_mirror_images_and_smooth_in_their_weights(head):
    generator = torch.Generator().manual_seed(1)
    weights = 0.2 + 0.6 * torch.rand(1, head.sizes.expression, generator=generator, dtype=torch.float64)
    identity = torch.randn(1, head.sizes.identity, generator=generator, dtype=torch.float64).requires_grad_()
    weights.requires_grad_()
    rest = torch.zeros(1, head.sizes.vertices, 3, dtype=torch.float64)
    probe = torch.randn(head.sizes.vertices, 3, generator=generator, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda i, w: (head.correctives.add_to(rest, i, w)[0] * probe).sum(), (identity, weights)
    )
    shapes = {tuple(u): corrective(head, k) for k, u in enumerate(head.correctives.units)}
    for pair, shape in shapes.items():
        twin = tuple(ARKIT_NAMES.index(mirror_arkit_name(ARKIT_NAMES[u])) for u in pair)
        assert np.abs(shapes[twin][head.mirror] * [-1, 1, 1] - shape).max() < 0.01  # mm


def test_a_persons_own_units_give_what_the_model_gives(head):
    identity = head.sample(1, seed=9)[0]
    units = head.units_of(identity)
    for name in ("eyeBlinkLeft", "eyeLookDownRight", "jawOpen"):
        alone = made(head, {name: 1}, identity) - made(head, {}, identity)
        np.testing.assert_allclose(alone, units[ARKIT_NAMES.index(name)], atol=2e-3)  # mm
