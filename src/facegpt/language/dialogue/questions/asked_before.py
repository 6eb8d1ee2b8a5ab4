"""What a question takes from the turns before it, by two softmax regressions on its words. No network.

"And how long?" takes the part of the face from what was asked or changed last, "and his?" all of it; "does she wear
glasses?" nothing. Which, and whether a head is meant as it is or as it was, is learnt from written conversations by
lab/runs/language/questions/asked_before.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.questions.asked_names import asked_names, asked_traits, features_of_question
from facegpt.language.dialogue.regression import scores_of
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import words_in
from facegpt.types import Array

#: The weights of both, in assets/.
ASKED_SOURCE, ASKED_WHEN = "networks/questions/asked_source.npz", "networks/questions/asked_when.npz"
#: Where the names that a question is about come from: its words; these with the part of the face spoken of last; the
#: question before; the last change; none of these, since it is no question about a head.
SOURCES = ("own", "part", "question", "change", "none")
#: What speaks against the last, since what a turn does was read before: it is a question.
NO_QUESTION = 2.0
#: A head as it is, as it came, and as it was before its last change.
WHEN = ("now", "first", "before")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[?!]")
_LONGEST, _MOST = 14, 3


@dataclass(frozen=True)
class Offered:
    """What a question can be about: names by source, as far as there are any, and what the turn before did."""

    names: Mapping[str, tuple[str, ...]]
    last: str = ""


def offered(text: str, cast: Cast) -> Offered:
    """The names that each source has for a question."""
    part = part_of(cast.last_text())
    found = {
        "own": names_in(text),
        "part": names_in(f"{text.rstrip('?! ')} of the {part}") if part and not part_of(text) else (),
        "question": cast.question.asks,
        "change": cast.change.asks,
    }
    return Offered({source: names for source, names in found.items() if names}, cast.said.act)


def names_in(text: str) -> tuple[str, ...]:
    """What the words of a question name: measures and traits, and traits by their adjectives."""
    return asked_names(text) or asked_traits(text)


def part_of(text: str) -> str:
    """The last part of the face that a text names, or ""."""
    named = [w for w in words_in(text) if PARTS.get(w, "person") != "person"]
    parts = [w for w in named if PARTS[w] not in ("head", "face")] or named
    lips = {text.lower().rfind(lip): lip for lip in ("upper lip", "lower lip") if lip in text.lower()}
    return lips[max(lips)] if lips else parts[-1] if parts else ""


def features_of_source(text: str, offer: Offered) -> list[str]:
    """Names of the features of a question, each once: its words, what it names itself, what there is to take."""
    words = _WORD.findall(text.lower().replace("’", "'"))[:_LONGEST]
    kinds = ["<part>" if PARTS.get(w, PARTS.get(base_form(w), "person")) != "person" else w for w in words]
    own = features_of_question(text)
    facts = {
        f"parts={int('<part>' in kinds)}",
        f"words={min(len(words), 8)}",
        f"said={min(sum(' ' not in name and name[-1] != '-' for name in own), _MOST)}",
        f"last={offer.last}",
        *(f"has {source}" for source in offer.names),
        f"own in question={int(bool({*offer.names.get('own', ())} & {*offer.names.get('question', ())}))}",
    }
    said = {*kinds, *(f"{a} {b}" for a, b in pairwise(["^", *kinds, "$"]))}
    joined = {f"{a} & {b}" for a, b in pairwise(sorted(facts))} | {f"{fact} & {w}" for fact in facts for w in kinds}
    return sorted({"bias", *facts, *said, *joined})


def features_of_when(text: str) -> list[str]:
    """Names of the features of a question that say when: its words, in pairs and triples."""
    words = ["^", *_WORD.findall(text.lower().replace("’", "'")), "$"]
    kinds = ["<part>" if PARTS.get(w, "person") != "person" else w for w in words]
    triples = (" ".join(each) for each in zip(kinds, kinds[1:], kinds[2:], strict=False))
    return sorted({"bias", *kinds, *(f"{a} {b}" for a, b in pairwise(kinds)), *triples})


def source_of(text: str, offer: Offered) -> str:
    """One of SOURCES: the likeliest."""
    return likeliest(scores_of(features_of_source(text, offer), *_weights(ASKED_SOURCE)), offer)


def likeliest(scores: Array, offer: Offered) -> str:
    """The source with the highest of scores (sources,), of those that have names and "none"."""
    odds = {source: float(score) for source, score in zip(SOURCES, scores, strict=True) if source in offer.names}
    odds["none"] = float(scores[SOURCES.index("none")]) - NO_QUESTION
    return max(odds, key=lambda source: odds[source])


def when_of(text: str) -> str:
    """One of WHEN, by the words of a question."""
    return WHEN[int(scores_of(features_of_when(text), *_weights(ASKED_WHEN)).argmax())]


@lru_cache(maxsize=2)
def _weights(asset: str) -> tuple[Mapping[str, int], Array]:
    from facegpt.assets import load_features

    return load_features(asset)
