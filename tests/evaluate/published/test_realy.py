"""The REALY benchmark's reader and errors, on a made-up scan in its format; the truth is known by construction."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from facegpt.conventions import rotation_from_euler_deg
from facegpt.types import FaceGPTError
from facegpt_lab.evaluate.judges.nonrigid import Stage, bend
from facegpt_lab.evaluate.published import realy

MM = 9.0  # in one unit of the made-up scan, as in the benchmark's own


def grid(columns: int, rows: int, x0: float, x1: float, y0: float, y1: float):
    """A bulging sheet (mm) over a rectangle: vertices and triangles."""
    x, y = np.meshgrid(np.linspace(x0, x1, columns), np.linspace(y0, y1, rows))
    vertices = np.column_stack([x.ravel(), y.ravel(), height(x.ravel(), y.ravel())])
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    quads = np.column_stack([first, first + 1, first + columns + 1, first + columns])
    return vertices, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def height(x, y):
    """A face of sorts: a bulge with a nose, so that no alignment slides."""
    return 40 * np.cos(x / 60) * np.cos(y / 80) + 15 * np.exp(-(x**2 + (y + 5) ** 2) / 200)


REGIONS = {
    "nose": (-15, 15, -20, 15),
    "mouth": (-25, 25, -50, -25),
    "forehead": (-45, 45, 20, 60),
    "cheek": (-55, 55, -45, 5),
}


def keypoints_mm() -> np.ndarray:
    """85 points on the sheet; those of a region lie within it."""
    rng = np.random.default_rng(3)
    points = rng.uniform([-50, -60], [50, 60], (85, 2))
    for name in ("cheek", "forehead", "mouth", "nose"):
        x0, x1, y0, y1 = REGIONS[name]
        rows = list(realy.MARKS[name])
        points[rows] = rng.uniform([x0, y0], [x1, y1], (len(rows), 2))
    return np.column_stack([points, height(*points.T)])


def write_obj(path, vertices, triangles=()):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"v {x:.7f} {y:.7f} {z:.7f}" for x, y, z in vertices]
    lines += [f"f {a + 1}/1 {b + 1}/1 {c + 1}/1" for a, b, c in triangles]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(tmp_path):
    """REALY's folder with one subject, two frontal pictures and a side view."""
    rotation, shift = rotation_from_euler_deg(20, -10, 5), np.array([3.0, -2.0, 11.0])

    def placed(points):
        return points / MM @ rotation.T + shift

    write_obj(tmp_path / "REALY_HIFI3D_keypoints" / "2.obj", placed(keypoints_mm()))
    for name, (x0, x1, y0, y1) in REGIONS.items():
        vertices, triangles = grid(17, 13, x0, x1, y0, y1)
        write_obj(tmp_path / "REALY_scan_region" / "2" / f"{name}.obj", placed(vertices), triangles)
    (tmp_path / "metrical_scale.txt").write_text(f"1.0\n{MM}\n")
    for name in ("frontal_512x512/2.jpg", "frontal_512x512/10.jpg", "multiview_512x512/2_30.jpg"):
        path = tmp_path / "REALY_image" / f"crop_image_{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(path)
    return tmp_path


def head():
    vertices, triangles = grid(81, 81, -80, 80, -80, 80)
    return vertices, triangles, keypoints_mm()[:68]


def test_pictures_are_listed_by_set_and_number(folder):
    found = [(one.group, one.subject, one.photo.name) for one in realy.read_list(folder)]
    assert found == [("frontal", 2, "2.jpg"), ("frontal", 10, "10.jpg"), ("multiview", 2, "2_30.jpg")]


def test_a_head_with_the_scans_shape_has_no_error_wherever_it_is(folder):
    vertices, triangles, keypoints = head()
    turn = rotation_from_euler_deg(-35, 12, 50)
    moved = 1.7 * vertices @ turn.T + [100.0, 0.0, 5.0]
    errors = realy.errors_mm(moved, triangles, 1.7 * keypoints @ turn.T + [100.0, 0.0, 5.0], realy.read_scan(folder, 2))
    assert list(errors) == list(realy.REGIONS)
    assert max(errors.values()) < 0.2  # mm; keypoints lie up to 3 mm from the vertices that stand for them


def test_a_wrong_nose_costs_the_nose_and_not_the_forehead(folder):
    vertices, triangles, keypoints = head()
    for points in (vertices, keypoints):
        points[:, 2] += 6 * np.exp(-((points[:, 0] / 8) ** 2) - ((points[:, 1] + 5) / 8) ** 2)
    errors = realy.errors_mm(vertices, triangles, keypoints, realy.read_scan(folder, 2))
    assert errors["nose"] > 0.5  # mm, of a bump 6 mm high
    assert errors["forehead"] < 0.2


def test_the_table_has_sample_sd_and_the_mean_of_the_regions():
    found = [
        ("frontal", dict.fromkeys(realy.REGIONS, 1.0)),
        ("frontal", {**dict.fromkeys(realy.REGIONS, 1.0), "nose": 3.0}),
    ]
    rows = {row.metric: row.value for row in realy.table(found)}
    assert rows["frontal, nose: average"] == pytest.approx(2.0)
    assert rows["frontal, nose: SD"] == pytest.approx(np.sqrt(2))
    assert rows["frontal, all: average"] == pytest.approx((2 + 1 + 1 + 1) / 4)


def test_without_stiffness_between_them_vertices_reach_their_targets():
    vertices, triangles = grid(6, 6, 0, 50, 0, 50)
    targets = vertices + np.array([0.3, -0.2, 0.4])
    bent = bend(vertices, triangles, targets, (Stage(1.0, 1e-4),))
    np.testing.assert_allclose(bent, targets, atol=1e-3)  # a shift costs no stiffness at all


def test_marks_draw_where_the_nearest_targets_do_not():
    vertices, triangles = grid(6, 6, 0, 50, 0, 50)
    rows, shift = np.array([0, 5, 30, 35]), np.array([7.0, 0.0, 0.0])
    stages = (Stage(1.0, 1e-6, marks=50.0, nearest=False, steps=2),)
    bent = bend(vertices, triangles, vertices, stages, rows, vertices[rows] + shift)
    np.testing.assert_allclose(bent, vertices + shift, atol=1e-3)


def test_missing_files_and_wrong_names_are_named(folder, tmp_path_factory):
    with pytest.raises(FaceGPTError, match=r"Headspace"):
        realy.read_list(tmp_path_factory.mktemp("empty"))
    with pytest.raises(FaceGPTError, match=r"10\.obj"):
        realy.read_scan(folder, 10)
    (folder / "metrical_scale.txt").write_text("1.0\n")
    with pytest.raises(FaceGPTError, match="none for subject 2"):
        realy.read_scan(folder, 2)
    write_obj(folder / "REALY_HIFI3D_keypoints" / "2.obj", np.zeros((68, 3)))
    with pytest.raises(FaceGPTError, match="68 keypoints instead of 85"):
        realy.read_scan(folder, 2)
    (folder / "REALY_HIFI3D_keypoints" / "2.obj").write_text("v 1 2\nf 1 2 9\n")
    with pytest.raises(FaceGPTError, match=r"2\.obj"):
        realy.read_scan(folder, 2)
    Image.new("RGB", (8, 8)).save(folder / "REALY_image" / "crop_image_frontal_512x512" / "face.jpg")
    with pytest.raises(FaceGPTError, match=r"face\.jpg"):
        realy.read_list(folder)


def test_a_missing_set_says_where_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGPT_DATA", str(tmp_path))
    with pytest.raises(FaceGPTError, match="Headspace"):
        realy.evaluate()
