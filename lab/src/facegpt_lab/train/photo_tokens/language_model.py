"""The language model that learns to see: a trained one, with fresh photo parts beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facegpt.assets import asset_path
from facegpt.language.loading import ADAPTER
from facegpt.language.model.base import base_folder, base_tokenizer
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.photo_asset import load_photo_parts, photo_config
from facegpt.language.model.processor import CHATML, FaceGPTProcessor
from facegpt.types import FaceGPTError

#: Geometry tokens of a face in a photo.
GEOMETRY_TOKENS = 4


def seeing_model(
    language: str = "", start: str | Path = "", **changes: Any
) -> tuple[FaceGPTForConditionalGeneration, FaceGPTProcessor]:
    """Load a trained language model and put photo parts beside it; adapters are not merged.

    Args:
        language: adapter file, folder of a whole model written by `facegpt train words --base`, or "" for the shipped
            one.
        start: file of photo tokens; "" for untrained ones.
        changes: fields of FaceGPTConfig that the photos ask for.

    Raises:
        FaceGPTError: if there is none, or the photo tokens fit another model or landmark network.
    """
    from transformers import AutoTokenizer

    from facegpt.language.model.adapter import adapter_config, load_adapter
    from facegpt.language.model.base import quiet_transformers
    from facegpt.language.model.config import FaceGPTConfig

    changes = {"photo_geometry": GEOMETRY_TOKENS, **changes}
    if start:
        changes = _agreed(changes, Path(start))
    if language and (Path(language) / "config.json").is_file():
        config: FaceGPTConfig = FaceGPTConfig.from_pretrained(language, **changes)
        depth = _depth(config)
        config.photo_layers = [0, depth // 2, depth]
        with quiet_transformers():
            model = FaceGPTForConditionalGeneration.from_pretrained(language, config=config)
        tokenizer = AutoTokenizer.from_pretrained(language)
        template = None
    else:
        adapter = Path(language) if language else asset_path(ADAPTER)
        if not adapter.is_file():
            raise FaceGPTError(
                f"there is no language model at '{adapter}': neither a folder with config.json nor a file"
            )
        own, base_sha256 = adapter_config(adapter)
        folder = base_folder(base_sha256)
        with quiet_transformers():
            model = FaceGPTForConditionalGeneration.from_base(folder, **{**own, **changes})
        load_adapter(model, adapter)
        tokenizer = base_tokenizer(folder)
        template = CHATML
    if start:
        load_photo_parts(model, Path(start))
    model.requires_grad_(False)
    told = model.config
    processor = FaceGPTProcessor(
        tokenizer, told.face_token, told.slot_token, told.face_tokens, template, photo_tokens=told.photo_tokens
    )
    return model, processor


def _agreed(changes: dict[str, Any], start: Path) -> dict[str, Any]:
    """The fields that a file of photo tokens asks for, where they do not contradict what is asked."""
    found = photo_config(start)
    other = [name for name in changes if name in found and found[name] != changes[name]]
    if other:
        raise FaceGPTError(f"'{start}' was trained with another landmark network ({', '.join(other)} differ)")
    return {**changes, **found}


def _depth(config: Any) -> int:
    from facegpt.language.model.config import text_config

    return int(text_config(config.base_config()).num_hidden_layers)
