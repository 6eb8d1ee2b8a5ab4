"""Feelings by plain words, for short texts: "glowering", "scared and furious", "a huge grin".

The network knows situations and turns of phrase; where it finds no feeling although a word names one, or one of which
no word speaks, the words decide.
"""

from __future__ import annotations

import re

from facegpt.language.emotions import NEUTRAL
from facegpt.language.gazetteer import load_gazetteer
from facegpt.language.gazetteer_text import words_of
from facegpt.language.gazetteer_words import feelings_of

#: Kind of feeling (gazetteer_words.KINDS_OF_FEELING) → emotion.
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
#: Emotion → the kinds of feeling in it.
_KINDS_IN: dict[str, tuple[str, ...]] = {name: (kind,) for kind, name in _SINGLE.items()} | {
    name: kinds for kinds, name in _PAIRS.items()
}
_KINDS_IN |= {"appalled": ("appalled", "disgust", "anger"), "hatred": ("hate", "disgust", "anger")}
_KINDS_IN |= {"awed": ("awe", "fear", "surprise")}
#: Further stems, for the rules alone: kind of feeling → stems.
_MORE = {
    "joy": "jovial buoyant upbeat gratif triumph chortl guffaw rejoic exuberan ebullien gleef jocular carefree",
    "sad": "sadly sadder saddest inconsol heartsick heartach "
    "brokenheart doleful dolorous lugubr morose bereft bereav bawl whimper snivel "
    "depress mopey lachrym",
    "surprise": "stupef nonplus dumbstruck",
    "fear": "quaking jumpy creeped freaked phobi",
    "anger": "fury apoplec incandes choler vexed tantrum snarl bristl",
    "disgust": "repugn puking barf grossed",
    "contempt": "scoff jeer derid sniffy dismissiv unimpress",
    "hate": "malice malici vitriol enmity",
    "awe": "enthral dazzl mesmeri transfix",
    "neutral": "stoic inscrut unreadab unemotion",
}
_STEMS = {stem: kind for kind, stems in _MORE.items() for stem in stems.split()}
_EMOJI = {
    "joy": "😀😃😄😁😆😂🤣😊🙂☺😍🥰😎🤗😋🥳", "sad": "😢😭😞😔🙁☹😟😿🥺😥", "surprise": "😮😯😲",
    "fear": "😨😰😱", "anger": "😠😡🤬😤", "disgust": "🤢🤮", "contempt": "🙄😒😏", "awe": "🤩",
    "neutral": "😐😑😶",
}  # fmt: skip
_KIND_OF_EMOJI = {sign: kind for kind, signs in _EMOJI.items() for sign in signs}
#: Words of movements, and words that often mean something else: alone they name no feeling.
_NO_FEELING = re.compile(
    r"^(?:smil|grin|smirk|laugh|giggl|chuckl|scowl|cross|rest|relax|calm|straight|tear|foul|nasty|sick|ick|mad$|"
    r"cry|cries|"
    r"amaz|wonder|terrific|gross|light|superior|snoot|haught|spit|pleas|content|stun|shock|radian|jolly|cheer|fum|"
    r"sneer|blank|upset|worr|start|sudden|rag$|regret|lonel|tragic|dismal)"
)
#: Longest text, in words, of which the words decide.
_SHORT = 9
_SMILES = re.compile(r"\b(?:smil|grin)\w*")


def explicit_kinds(text: str) -> tuple[set[str], set[str]]:
    """Give the kinds of feeling that a text names: (by words that are sure, by any word)."""
    sure = {_KIND_OF_EMOJI[sign] for sign in text if sign in _KIND_OF_EMOJI}
    every = set(sure)
    for word in words_of(load_gazetteer().respelled(text)):
        kinds = set(feelings_of(word.text) or _more_of(word.text))
        if word.turned or not kinds:
            continue
        every |= kinds
        if len(kinds) == 1 and not _NO_FEELING.match(word.text):
            sure |= kinds
    return sure, every


def _more_of(word: str) -> tuple[str, ...]:
    return next(((_STEMS[word[:size]],) for size in range(len(word), 3, -1) if word[:size] in _STEMS), ())


def settled_emotion(text: str, read: str) -> str:
    """Give the emotion of a text (of emotions.csv, "neutral" or ""), where the network `read` another or none."""
    sure, every = explicit_kinds(text)
    words = len(re.findall(r"[^\W\d_]+", text))
    if not sure:
        only_smiles = bool(_SMILES.search(text)) and every <= {"joy"} and words <= _SHORT
        return "" if only_smiles and read not in ("", "happiness", "happily surprised", "contempt") else read
    if words > _SHORT or read == NEUTRAL:
        return read
    pair = next((name for kinds, name in _PAIRS.items() if set(kinds) == sure), "")
    if pair:
        return pair if sure == every or read in ("", *(_SINGLE[kind] for kind in sure)) else read
    if len(sure) != 1:
        return read
    kind = next(iter(sure))
    foreign = sure == every and read != _SINGLE[kind] and kind not in _KINDS_IN.get(read, (kind,))
    return _SINGLE[kind] if not read or foreign else read
