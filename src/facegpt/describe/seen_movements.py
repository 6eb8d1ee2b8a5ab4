"""Which movements of a face are seen clearly enough to be told: weights of photos err."""

from __future__ import annotations

from collections.abc import Mapping

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_prototypes import CHANNELS, prototypes
from facegpt.describe.emotion_words import CLEAR_WEIGHT, without_smile_companions
from facegpt.describe.measure_words import MOVEMENT_WORDS

#: Expression weights below this are not seen.
SEEN_WEIGHT = 0.15
#: The same of a head from a photo, whose weights err by more than that; and of movements that begin unseen: a lid that
#: covers a third of an eye is no closed one.
SEEN_IN_PHOTO = 0.3
_LEAST_SEEN = {"eyeBlink": 0.5}
#: Of these photos often say more than the face does: mean of both sides from which they are told, and how far one side
#: must go beyond the other to be told alone.
_CLEAR_IN_PHOTO = {"mouthSmile": (0.35, 0.35), "eyeWide": (0.3, 0.5)}
#: Lids in a photo are wide from this gap over the eye's width on.
WIDE = 0.34
#: How far past the camera eyes look aside, degrees: those of people who look into it are read up to 14 beside it.
AVERTED_DEG = 15.0
_FAR_DEG = 40.0


def is_seen(key: str, weight: float, other: float, in_photo: bool, gaze_known: bool = False) -> bool:
    """Whether a movement of MOVEMENT_WORDS is seen, by its weight and that of the other side.

    gaze_known: where the eyes look is told by `averted` instead.
    """
    if not in_photo:
        return weight >= max(SEEN_WEIGHT, _LEAST_SEEN.get(key, 0.0))
    if key.startswith("eyeLook") and gaze_known:
        return False
    if key in _CLEAR_IN_PHOTO:
        both, one = _CLEAR_IN_PHOTO[key]
        return ((weight + other) / 2 >= both and other >= weight / 2) or weight - other >= one
    return weight >= max(SEEN_IN_PHOTO, _LEAST_SEEN.get(key, 0.0))


def averted(side_deg: float, down_deg: float) -> dict[str, float]:
    """Where eyes in a photo look, if past the camera: phrase → 0..1. side_deg: to the right of the picture."""
    told = [f"to the {'right' if side_deg > 0 else 'left'} of the picture"] if abs(side_deg) >= AVERTED_DEG else []
    told += ["down" if down_deg > 0 else "up"] if abs(down_deg) >= AVERTED_DEG else []
    far = min(max(abs(side_deg), abs(down_deg)) / _FAR_DEG, 1.0)
    return {f"eyes looking past the camera {' and '.join(told)}": far} if told else {}


def without_explained(seen: Mapping[str, float], weights: Mapping[str, float], emotion: str) -> dict[str, float]:
    """What of the movements of a photo is told beside the name of the feeling that it shows.

    The feeling's own movements stay. Others must be as clear as what tells a feeling at all, without what a smile
    brings along: lips that part over the teeth, or roll in.

    Args:
        seen: phrases that begin as one of MOVEMENT_WORDS → 0..1.
        weights: blendshapes of the photo, ARKIT name → 0..1.
        emotion: the name of the feeling; of one that no prototype knows all stays.
    """
    names, rows = prototypes()
    if emotion not in names:
        return dict(seen)
    own = {stem for (_, stem), share in zip(CHANNELS, rows[names.index(emotion)], strict=False) if share > 0}
    beside = dict(zip(ARKIT_NAMES, without_smile_companions(weights), strict=True))
    kept = {}
    for phrase, strength in seen.items():
        stem = next((stem for stem, words in MOVEMENT_WORDS.items() if phrase.startswith(words)), "")
        clear = max((w for name, w in beside.items() if name.startswith(stem)), default=0.0)
        if stem in own or min(strength, clear) >= CLEAR_WEIGHT:
            kept[phrase] = strength
    return kept
