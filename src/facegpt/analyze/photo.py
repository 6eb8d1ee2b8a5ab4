"""From a photo to what is seen on each of its faces."""

from __future__ import annotations

import logging

from facegpt.analyze.seen import Seen
from facegpt.data.images import Photo
from facegpt.fitting import FitError
from facegpt.reconstruct.photo import PhotoModel, bald_head, faces_seen, largest_first

log = logging.getLogger("facegpt")


def analyze_photo(model: PhotoModel, photo: Photo) -> list[Seen]:
    """What is seen on the faces of a photo, the largest first; [] when there is none.

    Each face is looked at by the networks and a head is fitted to it, as `reconstruct` does in "fast"; parts, hair and
    glasses are found when they are first asked for. A face that no head can be fitted to is left out.
    """
    found = []
    for observation in faces_seen(model, photo):
        try:
            found.append(Seen(observation, bald_head(model, observation, "fast")[0]))
        except FitError as error:
            log.warning("a face was left out: %s", error)
    order = largest_first([seen.face for seen in found])
    return sorted(found, key=lambda seen: next(k for k, face in enumerate(order) if face is seen.face))
