"""Which talker is meant: an address, a folder, or none for the one inside the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from facegpt.language.talkers.base import Talker
from facegpt.language.talkers.embedded import EmbeddedTalker
from facegpt.language.talkers.endpoint import EndpointTalker
from facegpt.types import FaceGPTError


def choose_talker(talker: str | Path | None, model: str | None = None, device: str = "cpu") -> Callable[[Any], Talker]:
    """What makes a talker, given the package's language model (a function that loads it).

    Args:
        talker: an address (`http://localhost:11434/v1`), a folder of a model for transformers, or None.
        model: the model's name at an address.
        device: where a model of a folder runs.

    Raises:
        FaceGPTError: if an address comes without the name of a model, or there is no such folder.
    """
    if talker is None:
        if model is not None:
            raise FaceGPTError("a talker's model is named (--talker-model), but no address (--talker http://…/v1)")
        return EmbeddedTalker
    if str(talker).startswith(("http://", "https://")):
        if not model:
            raise FaceGPTError("an address needs the name of its model: --talker-model NAME")
        return lambda language: EndpointTalker(str(talker), model)
    folder = Path(talker)
    if not folder.is_dir():
        raise FaceGPTError(
            f"there is no talker '{talker}': it is a folder, or an address as in http://localhost:8080/v1"
        )

    def load(language: Any) -> Talker:
        from facegpt.language.talkers.folder import load_folder_talker

        return load_folder_talker(folder, device)

    return load
