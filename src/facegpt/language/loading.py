"""Loads the language model: the shipped one, or one that `facegpt train` saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.assets import FOLDER, asset_path
from facegpt.language.language_model import LanguageModel
from facegpt.language.model.processor import CHATML, FaceGPTProcessor
from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
    from facegpt.language.model.feelings_reader import FeelingsReader
    from facegpt.language.model.turn_adapter import TurnReader

#: The shipped adapter, in assets/. Its base is language.base.SMOLLM2.
ADAPTER = "language_adapter.safetensors"
#: Thresholds of the shipped adapter that were chosen after it was written, on 600 validation sentences with all that
#: follows the network (lab/runs/one_reader/README.md): they take the place of those in its file.
THRESHOLDS = {"named": 0.2, "unit": 0.2}


def load_language_model(path: str | Path | None = None, with_rules: bool = True, device: str = "cpu") -> LanguageModel:
    """Load the default language model, or one that `facegpt train` saved in a folder.

    The base model is fetched on first use, with a bar on stderr.

    Args:
        path: of the folder, or of an adapter file.
        with_rules: False leaves the network alone, without what a program reads beside it.
        device: where the network runs (runtime.device.choose_device).

    Raises:
        FaceGPTError: if the base cannot be fetched, or a file does not fit.
    """
    from facegpt.language.model.adapter import adapter_config, load_adapter
    from facegpt.language.model.base import base_folder, base_tokenizer, quiet_transformers
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
    from facegpt.language.model.feelings_reader import FEELINGS_ADAPTER, load_feelings_reader
    from facegpt.language.model.packed_layers import can_pack
    from facegpt.language.model.photo_asset import PHOTO_TOKENS, load_photo_parts, photo_config
    from facegpt.language.model.turn_adapter import TURN_ADAPTER, load_turn_reader

    if path is not None and (Path(path) / "config.json").is_file():
        return load_saved(Path(path), with_rules, device)
    adapter = asset_path(ADAPTER) if path is None else Path(path)
    if not adapter.is_file():
        raise FaceGPTError(f"there is no language model at '{adapter}': neither a folder with config.json nor a file")
    changes, base_sha256 = adapter_config(adapter)
    folder = base_folder(base_sha256)
    photos = asset_path(PHOTO_TOKENS) if path is None and (FOLDER / PHOTO_TOKENS).is_file() else None
    seeing = photo_config(photos) if photos else {}
    reads = path is None and device == "cpu" and can_pack()
    with quiet_transformers():
        model = FaceGPTForConditionalGeneration.from_base(folder, packed=reads, **{**changes, **seeing})
    load_adapter(model, adapter)
    if photos:
        load_photo_parts(model, photos)
    tokenizer = base_tokenizer(folder)
    if path is not None:
        return _ready(model, tokenizer, CHATML, with_rules, device)
    model.config.thresholds |= THRESHOLDS
    turns = load_turn_reader(model, asset_path(TURN_ADAPTER))
    feelings = load_feelings_reader(model, asset_path(FEELINGS_ADAPTER))
    return _ready(model, tokenizer, CHATML, with_rules, device, turns, feelings)


def load_saved(folder: Path, with_rules: bool = True, device: str = "cpu") -> LanguageModel:
    """Load a whole model (base and face parts) from a folder written by `save_pretrained`."""
    from transformers import AutoTokenizer

    from facegpt.language.model.base import quiet_transformers
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration

    with quiet_transformers():
        loaded: Any = FaceGPTForConditionalGeneration.from_pretrained(folder, output_loading_info=True)
    model, report = loaded
    wrong = [*report["missing_keys"], *report["unexpected_keys"], *report.get("mismatched_keys", ())]
    if wrong:
        raise FaceGPTError(f"the model in '{folder}' is not whole: {len(wrong)} parts differ (for example {wrong[0]})")
    return _ready(model, AutoTokenizer.from_pretrained(folder), None, with_rules, device)


def _ready(
    model: FaceGPTForConditionalGeneration,
    tokenizer: Any,
    template: str | None,
    with_rules: bool,
    device: str,
    turns: TurnReader | None = None,
    feelings: FeelingsReader | None = None,
) -> LanguageModel:
    model.eval().requires_grad_(False)
    moving: Any = model  # transformers' own types of `to` are not those of torch
    moving.to(device)
    for reader in (turns, feelings):
        if reader is not None:
            reader.to(device)
    config = model.config
    processor = FaceGPTProcessor(
        tokenizer, config.face_token, config.slot_token, config.face_tokens, template, photo_tokens=config.photo_tokens
    )
    return LanguageModel(model, processor, with_rules, turns, feelings)
