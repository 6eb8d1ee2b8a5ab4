"""Several photos of one person: the fused identity against the joint solution, and against single photos."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from stand_in import stand_in_model

import facegpt
from facegpt import Face, FaceGPTError, Pose
from facegpt.conventions import ARKIT_NAMES, HEAD_TO_CAMERA_AXES
from facegpt.data.images import read_image
from facegpt.fitting import FitError
from facegpt.fitting.gauss_newton import POSE, Prior, State
from facegpt.fitting.landmark_fit import landmark_solution, with_identity
from facegpt.fitting.photometric import Appearance, Photometric
from facegpt.fitting.several_photos import fit_person, fuse, identity_information, joint_doubt, sight
from facegpt.reconstruct.several_photos import clearest, person_views
from facegpt_lab.evaluate.judges.made_up_points import SIZE_PX, noisy_detection
from facegpt_lab.evaluate.protocols import person


def test_fusing_linear_measurements_gives_the_joint_most_probable_identity():
    rng = np.random.default_rng(0)
    measured = [(rng.normal(size=(4, 6)), rng.normal(size=4)) for _ in range(3)]
    eye = np.eye(6)
    alone = [np.linalg.solve(eye + h.T @ h, h.T @ y) for h, y in measured]
    joint = np.linalg.solve(eye + sum(h.T @ h for h, _ in measured), sum(h.T @ y for h, y in measured))
    np.testing.assert_allclose(fuse([h.T @ h for h, _ in measured], alone), joint, atol=1e-10)


def test_more_photos_leave_less_doubt_but_never_as_little_as_if_they_erred_apart():
    h = np.random.default_rng(1).normal(size=(5, 4))
    one, four = joint_doubt([h.T @ h]), joint_doubt([h.T @ h] * 4)
    apart = np.linalg.inv(np.eye(4) + 4 * (np.linalg.inv(one) - np.eye(4)))
    assert (np.linalg.eigvalsh(one - four) > 0).all() and (np.linalg.eigvalsh(four - apart) > 0).all()


def test_information_is_that_of_the_marginal_without_the_prior():
    rng = np.random.default_rng(2)
    count, size = 3, 7 + 3 + 2
    rows = rng.normal(size=(40, size))
    prior = Prior(np.zeros(5), np.ones(5), np.zeros(5), np.full(5, -4.0), np.full(5, 4.0))
    hessian = rows.T @ rows
    hessian[7:10, 7:10] += np.eye(3)
    marginal = np.linalg.inv(np.linalg.inv(hessian)[7:10, 7:10]) - np.eye(3)
    np.testing.assert_allclose(identity_information(hessian, np.zeros(5), prior, count), marginal, atol=1e-8)


def linear_photo(rng: np.random.Generator, count: int, more: int, size: int) -> tuple:
    """A photo whose unknowns are all linear: rows (M, Q) and values (M,); mean and precision of θ's prior, and those
    with which θ was found: another mean, the identity's precision 1.5 times, one direction held."""
    shape = count + more
    rows, values = rng.normal(size=(3 * size, size)), rng.normal(size=3 * size)
    root = rng.normal(size=(count, count))
    precision = np.diag(np.r_[np.zeros(count), rng.uniform(1, 3, more)])
    precision[:count, :count] = np.eye(count) + root @ root.T
    way = rng.normal(size=shape) * (np.arange(shape) < count)
    found_with = precision.copy()
    found_with[:count, :count] *= 1.5
    found_with += 50 * np.outer(way, way)
    mean = rng.normal(size=shape)
    return rows, values, mean, precision, mean + rng.normal(size=shape) * (np.arange(shape) < count), found_with


def prior_of(mean: np.ndarray, precision: np.ndarray, count: int) -> Prior:
    wide = np.full(len(mean), 1e9)
    parts = precision[:count, :count], precision[count:, count:]
    return Prior(mean, np.ones(len(mean)), 0 * mean, -wide, wide, 1e3, 0.5, 0.03, *parts)


def test_photos_of_linear_unknowns_add_up_to_their_joint_solution_whatever_else_they_were_found_with():
    rng, count, more, size = np.random.default_rng(3), 4, 3, POSE + 4 + 3 + 5
    said, blocks, pulls = [], [], []
    for _ in range(3):
        rows, values, mean, precision, held, found_with = linear_photo(rng, count, more, size)
        shape = slice(POSE, POSE + count + more)
        hessian, pull = rows.T @ rows, rows.T @ values
        drawn, drawn_pull = hessian.copy(), pull.copy()
        drawn[shape, shape] += found_with
        drawn_pull[shape] += found_with @ held
        theta = np.linalg.solve(drawn, drawn_pull)[shape]
        hessian[shape, shape] += precision
        pull[shape] += precision @ mean
        moved = theta + 0.5 * (np.arange(count + more) >= count)  # the expression, by the points after colours
        state = State(np.eye(3), np.zeros(2), 0.0, 0.0, moved)
        start = SimpleNamespace(prior=prior_of(mean, precision, count))
        look = Appearance(np.zeros(0), np.zeros((9, 3)))
        found = Photometric(state, look, np.ones(1), hessian, (theta, prior_of(held, found_with, count)))
        said.append(sight(start, found, count))
        alone = hessian.copy()
        alone[POSE : POSE + count, POSE : POSE + count] -= np.eye(count)  # the population is common to all photos
        blocks.append(alone)
        pulls.append(pull)
    joint = jointly(blocks, pulls, count)
    fused = fuse([one.information for one in said], [one.identity for one in said])
    np.testing.assert_allclose(fused, joint, atol=1e-8)


def jointly(blocks: list, pulls: list, count: int) -> np.ndarray:
    """Solve for one identity of all photos, everything else apart, N(0, 1) of the identity once."""
    identity = np.arange(POSE, POSE + count)
    rest = np.setdiff1d(np.arange(len(blocks[0])), identity)
    total = np.zeros((count + len(blocks) * len(rest),) * 2)
    wanted = np.zeros(len(total))
    total[:count, :count] = np.eye(count)
    for k, (block, pull) in enumerate(zip(blocks, pulls, strict=True)):
        at = np.r_[:count, count + k * len(rest) : count + (k + 1) * len(rest)]
        order = np.r_[identity, rest]
        total[np.ix_(at, at)] += block[np.ix_(order, order)]
        wanted[at] += pull[order]
    return np.linalg.solve(total, wanted)[:count]


def test_no_photo_is_an_error(head):
    with pytest.raises(FitError, match="no photo"):
        fit_person(head, [])


def test_all_photos_get_the_identity_that_their_fits_agree_on_and_no_fit_alone_has(head):
    views = person.views_of(head, 3)
    fits = [
        landmark_solution(head, noisy_detection(head, view, k), (SIZE_PX, SIZE_PX)) for k, view in enumerate(views[:2])
    ]
    identity, _ = person.fused(fits, head.sizes.identity)
    for fit in fits:
        held = with_identity(fit, identity).as_fit().params
        np.testing.assert_allclose(held.identity, identity, atol=1e-6)
        assert np.abs(fit.as_fit().params.identity - identity).max() > 0.1  # SD


@pytest.mark.slow
def test_four_views_recover_more_of_a_person_than_one():
    found = [person.from_points(number) for number in range(8)]
    one, two, four = (np.mean([each[count].share for each in found]) for count in (1, 2, 4))
    assert four > one + 0.05 and one < two < four
    assert np.mean([each[4].error_mm for each in found]) < np.mean([each[1].error_mm for each in found])


@pytest.fixture(scope="module")
def near_and_far(astronaut):
    """The bundled photo, and the same at half its size among grey: the face has a quarter of the pixels."""
    small = np.full_like(astronaut, 127)
    small[:256, :256] = astronaut[::2, ::2]
    return [small, astronaut]


def test_a_person_is_one_head_and_the_views_share_it(near_and_far):
    model = facegpt.load()
    nobody = np.full((64, 64, 3), 127, np.uint8)
    views = model.reconstruct_person_views([near_and_far[0], nobody, near_and_far[1]])
    one = model.reconstruct_person(near_and_far)
    assert isinstance(one, facegpt.Face) and len(views) == 2
    for view in views:
        np.testing.assert_array_equal(view.params.identity, one.params.identity)
        np.testing.assert_array_equal(view.params.albedo, one.params.albedo)
        assert view.params.hair == one.params.hair is not None
    np.testing.assert_array_equal(one.box, views[1].box)  # the photo in which the face is larger
    assert views[1].box[2] - views[1].box[0] > 1.5 * (views[0].box[2] - views[0].box[0])


@pytest.mark.slow
def test_a_mirrored_photo_is_turned_round_and_named(near_and_far):
    small, photo = near_and_far
    photos = [photo, small, np.ascontiguousarray(photo[:, ::-1])]
    found = person_views(facegpt.load(), map(read_image, photos), "balanced", hair="none", glasses="none")
    assert found.mirrored == (2,) and len(found.views) == 3
    np.testing.assert_array_equal(found.pixels[2], photo)
    assert any(said.startswith("photo 3 is mirrored") for said in found.advice)


def test_the_clearest_view_is_turned_to_the_camera(head):
    frontal = person.views_of(head, 1)[0]
    views = []
    for yaw_deg in (60.0, 10.0, -50.0):
        turn = Rotation.from_euler("y", yaw_deg, degrees=True).as_matrix()
        views.append(Face(head, frontal.replace(pose=Pose(HEAD_TO_CAMERA_AXES @ turn, np.array([0.0, 0.0, 800.0])))))
    assert clearest(views) is views[1] and clearest(views[::-1]) is views[1]


def test_the_clearest_view_is_calm_and_its_eyes_are_open(head):
    calm = Face(head, person.views_of(head, 1)[0]).with_expression({name: 0.0 for name in ARKIT_NAMES})
    shouting = calm.with_expression({"jawOpen": 0.9, "mouthStretchLeft": 0.7, "mouthStretchRight": 0.7})
    asleep = calm.with_expression({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0})
    for other in (shouting, asleep):
        assert clearest([other, calm]) is clearest([calm, other]) is calm


def test_an_open_mouth_or_half_shut_eyes_are_less_calm_than_many_faint_weights(head):
    plain = Face(head, person.views_of(head, 1)[0]).with_expression({name: 0.0 for name in ARKIT_NAMES})
    faint = plain.with_expression({name: 0.08 for name in ARKIT_NAMES if not name.startswith(("eye", "jaw"))})
    agape, drowsy = (
        plain.with_expression(dict.fromkeys(names, 0.6)) for names in (["jawOpen"], ["eyeBlinkLeft", "eyeBlinkRight"])
    )
    for other in (agape, drowsy):
        assert clearest([other, faint]) is faint


def test_wrong_photos_of_a_person_give_a_sentence():
    model = stand_in_model()
    for call, says in (
        (lambda: model.reconstruct_person(["a.jpg"], quality="fast"), "'balanced' or 'best'"),
        (lambda: model.reconstruct_person("a.jpg"), "several photos"),
        (lambda: facegpt.load().reconstruct_person([]), "no photo"),
        (lambda: facegpt.load().reconstruct_person([np.full((64, 64, 3), 127, np.uint8)]), "none of the photos"),
    ):
        with pytest.raises(FaceGPTError, match=says):
            call()
