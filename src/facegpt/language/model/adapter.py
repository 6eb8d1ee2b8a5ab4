"""Adapter files: the face parts of a model as safetensors, with all that is needed to put them on their base again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.language.model.part_files import part_metadata, put_parts, save_parts
from facegpt.language.targets import EMOTIONS, MEASURES_SPOKEN, NETWORK_ATTRIBUTES
from facegpt.types import AssetError

if TYPE_CHECKING:
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration

FORMAT = "facegpt-language/1"


def save_adapter(model: FaceGPTForConditionalGeneration, path: Path, base_sha256: str, note: str = "") -> Path:
    """Write the face parts in float16.

    Args:
        model: trained.
        path: a .safetensors file.
        base_sha256: of the file that the base came from ("" if unknown).
        note: how it was trained, in a few words.
    """
    config = {key: value for key, value in model.config.to_diff_dict().items() if key not in ("base", "base_kind")}
    words = {"attributes": NETWORK_ATTRIBUTES, "emotions": EMOTIONS, "measures": MEASURES_SPOKEN}
    about = {"config": json.dumps(config), "vocabulary": json.dumps(words)}
    return save_parts(model.face_parts(), path, {"format": FORMAT, **about, "base_sha256": base_sha256, "note": note})


def adapter_config(path: Path) -> tuple[dict[str, Any], str]:
    """The configuration of an adapter file and the sha256 of its base.

    Raises:
        AssetError: if the file is damaged, of another format, or speaks of quantities by other names.
    """
    metadata = part_metadata(path, "adapter", FORMAT)
    words = json.loads(metadata["vocabulary"])
    if words != {"attributes": list(NETWORK_ATTRIBUTES), "emotions": list(EMOTIONS), "measures": list(MEASURES_SPOKEN)}:
        raise AssetError(f"the adapter {path} was trained for other attributes, emotions or measures; train it again")
    return json.loads(metadata["config"]), metadata.get("base_sha256", "")


def load_adapter(model: FaceGPTForConditionalGeneration, path: Path) -> None:
    """Put the face parts of a file into a model, all or none (part_files.put_parts)."""
    put_parts(model.face_parts(), path, "adapter")
