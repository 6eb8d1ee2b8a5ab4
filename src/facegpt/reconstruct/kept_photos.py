"""Heads of the last photos, kept so that a conversation that comes back to a photo finds the same ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from facegpt.data.images import Photo
from facegpt.describe.scene import Scene
from facegpt.face import Face
from facegpt.reconstruct.scene import scene_around

#: Photos whose heads are kept.
PHOTOS_KEPT = 8


@dataclass
class KeptPhotos:
    """The heads of photos by the photos' pixels, the latest ones."""

    heads: dict[str, list[Face]] = field(default_factory=dict)

    def of(self, photo: Photo, make: Callable[[Photo], list[Face]]) -> list[Face]:
        """The heads of a photo: those made before, or made now."""
        key = hashlib.sha256(photo.pixels.tobytes()).hexdigest()
        if key not in self.heads:
            self.heads[key] = make(photo)
            for old in list(self.heads)[:-PHOTOS_KEPT]:
                del self.heads[old]
        return self.heads[key]

    def scene(self, face: Face, device: str) -> Scene | None:
        """What the photo of a face shows around it; None where there is no photo."""
        if face.photo is None:
            return None
        row = next((found for found in self.heads.values() if any(one is face for one in found)), [face])
        return scene_around(face, [one for one in row if one is not face], device)
