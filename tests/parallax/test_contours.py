"""Occluding contours as evidence: the edges of drawn heads are found, and give a known shape back."""

from __future__ import annotations

import numpy as np
from made_up_views import SIDE, drawn, params_of, person, tracks_of
from test_parallax import guessed, population, share

from facegpt.morphable.base import head_vertices
from facegpt.parallax.adjust import AdjustSettings, adjusted
from facegpt.parallax.outlines import BACKGROUND, FACE, Outline, outline, outline_system
from facegpt.parallax.tracks import Tracks
from facegpt.render.uv import first_surface

YAWS_DEG = (0.0, 30.0, -30.0)


def edges_of(head, views, images, against=BACKGROUND):
    return [outline(head, view, image, None, against) for view, image in zip(views, images, strict=True)]


def by_depth(head, view) -> np.ndarray:
    """The head (H, W, 3) uint8, the brighter the nearer: a step wherever skin ends before skin further away."""
    placed = view.pose.apply(head_vertices(head, view))
    index, weights = first_surface(placed, head.triangles, view.camera.scaled(4))
    there = index >= 0
    depth = np.einsum("nk,nk->n", placed[head.triangles[index[there]], 2], weights[there])
    image = np.full(index.shape, 30.0)
    image[there] = 230 - 2.5 * (depth - depth.min())
    small = np.clip(image, 30, 255).reshape(SIDE, 4, SIDE, 4).mean((1, 3))
    return np.repeat(small.astype(np.uint8)[..., None], 3, 2)


def contour_px(head, view, seen: Outline) -> np.ndarray:
    """Where an outline's points lie on a head (K, 2) px."""
    vertices = view.pose.apply(head_vertices(head, view))
    return view.camera.project(np.einsum("kcx,kc->kx", vertices[seen.pairs], seen.weights))


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
    off = seen.edge - (contour_px(head, view, seen) * seen.normal).sum(1)
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


def test_folds_are_found_where_the_face_ends_before_itself(head):
    view = params_of(head, person(head, 3), 40.0)
    seen = outline(head, view, by_depth(head, view), None, FACE)
    pixels = contour_px(head, view, seen)
    assert len(pixels) > 15 and np.median(np.abs(seen.edge - (pixels * seen.normal).sum(1))) < 0.8
    nose = view.camera.project(view.pose.apply(head.embedding("ibug68")(head_vertices(head, view))[27:36]))
    assert np.mean(np.linalg.norm(pixels[:, None] - nose, axis=2).min(1) < 25) > 0.5  # most are the nose's
    assert seen.fold.all()


def test_a_frontal_face_of_one_colour_has_no_folds(head):
    view = params_of(head, person(head, 3), 0.0)
    assert len(outline(head, view, silhouette(head, view), None, FACE).edge) == 0


def test_folds_slide_with_the_head_as_their_closed_slope_says(head):
    identity, rng = person(head, 5), np.random.default_rng(1)
    view = params_of(head, identity, 40.0)
    place = view.pose.rotation, view.pose.translation, view.camera.focal_px, np.array(view.camera.principal_px)
    nothing, seen = np.zeros(head.sizes.expression), outline(head, view, by_depth(head, view), None, FACE)
    jacobian, _ = outline_system(head, seen, np.arange(len(nothing))).rows(identity, nothing, *place)
    step = 0.3 * rng.normal(size=len(identity))
    foretold = jacobian[:, : len(step)] @ step * seen.sigma_px
    moved = view.replace(identity=(identity + step).astype(np.float32))
    there = contour_px(head, moved, outline(head, moved, by_depth(head, moved), None, FACE))
    here = contour_px(head, view, seen)
    gap = there[None] - here[:, None]
    along = np.abs(np.einsum("kjc,kc->kj", gap, np.stack([-seen.normal[:, 1], seen.normal[:, 0]], 1)))
    near = np.where(np.linalg.norm(gap, axis=2) < 8, along, np.inf)
    match = near.argmin(1)
    good = near.min(1) < 0.7  # points of the two contours that lie at the same place along it
    slid = (gap[np.arange(len(match)), match] * seen.normal).sum(1)
    assert good.sum() > 8
    assert np.median(np.abs(foretold - slid)[good]) < 0.35 * np.median(np.abs(slid[good]))


def off_px(head, views, edges) -> float:
    """Median distance of the photos' edges from the contours of heads, px."""
    away = []
    for view, seen in zip(views, edges, strict=True):
        away.append(np.abs(seen.edge - (contour_px(head, view, seen) * seen.normal).sum(1)))
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


def test_a_nose_is_moved_until_its_folds_lie_on_the_photos(head):
    true = person(head, 9)
    views = [params_of(head, true, yaw) for yaw in (35.0, -35.0)]
    images = [by_depth(head, view) for view in views]
    guess = [view.replace(identity=np.zeros_like(view.identity)) for view in views]
    settings = AdjustSettings(rotation_sd=0.005, lateral_mm=0.5, depth_log_sd=0.005, fold_points=60)
    before = off_px(head, guess, edges_of(head, guess, images, FACE))
    for _ in range(3):
        edges = edges_of(head, guess, images, FACE)
        guess = adjusted(head, no_tracks(2), guess, population(head), settings, outlines=edges).params
    assert off_px(head, guess, edges_of(head, guess, images, FACE)) < 0.5 * before


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
