"""Small talk, questions about the program and wishes that other verbs fulfil: which set answer fits, if any.

A softmax regression on words and pairs of words chooses among the answers of set_answers.csv and none of them. It is
learnt from corpus/chat/set_answers.csv, beside all other turns of the corpus, by a program of lab/runs
(language/questions/set_answers.py). The answers are written ones, so that they are short and true of this program.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from itertools import pairwise

from facegpt.language.dialogue.regression import scores_of, shares_of
from facegpt.language.patterns import regex_any_case
from facegpt.types import Array

#: The weights, in assets/.
SET_ANSWERS = "networks/questions/set_answers.npz"
#: Probability from which an answer is given whatever else a turn may be, and where the turn is small talk or a question
#: about the program anyway.
SURE, LIKELY = 0.8, 0.45
#: The key of no answer, and those of what is told from the conversation: what was changed, whether a measure is usual,
#: heads that are shown again as they are, the last lengths in whole numbers.
NONE, HISTORY, USUAL, SHOWING, ROUNDING = "none", "history", "usual", "showing", "rounding"
#: Those of what adults measure on average.
NORM = "norm"
INSULT = "insult"
#: Those of reasons for changes and for looks, of what an answer rests on and how sure it is, and of who somebody is.
WHY_DONE, WHY_SO, GROUNDS, ACCURACY, RECOGNISE = "why_done", "why_so", "grounds", "accuracy", "recognise"
#: Those of whether people are one person, kin or alike; of what became of a head; of a change turned round, and of
#: who or which sex was misread; of a share of the last change, of the last turn for somebody else, of all that is seen
#: of somebody, of their family, and of another try.
SAME_PERSON, RELATED, ALIKE = "same_person", "related", "alike"
SINCE, FIRST_ASKED, REVERSE, MISREAD = "since", "first_asked", "reverse", "misread"
SHARE, LIKEWISE, ABOUT, FAMILY, RETRY = "share", "likewise", "about", "kin", "retry"
OF_SOMEBODY_HERE = frozenset((LIKEWISE, ABOUT, FAMILY, RETRY))
OF_LIKENESS = frozenset((SAME_PERSON, RELATED, ALIKE))
#: Keys that do not say by themselves what a turn does: it depends on what went before.
NOT_BY_ITSELF = (
    frozenset((HISTORY, WHY_DONE, WHY_SO, GROUNDS, SINCE, FIRST_ASKED, REVERSE, MISREAD, SHARE)) | OF_LIKENESS
)
#: Those of heads saved and of views from a side.
FILE, VIEWS = "file", "views"
#: Answers to wishes for what is done with a head outside of the conversation: they need one.
OF_A_HEAD = frozenset(("speech", "film", FILE, "surroundings", "turning", VIEWS))
#: What is said where no answer fits, by act.
UNKNOWN = {
    "small_talk": "All right. Tell me what face to make, or what to change.",
    "ability": "I make, change and measure heads, from words or photos. Other things I can't do.",
    "off_topic": "I am a small model for faces and don't know that. I can make, change and measure heads.",
}
#: An insult has no more words than this; where one may begin and end.
OF_AN_INSULT = 5
#: What so many words before an insult ask for stays: "give her curls you moron".
OF_A_WISH = 3
_STOP = re.compile(r"(?<=[,.!?;])\s+")
#: Between remarks and what follows them.
_PIECE = re.compile(r"[,.!;]+\s+")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[?!]")
#: Where pictographs begin among Unicode's signs, and the sign that only chooses how one is drawn.
_FIRST_SIGN, _AS_EMOJI = 0x2000, "\ufe0f"
_STEM, _LONGEST = 4, 8
#: A reply's verdict, and how words begin that ask for one.
_VERDICT = re.compile(r"^(?:Yes|No)(?:\. |: |, )(?=\w)")
_YES_NO = regex_any_case(r"""
    (?:^|[,.;!?]|\b(?:and|but|so|or|then)\b)\s*
    (?:is|are|was|were|does|do|did|can|could|will|would|should|may|must|has|have|am)\b
""")


@dataclass(frozen=True)
class SetAnswer:
    """An answer: its key, the act that it answers, its words, and how likely it is the one that fits."""

    key: str
    act: str
    reply: str
    share: float = 1.0


def features_of_remark(text: str) -> list[str]:
    """Names of the features of a turn, each once: its words, their beginnings, pairs of words, signs, its length."""
    plain = text.lower().replace("’", "'")
    words = _WORD.findall(plain)
    signs = {c for c in plain if not c.isalnum() and ord(c) >= _FIRST_SIGN and c != _AS_EMOJI}
    pairs = (f"{a} {b}" for a, b in pairwise(["^", *words, "$"]))
    stems = (f"{word[:_STEM]}-" for word in words if len(word) > _STEM)
    return sorted({"bias", f"words={min(len(words), _LONGEST)}", *words, *signs, *pairs, *stems})


def set_answer(text: str, surely: bool = True) -> SetAnswer | None:
    """The answer that fits a turn.

    Args:
        text: the turn.
        surely: None comes where it is not sure that this answer fits; else where it is not likely.
    """
    for said in (text, after_remark(text)):
        answer = likeliest(said) if said else None
        if answer is not None and answer.share >= (SURE if surely else LIKELY):
            return replace(answer, reply=as_asked(answer.reply, said))
    return None


def after_remark(text: str) -> str:
    """What stands behind remarks that have answers of their own: "hey, ok. what can you do?"; "" for none."""
    *remarks, rest = [piece for piece in _PIECE.split(text) if piece.strip()] or [""]
    found = [likeliest(remark) for remark in remarks]
    small = all(each is not None and each.act == "small_talk" and each.share >= SURE for each in found)
    return rest.strip() if found and small else ""


def without_insults(text: str) -> str:
    """A text without the insults beside what it asks: "no, I said angry, you idiot" is "no, I said angry"."""
    pieces = [piece for piece in _STOP.split(text) if piece.strip()]
    kept = [rest for piece in pieces if (rest := _without_insult(piece))]
    return " ".join(kept) if any(_WORD.search(piece) for piece in kept) else text


def _without_insult(piece: str) -> str:
    """A piece without an insult; "" where it is nothing else."""
    rest = _without_address(piece)
    asks = rest != piece and len(rest.split()) >= OF_A_WISH
    return rest if asks or not _is_insult(piece) else ""


def _without_address(piece: str) -> str:
    """A piece without an insult at its end or beginning that addresses this program: "angry you idiot" is "angry"."""
    starts = [match.start() for match in re.finditer(r"\b(?:you|u)\b", piece, re.IGNORECASE) if match.start()]
    start = next((start for start in starts if _is_insult(piece[start:])), len(piece))
    return piece[:start]


def _is_insult(piece: str) -> bool:
    answer = likeliest(piece) if len(piece.split()) <= OF_AN_INSULT else None
    return answer is not None and answer.key == INSULT and answer.share >= SURE


@lru_cache(maxsize=64)
def likeliest(text: str) -> SetAnswer | None:
    """The likeliest answer, however unlikely; None where no word of a text is known."""
    rows, weights = _weights()
    known = [name for name in features_of_remark(text) if name in rows]
    if all(name.startswith(("bias", "words=")) for name in known):
        return None
    share = shares_of(scores_of(known, rows, weights))
    key = max(answers(), key=lambda key: share[place_of(key)])
    return replace(answers()[key], share=float(share[place_of(key)]))


def place_of(key: str) -> int:
    """The column of a key in the weights; 0 is none of them."""
    return _places()[key]


@lru_cache(maxsize=1)
def answers() -> Mapping[str, SetAnswer]:
    """All set answers by key."""
    text = (resources.files("facegpt.language.dialogue") / "set_answers.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["key"]: SetAnswer(row["key"], row["act"], row["reply"]) for row in rows}


@lru_cache(maxsize=1)
def _places() -> Mapping[str, int]:
    return {NONE: 0, **{key: k for k, key in enumerate(answers(), start=1)}}


def asks_for(key: str, text: str) -> bool:
    """Whether a turn surely asks for what has a key: HISTORY, USUAL, SHOWING."""
    answer = set_answer(text)
    return answer is not None and answer.key == key


def as_asked(reply: str, text: str) -> str:
    """A reply without its "Yes" or "No" where the words do not ask for one ("how do I get it into Unity?")."""
    return _VERDICT.sub("", reply) if reply and not _YES_NO.search(text) else reply


def small_answer(text: str, act: str) -> str:
    """The set answer to a remark or to a question about the program, or what is said where none fits."""
    answer = set_answer(text, surely=False)
    return answer.reply if answer is not None and answer.reply else UNKNOWN.get(act, UNKNOWN["small_talk"])


def is_set(text: str) -> bool:
    """Whether a text is one of the set answers."""
    replies = {*UNKNOWN.values(), *(answer.reply for answer in answers().values())}
    return text.strip() in replies | {_VERDICT.sub("", reply) for reply in replies}


@lru_cache(maxsize=1)
def _weights() -> tuple[dict[str, int], Array]:
    from facegpt.assets import load_features

    return load_features(SET_ANSWERS)
