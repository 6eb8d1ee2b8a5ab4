"""What a text says in plain words is never lost: the word lists beside the language model.

A small network understands unusual wording and forgets now and then what is said outright. The word lists know only
plain wording, and are rarely wrong about it. So where the network leaves a trait open that a list names, the list's
word counts, if the network finds it possible at all. How much this adds is a row of FaceGPT-Bench.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.language.keywords import Found, find_keywords
from facegpt.language.targets import ATTRIBUTES
from facegpt.language.wishes import MillimetreWish, Wishes
from facegpt.types import Array

#: The network calls a trait named when its spread is below this or its mean is off by this (as in decode.py), SDs.
NAMED_SPREAD, NAMED_MEAN = 0.85, 0.3
#: A list's word counts where the network gives at least this probability that the trait is named.
LEAST_PROBABILITY = 0.05
#: Sure of the sex: probability of a man below or above.
SURE_WOMAN, SURE_MAN = 0.08, 0.92
#: Spread of what a list names, SDs.
SPREAD = 0.3


class WithPlainWords:
    """A language model whose readings also keep what the word lists find; everything else is the model's own.

    Args:
        language: a `facegpt.language.LanguageModel`.
    """

    def __init__(self, language: Any) -> None:
        self.language = language

    def __getattr__(self, name: str) -> Any:
        return getattr(self.language, name)

    def read(self, messages: Any, face: Any = None, is_edit: bool = False) -> Any:
        """Read the last message (see `LanguageModel.read`)."""
        reading = self.language.read(messages, face, is_edit)
        found = find_keywords(_last_text(messages))
        wishes = joined(reading.wishes, found, getattr(reading, "attribute_probability", None))
        return replace(reading, wishes=wishes)

    def stream(self, messages: Any, **options: Any) -> Iterator[str]:
        """Answer in words (see `LanguageModel.stream`)."""
        yield from self.language.stream(messages, **options)


def joined(wishes: Wishes, found: Found, probability: Array | None = None) -> Wishes:
    """Add to wishes what the word lists found and the network left open.

    Args:
        wishes: what the network read.
        found: what the lists found in the same text.
        probability: (K,) of each attribute being named, by the network; without it every word of the lists counts.
    """
    mean, spread = np.array(wishes.attribute_mean, float), np.array(wishes.attribute_spread, float)
    for name, degree in found.attributes.items():
        k = ATTRIBUTES.index(name)
        named = abs(mean[k]) > NAMED_MEAN or (not wishes.is_edit and spread[k] < NAMED_SPREAD)
        possible = probability is None or probability[k] >= LEAST_PROBABILITY
        if not named and possible and name not in found.conflicts:
            mean[k], spread[k] = degree, 0.0 if wishes.is_edit else SPREAD
    changes: dict[str, Any] = {"attribute_mean": mean, "attribute_spread": spread}
    if found.sex and not wishes.is_edit and SURE_WOMAN < wishes.man < SURE_MAN:
        changes["man"] = 1.0 if found.sex == "M" else 0.0
    if found.years_counted and found.age_years is not None and not _overlap(wishes.age_years, found.age_years):
        changes["age_years"] = found.age_years
    if found.millimetres and not wishes.millimetres:
        changes["millimetres"] = tuple(MillimetreWish(*wish) for wish in found.millimetres)
    return replace(wishes, **changes)


def _overlap(one: tuple[float, float] | None, other: tuple[float, float]) -> bool:
    return one is not None and one[0] <= other[1] + 3 and other[0] <= one[1] + 3 and one[1] - one[0] <= 15


def _last_text(messages: Any) -> str:
    content = messages if isinstance(messages, str) else messages[-1]["content"]
    return content if isinstance(content, str) else " ".join(p["text"] for p in content if p["type"] == "text")
