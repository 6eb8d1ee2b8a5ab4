"""Pictures of the studio as evaluations look at them: of people that no network was trained on, with the truth."""

from __future__ import annotations

from dataclasses import dataclass

from facegpt.types import Array, Detection
from facegpt_lab.evaluate.judges.known_shape import points68_px
from facegpt_lab.evaluate.judges.same_face import annotated_face
from facegpt_lab.evaluate.shared_networks import detector, head
from facegpt_lab.synthesis.studio.sample import StudioPhoto, StudioSettings, make_photo

#: Seeds of single pictures, far from those that the networks were trained on; side in pixels.
STUDIO_SEED, STUDIO_PX = 910_000_000, 512
SETTINGS = StudioSettings("photo", STUDIO_PX)


@dataclass(frozen=True, eq=False)
class StudioPicture:
    """The photo with its truth, the true 68 points (68, 2) px, and the face as it was found, None if it was not."""

    photo: StudioPhoto
    marks_px: Array
    detection: Detection | None


def look_at(photo: StudioPhoto) -> StudioPicture:
    """A photo of the studio with the face that the detector finds where the truth has it."""
    marks = points68_px(head(), photo.params)
    return StudioPicture(photo, marks, annotated_face(detector().detect(photo.image), marks))


def picture(seed: int) -> StudioPicture:
    """The picture of a number, looked at."""
    return look_at(make_photo(seed, SETTINGS))
