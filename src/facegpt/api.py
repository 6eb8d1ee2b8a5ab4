"""The model as people use it: photos and words in, faces and words out."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from facegpt.appearance.texture import retouched, texture_from_photo, tone_from_photo
from facegpt.assets import FOLDER
from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.data.images import ImageSource, Photo, read_image
from facegpt.describe import sentences as words
from facegpt.detect.base import Detector
from facegpt.encode.base import Landmarker
from facegpt.face import OWN_IMAGE_SIZE, Face
from facegpt.fitting import FitError, fit_landmarks, fit_photo
from facegpt.language.dialogue import conversation as chat
from facegpt.language.dialogue.conversation import Language, Reply
from facegpt.language.head_request import Wishes
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.reading.prompts import check_whole, read_prompt
from facegpt.language.targets import ATTRIBUTES
from facegpt.model_files import load_head
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.reconstruct.several_photos import reconstruct_person
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Array, Camera, Detection, FaceGPTError, FaceParams, Fit, Pose

log = logging.getLogger("facegpt")

#: What each quality adds to the fitted head: the side of the texture taken from the photo, None for none.
TEXTURE_SIZE: dict[str, int | None] = {"fast": None, "balanced": 1024, "best": 2048}
#: Photos whose heads a model keeps in mind: a conversation comes back to them.
PHOTOS_KEPT = 8
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
    if not isinstance(head, MakeHumanHead):
        return FaceGPT(head)
    return FaceGPT(head, fit_colours=fit_photo, make_landmarker=_default_landmarker)


def _default_detector() -> Detector:
    from facegpt.detect.mediapipe import MediaPipeDetector

    return MediaPipeDetector()


def _default_landmarker() -> Landmarker | None:
    from facegpt.encode.dense_landmarks import ASSET, DenseLandmarker

    if not (FOLDER / ASSET).is_file():  # a checkout in which the network is yet to be trained
        log.warning("the dense landmark network is not in this installation: heads are fitted to MediaPipe's points")
        return None
    return DenseLandmarker()


def _default_language() -> Language:
    from facegpt.language import load_language_model

    return load_language_model()


@dataclass(frozen=True)
class Decoder:
    """What makes heads of wishes, and reads heads.

    Attributes:
        imagine: head model, wishes, seed → parameters of a new head.
        edit: head model, parameters, wishes, seed → parameters of the changed head.
        attributes: head model, parameters → (K,) SDs of adults in the order of attributes.csv.
        seen: head model, parameters → what the language model is told of a head.
        emotions: expression weights (E,) → (name, probability) of each emotion, the likeliest first.
    """

    imagine: Callable[..., FaceParams]
    edit: Callable[..., FaceParams]
    attributes: Callable[..., Array]
    seen: Callable[..., FaceReading]
    emotions: Callable[[Array], list[tuple[str, float]]]


def _default_decoder() -> Decoder:
    from facegpt.describe.attribute_readings import read_attributes, read_face
    from facegpt.describe.emotions import rank_emotions
    from facegpt.generate.request_to_head import edit_params, imagine_params

    return Decoder(imagine_params, edit_params, read_attributes, read_face, rank_emotions)


@dataclass(frozen=True, eq=False)
class FaceGPT:
    """Makes 3D heads from photos and words, changes them and talks about them. Get one from `load()`.

    Attributes:
        head: the head model.
        make_detector: gives the detector of faces; called when the first photo comes.
        fit: fits the head to one detection (as `facegpt.fitting.fit_landmarks`).
        texture: takes the skin from the photo (as `facegpt.appearance.texture.texture_from_photo`).
        tone: takes only its tone and the light (as `facegpt.appearance.texture.tone_from_photo`).
        fit_colours: fits it to the photo as well (as `facegpt.fitting.fit_photo`), or None for heads without an albedo
            model: then every quality has the shape of "fast".
        make_landmarker: gives the network of dense landmarks, which `fit`, `fit_colours` and `texture` are then told of
            as `dense`; None for heads that it was not trained for.
        make_language: gives the language model; called when the first words come.
        make_decoder: gives what turns its wishes into heads and reads heads.
    """

    head: MorphableModel = field(repr=False)
    make_detector: Callable[[], Detector] = field(default=_default_detector, repr=False)
    fit: Callable[..., Fit] = field(default=fit_landmarks, repr=False)
    texture: Callable[..., Any] = field(default=texture_from_photo, repr=False)
    tone: Callable[..., Any] = field(default=tone_from_photo, repr=False)
    fit_colours: Callable[..., Fit] | None = field(default=None, repr=False)
    make_landmarker: Callable[[], Landmarker | None] | None = field(default=None, repr=False)
    make_language: Callable[[], Language] = field(default=_default_language, repr=False)
    make_decoder: Callable[[], Decoder] = field(default=_default_decoder, repr=False)
    _photos: dict[str, list[Face]] = field(default_factory=dict, init=False, repr=False)

    def __repr__(self) -> str:
        return f"<FaceGPT with the head model {self.head.model_id}>"

    @cached_property
    def detector(self) -> Detector:
        """The detector of faces."""
        return self.make_detector()

    @cached_property
    def landmarker(self) -> Landmarker | None:
        """The network of dense landmarks, or None where the head has none."""
        return None if self.make_landmarker is None else self.make_landmarker()

    @cached_property
    def language(self) -> Language:
        """The language model. Raises FaceGPTError when its weights are not there and cannot be fetched."""
        return self.make_language()

    @cached_property
    def decoder(self) -> Decoder:
        """What makes heads of wishes and reads heads."""
        return self.make_decoder()

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

    def reconstruct_person(self, images: Sequence[ImageSource | Photo], quality: str = "balanced") -> list[Face]:
        """Make one head from several photos of a person; better than from any single one.

        Args:
            images: photos, each as in `reconstruct`.
            quality: "balanced" takes textures of 1024 texels a side from the photos, "best" of 2048.

        Returns:
            A Face for each photo that shows the person, in the photos' order; all share identity and albedo.

        Raises:
            FaceGPTError: if no photo shows a face.
        """
        size = TEXTURE_SIZE.get(quality)
        if size is None:
            raise FaceGPTError(f"quality is 'balanced' or 'best' for a person's photos, not '{quality}'")
        if not isinstance(self.head, MakeHumanHead):
            raise FaceGPTError("several photos of one person need the default head model")
        photos = [image if isinstance(image, Photo) else read_image(image) for image in images]
        return reconstruct_person(self.head, photos, self.detector, self.texture, size, self.landmarker)

    def _face(self, photo: Photo, detection: Detection, quality: str) -> Face | None:
        height, width = photo.pixels.shape[:2]
        seen = {} if self.landmarker is None else {"dense": self.landmarker.predict(photo.pixels, detection)}
        try:
            if self.fit_colours is not None and quality != "fast":
                fit = self.fit_colours(self.head, detection, photo.pixels, photo.focal_px, **seen)
            else:
                fit = self.fit(self.head, detection, width, height, photo.focal_px, **seen)
        except FitError as error:
            log.warning("a face was left out: %s", error)
            return None
        size, skin = TEXTURE_SIZE[quality], None
        if size is None:
            albedo, lighting = self.tone(photo.pixels, self.head, fit.params)
        else:
            found = self.texture(photo.pixels, self.head, fit.params, size, **seen)
            albedo, lighting, skin = found.albedo, found.lighting, found.texture
        whole = fit.params.camera.scaled(1 / photo.scale)
        params = fit.params.replace(albedo=albedo, lighting=lighting, camera=whole)
        return Face.fitted(self.head, replace(fit, params=params), photo.pixels, skin)

    def see(self, image: ImageSource | Photo) -> list[Face]:
        """Make a head of each face in a photo by one pass of the language model, without a fit; the largest first.

        `reconstruct` is nearer to the photo and needs no language model. Raises ImageError, FaceGPTError.
        """
        from facegpt.reconstruct.one_pass import seen_faces

        photo = image if isinstance(image, Photo) else read_image(image)
        faces = seen_faces(self.head, lambda: self.language, self.detector, self.landmarker, photo)
        return sorted(faces, key=_area, reverse=True)

    def mean_face(self) -> Face:
        """Give the head of the prior's mean at rest, looking at a camera one metre away."""
        sizes = self.head.sizes
        pose, camera = _own_view(HEAD_TO_CAMERA_AXES.copy())
        params = FaceParams(
            model_id=self.head.model_id,
            identity=np.zeros(sizes.identity, np.float32),
            expression=np.zeros(sizes.expression, np.float32),
            joints=np.zeros((sizes.joints, 3), np.float32),
            pose=pose,
            albedo=np.zeros(sizes.albedo, np.float32),
            lighting=default_studio_lighting(),
            camera=camera,
        )
        return Face(self.head, params)

    # Words

    def imagine(self, text: str, seed: int = 0) -> Face:
        """Make a head from words; what they leave open differs from seed to seed.

        Raises:
            FaceGPTError: if the text is empty or no string, or the language model cannot be loaded.
        """
        return self.imagine_many(text, 1, seed)[0]

    def imagine_many(self, text: str, count: int, seed: int = 0) -> list[Face]:
        """Make several heads that all fit the words: those of seed, seed + 1, and so on."""
        check_whole("count", count, 1)
        check_whole("seed", seed, 0)
        wishes = self._wishes(text, "the description")
        return [self.head_from(wishes, seed + k) for k in range(count)]

    def edit(self, face: Face, text: str, seed: int = 0) -> Face:
        """Change a head by words; what they don't name stays.

        Raises:
            FaceGPTError: if the text is empty or no string, or the language model cannot be loaded.
        """
        _check_face(face)
        check_whole("seed", seed, 0)
        return self.changed(face, self._wishes(text, "the edit", face), seed)

    def describe(self, face: Face | Sequence[Face], question: str | None = None) -> str:
        """Describe a head, or answer a question about it (or about several): every number in it is measured.

        Raises:
            FaceGPTError: if there is no face, or the question is empty.
        """
        faces = list(face) if isinstance(face, Iterable) else [face]
        if not faces:
            raise FaceGPTError("there is no face to describe")
        for each in faces:
            _check_face(each)
        if question is not None:
            question = read_prompt(question, "the question").text
        return chat.about(self, faces, question or "")

    def chat(
        self, messages: Sequence[dict[str, Any]], seed: int = 0, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Answer a conversation about photos and heads, or about anything else.

        Args:
            messages: each {"role": "user" | "assistant" | "system", "content": …}; a content is a string or a list of
                {"type": "text", "text": …}, {"type": "image", "image": path, PIL image or array} and
                {"type": "face", "face": a Face}. `Reply.message` gives an answer in this form.
            seed: decides about what the words leave open in new heads.
            on_text: called with each piece of the answer as it comes.

        Raises:
            FaceGPTError: if a message is not like that, or a photo cannot be read.
        """
        check_whole("seed", seed, 0)
        return chat.reply(self, messages, seed, on_text)

    def _wishes(self, text: str, what: str, face: Face | None = None) -> Wishes:
        prompt = read_prompt(text, what)
        for remark in prompt.remarks:
            log.warning(remark)
        seen = None if face is None else self.seen(face)
        return self.language.read(prompt.text, seen, face is not None).wishes

    def seen(self, face: Face) -> FaceReading:
        """Give what the language model is told of a head."""
        return self.decoder.seen(face.model, face.params)

    def head_from(self, wishes: Wishes, seed: int = 0) -> Face:
        """Make a head of wishes, looking at a camera one metre away."""
        params = self.decoder.imagine(self.head, wishes, seed)
        pose, camera = _own_view(HEAD_TO_CAMERA_AXES.copy())
        return Face(self.head, params.replace(pose=pose, camera=camera))

    def changed(self, face: Face, wishes: Wishes, seed: int = 0) -> Face:
        """Change a head by wishes. The photo it came from no longer shows it: its image is a render of its own."""
        params = self.decoder.edit(face.model, face.params, wishes, seed)
        if face.photo is not None:
            pose, camera = _own_view(params.pose.rotation)
            params = params.replace(pose=pose, camera=camera)
        skin = face.photo_texture
        if skin is not None:
            skin = retouched(skin, face.model, face.params.albedo, params.albedo)
        return replace(face, params=params, photo=None, photo_texture=skin)

    def facts(self, face: Face) -> words.Facts:
        """Measure all that can be said about a head."""
        readings = self.decoder.attributes(face.model, face.params)
        return words.Facts(
            measures=face.measure(),
            looks=face.attributes,
            looks_sd=face.attribute_sd,
            attributes=dict(zip(ATTRIBUTES, map(float, readings), strict=True)),
            blendshapes=face.blendshapes,
            emotion=words.name_emotion(face.blendshapes, self.decoder.emotions, from_photo=face.scale_sd is not None),
            hair=face.params.hair,
            scale_sd=face.scale_sd,
        )

    def faces_in(self, image: ImageSource | Photo) -> list[Face]:
        """Make the heads of a photo ("balanced"), or give those made of it shortly before."""
        photo = image if isinstance(image, Photo) else read_image(image)
        key = hashlib.sha256(photo.pixels.tobytes()).hexdigest()
        if key not in self._photos:
            self._photos[key] = self.reconstruct(photo)
            for old in list(self._photos)[:-PHOTOS_KEPT]:
                del self._photos[old]
        return self._photos[key]

    # Videos

    def track(self, video: str, avatar: Any = None) -> NoReturn:
        """Follow the faces of a video."""
        raise NotInThisReleaseError("track(): videos are not in this release")

    def personalize(self, videos: list[str]) -> NoReturn:
        """Make a personal head from videos."""
        raise NotInThisReleaseError("personalize(): personal heads from videos are not in this release")


def _own_view(rotation: Array) -> tuple[Pose, Camera]:
    """Give the view of a head without a photo: 512 pixels square, from one metre."""
    size = OWN_IMAGE_SIZE
    middle = (size - 1) / 2
    return Pose(np.asarray(rotation), np.array([0.0, 0.0, 1000.0])), Camera(3.0 * size, (middle, middle), size, size)


def _check_face(face: object) -> None:
    if not isinstance(face, Face):
        raise FaceGPTError(f"a face is what reconstruct() and imagine() give, not a {type(face).__name__}")


def _area(face: Face) -> float:
    x0, y0, x1, y1 = face.box
    return float((x1 - x0) * (y1 - y0))
