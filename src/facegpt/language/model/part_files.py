"""Files of a model's parts: safetensors with a format's name in their metadata, read whole or not at all.

They hold float16, or whole numbers of 8 bits with their steps (runtime/steps.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from facegpt.runtime.steps import with_values
from facegpt.types import AssetError

if TYPE_CHECKING:
    from torch import Tensor, nn


def save_parts(parts: Mapping[str, Tensor], path: Path, metadata: dict[str, str]) -> Path:
    """Write parts in float16; the file appears only whole."""
    import torch
    from safetensors.torch import save_file

    half = {name: value.detach().to(torch.float16).contiguous() for name, value in parts.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    save_file(half, part, metadata=metadata)
    part.replace(path)
    return path


def part_metadata(path: Path, name: str, form: str) -> dict[str, str]:
    """Read the metadata of a file that should be a `name`.

    Raises:
        AssetError: if it is damaged or its format is not `form`.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            metadata = dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise AssetError(f"the {name} {path} cannot be read ({error}); nothing was loaded") from None
    if metadata.get("format") != form:
        raise AssetError(f"{path} is not a file of the format {form} ({name}); nothing was loaded")
    return metadata


def read_parts(path: Path, name: str) -> dict[str, Tensor]:
    """The tensors of a file, float16 or float32, by their names. Raises AssetError if it is damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return with_values(load_file(path))
    except (OSError, SafetensorError, ValueError) as error:
        raise AssetError(f"the {name} {path} cannot be read ({error}); nothing was loaded") from None


def put_parts(own: Mapping[str, Tensor], path: Path, name: str) -> None:
    """Copy a file's tensors into those of a model: every key must be there, with its shape, and no other.

    Raises:
        AssetError: if not, or if the file is damaged; the model is then unchanged.
    """
    import torch

    found = read_parts(path, name)
    missing, unknown = sorted(set(own) - set(found)), sorted(set(found) - set(own))
    misshapen = [key for key in set(own) & set(found) if own[key].shape != found[key].shape]
    if missing or unknown or misshapen:
        example = (missing + unknown + misshapen)[0]
        raise AssetError(
            f"{path} does not fit this model: {len(missing)} parts are missing, {len(unknown)} unknown and "
            f"{len(misshapen)} of another shape (for example {example}); nothing was loaded"
        )
    with torch.no_grad():
        for key, value in own.items():
            value.copy_(found[key].to(value.dtype))


def fill_reader(reader: nn.Module, path: Path, name: str, form: str) -> None:
    """Load the weights that `save_parts` wrote into a module, and freeze it for inference.

    Raises:
        AssetError: if it is damaged, of another format or of another shape, or has numbers that are not finite.
    """
    import torch

    part_metadata(path, name, form)
    put_parts(reader.state_dict(), path, name)
    if not all(bool(torch.isfinite(value).all()) for value in reader.state_dict().values()):
        raise AssetError(f"the {name} {path} has numbers that are not finite; nothing was loaded")
    reader.eval().requires_grad_(False)
