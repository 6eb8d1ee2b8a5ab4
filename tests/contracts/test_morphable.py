"""Every promise of morphable/base.py, for each registered head model and for the small made-up one.

Heads whose files only a user has are made from small made-up files of their format, and ICT from the real one as well.
"""

from __future__ import annotations

import importlib

import numpy as np
import pytest
import torch
from made_up_head import made_up_head
from made_up_user_heads import WRITERS

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name, rotation_from_rotvec
from facegpt.models.files import head_names, load_head
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.linear_head import LinearHead
from facegpt.morphable.transfer import carried_albedo

#: Every registered head by its name; "ict, the real file" is that of the optional data.
MODELS = ("made-up", *head_names(), "ict, the real file")
#: How far ICT's authors left its left from its right: mean head, units (cheekPuff), mm. Others are exact mirror images.
ICT_ASYMMETRY_MM = (0.3, 3.0)


@pytest.fixture(scope="module", params=MODELS)
def model(request, tmp_path_factory) -> MorphableModel:
    if request.param == "made-up":
        return made_up_head()
    name = request.param.split(",")[0]
    if name not in WRITERS:
        return load_head(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEGPT_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(carried_albedo, "SIZE", 128)  # texels a side: the atlas is looked up a hundred times faster
        if request.param == name:
            path = WRITERS[name](tmp_path_factory.mktemp(name))
        else:
            path = request.getfixturevalue("shared_data") / "ict_facekit.npz"
        head = LinearHead(importlib.import_module(f"facegpt.morphable.{name}").read(path))
        assert head.albedo is not None  # made while the atlas is small
        return head


@pytest.fixture
def asymmetry_mm(request) -> tuple[float, float]:
    """How far mean and units may be from their mirror images, mm."""
    real = request.node.callspec.params["model"] == "ict, the real file"
    return ICT_ASYMMETRY_MM if real else (1e-2, 1e-2)


def zeros(model, batch=1):
    s = model.sizes
    return torch.zeros(batch, s.identity), torch.zeros(batch, s.expression), torch.zeros(batch, s.joints, 3)


def random_inputs(model, seed=0, batch=1, dtype=torch.float32):
    rng = torch.Generator().manual_seed(seed)
    s = model.sizes
    identity = torch.randn(batch, s.identity, generator=rng, dtype=dtype)
    expression = 0.3 * torch.rand(batch, s.expression, generator=rng, dtype=dtype)
    joints = 0.2 * torch.randn(batch, s.joints, 3, generator=rng, dtype=dtype)
    return identity, expression, joints


def part_ids(model, name):
    if name not in model.part_names:
        pytest.skip(f"this head has no {name}")
    return np.unique(model.triangles[model.part == model.part_names.index(name)])


def test_satisfies_the_protocol_and_its_shapes(model):
    s = model.sizes
    assert isinstance(model, MorphableModel)
    assert model.mean_vertices.shape == (s.vertices, 3)
    assert model.identity_basis.shape == (s.identity, s.vertices, 3)
    assert model.expression_basis.shape == (s.expression, s.vertices, 3)
    assert s.expression == len(ARKIT_NAMES)
    assert model.triangles.shape == model.uv_triangles.shape == (s.triangles, 3)
    assert model.uv.shape == (s.texture_coordinates, 2)
    assert model.part.shape == (s.triangles,) and model.part.max() < len(model.part_names)
    assert model.skin_weights.shape == (s.vertices, s.joints)
    assert model.joint_names == ("neck", "head", "left_eye", "right_eye")
    assert model.triangles.min() >= 0 and model.triangles.max() < s.vertices
    assert model.uv_triangles.min() >= 0 and model.uv_triangles.max() < s.texture_coordinates


def test_zero_parameters_give_the_mean(model):
    with torch.no_grad():
        found = model.vertices(*zeros(model))[0].numpy()
    assert np.abs(found - model.mean_vertices).max() < 1e-3  # mm


def test_rest_head_is_linear_in_identity(model):
    identity, expression, joints = random_inputs(model, 1)
    with torch.no_grad():
        found = model.vertices(identity, 0 * expression, torch.zeros_like(joints))[0].numpy()
    moved = np.tensordot(identity[0].numpy(), model.identity_basis, 1)
    assert np.abs(found - model.mean_vertices - moved).max() < 5e-3  # mm, float32


def test_each_unit_alone_is_linear_on_the_mean(model):
    identity, expression, joints = zeros(model)
    for unit in range(model.sizes.expression):
        weights = expression.clone()
        weights[0, unit] = 0.6
        with torch.no_grad():
            found = model.vertices(identity, weights, joints)[0].numpy()
        moved = 0.6 * model.expression_basis[unit]
        assert np.abs(found - model.mean_vertices - moved).max() < 5e-3, ARKIT_NAMES[unit]  # mm


def test_units_together_add_up_but_for_small_correctives(model):
    identity, expression, joints = random_inputs(model, 1)
    with torch.no_grad():
        found = model.vertices(identity, expression, torch.zeros_like(joints))[0].numpy()
    moved = np.tensordot(identity[0].numpy(), model.identity_basis, 1)
    moved = moved + np.tensordot(expression[0].numpy(), model.expression_basis, 1)
    left = np.linalg.norm(found - model.mean_vertices - moved, axis=1)
    most = 2.0 if hasattr(model, "correctives") else 5e-3
    assert left.max() < most  # mm, at weights up to 0.3


def test_a_batch_gives_what_single_calls_give(model):
    identity, expression, joints = random_inputs(model, 2, batch=3)
    with torch.no_grad():
        together = model.vertices(identity, expression, joints)
        apart = torch.cat(
            [model.vertices(identity[k : k + 1], expression[k : k + 1], joints[k : k + 1]) for k in range(3)]
        )
    assert (together - apart).abs().max() < 5e-3  # mm


@pytest.mark.parametrize("which", [0, 1, 2], ids=["identity", "expression", "joints"])
def test_gradients_match_finite_differences(model, which):
    inputs = [t.double() for t in random_inputs(model, 3)]
    weights = torch.randn(model.sizes.vertices, 3, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    inputs[which].requires_grad_(True)
    (model.vertices(*inputs)[0] * weights).sum().backward()
    slope = inputs[which].grad
    direction = torch.randn(slope.shape, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    step = 1e-4
    with torch.no_grad():
        sums = []
        for sign in (1, -1):
            moved = list(inputs)
            moved[which] = inputs[which] + sign * step * direction
            sums.append((model.vertices(*moved)[0] * weights).sum())
    expected = (sums[0] - sums[1]) / (2 * step)
    assert abs((slope * direction).sum() - expected) < 1e-4 * abs(expected) + 1e-3


def test_gradient_is_finite_at_rest(model):
    inputs = [t.requires_grad_(True) for t in zeros(model)]
    model.vertices(*inputs).square().sum().backward()
    assert all(torch.isfinite(t.grad).all() for t in inputs)


def test_the_mirror_table_is_its_own_inverse_and_the_mean_is_symmetric(model, asymmetry_mm):
    assert (model.mirror[model.mirror] == np.arange(model.sizes.vertices)).all()
    assert np.abs(model.mean_vertices[model.mirror] * [-1, 1, 1] - model.mean_vertices).max() < asymmetry_mm[0]


def test_left_and_right_units_are_mirror_images(model, asymmetry_mm):
    for k, name in enumerate(ARKIT_NAMES):
        twin = ARKIT_NAMES.index(mirror_arkit_name(name))
        if name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight") or twin != k:
            reflected = model.expression_basis[twin][model.mirror] * [-1, 1, 1]
            assert np.abs(reflected - model.expression_basis[k]).max() < asymmetry_mm[1], name


def test_left_units_move_the_subjects_left(model):
    for name in ("eyeBlinkLeft", "mouthSmileLeft", "browDownLeft"):
        moved = np.linalg.norm(model.expression_basis[ARKIT_NAMES.index(name)], axis=1)
        centre = (moved[:, None] * model.mean_vertices).sum(0) / moved.sum()
        assert centre[0] > 0, name


def test_units_and_morphs_never_move_the_eyeballs(model):
    for side in ("left_eye", "right_eye"):
        if side in model.part_names:
            assert np.abs(model.expression_basis[:, part_ids(model, side)]).max() < 1e-6  # mm


def test_eye_joints_turn_their_eyeball_only_and_rigidly(model):
    identity, expression, joints = zeros(model)
    for name in ("left_eye", "right_eye"):
        row = model.joint_names.index(name)
        turned = joints.clone()
        turned[0, row] = torch.tensor([0.3, -0.2, 0.1])
        with torch.no_grad():
            moved = model.vertices(identity, expression, turned)[0].numpy() - model.mean_vertices
            centre = model.joint_centres(identity)[0, row].numpy()
        eye = part_ids(model, name)
        arm = model.mean_vertices[eye] - centre
        assert np.abs(arm @ rotation_from_rotvec([0.3, -0.2, 0.1]).T - arm - moved[eye]).max() < 1e-2  # mm
        others = np.setdiff1d(np.arange(model.sizes.vertices), eye)
        assert np.abs(moved[others]).max() < 1e-3  # mm


def test_positive_x_rotation_of_an_eye_lowers_its_gaze(model):
    identity, expression, joints = zeros(model)
    row = model.joint_names.index("left_eye")
    joints[0, row, 0] = 0.2
    eye = part_ids(model, "left_eye")
    pupil = eye[np.argmax(model.mean_vertices[eye, 2])]
    with torch.no_grad():
        assert model.vertices(identity, expression, joints)[0, pupil, 1] < model.mean_vertices[pupil, 1]


def test_skin_weights_are_a_partition_of_one(model):
    assert model.skin_weights.min() >= 0
    assert np.abs(model.skin_weights.sum(1) - 1).max() < 1e-4


def test_parents_come_before_their_children(model):
    assert model.joint_parents[0] == -1
    assert all(0 <= p < k for k, p in enumerate(model.joint_parents) if k)


def test_joint_centres_follow_identity(model):
    identity, expression, joints = random_inputs(model, 6)
    with torch.no_grad():
        centre = model.joint_centres(identity)[0, model.joint_names.index("left_eye")].numpy()
        rest = model.vertices(identity, 0 * expression, 0 * joints)[0].numpy()
        mean_centre = model.joint_centres(0 * identity)[0, model.joint_names.index("left_eye")].numpy()
    eye = part_ids(model, "left_eye")
    shift = (rest - model.mean_vertices)[eye]
    assert np.abs(shift.mean(0) - (centre - mean_centre)).max() < 1.0  # mm: the eyeball moves with its joint


def test_skin_faces_outward(model):
    skin = model.triangles[model.part == model.part_names.index("skin")]
    a, b, c = (model.mean_vertices[skin[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    out = (a + b + c) / 3 - model.mean_vertices[np.unique(skin)].mean(0)
    outward = (normals * out).sum(1) > 0
    assert (np.linalg.norm(normals, axis=1) * outward).sum() > 0.8 * np.linalg.norm(normals, axis=1).sum()


def test_neighbouring_triangles_turn_the_same_way(model):
    skin = model.triangles[model.part == model.part_names.index("skin")].astype(np.int64)
    directed = np.concatenate([skin[:, [0, 1]], skin[:, [1, 2]], skin[:, [2, 0]]])
    assert len(np.unique(directed, axis=0)) == len(directed)


def test_texture_coordinates_lie_in_the_unit_square(model):
    assert model.uv.min() >= 0 and model.uv.max() <= 1


def test_the_head_frame_has_the_face_towards_plus_z_and_millimetres(model):
    size = np.ptp(model.mean_vertices, axis=0)
    assert 100 < size[0] < 260 and 150 < size[1] < 400  # mm
    points = model.embedding("ibug68")(model.mean_vertices)
    assert points[30, 2] > points[[0, 16], 2].max() + 30  # the nose stands out of the face
    assert points[8, 1] < points[30, 1] < points[27, 1]  # chin, nose tip, nose root


def test_ibug68_has_the_subjects_right_first(model):
    points = model.embedding("ibug68")(model.mean_vertices)
    assert points[0, 0] < 0 < points[16, 0]
    assert points[36:42, 0].max() < 0 < points[42:48, 0].min()


@pytest.mark.parametrize("name, count", [("ibug68", 68), ("mediapipe478", 478)])
def test_embeddings_lie_on_triangles_of_the_surface(model, name, count):
    found = model.embedding(name)
    assert found.corners.shape == found.weights.shape == (count, 3)
    assert found.corners.min() >= 0 and found.corners.max() < model.sizes.vertices
    assert found.weights.min() > -1e-3 and np.abs(found.weights.sum(1) - 1).max() < 1e-3
    triangles = {frozenset(map(int, t)) for t in model.triangles}
    for corners, weights in zip(found.corners, found.weights, strict=True):
        used = frozenset(int(c) for c, w in zip(corners, weights, strict=True) if abs(w) > 1e-6)
        assert any(used <= t for t in triangles if used & t)


def test_an_unknown_embedding_is_a_key_error(model):
    with pytest.raises(KeyError):
        model.embedding("no-such-points")


def test_the_albedo_is_a_picture_in_linear_light_with_gradients(model):
    coefficients = torch.zeros(2, model.sizes.albedo, requires_grad=True)
    texture = model.albedo_texture(coefficients)
    assert texture.shape[:2] == (2, 3) and texture.min() >= 0 and texture.max() <= 1
    texture.sum().backward()
    assert coefficients.grad is not None and coefficients.grad.abs().sum() > 0


def test_the_opacity_is_between_zero_and_one(model):
    opacity = model.opacity_texture()
    assert opacity.ndim == 2 and opacity.min() >= 0 and opacity.max() == 1
