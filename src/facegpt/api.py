"""The model as people use it: photos in, faces out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.data.images import ImageSource, Photo, read_image
from facegpt.detail.texture import texture_from_photo, tone_from_photo
from facegpt.detect.base import Detector
from facegpt.face import OWN_IMAGE_SIZE, Face
from facegpt.fitting import FitError, fit_landmarks, fit_photo
from facegpt.models import load_head
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman import MakeHumanHead
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Camera, Detection, FaceGPTError, FaceParams, Fit, Pose

log = logging.getLogger("facegpt")

#: What each quality adds to the fitted head: the side of the texture taken from the photo, None for none.
TEXTURE_SIZE: dict[str, int | None] = {"fast": None, "balanced": 1024, "best": 2048}
#: No face is found in pictures smaller than this, pixels.
SMALLEST_SIDE = 16


class NotInThisReleaseError(FaceGPTError, NotImplementedError):
    """A promise of the public interface that a later release keeps."""


def load(name: str = "default", device: str = "cpu") -> FaceGPT:
    """Load a model: "default" is the one inside the package, which needs no download and no account.

    Args:
        name: "default", or the name of another head model that is installed (`facegpt models list`).
        device: "cpu".

    Raises:
        FaceGPTError: if there is no such model or device, or a data file is damaged.
    """
    if device != "cpu":
        raise FaceGPTError(f"device '{device}' is not in this release; use device='cpu'")
    head = load_head(name)
    return FaceGPT(head, fit_colours=fit_photo if isinstance(head, MakeHumanHead) else None)


def _default_detector() -> Detector:
    from facegpt.detect.mediapipe import MediaPipeDetector

    return MediaPipeDetector()


@dataclass(frozen=True, eq=False)
class FaceGPT:
    """Makes 3D heads from photos. Get one from `load()`.

    Attributes:
        head: the head model.
        make_detector: gives the detector of faces; called when the first photo comes.
        fit: fits the head to one detection (as `facegpt.fitting.fit_landmarks`).
        texture: takes the skin from the photo (as `facegpt.detail.texture.texture_from_photo`).
        tone: takes only its tone and the light (as `facegpt.detail.texture.tone_from_photo`).
        fit_colours: fits it to the photo as well (as `facegpt.fitting.fit_photo`), or None for heads without an albedo
            model: then every quality has the shape of "fast".
    """

    head: MorphableModel = field(repr=False)
    make_detector: Callable[[], Detector] = field(default=_default_detector, repr=False)
    fit: Callable[..., Fit] = field(default=fit_landmarks, repr=False)
    texture: Callable[..., Any] = field(default=texture_from_photo, repr=False)
    tone: Callable[..., Any] = field(default=tone_from_photo, repr=False)
    fit_colours: Callable[..., Fit] | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"<FaceGPT with the head model {self.head.model_id}>"

    @cached_property
    def detector(self) -> Detector:
        """The detector of faces."""
        return self.make_detector()

    def reconstruct(self, image: ImageSource | Photo, quality: str = "balanced") -> list[Face]:
        """Make a head of each face in a photo; the largest comes first, [] when there is none.

        Args:
            image: a path, a PIL image or an sRGB array (see `read_image`).
            quality: "fast" gives the shape and a typical skin of the photo's tone; "balanced" takes the skin from the
                photo at 1024 texels a side, "best" at 2048.

        Raises:
            ImageError: if the photo cannot be read.
        """
        if quality not in TEXTURE_SIZE:
            raise FaceGPTError(f"quality is one of {', '.join(TEXTURE_SIZE)}, not '{quality}'")
        photo = image if isinstance(image, Photo) else read_image(image)
        if min(photo.pixels.shape[:2]) < SMALLEST_SIDE:
            return []
        detector = self.detector.quick if quality == "fast" else self.detector
        faces = [self._face(photo, detection, quality) for detection in detector.detect(photo.pixels)]
        return sorted((face for face in faces if face is not None), key=_area, reverse=True)

    def reconstruct_batch(self, images: Iterable[ImageSource | Photo], quality: str = "balanced") -> list[list[Face]]:
        """Make the heads of several photos: the same as one call of `reconstruct` each."""
        return [self.reconstruct(image, quality) for image in images]

    def _face(self, photo: Photo, detection: Detection, quality: str) -> Face | None:
        height, width = photo.pixels.shape[:2]
        try:
            if self.fit_colours is not None and quality != "fast":
                fit = self.fit_colours(self.head, detection, photo.pixels, photo.focal_px)
            else:
                fit = self.fit(self.head, detection, width, height, photo.focal_px)
        except FitError as error:
            log.warning("a face was left out: %s", error)
            return None
        size, skin = TEXTURE_SIZE[quality], None
        if size is None:
            albedo, lighting = self.tone(photo.pixels, self.head, fit.params)
        else:
            found = self.texture(photo.pixels, self.head, fit.params, size)
            albedo, lighting, skin = found.albedo, found.lighting, found.texture
        params = fit.params.replace(albedo=albedo, lighting=lighting)
        whole = params.camera.scaled(1 / photo.scale)
        return Face(self.head, params.replace(camera=whole), photo.pixels, skin, fit.scale_sd)

    def mean_face(self) -> Face:
        """Give the head of the prior's mean at rest, looking at a camera one metre away."""
        sizes, size = self.head.sizes, OWN_IMAGE_SIZE
        middle = (size - 1) / 2
        params = FaceParams(
            model_id=self.head.model_id,
            identity=np.zeros(sizes.identity, np.float32),
            expression=np.zeros(sizes.expression, np.float32),
            joints=np.zeros((sizes.joints, 3), np.float32),
            pose=Pose(HEAD_TO_CAMERA_AXES.copy(), np.array([0.0, 0.0, 1000.0])),
            albedo=np.zeros(sizes.albedo, np.float32),
            lighting=default_studio_lighting(),
            camera=Camera(3.0 * size, (middle, middle), size, size),
        )
        return Face(self.head, params)

    def imagine(self, text: str, seed: int = 0) -> NoReturn:
        """Make a head from words."""
        raise NotInThisReleaseError("imagine(): heads from words are not in this release")

    def edit(self, face: Face, text: str) -> NoReturn:
        """Change a head by words."""
        raise NotInThisReleaseError("edit(): changing heads by words is not in this release")

    def chat(self, messages: list[dict[str, Any]]) -> NoReturn:
        """Talk about photos and heads."""
        raise NotInThisReleaseError("chat(): conversations are not in this release")

    def track(self, video: str, avatar: Any = None) -> NoReturn:
        """Follow the faces of a video."""
        raise NotInThisReleaseError("track(): videos are not in this release")

    def personalize(self, videos: list[str]) -> NoReturn:
        """Make a personal head from videos."""
        raise NotInThisReleaseError("personalize(): personal heads from videos are not in this release")


def _area(face: Face) -> float:
    x0, y0, x1, y1 = face.box
    return float((x1 - x0) * (y1 - y0))
