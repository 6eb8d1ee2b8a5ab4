"""Articulation to blendshapes: the nine tracks as weights of the 52 ARKit units, with contacts that are exact.

mouthClose takes back what jawOpen opens (Apple's definition), so lips meet whatever the jaw does when both are equal;
everything else that parts the lips fades out as they close.
"""

from __future__ import annotations

import numpy as np

from facegpt.animate.speech.phones import TRACKS
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array

#: Weight of each unit for a track of 1, "*" for both sides.
_OPEN = {
    "round": {"mouthPucker": 0.95},
    "funnel": {"mouthFunnel": 0.6, "jawForward": 0.15},
    "spread": {"mouthStretch*": 0.45, "mouthSmile*": 0.22, "mouthDimple*": 0.15},
    "upper": {"mouthUpperUp*": 0.8},
    "lower": {"mouthLowerDown*": 0.9},
}
_PRESSED = {"mouthPress*": 0.3, "mouthRollLower": 0.1, "mouthRollUpper": 0.12}
_BITTEN = {"mouthRollLower": 0.55, "mouthUpperUp*": 0.2, "mouthShrugLower": 0.1}
#: Tongue at the teeth: a part of tongueOut, with the teeth as far apart as it needs.
_TONGUE_OUT, _TONGUE_JAW = 0.6, 0.13
#: Share of the jaw's opening that mouthClose takes back when the lower lip is at the upper teeth.
_BITTEN_CLOSE = 0.6
#: Rounded lips draw together: rounding of the first closes the second's share of the jaw's opening (Fromkin 1964).
_ROUND_FULL, _ROUND_CLOSE = 0.7, 0.7


def blendshapes(tracks: Array, mouth: float = 1.0) -> Array:
    """Weights (T, 52) 0..1 in the order of ARKIT_NAMES for articulation (T, 9).

    mouth: factor of how far the mouth opens and moves, 1 is ordinary; contacts stay contacts.
    """
    of = dict(zip(TRACKS, np.asarray(tracks, np.float64).T, strict=True))
    closed, teeth, tongue = (of[name] for name in ("closed", "teeth", "tongue"))
    narrowed = _ROUND_CLOSE * np.clip(of["round"] / _ROUND_FULL, 0.0, 1.0)
    out = tongue * (1 - closed) * (1 - teeth)
    free = (1 - closed) * (1 - 0.8 * teeth) * (1 - narrowed) * (1 - 0.7 * out)
    weights = np.zeros((len(tracks), len(ARKIT_NAMES)))
    for track, units in _OPEN.items():
        fading = free if track in ("funnel", "upper", "lower") else 1 - 0.5 * closed
        _add(weights, units, of[track] * fading * mouth)
    _add(weights, _PRESSED, closed)
    _add(weights, _BITTEN, teeth * (1 - closed))
    _add(weights, {"tongueOut": _TONGUE_OUT}, out)
    jaw = np.minimum(np.maximum(of["jaw"] * mouth, _TONGUE_JAW * out), 1.0)
    _add(weights, {"jawOpen": 1.0}, jaw)
    _add(weights, {"mouthClose": 1.0}, jaw * np.maximum(closed, np.maximum(_BITTEN_CLOSE * teeth, narrowed)))
    return np.clip(weights, 0.0, 1.0)


def _add(weights: Array, units: dict[str, float], amount: Array) -> None:
    for name, weight in units.items():
        for side in ("Left", "Right") if name.endswith("*") else ("",):
            weights[:, ARKIT_NAMES.index(name.removesuffix("*") + side)] += weight * amount
