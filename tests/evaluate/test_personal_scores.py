"""The judges of personal heads: colours carried by the right head, word times of closed lips, rows and gains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.face import Face
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, FaceParams, Pose
from facegpt_lab.evaluate.judges.people.personal_scores import (
    Warper,
    closed_lips,
    closures_s,
    landmark_l1_percent,
    warp_psnrs,
)
from facegpt_lab.evaluate.photo_processes import plain
from facegpt_lab.evaluate.protocols.personalize import HEADS, Judged, real_rows
from facegpt_lab.evaluate.several import clip_heads

SIDE = 256
CAMERA = Camera(420.0, ((SIDE - 1) / 2, (SIDE - 1) / 2), SIDE, SIDE)


def face_at(head, yaw: float, identity=None, jaw: float = 0.0, time_s: float = 0.0) -> Face:
    weights = np.zeros(52, np.float32)
    weights[ARKIT_NAMES.index("jawOpen")] = jaw
    sizes = head.sizes
    params = FaceParams(
        head.model_id,
        np.zeros(sizes.identity, np.float32) if identity is None else identity.astype(np.float32),
        weights,
        np.zeros((sizes.joints, 3), np.float32),
        Pose(rotation_from_euler_deg(yaw), np.array([0.0, 0.0, 600.0])),
        np.zeros(sizes.albedo, np.float32),
        np.asarray(default_studio_lighting(), np.float32),
        CAMERA,
    )
    return Face(head, params, time_s=time_s)


@pytest.mark.slow
def test_colours_are_carried_best_by_the_head_that_is_there(head):
    random = np.random.default_rng(5)
    texture = np.dstack([random.integers(60, 230, (64, 64, 3)).repeat(8, 0).repeat(8, 1), np.full((512, 512), 255)])
    before, after = (replace(face_at(head, yaw), photo_texture=texture.astype(np.uint8)) for yaw in (-8.0, 8.0))
    pictures = []
    for face in (before, after):
        drawn = draw_picture(face.mesh, face.params.pose, CAMERA, np.vstack([[3.5] * 3, np.zeros((8, 3))]))
        pictures.append(drawn[..., :3])
    other = random.normal(0, 1.0, head.sizes.identity)
    wrong = [face_at(head, yaw, other) for yaw in (-8.0, 8.0)]
    heads = {"true": before, "wrong": wrong[0]}, {"true": after, "wrong": wrong[1]}
    psnr = warp_psnrs(Warper(head), *pictures, *heads)
    assert psnr["true"] > psnr["wrong"] + 2.0
    assert psnr["true"] > 22.0


def test_points_off_by_one_percent_are_told_as_one_percent(head):
    face = face_at(head, 5.0)
    points = face.landmarks("mediapipe478")
    size = np.sqrt(np.prod(np.ptp(points[:468], axis=0)))
    assert landmark_l1_percent(face, points) == pytest.approx(0.0, abs=1e-6)
    assert landmark_l1_percent(face, points + 0.01 * size) == pytest.approx(1.0, rel=1e-3)


def test_closures_are_read_off_the_words(tmp_path):
    path = tmp_path / "x.align"
    path.write_text(
        "0 20000 sil\n20000 30000 bin\n30000 35000 at\n35000 45000 m\n45000 50000 now\n50000 60000 please\n"
    )
    middles = [(begin + end) / 2 for begin, end in closures_s(path)]
    assert middles == pytest.approx([0.8, 1.8, 2.0])  # b of bin, the end of m, p of please; units of 1/25,000 s


def test_lips_are_closed_when_the_head_is_at_rest_and_not_when_its_jaw_is_open(head):
    shut = [face_at(head, 0.0, time_s=t) for t in (0.0, 0.1)]
    wide = [face_at(head, 0.0, jaw=0.6, time_s=t) for t in (1.0, 1.1)]
    closed, count, gap = closed_lips(shut + wide, [(0.0, 0.15), (0.95, 1.15), (5.0, 6.0)])
    assert (closed, count) == (1, 2)
    assert gap > 3.0  # mm


def test_gains_are_over_everybodys_head():
    values = {"frames": 10.0}
    for name, iou, points in zip(HEADS, (0.9, 0.92, 0.95), (2.0, 1.8, 1.0), strict=True):
        values |= {f"PSNR, {name}": 30.0, f"IoU, {name}": iou, f"landmarks, {name}": points, f"lip gap, {name}": 1.0}
    values[f"landmarks, {HEADS[-1]}, everybody's marks"] = 1.7
    rows = {row.metric: row for row in real_rows({"x": Judged(values)})}
    lacks = rows["real: what IoU lacks, lower by, own head, tuned"]
    assert lacks.value == pytest.approx(0.5)
    assert lacks.met
    landmarks = rows["real: landmarks over everybody's, own head, tuned"]
    assert landmarks.value == pytest.approx(0.5)
    assert landmarks.met
    assert rows["real: landmarks over everybody's, own head"].value == pytest.approx(0.9)
    assert rows["real: landmarks, own head, tuned, everybody's marks"].value == 1.7


def test_heads_from_clips_are_judged_beside_one_photo_and_more_clips_beside_fewer():
    better = clip_heads.ClipHeads(1.2, 1.0, {"1": 0.6, "2": 0.5, "4": 0.4})
    worse = clip_heads.ClipHeads(1.2, 1.0, {"1": 0.6, "2": 0.5, "4": 0.55})
    rows = {row.metric: row for row in clip_heads.rows([better, worse])}
    lower = "photographed skin: lower than from a photo"
    assert rows[f"{lower}, 1 clips"].value == pytest.approx(0.4)
    assert rows[f"{lower}, 4 clips"].value == pytest.approx(0.525) and rows[f"{lower}, 4 clips"].met
    assert rows["photographed skin: people worse with 2 clips than with fewer"].met
    assert rows["photographed skin: people worse with 4 clips than with fewer"].value == pytest.approx(0.5)
    assert clip_heads.read_clip_heads(plain(better)) == better
