"""Grey at the temples: there, and not on the crown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from dressed_people import person

from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.generate.look_of_hair import coloured
from facegpt.render.plots import draw_over
from facegpt.types import Hair, Pose

BROWN = (0.08, 0.05, 0.03)
WALL = np.zeros((512, 512, 3), np.uint8)


def brightness(head, hair):
    """Mean luminance of the left temple and of the crown in a picture from the left."""
    params = person(head, "short").replace(hair=hair)
    pose = Pose(rotation_from_euler_deg(-75.0), params.pose.translation)
    face = Face(head, params.replace(pose=pose))
    shown = draw_over(face.mesh, pose, params.camera, params.lighting, WALL, worn=face.proxies).astype(float)
    found = []
    for place in ((76.0, 52.0, 14.0), (20.0, 128.0, -20.0)):  # on the mean head, mm
        x, y, z = pose.apply(np.array([place], np.float32))[0]
        column = round(float(params.camera.focal_px * x / z + params.camera.principal_px[0]))
        row = round(float(params.camera.focal_px * y / z + params.camera.principal_px[1]))
        found.append(shown[row - 9 : row + 10, column - 9 : column + 10].mean())
    return found


@pytest.mark.parametrize("style", ["short_parted", "buzz", "slicked_back"])
def test_temples_turn_grey_and_the_crown_does_not(head, style):
    plain, greying = (brightness(head, Hair(style, BROWN, temples=t)) for t in (0.0, 0.7))
    assert greying[0] > 1.25 * plain[0]
    assert abs(greying[1] - plain[1]) < 0.12 * plain[1]


def test_words_grey_the_temples_and_another_grey_takes_them_back():
    rng = np.random.default_rng(0)
    hair = Hair("short", BROWN, grey=0.3)
    at = coloured(hair, {"grey": "temples"}, rng, is_new=False)
    assert at.temples > 0.3 and at.grey < 0.2
    assert coloured(at, {"grey": "full"}, rng, is_new=False).temples == 0
    assert coloured(at, {"grey_change": "more"}, rng, is_new=False).temples > at.temples
    assert replace(at, temples=0.0, grey=0.3) == hair
