"""Adapter files: the face parts of a model as safetensors, with all that is needed to put them on their base again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.language.targets import ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN
from facegpt.types import AssetError

if TYPE_CHECKING:
    from torch import Tensor

    from facegpt.language.config import FaceGPTConfig
    from facegpt.language.model import FaceGPTForConditionalGeneration

FORMAT = "facegpt-language/1"


def save_adapter(model: FaceGPTForConditionalGeneration, path: Path, base_sha256: str, note: str = "") -> Path:
    """Write the face parts in float16.

    Args:
        model: trained.
        path: a .safetensors file.
        base_sha256: of the file that the base came from ("" if unknown).
        note: how it was trained, in a few words.
    """
    import torch
    from safetensors.torch import save_file

    parts = {name: value.detach().to(torch.float16).contiguous() for name, value in model.face_parts().items()}
    config = {key: value for key, value in model.config.to_diff_dict().items() if key not in ("base", "base_kind")}
    words = {"attributes": ATTRIBUTES, "emotions": EMOTIONS, "measures": MEASURES_SPOKEN}
    metadata = {
        **{"format": FORMAT, "config": json.dumps(config), "base_sha256": base_sha256, "note": note},
        "vocabulary": json.dumps(words),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    save_file(parts, part, metadata=metadata)
    part.replace(path)
    return path


def adapter_config(path: Path) -> tuple[dict[str, Any], str]:
    """Give the configuration of an adapter file and the sha256 of its base.

    Raises:
        AssetError: if the file is damaged, of another format, or speaks of quantities by other names.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise AssetError(f"the adapter {path} cannot be read ({error}); nothing was loaded") from None
    if metadata.get("format") != FORMAT:
        raise AssetError(f"{path} is not an adapter of the format {FORMAT}; nothing was loaded")
    words = json.loads(metadata["vocabulary"])
    if words != {"attributes": list(ATTRIBUTES), "emotions": list(EMOTIONS), "measures": list(MEASURES_SPOKEN)}:
        raise AssetError(f"the adapter {path} was trained for other attributes, emotions or measures; train it again")
    return json.loads(metadata["config"]), metadata.get("base_sha256", "")


def load_adapter(model: FaceGPTForConditionalGeneration, path: Path) -> None:
    """Put the face parts of a file into a model: every key must be there, with its shape, and no other.

    Raises:
        AssetError: if not; the model is then unchanged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found = load_file(path)
    except (OSError, SafetensorError) as error:
        raise AssetError(f"the adapter {path} cannot be read ({error}); nothing was loaded") from None
    put_parts(model, found, str(path))


def put_parts(
    model: FaceGPTForConditionalGeneration, found: dict[str, Tensor], name: str, parts: dict[str, Tensor] | None = None
) -> None:
    """Copy parts of a model, by default its face parts, after checking every key and shape.

    Raises:
        AssetError: if they differ; the model is then unchanged.
    """
    import torch

    own = model.face_parts() if parts is None else parts
    missing, unknown = sorted(set(own) - set(found)), sorted(set(found) - set(own))
    misshapen = [key for key in set(own) & set(found) if own[key].shape != found[key].shape]
    if missing or unknown or misshapen:
        example = (missing + unknown + misshapen)[0]
        raise AssetError(
            f"{name} does not fit this model: {len(missing)} parts are missing, {len(unknown)} unknown and "
            f"{len(misshapen)} of another shape (for example {example}); nothing was loaded"
        )
    with torch.no_grad():
        for key, value in own.items():
            value.copy_(found[key].to(value.dtype))


def merged_config(config: FaceGPTConfig, changes: dict[str, Any]) -> dict[str, Any]:
    """Give the fields of an adapter's configuration that a model is built with."""
    known = config.to_dict()
    return {key: value for key, value in changes.items() if key in known and not key.startswith("_")}
