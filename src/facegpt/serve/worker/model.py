"""The model of a worker: what the package loads, warmed so that the first request waits for no compiler."""

from __future__ import annotations

import gc
import logging
import os

from facegpt.api import FaceGPT, load
from facegpt.assets import asset_path
from facegpt.types import FaceGPTError

log = logging.getLogger("facegpt.serve")


def load_model(device: str) -> FaceGPT:
    """The default model, with the talker that $FACEGPT_TALKER and $FACEGPT_TALKER_MODEL name."""
    talker, name = (os.environ.get(each) or None for each in ("FACEGPT_TALKER", "FACEGPT_TALKER_MODEL"))
    return load(device=device, talker=talker, talker_model=name)


def warm(model: FaceGPT, words: bool) -> None:
    """Do once what each request does: kernels compile, networks load, and the language model where words are read.

    The language model is half of a process's memory, and clips need no words.
    """
    try:
        if words:
            model.language.read("a man")
    except FaceGPTError as error:  # the base language model is not fetched yet: photos work without
        log.warning("words are not ready: %s", error)
    for face in model.reconstruct(str(asset_path("astronaut.png")), "fast"):
        face.render(64)


def let_words_go(model: FaceGPT) -> None:
    """Let the language model go, and the talker over it; the next words load them again, in about a second."""
    for name in ("talker", "language"):
        vars(model).pop(name, None)
    gc.collect()  # its parts know each other
