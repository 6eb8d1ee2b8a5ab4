"""How speech becomes motion: settings shared by every way in."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from facegpt.errors import FaceGPTError


@dataclass(frozen=True)
class SpeechSettings:
    """How a sound moves a mouth.

    Attributes:
        fps: curves a second.
        mouth: how far the mouth opens and moves, 1 is ordinary; 0.2 to 2. Lips that close still close.
        emotion: a name of describe's emotions that colours the whole speech, or None.
        intensity: of the emotion, or of the mood (0.7 shows that as it is), 0..1.
        mood: weights (52,) of ARKit units that colour the whole speech in the place of an emotion, or None.
        transcript: the English words of a recorded sound, whose sounds are then found in it (extra phonetic); or None.

    Raises:
        FaceGPTError: for values out of range.
    """

    fps: float = 60.0
    mouth: float = 1.0
    emotion: str | None = None
    intensity: float = 0.7
    mood: tuple[float, ...] | None = None
    transcript: str | None = None

    def __post_init__(self) -> None:
        if not 5 <= self.fps <= 240:
            raise FaceGPTError(f"speech gives 5 to 240 curves a second, not {self.fps:g}")
        if not 0.2 <= self.mouth <= 2.0:
            raise FaceGPTError(f"the opening of the mouth is 0.2 to 2, not {self.mouth:g}")
        if not 0.0 <= self.intensity <= 1.0:
            raise FaceGPTError(f"the intensity of an emotion is 0 to 1, not {self.intensity:g}")
        if self.mood is not None and self.emotion is not None:
            raise FaceGPTError("give an emotion, or a mood in words or as a photo, not both")


USUAL = SpeechSettings()


def changed(settings: SpeechSettings, **how: Any) -> SpeechSettings:
    """The settings with single ones changed by name. Raises FaceGPTError for a name that there is not."""
    names = [field.name for field in fields(SpeechSettings)]
    strange = [name for name in how if name not in names]
    if strange:
        raise FaceGPTError(f"speech has no setting '{strange[0]}'; it has {', '.join(names)}")
    return replace(settings, **how)
