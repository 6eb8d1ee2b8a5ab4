"""What terms of this program and its field mean: "what is a morph target?", "which file do I load into Unity?".

The entries are those of docs/reference/glossary.md. A turn is looked at with its terms taken out: whether what is left
asks about them ("what is a <term>?") or only uses them ("save her as <term>") was learnt from corpus/chat/glossary.csv
and other turns of the corpus (lab/runs/language/questions/glossary.py): a term that is added needs no new wordings.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from facegpt.language.dialogue.regression import scores_of, shares_of
from facegpt.language.dialogue.set_answers import features_of_remark
from facegpt.types import Array

#: The weights, in assets/: columns "uses" and "asks".
GLOSSARY = "networks/questions/glossary.npz"
#: Probability from which a turn asks about its terms; so many entries are told.
ASKS, MOST_TOLD = 0.5, 2
#: What stands in a masked text for a term.
TERM = "termword"


def explained(text: str) -> str:
    """What the terms that a turn asks about mean; "" for any other turn."""
    masked, found = masked_terms(text)
    if not found:
        return ""
    rows, weights = _weights()
    share = shares_of(scores_of(features_of_remark(masked), rows, weights))[1]
    return " ".join(list(dict.fromkeys(found))[:MOST_TOLD]) if share >= ASKS else ""


def masked_terms(text: str) -> tuple[str, tuple[str, ...]]:
    """A text with TERM in place of each term, and the entries of these terms in their order."""
    found = tuple(terms()[match[0].lower()] for match in _any_term().finditer(text))
    return _any_term().sub(TERM, text), found


@lru_cache(maxsize=1)
def terms() -> Mapping[str, str]:
    """Each name of a term, in small letters, and what is said of it."""
    text = (resources.files("facegpt.language.dialogue.questions") / "glossary.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {name: row["answer"] for row in rows for name in row["names"].split(";")}


@lru_cache(maxsize=1)
def _any_term() -> re.Pattern[str]:
    longest_first = sorted(terms(), key=lambda name: -len(name))
    no_verb = r"(?<![\w.])(?<!\bI )(?<!\byou )(?<!\bwe )"  # "should I take" names no take
    return re.compile(rf"{no_verb}(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _weights() -> tuple[dict[str, int], Array]:
    from facegpt.assets import load_features

    return load_features(GLOSSARY)
