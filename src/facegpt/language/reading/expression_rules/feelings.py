"""Feelings by plain words, for short texts: "glowering", "scared and furious", "a huge grin".

The network knows situations and turns of phrase; where it finds no feeling although a word names one, or one of which
no word speaks, the words decide.
"""

from __future__ import annotations

import re

import numpy as np

from facegpt.describe.emotion_units import NEUTRAL
from facegpt.language.patterns import regex
from facegpt.language.reading.expression_rules.action_units import find_action_units
from facegpt.language.reading.expression_rules.feeling_phrases import (
    kinds_by_phrase,
    kinds_by_sign,
    kinds_hinted_at,
    means_more,
    resets_face,
    tells_what_happens,
    without_idle_words,
)
from facegpt.language.reading.expression_rules.feeling_tables import OTHERWISE, STEMS
from facegpt.language.reading.expression_rules.units import find_rests
from facegpt.language.reading.ngrams.classifier import load_ngram_classifier
from facegpt.language.reading.ngrams.text_features import words_of
from facegpt.language.reading.ngrams.word_tables import feelings_of
from facegpt.language.reading.normalise import normalised, standardise_dialect

#: Kind of feeling (word_tables.KINDS_OF_FEELING) → emotion.
_SINGLE = {
    "joy": "happiness", "sad": "sadness", "surprise": "surprise", "fear": "fear", "anger": "anger",
    "disgust": "disgust", "contempt": "contempt", "hate": "hatred", "awe": "awed", "appalled": "appalled",
    "neutral": NEUTRAL,
}  # fmt: skip
_PAIRS = {
    ("joy", "surprise"): "happily surprised", ("disgust", "joy"): "happily disgusted",
    ("fear", "sad"): "sadly fearful", ("anger", "sad"): "sadly angry", ("sad", "surprise"): "sadly surprised",
    ("disgust", "sad"): "sadly disgusted", ("anger", "fear"): "fearfully angry",
    ("fear", "surprise"): "fearfully surprised", ("disgust", "fear"): "fearfully disgusted",
    ("anger", "surprise"): "angrily surprised", ("anger", "disgust"): "angrily disgusted",
    ("disgust", "surprise"): "disgustedly surprised",
}  # fmt: skip
#: Kinds that are said together → emotion.
_PAIR_OF = {frozenset(kinds): name for kinds, name in _PAIRS.items()} | {
    frozenset(kinds): name
    for name, some in (
        ("appalled", (("appalled", "disgust"), ("appalled", "anger"), ("appalled", "surprise"))),
        ("hatred", (("hate", "anger"), ("hate", "disgust"), ("hate", "contempt"), ("hate", "anger", "disgust"))),
        ("awed", (("awe", "surprise"), ("awe", "joy"), ("awe", "fear"), ("awe", "joy", "surprise"))),
    )
    for kinds in some
}
#: Emotion → the kinds of feeling in it.
_KINDS_IN: dict[str, tuple[str, ...]] = {name: (kind,) for kind, name in _SINGLE.items()} | {
    name: kinds for kinds, name in _PAIRS.items()
}
_KINDS_IN |= {"appalled": ("appalled", "disgust", "anger"), "hatred": ("hate", "disgust", "anger")}
_KINDS_IN |= {"awed": ("awe", "fear", "surprise")}
_STEMS = {stem: kind for kind, stems in STEMS.items() for stem in stems.split()}
#: Words of movements, and words that often mean something else: alone they name no feeling.
_NO_FEELING = regex(r"""
    ^(?:smil|grin|smirk|laugh|giggl|chuckl|scowl|cross|rest|relax|calm|straight|tear|foul|nasty|sick|ick|mad$|cry|cries|
    amaz|wonder|terrific|gross|light|superior|snoot|haught|spit|pleas|content|stun|shock|radian|jolly|cheer|fum|sneer|
    blank|upset|worr|start|sudden|rag$|regret|lonel|tragic|dismal)
""")
#: Longest text, in words: in which one word alone makes a feeling; the same where no looks are named; in which it
#: outweighs another; in which two make a pair.
_SHORT, _FEW, _MIDDLE, _LONG = 9, 12, 16, 26
_SMILES = re.compile(r"\b(?:smil|grin)\w*")
#: From these log odds on a text names a trait of looks.
_NAMED = 0.5


def explicit_kinds(text: str) -> tuple[set[str], set[str]]:
    """The kinds of feeling that a text names: (by words and phrases that are sure, by any word)."""
    right = load_ngram_classifier().respelled(text)
    said = without_idle_words(standardise_dialect(normalised(right)))
    sure = kinds_by_sign(text) | kinds_by_phrase(said)
    by_sure, by_any = _kinds_by_word(said)
    sure |= by_sure
    return sure, sure | by_any | (kinds_hinted_at(said) if sure else set())


def _kinds_by_word(text: str) -> tuple[set[str], set[str]]:
    sure: set[str] = set()
    every: set[str] = set()
    for word in words_of(text):
        kinds = set(feelings_of(word.text) or _more_of(word.text))
        if word.turned or not kinds or word.text in OTHERWISE:
            continue
        every |= kinds
        if len(kinds) == 1 and not _NO_FEELING.match(word.text):
            sure |= kinds
    return sure, every


def _more_of(word: str) -> tuple[str, ...]:
    return next(((_STEMS[word[:size]],) for size in range(len(word), 3, -1) if word[:size] in _STEMS), ())


def settled_emotion(text: str, read: str) -> str:
    """The emotion of a text (of emotions.csv, "neutral" or ""), where the network `read` another or none."""
    lower = standardise_dialect(normalised(text))
    if resets_face(lower):
        return NEUTRAL
    sure, every = explicit_kinds(text)
    words = len(re.findall(r"[^\W\d_]+", text))
    if not sure:
        only_smiles = bool(_SMILES.search(text)) and every <= {"joy"} and words <= _SHORT
        if only_smiles and read not in ("", "happiness", "happily surprised", "contempt"):
            return ""
        return "" if read and _is_unasked(text, lower, read, every) else read
    if read == NEUTRAL and words > _SHORT:
        return read
    together = _PAIR_OF.get(frozenset(sure), "") or (_PAIR_OF.get(frozenset(every), "") if words <= _MIDDLE else "")
    if together:
        part = set(_KINDS_IN.get(read, ())) & sure
        sure_enough = sure == every or not read or part or words <= _FEW
        return together if words <= _LONG and sure_enough else read
    return _of_one_kind(next(iter(sure)), read, sure == every, words, lower) if len(sure) == 1 else read


def _of_one_kind(kind: str, read: str, is_all: bool, words: int, text: str) -> str:
    """Settle the emotion of a text whose sure words are of one kind, and of which `is_all` that any word says."""
    if not read:
        longest = _SHORT if kind == "neutral" or _names_looks(text) else _FEW
        return _SINGLE[kind] if words <= longest and not re.search(r"\d", text) else read
    if not is_all or words > _MIDDLE or read == _SINGLE[kind]:
        return read
    if kind not in _KINDS_IN.get(read, (kind,)):
        return _SINGLE[kind]
    more = read not in _PAIR_OF.values() or means_more(text) or (kind == "surprise" and words > _SHORT)
    return read if more else _SINGLE[kind]


def _is_unasked(text: str, lower: str, read: str, every: set[str]) -> bool:
    """Whether the words are about something else than a feeling, though the network `read` one.

    So it is where movements are given by number or only end, where the word of feeling is said by the way
    ("surprise me"), and where the text names looks and nothing that happens.
    """
    short = len(lower.split()) <= _MIDDLE - 2
    if find_action_units(lower) or (short and find_rests(lower) and not every - {"joy", "anger", "sad", "contempt"}):
        return True
    if not every and set(_KINDS_IN.get(read, ("",))) <= _kinds_by_word(lower)[1]:
        return True
    if every or tells_what_happens(lower):
        return False
    return _names_looks(text)


def _names_looks(text: str) -> bool:
    evidence = load_ngram_classifier().read(text)
    return float(np.maximum(evidence.high, evidence.low).max()) > _NAMED
