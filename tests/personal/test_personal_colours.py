"""What colours of keyframes may say of a shape."""

from __future__ import annotations

import numpy as np
from scripted_look import ScriptedLook, head_at, scripted_frames

from facegpt.fitting.landmark_fit import landmark_solution
from facegpt.fitting.photo_samples import photo_samples
from facegpt.fitting.photometric import Appearance, linearise
from facegpt.personal.bundle import started
from facegpt.personal.colours import Picture, _at, photo_of_view, seen_linearly, skin_samples
from facegpt.personal.shape_space import shape_space
from facegpt.personal.views import view_of
from facegpt.render.base import AMBIENT_WHITE


def test_skin_that_turns_away_from_the_camera_says_little_and_skin_that_faces_it_all(head):
    """The angles are told from the triangles of the head as it is placed, not from what is judged."""
    space, number = shape_space(head), len(photo_samples(head).albedo_mean)
    look = ScriptedLook(head, lambda _: {"anna": head_at(head, z_mm=600.0, yaw=25.0)})
    frame = next(iter(scripted_frames(1)))
    seen = next(iter(look.faces(frame.pixels).values()))
    solution = landmark_solution(head, seen.detection, (640, 480), None, seen.dense)
    view = view_of(solution, 0, space.identity, np.zeros(52))
    person = started(space, [view], np.zeros(space.identity), np.log([700.0]))
    view, samples = person.views[0], skin_samples(space, person.shape, np.zeros((number, 3)))
    photo = photo_of_view(view, Picture(np.full((480, 640, 3), 128, np.uint8), seen.dense), 2.0)
    light = np.zeros((9, 3))
    light[0] = AMBIENT_WHITE
    appearance, visible = Appearance(np.zeros(0), light), np.ones(number)
    whole = linearise(samples, _at(view, space.size), appearance, photo, view.target.principal_px, visible, shape=False)
    judged = seen_linearly(samples, view, appearance, photo, visible)

    worn = space.neutral(person.shape) + np.tensordot(
        view.state.theta, head.units_of(person.shape[: space.identity]), 1
    )
    corners = (worn @ view.state.rotation.T)[head.triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(worn)
    np.add.at(normals, head.triangles, faces[:, None])
    cosine = -(normals / np.linalg.norm(normals, axis=1, keepdims=True))[samples.vertex, 2]
    shown = whole.weight > 0.05
    away, towards = shown & (cosine < 0.25), shown & (cosine > 0.85)
    assert away.sum() > 20 and towards.sum() > 20
    # At folds (lids, nostrils, lips) triangles that are no skin of the face turn these normals otherwise.
    assert np.quantile(judged.weight[away], 0.9) < 1e-9
    assert np.isclose(judged.weight[towards], whole.weight[towards]).mean() > 0.95
