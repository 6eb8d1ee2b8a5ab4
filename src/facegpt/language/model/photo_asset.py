"""Files of photo tokens: the projector and the photo head as safetensors, and what they fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.language.model.part_files import part_metadata, put_parts, save_parts

if TYPE_CHECKING:
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration

FORMAT = "facegpt-photos/1"
#: The shipped file, in assets/. It fits the shipped adapter and landmark network.
PHOTO_TOKENS = "photo_tokens.safetensors"
_FIELDS = ("photo_geometry", "photo_layers", "photo_channels", "photo_numbers", "photo_width", "hidden_size")


def save_photo_parts(model: FaceGPTForConditionalGeneration, path: Path, note: str = "") -> Path:
    """Write the photo parts in float16. note: how they were trained, in a few words."""
    fields = {name: getattr(model.config, name) for name in _FIELDS}
    return save_parts(model.photo_parts(), path, {"format": FORMAT, "config": json.dumps(fields), "note": note})


def photo_config(path: Path) -> dict[str, Any]:
    """The fields of FaceGPTConfig that a file of photo tokens asks for.

    Raises:
        AssetError: if it is damaged or of another format.
    """
    fields = json.loads(part_metadata(path, "file of photo tokens", FORMAT)["config"])
    fields.pop("hidden_size")
    return dict(fields)


def load_photo_parts(model: FaceGPTForConditionalGeneration, path: Path) -> None:
    """Put the parts of a file into a model, all or none (part_files.put_parts)."""
    put_parts(model.photo_parts(), path, "file of photo tokens")
