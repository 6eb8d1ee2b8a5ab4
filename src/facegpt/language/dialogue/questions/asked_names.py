"""What a question asks about: the measure or trait whose wordings are most like its words, or adjectives. No network.

The weights, of a softmax over words, are learnt from short wordings (corpus/conversations/measure_words.csv) and from
the questions of the corpus, by lab/runs/language/questions/asked_names.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from facegpt.language.dialogue.regression import scores_of, shares_of
from facegpt.language.parts import PARTS, base_form, last_part, with_joined_lips
from facegpt.language.patterns import word_set, words_in
from facegpt.language.trait_words import traits_of
from facegpt.types import Array

#: The weights, in assets/.
ASKED_NAMES = "networks/questions/asked_names.npz"
#: A name this likely or more is asked for.
SURE = 0.3
#: Words that say nothing of what is asked; those of size alone, which need a part of the face.
_STOP = word_set(
    "the a an and or of is are was were be been it its it's he she they his her him their them this that these "
    "those what what's whats which who whose how do does did has have had got in on at by for to from with as me "
    "my i you your we us our please pls now then so ok okay tell say give read show report need want know much "
    "many mm cm inch inches millimetres millimeters centimetres centimeters exactly about there here one ones two "
    "both all too also well just can could would should will may might call measure measures measured measurement "
    "than more most less very really quite rather thing same other first second third last left right photo "
    "picture man woman girl boy guy lady person head's if not no yes any some put think number numbers value at "
    "again still compared"
)
_SPLIT = re.compile(r"\s*(?:[,;/+&?.]|\band\b|\bor\b|\bvs\b|\bversus\b|\bthan\b)\s*", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_STEM = 5
_MOST = 6
DIMENSIONS = word_set(
    "wide width long length high height tall thick thickness big size broad breadth deep depth large small short "
    "thin narrow full circumference across stick protrude apart far"
)

#: Most traits that one question is taken to name.
_MOST_TRAITS = 4


def features_of_question(text: str) -> list[str]:
    """Names of the features of a piece of a question: its words, their beginnings, and pairs of words."""
    words = [base_form(word) for word in _WORD.findall(text.lower().replace("’", "'")) if word not in _STOP]
    words = list(dict.fromkeys(word.removesuffix("'s") for word in words))[:_MOST]
    stems = [f"{word[:_STEM]}-" for word in words if len(word) > _STEM]
    return [*words, *stems, *(" ".join(sorted(pair)) for pair in combinations(words, 2))]


@dataclass(frozen=True)
class NameClassifier:
    """Weights (features, names) with the row of each feature."""

    rows: dict[str, int]
    names: tuple[str, ...]
    weights: Array

    def likeliest(self, text: str) -> tuple[str, float]:
        """The name that a piece of a question is about, and its probability; ("", 0) where no word names a part."""
        said = features_of_question(text)
        alone = [name for name in said if " " not in name and not name.endswith("-")]
        if self.rows.keys().isdisjoint(said) or all(name in DIMENSIONS for name in alone):
            return "", 0.0
        share = shares_of(scores_of(said, self.rows, self.weights))
        best = int(share.argmax())
        return self.names[best], float(share[best])


def asked_names(question: str, least: float = SURE) -> tuple[str, ...]:
    """The measures, attributes and other names that a question is about, in order; () for none this likely."""
    classifier = load_name_classifier()
    found: dict[str, None] = {}
    for piece in _pieces(question):
        name, share = classifier.likeliest(piece)
        if share >= least:
            found[name] = None
    return tuple(found)


def asked_traits(question: str) -> tuple[str, ...]:
    """The attributes that a question names by an adjective and a part of the face, in order."""
    found: dict[str, None] = {}
    part = ""
    for piece in _SPLIT.split(with_joined_lips(question)):
        words = words_in(piece)
        part = last_part(words, part)
        for word in words:
            for name, _ in traits_of(part, base_form(word)):
                found[name] = None
    return tuple(found)[:_MOST_TRAITS]


def _pieces(question: str) -> Sequence[str]:
    """The parts of a question that each name something; "length and width" take the part of the face named beside."""
    cut = [piece for piece in _SPLIT.split(question) if piece and features_of_question(piece)]
    parts = [" ".join(w for w in _WORD.findall(piece.lower()) if _is_part(w)) for piece in cut]
    if not any(parts):
        return [question]
    said = [DIMENSIONS & {base_form(w) for w in _WORD.findall(piece.lower())} for piece in cut]
    pieces: list[str] = []
    for k, piece in enumerate(cut):
        beside = next((p for p in [*reversed(parts[:k]), *parts[k + 1 :]] if p), "")
        if parts[k]:
            said[k] = said[k] or (
                said[k - 1] if k and [parts[k]] == _contents(piece) else said[k]
            )  # "… mouth and nose"
            pieces.append(" ".join((*said[k] - {*words_in(piece)}, piece)))
        elif said[k] or not pieces:
            pieces.append(f"{beside} {piece}")
        else:
            pieces[-1] = f"{pieces[-1]} {piece}"
    if len(pieces) > 1 and len(pieces) == len(cut) and not said[0] and said[1] and not parts[1]:
        return pieces[1:]  # "the philtrum: length and width"
    return pieces


def _contents(piece: str) -> list[str]:
    return [word for word in _WORD.findall(piece.lower()) if word not in _STOP]


def _is_part(word: str) -> bool:
    return PARTS.get(word, PARTS.get(base_form(word), "person")) not in ("person",)


@lru_cache(maxsize=1)
def load_name_classifier() -> NameClassifier:
    """The shipped weights."""
    from facegpt.assets import load_arrays

    arrays = load_arrays(ASKED_NAMES)
    rows, names = (bytes(arrays[key]).decode("utf-8").split("\n") for key in ("features", "names"))
    return NameClassifier({name: k for k, name in enumerate(rows)}, tuple(names), arrays["weights"])
