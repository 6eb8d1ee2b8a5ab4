from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from made_up_crops import made_up_samples

from facegpt.assets import load_arrays
from facegpt.cli.main import main
from facegpt.encode.landmark_network import DenseLandmarkNetwork, NetworkSizes, lit
from facegpt.morphable.makehuman.head import DENSE_ASSET
from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.studio.materials import OCCLUDER
from facegpt_lab.synthesis.studio.sample import StudioSettings, make_photo
from facegpt_lab.train.landmarks.crops import DETECTED_PX, CropMix, CropStore, Window, cut, lose_borders, write_crops
from facegpt_lab.train.landmarks.detected_points import add_detected
from facegpt_lab.train.landmarks.hard_crops import covered, darkened, hard_samples, overexposed
from facegpt_lab.train.landmarks.lift import PointPeople, learn_lifting
from facegpt_lab.train.landmarks.losses import shape_loss, squared_mm, surface_metrics, without_similarity
from facegpt_lab.train.landmarks.made_up_errors import DetectorErrors
from facegpt_lab.train.landmarks.training import LandmarkSettings, LandmarkTraining, mirror_of
from facegpt_lab.train.log import read_log

TINY = NetworkSizes(0, widths=(16, 16, 16, 16), blocks=(0, 0, 0, 0), hidden=32, pyramid=16, embedding=8, summary=2)
SETTINGS = LandmarkSettings(
    steps=4, lift_steps=0, minutes=0, batch=4, threads=1, save_every=2, validate_every=100, sizes=TINY
)


@pytest.fixture(scope="module")
def crops(head, tmp_path_factory):
    return write_crops(made_up_samples(head, 40), tmp_path_factory.mktemp("crops"), 40)


def test_dense_points_start_with_those_of_the_detector_and_of_ibug(head):
    dense = head.embedding("dense")(head.mean_vertices)
    assert len(dense) >= 620
    assert np.allclose(dense[:478], head.embedding("mediapipe478")(head.mean_vertices), atol=1e-4)
    assert np.allclose(dense[478:546], head.embedding("ibug68")(head.mean_vertices), atol=1e-4)
    arrays = load_arrays(DENSE_ASSET)
    far_mm = np.linalg.norm(dense[arrays["mirror"]] * (-1, 1, 1) - dense, axis=1)
    assert far_mm[478:].max() < 1.5 and np.median(far_mm) < 0.2 and far_mm.max() < 4.0
    assert set(arrays["group"]) <= set(range(len(arrays["group_names"])))


def test_mirrored_coefficients_give_the_mirrored_head(head):
    mirror = mirror_of(head)
    rng = np.random.default_rng(0)
    identity, expression = rng.normal(0, 1, 60).astype(np.float32), rng.uniform(0, 1, 52).astype(np.float32)
    plain = head.neutral_vertices(identity) + np.tensordot(expression, head.expression_basis, 1)
    turned = head.neutral_vertices(identity * mirror.identity)
    turned = turned + np.tensordot(expression[mirror.expression], head.expression_basis, 1)
    assert np.abs(turned[head.mirror] * (-1, 1, 1) - plain).max() < 0.6  # units of the two sides differ by this, mm


def test_cutting_a_mirrored_window_moves_every_label_along(head, crops):
    mirror = mirror_of(head)
    rows = crops.rows(np.arange(2))
    corner = np.array([[3, 9], [16, 0]])
    ones, zeros = np.ones((2, 3), np.float32), np.zeros(2, np.float32)
    plain = cut(rows, Window(corner, np.array([False, False]), ones, zeros), mirror, 128)
    turned = cut(rows, Window(corner, np.array([True, True]), ones, zeros), mirror, 128)
    assert np.allclose(turned["image"], plain["image"][..., ::-1])
    assert np.allclose(turned["points"], plain["points"][:, mirror.points] * (-1, 1), atol=1e-5)
    assert np.allclose(turned["yaw_deg"], -plain["yaw_deg"])
    row, point = 0, 10
    x, y = np.round(rows["points_px"][row, point] - corner[row]).astype(int)
    assert np.allclose(plain["points"][row, point] * 64 + 63.5, (x, y), atol=0.51)
    assert np.allclose(plain["image"][row, :, y, x] * 255, rows["image"][row, y + 9, x + 3])


def test_a_face_that_reaches_over_the_edge_of_its_photo_loses_those_points(head, crops):
    made = cut(crops.rows(np.arange(20)), Window.middle(20, 128), mirror_of(head), 128)
    before = {name: value.copy() for name, value in made.items()}
    lose_borders(made, np.random.default_rng(0), share=1.0)
    gone = (before["visible"] > 0) & (made["visible"] == 0)
    changed = (before["image"] != made["image"]).any((1, 2, 3))
    assert changed.mean() > 0.3 and 0.01 < gone.mean() < 0.5
    assert np.abs(made["points"][gone]).max(1).mean() > np.abs(made["points"][~gone]).max(1).mean()


def test_the_identity_metric_is_the_squared_error_of_the_surface(head):
    identity = surface_metrics(head).identity
    rng = np.random.default_rng(1)
    found, truth = rng.normal(0, 1, (2, 1, 60))
    both = [torch.tensor(z, dtype=torch.float32) for z in (found, truth)]
    both[0].requires_grad_()
    value = squared_mm(both[0], both[1], identity).sum()
    value.backward()
    step = torch.zeros(1, 60)
    step[0, 7] = 0.01
    with torch.no_grad():
        up, down = (squared_mm(both[0] + sign * step, both[1], identity).sum() for sign in (1, -1))
    assert abs(float((up - down) / 0.02) - float(both[0].grad[0, 7])) < 0.02 * abs(float(both[0].grad[0, 7])) + 1e-3
    metric_mm2 = ((found - truth) @ head.identity_basis.reshape(60, -1)).reshape(-1, 3)
    assert 0.05 < float(value) / (metric_mm2**2).sum(1).mean() < 1.0


def test_a_scaled_and_turned_head_costs_nothing_once_similarity_is_forgiven(head):
    mean = np.asarray(head.mean_vertices, np.float64)
    larger, turned = mean * 0.05, np.cross((0, 0.02, 0), mean)
    left = without_similarity(mean, np.stack([larger, turned, larger + turned + 3.0]))
    assert np.abs(left).max() < 1e-6


def test_made_up_errors_are_some_millimetres_and_smooth(head):
    errors = DetectorErrors().draw(np.random.default_rng(0), np.zeros(200))
    assert errors.shape == (200, 478, 2)
    assert 1.0 < np.sqrt((errors**2).mean()) < 4.0
    points = head.embedding("mediapipe478")(head.mean_vertices)[:468]
    near = np.linalg.norm(points[:, None] - points[None], axis=2) < 6
    some = errors[:40, :468]  # all pairs of all would be 700 MB
    differences = np.abs(some[:, :, None] - some[:, None]).mean((0, 3))
    assert differences[near].mean() < 0.5 * differences.mean()


def test_hard_faces_get_points_of_someone_else_where_the_face_is(head, crops):
    rows = crops.rows(np.arange(40))
    points = ((rows["points_px"] - 71.5) / 64).astype(np.float32)
    plain, hard = (
        DetectorErrors().place(np.random.default_rng(0), points, 64.0, rows, hard=kind) for kind in (False, True)
    )
    off = [np.linalg.norm(each - points[:, :478], axis=2).mean(1) for each in (plain, hard)]
    assert np.mean(off[1]) > 1.02 * np.mean(off[0]) and np.median(off[1]) < 2 * np.median(off[0])
    assert np.linalg.norm(hard.mean(1) - points[:, :478].mean(1), axis=1).max() < 0.5  # crop units


def test_people_as_points_fill_the_crop_like_those_of_renders(head, crops):
    rows = crops.rows(np.arange(40))
    people = PointPeople.of(head, rows["expression"], rows["yaw_deg"])
    points, identity, expression = people.draw(np.random.default_rng(0), 64)
    assert points.shape == (64, len(head.embedding("dense").corners), 2)
    assert identity.shape == (64, 60) and expression.shape == (64, 52)
    width = np.ptp(points[:, :468], axis=1).max(1)
    assert 1.2 < np.median(width) < 2.2  # crop units: the crop is 2 wide, the face's box 144 / (1.4 · 128) of it
    assert np.median(points[:, 152, 1] - points[:, 10, 1]) > 0.8  # the chin is below the forehead


@pytest.mark.slow
def test_points_alone_teach_something_of_the_person(head, crops):
    rows = crops.rows(np.arange(40))
    people = PointPeople.of(head, rows["expression"], np.zeros(40))
    torch.manual_seed(0)
    network = DenseLandmarkNetwork(replace(TINY, points=len(head.embedding("dense").corners)))
    metrics = surface_metrics(head)
    left_mm2 = learn_lifting(network, people, metrics, steps=400, seed=0, batch=128)
    assert left_mm2 < 0.95 * float(metrics.identity.trace())


def test_a_run_that_was_stopped_ends_at_the_same_loss(head, crops, tmp_path):
    def train(folder, steps):
        training = LandmarkTraining(folder, crops, crops, head, replace(SETTINGS, steps=steps))
        training.loop.log.path.unlink(missing_ok=True)
        return training

    whole = train(tmp_path / "whole", 4)
    whole.loop.settings = replace(whole.loop.settings, every=1)
    whole.loop.run()
    first = train(tmp_path / "parts", 4)
    first.loop.settings = replace(first.loop.settings, every=1)
    compute = first.loop.compute

    def stop_at_three(step):
        if step == 3:
            raise KeyboardInterrupt
        return compute(step)

    first.loop.compute = stop_at_three
    with pytest.raises(KeyboardInterrupt):
        first.loop.run()
    again = LandmarkTraining(tmp_path / "parts", crops, crops, head, SETTINGS)
    again.loop.settings = first.loop.settings
    again.loop.run()
    (a,), (b,) = (
        [line["total"] for line in read_log(tmp_path / name / "log.jsonl") if line["step"] == 4]
        for name in ("whole", "parts")
    )
    assert a == pytest.approx(b, rel=1e-4)


def test_training_lowers_the_loss_and_writes_a_network(head, crops, tmp_path):
    settings = replace(SETTINGS, steps=30, batch=8, save_every=30, validate_every=1)
    training = LandmarkTraining(tmp_path, crops, crops, head, settings)
    training.loop.settings = replace(training.loop.settings, every=1, warmup=5)
    card = training.run()
    totals = [line["total"] for line in read_log(tmp_path / "log.jsonl") if "total" in line]
    assert np.mean(totals[-5:]) < np.mean(totals[:5])
    assert (tmp_path / "network.safetensors").is_file()
    assert {"detected_mm", "detector_mm", "identity_recovered", "inside_one_sigma"} <= card["validation"].keys()


def test_crops_are_decoded_once(head, crops, tmp_path):
    folder = tmp_path / "crops"
    write_crops(made_up_samples(head, 3), folder, 3)
    again = write_crops(iter(()), folder, 3)
    assert isinstance(again, CropStore) and len(again) == 3


def test_the_loss_on_shape_forgives_a_move_a_turn_and_a_scaling_of_the_face():
    rng = np.random.default_rng(2)
    truth = rng.uniform(-0.8, 0.8, (3, 50, 2))
    turn = np.array([[1.0, -0.05], [0.05, 1.0]]) * 1.03
    moved, bent = truth @ turn.T + 0.1, truth + 0.05 * truth[:, :, ::-1] ** 2
    one_sigma = torch.zeros(3, 50)
    losses = [float(shape_loss(torch.tensor(p), one_sigma, torch.tensor(truth))) for p in (truth, moved, bent)]
    assert losses[0] < 1e-12 and losses[1] < 1e-10 and losses[2] > 1e-6


def test_without_a_detection_the_picture_is_all_that_the_network_looks_at():
    torch.manual_seed(0)
    network = DenseLandmarkNetwork(replace(TINY, points=500)).eval()
    image, (one, other) = torch.randn(2, 3, 128, 128), torch.rand(2, 2, 478, 2) - 0.5
    with torch.no_grad():
        alone = [network(image, points, torch.zeros(2)).points for points in (one, other)]
        told = [network(image, points).points for points in (one, other)]
    assert torch.equal(*alone) and not torch.allclose(*told)


def test_the_detectors_own_points_are_cut_and_mirrored_with_their_crop(head, tmp_path):
    store = write_crops(made_up_samples(head, 6), tmp_path, 6)
    true_px = store.rows(np.arange(6))["points_px"][:, :478]
    store.add(tmp_path, DETECTED_PX, true_px + np.float32(2.0))
    window = Window.random(np.random.default_rng(0), 6, 128)
    made = cut(CropStore(tmp_path).rows(np.arange(6)), window, mirror_of(head), 128)
    off_px = (made["detected"] - made["points"][:, :478]) * 64
    assert np.allclose(off_px[..., 1], 2.0, atol=1e-3)
    assert np.allclose(off_px[..., 0], np.where(window.flip, -2.0, 2.0)[:, None], atol=1e-3)


def test_a_run_starts_from_the_weights_of_another(head, crops, tmp_path):
    first = LandmarkTraining(tmp_path / "a", crops, crops, head, SETTINGS)
    first.write_network()
    settings = replace(SETTINGS, start=str(tmp_path / "a" / "network.safetensors"), seed=9)
    again = LandmarkTraining(tmp_path / "b", crops, crops, head, settings)
    kept = again.network.trunk.stages[0][0][0].weight
    assert torch.equal(kept, first.network.trunk.stages[0][0][0].weight)
    with pytest.raises(FaceGPTError, match="to start from"):
        LandmarkTraining(tmp_path / "c", crops, crops, head, replace(settings, start="nowhere"))


def test_parts_that_are_held_stay_as_they_are_with_all_that_reads_them(head, crops, tmp_path):
    settings = replace(SETTINGS, held=("trunk",), validate_every=1)
    training = LandmarkTraining(tmp_path, crops, crops, head, settings)
    image = torch.randn(2, 3, 128, 128)
    with torch.no_grad():
        before = training.network.eval()(image, torch.zeros(2, 478, 2))
    training.run()
    with torch.no_grad():
        after = training.network.eval()(image, torch.zeros(2, 478, 2))
    assert torch.equal(before.grid, after.grid)
    assert not torch.allclose(before.points, after.points, atol=1e-4)


@pytest.mark.slow
def test_the_detector_looks_at_the_first_crops_and_full_profiles_get_its_second_opinion(tmp_path):
    settings = StudioSettings(yaw_deg=(75, 90), skins=4)
    photos = [make_photo(81_000_000 + k, settings) for k in range(12)]
    names = ("image", "points_px", "visible", "parts", "yaw_deg", "px_per_mm")
    samples = [
        {name: getattr(one, name) for name in names}
        | {"identity": one.params.identity, "expression": one.params.expression}
        for one in photos
    ]
    store = write_crops(samples, tmp_path, 12)
    add_detected(store, tmp_path, workers=1, count=10)
    found = store.arrays[DETECTED_PX]
    seen = ~np.isnan(found[:, 0, 0])
    assert seen[:10].sum() >= 7 and not seen[10:].any()
    off_mm = np.linalg.norm(found - store.arrays["points_px"][:, :478], axis=2).mean(1) / store.arrays["px_per_mm"]
    assert np.median(off_mm[seen]) < 8.0


def test_further_crops_come_into_a_batch_in_their_share(head, crops, tmp_path):
    more = write_crops(made_up_samples(head, 5, seed=3), tmp_path / "more", 5)
    rows = CropMix(crops, [(more, 0.3)]).rows(np.random.default_rng(0), 200)
    of_more = np.isin(rows["identity"][:, 0], more.arrays["identity"][:5, 0])
    assert len(of_more) == 200 and 0.2 < of_more.mean() < 0.4
    assert np.isnan(rows[DETECTED_PX]).all()
    with pytest.raises(FaceGPTError, match="below 1"):
        CropMix(crops, [(more, 0.5), (more, 0.5)])


def test_errors_are_measured_on_crops_that_the_detector_saw(head, tmp_path):
    store = write_crops(made_up_samples(head, 6), tmp_path, 6)
    found = store.rows(np.arange(6))["points_px"][:, :478] + np.float32([3.0, 0.0])
    found[5] = np.nan
    store.add(tmp_path, DETECTED_PX, found)
    measured = DetectorErrors.of(store).measured
    to_right = 3.0 / store.arrays["px_per_mm"][:5].mean()
    assert (
        len(measured) == 10 and abs(np.abs(measured[..., 0]).mean() / to_right - 1) < 0.1
    )  # 5 and their mirror images
    assert np.linalg.norm(measured, axis=2).mean() == pytest.approx(np.abs(to_right), rel=0.1)


def test_a_dark_picture_keeps_its_share_of_the_light():
    light = np.full((64, 64, 3), 200, np.uint8)
    rng = np.random.default_rng(0)
    levels = np.array([darkened(light, rng).mean() for _ in range(60)])
    assert levels.max() < 150 and levels.min() < 25 and (np.diff(np.sort(levels)) < 40).all()


def test_too_much_light_makes_white_of_what_was_bright_and_spills_over_to_what_is_beside_it():
    half = np.full((64, 64, 3), 40, np.uint8)
    half[:, 32:] = 230
    made = np.array([overexposed(half, np.random.default_rng(k)) for k in range(40)])
    assert (made[:, :, 40:] >= 240).all() and (made >= half).all()
    edge, far = made[:, 20:40, 30].mean((1, 2)), made[:, 20:40, 2].mean((1, 2))
    assert (edge >= far - 1).all() and (edge > far + 10).mean() > 0.3


def test_what_a_cover_hides_is_not_visible_and_told_as_something_in_front(head, crops):
    rng = np.random.default_rng(1)
    shares = []
    for row in range(30):
        sample = {name: np.array(array[row]) for name, array in crops.arrays.items()}
        before = {name: np.array(value) for name, value in sample.items()}
        covered(sample, np.full((144, 144, 3), 7, np.uint8), rng)
        changed = (sample["image"] != before["image"]).any(2)
        x, y = np.clip(np.round(before["points_px"][:468]), 0, 143).astype(int).T
        hidden = sample["visible"][:468] < before["visible"][:468]
        assert not (changed[y, x] & (sample["visible"][:468] > 0)).any()
        assert (sample["parts"] == OCCLUDER).mean() == pytest.approx(changed.mean(), abs=0.03)
        assert not (hidden & (sample["parts"][y // 4, x // 4] != OCCLUDER) & ~changed[y, x]).any()
        shares.append(changed[y, x].mean())
    assert 0.2 < np.mean(shares) < 0.6 and np.max(shares) > 0.45


def test_hard_crops_are_the_same_for_the_same_seed(crops):
    first, again = (list(hard_samples(crops, 8, seed=5)) for _ in range(2))
    assert all((a["image"] == b["image"]).all() for a, b in zip(first, again, strict=True))
    assert len({sample["identity"].tobytes() for sample in first}) == 8


def test_the_network_says_the_same_of_a_picture_and_of_the_picture_in_the_dark():
    torch.manual_seed(0)
    network = DenseLandmarkNetwork(replace(TINY, points=500)).eval()
    colours, points = torch.rand(2, 3, 128, 128) * 0.5 + 0.3, torch.rand(2, 478, 2) - 0.5
    with torch.no_grad():
        light, dark = (network((colours * gain - 0.45) / 0.25, points).points for gain in (0.6, 0.1))
    assert (light - dark).abs().max() < 1e-5
    bright = (colours - 0.45) / 0.25
    assert torch.allclose(lit(bright), bright, atol=1e-5)


@pytest.mark.parametrize("share", ["half", "1.5", "-0.1"])
def test_a_share_that_is_none_is_refused_before_anything_is_read(capsys, share):
    words = ["train", "landmarks", "nowhere", "--validation", "nowhere", "--more", "elsewhere", share]
    assert main(words) != 0
    assert "share of further crops" in capsys.readouterr().err
