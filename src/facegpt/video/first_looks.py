"""Skin, hair and glasses of people who are met on the way: those of streams, which nobody can survey, and newcomers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.texture import texture_from_photo
from facegpt.conventions import euler_deg_from_rotation
from facegpt.hair.accessories import Wishes
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.video.accessories import Picture, accessories_of, with_hair_painted
from facegpt.video.clip import Frame
from facegpt.video.observation import View, params_of
from facegpt.video.survey import TEXTURE_SIZE, parts_of
from facegpt.video.tracker import FaceTracker, Track

#: Skin is taken from frames whose head is turned less than this, degrees.
MOST_YAW_DEG = 20.0


@dataclass(eq=False)
class FirstLooks:
    """Takes the looks of people who have none yet from the first frame that shows them from the front.

    Attributes:
        textures: (S, S, 4) uint8 of skin by track_id; those that are taken are added.
        wishes: which hair and glasses they wear.
    """

    textures: dict[int, NDArray[np.uint8]]
    wishes: Wishes

    def __call__(self, tracker: FaceTracker, frame: Frame, rows: list[NDArray[np.void]]) -> bool:
        """Look at the faces of a frame; whether any look was taken."""
        by_number = {int(row["track_id"]): row for row in rows}
        taken = False
        for track in tracker.tracks:
            row, person = by_number.get(track.person.number), track.person
            if row is None or person.albedo is not None or track.seen is None:
                continue
            if abs(euler_deg_from_rotation(row["rotation"])[0]) <= MOST_YAW_DEG:
                taken |= self._take(tracker, frame, track, row)
        return taken

    def _take(self, tracker: FaceTracker, frame: Frame, track: Track, row: NDArray[np.void]) -> bool:
        """Take skin, light, hair and glasses of one person; False for head models without a skin of their own."""
        model, person, seen = tracker.model, track.person, track.seen
        if seen is None or not isinstance(model, MakeHumanHead):
            return False
        others = [other.seen.detection.points for other in tracker.tracks if other is not track and other.seen]
        parts, view = parts_of(frame, seen, others), View(frame.pixels.shape[1], frame.pixels.shape[0])
        params = params_of(model, tracker.head(person), row, view, None, None)
        skin = texture_from_photo(frame.pixels, model, params, TEXTURE_SIZE, seen.dense, parts)
        person.albedo, person.lighting = skin.albedo, skin.lighting
        lit = params.replace(albedo=skin.albedo, lighting=skin.lighting)
        picture = Picture(frame.pixels, lit, seen.dense, parts)
        person.accessories = accessories_of(model, [picture], skin.texture, self.wishes)
        self.textures[person.number] = with_hair_painted(model, skin.texture, person.accessories, skin.confidence)
        return True
