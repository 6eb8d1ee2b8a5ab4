"""What a turn of a conversation is about: whether a head is wanted, a new person or the one at hand, which of several.

The language model reads what a face should look like; these few questions of grammar need no learning. What the pieces
of a turn do is found in `turn_acts`, how many heads are wanted in `who.counts`.
"""

from __future__ import annotations

import re

from facegpt.language.dialogue.turn_acts import IDIOMS, Act, acts
from facegpt.language.dialogue.turn_words import PEOPLE, PERSON
from facegpt.language.patterns import joined, regex_any_case
from facegpt.language.reading.keyword_tables import NUMBERS
from facegpt.language.reading.ngrams.classifier import N, load_ngram_classifier
from facegpt.language.reading.ngrams.word_tables import feelings_of

_PERSON = joined(r"""
    (?:person|m[ae]n|wom[ae]n|face|head|guy|girl|boy|lady|gentleman|character|stranger|portrait|kid|child|teen\w*|
    grandm\w+|grandp\w+|grandfather|mother|father|daughter|son|sister|brother|twin|villain|hero|heroine|suspect|soldier|
    witch|king|queen|bloke|chap|lad|fella|dude|nurse|teacher|farmer|sailor|pirate|wizard|warrior|monk|nun)
""")
_PEOPLE = joined(rf"""
    (?:{_PERSON}s|people|persons|children|womans|ladies|gentlemen|men|women|versions?|variants?|variations?|options?|
    strangers|heroes)
""")
_STRANGER = regex_any_case(r"""
    \b(imagine|invent|come up with|someone|somebody|another(?! ?(?:\d|mm|millimet|centimet|bit|shade))|stranger|
    different (?:person|man|woman|face|head)|new (?:person|man|woman|face|head|one)|random (?:person|face|head))\b
""")
_INDEFINITE = regex_any_case(rf"""
    \b(?:an?|one|some|several|{"|".join(list(NUMBERS)[1:8])}|[2-8])\s+(?:[\w-]+[\s,]+){{0,4}}?(?:{_PERSON}|{_PEOPLE})\b
""")
#: One by what they are ("now a blacksmith"), where a turn or a request begins; "a boxer's nose" is no one new.
_ROLE = regex_any_case(rf"""
    (?:^|[.!?:;]\s|\b(?:now|next|then|do|make|show|give|need|want)(?: me| us)?\s)\W*(?:an?|one|some|
    another|{"|".join(list(NUMBERS)[1:8])}|[2-8])\s+(?:[\w-]+[\s,]+){{0,3}}?(?:{PERSON}|{PEOPLE}|friends)\b(?!'|’|
    -| (?:nose|look|face))
""")
#: "A head of this photo": of somebody who is there.
_OF_WHO_IS_THERE = regex_any_case(r"""
    \b(?:head|face|bust|portrait|avatar|model|likeness|one|version|picture)s? (?:models? )?(?:of|from|for|out of|off|
    on) (?:me|us|him|her|it|them|this|that|these|those|the (?:attached|photo|pic\w*|image|selfie|snap|man|woman|person|
    people|boy|girl|first|second)|my|our|his|every|each|all|both)\b(?! game| story| book| novel| comic| poster| play)
""")
#: Where somebody new is to stand.
_BESIDE = regex_any_case(r"""
    \b(?:and )?(?:next to|beside|besides|alongside|along with|opposite|behind|in front of|together with|near|with|
    for) (?:him|her|them|it|this one)\b
""")
_REFERS = regex_any_case(r"""
    \b(her|his|him|he|she|it|them|they|their|me|my|us|our|this|that|these|those|same|now|again|back|more|less|
    the (?:nose|eyes|mouth|chin|jaw|face|head|lips|forehead|hair|smile|skin|ears|cheeks|brows?|neck|first|second|last|
    other|person|man|woman))\b
""")
_QUESTION = regex_any_case(
    r"\W*(who|what(?! would| if)|where|when|why|which|how(?! about)|is|are|was|does|do (?:you|they|i|we)|did|has)\b"
)
_SPEAKS_OF_FACE = regex_any_case(rf"""
    \b(?:{_PERSON}s?|{_PEOPLE}|avatar|somebody|someone|nose|eyes?|mouth|chin|jaw|lips?|ears?|forehead|hair|beard|brows?|
    cheeks?|he|she|him|her|his)\b
""")
#: A task on a text that is given ("proofread: she have a long neck"): whatever the text speaks of, words are wanted.
_ON_A_TEXT = regex_any_case(r"""
    ^\W*(?:please |can you |could you |pls )?(?:proofread|edit|rate|check|correct|fix|translate|paraphrase|rephrase|
    rewrite|summari[sz]e|shorten|grade|spell|count|improve|critique|review)\b[^:?!.]{0,40}:|^\W*continue\s*:
""")
#: The whole turn says: do it.
_GO_AHEAD = regex_any_case(r"""
    ^\W*(?:(?:yes|yeah|yep|ok|okay|sure|please|pls|now|then|just|well|right|and|so)\W+)*(?:do (?:it|that|so|
    your (?:thing|magic|worst|best))|go (?:on|ahead|for it)|try(?: it)?|surprise me|carry on|make it so|
    let's (?:do|see) (?:it|that))\W*(?:(?:please|pls|then|now|again|thanks)\W*)*$
""")
#: A photo is handed over ("here's my selfie"), and not because it should be left alone.
_HANDS_OVER = regex_any_case(r"""
    \b(?:here(?:'s| is| are| you go)|this is|that's|i(?:'ve| have)? (?:sen[dt]|uploaded|attached|put)|attached|from|
    take|use) [^.?!]{0,30}?\b(?:selfie|photo|picture|pic|portrait|mugshot|snap|image)\b
""")
_LEFT_ALONE = regex_any_case(r"\b(?:delete|wrong|ignore|sorry|don't|do not|cat's|dog's|only wanted)\b")
#: A text of so many words or more, none of which speaks of a face, a feeling or looks, wants none.
_TELLING_WORDS = 6
#: From these log odds above those of an empty text, wordings count as speaking of looks, or of a movement.
_LOOKS_FROM, _UNITS_FROM = 1.5, 2.0
#: Log odds that the grammar of a turn adds to those of the language model: chosen on held-out turns of the corpus.
WORDS_ONLY, ABOUT_A_FACE_AT_HAND, DESCRIBED, ASKS, NOTHING_OF_A_FACE, ON_A_TEXT = -5.0, 2.0, 3.0, 4.0, -4.0, -12.0
NOTHING_OF_THE_FACE_AT_HAND, REFUSED, GREETED = -2.5, -6.0, -7.0
#: What decides, if anything does: the last one of these that a turn does.
_DECIDES = frozenset(Act) - {Act.CONTENT, Act.OTHER}
#: From so many pieces, with more than this share of looks, a turn is a description.
_LONG, _MOSTLY = 5, 0.6
_WORDS_OF = {Act.TALKS: WORDS_ONLY, Act.REFUSES: REFUSED, Act.KEEPS: REFUSED, Act.ORDERS: ON_A_TEXT}


def is_question(text: str) -> bool:
    """Whether a text is a question ("is she happy?") and no request ("what would she look like laughing?")."""
    return bool(_QUESTION.match(text))


def refers_back(text: str) -> bool:
    """Whether a text speaks of something that is there already ("her nose", "this", "more")."""
    return bool(_REFERS.search(text))


def _says_go(text: str) -> bool:
    """Whether a turn about a face at hand says nothing but to go on, or hands a photo over."""
    if _GO_AHEAD.match(text):
        return True
    return bool(_HANDS_OVER.search(text)) and not _LEFT_ALONE.search(text)


def _speaks_of_looks(text: str) -> bool:
    """Whether any word speaks of a face, a feeling or looks; idioms don't."""
    rest = IDIOMS.sub(" ", text)
    if rest != text:  # who pays through the nose is not described
        rest = re.sub(r"\b(?:he|she|him|her|his)\b", " ", rest, flags=re.IGNORECASE)
    if re.search(r"\bshow (?:me|us|it|one)\b", rest, re.IGNORECASE):
        return True
    if _SPEAKS_OF_FACE.search(rest) or any(feelings_of(word) for word in re.findall(r"[a-z]+", rest.lower())):
        return True
    if rest != text:
        return False
    if len(re.findall(r"[^\W\d_]+", text)) < _TELLING_WORDS:
        return True
    evidence = load_ngram_classifier().read(text)
    looks = max((evidence.high - evidence.high_start).max(), (evidence.low - evidence.low_start).max())
    units = (evidence.other - evidence.other_start)[N:].max()
    return bool(looks > _LOOKS_FROM or units > _UNITS_FROM)


def face_log_odds(text: str, has_face: bool, asks_nothing: bool) -> float:
    """The log odds for an answer with a head that the grammar of a turn adds to the language model's.

    Args:
        text: what was said.
        has_face: whether there is a face at hand.
        asks_nothing: whether the language model read no request in it.
    """
    if _ON_A_TEXT.match(text):
        return ON_A_TEXT
    found = acts(text, has_face)
    said = [act for act in found if act in _DECIDES]
    if Act.CHANGES in said:  # "wider, and leave the rest": that only says what is kept
        said = [act for act in said if act is not Act.KEEPS]
    if has_face and _says_go(text) and not {*said[-1:]} & _WORDS_OF.keys():
        return ABOUT_A_FACE_AT_HAND + ASKS
    if not said:
        return _of_other_matters(text, found, has_face, asks_nothing)
    if said[-1] in _WORDS_OF and not _is_long_description(said):
        return _WORDS_OF[said[-1]]
    if has_face and said[-1] is Act.CHANGES and {*said} & {Act.TALKS, Act.GOES}:
        return ABOUT_A_FACE_AT_HAND + ASKS
    if Act.ASKS in said or (said[-1] is Act.GOES and (has_face or {*said} & {Act.LOOKS, Act.DESCRIBES})):
        return ASKS + (ABOUT_A_FACE_AT_HAND if has_face else 0.0)
    if has_face:
        return ABOUT_A_FACE_AT_HAND
    return DESCRIBED if said[-1] is Act.DESCRIBES else 0.0


def _is_long_description(said: list[Act]) -> bool:
    """Whether a turn is a page of looks, in which some piece reads as a task, and no question."""
    return len(said) >= _LONG and sum(act in (Act.LOOKS, Act.DESCRIBES) for act in said) > _MOSTLY * len(said)


def _of_other_matters(text: str, found: list[Act], has_face: bool, asks_nothing: bool) -> float:
    """Weigh a turn in which no piece asks for anything or speaks of looks."""
    if not found and not re.search(r"\w", text):  # a smiley
        return ABOUT_A_FACE_AT_HAND if has_face else 0.0
    if Act.OTHER not in found:
        return GREETED
    if has_face:
        return NOTHING_OF_THE_FACE_AT_HAND if asks_nothing else 0.0
    return NOTHING_OF_A_FACE if asks_nothing or not _speaks_of_looks(text) else 0.0


def asks_for_new(text: str) -> bool:
    """Whether a new person is meant ("another man", "an old woman"), not the one at hand ("make her an old woman")."""
    text = _BESIDE.sub(" ", text)
    if _STRANGER.search(text):
        return True
    if _OF_WHO_IS_THERE.search(text):
        return False
    if (role := _ROLE.search(text)) and not _REFERS.search(
        re.sub(r"\bnow\b", "", text[: role.start()], flags=re.IGNORECASE)
    ):
        return True
    person = _INDEFINITE.search(text)
    return person is not None and not _REFERS.search(text[: person.start()])
