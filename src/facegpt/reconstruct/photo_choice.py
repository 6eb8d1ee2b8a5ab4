"""Which photos of a person to make a head from where there are many, and which photo would help next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facegpt.conventions import euler_deg_from_rotation
from facegpt.metrics import angle_between_deg
from facegpt.types import Array, Detection

#: A face of half the width is worth as much as this many degrees less of a turn from those that are chosen already.
DEGREES_A_HALVING = 8.0
#: From this yaw on a photo shows a side of the face, degrees.
SIDE_DEG = 12.0


def spread_out(detections: Sequence[Detection], most: int) -> list[int]:
    """Rows of at most so many photos, in their order: large faces whose turns differ, a frontal one among them."""
    if len(detections) <= most:
        return list(range(len(detections)))
    turns = [np.asarray(one.rotation, np.float64) for one in detections]
    width = np.array([max(float(one.box[2] - one.box[0]), 1.0) for one in detections])
    small = DEGREES_A_HALVING * np.log2(width.max() / width)
    off = np.array([np.hypot(*euler_deg_from_rotation(turn)[:2]) for turn in turns])
    chosen = [int(np.argmin(off + small))]
    apart = np.array([angle_between_deg(turn, turns[chosen[0]]) for turn in turns])
    while len(chosen) < most:
        worth = apart - small
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        apart = np.minimum(apart, [angle_between_deg(turn, turns[chosen[-1]]) for turn in turns])
    return sorted(chosen)


def refusals(names: Sequence[str]) -> list[str]:
    """Which photos do not agree with the others: a sentence, or [] where all do."""
    if not names:
        return []
    return [
        f"{_listed(names, 'does', 'do')} not match the other photos (another person, a mirrored picture, a strong "
        "expression, blur, or turned too far), so nothing there was used to measure the shape"
    ]


def reversals(names: Sequence[str]) -> list[str]:
    """Which photos show the person as a mirror does: a sentence, or [] where none does."""
    if not names:
        return []
    return [
        f"{_listed(names, 'is', 'are')} mirrored, as selfies often are: moles and other marks lie on the other side "
        "than in the other photos, so nothing there was used to measure the shape; flip left and right and try again"
    ]


def _listed(names: Sequence[str], one: str, several: str) -> str:
    """Names and the verb that goes with as many: "a.jpg and b.jpg are"."""
    return f"{', '.join(names[:-1])} and {names[-1]} {several}" if len(names) > 1 else f"{names[0]} {one}"


def advice(rotations: Sequence[Array], agreed: bool) -> list[str]:
    """What would make a person's head better: sentences, [] where nothing is missing.

    rotations: (3, 3) head → camera of each photo. agreed: whether the photos' skin was matched (`facegpt.parallax`).
    """
    yaws = [euler_deg_from_rotation(np.asarray(turn, np.float64))[0] for turn in rotations]
    left, right = max(yaws) > SIDE_DEG, min(yaws) < -SIDE_DEG
    if not left and not right:
        return [
            "all photos show the face from the front, so how far nose, chin and cheeks stand out is partly guessed; "
            "add photos with the head turned 20 to 40 degrees to either side"
        ]
    if not agreed and len(yaws) > 1:
        return [
            "the skin of these photos could not be matched (another person, one of them mirrored, a strong expression, "
            "blur, make-up or too little in common), so the head is the mean of single fits; add sharp photos of a "
            "calm face, turned by 15 to 35 degrees to each other"
        ]
    missing = "right" if left else "left"
    return [] if left and right else [f"one more photo with the head turned to the person's {missing} would help"]
