"""Turns of a photo's head in words: how far and which way, by the subject's own left and right."""

from __future__ import annotations

import pytest

from facegpt.conventions import rotation_from_euler_deg
from facegpt.picture.turn_words import turn_asked
from facegpt.types import Pose


@pytest.fixture
def params(head):
    """A head that is turned by 10 degrees to its left."""
    from scripted_look import head_at

    params = head_at(head, 0.0)
    turn = rotation_from_euler_deg(10.0, 0.0, 0.0)
    return params.replace(pose=Pose(turn, params.pose.translation))


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("turn her head 15 degrees to the left", (15, 0)),
        ("turn his head 20° right", (-20, 0)),
        ("turn her head slightly to the right", (-6, 0)),
        ("turn the face up", (0, -8)),
        ("turn him 10 degrees down", (0, 10)),
        ("please turn her head a bit to her left", (6, 0)),
    ],
)
def test_a_turn_is_read_with_its_degrees_and_its_way(params, text, turn):
    asked = turn_asked(text, params)
    assert (asked.yaw_deg, asked.pitch_deg) == turn and asked.rest == ""


@pytest.mark.parametrize(
    "text",
    ["turn her hair brown", "turn her into a witch", "turn the corners of his mouth up", "smile", "turn her eyes left",
     "turn him red", "make her look to the left"],
)  # fmt: skip
def test_what_is_no_turn_of_the_head_is_left_to_the_reader(params, text):
    assert turn_asked(text, params) is None


def test_to_me_turns_the_head_back_to_the_camera(params):
    asked = turn_asked("turn her to me", params)
    assert asked.yaw_deg == pytest.approx(-10, abs=0.5) and abs(asked.pitch_deg) < 0.5


def test_what_else_is_asked_stays(params):
    assert turn_asked("turn her head to the left and make her smile", params).rest == "make her smile"


def test_degrees_are_the_turn_that_is_drawn(head, params):
    from facegpt.picture.turning import head_turn_deg, turned

    asked = turn_asked("turn her head 15 degrees to the left", params)
    yaw, pitch, _ = head_turn_deg(params, turned(params, asked.yaw_deg, asked.pitch_deg))
    assert yaw == pytest.approx(15, abs=0.5) and abs(pitch) < 0.5
