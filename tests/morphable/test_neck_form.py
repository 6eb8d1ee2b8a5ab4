"""Muscles and larynx of the neck: whose stand out, and that nothing else of a head moves."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.neck_form import neck_form


@pytest.fixture(scope="module")
def head():
    return makehuman.load()


def rise_mm(head, identity, places: np.ndarray) -> float:
    """How far the form of the neck moves the vertices at `places` of a head outwards at most."""
    mean, of_identity = neck_form(head.arrays["mean_vertices"], head.axes)
    moved = (mean + np.tensordot(identity, of_identity, 1))[places]
    away = head.mean_vertices[places] * (1, 0, 1) + (0, 0, 18)
    return float((moved * away / np.linalg.norm(away, axis=1, keepdims=True)).sum(1).max())


def larynx(head) -> np.ndarray:
    """Vertices of the front of the neck, on its middle line."""
    places = head.mean_vertices
    return (np.abs(places[:, 0]) < 4) & (places[:, 1] < -112) & (places[:, 1] > -140) & (places[:, 2] > 20)


def test_face_and_scalp_stay_as_they_are(head):
    moved = np.abs(head.mean_vertices - head.arrays["mean_vertices"]).max(1)
    chin = head.landmarks.points(head.mean_vertices)[head.landmarks.row["menton"]]
    before_ears = head.mean_vertices[:, 2] > 45
    assert moved[head.mean_vertices[:, 1] > -40].max() == 0
    assert moved[before_ears & (head.mean_vertices[:, 1] > chin[1])].max() < 0.05
    assert 1.0 < moved.max() < 5.0


def test_both_sides_are_alike(head):
    mean, _ = neck_form(head.arrays["mean_vertices"], head.axes)
    assert np.abs(mean[head.mirror] * (-1, 1, 1) - mean).max() < 0.3


def test_a_mans_larynx_stands_out_and_a_womans_and_a_childs_hardly(head):
    man, woman = head.axes.male, -head.axes.male
    boy = man + head.axes.child
    of_man, of_woman, of_boy = (rise_mm(head, one, larynx(head)) for one in (man, woman, boy))
    assert of_man > 2.5 and of_woman < 1.0 and of_boy < 0.5 * of_man


def test_lean_necks_show_their_muscles_more(head):
    side = (head.mean_vertices[:, 1] < -110) & (head.mean_vertices[:, 0] > 15)
    assert rise_mm(head, -2 * head.axes.heavy, side) > rise_mm(head, 2 * head.axes.heavy, side) + 0.5
