"""Heads from the user's own files: what is read is what the file says, by each model's own formula."""

from __future__ import annotations

import importlib
import pickle
import sys

import numpy as np
import pytest
import torch
from made_up_user_heads import (
    EYES,
    IDENTITY,
    SHIFT,
    WHOLE,
    WRITERS,
    ChumpyPickler,
    default,
    evil_pickle,
    flame_arrays,
    made_up,
    stretched,
    write_bfm_2017,
    write_flame,
    write_gnm,
)
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.linear_head import LinearHead
from facegpt.morphable.restricted_pickle import read_pickle
from facegpt.types import AssetError, FaceGPTError


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEGPT_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def heads(cache, tmp_path_factory) -> dict[str, LinearHead]:
    folder = tmp_path_factory.mktemp("files")
    return {name: LinearHead(reader(name)(write(folder))) for name, write in WRITERS.items()}


def reader(name):
    return importlib.import_module(f"facegpt.morphable.{name}").read


def evaluated(head, identity=None, expression=None, joints=None):
    """Vertices (V, 3) mm in the frame of the file."""
    given = [np.zeros(head.sizes.identity), np.zeros(52), np.zeros((4, 3))]
    for k, value in enumerate((identity, expression, joints)):
        if value is not None:
            given[k] = np.asarray(value)
    with torch.no_grad():
        batch = [torch.as_tensor(np.asarray(each, np.float32))[None] for each in given]
        return head.vertices(*batch)[0].numpy().astype(np.float64) + head.carried.origin


def first(head, *weights):
    identity = np.zeros(head.sizes.identity)
    identity[: len(weights)] = weights
    return identity


@pytest.mark.parametrize("name, parts", [("ict", None), ("gnm", None), ("flame", None), ("bfm", ("skin", "mouth"))])
def test_identity_is_the_files_own_in_millimetres(heads, name, parts):
    head = heads[name]
    moved = evaluated(head, identity=first(head, 1.5, -1.0)) - evaluated(head)
    own = default().identity_basis
    if name == "bfm":  # orthonormal directions: the same space, so every mode of it is one of the file's
        basis = made_up(*parts).identity.reshape(IDENTITY, -1)
        flat = moved.ravel()
        left = flat - basis.T @ np.linalg.lstsq(basis.T, flat, rcond=None)[0]
        assert np.abs(flat).max() > 1.0 and np.abs(left).max() < 1e-2  # mm
        return
    rows = matching_rows(head)
    assert np.abs(moved - (1.5 * own[0] - own[1])[rows]).max() < 2e-2  # mm, some files hold float16


def matching_rows(head):
    """The vertex of the default head that each vertex of a made-up file is, by where it lies."""
    gap, rows = cKDTree(stretched(default().mean_vertices)).query(evaluated(head))
    assert gap.max() < 1e-2  # mm
    return rows


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_points_of_the_face_are_carried_to_their_true_places(heads, name):
    truth = stretched(default().embedding("mediapipe478")(default().mean_vertices))
    found = heads[name].embedding("mediapipe478")(evaluated(heads[name]))
    gap = np.linalg.norm(found - truth, axis=1)[:468]
    assert np.median(gap) < 0.6 and np.quantile(gap, 0.95) < 2.0  # mm, on a head stretched by 3 %


@pytest.mark.parametrize("name", ["ict", "gnm", "flame"])
def test_irises_are_carried_to_the_eyeballs(heads, name):
    truth = stretched(default().embedding("mediapipe478")(default().mean_vertices))[468:]
    found = heads[name].embedding("mediapipe478")(evaluated(heads[name]))[468:]
    assert np.linalg.norm(found - truth, axis=1).max() < 2.0  # mm; made-up ICT eyes look straight, real ones 6.5° out


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_the_origin_is_midway_between_the_ears(heads, name):
    ears = stretched(default().landmarks.points(default().mean_vertices)[[12, 13]])
    assert np.linalg.norm(heads[name].carried.origin - ears.mean(0)) < 2.0  # mm
    assert np.abs(SHIFT).max() > 10  # which a loader that kept the file's origin would miss


@pytest.mark.parametrize("name", ["gnm", "flame"])
def test_joints_are_where_the_file_has_them(heads, name):
    truth = stretched(default().arrays["joint_centres"])
    with torch.no_grad():
        found = heads[name].joint_centres(torch.zeros(1, heads[name].sizes.identity))[0].numpy()
    assert np.abs(found + heads[name].carried.origin - truth).max() < 1e-2  # mm


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_measures_are_those_of_the_same_distances_on_the_true_head(heads, name):
    found = heads[name].measure(np.zeros(heads[name].sizes.identity))
    truth = stretched(default().landmarks.points(default().mean_vertices))
    row = default().landmarks.row
    for measure, (one, other) in {
        "menton_sellion_length": ("sellion", "menton"),
        "lip_length": ("cheilion_left", "cheilion_right"),
        "nose_breadth": ("alare_left", "alare_right"),
    }.items():
        true_mm = np.linalg.norm(truth[row[one]] - truth[row[other]])
        assert abs(found[measure].value_mm - true_mm) < 2.5, measure  # mm


# ICT-FaceKit


def test_ict_units_are_its_own_and_sided_ones_are_summed(heads):
    rows, own = matching_rows(heads["ict"]), default()
    for name in ("jawOpen", "mouthSmileLeft", "browInnerUp", "cheekPuff", "mouthLeft"):
        weights = np.zeros(52)
        weights[ARKIT_NAMES.index(name)] = 1.0
        moved = evaluated(heads["ict"], expression=weights) - evaluated(heads["ict"])
        assert np.abs(moved - own.expression_basis[ARKIT_NAMES.index(name)][rows]).max() < 2e-2, name  # mm


# FLAME


def flame_by_its_own_formula(arrays, betas, turns):
    """FLAME's function in metres, written again: shape, pose blend shapes, skinning with 4 × 4 matrices."""
    shaped = arrays["v_template"] + arrays["shapedirs"] @ betas
    centres = arrays["J_regressor"].toarray() @ shaped
    matrices = Rotation.from_rotvec(turns).as_matrix()
    shaped = shaped + arrays["posedirs"] @ (matrices[1:] - np.eye(3)).ravel()
    world = []
    for joint, parent in enumerate((-1, 0, 1, 1, 1)):
        local = np.eye(4)
        local[:3, :3], local[:3, 3] = matrices[joint], centres[joint] - (centres[parent] if parent >= 0 else 0)
        world.append(local if parent < 0 else world[parent] @ local)
    posed = np.zeros_like(shaped)
    for joint, matrix in enumerate(world):
        posed += arrays["weights"][:, [joint]] * ((shaped - centres[joint]) @ matrix[:3, :3].T + matrix[:3, 3])
    return posed


def test_flame_turns_its_head_as_its_own_formula_does(heads):
    betas, turns, joints = np.zeros(324), np.zeros((5, 3)), np.zeros((4, 3))
    betas[:2] = 1.0, -0.5
    turns[1] = joints[1] = 0.2, -0.3, 0.1
    turns[0] = joints[0] = 0.0, 0.4, 0.0
    truth = flame_by_its_own_formula(flame_arrays(), betas, turns) * 1000
    found = evaluated(heads["flame"], identity=first(heads["flame"], 1.0, -0.5), joints=joints)
    assert np.abs(found - truth).max() < 0.05  # mm


def test_flame_opens_its_jaw_by_the_unit_and_says_by_how_much(heads):
    head = heads["flame"]
    weights = np.zeros(52)
    weights[ARKIT_NAMES.index("jawOpen")] = 1.0
    told = head.own_expressions.coefficients(weights)
    assert told[-2] > 0.05 and abs(told[-1]) < 0.02  # radians about x (it opens) and about y (it does not slide)
    betas, turns, rest = np.zeros(324), np.zeros((5, 3)), evaluated(head)
    turns[2, 0] = told[-2]
    turned = flame_by_its_own_formula(flame_arrays(), betas, turns) * 1000
    straight = rest + told[-2] * head.carried.other.expression[-2]
    assert np.linalg.norm(turned - straight, axis=1).max() < 0.5  # mm, the jaw alone
    betas[300:] = told[:-2]
    truth = flame_by_its_own_formula(flame_arrays(), betas, turns) * 1000
    found = evaluated(head, expression=weights)
    # FLAME's jaw turns what its coefficients add as well; a unit cannot: some mm of an open mouth's 40 at the lower lip
    assert np.linalg.norm(found - truth, axis=1).mean() < 0.3  # mm
    chin = head.embedding("ibug68")
    assert chin(found)[8, 1] < chin(rest)[8, 1] - 5.0  # mm lower


def test_flame_is_the_same_from_a_pickle_and_from_an_npz(tmp_path):
    pickled, zipped = (reader("flame")(write_flame(tmp_path, name)) for name in ("generic_model.pkl", "flame.npz"))
    assert pickled.model_id == zipped.model_id
    assert np.array_equal(pickled.vertices, zipped.vertices)
    assert np.array_equal(pickled.identity, zipped.identity)


def test_releases_of_flame_have_different_names(tmp_path):
    one = reader("flame")(write_flame(tmp_path, "generic_model.pkl"))
    other = reader("flame")(write_flame(tmp_path, "flame2023.pkl"))
    assert one.model_id.startswith("flame/2020-") and other.model_id.startswith("flame/2023-")


# Basel Face Model


def test_bfm_2009_wears_the_units_of_the_default_head(heads):
    jaw = heads["bfm"].expression_basis[ARKIT_NAMES.index("jawOpen")]
    truth = default().expression_basis[ARKIT_NAMES.index("jawOpen")][matching_rows(heads["bfm"])]
    skin = np.unique(heads["bfm"].triangles)
    assert np.median(np.linalg.norm((jaw - truth)[skin], axis=1)) < 0.3  # mm, of up to 30
    assert heads["bfm"].own_expressions is None


def test_bfm_2017_rests_at_its_mean_shape_and_names_the_coefficients_of_rest(tmp_path, cache):
    pytest.importorskip("h5py")
    import h5py

    path = write_bfm_2017(tmp_path)
    head = LinearHead(reader("bfm")(path))
    with h5py.File(path) as file:
        mean, basis = file["expression/model/mean"][:], file["expression/model/pcaBasis"][:]
        spread = np.sqrt(file["expression/model/pcaVariance"][:])
    rest = head.own_expressions.coefficients(np.zeros(52))
    assert np.abs(mean + basis @ (spread * rest)).max() < 1e-2  # mm: no expression in its own formula
    weights = np.zeros(52)
    weights[ARKIT_NAMES.index("mouthSmileLeft")] = 0.7
    told = head.own_expressions.coefficients(weights)
    truth = (mean + basis @ (spread * told)).reshape(-1, 3)
    assert np.abs(evaluated(head, expression=weights) - evaluated(head) - truth).max() < 1e-2  # mm


def test_bfm_2017_without_h5py_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "model2017-1_face12_nomouth.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(FaceGPTError, match=r"\[bfm\]"):
        reader("bfm")(path)


# Expressions of a model's own


def test_units_are_made_of_the_models_own_directions(heads):
    for name in ("gnm", "flame"):
        head = heads[name]
        own, basis = head.own_expressions, head.carried.other.expression
        made = np.tensordot(own.map, basis, 1)
        skin = head.carried.other.part_vertices("skin")
        assert np.abs(made - head.expression_basis)[:, skin].max() < 1e-2, name  # mm
        assert own.explained.min() > -1e-3 and own.explained.max() <= 1.0


def test_a_unit_that_the_model_can_make_is_made(cache, tmp_path):
    """A file whose directions are the default head's own units in another order: each is found again."""
    head = made_up("skin", "mouth", "left_socket", "right_socket", "left_eye", "right_eye")
    order = np.random.default_rng(3).permutation(52)
    units = default().expression_basis[order][:, head.own].astype(np.float64)
    file = reader("gnm")(write_gnm(tmp_path, expression_basis=padded(units, head) / 1000))
    own = LinearHead(file).own_expressions
    for name in ("jawOpen", "mouthSmileLeft", "browInnerUp", "mouthPucker", "eyeBlinkRight"):
        k = ARKIT_NAMES.index(name)
        assert own.explained[k] > 0.8, name


def padded(units, head):
    """Displacements (52, v, 3) of some of the parts as those of the whole made-up GNM head."""
    whole = made_up(*WHOLE, *EYES)
    out = np.zeros((len(units), len(whole.own), 3), np.float32)
    out[:, np.searchsorted(whole.own, head.own)] = units
    return out


# Files that are none


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_file_of_another_format_is_refused_in_a_sentence(tmp_path, name):
    path = tmp_path / "something.npz"
    np.savez(path, something=np.zeros(3))
    with pytest.raises(AssetError, match=r"something\.npz"):
        reader(name)(path)
    for content in (b"", b"no such thing", b"\x80\x04N."):
        broken = tmp_path / "broken.pkl"
        broken.write_bytes(content)
        with pytest.raises(AssetError, match=r"broken\.pkl"):
            reader(name)(broken)


def test_a_pickle_that_asks_for_a_command_is_refused_and_not_run(tmp_path):
    path, trace = tmp_path / "flame.pkl", tmp_path / "trace"
    path.write_bytes(evil_pickle(f"echo ran > {trace}"))
    with pytest.raises(AssetError, match=r"system, which is no array"):
        reader("flame")(path)
    assert not trace.exists()


def test_arrays_of_objects_are_refused(tmp_path):
    path = tmp_path / "objects.pkl"
    path.write_bytes(pickle.dumps({"v_template": np.array([1, "a", None], object)}))
    with pytest.raises(AssetError, match=r"objects\.pkl"):
        read_pickle(path)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_arrays_of_pickles_of_every_age_are_read(tmp_path, protocol):
    truth = {"a": np.arange(12.0).reshape(3, 4), "b": np.asfortranarray(np.eye(3)[:2]), "c": np.float32(2.5)}
    truth |= {"big": np.arange(5, dtype=">i4"), "text": "lbs", "set": {1, 2}}
    path = tmp_path / "arrays.pkl"
    path.write_bytes(pickle.dumps(truth, protocol))
    found = read_pickle(path)
    for key, value in truth.items():
        if isinstance(value, set):
            assert set(found[key]) == value
        else:
            assert np.array_equal(found[key], value), key


def test_arrays_of_chumpy_are_read_without_it(tmp_path):
    writer = ChumpyPickler()
    path = tmp_path / "chumpy.pkl"
    path.write_bytes(writer.dumps({"x": writer.wrap(np.arange(6.0).reshape(2, 3))}))
    assert np.array_equal(read_pickle(path)["x"], np.arange(6.0).reshape(2, 3))


def test_a_head_in_the_wrong_unit_is_refused(tmp_path):
    vertices = made_up(*WHOLE, *EYES).vertices
    path = write_gnm(tmp_path, template_vertex_positions=vertices.astype(np.float32))  # millimetres for metres
    with pytest.raises(AssetError, match="mm"):
        reader("gnm")(path)
