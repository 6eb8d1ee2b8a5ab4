"""What a turn of a conversation is about: a new person or the one at hand, how many, which of several.

The language model reads what a face should look like; these few questions of grammar need no learning.
"""

from __future__ import annotations

import re

from facegpt.language.gazetteer import N, load_gazetteer
from facegpt.language.gazetteer_words import feelings_of
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
    r"\b(?:show|give|make|draw|create|generate|render|build|sculpt|need|want|imagine|reconstruct|produce|do|"
    r"(?:can|could|may) (?:i|we) (?:have|get|see)|let me (?:have|see))\b"
    rf"[^.?!;:]{{0,50}}?\b(?:{_PERSON}|{_PEOPLE}|avatar|bust|likeness|3d|selfie|somebody|someone)\b(?!-|s-up)",
    re.IGNORECASE,
)
#: "What does furious look like on a thin woman?": words or a face, as the language model thinks.
_LOOKS_LIKE = re.compile(r"\bwhat (?:does|would|do|might|could) [^?]*\blooks? like\b", re.IGNORECASE)
#: "Thanks, the jaw is fine now": nothing more is wanted of the face at hand.
_SATISFIED = re.compile(
    r"^\W*(?:thanks?|thank you|cheers|ta|great|perfect|lovely|nice|brilliant|ok(?:ay)?|good|cool|yes|yep|that's|"
    r"that is|it's|looks|much better)\b(?:[^.!?]*\b(?:fine|perfect|great|good|right|done|enough|lovely|thanks?|"
    r"thank you|like (?:it|him|her)|love (?:it|him|her))\b|\W*$)",
    re.IGNORECASE,
)
_YET = re.compile(
    r"\b(?:but|now (?:make|give|with|the)|make|give|try|add|more|less|too|a bit|can|could|except)\b", re.I
)
_SPEAKS_OF_FACE = re.compile(
    rf"\b(?:{_PERSON}s?|{_PEOPLE}|avatar|somebody|someone|nose|eyes?|mouth|chin|jaw|lips?|ears?|forehead|hair|beard|"
    r"brows?|cheeks?|he|she|him|her|his)\b",
    re.IGNORECASE,
)
#: A task on a text that is given ("proofread: she have a long neck"): whatever the text speaks of, words are wanted.
_ON_A_TEXT = re.compile(
    r"^\W*(?:please |can you |could you |pls )?(?:proofread|edit|rate|check|correct|fix|translate|paraphrase|rephrase|"
    r"rewrite|summari[sz]e|shorten|grade|spell|count|improve|critique|review)\b[^:?!.]{0,40}:|^\W*continue\s*:",
    re.IGNORECASE,
)
#: Turns of phrase that name a part of the face and speak of none.
_IDIOM = re.compile(
    r"\b(?:by the skin of \w+ teeth|face the music|(?:los|sav)(?:e|ing) face|lost face|saved face|face to face|"
    r"on the face of it|let's face it|about[- ]face|neck and neck|head over heels|heads[- ]up|head start|"
    r"heads or tails|"
    r"(?:all|lend me your) ears|play (?:it )?by ear|turn(?:ed|ing)? a (?:blind eye|deaf ear)|an eye for an eye|"
    r"see(?:ing)? eye to eye|keep an eye (?:on|out)|in the eye of the (?:storm|beholder)|pa(?:y|id) through the nose|"
    r"under (?:my|your|his|her|our|their) (?:very )?nose|turn(?:ed)? up \w+ nose|keep (?:your|my|his|her) chin up|"
    r"cheek by jowl|tongue[- ]in[- ]cheek|(?:tip|slip) of (?:my|the) tongue|word of mouth|by the scruff|"
    r"(?:my|your) lips are sealed|stiff upper lip|pain in the neck|breath(?:e|ing) down \w+ neck|raised? eyebrows at|"
    r"(?:fly|flew) in the face of|in the face of|slap in the face|blue in the face|face value|sink your teeth|"
    r"off the top of (?:my|your) head|over (?:my|your|his|her) head|head of (?:state|the|our|my)|jaw-dropping)\b",
    re.IGNORECASE,
)
#: The whole turn says: do it.
_GO_AHEAD = re.compile(
    r"^\W*(?:(?:yes|yeah|yep|ok|okay|sure|please|pls|now|then|just|well|right|and|so)\W+)*(?:do (?:it|that|so|your "
    r"(?:thing|magic|worst|best))|go (?:on|ahead|for it)|try(?: it)?|surprise me|carry on|make it so|let's (?:do|see) "
    r"(?:it|that))\W*(?:(?:please|pls|then|now|again|thanks)\W*)*$",
    re.IGNORECASE,
)
#: A photo is handed over ("here's my selfie"), and not because it should be left alone.
_HANDS_OVER = re.compile(
    r"\b(?:here(?:'s| is| are| you go)|this is|that's|i(?:'ve| have)? (?:sen[dt]|uploaded|attached|put)|attached|from|"
    r"take|use) [^.?!]{0,30}?\b(?:selfie|photo|picture|pic|portrait|mugshot|snap|image)\b",
    re.IGNORECASE,
)
_LEFT_ALONE = re.compile(r"\b(?:delete|wrong|ignore|sorry|don't|do not|cat's|dog's|only wanted)\b", re.IGNORECASE)
_CHANGES = re.compile(r"\b(?:more|less|bigger|smaller|\w{3,}er|make|made|give|add|try|turn|put|with|without)\b", re.I)
#: A text of so many words or more, none of which speaks of a face, a feeling or looks, wants none.
_TELLING_WORDS = 6
#: From these log odds above those of an empty text, wordings count as speaking of looks, or of a movement.
_LOOKS_FROM, _UNITS_FROM = 1.5, 2.0
#: Log odds that the grammar of a turn adds to those of the language model: chosen on held-out turns of the corpus.
WORDS_ONLY, ABOUT_A_FACE_AT_HAND, ASKS, NOTHING_OF_A_FACE, ON_A_TEXT = -4.0, 2.0, 3.5, -4.0, -12.0
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
    if has_face and _asks_after_question(text):
        return False
    if _REQUEST.search(text):
        return bool(re.search(r"\b(no (?:more )?pictures?|text only|without making|don't (?:make|draw))\b", text, re.I))
    if is_question(text) or _TASK_OF_WORDS.search(text):
        return True
    return text.rstrip().endswith("?") and not has_face and not re.match(r"\W*(can|could|may|a|an|the)\b", text, re.I)


def _asks_after_question(text: str) -> bool:
    """Tell whether a change is asked for behind a question ("Is that all? Wider eyes, I said.")."""
    behind = text.rpartition("?")[2] if "?" in text else ""
    return bool(_SPEAKS_OF_FACE.search(behind) and _CHANGES.search(behind)) and not is_question(behind)


def _says_go(text: str) -> bool:
    """Tell a turn about a face at hand that says nothing but to go on, or hands a photo over."""
    if _GO_AHEAD.match(text):
        return True
    return bool(_HANDS_OVER.search(text)) and not _LEFT_ALONE.search(text)


def _speaks_of_looks(text: str) -> bool:
    """Tell whether any word speaks of a face, a feeling or looks; idioms don't."""
    rest = _IDIOM.sub(" ", text)
    if rest != text:  # who pays through the nose is not described
        rest = re.sub(r"\b(?:he|she|him|her|his)\b", " ", rest, flags=re.IGNORECASE)
    if re.search(r"\bshow (?:me|us|it|one)\b", rest, re.IGNORECASE):
        return True
    if _SPEAKS_OF_FACE.search(rest) or any(feelings_of(word) for word in re.findall(r"[a-z]+", rest.lower())):
        return True
    if not re.search(r"[^\W\d_]", rest):
        return rest == text
    if rest == text and len(re.findall(r"[^\W\d_]+", text)) < _TELLING_WORDS:
        return True
    evidence = load_gazetteer().read(rest)
    looks = max((evidence.high - evidence.high_start).max(), (evidence.low - evidence.low_start).max())
    units = (evidence.other - evidence.other_start)[N:].max()
    return bool(looks > _LOOKS_FROM or units > _UNITS_FROM)


def face_log_odds(text: str, has_face: bool, asks_nothing: bool) -> float:
    """Give the log odds for an answer with a head that the grammar of a turn adds to the language model's.

    Args:
        text: what was said.
        has_face: whether there is a face at hand.
        asks_nothing: whether the language model read no wish in it.
    """
    if _ON_A_TEXT.match(text):
        return ON_A_TEXT
    if not has_face and _LOOKS_LIKE.search(text):
        return 0.0
    if wants_words_only(text, has_face) or (has_face and _SATISFIED.search(text) and not _YET.search(text)):
        return WORDS_ONLY
    asks = bool(_ASKS_FOR_FACE.search(text))
    if has_face:
        asks = asks or _says_go(text) or _asks_after_question(text)
        return ABOUT_A_FACE_AT_HAND + (ASKS if asks else 0.0)
    if asks:
        return ASKS
    silent = (asks_nothing and not _SPEAKS_OF_FACE.search(text)) or not _speaks_of_looks(text)
    return NOTHING_OF_A_FACE if silent else 0.0


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
