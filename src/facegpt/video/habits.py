"""What the fit reads off a person's face at rest, and how their frames are told without it.

Low brows pass for lowered ones, small eyes for a squint, and the networks, which say the mean of what a picture may
show, call a face at rest a little of everything: the same in all frames of a person. The calmest frames of a clip show
these habits, if the face is ever at rest in it. They are then taken for the person's own shape: the head at rest has
them, and the weights count from there, as in the calibration of a neutral face that capture programs ask for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting.embedded import densely_embedded
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array

Floats = NDArray[np.float64]

#: SD of a unit's habit over people, by the beginning of its name, the first that fits; of clips of known motion.
_SD = (
    *(("eyeWide", 0.15), ("eyeSquint", 0.12), ("brow", 0.1), ("mouthRollUpper", 0.08), ("mouthShrugLower", 0.08)),
    *(("mouthPucker", 0.08), ("cheekPuff", 0.08), ("", 0.06)),
)
#: Units without habits here: the gaze, which is measured for itself, blinks and the tongue.
_WITHOUT = ("eyeLook", "eyeBlink", "tongueOut")
#: Share of the frames that are taken for the calmest, and how many at least; fewer frames in all say nothing.
CALM, LEAST_CALM, LEAST_FRAMES = 0.15, 3, 10
#: Mean square of the calm frames' weights over the habits' SDs: up to the first they are believed to be at rest, from
#: the second on not at all. Of frames, single units count no more than MOST.
AT_REST, IN_MOTION, MOST = 1.0, 1.5, 25.0
#: A unit further from rest than so many SDs is rather held than a habit.
HELD = 3.0
#: What a change of the identity by an SD costs, squared mm over the points of the face.
_RIDGE = 1.0


@dataclass(frozen=True, eq=False)
class Habits:
    """Weights (52,) of one person at rest: as the fit of frames finds them, and as the dense network says them."""

    fitted: Floats
    said: Floats


def habits_of(fitted: Array, said: Array) -> Habits | None:
    """The habits of a person by their frames in any order; None if there are few or the face is at rest in none.

    Args:
        fitted: (N, 52) weights that the fit of frames found.
        said: (N, 52) what the dense network said of them.
    """
    fitted, said = (np.asarray(weights, np.float64) for weights in (fitted, said))
    if len(fitted) < LEAST_FRAMES:
        return None
    sd, known = _sd(), _has_habits()
    restless = np.minimum((fitted / sd) ** 2, MOST)[:, known].mean(1)
    calm = np.argsort(restless, kind="stable")[: max(LEAST_CALM, round(CALM * len(fitted)))]
    rest = float(np.clip((IN_MOTION - np.median(restless[calm])) / (IN_MOTION - AT_REST), 0.0, 1.0))
    if rest == 0.0:
        return None

    def at_rest(weights: Floats) -> Floats:
        found = np.median(weights[calm], axis=0)
        held = np.maximum(found / (HELD * sd) - 1, 0.0)
        return np.where(known, rest * found * np.exp(-4 * held**2), 0.0)

    return Habits(at_rest(fitted), at_rest(said))


def identity_with_habits(model: MorphableModel, identity: Array, habits: Habits) -> Floats:
    """The identity (I,) nearest to one (I,) with its habits, by the points of the face that fits see."""
    basis = np.asarray(densely_embedded(model).surface.basis, np.float64)  # type: ignore[arg-type]
    count = len(identity)
    shapes = basis[:, :, :count].reshape(-1, count)
    moved = basis[:, :, count:].reshape(len(shapes), -1) @ habits.fitted
    change = np.linalg.solve(shapes.T @ shapes + _RIDGE * np.eye(count), shapes.T @ moved)
    return np.asarray(identity, np.float64) + change


def taken_off(said: Array, habits: Habits | None) -> Array:
    """What the dense network says of an expression (52,), beyond a person's habits."""
    return said if habits is None else np.maximum(np.asarray(said, np.float64) - habits.said, 0.0)


def stored(habits: Habits) -> Floats:
    """(2, 52) for a file."""
    return np.stack([habits.fitted, habits.said])


def restored(arrays: Array | None) -> Habits | None:
    """Habits from what `stored` gave; None without."""
    return None if arrays is None else Habits(*np.asarray(arrays, np.float64))


def _sd() -> Floats:
    return np.array([next(sd for start, sd in _SD if name.startswith(start)) for name in ARKIT_NAMES])


def _has_habits() -> NDArray[np.bool_]:
    return np.array([not name.startswith(_WITHOUT) for name in ARKIT_NAMES])
