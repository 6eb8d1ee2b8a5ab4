"""Tells a reader what it will be asked to read, so that it reads all of it in one pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

#: Takes the texts that will be read.
Ahead = Callable[[Sequence[str]], None]


def not_ahead(_: Sequence[str]) -> None:
    """Tell nobody."""


def ahead_of(language: Any, *beside: Any) -> Ahead:
    """Tells a language model of texts; beside: what its `read` takes behind the text."""
    return partial(tell_ahead, language, beside=beside)


def tell_ahead(language: Any, texts: Sequence[str], beside: Sequence[Any] = ()) -> None:
    """Tell a language model of texts, where it can be told (`LanguageModel.ahead`)."""
    told: Callable[..., None] | None = getattr(language, "ahead", None)
    if told is not None and texts:
        told(texts, *beside)
