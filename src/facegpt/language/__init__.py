"""Words and faces in one token space: `<FACE>` tokens, the causal model, the face head and its labels."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from facegpt.language.model.face_reading import FaceReading

if TYPE_CHECKING:
    from facegpt.language.language_model import LanguageModel
    from facegpt.language.loading import load_language_model
    from facegpt.language.reading.text_reading import Reading

__all__ = ["FaceReading", "LanguageModel", "Reading", "load_language_model"]


_MODULES = {"LanguageModel": "language_model", "load_language_model": "loading", "Reading": "reading.text_reading"}


def __getattr__(name: str) -> Any:
    """Import what needs torch or transformers only when it is asked for."""
    if name in _MODULES:
        return getattr(import_module(f"facegpt.language.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'facegpt.language' has no attribute '{name}'")
