"""The evaluations of points, outlines and likeness: what they report is what they say."""

import json
from dataclasses import replace

import numpy as np
import pytest
from stand_in_dense import dense_of

from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.fitting.eye_opening import LIDS
from facegpt.fitting.mediapipe_points import LEFT_IRIS, RIGHT_IRIS
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.eyes_read import EyesRead, eyes_of
from facegpt_lab.evaluate.judges import distortions, likeness, made_up_points
from facegpt_lab.evaluate.judges.ict_points import points_on_ict, without_offset
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.judges.skin_colour import overlap, skin_by_colour
from facegpt_lab.evaluate.photo_processes import plain
from facegpt_lab.evaluate.protocols import lids, photos, robustness
from facegpt_lab.evaluate.validation_photos import Compared, Judged, read_compared, validation_photos


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
    dense = dense_of(head, made_up_points.random_params(head, 0))
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
    dense = dense_of(head, made_up_points.random_params(head, 0))
    picture = np.zeros((512, 512, 1), np.uint8)
    picture[100:140, 300:320] = 200
    crop = photos.sampled(picture, dense.crop, dense.crop_px)[..., 0]
    assert crop.shape == (128, 128)
    rows, columns = np.nonzero(crop)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (25, 34, 75, 79)


def test_a_head_is_drawn_in_a_turned_crop_where_its_points_are(head):
    face = Face(head, made_up_points.random_params(head, 1), photo_texture=np.full((8, 8, 4), 255, np.uint8))
    crop = photos.wide_crop(face.landmarks("mediapipe478"))
    drawn = photos.drawn_in(face, crop, photos.WIDE_PX)
    placed = face.vertices("camera")
    skin = np.unique(head.triangles[head.part == head.part_names.index("skin")])
    points = face.params.camera.project(placed[skin]) @ crop[:, :2].T + crop[:, 2]
    rows, columns = np.nonzero(drawn[..., 3] > 127)
    for seen, truth in ((columns, points[:, 0]), (rows, points[:, 1])):
        inside = truth.clip(0, photos.WIDE_PX - 1)
        assert abs(seen.min() - inside.min()) < 1.5 and abs(seen.max() - inside.max()) < 1.5  # pixels


def test_skin_is_told_by_colour_from_what_heads_agree_on_and_no_head_is_favoured():
    rng = np.random.default_rng(4)
    y, x = np.mgrid[:192, :192]
    disc = np.hypot(x - 96, y - 96) < 50
    photo = np.where(disc[..., None], [190, 140, 120], [70, 90, 120]) + rng.normal(0, 12, (192, 192, 3))
    window = np.zeros_like(disc)
    window[60:150] = True
    larger, shifted = np.hypot(x - 96, y - 96) < 57, np.hypot(x - 90, y - 96) < 50
    skin = skin_by_colour(photo, [larger, shifted], window)
    assert overlap(skin, disc & window) > 0.98
    again = skin_by_colour(photo, [shifted, larger], window)
    assert np.array_equal(skin, again)
    assert overlap(disc & window, skin) > max(overlap(larger & window, skin), overlap(shifted & window, skin))
    assert skin_by_colour(photo, [disc, ~disc], window) is None  # heads that agree on nothing


def test_two_fits_are_as_far_apart_as_their_points(head):
    face = Face(head, made_up_points.random_params(head, 2))
    camera, pose = face.params.camera, face.params.pose
    corners = face.landmarks("ibug68", "head")[[36, 45]]
    side_mm = np.linalg.norm(corners[1] - corners[0])
    shift = side_mm / 10 * camera.focal_px / pose.apply(corners)[:, 2].mean()
    moved = replace(camera, principal_px=(camera.principal_px[0] + shift, camera.principal_px[1]))
    other = Face(head, face.params.replace(camera=moved))
    assert photos.apart_percent(face, face) == 0
    assert photos.apart_percent(face, other) == pytest.approx(10, abs=0.01)


def test_what_was_compared_comes_back_from_its_file_as_it_was():
    rng = np.random.default_rng(5)
    views = [rng.normal(size=(2, 128)).astype(np.float32) for _ in range(2)]
    fit = Judged(1.5, 0.1, float("nan"), 0.9, *views, 0.7, "{}")
    own = rng.normal(size=128).astype(np.float32)
    one = Compared("a.jpg", 3, 0.4, own, views[0], {"": fit})
    again = read_compared(json.loads(json.dumps(plain(one))))
    assert np.array_equal(again.descriptor, own) and np.array_equal(again.fits[""].plain, views[0])
    assert again.fits[""].plain.dtype == np.float32 and json.dumps(plain(again)) == json.dumps(plain(one))
    assert read_compared(None) is None


def test_a_distorted_face_has_the_scale_of_its_points():
    points = np.random.default_rng(6).normal(200, 40, (478, 3))
    for turn in (30, 180):
        _, turned = distortions.rotated(turn)(np.zeros((400, 400, 3), np.uint8), points)
        assert robustness.size_of(turned) == pytest.approx(robustness.size_of(points), rel=1e-9)
    small = distortions.resized(np.zeros((400, 400, 3), np.uint8), points, 0.25)[1]
    assert robustness.size_of(small) == pytest.approx(robustness.size_of(points) / 4, rel=1e-9)


def test_robustness_means_leave_out_faces_that_were_not_found():
    names = distortions.table()
    seen = [robustness.Looked(True, True, 2.0, 4.0) for _ in names]
    lost = [robustness.Looked(False, False, float("nan"), float("nan")) for _ in names]
    told = {row.metric: row.value for row in robustness.rows([seen, lost])}
    assert told["robustness, dark × 0.07: faces found (MediaPipe's pipeline: 0.50)"] == 0.5
    assert told["robustness, rotated, all: error of the 468 points, network"] == 2.0
    assert told["robustness, all but unchanged: over MediaPipe's 4.00 mm"] == 0.5


@pytest.mark.slow
def test_both_pipelines_find_the_face_of_a_plain_picture_and_only_ours_one_upside_down(head, astronaut):
    from facegpt_lab.evaluate.shared_networks import detector

    truth = detector().detect(astronaut)[0].points
    placed = np.concatenate([truth, truth[:185]])  # as many rows as "dense" has; only the first count
    plain_seen = robustness.looked_at(astronaut, placed, 1.0)
    assert plain_seen.found and plain_seen.found_once and plain_seen.mediapipe_mm == 0
    turned = robustness.looked_at(*distortions.rotated(180)(astronaut, placed), 1.0)
    assert turned.found and not turned.found_once


def test_the_validation_half_holds_no_person_of_the_training_half():
    import csv

    with PHOTO_SPLIT.open(newline="", encoding="utf-8") as file:
        training = {row["person"] for row in csv.DictReader(file) if row["split"] == "training"}
    chosen = validation_photos()
    assert len(chosen) > 100
    assert not {str(person) for _, person in chosen} & training


@pytest.mark.slow
def test_the_head_s_points_lie_on_the_ict_head_where_its_own_landmarks_are(head, shared_data):
    from facegpt_lab.synthesis.studio.ict_person import IctHead

    ict = IctHead(shared_data / "ict_facekit.npz")
    points = points_on_ict(head, ict, "ibug68")(ict.mean)
    error = np.linalg.norm(points - ict.mean[ict.landmark_vertices], axis=1)
    assert error[27:].mean() < 4  # mm: the conventions differ by some
    assert error.mean() < 6


def eye_points(half_height: float, radius: float) -> np.ndarray:
    """478 points whose eyes are rectangles 40 px wide, with an iris in the middle of each."""
    out = np.zeros((478, 2))
    side = np.linspace(20, -20, 9)
    for first, middle, iris in ((0, 300.0, LEFT_IRIS), (16, 100.0, RIGHT_IRIS)):
        rows_of_eye = LIDS[first : first + 16]
        out[rows_of_eye[[0, 8]]] = [[middle + 20, 200], [middle - 20, 200]]
        for row, y in ((rows_of_eye[1:8], 200 + half_height), (rows_of_eye[9:], 200 - half_height)):
            out[row] = np.column_stack([middle + side[1:8], np.full(7, y)])
        out[list(iris)] = [middle, 200] + radius * np.array([[0, 0], [1, 0], [0, -1], [-1, 0], [0, 1]])
    return out


def test_opening_iris_and_what_lids_cover_of_it_are_those_of_a_drawing():
    read = eyes_of(eye_points(5.0, 10.0))
    assert read.opening == pytest.approx([0.25, 0.25])
    assert read.iris == pytest.approx([0.5, 0.5])
    strip = (np.pi / 3 + np.sqrt(3) / 2) / np.pi  # of a disc between lines half its radius from the middle
    assert read.covered == pytest.approx([1 - strip, 1 - strip], abs=0.03)
    assert eyes_of(eye_points(11.0, 10.0)).covered == pytest.approx([0, 0], abs=0.01)


def test_a_head_whose_eyes_move_half_as_far_has_slope_one_half_and_hidden_eyes_do_not_count():
    found = []
    for k, opening in enumerate(np.linspace(0.1, 0.4, 7)):
        photo = EyesRead(np.array([opening, 9.0]), np.array([0.3, 0.3]) + 0.01 * k, np.array([0.45, 0.45]))
        drawn = EyesRead(0.14 + photo.opening / 2, photo.covered, photo.iris)
        found.append(lids.Compared(f"photo {k}", photo, dict.fromkeys(lids.QUALITIES, drawn), [True, False]))
    again = [lids.read_compared(json.loads(json.dumps(plain(one)))) for one in found]
    values = {row.metric: row.value for row in lids.rows(again)}
    assert values["eyes that count"] == 7
    assert values["fast: slope of opening"] == pytest.approx(0.5)
    assert values["fast: openings within 15 %"] == pytest.approx(3 / 7)  # 0.25, 0.30 and 0.35
    assert values["balanced: error of the covered iris, RMS"] == pytest.approx(0.0, abs=1e-9)
