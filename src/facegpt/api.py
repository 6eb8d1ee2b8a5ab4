"""The model as people use it: photos and words in, faces and words out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from facegpt.analyze.methods import SaysWhatIsSeen
from facegpt.animate.methods import Animates
from facegpt.appearance.texture import texture_from_photo, tone_from_photo
from facegpt.data.images import ImageSource, Photo, photo_of
from facegpt.detect.base import Detector
from facegpt.encode.base import Landmarker
from facegpt.face import Face
from facegpt.face.looking import was_fitted
from facegpt.fitting import fit_landmarks
from facegpt.models.parts import choose_parts, default_decoder, default_detector, default_language, default_talker
from facegpt.morphable.base import MorphableModel
from facegpt.personal import FollowsClips
from facegpt.reconstruct.kept_photos import KeptPhotos
from facegpt.reconstruct.many_photos import PhotoResult, stream_photos
from facegpt.reconstruct.photo import check_quality, reconstruct_photo
from facegpt.reconstruct.skin_detail import chosen_detail
from facegpt.reconstruct.sources import HeadSource, HeadSources, Photos, check_several, face_of, faces_meant, photos_of
from facegpt.reconstruct.steps import ColourFit, PointFit, SkinFromPhoto, ToneFromPhoto
from facegpt.render.base import Renderer
from facegpt.runtime.arguments import check_whole

if TYPE_CHECKING:
    from PIL.Image import Image

    from facegpt.describe.scene import Scene
    from facegpt.describe.sentences import Facts
    from facegpt.generate.decoder import Decoder
    from facegpt.language.dialogue.conversation import Language, Reply
    from facegpt.language.head_request import HeadRequest
    from facegpt.language.model.face_reading import FaceReading
    from facegpt.language.talkers.base import Talker
    from facegpt.personal.known import AvatarSource


def load(
    name: str = "default",
    device: str = "cpu",
    renderer: str | None = None,
    detector: str | None = None,
    encoder: str | None = None,
    talker: str | Path | None = None,
    talker_model: str | None = None,
) -> FaceGPT:
    """Load a model: "default" is the one inside the package, which needs no download and no account.

    Args:
        name: "default", or the name of another head model that is installed.
        device: "cpu"; "cuda" or "cuda:1" for an NVIDIA GPU (networks and renderer run there, the solver does not; see
            docs/renderer.md); "auto" for a GPU where there is one that can be used.
        renderer: what draws pictures of heads, by name; all names: `facegpt models list`.
        detector: what finds faces in photos, by name.
        encoder: what finds dense landmarks for the default head, by name.
        talker: what says all that is not about faces: a folder, an address, None for what is inside (docs/talkers.md).
        talker_model: the model's name at an address.

    Raises:
        FaceGPTError: if there is nothing of that name or no such device, or a data file is damaged.
    """
    return FaceGPT(**choose_parts(name, device, renderer, detector, encoder, talker, talker_model))


@dataclass(frozen=True, eq=False)
class FaceGPT(Animates, FollowsClips, SaysWhatIsSeen):
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
        make_talker: gives what says everything else, told of the language model.
        make_decoder: gives what turns requests into heads and reads heads.
        renderer: draws the pictures of its faces; the default one when None. device: where its networks run.
    """

    head: MorphableModel = field(repr=False)
    make_detector: Callable[[], Detector] = field(default=default_detector, repr=False)
    fit: PointFit = field(default=fit_landmarks, repr=False)
    texture: SkinFromPhoto = field(default=texture_from_photo, repr=False)
    tone: ToneFromPhoto = field(default=tone_from_photo, repr=False)
    fit_colours: ColourFit | None = field(default=None, repr=False)
    make_landmarker: Callable[[], Landmarker | None] | None = field(default=None, repr=False)
    make_language: Callable[[], Language] = field(default=default_language, repr=False)
    make_talker: Callable[[Language], Talker] = field(default=default_talker, repr=False)
    make_decoder: Callable[[], Decoder] = field(default=default_decoder, repr=False)
    renderer: Renderer | None = field(default=None, repr=False)
    device: str = field(default="cpu", repr=False)
    _photos: KeptPhotos = field(default_factory=KeptPhotos, init=False, repr=False)

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
    def talker(self) -> Talker:
        """What says everything that is not about measured faces. Raises FaceGPTError when it cannot be loaded."""
        return self.make_talker(self.language)

    @cached_property
    def decoder(self) -> Decoder:
        """What makes heads from requests and reads heads."""
        return self.make_decoder()

    def reconstruct(
        self,
        image: ImageSource | Photo,
        quality: str = "balanced",
        detail: str | None = None,
        avatar: AvatarSource | None = None,
        hair: str = "auto",
        glasses: str = "auto",
        headwear: str = "auto",
        shirt: str = "auto",
    ) -> list[Face]:
        """Make a head of each face in a photo; the largest comes first, [] when there is none.

        Args:
            image: a path, the bytes of a file, a binary file object, a PIL image or an sRGB array (see `read_image`).
            quality: "fast" gives shape and a typical skin; "balanced" the photo's, 1024 texels a side, "best" 2048.
            detail: "normal": wrinkles and folds (`face.detail`; None: unless "fast"); "mesh": as geometry too; "off".
            avatar: of a person whose own head and skin serve for their face; others are made as without it.
            hair: "auto" grows the photo's, "none" none, a style's name that one (`face.params.worn` tells what became).
            glasses: "auto" puts on the photo's where it is sure of them, "none" none, a frame's name that one.
            headwear: "auto" keeps the photo's cap, hood or scarf as cloth, "none" leaves it out.
            shirt: "auto" has the colour of the photo's clothes, "none" leaves it out; else its colour ("#rrggbb").

        Raises:
            FaceGPTError: if the photo cannot be read (ImageError), there is no such quality, detail, style or person.
        """
        photo, how = photo_of(image), (detail, hair, glasses, headwear, shirt)
        if avatar is None:
            return self._drawn(reconstruct_photo(self, photo, quality, *how))
        from facegpt.personal.photo import reconstruct_known

        return self._drawn(reconstruct_known(self, photo, quality, avatar, *how))

    def reconstruct_many(
        self,
        images: Iterable[ImageSource | Photo],
        quality: str = "balanced",
        workers: int | None = None,
        on_progress: Callable[[int, int | None], None] | None = None,
        detail: str | None = None,
    ) -> Iterator[PhotoResult]:
        """Make the heads of many photos: a result for each as it is done, in their order and in constant memory.

        A photo that cannot be read is a result with its `error`; the others go on.

        Args:
            images: photos as in `reconstruct`; they are taken one by one, so that a generator of any length serves.
            quality: as in `reconstruct`.
            detail: as in `reconstruct`.
            workers: processes of about 0.7 GB (None, 1: this one); such scripts need `if __name__ == "__main__":`.
            on_progress: called with the number of photos done and of all photos (None where that is not known).

        Raises:
            FaceGPTError: if there is no such quality or detail, or workers is below 1; and while it runs, if the model
                cannot be sent to processes or a data file of it is damaged.
        """
        check_quality(quality)
        chosen_detail(detail, self.head, quality)
        check_several(images)
        check_whole("workers", count := 1 if workers is None else workers, 1)
        sent = replace(self, make_language=default_language, make_decoder=default_decoder, renderer=None)
        results = stream_photos(sent if count > 1 else self, images, quality, count, on_progress, detail)
        return (replace(result, faces=self._drawn(result.faces)) for result in results)

    def reconstruct_person(
        self, images: Photos, quality: str = "balanced", detail: str | None = None, glasses: str = "auto",
        hair: str = "auto",
    ) -> Face:  # fmt: skip
        """Make one head from several photos of a person; better than from any single one.

        Identity, albedo and hair come from all photos; pose, expression, light and texture are those of the photo that
        shows the most of a calm face. `reconstruct_person_views` gives the head in every photo.

        Args:
            images: photos of one person; 12 of them count at most; those without a face are left out.
            quality: "balanced" takes textures of 1024 texels a side from the photos, "best" of 2048.
            detail: as in `reconstruct`; what the skin has at rest comes from all photos that show the place.
            glasses: as in `reconstruct`; "auto" puts on those that most photos show.
            hair: as in `reconstruct`; "auto" grows what fits all photos that show it as the clearest one does.

        Raises:
            FaceGPTError: without photos or a face, for "fast" and head models of others, and as in `reconstruct`.
        """
        from facegpt.reconstruct import several_photos as several

        how = quality, detail, glasses, hair, several.MOST_PHOTOS
        return several.clearest(self._drawn(several.reconstruct_views(self, photos_of(images), *how)))

    def reconstruct_person_views(
        self, images: Photos, quality: str = "balanced", detail: str | None = None, glasses: str = "auto",
        hair: str = "auto",
    ) -> list[Face]:  # fmt: skip
        """The head of `reconstruct_person`, of the same arguments, in each photo of the person, in their order."""
        from facegpt.reconstruct.several_photos import reconstruct_views

        return self._drawn(reconstruct_views(self, photos_of(images), quality, detail, glasses, hair))

    def _drawn(self, faces: Iterable[Face]) -> list[Face]:
        """Faces whose pictures this model's renderer draws."""
        return [face if face.renderer is self.renderer else replace(face, renderer=self.renderer) for face in faces]

    def see(self, image: ImageSource | Photo) -> list[Face]:
        """Make a head of each face in a photo by one pass of the language model, without a fit; the largest first.

        `reconstruct` is nearer to the photo and needs no language model.

        Raises ImageError if the photo cannot be read, and FaceGPTError if the language model cannot be loaded or takes
        no photos, or the head is not the default one.
        """
        from facegpt.reconstruct.one_pass import seen_by_language

        return self._drawn(seen_by_language(self, lambda: self.language, photo_of(image)))

    def mean_face(self) -> Face:
        """The head of the prior's mean at rest, looking at a camera one metre away."""
        from facegpt.language.dialogue import made_heads

        return self._drawn([made_heads.mean_head(self.head)])[0]

    def imagine(self, text: str, seed: int = 0) -> Face:
        """Make a head from words; what they leave open differs from seed to seed.

        `understood` says what was read in the words, `ignored` what of them a head cannot show. Raises FaceGPTError if
        the text is empty, no string or speaks of no face, or the language model cannot be loaded.
        """
        return self.imagine_many(text, 1, seed)[0]

    def imagine_many(self, text: str, count: int, seed: int = 0) -> list[Face]:
        """Make several heads that all fit the words: those of seed, seed + 1, and so on.

        Raises FaceGPTError as `imagine`, or if count is no whole number from 1 or seed none from 0.
        """
        from facegpt.language.dialogue import made_heads

        check_whole("count", count, 1)
        check_whole("seed", seed, 0)
        return made_heads.imagined(self, text, count, seed)

    @overload
    def edit(
        self,
        source: HeadSource,
        text: str,
        seed: int = 0,
        *,
        face_index: int | None = None,
        give: Literal["head"] = ...,
    ) -> Face: ...

    @overload
    def edit(
        self, source: HeadSource, text: str, seed: int = 0, *, face_index: int | None = None, give: Literal["photo"]
    ) -> Image: ...

    def edit(
        self, source: HeadSource, text: str, seed: int = 0, *, face_index: int | None = None, give: str = "head"
    ) -> Face | Image:
        """Change a head by words, which its `understood` and `ignored` tell of; or the photo itself, a PIL image.

        Args:
            source: the head: a Face, a folder or params.json that was saved, or a photo as `reconstruct` takes it.
            text: what to change.
            seed: decides about what the words leave open.
            face_index: which face of a photo that shows several, 0 the largest; None: that, with a warning.
            give: "head" or "photo"; `facegpt.picture.edit_photo` takes units, turns and gaze as well.

        Raises FaceGPTError if there is no text, no such face, or no language model, or the source cannot be read.
        """
        from facegpt.language.dialogue import made_heads
        from facegpt.language.reading.prompts import read_prompt
        from facegpt.picture.editing import given_picture

        check_whole("seed", seed, 0)
        read_prompt(text, "the edit")  # raises before a photo is worked on
        if give != "head":
            return given_picture(self, source, text, seed, face_index, give)
        return made_heads.edited(self, face_of(self, source, face_index), text, seed)

    def describe(self, source: HeadSources, question: str | None = None, *, face_index: int | None = None) -> str:
        """Describe a head, or answer a question about it (or about several): every number in it is measured.

        Args:
            source: the head, as in `edit`, or several Faces; of a clip or a take's folder: who does what when.
            question: what to say; without it, what stands out. All faces of a photo are meant.
            face_index: which face alone, 0 the largest.

        Raises:
            FaceGPTError: if there is no (such) face, the source cannot be read, or the question is empty.
        """
        from facegpt.animate.account import account_of
        from facegpt.language.dialogue.conversation import about
        from facegpt.language.reading.prompts import read_prompt
        from facegpt.video.sources import is_clip, is_take

        if is_clip(source) or is_take(source):
            told = account_of(self, str(source))
            return (told if question is None else told.about(self, question)).text
        if question is not None:
            question = read_prompt(question, "the question").text
        faces = faces_meant(self, source, face_index, of_all=question is not None)
        return about(self, faces, question or "")

    def chat(
        self,
        messages: Sequence[dict[str, Any]],
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
        tools: Sequence[dict[str, Any]] = (),
    ) -> Reply:
        """Answer a conversation about photos and heads, or about anything else.

        Of photos whose faces were changed, `Reply.pictures` are the photos themselves, changed.

        Args:
            messages: each {"role": "user" | "assistant" | "system", "content": …}; a content is a string or a list of
                {"type": "text", "text": …}, {"type": "image", "image": a photo as in `reconstruct`},
                {"type": "face", "face": a Face} and {"type": "video", "video": a clip's path}.
                `Reply.message` gives an answer in this form.
            seed: decides about what the words leave open in new heads.
            on_text: called with each piece of the answer as it comes.
            tools: OpenAI's `tools` for a talker that takes some; it asks for them in `Reply.calls`.

        Raises:
            FaceGPTError: if a message is not like that, a photo cannot be read, or the talker is away.
        """
        from facegpt.animate.clip_talk import clip_reply
        from facegpt.language.dialogue.conversation import reply
        from facegpt.picture.offered import changed_photos

        check_whole("seed", seed, 0)
        if isinstance(messages, (list, tuple)):
            messages, told = clip_reply(self, messages)
            if told is not None:
                return told
        answer = reply(self, messages, seed, on_text, tools)
        return replace(answer, draw=partial(changed_photos, self, answer))

    def seen(self, face: Face) -> FaceReading:
        """What the language model is told of a head."""
        return replace(self.decoder.seen(face.model, face.params), is_fitted=was_fitted(face))

    def head_from(self, request: HeadRequest, seed: int = 0, whole: HeadRequest | None = None) -> Face:
        """The head that a request, or a part of a whole one, asks for, looking at a camera one metre away."""
        from facegpt.language.dialogue import made_heads

        return self._drawn([made_heads.new_head(self.decoder, self.head, request, seed, whole)])[0]

    def changed(self, face: Face, request: HeadRequest, seed: int = 0) -> Face:
        """A head changed as a request says. Its photo no longer shows it: the image is a render of its own."""
        from facegpt.language.dialogue import made_heads

        return self._drawn([made_heads.changed_head(self.decoder, face, request, seed)])[0]

    def facts(self, face: Face) -> Facts:
        """Measure all that can be said about a head."""
        from facegpt.language.dialogue import made_heads

        return made_heads.facts_of(self.decoder, face)

    def scene(self, face: Face) -> Scene | None:
        """What the photo of a face shows around it: clothes, backdrop, light; None where there is no photo."""
        return self._photos.scene(face, self.device)

    def faces_in(self, image: ImageSource | Photo) -> list[Face]:
        """Make the heads of a photo ("balanced"), or give those made of it shortly before. Raises ImageError."""
        return self._photos.of(photo_of(image), self.reconstruct)
