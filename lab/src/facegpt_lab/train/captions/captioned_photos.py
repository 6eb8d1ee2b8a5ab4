"""Photos with a caption that the package's own describer writes, as faces to learn from; nobody labels anything.

The caption says what `describe` says of the head that `fast` makes of the photo, drawn bald, bare and at rest. The
language model reads it once: the state of `<FACE>`, and the heads that supervised sentences taught it to make of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.api import FaceGPT
from facegpt.data.images import read_image
from facegpt.describe.sentences import Facts, describe, masculinity_words
from facegpt.detect.windows import Window
from facegpt.encode.dense_landmarks import crop_window
from facegpt.encode.identity import identity_reader
from facegpt.encode.photo_view import CropGeometry, PhotoView, Placing
from facegpt.face import Face
from facegpt.generate.request_to_head import imagine_params
from facegpt.language.head_request import HeadRequest
from facegpt.language.language_model import LanguageModel
from facegpt.language.model.photo_theta import CropTheta, rolled_light
from facegpt.types import FaceGPTError, FaceParams
from facegpt_lab.train.photo_tokens.views import Encoder, PhotoExamples, photo_examples

#: Heads that supervised words alone make of one caption; their mean is what they say.
DRAWS = 2
#: What `describe` says of its doubts: no word of it tells one head from another.
_DOUBTS = re.compile(r"; a face does not settle it|, give or take \d+: [^.]*|, as far as a face tells the build")


@dataclass(frozen=True, eq=False)
class CaptionedPhotos:
    """N photos.

    Attributes:
        examples: what is seen of their faces. theta: the heads of `fast` in the cameras of their crops.
        descriptor: (N, 128) of the recognition network, of the photo and its mirror image.
        state: (N, layers, D) of `<FACE>` behind the caption, in the layers that the face head sees.
        identity: (N, DRAWS, I), albedo: (N, DRAWS, A) of the heads that the package imagines by the caption.
        looks: (N, 2) masculinity 0..1 and age in years of the head of `fast`.
        captions: N texts.
    """

    examples: PhotoExamples
    theta: CropTheta
    descriptor: Tensor
    state: Tensor
    identity: Tensor
    albedo: Tensor
    looks: Tensor
    captions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.state)

    def save(self, path: Path) -> None:
        """Write to one file, whole or not at all."""
        from safetensors.torch import save_file

        part = path.with_name(path.name + ".part")
        told = {str(k): caption for k, caption in enumerate(self.captions)}
        save_file({name: value.contiguous().clone() for name, value in _flat(self).items()}, part, told)
        part.replace(path)

    @staticmethod
    def load(path: Path) -> CaptionedPhotos:
        """Read a file of `save`. Raises FaceGPTError if it is damaged."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "pt") as file:
                found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
                told = file.metadata()
            return _whole(found, tuple(told[str(k)] for k in range(len(told))))
        except (OSError, KeyError, SafetensorError) as error:
            raise FaceGPTError(f"'{path}' is damaged ({error}); delete it and run again") from None

    @staticmethod
    def joined(photos: Sequence[CaptionedPhotos]) -> CaptionedPhotos:
        """Put sets of photos behind each other."""
        each = [_flat(one) for one in photos]
        captions = tuple(text for one in photos for text in one.captions)
        return _whole({name: torch.cat([flat[name] for flat in each]) for name in each[0]}, captions)


def theta_of_rows(theta: CropTheta, rows: Tensor) -> CropTheta:
    """Take some of the heads."""
    placing = Placing(*(getattr(theta.placing, f.name)[rows] for f in fields(Placing)))
    others = (f.name for f in fields(CropTheta) if f.name != "placing")
    return CropTheta(placing=placing, **{name: getattr(theta, name)[rows] for name in others})


_OWN = ("descriptor", "state", "identity", "albedo", "looks")


def _flat(photos: CaptionedPhotos) -> dict[str, Tensor]:
    """Every tensor by its name."""
    found = {name: getattr(photos, name) for name in _OWN}
    found |= {f"view.{f.name}": getattr(photos.examples.view, f.name) for f in fields(PhotoView)}
    found |= {f"examples.{f.name}": getattr(photos.examples, f.name) for f in fields(PhotoExamples)[1:]}
    found |= {f"placing.{f.name}": getattr(photos.theta.placing, f.name) for f in fields(Placing)}
    others = (f.name for f in fields(CropTheta) if f.name != "placing")
    return found | {f"theta.{name}": getattr(photos.theta, name) for name in others}


def _whole(flat: dict[str, Tensor], captions: tuple[str, ...]) -> CaptionedPhotos:
    view = PhotoView(*(flat[f"view.{f.name}"] for f in fields(PhotoView)))
    examples = PhotoExamples(view, *(flat[f"examples.{f.name}"] for f in fields(PhotoExamples)[1:]))
    placing = Placing(*(flat[f"placing.{f.name}"] for f in fields(Placing)))
    others = (f.name for f in fields(CropTheta) if f.name != "placing")
    theta = CropTheta(placing=placing, **{name: flat[f"theta.{name}"] for name in others})
    return CaptionedPhotos(examples, theta, **{name: flat[name] for name in _OWN}, captions=captions)


def caption_of(facts: Facts) -> str:
    """Say of a head what `describe` says, and its sex by its looks: bald, no glasses, at rest, without doubts."""
    bare = replace(facts, blendshapes={}, emotion="", hair=None, glasses=None, scale_sd=None, lids=None)
    lines = describe(bare).splitlines()[1:]  # the first says that the face is at rest
    return _DOUBTS.sub("", " ".join([*lines[:1], masculinity_words(bare), *lines[1:]]))


def read_caption(language: LanguageModel, text: str) -> tuple[HeadRequest, Tensor]:
    """Read a text as `imagine` does, once: the request, and the state (layers, D) of `<FACE>` behind it."""
    states: list[Tensor] = []

    def keep(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        states.append(given[0][0, int(given[2][0])].float().clone())

    watch = language.model.face_head.register_forward_pre_hook(keep)
    try:
        request = language.read(text).request
    finally:
        watch.remove()
    return request, states[0]  # clauses of it may have been read as well, after the whole


def crop_theta(params: FaceParams, window: Window, geometry: CropGeometry) -> CropTheta:
    """Say a head as a crop of its photo shows it, the window upright: the inverse of photo_theta.params_of.

    Joints are left out (of a photo's head, the eyeballs' alone).
    """
    cosine, sine = math.cos(window.roll_rad), math.sin(window.roll_rad)
    turn = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    rotation = turn @ np.asarray(params.pose.rotation, np.float64)
    anchor = rotation @ geometry.anchor.double().numpy() + turn @ np.asarray(params.pose.translation, np.float64)
    optical = 2 * np.linalg.solve(window.axes(), np.asarray(params.camera.principal_px) - (window.x, window.y))
    focal = 2 * params.camera.focal_px / window.side

    def row(values: object) -> Tensor:
        return torch.from_numpy(np.asarray(values, np.float32))[None]

    placing = Placing(
        row(rotation),
        row(focal * anchor[:2] / anchor[2] + optical),
        row(math.log(focal / anchor[2])),
        row(math.log(anchor[2])),
    )
    light = rolled_light(np.asarray(params.lighting, np.float64), -window.roll_rad)
    return CropTheta(
        row(params.identity), row(params.expression), placing, row(optical), row(params.albedo), row(light)
    )


class Captioner:
    """Looks at photos, captions them, and reads the captions.

    Args:
        program: the package, as users load it.
        encoder: looks at the faces.
    """

    def __init__(self, program: FaceGPT, encoder: Encoder) -> None:
        self.program, self.encoder = program, encoder
        self.geometry = CropGeometry(encoder.model)

    def look(self, path: Path) -> CaptionedPhotos:
        """Look at the largest face of a photo.

        Raises:
            ImageError: if it cannot be read, or shows no face that is large enough.
        """
        examples = photo_examples(path, self.encoder, 1, np.random.default_rng(0)).rows([0])
        pixels = read_image(path).pixels
        detection = self.encoder.detector.detect(pixels)[0]
        face = self.program.reconstruct(pixels, "fast", hair="none", glasses="none", headwear="none")[0]
        caption = caption_of(self.program.facts(face))
        language = self.program.language
        assert isinstance(language, LanguageModel)  # the packaged one
        request, state = read_caption(language, caption)
        heads = [imagine_params(self.encoder.model, request, seed) for seed in range(DRAWS)]
        descriptor = identity_reader().describe(pixels, detection)
        return CaptionedPhotos(
            examples,
            crop_theta(face.params, crop_window(detection.points), self.geometry),
            torch.from_numpy(np.asarray(descriptor, np.float32))[None],
            state[None],
            torch.from_numpy(np.stack([head.identity for head in heads]))[None],
            torch.from_numpy(np.stack([head.albedo for head in heads]))[None],
            _looks(face),
            (caption,),
        )


def _looks(face: Face) -> Tensor:
    return torch.tensor([[float(face.attributes["masculinity"]), float(face.attributes["age_years"])]])
