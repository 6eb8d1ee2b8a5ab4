"""The head of one person keeps the promises of the default head: identity zero is this person, all else goes on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facegpt.describe.shape.shape_gauge import ShapeGauge
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.personal.head import PersonalHead
from facegpt.personal.shape_space import shape_space
from facegpt.types import FaceParams, ShapeError


@pytest.fixture(scope="module")
def person(head) -> PersonalHead:
    random = np.random.default_rng(5)
    space = shape_space(head)
    offset = space.offset(random.normal(0, 1, space.size)).astype(np.float32)
    units = np.zeros((52, head.sizes.vertices, 3), np.float16)
    units[3, :50] = 0.5
    return PersonalHead(head, "Anna B.", head.sample(1, 3)[0], offset, units)


def evaluate(model, identity, expression, joints=None) -> np.ndarray:
    turned = np.zeros((model.sizes.joints, 3), np.float32) if joints is None else joints
    given = [torch.as_tensor(np.asarray(a, np.float32))[None] for a in (identity, expression, turned)]
    with torch.no_grad():
        return model.vertices(*given)[0].numpy()


def test_identity_zero_is_the_person_at_rest(person, head):
    zero = np.zeros(head.sizes.identity, np.float32)
    wanted = head.neutral_vertices(person.own_identity) + person.offset
    np.testing.assert_allclose(evaluate(person, zero, np.zeros(52)), wanted, atol=1e-4)
    np.testing.assert_allclose(person.mean_vertices, wanted, atol=1e-4)


def test_without_offset_it_is_the_default_head_of_that_identity(head):
    """A blink is as long as the eye is high: the person's own correctives are in it, also away from identity zero."""
    random = np.random.default_rng(1)
    own, away = head.sample(1, 3)[0], (0.3 * random.normal(0, 1, head.sizes.identity)).astype(np.float32)
    plain = PersonalHead(head, "anna", own, np.zeros((head.sizes.vertices, 3)))
    expression, joints = random.uniform(0, 1, 52), random.normal(0, 0.1, (4, 3)).astype(np.float32)
    for identity in (np.zeros_like(away), away):
        wanted = evaluate(head, own + identity, expression, joints)
        np.testing.assert_allclose(evaluate(plain, identity, expression, joints), wanted, atol=2e-3)
    np.testing.assert_allclose(plain.units_of(away), head.units_of(own + away), atol=1e-5)


def test_each_unit_moves_the_head_by_its_own_shape(person, head):
    zero = np.zeros(head.sizes.identity, np.float32)
    for unit in (0, 3, 9, 24, 43):
        weights = np.zeros(52)
        weights[unit] = 1.0
        moved = evaluate(person, zero, weights) - evaluate(person, zero, np.zeros(52))
        np.testing.assert_allclose(moved, person.units_of(zero)[unit], atol=1e-4)


def test_gradients_are_those_of_finite_differences(person, head):
    random = np.random.default_rng(2)
    inputs = [
        torch.tensor(a, dtype=torch.float64, requires_grad=True)
        for a in (
            random.normal(0, 0.3, (1, 60)),
            random.uniform(0.1, 0.9, (1, 52)),
            random.normal(0, 0.1, (1, 4, 3)),
        )
    ]
    probe = torch.tensor(random.normal(0, 1, (1, head.sizes.vertices, 3)))
    value = (person.vertices(*inputs) * probe).sum()
    slopes = torch.autograd.grad(value, inputs)
    for which, (tensor, slope) in enumerate(zip(inputs, slopes, strict=True)):
        way = torch.tensor(random.normal(0, 1, tuple(tensor.shape)))
        step = 1e-4
        ends = []
        for sign in (1, -1):
            moved = [t.detach() + sign * step * way if k == which else t.detach() for k, t in enumerate(inputs)]
            ends.append(float((person.vertices(*moved) * probe).sum()))
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(float((slope * way).sum()), rel=2e-3)


def test_its_parameters_are_nobody_elses(person, head):
    assert isinstance(person, MorphableModel)
    assert person.model_id.startswith(head.model_id + "+anna-b-")
    other = PersonalHead(head, "Anna B.", person.own_identity, 1.001 * person.offset, person.own_units)
    assert other.model_id != person.model_id
    params = made_params(person)
    with pytest.raises(ShapeError, match="belong to the head model"):
        head_vertices(head, params)


def test_what_does_not_fit_the_head_is_refused(head):
    good = np.zeros((head.sizes.vertices, 3))
    with pytest.raises(ShapeError, match="identity of 'anna'"):
        PersonalHead(head, "anna", np.zeros(3), good)
    with pytest.raises(ShapeError, match="offset of 'anna'"):
        PersonalHead(head, "anna", np.zeros(head.sizes.identity), good[:-1])
    with pytest.raises(ShapeError, match="not finite"):
        PersonalHead(head, "anna", np.zeros(head.sizes.identity), good + np.nan)


def test_eyeballs_and_teeth_keep_their_shape_and_the_back_of_the_head_its_place(head):
    space = shape_space(head)
    offset = space.offset(np.random.default_rng(0).normal(0, 1, space.size))
    for name in ("left_eye", "right_eye", "upper_teeth", "lower_teeth"):
        rows = np.unique(head.triangles[head.part == head.part_names.index(name)])
        assert np.ptp(offset[rows], axis=0).max() < 1e-6
    tip = head.embedding("ibug68")(head.mean_vertices)[30]
    far = np.linalg.norm(head.mean_vertices - tip, axis=1) > 140
    assert far.sum() > 500 and np.abs(offset[far & (head.mean_vertices[:, 2] < 0)]).max() == 0


def test_eyes_turn_about_the_place_where_the_person_has_them(person, head):
    """The joint moves with the eyeball, so that a turned eye stays in its socket."""
    zero = torch.zeros(1, head.sizes.identity)
    centres = person.joint_centres(zero)[0].numpy()
    for name in ("left_eye", "right_eye"):
        rows = np.unique(head.triangles[head.part == head.part_names.index(name)])
        moved = person.offset[rows].mean(0)
        plain = head.joint_centres(torch.as_tensor(person.own_identity)[None])[0].numpy()
        joint = head.joint_names.index(name)
        np.testing.assert_allclose(centres[joint] - plain[joint], moved, atol=1e-3)


def made_params(model) -> FaceParams:
    from facegpt.language.dialogue.made_heads import mean_head

    return mean_head(model).params


def test_measures_of_shape_lie_on_the_same_points_as_the_default_heads(person, head):
    """Its own mean has no plane of symmetry; the same surface is measured alike by both."""
    shape = person.mean_vertices[None]
    own, plain = ShapeGauge(person).raw(shape), ShapeGauge(head).raw(shape)
    assert own.keys() == plain.keys()
    for name, value in plain.items():
        np.testing.assert_allclose(own[name], value, rtol=1e-5, atol=1e-4, err_msg=name)
