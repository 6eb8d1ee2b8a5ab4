"""Files of photo tokens: the projector and the photo head as safetensors, and what they fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.types import AssetError

if TYPE_CHECKING:
    from facegpt.language.model import FaceGPTForConditionalGeneration

FORMAT = "facegpt-photos/1"
#: The shipped file, in assets/. It fits the shipped adapter and landmark network.
PHOTO_TOKENS = "photo_tokens.safetensors"
_FIELDS = ("photo_geometry", "photo_layers", "photo_channels", "photo_numbers", "photo_width", "hidden_size")


def save_photo_parts(model: FaceGPTForConditionalGeneration, path: Path, note: str = "") -> Path:
    """Write the photo parts in float16. note: how they were trained, in a few words."""
    import torch
    from safetensors.torch import save_file

    parts = {name: value.detach().to(torch.float16).contiguous() for name, value in model.photo_parts().items()}
    fields = {name: getattr(model.config, name) for name in _FIELDS}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    save_file(parts, part, metadata={"format": FORMAT, "config": json.dumps(fields), "note": note})
    part.replace(path)
    return path


def photo_config(path: Path) -> dict[str, Any]:
    """Give the fields of FaceGPTConfig that a file of photo tokens asks for.

    Raises:
        AssetError: if it is damaged or of another format.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise AssetError(f"the photo tokens {path} cannot be read ({error}); nothing was loaded") from None
    if metadata.get("format") != FORMAT:
        raise AssetError(f"{path} is not a file of photo tokens of the format {FORMAT}; nothing was loaded")
    fields = json.loads(metadata["config"])
    fields.pop("hidden_size")
    return fields


def load_photo_parts(model: FaceGPTForConditionalGeneration, path: Path) -> None:
    """Put the parts of a file into a model: every key must be there, with its shape, and no other.

    Raises:
        AssetError: if not; the model is then unchanged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from facegpt.language.adapter import put_parts

    try:
        found = load_file(path)
    except (OSError, SafetensorError) as error:
        raise AssetError(f"the photo tokens {path} cannot be read ({error}); nothing was loaded") from None
    put_parts(model, found, str(path), model.photo_parts())
