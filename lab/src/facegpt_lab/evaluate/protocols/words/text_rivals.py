"""All rivals of the language model: the rows of FaceGPT-Bench beside our own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from facegpt.types import FaceGPTError
from facegpt_lab.evaluate.protocols.words.text_baselines import KeywordParser, MeanHead, NetworkAlone, nearest_caption
from facegpt_lab.evaluate.protocols.words.text_linear import LinearHead

log = logging.getLogger("facegpt")


def rivals_of(ours: Any, version: str = "v1") -> Iterator[Any]:
    """Every rival of a language model that can be built here; the others are left out with a warning.

    On the second, blind version only the network without rules is one: the table asks what the rules earn.

    Each has a `name` and reads as a language model does.
    """
    makers: tuple[Callable[[], Any], ...] = (MeanHead, KeywordParser, nearest_caption, lambda: LinearHead(ours))
    for make in (*(makers if version == "v1" else ()), lambda: NetworkAlone(ours)):
        try:
            yield make()
        except FaceGPTError as error:
            log.warning("left out: %s", error)
