"""The evaluations of points, outlines and likeness: what they report is what they say."""

from dataclasses import replace

import numpy as np
import pytest
from stand_in_dense import dense_of

from facegpt.conventions import rotation_from_euler_deg
from facegpt.evaluate import likeness, photos, synthetic
from facegpt.evaluate.ict_points import points_on_ict, without_offset
from facegpt.evaluate.paired import interval


def test_a_constant_offset_of_the_points_in_the_head_is_taken_off_and_nothing_else(head):
    rng = np.random.default_rng(0)
    rotations = np.stack([rotation_from_euler_deg(yaw, 5) for yaw in rng.uniform(-60, 60, 200)])
    offset, noise = rng.normal(0, 3, (20, 3)), rng.normal(0, 1, (200, 20, 2))
    seen = np.einsum("skx,lx->slk", rotations[:, :2], offset) + noise
    left = without_offset(seen, rotations)
    assert np.sqrt((left**2).mean()) == pytest.approx(np.sqrt((noise**2).mean()), rel=0.03)
    seen[0] += 500  # a face that was lost must not shift the others
    assert np.abs(without_offset(seen, rotations)[1:] - left[1:]).max() < 0.5


def test_the_auc_is_one_for_heads_like_their_photos_and_a_half_for_heads_that_are_all_alike():
    rng = np.random.default_rng(1)
    photos_seen, person = rng.normal(size=(40, 128)), np.arange(40)
    heads = photos_seen[:, None] + rng.normal(0, 0.1, (40, 2, 128))
    assert likeness.verification_auc(likeness.distances(photos_seen, heads), person) == 1
    same = np.repeat(heads[:1], 40, axis=0)
    gaps = likeness.distances(photos_seen, same)
    assert likeness.verification_auc(gaps, person) == pytest.approx(0.5, abs=0.05)


def test_photos_of_one_person_are_no_impostors_of_each_other():
    gaps = np.array([[1.0, 0.1, 3.0], [0.1, 1.0, 3.0], [3.0, 3.0, 1.0]])
    assert likeness.verification_auc(gaps, np.array([7, 7, 8])) == 1


def test_an_interval_holds_the_mean_of_what_it_is_of():
    values = np.random.default_rng(2).normal(1.0, 1.0, 400)
    low, high = (row.value for row in interval("mean", lambda k: float(values[k].mean()), len(values), "1"))
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(400), rel=0.2)


def test_the_outline_agrees_with_itself_and_hair_counts_for_nothing(head):
    dense = dense_of(head, synthetic.random_params(head, 0))
    parts = np.zeros((32, 32, 7))
    parts[..., 0] = 1
    parts[8:24, 8:24] = np.eye(7)[1]
    dense = replace(dense, parts=parts)
    face = photos.skin_of(dense)
    assert photos.mask_iou(face, dense) == pytest.approx(1)
    assert photos.mask_iou(np.roll(face, 32, axis=1), dense) == pytest.approx(1 / 3)
    wider = face.copy()
    wider[:32] = 1
    parts[:8] = np.eye(7)[3]
    assert photos.mask_iou(wider, replace(dense, parts=parts)) == pytest.approx(1)


def test_the_crop_samples_the_photo_where_its_pixels_are(head):
    dense = dense_of(head, synthetic.random_params(head, 0))
    picture = np.zeros((512, 512, 1), np.uint8)
    picture[100:140, 300:320] = 200
    crop = photos.crop_of(picture, dense)[..., 0]
    assert crop.shape == (128, 128)
    rows, columns = np.nonzero(crop)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (25, 34, 75, 79)


def test_the_validation_half_holds_no_person_of_the_training_half():
    import csv

    from facegpt.assets import FOLDER

    with (FOLDER / "photo_split.csv").open(newline="", encoding="utf-8") as file:
        training = {row["person"] for row in csv.DictReader(file) if row["split"] == "training"}
    chosen = photos.validation_photos()
    assert len(chosen) > 100
    assert not {str(person) for _, person in chosen} & training


@pytest.mark.slow
def test_the_head_s_points_lie_on_the_ict_head_where_its_own_landmarks_are(head, shared_data):
    from facegpt.synthesis.ict_person import IctHead

    ict = IctHead(shared_data / "ict_facekit.npz")
    points = points_on_ict(head, ict, "ibug68")(ict.mean)
    error = np.linalg.norm(points - ict.mean[ict.landmark_vertices], axis=1)
    assert error[27:].mean() < 4  # mm: the conventions differ by some
    assert error.mean() < 6
