"""Which photos of a person to make a head from where there are many, and which photo would help next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.describe.lists import listed
from facegpt.describe.scene import SOFT
from facegpt.metrics import angle_between_deg
from facegpt.types import Array, Detection

#: A face of half the width is worth as much as this many degrees less of a turn from those that are chosen already.
DEGREES_A_HALVING = 8.0
#: So is a face that is half as sharp as one that is just sharp enough; and a unit of expression more than the calmest
#: face has, gaze apart, as so many degrees: at `facegpt.reconstruct.unmatched.MOVED` skin hardly matches.
DEGREES_A_UNIT = 8.0
MOVING = [k for k, name in enumerate(ARKIT_NAMES) if not name.startswith("eyeLook")]
#: Names that a sentence lists of more photos than that.
MOST_NAMED = 6
#: Matches that lie so many times further off than a still face's are told of.
UNSURE = 1.2
#: From this yaw on a photo shows a side of the face, degrees.
SIDE_DEG = 12.0


def spread_out(detections: Sequence[Detection], most: int, sharpness: Sequence[float] | None = None) -> list[int]:
    """Rows of at most so many photos, in their order: sharp, calm, large faces whose turns differ, a frontal one too.

    sharpness: `face_sharpness` of each; None counts all as sharp.
    """
    if len(detections) <= most:
        return list(range(len(detections)))
    turns = [np.asarray(one.rotation, np.float64) for one in detections]
    poor = _poor_deg(detections, np.full(len(turns), SOFT) if sharpness is None else np.asarray(sharpness))
    off = np.array([np.hypot(*euler_deg_from_rotation(turn)[:2]) for turn in turns])
    chosen = [int(np.argmin(off + poor))]
    apart = np.array([angle_between_deg(turn, turns[chosen[0]]) for turn in turns])
    while len(chosen) < most:
        worth = apart - poor
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        apart = np.minimum(apart, [angle_between_deg(turn, turns[chosen[-1]]) for turn in turns])
    return sorted(chosen)


def _poor_deg(detections: Sequence[Detection], sharpness: Array) -> Array:
    """What is worse of each photo than of the best (N,): small, soft or moved faces, as degrees of a turn."""
    width = np.array([max(float(one.box[2] - one.box[0]), 1.0) for one in detections])
    soft = np.maximum(np.log2(SOFT / np.maximum(sharpness, 1e-3)), 0.0)
    moved = np.array([float(np.asarray(one.scores)[MOVING].sum()) for one in detections])
    return DEGREES_A_HALVING * (np.log2(width.max() / width) + soft) + DEGREES_A_UNIT * (moved - moved.min())


def refusals(reasons: Sequence[tuple[str, str]]) -> list[str]:
    """Which photos do not agree with the others, a sentence each with its one reason. reasons: name and why."""
    return [
        f"{name} does not match the other photos, so nothing there was used to measure the shape: {why}"
        for name, why in reasons
    ]


def reversals(names: Sequence[str]) -> list[str]:
    """Which photos show the person as a mirror does: a sentence, or [] where none does."""
    if not names:
        return []
    return [
        f"{_listed(names, 'is', 'are')} mirrored, as selfies often are: brows, folds and marks lie on the other side "
        "than in the other photos; left and right were changed there"
    ]


def faceless(names: Sequence[str]) -> list[str]:
    """Which photos show nobody: a sentence, or [] where all show a face."""
    if not names:
        return []
    return [f"no face was found in {_some(names)}, so {'it was' if len(names) == 1 else 'they were'} left out"]


def spare(names: Sequence[str], used: int) -> list[str]:
    """Which photos were more than a head needs: a sentence, or [] for none."""
    if not names:
        return []
    told = _listed(names, "was", "were")
    return [f"{told} left out: the {used} others show the face larger, sharper, calmer or turned otherwise"]


def crowds(counts: Sequence[tuple[str, int]]) -> list[str]:
    """Which photos show other people too: a sentence each. counts: names, and how many faces were found."""
    return [
        f"{name} shows {count} faces: the one most like the face of the other photos was taken, and "
        f"{'the other one is' if count == 2 else 'the others are'} left out"
        for name, count in counts
    ]


def unmatched(best: str, why: str) -> str:
    """What is said where no skin was matched. best: name of the photo that the head is taken from."""
    return (
        f"no skin was matched from photo to photo: {why}; the head is hardly better than one of {best} alone, and "
        "sharp photos of a calm face, turned by 15 to 35 degrees to each other, would help"
    )


def unsure(doubt: float) -> list[str]:
    """What is said of photos whose matches lie further from one head than those of a still face; [] for such a face.

    doubt: how many times as far (`facegpt.parallax.person.Agreement`).
    """
    if doubt < UNSURE:
        return []
    return [
        f"the skin of the photos agrees {doubt:.1f} times less closely than that of a face that keeps still, as with "
        "motion blur, filters, make-up that changes or strong expressions, so the shape is less sure than usual"
    ]


def unasked(names: Sequence[str]) -> list[str]:
    """Which photos were not compared, for others show the same side: a sentence, or [] for none."""
    if not names:
        return []
    told = _listed(names, "shows", "show")
    return [f"{told} a side of the face that another photo shows too, so the skin there was not compared"]


def sources(best: str, count: int, worn: Sequence[str]) -> list[str]:
    """Which photo gave what of one head that is made from several; [] of a single one. worn: "hair", "glasses"."""
    if count < 2:
        return []
    both = "both photos" if count == 2 else f"all {count} photos"
    fitted = f"{listed(worn)} {'are' if 'glasses' in worn else 'is'} fitted to it and to those that show the same, "
    return [
        f"skin, eyes, expression and pose are those of {best}, which shows the most of a calm face; "
        f"{fitted if worn else ''}the shape {'to' if worn else 'is fitted to'} {both}"
    ]


def _listed(names: Sequence[str], one: str, several: str) -> str:
    """Names and the verb that goes with as many: "a.jpg and b.jpg are"."""
    return f"{_some(names)} {several if len(names) > 1 else one}"


def _some(names: Sequence[str]) -> str:
    """Names as a list; of very many the first ones, and how many more there are."""
    if len(names) <= MOST_NAMED:
        return listed(names)
    return listed([*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} more photos"])


def advice(rotations: Sequence[Array]) -> list[str]:
    """Which photo more would make a person's head better: a sentence, [] where nothing is missing.

    rotations: (3, 3) head → camera of each photo.
    """
    yaws = [euler_deg_from_rotation(np.asarray(turn, np.float64))[0] for turn in rotations]
    left, right = max(yaws) > SIDE_DEG, min(yaws) < -SIDE_DEG
    if not left and not right:
        return [
            "all photos show the face from the front, so how far nose, chin and cheeks stand out is partly guessed; "
            "add photos with the head turned 20 to 40 degrees to either side"
        ]
    missing = "right" if left else "left"
    return [] if left and right else [f"one more photo with the head turned to the person's {missing} would help"]
