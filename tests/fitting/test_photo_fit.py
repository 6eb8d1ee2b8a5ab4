"""The photometric fit: derivatives against finite differences, and known colours, light and shape found again."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from stand_in_dense import dense_of
from torch.nn import functional

from facegpt.conventions import ARKIT_NAMES, linear_to_srgb, rotation_from_euler_deg
from facegpt.fitting import log_photo, photometric
from facegpt.fitting.embedded import embedded
from facegpt.fitting.eye_opening import LIDS, narrowing, opening, true_opening
from facegpt.fitting.gauss_newton import POSE, State
from facegpt.fitting.landmark_fit import fit_landmarks, landmark_solution
from facegpt.fitting.photo_fit import fit_photo, known_expression, on_points, refined_solution
from facegpt.fitting.photo_samples import normals_and_slopes, photo_samples
from facegpt.fitting.scale import size_gradient, with_held_size
from facegpt.morphable.base import head_vertices
from facegpt.render.base import Topology, View
from facegpt.render.numba_cpu.renderer import NumbaRenderer
from facegpt.types import Camera, Detection, FaceParams, IdentityBelief, Pose

SIZE = 320


def known_params(head, seed: int) -> FaceParams:
    rng = np.random.default_rng(seed)
    expression = np.zeros(head.sizes.expression, np.float32)
    lighting = np.zeros((9, 3), np.float32)
    lighting[0], lighting[1], lighting[3] = 2.6, -0.6, 0.7  # from above (y is down in the camera frame) and image right
    return FaceParams(
        model_id=head.model_id,
        identity=rng.normal(0, 0.8, head.sizes.identity).astype(np.float32),
        expression=expression,
        joints=np.zeros((head.sizes.joints, 3), np.float32),
        pose=Pose(rotation_from_euler_deg(12, 4, -3), np.array([3.0, 20.0, 1000.0])),
        albedo=rng.normal(0, 0.6, head.sizes.albedo).astype(np.float32),
        lighting=lighting,
        camera=Camera(1300.0, ((SIZE - 1) / 2, (SIZE - 1) / 2), SIZE, SIZE),
    )


def photo_of(head, params: FaceParams, beard: float = 0.0) -> np.ndarray:
    """Draw known parameters with the project's renderer on grey: (H, W, 3) uint8. beard: share of light it takes."""
    vertices = torch.from_numpy(params.pose.apply(head_vertices(head, params)).astype(np.float32))[None]
    topology = Topology(
        *(torch.from_numpy(np.ascontiguousarray(a)) for a in (head.triangles, head.uv, head.uv_triangles))
    )
    camera = params.camera
    view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
    texture = head.albedo_texture(torch.from_numpy(params.albedo)[None])
    grown = torch.from_numpy(head.albedo.growth["hair_density"][:2].max(0) / 255.0).float()[None, None]
    texture = texture * (1 - beard * functional.interpolate(grown, texture.shape[-2:], mode="bilinear"))
    drawn = NumbaRenderer().render(vertices, topology, texture, torch.from_numpy(params.lighting)[None], view)
    linear = drawn.color[0].numpy() + 0.2 * (1 - drawn.coverage[0].numpy()[..., None])
    return np.round(linear_to_srgb(np.clip(linear, 0, 1)) * 255).astype(np.uint8)


def detection_of(head, params: FaceParams, noise_px: float, seed: int = 0) -> Detection:
    points = params.camera.project(params.pose.apply(head.embedding("mediapipe478")(head_vertices(head, params))))
    points = points + np.random.default_rng(seed).normal(0, noise_px, points.shape)
    return Detection(np.column_stack([points, np.zeros(len(points))]), np.zeros(52), 1.0, params.pose.rotation)


def exact_samples(head):
    """The samples with a basis in float64, so that finite differences are not noise."""
    samples = photo_samples(head)
    return replace(samples, points=replace(samples.points, basis=samples.points.basis.astype(np.float64)))


def test_normals_move_as_finite_differences_say(head):
    samples, rng = exact_samples(head), np.random.default_rng(1)
    theta = rng.normal(0, 0.3, samples.points.basis.shape[2])
    change = rng.normal(0, 1, len(theta)) * 1e-4
    count = len(samples.points.mean)
    args = samples.triangles, samples.points.basis, np.ones(count, bool)
    _, slopes = normals_and_slopes(samples.points(theta), *args)
    before, after = (normals_and_slopes(samples.points(theta + s * change), *args)[0] for s in (-1, 1))
    assert np.abs((after - before) / 2 - slopes @ change).max() < 1e-5 * np.abs(slopes @ change).max() + 1e-9


def test_the_basis_of_light_moves_as_finite_differences_say():
    normal, step = np.array([[0.3, -0.5, -0.81]]), 1e-6
    _, slopes = photometric.sh_basis_and_slopes(normal)
    for axis in range(3):
        moved = np.eye(3)[axis] * step
        up, down = (photometric.sh_basis_and_slopes(normal + s * moved)[0] for s in (1, -1))
        assert np.allclose((up - down) / (2 * step), slopes[:, :, axis], atol=1e-6)


def test_the_residual_moves_as_finite_differences_say(head):
    """On a photo whose logs are linear in x and y, so that its own slopes are exact."""
    params, samples = known_params(head, 2), exact_samples(head)
    theta = np.concatenate([params.identity, params.expression]).astype(np.float64)
    centre = samples.points.centre
    depth = float((params.pose.rotation @ centre + params.pose.translation)[2])
    state = State(
        params.pose.rotation, np.array([2.0, -3.0]), np.log(params.camera.focal_px / depth), np.log(depth), theta
    )
    stains = samples.stains.shape[1]
    coefficients = np.concatenate([params.albedo, np.random.default_rng(4).normal(0, 0.2, stains)])
    look = photometric.Appearance(coefficients, params.lighting.astype(float), stains=stains)
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    values = np.stack([0.01 * x - 0.004 * y, 0.002 * x, 0.006 * y], -1)
    slope_y, slope_x = np.gradient(values, axis=(0, 1))
    photo = log_photo.LogPhoto(values, slope_x, slope_y, 1.0, np.zeros(2))
    principal, all_seen = np.array(params.camera.principal_px), np.ones(len(samples.rows), bool)
    linear = photometric.linearise(samples, state, look, photo, principal, all_seen)
    rng, size = np.random.default_rng(3), linear.slopes.shape[2]
    step = rng.normal(0, 1, size) * 1e-5
    ends = []
    for sign in (-1, 1):
        count = len(theta)
        moved = state.moved(sign * step[: POSE + count])
        shift = look.shift_mm + sign * step[POSE + count : POSE + count + 2]
        albedo = look.albedo + sign * step[POSE + count + 2 : -27]
        light = look.lighting + sign * step[-27:].reshape(9, 3)
        ends.append(
            photometric.linearise(
                samples, moved, replace(look, albedo=albedo, lighting=light, shift_mm=shift), photo, principal, all_seen
            ).residual
        )
    inside = linear.weight[linear.used] > 0.2
    numeric, analytic = (ends[1] - ends[0])[linear.used][inside] / 2, (linear.slopes @ step)[inside]
    assert np.abs(numeric - analytic).max() < 2e-3 * np.abs(analytic).max()
    alone = photometric.linearise(samples, state, look, photo, principal, all_seen, shape=False)
    assert np.array_equal(alone.slopes, linear.slopes[:, :, POSE + len(theta) + 2 :])
    assert np.allclose(alone.residual, linear.residual)


@pytest.mark.slow
def test_colours_bring_the_shape_closer_than_landmarks_alone(head):
    from facegpt.fitting import fit_landmarks
    from facegpt.metrics import vertex_error_mm

    face = np.unique(photo_samples(head).vertex)
    errors = []
    for seed in range(6):
        truth = known_params(head, seed)
        detection = detection_of(head, truth, noise_px=1.5, seed=seed)
        fits = fit_landmarks(head, detection, SIZE, SIZE), fit_photo(head, detection, photo_of(head, truth))
        true_vertices = head_vertices(head, truth)[face]
        errors.append([vertex_error_mm(head_vertices(head, f.params)[face], true_vertices).mean() for f in fits])
    landmarks, photo = np.mean(errors, axis=0)
    assert photo < 0.95 * landmarks, f"mm: {landmarks:.2f} by landmarks, {photo:.2f} with colours"


def size_mm(model, params: FaceParams) -> float:
    """RMS radius of the resting face's points."""
    points = model.embedding("mediapipe478")(model.neutral_vertices(params.identity))[:468]
    return float(np.sqrt(((points - points.mean(0)) ** 2).sum(1).mean()))


def test_colours_leave_the_head_as_large_as_the_points_made_it_and_as_doubtful(head):
    changes, doubts = [], []
    for seed in (3, 4, 5):
        params = known_params(head, seed)
        image, detection = photo_of(head, params), detection_of(head, params, 1.5, seed)
        start = fit_landmarks(head, detection, SIZE, SIZE)
        found = fit_photo(head, detection, image)
        changes.append(abs(np.log(size_mm(head, found.params) / size_mm(head, start.params))))
        doubts.append(found.doubt.sd[0] / start.doubt.sd[0])
        moved = head.neutral_vertices(found.params.identity) - head.neutral_vertices(start.params.identity)
        assert np.linalg.norm(moved, axis=1).mean() > 0.3  # mm: the shape does follow the colours
    assert max(changes) < 0.01 and min(doubts) > 0.3


def test_a_prior_with_a_held_size_says_the_same_of_all_other_shapes(head):
    rng, surface = np.random.default_rng(2), embedded(head).surface
    prior, identity = embedded(head).prior, rng.normal(0, 1, 60)
    held = with_held_size(prior, surface, identity, 0.002)
    slope, covariance = size_gradient(surface, identity), np.linalg.inv(held.identity_precision)
    assert abs(slope @ (held.mean[:60] - identity)) < 0.002  # its size is the identity's
    assert np.sqrt(slope @ covariance @ slope) < 0.0021
    # shapes that say nothing of size in the population are believed as before
    other = rng.normal(0, 1, 60)
    other -= slope * (slope @ other) / (slope @ slope)
    assert np.isclose(other @ covariance @ other, other @ other)
    step = identity + 1e-4 * slope / np.linalg.norm(slope)
    logs = [np.log(np.sqrt(((rest - rest.mean(0)) ** 2).sum())) for rest in map(at_rest(surface), (identity, step))]
    assert np.isclose((logs[1] - logs[0]) / 1e-4, np.linalg.norm(slope), rtol=1e-2)


def at_rest(surface):
    """Points (L, 3) of an identity (I,) at rest."""
    return lambda identity: surface.mean + surface.basis[:, :, : surface.identity].astype(np.float64) @ identity


def test_points_that_err_like_another_person_move_a_believed_one_little_and_the_pose_follows_them(head):
    truth, count = known_params(head, 2), head.sizes.identity
    other = truth.replace(identity=truth.identity + np.random.default_rng(5).normal(0, 0.5, count).astype(np.float32))
    image = photo_of(head, truth)
    belief = IdentityBelief(truth.identity.astype(np.float64), 0.4 * np.eye(count))
    found = {}
    for name, seen in (("true", truth), ("other", other)):
        dense, detection = dense_of(head, seen, 0), detection_of(head, seen, 0.0)
        start = landmark_solution(head, detection, (SIZE, SIZE), None, replace(dense, belief=belief))
        found[name] = fit_photo(head, detection, image, dense=replace(dense, belief=belief)).params.identity
        refined = refined_solution(head, start, image)
        pushed = replace(refined.state, offset_px=refined.state.offset_px + 6.0)
        back = start.with_state(on_points(start, replace(refined, state=pushed))).solution
        assert np.array_equal(back.state.theta[:count], refined.state.theta[:count])
        assert np.median(np.abs(back.residual_px)) < 1.0  # px: of the 6 that it was off
    moved, away = (
        np.linalg.norm(one - found["true"]) for one in (found["other"], found["true"] + other.identity - truth.identity)
    )
    assert moved < 0.3 * away, f"{moved:.2f} of {away:.2f} SD"


def test_an_expression_that_colours_find_is_kept_where_points_err_like_another(head):
    """Of a person who is known, half of the smile and of the raised brows is missing in all points."""
    ratios = []
    for seed in (2, 3):
        neutral, count = known_params(head, seed), head.sizes.identity
        weights = np.zeros(head.sizes.expression, np.float32)
        for name in ("mouthSmileLeft", "mouthSmileRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"):
            weights[ARKIT_NAMES.index(name)] = 0.6
        truth, other = (neutral.replace(expression=share * weights) for share in (1.0, 0.5))
        belief = IdentityBelief(truth.identity.astype(np.float64), 0.1 * np.eye(count))
        dense = replace(dense_of(head, other, 0), belief=belief)
        detection = detection_of(head, other, 0.0)
        fits = (
            fit_landmarks(head, detection, SIZE, SIZE, dense=dense),
            fit_photo(head, detection, photo_of(head, truth), dense=dense),
        )
        moves = head.expression_basis[:, np.unique(photo_samples(head).vertex)]
        off = [np.tensordot(fit.params.expression - truth.expression, moves, 1) for fit in fits]
        points, colours = (float(np.sqrt((one**2).sum(1).mean())) for one in off)
        ratios.append(colours / points)
    assert max(ratios) < 0.8, f"mm RMS of the expression with colours over that by points: {ratios}"


def test_what_is_known_of_an_expression_is_its_covariance_with_pose_and_light_unknown_and_the_person_known():
    rng = np.random.default_rng(8)
    identity, units, rest = 3, 4, 5
    size = POSE + identity + units + rest
    root = rng.normal(size=(2 * size, size))
    hessian = root.T @ root
    free = np.r_[:POSE, POSE + identity : size]
    covariance = np.linalg.inv(hessian[np.ix_(free, free)])  # of all others where the identity is known
    known = known_expression(hessian, identity, identity + units)
    assert np.allclose(np.linalg.inv(known), covariance[POSE : POSE + units, POSE : POSE + units])


def test_a_covered_cheek_is_found_to_disagree_and_hardly_moves_the_shape(head):
    truth = known_params(head, 1)
    detection = detection_of(head, truth, noise_px=0.5)
    clean = photo_of(head, truth)
    covered = clean.copy()
    left, top = detection.points[454, :2].astype(int)
    covered[top : top + 45, left - 45 : left] = (10, 200, 30)
    fits = [fit_photo(head, detection, image) for image in (clean, covered)]
    moved = head_vertices(head, fits[0].params) - head_vertices(head, fits[1].params)
    assert np.sqrt((moved**2).sum(1).mean()) < 1.0, "mm RMS between the heads with and without the patch"
    assert fits[1].info["agreement"] < fits[0].info["agreement"]


@pytest.mark.slow
def test_a_beard_that_no_albedo_has_is_a_stain_and_no_shape(head):
    truth = known_params(head, 2)
    detection = detection_of(head, truth, noise_px=0.5)
    photos = [photo_of(head, truth, beard) for beard in (0.0, 0.85)]
    moved = {}
    for name, settings in (("with", None), ("without", photometric.PhotometricSettings(stain_sd=1e-4))):
        clean, bearded = (head_vertices(head, fit_photo(head, detection, p, settings=settings).params) for p in photos)
        moved[name] = np.sqrt(((clean - bearded) ** 2).sum(1).mean())
    assert moved["with"] < 0.95 * moved["without"], f"mm RMS that the beard moves the head: {moved}"


def test_the_lids_of_a_squinting_face_are_as_far_apart_as_its_points_mean(head):
    """Between what the points show and the opening that they stand for: networks read half-shut eyes as open."""
    truth = known_params(head, 4)
    expression = truth.expression.copy()
    for name, weight in (("eyeBlinkLeft", 0.5), ("eyeBlinkRight", 0.2), ("eyeSquintRight", 0.5)):
        expression[ARKIT_NAMES.index(name)] = weight
    detection = detection_of(head, truth.replace(expression=expression), noise_px=0.0)
    fit = fit_landmarks(head, detection, SIZE, SIZE)
    points = head.embedding("mediapipe478")(head_vertices(head, fit.params))
    found = fit.params.camera.project(fit.params.pose.apply(points))
    rotation, told = np.asarray(fit.params.pose.rotation, np.float64), detection.points[LIDS, :2]
    seen, drawn = opening(told, rotation), opening(found[LIDS], rotation)
    narrow = narrowing(points[LIDS].astype(np.float64), rotation)
    meant = true_opening(told, None, rotation, narrow)
    assert (np.minimum(seen, meant) - 0.03 < drawn).all() and (drawn < np.maximum(seen, meant) + 0.03).all()


def test_an_edge_of_brightness_makes_brightness_unsure_by_its_slope_and_leaves_hues_alone():
    settings = photometric.PhotometricSettings(sigma_log=0.1, edge_sd_mm=2.0)
    grey_slope = np.zeros((1, 3, 2))
    grey_slope[:, :, 0] = 0.3  # log radiance per mm, alike in all channels
    residual = np.array([[0.4, 0.4, 0.4]])
    linear = one_sample(residual, per_mm=grey_slope)
    found, sigma = photometric._opponent_errors(linear, settings)
    assert np.allclose(found, [[0.4 * np.sqrt(3), 0, 0]], atol=1e-12)
    assert np.allclose(sigma, [[np.hypot(0.1, 2.0 * 0.3 * np.sqrt(3)), 0.1, 0.1]])


def one_sample(residual=None, per_mm=None, dim=0.0):
    none = np.zeros((1, 3))
    return photometric.Linearised(
        none if residual is None else residual,
        np.ones(1),
        np.zeros((1, 3, 2)) if per_mm is None else per_mm,
        np.zeros(1),
        np.array([dim]),
        np.ones(1),
        np.zeros(1, np.int64),
        lambda mix: np.zeros((1, 3, 7)),
    )


def test_colours_say_little_where_the_face_is_dark_beside_its_bright_side():
    settings = photometric.PhotometricSettings(sigma_log=0.1, light_error=0.05)
    _, sigma = photometric._opponent_errors(one_sample(dim=20.0), settings)
    assert np.allclose(sigma, np.hypot(0.1, 0.05 * 20.0))


def test_shading_is_believed_the_less_the_harder_the_light_is():
    lit = np.linspace(0, 1, 101)
    even, half, hard = (photometric.softness(np.exp(-contrast / 0.9 * lit)) for contrast in (0.0, 2.0, 4.0))
    assert even == 1 and half == pytest.approx(0.5) and hard < 0.1
    assert photometric.softness(3 * np.exp(-2.0 / 0.9 * lit)) == pytest.approx(0.5)  # brightness says nothing
    assert photometric.softness(np.zeros(0)) == 1


def test_stains_cover_the_face_and_are_as_a_mirror_leaves_them(head):
    samples = photo_samples(head)
    place = {vertex: row for row, vertex in enumerate(samples.vertex)}
    pairs = [(row, place[other]) for vertex, row in place.items() if (other := int(head.mirror[vertex])) in place]
    own, other = np.array(pairs).T
    # Each spot has a partner that colours the mirrored points as it colours the points.
    apart = np.abs(samples.stains[own][:, :, None] - samples.stains[other][:, None, :]).max(0).min(1)
    assert len(pairs) > 0.9 * len(samples.vertex) and apart.max() < 0.05
    assert samples.stains.max(1).min() > 0.2
