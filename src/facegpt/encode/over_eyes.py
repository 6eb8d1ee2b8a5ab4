"""What hangs over both eyes: the network of parts takes hair there for a cap, which no head wears over its eyes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.detect.geometry import EYE_CONTOURS
from facegpt.encode.parts import HAIR, HAT, FaceParts

#: Pixels of the map around an eye's middle; belief in hair or headwear there from which it hangs over it (one of 295
#: CC0 pictures has more than .02), and in headwear from which it is hair: veils and visors have less.
EYE_PX, HUNG_OVER, HAIR_OVER = 2, 0.05, 0.15


def at_eyes(parts: FaceParts, *which: int) -> float:
    """Belief in some parts at the middle of the eye that is freer of them; 0 where no points tell."""
    if parts.points is None:
        return 0.0
    points = parts.on_map(np.asarray(parts.points)[:, :2])
    beliefs, last = [], len(parts.seen) - 1 - EYE_PX
    for eye in EYE_CONTOURS:
        x, y = np.clip(np.rint(points[list(eye)].mean(0)).astype(int), EYE_PX, last)
        near = parts.probabilities[y - EYE_PX : y + EYE_PX + 1, x - EYE_PX : x + EYE_PX + 1]
        beliefs.append(near[..., list(which)].sum(-1).mean())
    return float(min(beliefs))


def covers_eyes(parts: FaceParts) -> bool:
    """Whether hair or cloth hangs over both eyes."""
    return at_eyes(parts, HAIR, HAT) > HUNG_OVER


def with_hair_over_eyes(parts: FaceParts) -> FaceParts:
    """The parts with hair for headwear that lies over both eyes."""
    if at_eyes(parts, HAT) < HAIR_OVER:
        return parts
    probabilities = parts.probabilities.copy()
    probabilities[..., HAIR] += probabilities[..., HAT]
    probabilities[..., HAT] = 0
    return replace(parts, probabilities=probabilities, doubted=None, disputed=None)
