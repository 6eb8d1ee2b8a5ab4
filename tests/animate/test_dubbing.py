"""A clip's person who says something else: upper face, gaze and turns stay the clip's, the mouth is new."""

from __future__ import annotations

import numpy as np

from facegpt.animate.curves import Curves
from facegpt.animate.subject import Subject
from facegpt.conventions import ARKIT_NAMES
from facegpt.language.dialogue.made_heads import mean_head

BLINK, BROW, JAW, SMILE = (ARKIT_NAMES.index(n) for n in ("eyeBlinkLeft", "browInnerUp", "jawOpen", "mouthSmileLeft"))


def filmed(count=50, fps=25.0):
    """A clip in which somebody blinks once, raises the brows, smiles, and turns slowly."""
    weights = np.zeros((count, 52))
    weights[20:24, BLINK], weights[:, BROW], weights[:, SMILE] = 1.0, 0.5, 0.8
    turns = np.column_stack([np.linspace(0, 10, count), np.zeros(count), np.zeros(count)])
    return Curves(ARKIT_NAMES, weights, fps, turns)


def spoken(count=150, fps=50.0):
    weights = np.zeros((count, 52))
    weights[:, JAW], weights[:, BLINK] = 0.3, 0.2
    return Curves(ARKIT_NAMES, weights, fps).complete()


def test_a_dubbed_clip_keeps_its_eyes_brows_and_turns_and_gets_another_mouth(head):
    dubbed = Subject(mean_head(head), filmed()).with_own_turns(spoken(), dubbed=True)
    assert np.allclose(dubbed.weights[:, JAW], 0.3) and np.allclose(dubbed.weights[:, SMILE], 0)
    assert np.allclose(dubbed.weights[:, BROW], 0.5)
    shut = np.flatnonzero(dubbed.weights[:, BLINK] > 0.5) / dubbed.fps
    assert abs(shut.mean() - 21.5 / 25) < 0.03, "the blink stays where it was in the clip, seconds"
    assert abs(dubbed.turns[50, 0] - 10 * 25 / 49) < 0.1
    assert np.allclose(dubbed.turns[-1], [10, 0, 0]), "after the clip the head stays as it was last"


def test_a_performance_on_a_clip_keeps_its_turns_alone(head):
    moved = Subject(mean_head(head), filmed()).with_own_turns(spoken())
    assert np.allclose(moved.weights[:, BROW], 0) and abs(moved.turns[-1, 0] - 10) < 1e-6
