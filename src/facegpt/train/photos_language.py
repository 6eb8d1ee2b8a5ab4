"""The language model that learns to see: a trained one, with fresh photo parts beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facegpt.assets import asset_path
from facegpt.language.language_model import ADAPTER, base_folder
from facegpt.language.model import FaceGPTForConditionalGeneration
from facegpt.language.processor import CHATML, FaceGPTProcessor
from facegpt.types import FaceGPTError

#: Geometry tokens of a face in a photo.
GEOMETRY_TOKENS = 4


def seeing_model(language: str = "", **changes: Any) -> tuple[FaceGPTForConditionalGeneration, FaceGPTProcessor]:
    """Load a trained language model and put untrained photo parts beside it; adapters are not merged.

    Args:
        language: adapter file, folder of a whole model written by `facegpt train words --base`, or "" for the shipped
            one.
        changes: fields of FaceGPTConfig that the photos ask for.

    Raises:
        FaceGPTError: if there is none.
    """
    from transformers import AutoTokenizer

    from facegpt.language.adapter import adapter_config, load_adapter
    from facegpt.language.base import quiet_transformers
    from facegpt.language.config import FaceGPTConfig

    changes = {"photo_geometry": GEOMETRY_TOKENS, **changes}
    folder: str | Path = language
    if language and (Path(language) / "config.json").is_file():
        config: FaceGPTConfig = FaceGPTConfig.from_pretrained(language, **changes)
        depth = _depth(config)
        config.photo_layers = [0, depth // 2, depth]
        with quiet_transformers():
            model = FaceGPTForConditionalGeneration.from_pretrained(language, config=config)
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
        template = CHATML
    model.requires_grad_(False)
    told = model.config
    tokenizer = AutoTokenizer.from_pretrained(folder)
    processor = FaceGPTProcessor(
        tokenizer, told.face_token, told.slot_token, told.face_tokens, template, photo_tokens=told.photo_tokens
    )
    return model, processor


def _depth(config: Any) -> int:
    from facegpt.language.config import text_config

    return int(text_config(config.base_config()).num_hidden_layers)
