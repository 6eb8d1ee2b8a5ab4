"""What a model is made of: a head, and by their names and device the detector, encoder, renderer and language model."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.assets import FOLDER
from facegpt.detect.base import Detector
from facegpt.encode.base import Landmarker
from facegpt.fitting import fit_photo
from facegpt.models.files import load_head
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.runtime import registry
from facegpt.runtime.device import choose_device

if TYPE_CHECKING:
    from facegpt.generate.decoder import Decoder
    from facegpt.language.dialogue.conversation import Language
    from facegpt.language.talkers.base import Talker

log = logging.getLogger("facegpt")

#: The renderer of a GPU, where none is named.
GPU_RENDERER = "numba-cuda"


def choose_parts(
    name: str,
    device: str,
    renderer: str | None,
    detector: str | None,
    encoder: str | None,
    talker: str | Path | None = None,
    talker_model: str | None = None,
) -> dict[str, Any]:
    """The fields of `facegpt.api.FaceGPT` that `load` sets; its arguments are those of `load`, and so are its errors.

    Detector, encoder and language model are made when they are first needed, and on the device.
    """
    device = choose_device(device)
    finds, sees = registry.find("detect", detector), registry.find("encode", encoder)
    draws = renderer or (None if device == "cpu" else GPU_RENDERER)
    head = load_head(name)
    makes_talker: Any = default_talker
    if talker is not None or talker_model is not None:
        from facegpt.language.talkers.choosing import choose_talker

        makes_talker = choose_talker(talker, talker_model, device)
    parts: dict[str, Any] = {
        "head": head,
        "make_detector": partial(finds.make, device=device),
        "make_language": partial(default_language, device),
        "make_talker": makes_talker,
        "renderer": registry.load("render", draws, device=device) if draws else None,
        "device": device,
    }
    if isinstance(head, MakeHumanHead):
        looks = partial(sees.make, device=device) if encoder else partial(default_landmarker, device)
        parts |= {"fit_colours": fit_photo, "make_landmarker": looks}
    return parts


def default_detector() -> Detector:
    """The registry's default detector, on the processor."""
    detector: Detector = registry.load("detect")
    return detector


def default_landmarker(device: str = "cpu") -> Landmarker | None:
    """The registry's default encoder, or None in a checkout in which its network is yet to be trained."""
    from facegpt.encode.dense_landmarks import ASSET

    if not (FOLDER / ASSET).is_file():
        log.warning("the dense landmark network is not in this installation: heads are fitted to MediaPipe's points")
        return None
    landmarker: Landmarker = registry.load("encode", device=device)
    return landmarker


def default_language(device: str = "cpu") -> Language:
    """The default language model, fetched if it is not there yet. Raises FaceGPTError when it cannot be."""
    from facegpt.language import load_language_model

    return load_language_model(device=device)


def default_talker(language: Language) -> Talker:
    """The talker inside the package, over its language model."""
    from facegpt.language.talkers.embedded import EmbeddedTalker

    return EmbeddedTalker(language)


def default_decoder() -> Decoder:
    """What turns requests into heads and reads heads, of the default head."""
    from facegpt.describe.attribute_readings import read_attributes, read_face
    from facegpt.describe.emotions import rank_emotions
    from facegpt.generate.decoder import Decoder
    from facegpt.generate.request_to_head import edit_params, imagine_params

    return Decoder(imagine_params, edit_params, read_attributes, read_face, rank_emotions)
