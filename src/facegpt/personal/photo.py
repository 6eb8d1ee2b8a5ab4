"""Photos of somebody who has an avatar: their own head and skin, with the photo's pose, expression and light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.appearance.known_skin import light_on_skin
from facegpt.data.images import Photo
from facegpt.detect.locate import window_of
from facegpt.encode.face_chips import face_chip
from facegpt.encode.face_describer import face_describer
from facegpt.face import Face
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.hair.accessories import Wishes
from facegpt.personal.known import AvatarSource, known_person, opened
from facegpt.reconstruct.headwear import check_headwear, with_headwear
from facegpt.reconstruct.photo import PhotoModel, check_quality, faces_seen, heads_of, largest_first
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.shirt import check_shirt, with_shirt
from facegpt.reconstruct.skin_detail import chosen_detail, with_detail
from facegpt.runtime.threads import one_thread
from facegpt.types import FaceGPTError
from facegpt.video.frame_fit import fit_frame, known_head, settle_focal
from facegpt.video.observation import View, params_of, record_of
from facegpt.video.people import SAME_PERSON, KnownPerson
from facegpt.video.survey import StrangersError


def reconstruct_known(
    model: PhotoModel,
    photo: Photo,
    quality: str,
    avatar: AvatarSource,
    detail: str | None = None,
    hair: str = "auto",
    glasses: str = "auto",
    headwear: str = "auto",
    shirt: str = "auto",
) -> list[Face]:
    """Heads of the faces in a photo, the largest first; the avatar's face wears their own head, relief and hair.

    Headwear and shirt are the photo's; a cap counts where the avatar's clips show some headwear as well.

    Raises:
        FaceGPTError: if there is no such quality, detail or dress, the avatar cannot be used, or the head model has no
            dense landmark network.
        StrangersError: if no face is the known person's.
        FitError: if their face has no points to fit to.
    """
    check_quality(quality)
    check_headwear(headwear)
    check_shirt(shirt)
    wanted = "off" if detail is None else chosen_detail(detail, model.head, quality)  # the avatar may have its own
    known = known_person(model, opened(avatar, model.head)).wearing(Wishes(hair, glasses))
    seen = list(faces_seen(model, photo, quick=quality == "fast"))
    distances = _distances(photo, seen, known)
    if not distances or min(distances) >= SAME_PERSON:
        where = "the photo" if photo.path is None else str(photo.path)
        raise StrangersError(where, known.name, min(distances, default=None))
    theirs = int(np.argmin(distances))
    rest = [one for k, one in enumerate(seen) if k != theirs]
    others = heads_of(model, rest, quality, detail, hair, glasses, headwear, shirt)
    own = with_headwear(own_face(photo, seen[theirs], known), seen[theirs], headwear)
    own = with_shirt(own, seen[theirs], shirt)
    if known.detail is None or detail == "off":
        own = with_detail(own, seen[theirs], wanted)
    else:
        own = replace(own, detail=known.detail, detail_mesh=wanted == "mesh")
    return largest_first([own, *others])


def _distances(photo: Photo, seen: list[SeenFace], known: KnownPerson) -> list[float]:
    """How far each face is from the known person by the recognition network."""
    rows = list(MEDIAPIPE_68)
    chips = [face_chip(photo.pixels, one.detection.points[rows, :2]) for one in seen]
    if not chips:
        return []
    return np.linalg.norm(face_describer()(np.stack(chips)) - known.descriptor, axis=1).tolist()


@one_thread()
def own_face(photo: Photo, seen: SeenFace, known: KnownPerson) -> Face:
    """The known person's face in a photo: pose, focal length, expression and gaze, then the light."""
    pixels, detection, dense = photo.pixels, seen.detection, seen.dense
    if known.landmarker is not None:
        dense = known.landmarker.predict(pixels, detection)
    if dense is None:
        raise FaceGPTError("heads of one's own need the dense landmark network of the default head")
    size = pixels.shape[1], pixels.shape[0]
    focal_px = photo.focal_px
    if focal_px is None:
        focal_px = settle_focal(known_head(known.head, None), detection, dense, size)[0].focal_px
    head = known_head(known.head, focal_px, known.expression_sd)
    fit = fit_frame(head, detection, dense, size)
    row = record_of(0, 0.0, 0, fit, detection.box, _window(detection.points), detection.confidence)
    params = params_of(known.head, head, row, View(*size), known.albedo, None)
    light = light_on_skin(pixels, known.head, params, known.texture, dense)
    params = known.accessories.on(params.replace(lighting=light, camera=params.camera.scaled(1 / photo.scale)))
    return Face(known.head, params, pixels, known.texture, confidence=float(detection.confidence))


def _window(points: np.ndarray) -> np.ndarray:
    window = window_of(points)
    return np.array([window.x, window.y, window.side, window.roll_rad])
