"""What a turn of a conversation is about: a new person or the one at hand, how many, which of several.

The language model reads what a face should look like; these few questions of grammar need no learning.
"""

from __future__ import annotations

import re

from facegpt.language.keyword_tables import NUMBERS

#: Most heads in one answer.
MOST_HEADS = 8

_PERSON = (
    r"(?:person|m[ae]n|wom[ae]n|face|head|guy|girl|boy|lady|gentleman|character|stranger|portrait|kid|child|teen\w*|"
    r"grandm\w+|grandp\w+|grandfather|mother|father|daughter|son|sister|brother|twin|villain|hero|heroine|suspect|"
    r"soldier|witch|king|queen|bloke|chap|lad|fella|dude|nurse|teacher|farmer|sailor|pirate|wizard|warrior|monk|nun)"
)
_PEOPLE = (
    rf"(?:{_PERSON}s|people|persons|children|womans|ladies|gentlemen|men|women|versions?|variants?|variations?|options?|"
    r"strangers|heroes)"
)
_STRANGER = re.compile(
    r"\b(imagine|invent|come up with|someone|somebody|another(?! ?(?:\d|mm|millimet|centimet|bit|shade))|stranger|"
    r"different (?:person|man|woman|face|head)|new (?:person|man|woman|face|head|one)|random (?:person|face|head))\b",
    re.IGNORECASE,
)
_INDEFINITE = re.compile(
    rf"\b(?:an?|one|some|several|{'|'.join(list(NUMBERS)[1:8])}|[2-8])\s+"
    rf"(?:[\w-]+[\s,]+){{0,4}}?(?:{_PERSON}|{_PEOPLE})\b",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(her|his|him|he|she|it|them|they|their|me|my|us|our|this|that|these|those|same|now|again|back|more|less|"
    r"the (?:nose|eyes|mouth|chin|jaw|face|head|lips|forehead|hair|smile|skin|ears|cheeks|brows?|neck|first|second|"
    r"last|other|person|man|woman))\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\W*(who|what(?! would| if)|where|when|why|which|how(?! about)|is|are|was|does|do (?:you|they|i|we)|did|has)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(show|make|made|give|draw|create|generate|render|build|sculpt|do it|try|let me see|see (?:her|him|them|it|me)|"
    r"version|would|imagine|possible|chance|favou?rite|pictures? of (?:a|an|her|him)|faces? (?:of|for|with)|"
    r"heads? (?:of|for|with)|want|need|reconstruct|3d|(?:what|how) about)\b",
    re.IGNORECASE,
)
_TASK_OF_WORDS = re.compile(
    r"^\W*(?:please |can you |could you |pls )?(write|proofread|translate|summari[sz]e|explain|define|spell|count|list|"
    r"name|suggest|recommend|continue|rewrite|paraphrase|describe|rank|compare|measure|calculate|convert|rhyme|tips|"
    r"tell me|correct|check|fix|recipe|substitute|etymology|python|difference)\b|"
    r"\b(no (?:more )?pictures?|no (?:face|head)s?,|text only|in words|don't (?:make|draw|change)|do not (?:make|draw)|"
    r"without (?:making|drawing)|recipe|limerick|poem|haiku|password|meaning of|mean\?|who said|where's that from|"
    r"in (?:french|german|spanish|italian|english)\?)",
    re.IGNORECASE,
)
_OPINION = re.compile(r"\b(?:would|do|could) you (?:call|say|put|describe|guess|rate|think|judge)\b", re.IGNORECASE)
_ASKS_FOR_FACE = re.compile(
    r"\b(?:show|give|make|draw|create|generate|render|build|sculpt|need|want|imagine|reconstruct|produce|do)\b"
    rf"[^.?!;:]{{0,50}}?\b(?:{_PERSON}|{_PEOPLE}|avatar|bust|likeness|3d|selfie|somebody|someone)\b(?!-|s-up)",
    re.IGNORECASE,
)
_SPEAKS_OF_FACE = re.compile(
    rf"\b(?:{_PERSON}s?|{_PEOPLE}|avatar|somebody|someone|nose|eyes?|mouth|chin|jaw|lips?|ears?|forehead|hair|beard|"
    r"brows?|cheeks?|he|she|him|her|his)\b",
    re.IGNORECASE,
)
#: Log odds that the grammar of a turn adds to those of the language model: chosen on held-out turns of the corpus.
WORDS_ONLY, ABOUT_A_FACE_AT_HAND, ASKS, NOTHING_OF_A_FACE = -4.0, 2.0, 2.0, -4.0
_SMALL_NUMBER = rf"({'|'.join(list(NUMBERS)[1:8])}|[2-8])"
_COUNTED = (
    re.compile(rf"\b{_SMALL_NUMBER}\s+(?!hundred|thousand|million)(?:[\w-]+[\s,]+){{0,3}}?{_PEOPLE}\b", re.IGNORECASE),
    re.compile(rf"\b{_SMALL_NUMBER}\s+(?:of (?:them|us|these)|like (?:her|him|this|that))\b", re.IGNORECASE),
    re.compile(rf"\b(?:same|this|that) (?:[\w-]+ ){{0,2}}{_SMALL_NUMBER}\s+times\b", re.IGNORECASE),
    re.compile(rf"\b(?:say|all|of all)\s+{_SMALL_NUMBER}\b", re.IGNORECASE),
)
_PAIR = re.compile(
    rf"\b(?:a pair of|(?<!reunited )(?<!were )twins|the couple|"
    rf"an? (?:[\w-]+ ){{0,2}}{_PERSON} and (?:an?|her|his) (?:[\w-]+ ){{0,2}}{_PERSON})\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(both|all|every(?:one|body)?|each|them|us|we|faces|heads|me and|couple|group|family|team)\b", re.IGNORECASE
)
_ONE = re.compile(r"\b(only|just|biggest|largest|smallest|taller|left|right|middle|one)\b", re.IGNORECASE)


def is_question(text: str) -> bool:
    """Tell a question ("is she happy?") from a request ("what would she look like laughing?")."""
    return bool(_QUESTION.match(text))


def refers_back(text: str) -> bool:
    """Tell whether a text speaks of something that is there already ("her nose", "this", "more")."""
    return bool(_REFERS.search(text))


def wants_words_only(text: str, has_face: bool) -> bool:
    """Tell a turn that asks for words and cannot want a head: a plain question, or a task such as translating.

    Args:
        text: what was said.
        has_face: whether there is a face at hand ("with a beard?" then asks for a change).
    """
    if _OPINION.search(text):
        return True
    if _REQUEST.search(text):
        return bool(re.search(r"\b(no (?:more )?pictures?|text only|without making|don't (?:make|draw))\b", text, re.I))
    if is_question(text) or _TASK_OF_WORDS.search(text):
        return True
    return text.rstrip().endswith("?") and not has_face and not re.match(r"\W*(can|could|may|a|an|the)\b", text, re.I)


def face_log_odds(text: str, has_face: bool, asks_nothing: bool) -> float:
    """Give the log odds for an answer with a head that the grammar of a turn adds to the language model's.

    Args:
        text: what was said.
        has_face: whether there is a face at hand.
        asks_nothing: whether the language model read no wish in it.
    """
    if wants_words_only(text, has_face):
        return WORDS_ONLY
    odds = ABOUT_A_FACE_AT_HAND if has_face else 0.0
    if _ASKS_FOR_FACE.search(text):
        odds += ASKS
    elif not has_face and asks_nothing and not _SPEAKS_OF_FACE.search(text):
        odds += NOTHING_OF_A_FACE
    return odds


def asks_for_new(text: str) -> bool:
    """Tell a new person ("another man", "an old woman") from a change of the one at hand ("make her an old woman")."""
    if _STRANGER.search(text):
        return True
    person = _INDEFINITE.search(text)
    return person is not None and not _REFERS.search(text[: person.start()])


def how_many(text: str) -> int:
    """Give how many new heads a text asks for: 1 unless it counts them."""
    for pattern in _COUNTED:
        if match := pattern.search(text):
            word = match[1].lower()
            return min(int(word) if word.isdigit() else int(NUMBERS[word]), MOST_HEADS)
    return 2 if _PAIR.search(text) else 1


def which_of(text: str, places: list[float]) -> list[int]:
    """Choose among several faces at hand, the largest first: their indices.

    Args:
        text: what was said.
        places: of each face, where its middle lies in the photo from left (small) to right.
    """
    everyone = list(range(len(places)))
    in_order = sorted(everyone, key=lambda k: places[k])
    if len(everyone) < 2:
        return everyone
    for word, index in (("left", in_order[0]), ("right", in_order[-1]), ("middle", in_order[len(in_order) // 2])):
        if re.search(rf"\b(?:on (?:the|my|your) |in the |the ){word}\b|\b{word}most\b", text, re.IGNORECASE):
            return [index]
    for k, word in enumerate(("first", "second", "third", "fourth")):
        if k < len(places) and re.search(rf"\bthe {word} (?:one|face|head|person|man|woman)?\b", text, re.IGNORECASE):
            return [k]
    if re.search(r"\b(smallest)\b", text, re.IGNORECASE):
        return [everyone[-1]]
    if _ONE.search(text) and not _ALL.search(text):
        return [0]
    return everyone


def means_all(text: str) -> bool:
    """Tell whether a text speaks of several faces at once ("both", "all of us")."""
    return bool(_ALL.search(text))
