"""Occluding contours as evidence: the edges of drawn heads are found, and give a known shape back."""

from __future__ import annotations

import numpy as np
from made_up_views import SIDE, drawn, params_of, person, tracks_of
from test_parallax import guessed, population, share

from facegpt.morphable.base import head_vertices
from facegpt.parallax.adjust import AdjustSettings, adjusted
from facegpt.parallax.outlines import outline, outline_system
from facegpt.parallax.tracks import Tracks
from facegpt.render.uv import first_surface

YAWS_DEG = (0.0, 30.0, -30.0)


def edges_of(head, views, images):
    return [outline(head, view, image, None) for view, image in zip(views, images, strict=True)]


def silhouette(head, view) -> np.ndarray:
    """The head (H, W, 3) uint8 in one colour, drawn four times as fine and shrunk."""
    there = first_surface(view.pose.apply(head_vertices(head, view)), head.triangles, view.camera.scaled(4))[0] >= 0
    small = np.where(there, 200.0, 60.0).reshape(SIDE, 4, SIDE, 4).mean((1, 3))
    return np.repeat(small.astype(np.uint8)[..., None], 3, 2)


def no_tracks(photos: int) -> Tracks:
    """Places that no photo shows, so that outlines speak alone."""
    return Tracks(
        np.zeros((1, 3), np.int32), np.full((1, 3), 1 / 3), np.zeros((1, photos, 2)), np.full((1, photos), np.inf)
    )


def test_edges_of_a_drawn_head_lie_where_its_contour_is(head):
    view = params_of(head, person(head, 3), 40.0)
    seen = outline(head, view, drawn(head, view), None)
    vertices = view.pose.apply(head_vertices(head, view))
    pixels = view.camera.project(np.einsum("kcx,kc->kx", vertices[seen.pairs], seen.weights))
    off = seen.edge - (pixels * seen.normal).sum(1)
    assert len(off) > 30 and np.median(np.abs(off)) < 0.8


def test_a_picture_without_edges_gives_no_outline(head):
    view = params_of(head, person(head, 3), 40.0)
    assert len(outline(head, view, np.full((SIDE, SIDE, 3), 120, np.uint8), None).edge) == 0


def test_the_contour_slides_as_its_closed_slope_says(head):
    identity, rng = person(head, 5), np.random.default_rng(0)
    view = params_of(head, identity, 40.0)
    nothing = np.zeros(head.sizes.expression)
    seen = outline(head, view, drawn(head, view), None)
    system = outline_system(head, seen, np.arange(len(nothing)))
    place = view.pose.rotation, view.pose.translation, view.camera.focal_px, np.array(view.camera.principal_px)
    jacobian, before = system.rows(identity, nothing, *place)
    step = 0.05 * rng.normal(size=len(identity))
    after = system.rows(identity + step, nothing, *place)[1]
    assert np.abs(jacobian[:, : len(step)] @ step - (after - before)).max() < 0.02


def off_px(head, views, edges) -> float:
    """Median distance of the photos' edges from the contours of heads, px."""
    away = []
    for view, seen in zip(views, edges, strict=True):
        vertices = view.pose.apply(head_vertices(head, view))
        pixels = view.camera.project(np.einsum("kcx,kc->kx", vertices[seen.pairs], seen.weights))
        away.append(np.abs(seen.edge - (pixels * seen.normal).sum(1)))
    return float(np.median(np.concatenate(away)))


def test_a_head_is_moved_until_its_contours_lie_on_silhouettes(head):
    true = person(head, 9)
    views = [params_of(head, true, yaw) for yaw in (40.0, -40.0)]
    images = [silhouette(head, view) for view in views]
    guess = [view.replace(identity=np.zeros_like(view.identity)) for view in views]
    settings = AdjustSettings(rotation_sd=0.005, lateral_mm=0.5, depth_log_sd=0.005, outline_points=60)
    before = off_px(head, guess, edges_of(head, guess, images))
    for _ in range(3):
        edges = edges_of(head, guess, images)
        guess = adjusted(head, no_tracks(2), guess, population(head), settings, outlines=edges).params
    assert off_px(head, guess, edges_of(head, guess, images)) < 0.25 * before


def test_silhouettes_beside_noisy_matches_bring_a_known_head_nearer(head):
    alone, beside = [], []
    for seed in (7, 8, 9):
        true = person(head, seed)
        views = [params_of(head, true, yaw) for yaw in YAWS_DEG]
        images, tracks = [silhouette(head, view) for view in views], tracks_of(head, views, 4.0, count=60)
        guess = guessed(head, views)
        found = adjusted(head, tracks, guess, population(head))
        alone.append(share(head, found.scene.identity, true))
        for _ in range(2):
            edges = edges_of(head, found.params, images)
            found = adjusted(head, tracks, found.params, population(head), outlines=edges)
        beside.append(share(head, found.scene.identity, true))
    assert np.mean(beside) > np.mean(alone), (alone, beside)
