"""The default head itself: closed lips and lids, seated eyes, jaw, edge of the neck, size of the file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from facegpt import assets
from facegpt.conventions import ARKIT_NAMES
from facegpt.models.files import load_head
from facegpt.morphable.makehuman.head import ASSET, load
from facegpt.types import FaceGPTError

ROOT = Path(__file__).parents[2]
EYE_RADIUS_MM = 12.6


@pytest.fixture(scope="module")
def head():
    return load()


def posed(head, units=(), identity=None):
    """Vertices (V, 3) with some units at a weight: {"jawOpen": 1.0}."""
    expression = torch.zeros(1, head.sizes.expression)
    for name, weight in dict(units).items():
        expression[0, ARKIT_NAMES.index(name)] = weight
    z = torch.zeros(1, head.sizes.identity) if identity is None else torch.as_tensor(identity)[None]
    with torch.no_grad():
        return head.vertices(z, expression, torch.zeros(1, head.sizes.joints, 3))[0].numpy()


def part(head, name):
    return np.unique(head.triangles[head.part == head.part_names.index(name)])


def base_vertex(head, number):
    """Our vertex for a vertex of MakeHuman's base mesh."""
    return int(np.flatnonzero(head.arrays["source_vertex"] == number)[0])


def test_has_all_parts(head):
    names = {"skin", "mouth", "upper_teeth", "lower_teeth", "tongue", "lashes", "left_eye", "right_eye"}
    assert names <= set(head.part_names)


def test_is_small_enough(head):
    assert head.sizes.vertices <= 15_000
    assert (assets.FOLDER / ASSET).stat().st_size <= 8_000_000  # bytes


def test_height_is_that_of_a_head_with_neck(head):
    assert 280 < np.ptp(head.mean_vertices[:, 1]) < 350  # mm


def test_origin_is_midway_between_the_tragia(head):
    points, row = head.landmarks.points(head.mean_vertices), head.landmarks.row
    assert np.abs(points[row["tragion_left"]] + points[row["tragion_right"]]).max() < 0.05  # mm


def test_the_skin_ends_in_one_clean_loop_at_the_neck(head):
    skin = np.isin(head.part, [head.part_names.index(n) for n in ("skin", "mouth", "left_socket", "right_socket")])
    t = head.triangles[skin]
    edges = np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), 1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    rim = unique[count == 1]
    assert set(rim.ravel()) == set(head.arrays["neck_loop"].tolist())
    assert np.bincount(rim.ravel()).max() == 2  # one closed line
    heights = head.mean_vertices[head.arrays["neck_loop"], 1]
    assert heights.max() < -120  # mm


@pytest.mark.parametrize("seed", range(6))
def test_lips_of_random_people_are_closed_at_rest(head, seed):
    vertices = posed(head, identity=head.sample(1, seed)[0])
    upper, lower = vertices[base_vertex(head, 520)], vertices[base_vertex(head, 523)]
    assert -1.5 < upper[1] - lower[1] < 0.5  # mm


def test_jaw_open_parts_the_lips_and_carries_the_lower_teeth_only(head):
    opened = posed(head, {"jawOpen": 1.0})
    gap = opened[base_vertex(head, 474), 1] - opened[base_vertex(head, 493), 1]
    assert 25 < gap < 55  # mm
    moved = np.linalg.norm(opened - head.mean_vertices, axis=1)
    assert moved[part(head, "upper_teeth")].max() < 1e-3
    assert moved[part(head, "lower_teeth")].max() > 20  # mm


def test_mouth_close_shuts_the_open_jaw(head):
    shut = posed(head, {"jawOpen": 1.0, "mouthClose": 1.0})
    rest = head.mean_vertices
    for upper, lower in ((474, 493), (520, 523)):
        u, v = base_vertex(head, upper), base_vertex(head, lower)
        assert abs((shut[u, 1] - shut[v, 1]) - (rest[u, 1] - rest[v, 1])) < 1.0  # mm


def lid_gap(head, vertices, side):
    """Opening in the middle of the lids: upper minus lower margin, mm."""
    up, low = base_vertex(head, 6785), base_vertex(head, 6828)
    if side == "Right":
        up, low = head.mirror[up], head.mirror[low]
    return vertices[up, 1] - vertices[low, 1]


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_blink_closes_one_eye_and_leaves_the_other(head, side):
    other = "Right" if side == "Left" else "Left"
    blinked = posed(head, {f"eyeBlink{side}": 1.0})
    assert 7 < lid_gap(head, head.mean_vertices, side) < 11  # mm
    assert -1.2 < lid_gap(head, blinked, side) < 0.1  # the lids overlap a little
    assert abs(lid_gap(head, blinked, other) - lid_gap(head, head.mean_vertices, other)) < 0.3


@pytest.mark.parametrize("blink", [0.0, 1.0])
def test_lids_stay_outside_the_eyeball(head, blink):
    vertices = posed(head, {"eyeBlinkLeft": blink, "eyeBlinkRight": blink})
    margin = [base_vertex(head, n) for n in (6785, 6784, 6790, 6838, 6828, 6831, 6825)]
    centre = head.arrays["joint_centres"][2]
    assert np.linalg.norm(vertices[margin] - centre, axis=1).min() > EYE_RADIUS_MM  # mm


@pytest.mark.parametrize("seed", range(4))
def test_eyeballs_of_random_people_are_round_and_of_one_size(head, seed):
    identity = head.sample(1, seed)[0]
    vertices = posed(head, identity=identity)
    with torch.no_grad():
        centres = head.joint_centres(torch.as_tensor(identity)[None])[0].numpy()
    for row, name in ((2, "left_eye"), (3, "right_eye")):
        radius = np.linalg.norm(vertices[part(head, name)] - centres[row], axis=1)
        assert np.abs(radius - EYE_RADIUS_MM).max() < 0.1  # mm


def test_tongue_out_reaches_beyond_the_lips(head):
    out = posed(head, {"tongueOut": 1.0})
    assert out[part(head, "tongue"), 2].max() > out[base_vertex(head, 496), 2] + 3  # mm


def test_cheek_puff_widens_the_cheeks(head):
    puffed = posed(head, {"cheekPuff": 1.0}) - head.mean_vertices
    assert puffed[:, 0].max() > 4  # mm


def test_the_skin_atlas_does_not_fold_or_overlap(head):
    skin = head.uv_triangles[head.part == head.part_names.index("skin")]
    a, b, c = (head.uv[skin[:, k]].astype(np.float64) for k in range(3))
    area = 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    assert (area < 0).mean() < 0.002  # slivers may flip when coordinates are rounded
    assert area.sum() > 0.6  # share of the square


def sources() -> list[str] | None:
    """Arguments of the build script when its sources are named in FACEGPT_HEAD_SOURCES (wheel:ict:facts)."""
    named = os.environ.get("FACEGPT_HEAD_SOURCES")
    if named is None:
        return None
    wheel, ict, facts = named.split(os.pathsep)
    return ["--wheel", wheel, "--ict", ict, "--facts", facts]


@pytest.mark.slow
@pytest.mark.skipif(sources() is None, reason="FACEGPT_HEAD_SOURCES does not name wheel, ICT file and facts folder")
def test_rebuilding_gives_the_same_file(tmp_path):
    command = [sys.executable, "-m", "lab.runs.head.build", *(sources() or []), "--out", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT)
    assert (tmp_path / ASSET).read_bytes() == (assets.FOLDER / ASSET).read_bytes()


@pytest.mark.parametrize("turned", [(0, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (1, 1, 1, 1)])
def test_one_head_without_gradients_is_posed_as_in_a_batch(head, turned):
    noise = torch.Generator().manual_seed(3)
    identity, expression = torch.randn(2, 60, generator=noise), 0.5 * torch.rand(2, 52, generator=noise)
    joints = 0.3 * torch.randn(2, 4, 3, generator=noise) * torch.tensor(turned)[:, None]
    with torch.no_grad():
        together = head.vertices(identity, expression, joints)
        alone = head.vertices(identity[:1], expression[:1], joints[:1])
    assert (together[:1] - alone).abs().max() < 1e-3  # mm


def test_parameters_of_the_first_version_of_the_head_are_refused_with_both_names():
    with pytest.raises(FaceGPTError, match=r"makehuman-head/1.*makehuman-head/2"):
        load_head("makehuman-head/1")


class Numbers(np.random.Generator):
    """A generator whose normal numbers are known."""

    def __init__(self, known):
        super().__init__(np.random.PCG64(0))
        self.known = known

    def standard_normal(self, size):
        return self.known


def test_a_seed_draws_the_same_person_on_every_machine(head):
    # Beside the way of the sexes, a draw is the generator's own numbers: no library's choice of eigenvectors.
    male = head.axes.male
    unit = male / np.linalg.norm(male)
    numbers = np.random.default_rng(4).standard_normal((4000, len(male)))
    drawn = head.axes.sample(Numbers(numbers), len(numbers), "F") + male
    assert np.allclose(drawn - np.outer(drawn @ unit, unit), numbers - np.outer(numbers @ unit, unit), atol=1e-12)
    # Their spread along it is what the means of both sexes leave of the whole.
    assert (drawn @ unit).std() == pytest.approx(np.sqrt(1 - male @ male), rel=0.05)
